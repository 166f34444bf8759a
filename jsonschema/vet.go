package jsonschema

import (
	"bytes"
	"strconv"

	"github.com/sluice-gateway/sluice/jsontree"
)

// Problem is a place of a schema that could not be held to.
type Problem struct {
	Path    string // of the keyword: "properties.age.format"; "" is the schema itself
	Message string
}

// Vet says what of a schema is not decided here, or is no schema: what Check would pass
// over in silence. It is for whoever writes a schema to be kept to, and stricter than the
// standard, which lets pass any keyword that it does not know. It is in no module.
func Vet(schema jsontree.Value) []Problem {
	v := vetting{root: schema}
	names := bytes.Count(raw(schema), []byte(`"$id"`))
	v.renamed = names > 1 || names == 1 && kind(schema.Get("$id")) == jsontree.Absent
	v.schema("", schema)
	sound := len(v.found) == 0
	for i := 0; sound && i < len(v.all); i++ {
		sound = !v.circles(v.paths[i], v.all[i], nil)
	}
	return v.found
}

type vetting struct {
	root    jsontree.Value
	renamed bool
	found   []Problem
	all     []jsontree.Value // the schemas that were looked at
	paths   []string         // of these
	steps   int              // of circles
}

func (v *vetting) add(path, message string) {
	if len(v.found) < maxProblems {
		v.found = append(v.found, Problem{path, message})
	}
}

// maxProblems bounds what is said of one schema.
const maxProblems = 20

func below(path, name string) string {
	quoted := strconv.Quote(name)
	switch {
	case !plain([]byte(quoted)):
		return path + "[" + quoted + "]"
	case path == "":
		return name
	}
	return path + "." + name
}

func element(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

// notes are keywords that say nothing of a value.
var notes = map[string]bool{"title": true, "description": true, "default": true, "examples": true, "$comment": true, "$schema": true,
	"deprecated": true, "readOnly": true, "writeOnly": true}

func (v *vetting) schema(path string, schema jsontree.Value) {
	switch kind(schema) {
	case jsontree.True, jsontree.False:
		return
	case jsontree.Object:
	default:
		v.add(path, "must be a schema: a mapping, true or false")
		return
	}
	v.all, v.paths = append(v.all, schema), append(v.paths, path)
	for _, k := range schema.Elements() {
		v.keyword(path, k)
	}
}

func (v *vetting) keyword(path string, k jsontree.Value) {
	name := k.Name()
	at := below(path, name)
	switch {
	case notes[name]:
		return
	case name == "$id" && path == "":
		return
	case name == "$id" || name == "$anchor" || name == "$dynamicAnchor":
		v.add(at, "names a part of the schema anew, which is not supported; remove it, and refer to the part by its place, as in #/$defs/name")
		return
	case name == "$defs" || name == "definitions":
		v.each(at, k)
		return
	case name == "format":
		v.add(at, "is not checked; remove it, or say with minLength, maxLength or enum what can be")
		return
	case name == "then" || name == "else":
		v.add(at, "is not supported, nor is if; write anyOf with a schema for each case")
		return
	}
	for i := range keywords {
		if keywords[i].name == name {
			v.value(at, name, keywords[i].what, k)
			return
		}
	}
	v.add(at, "is no keyword that is known; see whether it is misspelt, or remove it")
}

// value holds a keyword's value against what it has to be.
func (v *vetting) value(at, name string, what uint8, k jsontree.Value) {
	switch what {
	case undecided:
		remedy := "remove it"
		switch name {
		case "pattern", "patternProperties":
			remedy = "the module has no regular expressions; remove it, or write enum"
		case "if":
			remedy = "write anyOf with a schema for each case"
		}
		v.add(at, "is not supported; "+remedy)
	case ofType:
		v.types(at, k)
	case enum:
		if kind(k) != jsontree.Array || k.Len() == 0 {
			v.add(at, "must be a list of at least one value")
		}
	case properties:
		v.each(at, k)
	case additional, not:
		v.schema(at, k)
	case items:
		if kind(k) == jsontree.Array {
			v.add(at, "must be one schema for all elements; a list of schemas is called prefixItems")
			return
		}
		v.schema(at, k)
	case required:
		if kind(k) != jsontree.Array {
			v.add(at, "must be a list of names")
		}
		for i, name := range k.Elements() {
			if kind(name) != jsontree.String {
				v.add(element(at, i), "must be a name, in quotes if need be")
			}
		}
	case prefix, allOf, anyOf, oneOf:
		if kind(k) != jsontree.Array || k.Len() == 0 {
			v.add(at, "must be a list of at least one schema")
			return
		}
		for i, s := range k.Elements() {
			v.schema(element(at, i), s)
		}
	case unique:
		if kind(k) != jsontree.True && kind(k) != jsontree.False {
			v.add(at, "must be true or false")
		}
	case reference:
		v.reference(at, k)
	case multiple:
		if n, ok := (&checker{}).decimal(k); !ok || n.compare(&decimal{}) <= 0 {
			v.add(at, "must be a number above 0")
		}
	case atLeast, atMost, moreThan, lessThan:
		v.bound(at, name, k)
	}
}

func (v *vetting) types(at string, k jsontree.Value) {
	names := []jsontree.Value{k}
	if kind(k) == jsontree.Array {
		names = k.Elements()
	}
	for i, name := range names {
		known := false
		for _, t := range types {
			known = known || name.Is(t.name)
		}
		if !known {
			if kind(k) == jsontree.Array {
				at = element(at, i)
			}
			v.add(at, "must be one of string, object, array, number, integer, boolean and null, or a list of these")
			return
		}
	}
	if len(names) == 0 {
		v.add(at, "must be a type, or a list of at least one")
	}
}

// bound: a number's may be any number, a length's is a whole one from 0.
func (v *vetting) bound(at, name string, k jsontree.Value) {
	if _, ok := (&checker{}).decimal(k); !ok {
		v.add(at, "must be a number")
		return
	}
	switch name {
	case "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum":
		return
	}
	if n, ok := k.Int(); !ok || n < 0 {
		v.add(at, "must be a whole number from 0")
	}
}

func (v *vetting) each(path string, schemas jsontree.Value) {
	if kind(schemas) != jsontree.Object {
		v.add(path, "must be a mapping of names to schemas")
		return
	}
	for _, s := range schemas.Elements() {
		v.schema(below(path, s.Name()), s)
	}
}

func (v *vetting) reference(at string, k jsontree.Value) {
	switch to := v.place(k); {
	case kind(k) != jsontree.String:
		v.add(at, "must be text, such as #/$defs/name")
	case v.renamed:
		v.add(at, "is not supported beside a $id inside of the schema; remove the $id")
	case kind(to) == jsontree.Absent:
		v.add(at, "leads to no place of this schema; write #, or #/$defs/name with a name that $defs has")
	case kind(to) != jsontree.Object && kind(to) != jsontree.True && kind(to) != jsontree.False:
		v.add(at, "leads to what is no schema")
	}
}

// place is where a $ref leads to.
func (v *vetting) place(k jsontree.Value) jsontree.Value {
	to := k.Text()
	if to == "" || to[0] != '#' || len(to) > 1 && to[1] != '/' {
		return jsontree.Value{}
	}
	c := checker{root: v.root}
	place := v.root
	for at := 1; at < len(to); {
		var name string
		name, at = step(to, at+1)
		place = c.child(place, name)
	}
	return place
}

// maxCircling bounds the search for circles: in some schemas there are 2^n ways through.
const maxCircling = 1 << 14

// circles finds schemas that are applied to a value by themselves: nothing is ever decided
// of them. on are those that lead here without a step into the value.
func (v *vetting) circles(path string, schema jsontree.Value, on []jsontree.Value) bool {
	for _, before := range on {
		if before == schema {
			v.add(path, "leads back to itself without a step into the value, so that it says nothing")
			return true
		}
	}
	if v.steps++; kind(schema) != jsontree.Object || len(on) > MaxDepth || v.steps > maxCircling {
		return false
	}
	on = append(on[:len(on):len(on)], schema)
	for _, k := range schema.Elements() {
		at := below(path, k.Name())
		switch k.Name() {
		case "$ref":
			if v.circles(at, v.place(k), on) {
				return true
			}
		case "not":
			if v.circles(at, k, on) {
				return true
			}
		case "allOf", "anyOf", "oneOf":
			for i, s := range k.Elements() {
				if v.circles(element(at, i), s, on) {
					return true
				}
			}
		}
	}
	return false
}
