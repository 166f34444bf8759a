package jsonschema_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/jsonschema"
)

func TestVet(t *testing.T) {
	for schema, want := range map[string]string{
		`true`: "",
		`{"$schema":"x","$id":"y","title":"t","type":["object","null"],"properties":{"a":{"$ref":"#/$defs/n"},"next":{"$ref":"#"}},"$defs":{"n":{"type":"integer","minimum":-1.5,"multipleOf":0.1}},"additionalProperties":false,"required":["a"]}`: "",
		`[]`:                                        "/must be a schema: a mapping, true or false",
		`{"items":[{}]}`:                            "items/must be one schema for all elements; a list of schemas is called prefixItems",
		`{"properties":{"a b":{"pattern":"x"}}}`:    `properties["a b"].pattern/is not supported; the module has no regular expressions; remove it, or write enum`,
		`{"anyOf":[{},{"if":{}}]}`:                  "anyOf[1].if/is not supported; write anyOf with a schema for each case",
		`{"reqired":["a"]}`:                         "reqired/is no keyword that is known; see whether it is misspelt, or remove it",
		`{"required":"a"}`:                          "required/must be a list of names",
		`{"type":["string","text"]}`:                "type[1]/must be one of string, object, array, number, integer, boolean and null, or a list of these",
		`{"minLength":1.5}`:                         "minLength/must be a whole number from 0",
		`{"minimum":"1"}`:                           "minimum/must be a number",
		`{"multipleOf":0}`:                          "multipleOf/must be a number above 0",
		`{"enum":[]}`:                               "enum/must be a list of at least one value",
		`{"oneOf":[]}`:                              "oneOf/must be a list of at least one schema",
		`{"uniqueItems":1}`:                         "uniqueItems/must be true or false",
		`{"$ref":"#/$defs/b"}`:                      "$ref/leads to no place of this schema; write #, or #/$defs/name with a name that $defs has",
		`{"$ref":"https://example.com/s"}`:          "$ref/leads to no place of this schema; write #, or #/$defs/name with a name that $defs has",
		`{"$ref":"#/title","title":"x"}`:            "$ref/leads to what is no schema",
		`{"$defs":{"a":{"$id":"x"}}}`:               "$defs.a.$id/names a part of the schema anew, which is not supported; remove it, and refer to the part by its place, as in #/$defs/name",
		`{"format":"date"}`:                         "format/is not checked; remove it, or say with minLength, maxLength or enum what can be",
		`{"$ref":"#"}`:                              "$ref/leads back to itself without a step into the value, so that it says nothing",
		`{"items":{"allOf":[{"$ref":"#/items"}]}}`:  "items.allOf[0].$ref/leads back to itself without a step into the value, so that it says nothing",
		`{"properties":{"a":{"not":{"$ref":"#"}}}}`: "",
	} {
		got := ""
		for _, p := range jsonschema.Vet(parse(t, schema)) {
			got += p.Path + "/" + p.Message
		}
		require.Equal(t, want, got, schema)
	}
	require.Len(t, jsonschema.Vet(parse(t, `{"anyOf":[`+strings.Repeat(`{"x":1},`, 100)+`{}]}`)), 20)
}

// Of a schema that is let pass everything is decided, whatever the value.
func TestVettedIsDecided(t *testing.T) {
	m := maker{rand.New(rand.NewPCG(21, 22))}
	vetted, refused := 0, 0
	for range 2_000 {
		schema := m.schema(3)
		if schema[len(schema)-1] == '}' && schema != "{}" {
			schema = schema[:len(schema)-1] + `,"$defs":{"a":` + m.schema(1) + `,"b/c":` + m.schema(2) + `}}`
		}
		if len(jsonschema.Vet(parse(t, schema))) > 0 {
			refused++
			continue
		}
		vetted++
		for range 8 {
			value := m.value(3)
			_, decided := jsonschema.Decide(parse(t, schema), parse(t, value))
			require.True(t, decided, "%s of %s", value, schema)
		}
	}
	require.Greater(t, vetted, 500)
	require.Greater(t, refused, 10)
}
