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
	integer: {"integer", jsontree.Number},
}

const integer = 6

func (c *checker) isType(k, value jsontree.Value) verdict {
	v := wrong
	switch kind(k) {
	case jsontree.String:
		v = c.hasType(k, value)
	case jsontree.Array:
		list := c.open(k)
		for _, name := range list {
			v = min(v, c.hasType(name, value))
		}
		c.close(list)
	default:
		return unknown
	}
	if v != wrong {
		return v
	}
	i := 0
	for types[i].kind != kindOf(value) {
		i++
	}
	return c.wrong("is of type "+types[i].name+", not ", raw(k))
}

func (c *checker) hasType(name, value jsontree.Value) verdict {
	if !c.spend(len(raw(name)) / bytesPerStep * len(types)) {
		return unknown
	}
	for i := range types {
		t := &types[i]
		if !name.Is(t.name) {
			continue
		}
		if t.kind != kindOf(value) || i != integer {
			return onlyIf(t.kind == kindOf(value))
		}
		n, ok := c.decimal(value)
		if !ok {
			return unknown
		}
		return onlyIf(n.whole())
	}
	return unknown
}

// kindOf has one kind for true and false.
func kindOf(value jsontree.Value) jsontree.Kind {
	if kind(value) == jsontree.False {
		return jsontree.True
	}
	return kind(value)
}

func onlyIf(ok bool) verdict {
	if ok {
		return fits
	}
	return wrong
}

func (c *checker) isOneOf(k, value jsontree.Value) verdict {
	if kind(k) != jsontree.Array {
		return unknown
	}
	v := wrong
	list := c.open(k)
	for _, e := range list {
		v = min(v, c.equal(e, value))
	}
	c.close(list)
	if v != wrong {
		return v
	}
	return c.wrong("is not one of ", raw(k))
}
