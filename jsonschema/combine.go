package jsonschema

import "github.com/sluice-gateway/sluice/jsontree"

func (c *checker) allOf(k, value jsontree.Value) verdict {
	if k.Len() == 0 || k.Kind() != jsontree.Array {
		return unknown
	}
	v := fits
	for _, schema := range k.Elements() {
		if v = max(v, c.check(schema, value)); v == wrong || !c.spend(0) {
			break
		}
	}
	return v
}

func (c *checker) anyOf(k, value jsontree.Value) verdict {
	if k.Len() == 0 || k.Kind() != jsontree.Array {
		return unknown
	}
	v := wrong
	c.quiet++
	for _, schema := range k.Elements() {
		if v = min(v, c.check(schema, value)); v == fits || !c.spend(0) {
			break
		}
	}
	c.quiet--
	if v != wrong {
		return v
	}
	if !c.spend(0) {
		return unknown // for others were not tried
	}
	return c.wrong("fits none of anyOf", nil)
}

// oneOf is wrong when two are known to fit, whatever the others do.
func (c *checker) oneOf(k, value jsontree.Value) verdict {
	if k.Len() == 0 || k.Kind() != jsontree.Array {
		return unknown
	}
	var counts [wrong + 1]int
	c.quiet++
	for _, schema := range k.Elements() {
		counts[c.check(schema, value)]++
		if counts[fits] > 1 || !c.spend(0) {
			break
		}
	}
	c.quiet--
	switch {
	case counts[fits] > 1:
		return c.wrong("fits more than one of oneOf", nil)
	case counts[unknown] > 0 || !c.spend(0):
		return unknown
	case counts[fits] == 0:
		return c.wrong("fits none of oneOf", nil)
	}
	return fits
}

func (c *checker) not(k, value jsontree.Value) verdict {
	c.quiet++
	v := c.check(k, value)
	c.quiet--
	switch v {
	case fits:
		return c.wrong("fits what it must not", nil)
	case wrong:
		return fits
	}
	return unknown
}
