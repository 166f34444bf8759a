package render_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/internal/istiotest"
	"github.com/sluice-gateway/sluice/policy/normal"
)

// Everything that is rendered for Istio passes Istio's own validation without a warning, and
// what it changes of Envoy's configuration the rules of Envoy's API.
func TestIstioAccepts(t *testing.T) {
	files := meshFiles(t)
	for file, text := range istioExamples(t) {
		files[file] = text
	}
	for _, file := range []string{"gateway.yaml", "authentication.yaml"} {
		byHand, err := os.ReadFile("../examples/istio/" + file)
		require.NoError(t, err)
		files[file] = string(byHand)
	}
	for file, text := range files {
		said, good := istiotest.Validate(t, text)
		require.True(t, good, "%s:\n%s", file, said)
		require.Regexp(t, `^[0-9]+ objects\n$`, said, file)
	}
}

// It sees what is wrong: a validator that lets everything by would not.
func TestIstioRefuses(t *testing.T) {
	files := meshFiles(t)
	for _, row := range []struct{ file, from, to, want string }{
		{"istio-full.yaml", "applyTo: HTTP_FILTER", "applyTo: HTTP_FILTERS", "HTTP_FILTERS"},
		{"istio-full.yaml", "operation: INSERT_BEFORE", "operation: INVALID", "missing patch operation"},
		{"istio-full.yaml", "failure_policy: FAIL_RELOAD", "failure_policy: FAIL_SOON", "FAIL_SOON"},
		{"istio-full.yaml", "allow_on_headers_stop_iteration: true", "allow_on_header_stop_iteration: true", "allow_on_header_stop_iteration"},
		{"istio-full.yaml", "filters.http.wasm.v3.Wasm", "filters.http.wasm.v3.Wasp", "Wasp"},
		{"istio-full.yaml", "connect_timeout: 5s", "connect_timeout: -5s", "ConnectTimeout"},
		{"istio-full.yaml", "cluster_header: x-sluice-cluster", "cluster_header: ''", "ClusterHeader"},
		{"istio-full.yaml", "per_connection_buffer_limit_bytes: 9437184", "per_connection_buffer_limit_byte: 9437184", "per_connection_buffer_limit_byte"},
		{"istio-full.yaml", "uri: oci://registry.example/sluice:1.0", "uri: ''", "Uri"},
		{"istio-full.yaml", "timeout: 30s", "timeout: 0.1s", "Istio's agent"},
		{"istio-full.yaml", "\"tag_name\": \"team\"", "\"tagname\": \"team\"", "custom_bootstrap.json"},
		{"istio-full.yaml", "address: api.openai.com", "address: ''", "Address"},
		{"istio-full.yaml", "mode: SIMPLE", "mode: SIMPEL", "SIMPEL"},
		{"istio-full.yaml", "location: MESH_EXTERNAL", "place: MESH_EXTERNAL", "place"},
		{"istio-full.yaml", "status: 503", "status: 53", "HTTP status"},
		{"istio-full.yaml", "- llm\n", "- llm/x/y\n", "gateway"},
		{"istio-full.yaml", "automountServiceAccountToken", "automountServiceAccountTokens", "automountServiceAccountTokens"},
		{"istio-full.yaml", "runAsUser: 65532", "runAsUser: nobody", "runAsUser"},
		{"istio-full.yaml", "podSelector:", "podsSelector:", "podsSelector"},
		{"istio-full.yaml", "name: sluice-companion\n", "name: Sluice_companion\n", "metadata.name"},
		{"istio-plugin.yaml", "sha256: " + someDigest, "sha256: x", "sha256"},
		{"istio-plugin.yaml", "failStrategy: FAIL_RELOAD", "failStrategy: RELOAD", "RELOAD"},
		{"istio-plugin.yaml", "phase: STATS", "phase: LATE", "LATE"},
		{"istio-plugin.yaml", "valueFrom: HOST", "valueFrom: HOST, value: x", "value may only be set"},
		{"istio-plugin.yaml", "url: ", "uri: ", "uri"},
		{"istio-target.yaml", "kind: Service\n", "kind: Pod\n", "Pod"},
		{"istio-extension.yaml", "  wasm:", "  lua:", "LuaConfig"},
	} {
		text := strings.Replace(files[row.file], row.from, row.to, 1)
		require.NotEqual(t, files[row.file], text, "%s has no %q", row.file, row.from)
		said, good := istiotest.Validate(t, text)
		require.False(t, good, "%s with %q", row.file, row.to)
		require.Contains(t, said, row.want)
	}
	twice := files["istio-plugin.yaml"] + "---\n" + files["istio-plugin.yaml"]
	said, good := istiotest.Validate(t, twice)
	require.False(t, good)
	require.Contains(t, said, "there are two of them")
	_, good = istiotest.Validate(t, "# nothing\n")
	require.False(t, good)
}

// A policy that has been through kubectl's YAML, Istio's protobuf Struct, whose numbers are
// floats, and its JSON is the one that was written.
func TestThePolicyArrivesThroughIstio(t *testing.T) {
	files := meshFiles(t)
	want := normal.Append(nil, parsed(t, pluginPolicy))
	for _, file := range []string{"istio-plugin.yaml", "istio-extension.yaml"} {
		said, good := istiotest.Validate(t, files[file], "plugin")
		require.True(t, good, said)
		from := strings.Index(said, `"policy":`) + len(`"policy":`)
		to := strings.LastIndex(said, `,"role":"edge"}`)
		require.Positive(t, to, said)
		p, err := normal.Read([]byte(said[from:to]))
		require.NoError(t, err, said)
		require.Equal(t, string(want), string(normal.Append(nil, p)))
	}
}
