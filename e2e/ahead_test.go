package e2e

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// ahead is a policy for a host that cannot hold headers: its listener has no
// allow_on_headers_stop_iteration, and its route names the provider's cluster itself.
const ahead = `
version: 1
providers:
  only: {dialect: openai, endpoint: http://mock/base, credential: {env: SLUICE_E2E_OPENAI_KEY}}
models:
  house: {targets: [{provider: only, model: gpt-4o-mini}]}
default_provider: only
identity:
  key:  {header: authorization}
  case: {header: x-case}
budgets:
  - {name: key-month, per: [key], unit: tokens, limit: 100000, calendar: month}
guards:
  pii: {action: redact, kinds: [email], restore: false}
hold_headers: false
`

// TestHeadersAhead holds that a real Envoy that does not hold headers serves such a policy:
// bodies of all sizes, edited ones, streams and refusals, over both protocols.
func TestHeadersAhead(t *testing.T) {
	eachGateway(t, ahead, func(t *testing.T, g *gateway) {
		for _, c := range []struct {
			name   string
			size   int
			stream bool
		}{{"short", 1, false}, {"stream", 1, true}, {"long", 600_000, false}} {
			for name, client := range map[string]request{"HTTP/1.1": {client: http1}, "HTTP/2": {client: http2}} {
				r := client
				r.path = openAI.path
				r.body = strings.Replace(openAI.body(strings.Repeat("word ", c.size)+"a@example.com", c.stream, `"max_tokens":5`), "gpt-4o-mini", "house", 1)
				if c.size > 1 {
					r.key = ""
					r.body = strings.Replace(r.body, `"max_tokens":5`, `"max_tokens":1`, 1)
				}
				a := g.send(t, r)
				if c.size > 1 {
					require.Equal(t, 429, a.status, "%s: %s", name, a.body) // 600,000 tokens
					require.Empty(t, completed(g, a.name))
					continue
				}
				require.NoError(t, a.err)
				require.Equal(t, 200, a.status, "%s: %s", name, a.body)
				up := g.upstream(t, a.name)
				require.Equal(t, "gpt-4o-mini", up.Model)
				require.Equal(t, "/base"+openAI.path, up.Path)
				require.Equal(t, "Bearer sk-provider-key-of-openai", up.Header.Get("Authorization"))
				require.Contains(t, string(up.Body), "[EMAIL_1]")
				require.NotContains(t, string(up.Body), "a@example.com")
				require.Empty(t, up.Header.Get("X-Sluice-Cluster"))
				rec := g.record(t, a.name)
				require.Equal(t, "complete", rec.End)
				require.Equal(t, "only", rec.Provider)
			}
		}
		a := g.send(t, request{path: "/v1/files?x=y", method: "GET"})
		require.Equal(t, "/base/v1/files?x=y", g.upstream(t, a.name).Path)
	})
}

// completed are the requests of that name whose body has come to a provider: the headers of
// one that is refused may have.
func completed(g *gateway, name string) (paths []string) {
	for _, r := range g.arrived(name) {
		if r.BodyBytes > 0 {
			paths = append(paths, r.Path)
		}
	}
	return paths
}
