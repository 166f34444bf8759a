//go:build istio

package istio

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/internal/envoy"
	"github.com/sluice-gateway/sluice/internal/mesh"
	"github.com/sluice-gateway/sluice/render"
)

// TestOfAnotherDigest is a module that is not the one that was meant: nothing of it runs, and
// nothing passes, until the right one is named.
func TestOfAnotherDigest(t *testing.T) {
	for _, k := range kinds[:2] {
		t.Run(k.name, func(t *testing.T) {
			behind := startProviders(t, "alpha")
			m := serveModules(t, map[string][]byte{"/sluice.wasm": wasm})
			g := newGateway(t)
			policy := behind.in(livePolicy, "<hold>", k.hold)
			o := g.options(m, "/sluice.wasm")
			o.Shape, o.API = k.shape, k.api
			right := o.SHA256
			o.SHA256 = strings.Repeat("0", 64)
			wrong := rendered(t, policy, o)
			g.apply(t, wrong)
			g.start(t, mesh.GatewayOptions{})
			want := map[render.Shape]int{render.Full: 500, render.Plugin: 403}[k.shape]
			soon(t, func() bool {
				s, err := g.try(request{api: openAI, team: "nobody", prompt: "?"})
				return err == nil && s.status == want
			}, "the gateway refuses")
			require.Empty(t, behind["alpha"].Requests())
			require.Contains(t, g.Log(), "which does not match: "+o.SHA256)

			o.SHA256 = right
			g.apply(t, rendered(t, policy, o))
			for _, leftover := range documentsOf(wrong, "name: sluice_provider@") {
				require.NoError(t, kube.Delete([]byte(leftover))) // the third step
			}
			g.serves(t)
			require.Equal(t, 200, g.do(t, request{api: openAI, team: "somebody", prompt: "Say it."}).status)
		})
	}
}

// TestWithoutAnAgent is an Envoy that asks istiod itself. What it is sent says to fetch the
// module by way of a cluster `_`, which the agent would have replaced by a file. Envoy accepts
// that, cannot do it, and lets nothing pass.
func TestWithoutAnAgent(t *testing.T) {
	for _, k := range kinds[:2] {
		t.Run(k.name, func(t *testing.T) {
			behind := startProviders(t, "alpha")
			m := serveModules(t, map[string][]byte{"/sluice.wasm": wasm})
			g := newGateway(t)
			o := g.options(m, "/sluice.wasm")
			o.Shape, o.API = k.shape, k.api
			g.apply(t, rendered(t, behind.in(livePolicy, "<hold>", k.hold), o))
			e, err := envoy.Start(context.Background(), envoy.Options{Bootstrap: []byte(g.alone())})
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, e.Stop()) })
			soon(t, func() bool {
				s, err := g.try(request{api: openAI, team: "nobody", prompt: "?"})
				return err == nil && s.status == 503 && s.header.Get("x-sluice-id") == ""
			}, "the gateway refuses")
			var stats map[string]uint64
			soon(t, func() bool {
				var err error
				stats, err = e.Stats(t.Context())
				return err == nil && stats["wasm.remote_load_fetch_failures"] > 0
			}, "Envoy cannot fetch the module")
			resource := "extension_config_discovery.http_filter." + strings.ReplaceAll(k.resource, "NS", g.namespace)
			require.EqualValues(t, 1, stats[resource+".update_success"])
			require.EqualValues(t, 0, stats[resource+".update_rejected"])
			require.Zero(t, m.fetched.Load())
			require.Empty(t, behind["alpha"].Requests())
		})
	}
}

// alone is the bootstrap of an Envoy that says of itself what the agent would say.
func (g *gateway) alone() string {
	host, port, _ := strings.Cut(istiod.Address, ":")
	return fmt.Sprintf(`
node:
  id: router~127.0.0.9~gateway.%[1]s~%[1]s.svc.cluster.local
  cluster: gateway
  metadata: {CLUSTER_ID: Kubernetes, NAMESPACE: %[1]s, LABELS: {istio: %[1]s}, INSTANCE_IPS: 127.0.0.9}
admin: {address: {socket_address: {address: 127.0.0.1, port_value: 0}}}
dynamic_resources:
  lds_config: {ads: {}, initial_fetch_timeout: 0s, resource_api_version: V3}
  cds_config: {ads: {}, initial_fetch_timeout: 0s, resource_api_version: V3}
  ads_config:
    api_type: DELTA_GRPC
    transport_api_version: V3
    grpc_services: [{envoy_grpc: {cluster_name: xds-grpc}}]
static_resources:
  clusters:
    - name: xds-grpc
      type: STATIC
      typed_extension_protocol_options:
        envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
          "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
          explicit_http_config: {http2_protocol_options: {}}
      load_assignment:
        cluster_name: xds-grpc
        endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: %[2]s, port_value: %[3]s}}}}]}]
`, g.namespace, host, port)
}
