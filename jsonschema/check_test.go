package jsonschema_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/jsonschema"
	"github.com/sluice-gateway/sluice/jsontree"
)

func parse(t testing.TB, text string) jsontree.Value {
	v, err := jsontree.Parse([]byte(text))
	require.NoError(t, err, "%s", text)
	return v
}

func TestMismatch(t *testing.T) {
	const person = `{"type":"object","properties":{"name":{"type":"string","minLength":2},"age":{"type":["integer","null"],"minimum":0},
		"pets":{"type":"array","items":{"$ref":"#/$defs/pet"}}},"required":["name","age"],"additionalProperties":false,
		"$defs":{"pet":{"type":"object","properties":{"kind":{"enum":["cat","dog"]},"of":{"$ref":"#"}},"required":["kind"]}}}`
	for _, c := range []struct{ schema, value, want string }{
		{person, `{"name":"Ada","age":36}`, ""},
		{person, `{"name":"Ada","age":null,"pets":[{"kind":"cat","of":{"name":"Bob","age":3.0}}]}`, ""},
		{person, `[]`, `the value: is of type array, not "object"`},
		{person, `{"name":"Ada"}`, `age: missing`},
		{person, `{"name":"A","age":1}`, `name: has a length less than 2`},
		{person, `{"name":"\ud83d\ude00","age":1}`, `name: has a length less than 2`},
		{person, `{"name":"Ada","age":1.5}`, `age: is of type number, not ["integer","null"]`},
		{person, `{"name":"Ada","age":-1}`, `age: is less than 0`},
		{person, `{"name":"Ada","age":1,"pets":[{"kind":"cat"},{"kind":"cow"}]}`, `pets[1].kind: is not one of ["cat","dog"]`},
		{person, `{"name":"Ada","age":1,"pets":[{"kind":"cat","of":{"name":"Bob"}}]}`, `pets[0].of.age: missing`},
		{person, `{"name":"Ada","age":1,"is it":true}`, `["is it"]: is not allowed`},
		{person, `{"n\u0061me":"Ada","age":1}`, ""},
		{`{"properties":{"a":{"anyOf":[{"type":"string"},{"type":"null"}]}}}`, `{"a":3}`, `a: fits none of anyOf`},
		{`{"oneOf":[{"type":"integer"},{"minimum":3}]}`, `3`, `the value: fits more than one of oneOf`},
		{`{"oneOf":[{"type":"integer"},{"minimum":3}]}`, `2.5`, `the value: fits none of oneOf`},
		{`{"not":{"type":"null"}}`, `null`, `the value: fits what it must not`},
		{`{"const":{"a":[1,2.50]}}`, `{"a":[1e0,25e-1]}`, ""},
		{`{"const":10}`, `1E+1`, ""},
		{`{"const":"é"}`, `"\u00e9"`, ""},
		{`{"const":9007199254740993}`, `9007199254740992`, `the value: is not 9007199254740993`},
		{`{"multipleOf":0.1}`, `0.3`, ""},
		{`{"multipleOf":0.01}`, `0.005`, `the value: is no multiple of 0.01`},
		{`{"multipleOf":3}`, `1e30`, `the value: is no multiple of 3`},
		{`{"multipleOf":3}`, `3e30`, ""},
		{`{"exclusiveMinimum":0,"exclusiveMaximum":1}`, `1.0`, `the value: is not less than 1`},
		{`{"maximum":1e-400}`, `-0.0`, ""},
		{`{"uniqueItems":true}`, `[{"a":1,"b":2},{"b":2.0,"a":1}]`, `[1]: is there twice`},
		{`{"prefixItems":[{"type":"string"},true],"items":false}`, `["a",1]`, ""},
		{`{"prefixItems":[{"type":"string"},true],"items":false}`, `["a",1,2]`, `[2]: is not allowed`},
		{`{"minProperties":1,"maxItems":2}`, `{}`, `the value: has a number of members less than 1`},
		{`{"$ref":"#/definitions/a~1b%20c","definitions":{"a/b c":{"type":"null"}}}`, `1`, `the value: is of type number, not "null"`},
		{`{"allOf":[true,{"$ref":"#/allOf/2"},{"type":"boolean"}]}`, `1`, `the value: is of type number, not "boolean"`},
		{`{"t\u0079pe":"string"}`, `1`, `the value: is of type number, not "string"`},
		{`{"enum":["` + strings.Repeat("é", 100) + `"]}`, `1`, `the value: is not one of ["` + strings.Repeat("é", 31) + `…`},
	} {
		m, decided := jsonschema.Decide(parse(t, c.schema), parse(t, c.value))
		got := ""
		if m != nil {
			got = m.Error()
		}
		require.Equal(t, c.want, got, "%s of %s", c.value, c.schema)
		require.True(t, decided, "%s of %s", c.value, c.schema)
	}
}

// What cannot be decided is neither right nor wrong, nor is its opposite; and it does not
// hide what is wrong beside it.
func TestUndecided(t *testing.T) {
	for _, c := range []struct{ schema, value string }{
		{`{"pattern":"^a"}`, `"b"`},
		{`{"patternProperties":{"^a":false}}`, `{"a":1}`},
		{`{"patternProperties":{"^a":true},"additionalProperties":false}`, `{"a":1}`},
		{`{"if":true,"then":false}`, `1`},
		{`{"contains":false}`, `[]`},
		{`{"$ref":"https://example.com/schema"}`, `1`},
		{`{"$ref":"#anchor"}`, `1`},
		{`{"$ref":"#/$defs/none"}`, `1`},
		{`{"$ref":"#"}`, `1`},
		{`{"$ref":3}`, `1`},
		{`{"$defs":{"a":{"$id":"b","$ref":"#/$defs/c"},"c":false},"$ref":"#/$defs/a"}`, `1`},
		{`{"type":"text"}`, `1`},
		{`{"type":3}`, `1`},
		{`{"minimum":"3"}`, `1`},
		{`{"minimum":1e9999999999}`, `1`},
		{`{"multipleOf":0}`, `1`},
		{`{"items":[false]}`, `[1]`},
		{`{"required":"a"}`, `{}`},
		{`{"required":[1]}`, `{}`},
		{`{"anyOf":[]}`, `1`},
		{`{"properties":[]}`, `{}`},
		{`3`, `1`},
	} {
		for _, frame := range []string{`%`, `{"not":%}`, `{"anyOf":[false,%]}`, `{"oneOf":[true,%]}`, `{"allOf":[true,%]}`, `{"not":{"not":%}}`} {
			if strings.Contains(c.schema, "#/") && frame != "%" {
				continue
			}
			schema := strings.Replace(frame, "%", c.schema, 1)
			m, decided := jsonschema.Decide(parse(t, schema), parse(t, c.value))
			require.Nil(t, m, "%s of %s", c.value, schema)
			require.False(t, decided, "%s of %s", c.value, schema)
		}
		if !strings.Contains(c.schema, "#/") {
			require.NotNil(t, jsonschema.Check(parse(t, `{"allOf":[`+c.schema+`,false]}`), parse(t, c.value)))
			_, decided := jsonschema.Decide(parse(t, `{"anyOf":[`+c.schema+`,true]}`), parse(t, c.value))
			require.True(t, decided)
		}
	}
	m, decided := jsonschema.Decide(jsontree.Value{}, jsontree.Value{})
	require.Nil(t, m)
	require.False(t, decided)
	_, decided = jsonschema.Decide(parse(t, `{"pattern":"a","contains":false,"title":3,"format":"date"}`), parse(t, `1`))
	require.True(t, decided, "they are not on numbers")
}

// Bombs: each ends, undecided. The depth is that of the schema; the steps would be 2^256.
func TestBombs(t *testing.T) {
	deep := strings.Repeat(`{"not":`, 500) + `true` + strings.Repeat(`}`, 500)
	list := func(n int, e string) string { return strings.TrimSuffix(strings.Repeat(e+",", n), ",") }
	for name, c := range map[string]struct{ schema, value string }{
		"itself":        {`{"$ref":"#"}`, `1`},
		"itself, twice": {`{"anyOf":[{"$ref":"#"},{"$ref":"#"}]}`, `1`},
		"by turns":      {`{"allOf":[{"$ref":"#/$defs/a"}],"$defs":{"a":{"oneOf":[{"$ref":"#/$defs/b"},{"$ref":"#/$defs/b"}]},"b":{"not":{"not":{"$ref":"#/$defs/a"}}}}}`, `1`},
		"deep":          {deep, `1`},
		"deep value": {`{"properties":{"a":{"$ref":"#"}},"items":{"$ref":"#"}}`,
			strings.Repeat(`[{"a":`, 250) + `1` + strings.Repeat(`}]`, 250)},
		"many values, many branches": {`{"items":{"anyOf":[` + list(3000, `{"type":"string"}`) + `,true]}}`, `[` + list(3000, "1") + `]`},
		"all pairs":                  {`{"uniqueItems":true}`, `[` + pairs(5000) + `]`},
		"many names":                 {`{"properties":{` + names(5000) + `}}`, `{` + names(5000) + `}`},
		"long names":                 {`{"properties":{` + names(5000) + `}}`, `{"\u0061` + strings.Repeat("a", 100_000) + `":true}`},
		"a long type":                {`{"items":{"type":["` + strings.Repeat("a", 100_000) + `","null"]}}`, `[` + list(1000, "null") + `]`},
		"a long keyword":             {`{"items":{"` + strings.Repeat("a", 100_000) + `":1}}`, `[` + list(1000, "null") + `]`},
		"a long place":               {`{"items":{"$ref":"#/` + strings.Repeat("a", 100_000) + `"}}`, `[` + list(1000, "null") + `]`},
		"short strings":              {`{"enum":[` + list(5000, `"a"`) + `]}`, `"` + strings.Repeat("a", 100_000) + `"`},
		"long strings":               {`{"enum":[` + list(300, `"`+strings.Repeat("a", 200_000)+`"`) + `]}`, `"` + strings.Repeat("a", 199_999) + `b"`},
	} {
		m, decided := jsonschema.Decide(parse(t, c.schema), parse(t, c.value))
		require.Nil(t, m, name)
		require.False(t, decided, name)
	}
	m := jsonschema.Check(parse(t, `{"allOf":[{"type":"null"},{"$ref":"#"}]}`), parse(t, `1`))
	require.NotNil(t, m, "what is wrong is found before")
}

func pairs(n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString("1" + strings.Repeat("0", i%7) + string(rune('1'+i%9)) + "." + strings.Repeat("1", 1+i/63))
	}
	return b.String()
}

func names(n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`"` + strings.Repeat("a", i%50+1) + strings.Repeat("b", i/50+1) + `":true`)
	}
	return b.String()
}

const steps = `{"type":"object","properties":{"steps":{"type":"array","items":{"type":"object","properties":{"explanation":{"type":"string"},"output":{"type":"string"}},"required":["explanation","output"],"additionalProperties":false}}},"required":["steps"],"additionalProperties":false}`

func answer(n int) string {
	return `{"steps":[` + strings.TrimSuffix(strings.Repeat(`{"explanation":"because of this","output":"x = 1"},`, n), ",") + `]}`
}

// An answer that is as long as a model gives is decided.
func TestLongAnswer(t *testing.T) {
	text := answer(10_000)
	_, decided := jsonschema.Decide(parse(t, steps), parse(t, text))
	require.True(t, decided, "%d bytes", len(text))
}

func BenchmarkCheck(b *testing.B) {
	text := answer(1000)
	schema, value := parse(b, steps), parse(b, text)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if jsonschema.Check(schema, value) != nil {
			b.Fatal("it fits")
		}
	}
}
