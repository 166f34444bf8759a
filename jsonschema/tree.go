package jsonschema

import "github.com/sluice-gateway/sluice/jsontree"

// What is asked of values everywhere. The compiler would put jsontree's code in each of
// these places, which makes a third of what this package is in the module.

//go:noinline
func kind(v jsontree.Value) jsontree.Kind { return v.Kind() }

//go:noinline
func raw(v jsontree.Value) []byte { return v.Raw() }

//go:noinline
func nameOf(member jsontree.Value) []byte { return member.RawName() }
