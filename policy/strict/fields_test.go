package strict_test

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/sjson"

	"github.com/sluice-gateway/sluice/policy"
	"github.com/sluice-gateway/sluice/policy/internal/language"
	"github.com/sluice-gateway/sluice/policy/source"
	"github.com/sluice-gateway/sluice/policy/strict"
)

// everyField has each field of the language that is a value at least once.
const everyField = `{
	"version": 1,
	"providers": {
		"openai": {"dialect": "openai", "endpoint": "https://a", "credential": {"env": "A", "header": "x-k", "scheme": "Key"}, "default_max_tokens": 1,
			"api_path": "/v1", "query": {"v": "1"}},
		"other":  {"dialect": "openai", "endpoint": "https://b"}},
	"models": {"m": {"strategy": "ordered",
		"targets": [{"provider": "openai", "model": "x", "weight": 1, "context_window": 1}, {"provider": "other", "model": "y"}],
		"rules": [{"name": "r", "when": {"input_over": 1, "tools": true, "images": false, "header": {"h": "1"}, "identity": {"c": "1"},
			"budget": "c", "budget_below": 20}, "targets": ["other/y"]}],
		"affinity": "1h", "drop": ["seed"], "failover": "upstream", "cooldown": {},
		"retry": {"attempts": 2, "per_try": "1m", "first_token": "1s", "classes": {
			"rate_limited": {}, "unavailable": {}, "timeout": {}, "stalled": {}, "invalid_output": {}}}}},
	"default_provider": "openai",
	"identity": {"h": {"header": "x-h", "hash": true, "verified": true}, "c": {"claim": "c"}, "p": {"property": "a.b"}},
	"budgets": [
		{"name": "b", "per": ["h"], "unit": "tokens", "limit": 1, "every": "1m", "mode": "enforce"},
		{"name": "c", "unit": "usd", "limit": "0.5", "calendar": "day", "zone": "UTC"}],
	"budget": {},
	"companion": {"credential": {"env": "C"}},
	"cache": {"judge": {"model": "m"}},
	"guards": {"pii": {"custom": [{"name": "c", "patterns": ["x"], "words": ["y"]}]}, "injection": {}, "output": {},
		"requests": {}, "decorate": {"prepend": [{"role": "system", "content": "a"}], "append": [{"role": "user", "content": "a"}]},
		"prompts": [{"name": "p", "deny": ["x"], "deny_words": ["y"], "allow": ["z"], "allow_words": ["w"]}, {"name": "like", "deny_like": ["x"], "allow_like": ["z"], "allow_words": ["w"]}],
		"answers": [{"name": "a", "deny": ["x"], "deny_words": ["y"], "allow": ["z"], "allow_words": ["w"]}],
		"external": [{"name": "e", "type": "presidio", "endpoint": "http://e", "credential": {"env": "E"}}, {"name": "f", "type": "chat", "model": "m", "endpoint": "http://f"}]},
	"prices": {"m": {"input": 1, "output": "2"}}
}`

// fields has a row for each field that is a value: two good values that must make two
// policies, so that none is accepted and forgotten, and one of a wrong type.
var fields = []struct{ path, one, two, wrong string }{
	{"version", `1`, ``, `"1"`},
	{"providers.openai.dialect", `"openai"`, `"anthropic"`, `1`},
	{"providers.openai.endpoint", `"https://a"`, `"http://a:8080/v1"`, `1`},
	{"providers.openai.credential.env", `"A"`, `"B_2"`, `{}`},
	{"providers.openai.credential.header", `"x-k"`, `"Api-Key"`, `"x k"`},
	{"providers.openai.credential.scheme", `"Key"`, `"Bearer"`, `"a b"`},
	{"providers.openai.default_max_tokens", `1`, `4096`, `"1"`},
	{"providers.openai.api_path", `"/v1"`, `"/"`, `"v1"`},
	{"providers.openai.query.v", `"1"`, `"a b&c=é"`, `1`},
	{"providers.openai.output_cap", `"max_completion_tokens"`, `"max_tokens"`, `"max_output_tokens"`},
	{"models.m.strategy", `"ordered"`, `"weighted"`, `[]`},
	{"models.m.targets.0.provider", `"openai"`, `"other"`, `2`},
	{"models.m.targets.0.model", `"x"`, `"accounts/y:1"`, `2`},
	{"models.m.targets.0.weight", `1`, `2`, `1.5`},
	{"models.m.targets.0.context_window", `1`, `1000000000`, `"128k"`},
	{"models.m.rules.0.name", `"r"`, `"s"`, `1`},
	{"models.m.rules.0.when.input_over", `0`, `32000`, `"32k"`},
	{"models.m.rules.0.when.tools", `true`, `false`, `"yes"`},
	{"models.m.rules.0.when.images", `true`, `false`, `1`},
	{"models.m.rules.0.when.header.h", `"1"`, `"2"`, `1`},
	{"models.m.rules.0.when.identity.c", `"1"`, `"2"`, `1`},
	{"models.m.rules.0.when.budget", `"c"`, `"b"`, `1`},
	{"models.m.rules.0.when.budget_below", `20`, `100`, `"20%"`},
	{"models.m.rules.0.targets", `["other/y"]`, `["openai/x","other/y"]`, `"other/y"`},
	{"models.m.affinity", `"1h"`, `"5m"`, `3600`},
	{"models.m.drop", `["seed"]`, `["*"]`, `"*"`},
	{"models.m.failover", `"upstream"`, `"inline"`, `true`},
	{"models.m.cooldown.after", `3`, `1`, `"3"`},
	{"models.m.cooldown.base", `"5s"`, `"1s"`, `5`},
	{"models.m.cooldown.max", `"2m"`, `"1h"`, `120`},
	{"models.m.retry.attempts", `1`, `2`, `true`},
	{"models.m.retry.on", `["rate_limited","unavailable","timeout","stalled","invalid_output"]`,
		`["stalled","timeout","rate_limited","unavailable","invalid_output"]`, `"timeout"`},
	{"models.m.retry.per_try", `"1m"`, `"1m30s"`, `60`},
	{"models.m.retry.first_token", `"1s"`, `"500ms"`, `1`},
	{"models.m.retry.total", `"2m"`, `"30s"`, `120`},
	{"models.m.retry.max_cost", `1`, `"0.5"`, `true`},
	{"models.m.retry.max_retry_after", `"10s"`, `"0s"`, `10`},
	{"models.m.retry.classes.rate_limited.attempts", `1`, `2`, `"1"`},
	{"models.m.retry.classes.rate_limited.backoff", `"100ms"`, `"0s"`, `100`},
	{"models.m.retry.classes.rate_limited.max_backoff", `"2s"`, `"100ms"`, `2`},
	{"models.m.retry.classes.unavailable.attempts", `1`, `2`, `"1"`},
	{"models.m.retry.classes.unavailable.backoff", `"100ms"`, `"0s"`, `100`},
	{"models.m.retry.classes.unavailable.max_backoff", `"2s"`, `"100ms"`, `2`},
	{"models.m.retry.classes.timeout.attempts", `1`, `2`, `"1"`},
	{"models.m.retry.classes.timeout.backoff", `"100ms"`, `"0s"`, `100`},
	{"models.m.retry.classes.timeout.max_backoff", `"2s"`, `"100ms"`, `2`},
	{"models.m.retry.classes.stalled.attempts", `1`, `2`, `"1"`},
	{"models.m.retry.classes.stalled.backoff", `"100ms"`, `"0s"`, `100`},
	{"models.m.retry.classes.stalled.max_backoff", `"2s"`, `"100ms"`, `2`},
	{"models.m.retry.classes.invalid_output.attempts", `1`, `2`, `"1"`},
	{"models.m.retry.classes.invalid_output.backoff", `"100ms"`, `"0s"`, `100`},
	{"models.m.retry.classes.invalid_output.max_backoff", `"2s"`, `"100ms"`, `2`},
	{"default_provider", `"openai"`, `"other"`, `null`},
	{"identity.h.header", `"x-h"`, `"X-I"`, `[]`},
	{"identity.h.hash", `true`, `false`, `"yes"`},
	{"identity.h.verified", `true`, `false`, `1`},
	{"identity.c.claim", `"c"`, `"https://example.com/team"`, `["c"]`},
	{"identity.p.property", `"a.b"`, `"a[\"b.c\"].d"`, `["a"]`},
	{"budgets.0.name", `"b"`, `"d"`, `1`},
	{"budgets.0.per", `["h"]`, `["model","h"]`, `"h"`},
	{"budgets.0.unit", `"tokens"`, `"requests"`, `7`},
	{"budgets.0.limit", `1`, `1000000000000000`, `[1]`},
	{"budgets.0.every", `"1m"`, `"366h"`, `60`},
	{"budgets.0.mode", `"enforce"`, `"shadow"`, `false`},
	{"budgets.1.calendar", `"day"`, `"month"`, `1`},
	{"budgets.1.zone", `"UTC"`, `"America/Argentina/Buenos_Aires"`, `0`},
	{"budget.shared", `true`, `false`, `"no"`},
	{"budget.on_companion_error", `"deny"`, `"local"`, `0`},
	{"budget.on_unknown_price", `"deny"`, `"allow"`, `0`},
	{"budget.on_store_error", `"deny"`, `"allow"`, `0`},
	{"budget.clamp", `true`, `false`, `0`},
	{"budget.cutoff", `true`, `false`, `0`},
	{"budget.hold", `"20m"`, `"24h"`, `1200`},
	{"budget.settle_on_disconnect", `"counted"`, `"reserved"`, `{}`},
	{"counting", `"exact"`, `"lazy"`, `true`},
	{"companion.endpoint", `"http://127.0.0.1:8090"`, `"https://c.internal/sluice"`, `8090`},
	{"companion.credential.env", `"C"`, `"D"`, `{}`},
	{"companion.circuit.after", `5`, `1`, `"5"`},
	{"companion.circuit.for", `"10s"`, `"1h"`, `10`},
	{"cache.enabled", `true`, `false`, `"on"`},
	{"cache.threshold", `0.75`, `"0.9"`, `true`},
	{"cache.ttl", `"24h"`, `"1h"`, `3600`},
	{"cache.scope", `[]`, `["c"]`, `"c"`},
	{"cache.exact", `true`, `false`, `1`},
	{"cache.semantic", `true`, `false`, `1`},
	{"cache.max_temperature", `1`, `0`, `null`},
	{"cache.lookup_timeout", `"50ms"`, `"10s"`, `50`},
	{"cache.wait", `"10s"`, `"0s"`, `0`},
	{"cache.max_request", `"256KiB"`, `1024`, `"256KB"`},
	{"cache.max_answer", `"1MiB"`, `"8MiB"`, `true`},
	{"cache.judge.model", `"m"`, `"any, of default_provider"`, `1`},
	{"cache.judge.timeout", `"5s"`, `"1m"`, `5`},
	{"guards.pii.action", `"redact"`, `"flag"`, `1`},
	{"guards.pii.kinds", `["email"]`, `["phone"]`, `"email"`},
	{"guards.pii.min_score", `0.5`, `"0.9"`, `true`},
	{"guards.pii.restore", `true`, `false`, `1`},
	{"guards.pii.mode", `"enforce"`, `"shadow"`, `false`},
	{"guards.requests.max_input_tokens", `1`, `1000000000`, `"8k"`},
	{"guards.requests.max_messages", `1`, `1000000`, `0`},
	{"guards.requests.max_tools", `0`, `1000000`, `"8"`},
	{"guards.requests.max_images", `0`, `1000000`, `-1`},
	{"guards.requests.system", `"any"`, `"forbidden"`, `false`},
	{"guards.requests.action", `"block"`, `"flag"`, `"redact"`},
	{"guards.requests.mode", `"enforce"`, `"shadow"`, `false`},
	{"guards.decorate.prepend.0.role", `"system"`, `"assistant"`, `"tool"`},
	{"guards.decorate.prepend.0.content", `"a"`, `"{{identity.h}}\n\tis { {{model}}{{ identity.c }}"`, `1`},
	{"guards.decorate.append.0.role", `"user"`, `"system"`, `"developer"`},
	{"guards.decorate.append.0.content", `"a"`, `"b {{model}}"`, `"\u0000"`},
	{"guards.prompts.0.name", `"p"`, `"q"`, `1`},
	{"guards.prompts.0.deny", `["x"]`, `["(y|z)+"]`, `"x"`},
	{"guards.prompts.0.deny_words", `["x"]`, `["two words"]`, `"x"`},
	{"guards.prompts.0.allow", `["x"]`, `["(y|z)+"]`, `"x"`},
	{"guards.prompts.0.allow_words", `["x"]`, `["two words"]`, `"x"`},
	{"guards.prompts.0.action", `"block"`, `"flag"`, `1`},
	{"guards.prompts.0.mode", `"enforce"`, `"shadow"`, `false`},
	{"guards.answers.0.name", `"a"`, `"q"`, `1`},
	{"guards.answers.0.deny", `["x"]`, `["(y|z)+"]`, `"x"`},
	{"guards.answers.0.deny_words", `["x"]`, `["two words"]`, `"x"`},
	{"guards.answers.0.allow", `["x"]`, `["(y|z)+"]`, `"x"`},
	{"guards.answers.0.allow_words", `["x"]`, `["two words"]`, `"x"`},
	{"guards.answers.0.action", `"block"`, `"flag"`, `1`},
	{"guards.answers.0.mode", `"enforce"`, `"shadow"`, `false`},
	{"guards.prompts.0.roles", `["user"]`, `["system","tool"]`, `"user"`},
	{"guards.prompts.1.deny_like", `["x"]`, `["two words"]`, `"x"`},
	{"guards.prompts.1.allow_like", `["x"]`, `["two words"]`, `"x"`},
	{"guards.prompts.1.similarity", `0.5`, `"0.75"`, `true`},
	{"guards.prompts.1.timeout", `"2s"`, `"1s"`, `1`},
	{"guards.prompts.1.on_error", `"deny"`, `"allow"`, `true`},
	{"guards.answers.0.window", `256`, `"1KiB"`, `"1KB"`},
	{"guards.injection.action", `"flag"`, `"block"`, `1`},
	{"guards.injection.threshold", `0.5`, `"0.9"`, `true`},
	{"guards.injection.roles", `["user"]`, `["tool"]`, `"user"`},
	{"guards.injection.mode", `"enforce"`, `"shadow"`, `false`},
	{"guards.pii.custom.0.name", `"c"`, `"d"`, `1`},
	{"guards.pii.custom.0.patterns", `["x"]`, `["y[0-9]"]`, `"x"`},
	{"guards.pii.custom.0.words", `["x"]`, `["y"]`, `"x"`},
	{"guards.external.0.name", `"e"`, `"g"`, `1`},
	{"guards.external.0.type", `"presidio"`, ``, `1`},
	{"guards.external.0.endpoint", `"http://e"`, `"https://e:1/x"`, `1`},
	{"guards.external.0.credential.env", `"E"`, `"G"`, `1`},
	{"guards.external.0.action", `"redact"`, `"flag"`, `1`},
	{"guards.external.0.roles", `["user"]`, `["system","tool"]`, `"user"`},
	{"guards.external.0.timeout", `"500ms"`, `"2s"`, `500`},
	{"guards.external.0.on_error", `"deny"`, `"allow"`, `true`},
	{"guards.external.0.mode", `"enforce"`, `"shadow"`, `false`},
	{"guards.external.0.entities", `["PERSON"]`, `["LOCATION"]`, `"PERSON"`},
	{"guards.external.0.language", `"en"`, `"de"`, `1`},
	{"guards.external.0.min_score", `0.5`, `0.8`, `true`},
	{"guards.external.1.model", `"m"`, `"n"`, `1`},
	{"guards.external.1.categories", `[]`, `["S1"]`, `"S1"`},
	{"guards.output.json_schema", `"request"`, `{"type":["object","null"],"required":["a b"],"enum":[null,-1.5,"é"]}`, `[]`},
	{"guards.output.models", `["m"]`, `[]`, `"m"`},
	{"guards.output.on_invalid", `"retry"`, `"flag"`, `{}`},
	{"guards.output.mode", `"enforce"`, `"shadow"`, `true`},
	{"prices.m.input", `1`, `"0.15"`, `true`},
	{"prices.m.output", `2`, `0`, `[]`},
	{"prices.m.cached_input", `0.075`, `1.000001`, `{}`},
	{"records.companion", `true`, `false`, `1`},
	{"records.access_log", `true`, `false`, `1`},
	{"limits.request_body", `"8MiB"`, `1024`, `8.5`},
	{"limits.response_body", `"8MiB"`, `"512KiB"`, `-1`},
	{"limits.stream", `"15m"`, `"1h30m"`, `900`},
	{"hold_headers", `true`, `false`, `"true"`},
}

func TestEveryField(t *testing.T) {
	rows := map[string]bool{}
	for _, f := range fields {
		t.Run(f.path, func(t *testing.T) {
			field, pattern := fieldAt(t, f.path)
			rows[pattern] = true
			doc := everyField
			if f.path == "limits.stream" {
				doc = set(t, doc, "budget.hold", `"48h"`)
			}
			if f.path == "cache.semantic" {
				doc = set(t, doc, "cache", `{}`)
			}
			one := decode(t, set(t, doc, f.path, f.one))
			if f.two == "" {
				require.Contains(t, []language.Kind{language.Word, language.Integer}, field.Shape.Kind, "only one value is possible")
			} else {
				require.NotEqual(t, one, decode(t, set(t, doc, f.path, f.two)), "no effect")
			}
			if field.Default != "" {
				without, err := sjson.Delete(doc, f.path)
				require.NoError(t, err)
				require.Equal(t, decode(t, without), decode(t, set(t, doc, f.path, field.Default)), "default")
			}
			_, err := strict.Decode([]byte(set(t, doc, f.path, f.wrong)))
			require.ErrorContains(t, err, ": must be ")
			require.True(t, strings.HasPrefix(err.Error(), inBrackets(f.path)+": "), "%s", err)

			if strings.HasSuffix(pattern, ".*") {
				return // any name is one
			}
			_, err = strict.Decode([]byte(set(t, doc, beside(f.path, "qqqqqqqq"), `1`)))
			require.ErrorContains(t, err, inBrackets(beside(f.path, "qqqqqqqq"))+": unknown field; ")
		})
	}
	walk(&language.Policy, "", func(pattern string) {
		require.True(t, rows[pattern], "%s has no row", pattern)
	})
}

// walk calls leaf for each field that is a value, with * for a map's names and 0 for
// a list's elements.
func walk(shape *language.Shape, path string, leaf func(pattern string)) {
	switch {
	case shape.Kind == language.Object:
		for _, f := range shape.Fields {
			walk(f.Shape, strings.TrimPrefix(path+"."+f.Name, "."), leaf)
		}
	case shape.Kind == language.Map:
		walk(shape.Elem, path+".*", leaf)
	case shape.Kind == language.List && shape.Elem.Kind == language.Object:
		walk(shape.Elem, path+".0", leaf)
	default:
		leaf(path)
	}
}

// fieldAt finds a path in the table, and its pattern as walk has it.
func fieldAt(t *testing.T, path string) (field language.Field, pattern string) {
	shape := &language.Policy
	var steps []string
	for step := range strings.SplitSeq(path, ".") {
		switch shape.Kind {
		case language.Map:
			shape, step = shape.Elem, "*"
			field = language.Field{Shape: shape}
		case language.List:
			shape, step = shape.Elem, "0"
		default:
			found := false
			for _, f := range shape.Fields {
				if f.Name == step {
					field, shape, found = f, f.Shape, true
					break
				}
			}
			require.True(t, found, "%s is not in the table", path)
		}
		steps = append(steps, step)
	}
	return field, strings.Join(steps, ".")
}

func beside(path, name string) string {
	return strings.TrimPrefix(path[:strings.LastIndex(path, ".")+1]+name, ".")
}

// inBrackets is budgets.0.every as budgets[0].every.
func inBrackets(path string) string {
	out := ""
	for step := range strings.SplitSeq(path, ".") {
		if _, err := strconv.Atoi(step); err == nil {
			out += "[" + step + "]"
		} else {
			out += "." + step
		}
	}
	return out[1:]
}

func set(t *testing.T, doc, path, value string) string {
	doc, err := sjson.SetRaw(doc, path, value)
	require.NoError(t, err)
	return doc
}

func decode(t *testing.T, doc string) *policy.Policy {
	p, err := strict.Decode([]byte(doc))
	require.NoError(t, err)
	return p
}

// TestDocumentedPolicy decodes the page that documents the language.
func TestDocumentedPolicy(t *testing.T) {
	text, err := os.ReadFile("../source/testdata/every-field.yaml")
	require.NoError(t, err)
	canonical, err := source.Read(text)
	require.NoError(t, err)
	p := decode(t, string(canonical))

	require.Empty(t, strict.Unsupported(p))

	var paths []string
	for _, warning := range strict.Warnings(p) {
		if warning.Path == "default_provider" {
			continue // what it is sent past the guards
		}
		require.Contains(t, warning.Message, "any client can set this header")
		require.Contains(t, warning.Message, "verified: true")
		paths = append(paths, warning.Path)
	}
	require.Equal(t, []string{"budgets[0].per[0]", "budgets[1].per[0]", "budgets[2].per[0]", "cache.scope[0]", "guards.decorate.prepend[0].content"}, paths)
}

func lines(problems []policy.Problem) []string {
	var out []string
	for _, p := range problems {
		out = append(out, p.String())
	}
	return out
}
