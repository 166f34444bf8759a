//go:build istio

package istio

import (
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	model "github.com/sluice-gateway/sluice/gateway"
	"github.com/sluice-gateway/sluice/internal/mesh"
)

// TestBeside puts Sluice on a host that serves something else already: of its paths those that
// are named come to Sluice, also where a provider has them elsewhere, and the others stay as
// they were.
func TestBeside(t *testing.T) {
	behind := startProviders(t, "alpha")
	m := serveModules(t, map[string][]byte{"/sluice.wasm": wasm})
	for _, hosts := range [][]string{{"edge.example.com"}, nil} {
		name := "every host"
		if hosts != nil {
			name = "one host"
		}
		t.Run(name, func(t *testing.T) {
			g := newGateway(t)
			g.host = "edge.example.com"
			shop := "edge.example.com"
			if hosts == nil {
				shop = "*"
			}
			g.apply(t, `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: edge, namespace: `+g.namespace+`, creationTimestamp: "2020-01-01T00:00:00Z"}
spec:
  hosts: ["`+shop+`"]
  gateways: [llm]
  http:
    - {directResponse: {status: 200, body: {string: the shop}}}
`)
			o := g.options(m, "/sluice.wasm")
			o.Hosts, o.Paths = hosts, []string{"/v1/"}
			g.apply(t, rendered(t, behind.in(`
version: 1
providers:
  alpha: {dialect: openai, endpoint: http://alpha.providers.test:<alpha>/base, credential: {env: SLUICE_E2E_ALPHA_KEY}}
default_provider: alpha
records: {access_log: true}
`), o))
			g.start(t, mesh.GatewayOptions{})
			g.serves(t)
			s := g.do(t, request{api: openAI, prompt: "Say it."})
			require.Equal(t, 200, s.status, s.body)
			require.Equal(t, "It is alpha.", s.text)
			get := func(path string, header ...string) string {
				r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, g.url+path, nil)
				require.NoError(t, err)
				r.Host = g.host
				for _, cluster := range header {
					r.Header.Set(model.ClusterHeader, cluster)
				}
				answer, err := client.Do(r)
				require.NoError(t, err)
				defer func() { _ = answer.Body.Close() }()
				body, err := io.ReadAll(answer.Body)
				require.NoError(t, err)
				return string(body)
			}
			require.Equal(t, "the shop", get("/cart"))
			require.Equal(t, "the shop", get("/cart", "sluice_provider_alpha"), "no client comes to Sluice by its header")
		})
	}
}
