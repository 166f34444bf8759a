package jsonschema

import (
	"strconv"
	"unicode/utf8"

	"github.com/sluice-gateway/sluice/jsontree"
)

// bound is a keyword that compares with a number.
type bound struct {
	keyword   string
	on        jsontree.Kind
	outside   int8 // what a value compares as that is wrong: -1 is less
	exclusive bool // equal is wrong too
	reason    string
}

// bounds are on a number itself, on the code points of a string, and on the number of an
// array's elements and of an object's members.
var bounds = [...]bound{
	{"minimum", jsontree.Number, -1, false, "is less than "},
	{"maximum", jsontree.Number, 1, false, "is more than "},
	{"exclusiveMinimum", jsontree.Number, -1, true, "is not more than "},
	{"exclusiveMaximum", jsontree.Number, 1, true, "is not less than "},
	{"minLength", jsontree.String, -1, false, "has fewer characters than "},
	{"maxLength", jsontree.String, 1, false, "has more characters than "},
	{"minItems", jsontree.Array, -1, false, "has fewer elements than "},
	{"maxItems", jsontree.Array, 1, false, "has more elements than "},
	{"minProperties", jsontree.Object, -1, false, "has fewer members than "},
	{"maxProperties", jsontree.Object, 1, false, "has more members than "},
}

func (c *checker) bound(b *bound, k, value jsontree.Value) verdict {
	if value.Kind() != b.on {
		return fits
	}
	limit, ok := c.decimal(k)
	if !ok {
		return unknown
	}
	var n decimal
	if b.on == jsontree.Number {
		n, ok = c.decimal(value)
	} else {
		var room [20]byte
		n, ok = decimalOf(strconv.AppendInt(room[:0], int64(c.size(value)), 10))
	}
	if !ok || !c.spend(0) {
		return unknown
	}
	if compared := n.compare(&limit); compared == int(b.outside) || compared == 0 && b.exclusive {
		return c.wrong(b.reason, k.Raw())
	}
	return fits
}

// size is how many characters, elements or members a value has.
func (c *checker) size(value jsontree.Value) int {
	c.spend(len(value.Raw()) / bytesPerStep)
	if value.Kind() != jsontree.String {
		return value.Len()
	}
	if text := value.Inside(); !escaped(text) {
		return utf8.RuneCount(text)
	}
	c.room = value.AppendText(c.room[:0])
	return utf8.RuneCount(c.room)
}

// multiple is exact, since it reckons with digits: 0.3 is a multiple of 0.1.
func (c *checker) multiple(k, value jsontree.Value) verdict {
	if value.Kind() != jsontree.Number {
		return fits
	}
	of, ok := c.decimal(k)
	n, ok2 := c.decimal(value)
	if !ok || !ok2 {
		return unknown
	}
	v := n.multipleOf(&of)
	if v == wrong {
		return c.wrong("is no multiple of ", k.Raw())
	}
	return v
}
