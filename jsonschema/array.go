package jsonschema

import "github.com/sluice-gateway/sluice/jsontree"

// items is for the elements behind those of prefixItems.
func (c *checker) items(schema, k, value jsontree.Value) verdict {
	if value.Kind() != jsontree.Array {
		return fits
	}
	if k.Kind() == jsontree.Array {
		return unknown // of an earlier draft
	}
	prefix := schema.Get("prefixItems").Len()
	v := fits
	for i, e := range value.Elements() {
		if i < prefix {
			continue
		}
		if v = max(v, c.inside(part{index: i}, k, e)); v == wrong || !c.spend(0) {
			break
		}
	}
	return v
}

func (c *checker) prefix(k, value jsontree.Value) verdict {
	if value.Kind() != jsontree.Array {
		return fits
	}
	if k.Kind() != jsontree.Array {
		return unknown
	}
	schemas := c.list(k)
	v := fits
	for i, e := range value.Elements() {
		if i == len(schemas) {
			break
		}
		if v = max(v, c.inside(part{index: i}, schemas[i], e)); v == wrong || !c.spend(0) {
			break
		}
	}
	return v
}

func (c *checker) unique(k, value jsontree.Value) verdict {
	if value.Kind() != jsontree.Array || k.Kind() == jsontree.False {
		return fits
	}
	if k.Kind() != jsontree.True {
		return unknown
	}
	list := c.list(value)
	v := fits
	for i, e := range list {
		for _, before := range list[:i] {
			if !c.spend(0) {
				return unknown
			}
			switch c.equal(before, e) {
			case fits:
				c.path = append(c.path, part{index: i})
				c.wrong("is there twice", nil)
				c.path = c.path[:len(c.path)-1]
				return wrong
			case unknown:
				v = unknown
			}
		}
	}
	return v
}
