package guard

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/dialect"
	"github.com/sluice-gateway/sluice/policy/source"
)

// However long arguments are, and wherever they prove to be no JSON: a step looks at its own bytes,
// and at few others again. Of white space between two of their values there may be more.
func TestStepsOfArguments(t *testing.T) {
	p, err := source.Policy([]byte("version: 1\nproviders: {openai: {dialect: openai, endpoint: 'http://127.0.0.1:1'}}\ndefault_provider: openai\nguards:\n  pii: {kinds: [email, secret], custom: [{name: project, words: [Kestrel]}]}\n"))
	require.NoError(t, err)
	g, err := New(p.Guards)
	require.NoError(t, err)
	const long = 300 << 10
	fill := func(s string) string { return strings.Repeat(s, long/len(s)) }
	for name, arguments := range map[string]string{
		"no JSON at all":                fill("ann@example.com "),
		"a string that does not end":    `{"a":"` + fill("ann@example.com "),
		"a string that is broken":       `{"a":"` + fill("ann@example.com ") + "\n" + fill("b "),
		"behind a string":               `{"a":"` + fill("ann@example.com ") + `" x`,
		"escapes":                       `{"a":"` + fill(`\u0061 `) + `\x`,
		"behind many strings":           `[` + fill(`"ann@example.com",`) + `x` + fill(" y"),
		"behind many members":           `{"o":{"x":[` + fill(`{"password":"x"},`) + `{"password":"Tr0ub4dor&3`,
		"a long name":                   `{"` + fill("ann@example.com ") + `":{"b":x`,
		"a long name that does not end": `{"a":1,"` + fill("ann@example.com "),
		"a long name of escapes":        `{"a":1,"` + fill(`\u0061`) + `":x`,
		"many names": `{` + func() (all string) {
			var b strings.Builder
			for i := range 9000 {
				b.WriteString(`"ann` + strings.Repeat("x", i%40) + string(rune('a'+i%26)) + strings.Repeat("y", i/360) + `":{},`)
			}
			return b.String()
		}() + `x`,
		"numbers":       `[` + fill("1234567890123,") + `x`,
		"a long number": `{"a":` + fill("1") + `x`,
		"deep":          fill("[") + "x",
	} {
		for _, size := range []int{1, 100, 4 << 10} {
			prompt := g.Prompt(deaf{})
			prompt.BeginText(dialect.Text{Form: dialect.JSONText})
			r, most, at := prompt.reader, 0, 0
			for rest := arguments; rest != ""; rest = rest[min(size, len(rest)):] {
				before, whole := len(r.text), r.inner.broken
				prompt.Text([]byte(rest[:min(size, len(rest))]))
				looked := len(r.text) - before
				if looked < 0 || !whole && r.inner.broken && before <= lookedAgain {
					looked = len(r.text) // of another text, or of this one from before: what is long is gone on with
				}
				if looked > most {
					most, at = looked, len(arguments)-len(rest)
				}
			}
			before := len(r.text)
			if prompt.EndText(0, int64(len(arguments))); len(r.text) != before {
				most = max(most, len(r.text))
			}
			prompt.End()
			require.LessOrEqual(t, most, size+lookedAgain+maxNames, "%s in pieces of %d, at %d", name, size, at)
		}
	}
}

// The name of a value that is called so is what stands before it.
func TestNamesOfValues(t *testing.T) {
	p, err := source.Policy([]byte("version: 1\nproviders: {openai: {dialect: openai, endpoint: 'http://127.0.0.1:1'}}\ndefault_provider: openai\nguards: {pii: {kinds: [secret]}}\n"))
	require.NoError(t, err)
	g, err := New(p.Guards)
	require.NoError(t, err)
	for arguments, found := range map[string]int{
		`{"name":"DB_PASSWORD","value":"Tr0ub4dor&3"}`:                                1,
		`[{"key":"A"},{"name" : "DB_PASSWORD" , "value" : "Tr0ub4dor&3" }]`:           1,
		`{"DB_PASSWORD":{"value":"Tr0ub4dor&3"}}`:                                     1,
		`{"DB_PASSWORD":{"value":"Tr0ub4dor&3"},"a":{"value":"Tr0ub4dor&3"}}`:         1,
		`{"name":"DB_PASSWORD","kind":"x","value":"Tr0ub4dor&3"}`:                     0,
		`{"name":"DB_HOST","value":"Tr0ub4dor&3"}`:                                    0,
		`{"value":"Tr0ub4dor&3"}`:                                                     0,
		`{"name":"` + strings.Repeat("DB_PASSWORD ", 30) + `","value":"Tr0ub4dor&3"}`: 0,
	} {
		for size := 1; size <= len(arguments); size++ {
			prompt := g.Prompt(deaf{})
			prompt.BeginText(dialect.Text{Form: dialect.JSONText})
			for rest := arguments; rest != ""; rest = rest[min(size, len(rest)):] {
				prompt.Text([]byte(rest[:min(size, len(rest))]))
			}
			prompt.EndText(0, int64(len(arguments)))
			prompt.End()
			require.Equal(t, found, prompt.Vault.Len(), "%s in pieces of %d", arguments, size)
		}
	}
}
