package jsonschema

import (
	"bytes"

	"github.com/sluice-gateway/sluice/jsontree"
)

// bytesPerStep is how many bytes are read or compared in about the time of a step.
const bytesPerStep = 32

// equal is fits where two values are the same: objects whatever the order of their members.
func (c *checker) equal(a, b jsontree.Value) verdict {
	x, y := a.Raw(), b.Raw()
	if !c.spend(1 + min(len(x), len(y))/bytesPerStep) {
		return unknown
	}
	if a.Kind() != b.Kind() {
		return wrong
	}
	if bytes.Equal(x, y) {
		return fits
	}
	switch a.Kind() {
	case jsontree.Number:
		d, ok := c.decimal(a)
		e, ok2 := c.decimal(b)
		if !ok || !ok2 {
			return unknown
		}
		return onlyIf(d.compare(&e) == 0)
	case jsontree.String:
		return onlyIf(sameText(x, y))
	case jsontree.Array:
		others := c.list(b)
		if a.Len() != len(others) {
			return wrong
		}
		v := fits
		for i, e := range a.Elements() {
			if v = max(v, c.equal(e, others[i])); v == wrong {
				break
			}
		}
		return v
	case jsontree.Object:
		if a.Len() != b.Len() {
			return wrong
		}
		v := fits
		for _, m := range a.Elements() {
			other, v2 := c.member(b, m.RawName())
			if v2 == fits {
				v2 = c.equal(m, other)
			}
			if v = max(v, v2); v == wrong {
				break
			}
		}
		return v
	}
	return fits
}

// list are the elements of an array.
func (c *checker) list(array jsontree.Value) []jsontree.Value {
	var list []jsontree.Value
	for _, e := range array.Elements() {
		list = append(list, e)
	}
	c.spend(len(list))
	return list
}

// member is that of the name as written, with its quotes; wrong if there is none.
func (c *checker) member(object jsontree.Value, name []byte) (jsontree.Value, verdict) {
	for _, m := range object.Elements() {
		if !c.spend(1) {
			return jsontree.Value{}, unknown
		}
		if sameText(m.RawName(), name) {
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
