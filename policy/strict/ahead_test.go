package strict_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/policy/source"
	"github.com/sluice-gateway/sluice/policy/strict"
)

// What cannot be kept where headers are not held is refused, each by its path.
func TestHeadersAhead(t *testing.T) {
	const one = "version: 1\nproviders: {a: {dialect: openai, endpoint: \"https://a.example\"%}}\nhold_headers: false\n"
	const hold = "needs an answer to be held until it is whole, and hold_headers: false holds none; remove it, or write hold_headers: true (on Istio with --shape full)"
	for _, row := range []struct {
		provider, more string
		want           []string
	}{
		{"", "default_provider: a\n", nil},
		{"", "models: {m: {targets: [{provider: a, model: x}, {provider: a, model: y}]}}\n", nil},
		{"", "guards: {pii: {action: block}, prompts: [{name: p, deny_words: [x]}]}\n", nil},
		{"", "guards: {pii: {restore: false}}\n", nil},
		{"", "guards: {pii: {mode: shadow}}\n", nil}, // nothing is replaced
		{"", "companion: {}\nguards: {external: [{name: p, type: presidio, endpoint: \"http://p.example\", mode: shadow}]}\n", nil},
		{"}, b: {dialect: openai, endpoint: \"https://b.example\"", "", []string{
			"hold_headers: false sends a request's headers before its model is known, with one provider's credential; providers has a and b: leave one, or write true (on Istio with --shape full)"}},
		{", api_path: \"/x/{model}\"", "", []string{
			"providers.a.api_path: {model} is not known when the path is sent (hold_headers: false); write a path without it, or hold_headers: true (on Istio with --shape full)"}},
		{"", "models: {m: {targets: [{provider: a, model: x}], retry: {attempts: 2}}}\n", []string{
			"models.m.retry: what has been sent cannot be sent again (hold_headers: false); remove retry, or write hold_headers: true (on Istio with --shape full)"}},
		{"", "cache: {}\nguards: {pii: {}, answers: [{name: n, deny_words: [x]}], output: {}}\n", []string{
			"cache: " + hold, "guards.pii.restore: " + hold, "guards.answers: " + hold, "guards.output: " + hold}},
		{"", "companion: {}\nguards: {external: [{name: p, type: presidio, endpoint: \"http://p.example\"}, {name: q, type: moderation, endpoint: \"http://q.example\"}]}\n", []string{
			"guards.external[0].action: " + hold}},
	} {
		text := ""
		for _, r := range one {
			if r == '%' {
				text += row.provider
			} else {
				text += string(r)
			}
		}
		p, err := source.Policy([]byte(text + row.more))
		require.NoError(t, err, row.more)
		var got []string
		for _, problem := range strict.Unsupported(p) {
			got = append(got, problem.String())
		}
		require.Equal(t, row.want, got, text+row.more)
		p.HoldHeaders = true
		require.Empty(t, strict.Unsupported(p))
	}
}
