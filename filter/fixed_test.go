package main_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"
)

// Kong's route has chosen the provider before a filter runs, and there is no filter chain
// behind it: there is one attempt, at the model's first provider where the configuration
// names no other. What would take more is refused at the request.
func TestFixedTarget(t *testing.T) {
	const models = `
version: 1
providers:
  first:  {dialect: openai, endpoint: "https://first.example", credential: {env: OPENAI_API_KEY}}
  second: {dialect: openai, endpoint: "https://second.example", credential: {env: ANTHROPIC_API_KEY}}
  claude: {dialect: anthropic, endpoint: "https://claude.example", credential: {env: ANTHROPIC_API_KEY}}
models:
  several:
    targets: [{provider: first, model: gpt-4o}, {provider: second, model: gpt-4o}, {provider: first, model: gpt-4o-mini}]
    retry: {attempts: 3}
  spread:
    strategy: weighted
    targets: [{provider: first, model: gpt-4o}, {provider: second, model: gpt-4o, weight: 1000000}]
  ruled:
    targets: [{provider: first, model: gpt-4o}, {provider: second, model: gpt-4o}]
    rules: [{name: all, when: {header: {x-team: red}}, targets: [second/gpt-4o]}]
  inline:
    targets: [{provider: first, model: gpt-4o}, {provider: second, model: gpt-4o}]
    failover: inline
    retry: {attempts: 2}
default_provider: first
`
	for _, row := range []struct {
		model string
		code  string // of the refusal; "" = it is sent to the first
	}{
		{"several", ""}, {"spread", ""}, {"inline", ""}, {"ruled", "provider_fixed"},
	} {
		for _, stream := range []string{"false", "true"} {
			if row.model == "inline" && stream == "false" {
				continue // by calls
			}
			t.Run(row.model+", stream "+stream, func(t *testing.T) {
				m := startOn(t, kong, models)
				ask := `{"model":"` + row.model + `","messages":[{"role":"user","content":"hi"}],"max_tokens":5,"stream":` + stream + `}`
				up := answers("429", "application/json", `{"error":{"message":"slow down"}}`)
				if row.code != "" {
					up = nobody(t)
				}
				for range 5 { // also when the first is known to fail
					s := m.exchange(post(chat, ask), up)
					require.NotContains(t, s.Trace(), "proxy_http_call")
					if row.code != "" {
						require.Equal(t, 400, s.Client().Status())
						require.Equal(t, row.code, gjson.GetBytes(s.Client().Body(), "error.code").Str, "%s", s.Client().Body())
						require.Len(t, s.LocalReplies(), 1)
						continue
					}
					require.Equal(t, 429, s.Client().Status())
					require.Equal(t, "Bearer sk-ours", s.Upstream().Headers.Get("authorization"))
					for _, h := range s.Upstream().Headers {
						require.False(t, strings.HasPrefix(h[0], "x-sluice-") || strings.HasPrefix(h[0], "x-envoy-"), h[0])
					}
					rec := record(t, s)
					require.Equal(t, int64(1), gjson.Get(rec, "attempts.#").Int())
					require.Equal(t, "first", gjson.Get(rec, "provider").Str)
				}
				require.Empty(t, m.warnings())
				require.EqualValues(t, 5000, m.plugin.TickPeriod())
			})
		}
	}
}
