package jsonschema_test

import (
	"encoding/json"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	oracle "github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/jsonschema"
	"github.com/sluice-gateway/sluice/jsontree"
)

// compile gives the oracle's schema, nil where it takes none of it.
func compile(schema string) *oracle.Schema {
	s, err := oracle.UnmarshalJSON(strings.NewReader(schema))
	if err != nil {
		return nil
	}
	compiler := oracle.NewCompiler()
	compiler.UseLoader(oracle.SchemeURLLoader{}) // of no file
	if compiler.AddResource("https://example.com/s", s) != nil {
		return nil
	}
	compiled, err := compiler.Compile("https://example.com/s")
	if err != nil {
		return nil
	}
	return compiled
}

func fits(t *testing.T, schema *oracle.Schema, value string) bool {
	v, err := oracle.UnmarshalJSON(strings.NewReader(value))
	require.NoError(t, err)
	return schema.Validate(v) == nil
}

// maker writes schemas and values of a small world, so that they often meet.
type maker struct{ *rand.Rand }

func (m maker) one(of ...string) string { return of[m.IntN(len(of))] }

func (m maker) list(from, to int, make func() string) string {
	var all []string
	for range from + m.IntN(to-from+1) {
		all = append(all, make())
	}
	return "[" + strings.Join(all, ",") + "]"
}

func (m maker) object(make func() string) string {
	var all []string
	for _, name := range []string{`"a"`, m.one(`"b"`, `"\u0062"`), m.one(`"é"`, `"\u00e9"`), `"a/b"`} {
		if m.IntN(3) == 0 {
			all = append(all, name+":"+make())
		}
	}
	m.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return "{" + strings.Join(all, ",") + "}"
}

func (m maker) name() string { return m.one(`"a"`, `"b"`, `"\u0061"`, `"é"`, `"a/b"`) }

func (m maker) number() string {
	return m.one("0", "-0.0", "1", "1.0", "10e-1", "1e0", "2", "0.5", "5E-1", "-1", "-1.5", "3", "0.1", "0.3", "100", "1e2", "1e30", "12345678901234567890", "12345678901234567891", "0.00100")
}

func (m maker) value(depth int) string {
	n := 8
	if depth == 0 {
		n = 5
	}
	switch m.IntN(n) {
	case 0:
		return m.one("null", "true", "false")
	case 1, 2:
		return m.number()
	case 3, 4:
		return m.one(`""`, `"a"`, `"b"`, `"\u0061"`, `"é"`, `"\u00e9"`, `"😀"`, `"\ud83d\ude00"`, `"ab"`, `"abc"`, `"1"`)
	case 5:
		return m.list(0, 3, func() string { return m.value(depth - 1) })
	}
	return m.object(func() string { return m.value(depth - 1) })
}

func (m maker) schema(depth int) string {
	if depth == 0 || m.IntN(12) == 0 {
		return m.one("true", "true", "{}", "false", `{"type":"string"}`, `{"type":"integer"}`, `{"$ref":"#/$defs/a"}`)
	}
	sub := func() string { return m.schema(depth - 1) }
	parts := map[string]string{}
	for range 1 + m.IntN(4) {
		switch m.IntN(18) {
		case 0, 1, 2:
			name := func() string {
				return m.one(`"string"`, `"object"`, `"array"`, `"number"`, `"boolean"`, `"null"`, `"integer"`)
			}
			parts["type"] = name()
			if m.IntN(2) == 0 {
				first := name()
				second := name()
				parts["type"] = "[" + first + "," + second + "]"
				if first == second {
					parts["type"] = "[" + first + "]"
				}
			}
		case 3, 4, 5:
			parts["properties"] = m.object(sub)
			if m.IntN(2) == 0 {
				parts["additionalProperties"] = m.one("false", sub())
			}
		case 6:
			parts["required"] = "[" + m.name() + "]"
		case 7:
			parts["items"] = sub()
			if m.IntN(2) == 0 {
				parts["prefixItems"] = m.list(1, 2, sub)
			}
		case 8:
			parts["enum"] = m.list(1, 4, func() string { return m.value(2) })
		case 9:
			parts["const"] = m.value(2)
		case 10, 11:
			parts[m.one("anyOf", "oneOf", "allOf")] = m.list(1, 3, sub)
		case 12:
			parts["not"] = sub()
		case 13:
			parts["$ref"] = m.one(`"#"`, `"#/$defs/a"`, `"#/$defs/b~1c"`, `"#/%24defs/a"`)
		case 14:
			parts[m.one("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")] = m.number()
		case 15:
			parts[m.one("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties")] = m.one("0", "1", "2", "2.0", "3")
		case 16:
			parts["multipleOf"] = m.one("1", "2", "0.5", "0.1", "0.01", "3", "1e1")
		case 17:
			parts["uniqueItems"] = m.one("true", "false")
			parts["format"] = `"date"`
		}
	}
	var members []string
	for _, name := range slices.Sorted(maps.Keys(parts)) { // the same in every run
		members = append(members, `"`+name+`":`+parts[name])
	}
	m.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
	return "{" + strings.Join(members, ",") + "}"
}

// Whatever is decided is what the oracle says, and nearly everything is decided: what is
// not refers to itself without end.
func TestOracle(t *testing.T) {
	n := 5_000
	if testing.Short() {
		n = 1_000
	}
	m := maker{rand.New(rand.NewPCG(11, 12))}
	var asked, fitting, undecided int
	for range n {
		schema := m.schema(3)
		if schema[len(schema)-1] == '}' && schema != "{}" {
			schema = schema[:len(schema)-1] + `,"$defs":{"a":` + m.schema(1) + `,"b/c":` + m.schema(2) + `}}`
		}
		other := compile(schema)
		if other == nil {
			continue
		}
		for range 8 {
			value := m.value(3)
			want := fits(t, other, value)
			asked++
			mismatch, decided := jsonschema.Decide(parse(t, schema), parse(t, value))
			switch {
			case !decided:
				require.Nil(t, mismatch)
				undecided++
			case want:
				fitting++
				require.Nil(t, mismatch, "%s of %s", value, schema)
			default:
				require.NotNil(t, mismatch, "%s of %s", value, schema)
			}
		}
	}
	t.Logf("%d asked, of which %d fit and %d were not decided", asked, fitting, undecided)
	require.Greater(t, asked, n*4)
	require.Greater(t, fitting, asked/10)
	require.Less(t, fitting, asked*9/10)
	require.Less(t, undecided, asked/20)
}

// What the oracle reads in another way, or does not bear: exponents that it writes out,
// other drafts, and names of parts.
var otherwise = regexp.MustCompile(`[eE][-+]?[0-9]{3}|\$schema|\\u|"\$?id"|[aA]nchor|\$vocabulary`)

// Whatever the texts are, there is an answer; what is decided is what the oracle says.
func FuzzCheck(f *testing.F) {
	m := maker{rand.New(rand.NewPCG(13, 14))}
	for range 200 {
		f.Add(m.schema(2), m.value(2))
	}
	for _, s := range []string{`{"if":true}`, `{"pattern":"a"}`, `{"patternProperties":{"a":false}}`, `{"dependentRequired":{"a":["b"]}}`, `{"multipleOf":1e-7}`, `{"$ref":"#/items","items":{"$ref":"#"}}`} {
		f.Add(s, `{"a":[1,"a",0.0001]}`)
	}
	f.Fuzz(func(t *testing.T, schema, value string) {
		s, err := jsontree.Parse([]byte(schema))
		if err != nil {
			return
		}
		v, err := jsontree.Parse([]byte(value))
		if err != nil {
			return
		}
		mismatch, decided := jsonschema.Decide(s, v)
		if mismatch != nil {
			require.True(t, decided)
			require.NotEmpty(t, mismatch.Error())
			require.Less(t, len(mismatch.Error()), 1000)
		}
		if !decided || otherwise.MatchString(schema+value) || repeats(s) || repeats(v) || !json.Valid([]byte(schema)) {
			return
		}
		if other := compile(schema); other != nil {
			require.Equal(t, fits(t, other, value), mismatch == nil, "%s of %s: %v", value, schema, mismatch)
		}
	})
}

// repeats tells whether an object in it has two members of one name.
func repeats(v jsontree.Value) bool {
	names := map[string]bool{}
	for _, e := range v.Elements() {
		if v.Kind() == jsontree.Object {
			if names[e.Name()] {
				return true
			}
			names[e.Name()] = true
		}
		if repeats(e) {
			return true
		}
	}
	return false
}
