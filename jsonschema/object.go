package jsonschema

import "github.com/sluice-gateway/sluice/jsontree"

// members checks those that properties names, or with others those that it does not.
func (c *checker) members(schema, k, value jsontree.Value, others bool) verdict {
	named, patterns := k, false
	if others {
		named = schema.Get("properties")
		patterns = kind(schema.Get("patternProperties")) != jsontree.Absent
	} else if kind(k) != jsontree.Object {
		return unknown
	}
	v := fits
	list := c.open(value)
	for _, m := range list {
		of, found := c.member(named, nameOf(m))
		switch {
		case others && found == wrong && patterns: // one of them may match
			found = unknown
		case others && found == wrong:
			found = c.inside(part{name: nameOf(m)}, k, m)
		case others || found == wrong:
			found = fits
		case found == fits:
			found = c.inside(part{name: nameOf(m)}, of, m)
		}
		if v = max(v, found); v == wrong || !c.spend(0) {
			break
		}
	}
	c.close(list)
	return v
}

func (c *checker) required(k, value jsontree.Value) verdict {
	if kind(k) != jsontree.Array {
		return unknown
	}
	v := fits
	list := c.open(k)
	for _, name := range list {
		found := unknown
		if kind(name) == jsontree.String {
			_, found = c.member(value, raw(name))
		}
		if found == wrong {
			c.wrongInside(part{name: raw(name)}, "missing")
		}
		if v = max(v, found); v == wrong || !c.spend(0) {
			break
		}
	}
	c.close(list)
	return v
}
