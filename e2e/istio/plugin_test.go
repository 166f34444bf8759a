//go:build istio

package istio

import (
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/internal/mesh"
	"github.com/sluice-gateway/sluice/render"
)

// pluginPolicy has the module do what needs no header after the body.
const pluginPolicy = `
version: 1
hold_headers: false
providers:
  <name>: {dialect: <dialect>, endpoint: http://<name>.providers.test:<port>, credential: {env: <variable>}}
identity:
  team: {header: x-team, verified: true}
default_provider: <name>
models:
  house: {targets: [{provider: <name>, model: <model>}]}
budgets:
  - {name: tokens, per: [team], unit: tokens, limit: 100000, calendar: month, zone: UTC}
guards:
  pii: {kinds: [email], restore: false}
  prompts:
    - {name: no-legal, deny_words: [legal advice]}
`

// added are headers that Envoy gives to a request behind the route, which takes the mesh's off:
// the name by which the client called, since the route writes another one, and the route's
// time limit. Only suppress_envoy_headers could stop that, for which a route has no field.
var added = []string{"X-Envoy-Original-Host", "X-Envoy-Expected-Rq-Timeout-Ms"}

// TestPlugin is a WasmPlugin, whose module is a file in the proxy's container.
func TestPlugin(t *testing.T) {
	path, err := filepath.Abs("../../build/test/istio.wasm")
	require.NoError(t, err)
	for name, a := range map[string]api{"alpha": openAI, "claude": anthropic} {
		t.Run(a.name, func(t *testing.T) {
			behind := startProviders(t, name)
			up := behind[name]
			g := newGateway(t)
			policy := strings.NewReplacer("<name>", name, "<dialect>", a.name, "<port>", portOf(up.Addr()), "<model>", a.model,
				"<variable>", "SLUICE_E2E_"+strings.ToUpper(name)+"_KEY").Replace(pluginPolicy)
			g.apply(t, rendered(t, policy, render.IstioOptions{
				Shape: render.Plugin, Namespace: g.namespace, Selector: []string{"istio=" + g.namespace}, Gateways: []string{"llm"}, Module: "file://" + path,
			}))
			g.start(t, mesh.GatewayOptions{})
			g.serves(t)

			for _, stream := range []bool{false, true} {
				t.Run("stream "+strconv.FormatBool(stream), func(t *testing.T) {
					for _, model := range []string{"", "house"} {
						s := g.do(t, request{api: a, team: t.Name(), model: model, prompt: "Say it.", stream: stream})
						require.Equal(t, 200, s.status, s.body)
						require.True(t, s.whole, s.body)
						require.Equal(t, "It is "+name+".", s.text)
						last := lastOf(up)
						require.Contains(t, last.Header.Get(a.key), "provider-key-of-"+name)
						require.Contains(t, string(last.Body), `"model":"`+a.model+`"`)
						requireNotOurs(t, last, added...)
					}
				})
			}
			t.Run("budget", func(t *testing.T) {
				require.Equal(t, 200, g.do(t, request{api: a, team: t.Name(), prompt: "Say it.", more: `"max_tokens":20`}).status)
				before := len(up.Requests())
				s := g.do(t, request{api: a, team: t.Name(), prompt: "Say it.", more: `"max_tokens":200000`})
				require.Equal(t, 429, s.status, s.body)
				require.Equal(t, "100000", s.header.Get("x-ratelimit-limit-tokens"))
				if all := up.Requests(); len(all) > before { // its headers may have been there before
					require.Empty(t, all[before].Body)
				}
			})
			t.Run("personal data goes no further", func(t *testing.T) {
				s := g.do(t, request{api: a, team: t.Name(), prompt: "Write to ada@example.com about it."})
				require.Equal(t, 200, s.status, s.body)
				require.Contains(t, string(lastOf(up).Body), "Write to [EMAIL_1] about it.")
			})
			t.Run("a rule blocks", func(t *testing.T) {
				s := g.do(t, request{api: a, team: t.Name(), prompt: "I want legal advice."})
				require.Equal(t, 400, s.status, s.body)
				require.Contains(t, s.body, "no-legal")
			})
			t.Run("the other API is refused", func(t *testing.T) {
				other := map[api]api{openAI: anthropic, anthropic: openAI}[a]
				s := g.do(t, request{api: other, team: t.Name(), model: a.model, prompt: "Say it."})
				require.Equal(t, 400, s.status, s.body)
			})
			t.Run("what is no call passes", func(t *testing.T) {
				res, err := client.Get(g.url + "/v1/files?x=1")
				require.NoError(t, err)
				require.NoError(t, res.Body.Close())
				require.Equal(t, http.StatusOK, res.StatusCode)
				require.Equal(t, "/v1/files?x=1", lastOf(up).Path)
			})
		})
	}
}
