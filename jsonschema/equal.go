package jsonschema

import (
	"bytes"

	"github.com/sluice-gateway/sluice/jsontree"
)

// bytesPerStep is how many bytes are read or compared in about the time of a step.
const bytesPerStep = 32

// equal is fits where two values are the same: objects whatever the order of their members.
func (c *checker) equal(a, b jsontree.Value) verdict {
	x, y := raw(a), raw(b)
	if kind(a) != kind(b) {
		return wrong
	}
	size := min(len(x), len(y))
	if kind(a) == jsontree.String {
		size = max(len(x), len(y)) // it is looked through for escapes
	}
	if !c.spend(1 + size/bytesPerStep) {
		return unknown
	}
	if bytes.Equal(x, y) {
		return fits
	}
	switch kind(a) {
	case jsontree.Number:
		d, ok := c.decimal(a)
		e, ok2 := c.decimal(b)
		if !ok || !ok2 {
			return unknown
		}
		return onlyIf(d.compare(&e) == 0)
	case jsontree.String:
		return onlyIf(sameText(x, y))
	case jsontree.Array, jsontree.Object:
		return c.sameParts(a, b)
	}
	return fits
}

func (c *checker) sameParts(a, b jsontree.Value) verdict {
	these, those := c.open(a), c.open(b)
	v := onlyIf(len(these) == len(those))
	for i := 0; v != wrong && i < len(these); i++ {
		other, found := those[i], fits
		if kind(a) == jsontree.Object {
			other, found = c.member(b, nameOf(these[i]))
		}
		if found == fits {
			found = c.equal(these[i], other)
		}
		v = max(v, found)
	}
	c.close(those)
	c.close(these)
	return v
}

// member is that of the name as written, with its quotes; wrong if there is none.
func (c *checker) member(object jsontree.Value, name []byte) (jsontree.Value, verdict) {
	for _, m := range object.Elements() {
		other := nameOf(m)
		if !c.spend(1 + (len(name)+len(other))/bytesPerStep) {
			return jsontree.Value{}, unknown
		}
		if sameText(other, name) {
			return m, fits
		}
	}
	return jsontree.Value{}, wrong
}

// sameText compares strings as written, with their quotes.
func sameText(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	return (escaped(a) || escaped(b)) && textOf(a) == textOf(b)
}

func escaped(written []byte) bool { return bytes.IndexByte(written, '\\') >= 0 }

// textOf decodes a string as written. Few are escaped.
func textOf(written []byte) string {
	v, _ := jsontree.Parse(written)
	return v.Text()
}
