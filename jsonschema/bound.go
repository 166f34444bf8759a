package jsonschema

import (
	"strconv"

	"github.com/sluice-gateway/sluice/jsontree"
)

// bound compares a number itself, the code points of a string, or the number of an array's
// elements or an object's members.
func (c *checker) bound(k, value jsontree.Value, what uint8) verdict {
	var room [20]byte
	written := raw(value)
	if kind(value) != jsontree.Number {
		written = strconv.AppendInt(room[:0], int64(c.size(value)), 10)
	}
	limit, ok := c.decimal(k)
	if !ok || !c.spend(len(written)/bytesPerStep) {
		return unknown
	}
	n, ok := decimalOf(written)
	if !ok {
		return unknown
	}
	reason := ""
	switch compared := n.compare(&limit); {
	case what == atLeast && compared < 0:
		reason = "less than "
	case what == atMost && compared > 0:
		reason = "more than "
	case what == moreThan && compared <= 0:
		reason = "not more than "
	case what == lessThan && compared >= 0:
		reason = "not less than "
	default:
		return fits
	}
	return c.wrong(measures[kind(value)]+reason, raw(k))
}

var measures = [...]string{
	jsontree.Number: "is ",
	jsontree.String: "has a length ",
	jsontree.Array:  "has a number of elements ",
	jsontree.Object: "has a number of members ",
}

// size is how many characters, elements or members a value has.
func (c *checker) size(value jsontree.Value) int {
	if kind(value) != jsontree.String {
		list := c.open(value)
		c.close(list)
		return len(list)
	}
	c.spend(len(raw(value)) / bytesPerStep)
	return len([]rune(value.Text()))
}

// multiple is exact, since it reckons with digits: 0.3 is a multiple of 0.1.
func (c *checker) multiple(k, value jsontree.Value) verdict {
	of, ok := c.decimal(k)
	n, ok2 := c.decimal(value)
	if !ok || !ok2 {
		return unknown
	}
	v := n.multipleOf(&of)
	if v == wrong {
		return c.wrong("is no multiple of ", raw(k))
	}
	return v
}
