package jsonschema

import "github.com/sluice-gateway/sluice/jsontree"

// The names of the types, and of what kinds they are. An integer is a number too.
var types = [...]struct {
	name string
	kind jsontree.Kind
}{
	{"string", jsontree.String},
	{"object", jsontree.Object},
	{"array", jsontree.Array},
	{"number", jsontree.Number},
	{"boolean", jsontree.True},
	{"null", jsontree.Null},
	{"integer", jsontree.Number},
}

func (c *checker) isType(k, value jsontree.Value) verdict {
	v := wrong
	switch k.Kind() {
	case jsontree.String:
		v = c.hasType(k, value)
	case jsontree.Array:
		for _, name := range k.Elements() {
			v = min(v, c.hasType(name, value))
		}
	default:
		return unknown
	}
	if v != wrong {
		return v
	}
	for _, t := range types {
		if t.kind == kindOf(value) {
			return c.wrong("is of type "+t.name+", not ", k.Raw())
		}
	}
	return unknown
}

func (c *checker) hasType(name, value jsontree.Value) verdict {
	if !c.spend(1) {
		return unknown
	}
	for _, t := range types {
		if !name.Is(t.name) {
			continue
		}
		if t.kind != kindOf(value) {
			return wrong
		}
		if t.name == "integer" {
			n, ok := c.decimal(value)
			if !ok {
				return unknown
			}
			return onlyIf(n.whole())
		}
		return fits
	}
	return unknown
}

// kindOf has one kind for true and false.
func kindOf(value jsontree.Value) jsontree.Kind {
	if kind := value.Kind(); kind != jsontree.False {
		return kind
	}
	return jsontree.True
}

func onlyIf(ok bool) verdict {
	if ok {
		return fits
	}
	return wrong
}

func (c *checker) isOneOf(k, value jsontree.Value) verdict {
	if k.Kind() != jsontree.Array {
		return unknown
	}
	v := wrong
	for _, e := range k.Elements() {
		if v = min(v, c.equal(e, value)); v == fits {
			return fits
		}
	}
	if v == unknown {
		return unknown
	}
	return c.wrong("is not one of ", k.Raw())
}
