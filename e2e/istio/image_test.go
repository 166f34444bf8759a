//go:build istio

package istio

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/internal/mesh"
	"github.com/sluice-gateway/sluice/internal/oci/layout"
	"github.com/sluice-gateway/sluice/render"
)

// TestImage has the agent fetch the module from a registry, in both forms that `make oci` writes.
func TestImage(t *testing.T) {
	dir := t.TempDir()
	digests, err := layout.Write(dir, wasm, nil)
	require.NoError(t, err)
	registry := serveLayout(t, dir)
	for _, row := range []struct {
		name   string
		kind   int // of kinds
		module string
		digest string
	}{
		{"image", 0, "oci://" + registry + "/sluice:image", digests.Image},
		{"artifact", 1, "oci://" + registry + "/sluice@sha256:" + digests.Artifact, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			k := kinds[row.kind]
			behind := startProviders(t, "alpha")
			g := newGateway(t)
			g.apply(t, rendered(t, behind.in(livePolicy, "<hold>", k.hold), render.IstioOptions{
				Shape: k.shape, API: k.api, Namespace: g.namespace, Selector: []string{"istio=" + g.namespace}, Gateways: []string{"llm"},
				Module: row.module, SHA256: row.digest,
			}))
			g.start(t, mesh.GatewayOptions{Env: append(credentials, "WASM_INSECURE_REGISTRIES="+registry)})
			g.serves(t)
			require.Equal(t, "It is alpha.", g.do(t, request{api: openAI, team: "somebody", prompt: "Say it.", stream: true}).text)
		})
	}
	require.NoError(t, mesh.Forget("oci://"+registry+"/sluice"))
}

// serveLayout is a registry, HOST:PORT, with an image layout as its one repository, sluice:
// https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md, "Pull".
func serveLayout(t *testing.T, dir string) string {
	t.Helper()
	var index struct {
		Manifests []struct {
			MediaType, Digest string
			Annotations       map[string]string
		}
	}
	text, err := os.ReadFile(filepath.Join(dir, "index.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &index))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		kind, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/v2/sluice/"), "/")
		if kind == "manifests" {
			for _, m := range index.Manifests {
				if name == m.Digest || name == m.Annotations["org.opencontainers.image.ref.name"] {
					w.Header().Set("Content-Type", m.MediaType)
					w.Header().Set("Docker-Content-Digest", m.Digest)
					name = m.Digest
				}
			}
		}
		digest, is := strings.CutPrefix(name, "sha256:")
		switch {
		case r.URL.Path == "/v2/":
		case is:
			http.ServeFile(w, r, filepath.Join(dir, "blobs", "sha256", filepath.Base(digest)))
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://")
}
