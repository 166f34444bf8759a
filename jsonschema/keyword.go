package jsonschema

import "github.com/sluice-gateway/sluice/jsontree"

// What a keyword is about.
const (
	undecided = iota
	ofType
	enum
	constant
	properties
	additional
	required
	items
	prefix
	unique
	allOf
	anyOf
	oneOf
	not
	reference
	multiple
	atLeast
	atMost
	moreThan
	lessThan
)

// keywords are those that are known, and the kind of values that they are for; Absent
// stands for all. Their order is that of how often they are met.
var keywords = [...]struct {
	name string
	on   jsontree.Kind
	what uint8
}{
	{"type", jsontree.Absent, ofType},
	{"properties", jsontree.Object, properties},
	{"required", jsontree.Object, required},
	{"additionalProperties", jsontree.Object, additional},
	{"items", jsontree.Array, items},
	{"enum", jsontree.Absent, enum},
	{"const", jsontree.Absent, constant},
	{"anyOf", jsontree.Absent, anyOf},
	{"$ref", jsontree.Absent, reference},
	{"oneOf", jsontree.Absent, oneOf},
	{"allOf", jsontree.Absent, allOf},
	{"not", jsontree.Absent, not},
	{"prefixItems", jsontree.Array, prefix},
	{"uniqueItems", jsontree.Array, unique},

	{"minimum", jsontree.Number, atLeast},
	{"maximum", jsontree.Number, atMost},
	{"exclusiveMinimum", jsontree.Number, moreThan},
	{"exclusiveMaximum", jsontree.Number, lessThan},
	{"multipleOf", jsontree.Number, multiple},
	{"minLength", jsontree.String, atLeast},
	{"maxLength", jsontree.String, atMost},
	{"minItems", jsontree.Array, atLeast},
	{"maxItems", jsontree.Array, atMost},
	{"minProperties", jsontree.Object, atLeast},
	{"maxProperties", jsontree.Object, atMost},

	{"pattern", jsontree.String, undecided},
	{"contains", jsontree.Array, undecided},
	{"unevaluatedItems", jsontree.Array, undecided},
	{"patternProperties", jsontree.Object, undecided},
	{"propertyNames", jsontree.Object, undecided},
	{"unevaluatedProperties", jsontree.Object, undecided},
	{"dependentRequired", jsontree.Object, undecided},
	{"dependentSchemas", jsontree.Object, undecided},
	{"dependencies", jsontree.Object, undecided},
	{"if", jsontree.Absent, undecided},
	{"$dynamicRef", jsontree.Absent, undecided},
	{"$recursiveRef", jsontree.Absent, undecided},
}

// keyword is what one member of a schema says of a value.
func (c *checker) keyword(schema, k, value jsontree.Value) verdict {
	name := nameOf(k)
	name = name[1 : len(name)-1]
	if !c.spend(len(name) / bytesPerStep) {
		return unknown
	}
	if escaped(name) {
		name = []byte(k.Name())
	}
	at := 0
	for keywords[at].name != string(name) {
		if at++; at == len(keywords) {
			return fits
		}
	}
	on := keywords[at].on
	if on != jsontree.Absent && on != kind(value) {
		return fits
	}
	switch what := keywords[at].what; what {
	case ofType:
		return c.isType(k, value)
	case enum:
		return c.isOneOf(k, value)
	case constant:
		if v := c.equal(k, value); v != wrong {
			return v
		}
		return c.wrong("is not ", raw(k))
	case properties, additional:
		return c.members(schema, k, value, what == additional)
	case required:
		return c.required(k, value)
	case items, prefix:
		return c.elements(schema, k, value, what == prefix)
	case unique:
		return c.unique(k, value)
	case allOf, anyOf, oneOf:
		return c.combined(k, value, what)
	case not:
		return c.not(k, value)
	case reference:
		return c.reference(k, value)
	case multiple:
		return c.multiple(k, value)
	case atLeast, atMost, moreThan, lessThan:
		return c.bound(k, value, what)
	}
	return unknown
}
