package jsonschema

import (
	"bytes"

	"github.com/sluice-gateway/sluice/jsontree"
)

// The most that is done for one value.
const (
	MaxSteps = 1 << 18 // an answer of half a megabyte takes about as many
	MaxDepth = 256     // of schemas applied inside each other
)

// Check returns where the value does not fit the schema, nil if it fits or that could not
// be decided.
func Check(schema, value jsontree.Value) *Mismatch {
	m, _ := Decide(schema, value)
	return m
}

// Decide is Check, and tells whether no mismatch means that the value fits.
func Decide(schema, value jsontree.Value) (m *Mismatch, decided bool) {
	c := checker{root: schema}
	names := bytes.Count(raw(schema), []byte(`"$id"`))
	c.renamed = names > 1 || names == 1 && kind(schema.Get("$id")) == jsontree.Absent
	v := c.check(schema, value)
	return c.mismatch, v != unknown
}

// verdict on a value: what several say together is the greatest, what one of several says
// the least.
type verdict uint8

const (
	fits verdict = iota
	unknown
	wrong
)

// checker is one check on its way.
type checker struct {
	root     jsontree.Value // the whole schema
	renamed  bool           // parts of it have a $id, below which a $ref means another place
	steps    int
	depth    int
	path     []part // where in the value
	quiet    int    // inside so many of anyOf, oneOf and not: a mismatch there is none yet
	mismatch *Mismatch
	lists    []jsontree.Value // that are being walked, one behind the other
}

// spend counts steps and tells whether there are any left.
func (c *checker) spend(steps int) bool {
	c.steps += steps
	return c.steps <= MaxSteps
}

// open lists the elements or members of a value, until close. To walk a list is half the
// code of an iterator, at each place.
func (c *checker) open(v jsontree.Value) []jsontree.Value {
	from := len(c.lists)
	c.lists = append(c.lists, v.Elements()...)
	list := c.lists[from:]
	c.spend(len(list))
	return list
}

func (c *checker) close(list []jsontree.Value) { c.lists = c.lists[:len(c.lists)-len(list)] }

func (c *checker) check(schema, value jsontree.Value) verdict {
	if !c.spend(1) || c.depth == MaxDepth || kind(value) == jsontree.Absent {
		return unknown
	}
	switch kind(schema) {
	case jsontree.True:
		return fits
	case jsontree.False:
		return c.wrong("is not allowed", nil)
	case jsontree.Object:
	default:
		return unknown
	}
	c.depth++
	v := fits
	list := c.open(schema)
	for _, k := range list {
		if v = max(v, c.keyword(schema, k, value)); v == wrong || !c.spend(0) {
			break
		}
	}
	c.close(list)
	c.depth--
	if !c.spend(0) {
		return max(v, unknown) // not all was looked at
	}
	return v
}

// inside checks a part of the value.
func (c *checker) inside(p part, schema, value jsontree.Value) verdict {
	c.path = append(c.path, p)
	v := c.check(schema, value)
	c.path = c.path[:len(c.path)-1]
	return v
}
