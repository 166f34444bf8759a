package e2e

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/sluice-gateway/sluice/internal/envoy"
	"github.com/sluice-gateway/sluice/render"
)

// What an Istio gateway makes of a rendered EnvoyFilter, in a stock Envoy without Istio: the
// patches are merged into the least that a gateway has, and the filter in both of its roles
// comes as a resource of its own, from a file in place of istiod.

type object = map[string]any

// patched is a bootstrap with the EnvoyFilter's patches in it, but for those that apply to what
// misses names, as if they matched nothing. The files of the resources are put into dir.
func patched(t *testing.T, text, dir string, misses ...string) []byte {
	t.Helper()
	base := object{"match": object{"prefix": "/"}, "name": "sluice", "direct_response": object{"status": 503}}
	beside := object{"match": object{"prefix": "/beside"}, "name": "beside", "direct_response": object{"status": 418, "body": object{"inline_string": "a teapot"}}}
	manager := object{"stat_prefix": "x", "use_remote_address": true, "access_log": []any{}}
	filters := []any{object{"name": "envoy.filters.http.router", "typed_config": object{"@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"}}}
	listener := object{"name": render.ListenerName, "address": object{"socket_address": object{"address": "127.0.0.1", "port_value": 0}}}
	clusters := []any{}
	route := objectsOf(t, text, "VirtualService")[0]["spec"].(object)["http"].([]any)[0].(object)
	base["request_headers_to_remove"] = route["headers"].(object)["request"].(object)["remove"]
	var patches []any
	for _, filter := range objectsOf(t, text, "EnvoyFilter") {
		patches = append(patches, filter["spec"].(object)["configPatches"].([]any)...)
	}
	for _, patch := range patches {
		p := patch.(object)
		value := p["patch"].(object)["value"].(object)
		if slices.Contains(misses, p["applyTo"].(string)) {
			continue
		}
		switch p["applyTo"] {
		case "EXTENSION_CONFIG":
			resource := object{"resources": []any{merge(object{"@type": "type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig"}, value)}}
			out, err := yaml.Marshal(resource)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(filepath.Join(dir, value["name"].(string)+".yaml"), out, 0o600))
		case "HTTP_FILTER":
			filters = append([]any{fromFile(dir, value)}, filters...)
		case "LISTENER":
			merge(listener, value)
		case "NETWORK_FILTER":
			merge(manager, value["typed_config"].(object))
		case "HTTP_ROUTE":
			delete(base, "direct_response") // the other of the two actions
			merge(base, value)
		case "CLUSTER":
			clusters = append(clusters, fromFile(dir, value))
		default:
			require.Fail(t, "a patch that this test does not know", "%v", p["applyTo"])
		}
	}
	manager["http_filters"] = filters
	manager["route_config"] = object{"virtual_hosts": []any{object{"name": "x", "domains": []any{"*"}, "routes": []any{beside, base}}}}
	listener["filter_chains"] = []any{object{"filters": []any{object{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}}}}
	out, err := yaml.Marshal(object{
		"node":             object{"id": "x", "cluster": "x"},
		"admin":            object{"address": object{"socket_address": object{"address": "127.0.0.1", "port_value": 0}}},
		"static_resources": object{"listeners": []any{listener}, "clusters": clusters},
	})
	require.NoError(t, err)
	return out
}

func objectsOf(t *testing.T, text, kind string) (all []object) {
	for documents := yaml.NewDecoder(strings.NewReader(text)); ; {
		var o object
		err := documents.Decode(&o)
		if errors.Is(err, io.EOF) {
			return all
		}
		require.NoError(t, err)
		if o["kind"] == kind {
			all = append(all, o)
		}
	}
}

// merge is Istio's: objects into each other, lists behind each other.
func merge(into, from object) object {
	for name, value := range from {
		switch old := into[name].(type) {
		case object:
			merge(old, value.(object))
		case []any:
			into[name] = append(old, value.([]any)...)
		default:
			into[name] = value
		}
	}
	return into
}

// fromFile has each filter that istiod would serve come from a file.
func fromFile(dir string, value any) any {
	switch v := value.(type) {
	case object:
		if discovery, ok := v["config_discovery"].(object); ok {
			source := discovery["config_source"].(object)
			delete(source, "ads")
			source["path_config_source"] = object{"path": filepath.Join(dir, v["name"].(string)+".yaml")}
		}
		for _, inside := range v {
			fromFile(dir, inside)
		}
	case []any:
		for _, inside := range v {
			fromFile(dir, inside)
		}
	}
	return value
}

// startPatched starts an Envoy so patched, with the providers of the policy `routed`.
func startPatched(t *testing.T, version string, misses ...string) *gateway {
	t.Helper()
	g := &gateway{version: version}
	require.NoError(t, g.startProviders())
	require.NoError(t, g.startOthers(routed))
	var err error
	g.policy, err = g.read(routed)
	require.NoError(t, err)
	var objects bytes.Buffer
	require.NoError(t, render.Istio(&objects, g.policy, render.IstioOptions{
		Module: "file://" + wasm, Selector: []string{"istio=ingress"}, Gateways: []string{"llm"}, CAFile: roots,
	}))
	binary, err := envoy.Path(version)
	require.NoError(t, err)
	g.envoy, err = envoy.Start(context.Background(), envoy.Options{
		Binary: binary, Bootstrap: patched(t, objects.String(), t.TempDir(), misses...), Concurrency: 2, Env: append(otherCredentials(), credentials...),
	})
	require.NoError(t, err)
	g.url = "http://" + g.envoy.Listener(render.ListenerName)
	return g
}

// TestIstioPatches holds that the EnvoyFilter's parts do in Envoy what they are there for.
func TestIstioPatches(t *testing.T) {
	t.Parallel()
	for _, version := range envoy.TestVersions() {
		t.Run("envoy "+version, func(t *testing.T) {
			g := startPatched(t, version)
			defer func() { require.NoError(t, g.stop()) }()

			// One attempt, through a provider's own cluster.
			a, prompt := g.call(t, call{client: openAI, model: "steady", at: map[string]string{"alpha": "free"}})
			require.Equal(t, 200, a.status, a.body)
			checkAsked(t, g, g.asked(t, "alpha", a.name)[0], "alpha", "gpt-4o-mini", prompt, false)
			require.Equal(t, "complete", g.record(t, a.name).End)

			// Another dialect: the filter in front of the provider, which has come by itself.
			for _, stream := range []bool{false, true} {
				a, _ = g.call(t, call{client: openAI, model: "over-anthropic", stream: stream, at: map[string]string{"beta": "free"}})
				require.Equal(t, 200, a.status, a.body)
				require.Equal(t, "beta-ant", a.header.Get("x-sluice-provider"))
				require.Empty(t, a.header.Get("x-sluice-retry"))
			}

			// What Envoy answers by itself on our route has the dialect's form; what is beside it is
			// left alone, and does not pass through Sluice.
			a, _ = g.call(t, call{client: openAI, model: "steady", at: map[string]string{"alpha": "closed_first"}})
			require.Equal(t, 502, a.status, a.body)
			require.Contains(t, a.body, `"code":"gateway_error"`)
			a = g.send(t, request{path: openAI.path, body: openAI.body(strings.Repeat("x", 12<<20), false, `"max_tokens":5`)})
			require.Equal(t, 413, a.status, a.body)
			require.Contains(t, a.body, "limits.request_body", "it is the filter that answers")
			a = g.send(t, request{path: "/beside", body: "x"})
			require.Equal(t, 418, a.status)
			require.Equal(t, "a teapot", a.body)
			require.Empty(t, a.header.Get("x-sluice-id"))
		})
	}
}

// TestIstioPatchesInPart has the route changed and no filter in front of it, as a new Istio may
// do with an EnvoyFilter: then the route leads nowhere, whatever cluster a client names.
func TestIstioPatchesInPart(t *testing.T) {
	t.Parallel()
	for _, version := range envoy.TestVersions() {
		t.Run("envoy "+version, func(t *testing.T) {
			g := startPatched(t, version, "HTTP_FILTER")
			defer func() { require.NoError(t, g.stop()) }()
			for _, named := range []string{"", "sluice_provider_alpha"} {
				r := request{path: openAI.path, body: openAI.body("Say it.", false, `"max_tokens":5`)}
				if named != "" {
					r.header = map[string]string{"x-sluice-cluster": named}
				}
				a := g.send(t, r)
				require.Equal(t, 503, a.status, "%q: %s", named, a.body)
				require.Contains(t, a.body, "cluster_not_found")
				require.Empty(t, a.header.Get("x-sluice-id"))
			}
		})
	}
}
