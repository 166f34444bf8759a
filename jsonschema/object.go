package jsonschema

import "github.com/sluice-gateway/sluice/jsontree"

func (c *checker) properties(k, value jsontree.Value) verdict {
	if value.Kind() != jsontree.Object {
		return fits
	}
	if k.Kind() != jsontree.Object {
		return unknown
	}
	v := fits
	for _, m := range value.Elements() {
		schema, found := c.member(k, m.RawName())
		switch found {
		case fits:
			v = max(v, c.inside(part{name: m.RawName()}, schema, m))
		case unknown:
			v = max(v, unknown)
		}
		if v == wrong || !c.spend(0) {
			break
		}
	}
	return v
}

// additional is for the members that properties does not name.
func (c *checker) additional(schema, k, value jsontree.Value) verdict {
	if value.Kind() != jsontree.Object {
		return fits
	}
	properties := schema.Get("properties")
	patterns := schema.Get("patternProperties").Kind() != jsontree.Absent
	v := fits
	for _, m := range value.Elements() {
		_, found := c.member(properties, m.RawName())
		switch {
		case found == fits:
		case found == unknown || patterns: // of which one may match
			v = max(v, unknown)
		default:
			v = max(v, c.inside(part{name: m.RawName()}, k, m))
		}
		if v == wrong || !c.spend(0) {
			break
		}
	}
	return v
}

func (c *checker) required(k, value jsontree.Value) verdict {
	if value.Kind() != jsontree.Object {
		return fits
	}
	if k.Kind() != jsontree.Array {
		return unknown
	}
	v := fits
	for _, name := range k.Elements() {
		found := unknown
		if name.Kind() == jsontree.String {
			_, found = c.member(value, name.Raw())
		}
		if v = max(v, found); v == wrong {
			c.path = append(c.path, part{name: name.Raw()})
			c.wrong("missing", nil)
			c.path = c.path[:len(c.path)-1]
			break
		}
		if !c.spend(0) {
			break
		}
	}
	return v
}
