//go:build istio

package istio

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/internal/mesh"
	"github.com/sluice-gateway/sluice/render"
)

// TestSidecar is a plugin in the proxy beside an application, for one direction of its calls
// and not the other: in front of a model server, and behind an application that calls a model.
// What a pod's iptables would lead to the proxy is called at the proxy's own listeners here.
func TestSidecar(t *testing.T) {
	for _, traffic := range []string{"server", "client"} {
		t.Run(traffic, func(t *testing.T) {
			behind := startProviders(t, "alpha")
			model := portOf(behind["alpha"].Addr())
			in, err := mesh.ReservePort()
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, in.Release()) })
			name := strings.ToLower(strings.ReplaceAll(t.Name(), "/", "-"))
			// Calls that come in go to the model server of the pod, and those that go out, by a
			// listener of their own for each port, to whatever host they name.
			server := &gateway{namespace: name, pods: name, url: fmt.Sprintf("http://127.0.0.1:%d", in.Number)}
			client := &gateway{namespace: name, url: "http://127.0.0.2:" + model, host: "alpha.providers.test:" + model}
			server.apply(t, fmt.Sprintf(`
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: pod, namespace: %[1]s}
spec:
  workloadSelector: {labels: {istio: %[1]s}}
  ingress:
    - {port: {number: %[2]d, name: http, protocol: HTTP}, bind: 127.0.0.1, captureMode: NONE, defaultEndpoint: "127.0.0.1:%[3]s"}
  egress:
    - {port: {number: %[3]s, name: http, protocol: HTTP}, bind: 127.0.0.2, captureMode: NONE, hosts: ["./*"]}
---
# There are no certificates here.
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: %[1]s}
spec: {mtls: {mode: DISABLE}}
---
`+resolver, name, in.Number, model))
			endpoint := map[string]string{"server": "127.0.0.1:" + model, "client": client.host}[traffic]
			policy := strings.NewReplacer("<name>.providers.test:<port>", endpoint, "<name>", "alpha", "<dialect>", "openai", "<model>", openAI.model,
				"<variable>", "SLUICE_E2E_ALPHA_KEY").Replace(pluginPolicy)
			m := serveModules(t, map[string][]byte{"/sluice.wasm": wasm})
			o := server.options(m, "/sluice.wasm")
			o.Shape, o.Traffic, o.Gateways = render.Plugin, traffic, nil
			server.apply(t, rendered(t, policy, o))
			if traffic == "server" { // nobody else says what is at that name
				server.apply(t, fmt.Sprintf(`
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: alpha, namespace: %s}
spec: {hosts: [alpha.providers.test], location: MESH_EXTERNAL, resolution: DNS, ports: [{number: %s, name: http, protocol: HTTP}]}
`, name, model))
			}
			server.start(t, mesh.GatewayOptions{Sidecar: true})
			client.Gateway = server.Gateway

			with, without := server, client
			if traffic == "client" {
				with, without = client, server
			}
			with.serves(t)
			for _, stream := range []bool{false, true} {
				s := with.do(t, request{api: openAI, team: t.Name(), prompt: "Write to ada@example.com about it.", stream: stream, more: `"max_tokens":20`})
				require.Equal(t, 200, s.status, s.body)
				require.Equal(t, "It is alpha.", s.text)
				require.Contains(t, lastOf(behind["alpha"]).Header.Get("authorization"), "provider-key-of-alpha")
				require.Contains(t, string(lastOf(behind["alpha"]).Body), "Write to [EMAIL_1] about it.")
			}
			require.Equal(t, 429, with.do(t, request{api: openAI, team: t.Name(), prompt: "?", more: `"max_tokens":200000`}).status)

			s := without.do(t, request{api: openAI, team: t.Name(), prompt: "?", more: `"max_tokens":200000`})
			require.Equal(t, 200, s.status, s.body)
			require.Empty(t, s.header.Get("x-sluice-id"), "the other direction is none of its business")
		})
	}
}
