package jsonschema

import "github.com/sluice-gateway/sluice/jsontree"

// combined is what a list of schemas says: that all fit, any or one.
func (c *checker) combined(k, value jsontree.Value, what uint8) verdict {
	list := c.open(k)
	if kind(k) != jsontree.Array || len(list) == 0 {
		c.close(list)
		return unknown
	}
	var counts [wrong + 1]int
	if what != allOf {
		c.quiet++
	}
	for _, schema := range list {
		v := c.check(schema, value)
		counts[v]++
		if what == allOf && v == wrong || what == anyOf && v == fits || counts[fits] > 1 && what == oneOf {
			break
		}
		if !c.spend(0) {
			counts[unknown]++ // those that are not tried
			break
		}
	}
	c.close(list)
	if what == allOf {
		switch {
		case counts[wrong] > 0:
			return wrong
		case counts[unknown] > 0:
			return unknown
		}
		return fits
	}
	c.quiet--
	switch {
	case counts[fits] > 1 && what == oneOf: // whatever the others do
		return c.wrong("fits more than one of oneOf", nil)
	case counts[fits] > 0 && (what == anyOf || counts[unknown] == 0):
		return fits
	case counts[unknown] > 0:
		return unknown
	case what == anyOf:
		return c.wrong("fits none of anyOf", nil)
	}
	return c.wrong("fits none of oneOf", nil)
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
