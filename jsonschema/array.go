package jsonschema

import "github.com/sluice-gateway/sluice/jsontree"

// elements checks those that prefixItems has a schema for each of, or those behind them.
func (c *checker) elements(schema, k, value jsontree.Value, prefix bool) verdict {
	if prefix != (kind(k) == jsontree.Array) {
		return unknown // items was a list in earlier drafts
	}
	first := c.open(schema.Get("prefixItems"))
	list := c.open(value)
	v := fits
	for i, e := range list {
		of := k
		switch {
		case prefix && i < len(first):
			of = first[i]
		case prefix || i < len(first):
			continue
		}
		if v = max(v, c.inside(part{index: i}, of, e)); v == wrong || !c.spend(0) {
			break
		}
	}
	c.close(list)
	c.close(first)
	return v
}

func (c *checker) unique(k, value jsontree.Value) verdict {
	if kind(k) != jsontree.True {
		if kind(k) == jsontree.False {
			return fits
		}
		return unknown
	}
	v := fits
	list := c.open(value)
	for i := 1; i < len(list) && v != wrong && c.spend(0); i++ {
		for _, before := range list[:i] {
			same := c.equal(before, list[i])
			if same == fits {
				v = c.wrongInside(part{index: i}, "is there twice")
				break
			}
			if same == unknown {
				v = unknown
				if !c.spend(0) {
					break
				}
			}
		}
	}
	c.close(list)
	return v
}
