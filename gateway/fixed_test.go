package gateway_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/gateway"
)

// Where the host's own route has chosen the provider, a request is tried once, at its
// model's first provider and in its own dialect, though the host could hold answers.
func TestFixedTarget(t *testing.T) {
	const models = providers + `
budgets:
  - {name: month, unit: tokens, limit: 100000, calendar: month, zone: UTC}
`
	w := newWorld(t, strings.Replace(models, "models:\n", `models:
  several:
    targets: [{provider: openai, model: gpt-4o}, {provider: plain, model: gpt-4o}]
    retry: {attempts: 3}
  ruled:
    targets: [{provider: openai, model: gpt-4o}, {provider: plain, model: gpt-4o}]
    rules: [{name: all, when: {header: {x-team: red}}, targets: [plain/gpt-4o]}]
`, 1))
	for _, row := range []struct{ model, code string }{
		{"several", ""}, {"ruled", "provider_fixed"}, {"claude-haiku-4-5", "dialect_mismatch"},
	} {
		t.Run(row.model, func(t *testing.T) {
			r, _ := w.gateway.Begin(gateway.Arrival{
				Now: w.now, ID: "id-1", HoldsAnswers: true, FixedTarget: true,
				Headers:  gateway.Headers{{":method", "POST"}, {":path", chat}, {"x-team", "red"}},
				Property: func([]string) (string, bool) { return "", false },
			})
			body := []byte(`{"model":"` + row.model + `","messages":[],"max_tokens":50}`)
			out := r.Body(w.now, len(body), true, func(from, size int) []byte { return body[from : from+size] })
			if row.code != "" {
				require.Contains(t, string(out.Reply.Body), `"code":"`+row.code+`"`)
				return
			}
			require.Nil(t, out.Reply)
			require.False(t, out.Follow)
			require.Nil(t, out.Call)
			require.Contains(t, out.Set, [2]string{gateway.ClusterHeader, "sluice_provider_openai"})
			for _, h := range out.Set {
				require.NotContains(t, h[0], "x-envoy-")
			}
			r.Done(w.now, false)
		})
	}
}
