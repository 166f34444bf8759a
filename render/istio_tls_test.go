package render_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/sluice-gateway/sluice/internal/envoy"
	"github.com/sluice-gateway/sluice/internal/testca"
	"github.com/sluice-gateway/sluice/render"
)

// A Service that speaks TLS itself proves to be the host that the policy writes, by a certificate
// for that name, whatever other name Istio knows it by: so does a provider, and a companion.
func TestServicesProveTheNameThatIsWritten(t *testing.T) {
	const namespace = "models"
	for _, host := range []string{"llm", "llm.models.svc", "llm.models.svc.cluster.local"} {
		authority := testca.New()
		up := newTLSProvider(t, authority.Issue(host))
		_, port, err := net.SplitHostPort(up.Listener.Addr().String())
		require.NoError(t, err)
		p := parsed(t, strings.NewReplacer("<at>", host+":"+port).Replace(`
version: 1
providers: {own: {dialect: openai, endpoint: "https://<at>"}}
default_provider: own
companion: {endpoint: "https://<at>", credential: {env: TOKEN}}
records: {companion: true}
`))
		o := fullOptions()
		o.Namespace, o.CompanionImage = namespace, ""
		o.CAFile = rootFile(t, authority)
		text := istio(t, p, o)
		require.Contains(t, text, "outbound|"+port+"||llm.models.svc.cluster.local", "Istio's name")
		eachEnvoy(t, func(t *testing.T, binary string) {
			for _, cluster := range []string{"sluice_provider_own", "sluice_companion"} {
				in, err := envoy.Start(t.Context(), envoy.Options{Binary: binary, Bootstrap: throughIstio(t, text, cluster, up.Listener.Addr().String())})
				require.NoError(t, err)
				res, err := http.Get("http://" + in.Listener(render.ListenerName))
				require.NoError(t, err)
				require.NoError(t, res.Body.Close())
				require.NoError(t, in.Stop())
				require.Equal(t, http.StatusOK, res.StatusCode, "%s by %s", cluster, host)
				require.Equal(t, host, res.Header.Get("X-Sni"))
			}
		})
	}
}

// throughIstio is an Envoy that sends all to a rendered cluster, and what leaves that one for
// Istio's cluster of the Service to an address, as the Service's pod.
func throughIstio(t *testing.T, text, cluster, pod string) []byte {
	t.Helper()
	host, port, err := net.SplitHostPort(pod)
	require.NoError(t, err)
	number, err := strconv.Atoi(port)
	require.NoError(t, err)
	at := func(host string, port int) map[string]any {
		return map[string]any{"socket_address": map[string]any{"address": host, "port_value": port}}
	}
	const types = "type.googleapis.com/envoy.extensions."
	var listeners, clusters []any
	for documents := yaml.NewDecoder(strings.NewReader(text)); ; {
		var object struct {
			Spec struct {
				ConfigPatches []struct {
					ApplyTo string `yaml:"applyTo"`
					Patch   struct{ Value map[string]any }
				} `yaml:"configPatches"`
			}
		}
		err := documents.Decode(&object)
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		if patches := object.Spec.ConfigPatches; len(patches) == 2 && patches[1].Patch.Value["name"] == cluster {
			require.Equal(t, []string{"LISTENER", "CLUSTER"}, []string{patches[0].ApplyTo, patches[1].ApplyTo})
			inside := patches[0].Patch.Value
			proxy := inside["filter_chains"].([]any)[0].(map[string]any)["filters"].([]any)[0].(map[string]any)["typed_config"].(map[string]any)
			listeners = append(listeners, inside)
			clusters = append(clusters, patches[1].Patch.Value, map[string]any{
				"name": proxy["cluster"], "type": "STATIC", "load_assignment": map[string]any{"cluster_name": "x", "endpoints": []any{
					map[string]any{"lb_endpoints": []any{map[string]any{"endpoint": map[string]any{"address": at(host, number)}}}},
				}},
			})
		}
	}
	require.Len(t, clusters, 2)
	listeners = append(listeners, map[string]any{
		"name": render.ListenerName, "address": at("127.0.0.1", 0), "filter_chains": []any{map[string]any{"filters": []any{map[string]any{
			"name": "envoy.filters.network.http_connection_manager", "typed_config": map[string]any{
				"@type": types + "filters.network.http_connection_manager.v3.HttpConnectionManager", "stat_prefix": "x",
				"route_config": map[string]any{"virtual_hosts": []any{map[string]any{"name": "x", "domains": []any{"*"}, "routes": []any{
					map[string]any{"match": map[string]any{"prefix": "/"}, "route": map[string]any{"cluster": cluster}},
				}}}},
				"http_filters": []any{map[string]any{"name": "envoy.filters.http.router", "typed_config": map[string]any{"@type": types + "filters.http.router.v3.Router"}}},
			},
		}}}},
	})
	out, err := yaml.Marshal(map[string]any{
		"admin": map[string]any{"address": at("127.0.0.1", 0)},
		"bootstrap_extensions": []any{map[string]any{"name": "envoy.bootstrap.internal_listener", "typed_config": map[string]any{
			"@type": types + "bootstrap.internal_listener.v3.InternalListener",
		}}},
		"static_resources": map[string]any{"listeners": listeners, "clusters": clusters},
	})
	require.NoError(t, err)
	return out
}
