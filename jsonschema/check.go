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
	names := bytes.Count(schema.Raw(), []byte(`"$id"`))
	c.renamed = names > 1 || names == 1 && schema.Get("$id").Kind() == jsontree.Absent
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
	room     []byte
}

// spend counts steps and tells whether there are any left.
func (c *checker) spend(steps int) bool {
	c.steps += steps
	return c.steps <= MaxSteps
}

func (c *checker) check(schema, value jsontree.Value) verdict {
	if !c.spend(1) || c.depth == MaxDepth || value.Kind() == jsontree.Absent {
		return unknown
	}
	switch schema.Kind() {
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
	for _, k := range schema.Elements() {
		if !c.spend(1) {
			v = max(v, unknown)
			break
		}
		if v = max(v, c.keyword(schema, k, value)); v == wrong {
			break
		}
	}
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

// keyword is what one member of a schema says of a value.
func (c *checker) keyword(schema, k, value jsontree.Value) verdict {
	kind := value.Kind()
	name := k.RawName()
	name = name[1 : len(name)-1]
	if escaped(name) {
		name = []byte(k.Name())
	}
	switch string(name) {
	case "type":
		return c.isType(k, value)
	case "enum":
		return c.isOneOf(k, value)
	case "const":
		if v := c.equal(k, value); v != wrong {
			return v
		}
		return c.wrong("is not ", k.Raw())
	case "properties":
		return c.properties(k, value)
	case "required":
		return c.required(k, value)
	case "additionalProperties":
		return c.additional(schema, k, value)
	case "items":
		return c.items(schema, k, value)
	case "prefixItems":
		return c.prefix(k, value)
	case "uniqueItems":
		return c.unique(k, value)
	case "allOf":
		return c.allOf(k, value)
	case "anyOf":
		return c.anyOf(k, value)
	case "oneOf":
		return c.oneOf(k, value)
	case "not":
		return c.not(k, value)
	case "$ref":
		return c.ref(k, value)
	case "multipleOf":
		return c.multiple(k, value)
	case "if", "$dynamicRef", "$recursiveRef":
		return unknown
	case "pattern":
		return unknownFor(kind == jsontree.String)
	case "contains", "unevaluatedItems":
		return unknownFor(kind == jsontree.Array)
	case "patternProperties", "propertyNames", "unevaluatedProperties", "dependentRequired", "dependentSchemas", "dependencies":
		return unknownFor(kind == jsontree.Object)
	}
	for i := range bounds {
		if bounds[i].keyword == string(name) {
			return c.bound(&bounds[i], k, value)
		}
	}
	return fits
}

func unknownFor(applies bool) verdict {
	if applies {
		return unknown
	}
	return fits
}
