//go:build istio

package istio

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/sluice-gateway/sluice/internal/mesh"
)

// providerPolicies have a model, m, at other providers each, and in other orders.
var providerPolicies = map[string]string{
	"alpha":         alphaAlone + "models:\n  m: {targets: [{provider: alpha, model: gpt-4o-mini}]}\n",
	"beta":          alphaAndBeta + "models:\n  m: {targets: [{provider: beta, model: gpt-4o-mini}]}\n",
	"beta or alpha": alphaAndBeta + "models:\n  m: {targets: [{provider: beta, model: gpt-4o-mini}, {provider: alpha, model: gpt-4o-mini}], retry: {attempts: 2}}\n",
	"alpha or beta": alphaAndBeta + "models:\n  m: {targets: [{provider: alpha, model: gpt-4o-mini}, {provider: beta, model: gpt-4o-mini}], retry: {attempts: 2}}\n",
}

const (
	alphaAlone = `
version: 1
identity:
  team: {header: x-team, verified: true}
records: {access_log: true}
default_provider: alpha
providers:
  alpha: {dialect: openai, endpoint: http://alpha.providers.test:<alpha>, credential: {env: SLUICE_E2E_ALPHA_KEY}}
`
	alphaAndBeta = alphaAlone + "  beta: {dialect: openai, endpoint: http://beta.providers.test:<beta>, credential: {env: SLUICE_E2E_BETA_KEY}}\n"
)

// TestProviders changes which providers there are, and who is asked in which order, while
// clients call, in the three steps that a rendered file has at its top: no request fails. The
// route is for one name, so that the providers' hosts come and go too.
func TestProviders(t *testing.T) {
	behind := startProviders(t, "alpha", "beta")
	m := serveModules(t, map[string][]byte{"/one.wasm": wasm, "/two.wasm": anotherModule()})
	g := newGateway(t)
	g.host = "llm.example.com"
	objects := func(name, module string) string {
		o := g.options(m, module)
		o.Hosts = []string{g.host}
		return rendered(t, behind.in(providerPolicies[name]), o)
	}
	there := map[string]string{} // the cluster's objects with the label, by kind and name
	apply := func(text string) {
		g.apply(t, text)
		for _, document := range documentsOf(text, upstreamLabel) {
			there[nameOf(t, document)] = document
		}
	}
	apply(objects("alpha", "/one.wasm"))
	g.start(t, mesh.GatewayOptions{})
	g.serves(t)
	for _, row := range []struct{ to, module string }{
		{"beta", "/one.wasm"}, {"alpha", "/one.wasm"}, {"beta or alpha", "/one.wasm"},
		{"alpha or beta", "/one.wasm"}, // the same upstreams
		{"beta or alpha", "/two.wasm"}, {"beta", "/two.wasm"},
		{"alpha or beta", "/one.wasm"}, {"alpha", "/two.wasm"},
	} {
		to := row.to
		t.Run("to "+to+row.module, func(t *testing.T) {
			is := objects(to, row.module)
			l := g.loadOf("m")
			l.more(t, 20)

			first := documentsOf(is, upstreamLabel)
			added := g.stat(t, "cluster_manager.cluster_added")
			for _, document := range first {
				if _, is := there[nameOf(t, document)]; !is && strings.Contains(document, "applyTo: CLUSTER") {
					added++
				}
			}
			apply(strings.Join(first, "\n---\n"))
			soon(t, func() bool {
				return g.stat(t, "cluster_manager.cluster_added") >= added && g.stat(t, "cluster_manager.warming_clusters") == 0
			}, "the new clusters")
			l.more(t, 50)

			apply(is)
			soon(t, func() bool {
				s := g.do(t, request{api: openAI, model: "m", team: "who", prompt: "?"})
				return strings.HasPrefix(to, s.header.Get("x-sluice-provider"))
			}, "the new policy")
			l.more(t, 50)

			version := versionOf(t, first[0])
			for name, document := range there {
				if versionOf(t, document) != version {
					require.NoError(t, kube.Delete([]byte(document)))
					delete(there, name)
				}
			}
			require.Len(t, there, len(first), "what is left is what the file has")
			l.more(t, 50)
			require.Empty(t, l.end(), "no request failed, of %d", l.done.Load())
		})
	}
}

const upstreamLabel = "app.kubernetes.io/component: sluice-upstreams\n"

// anotherModule is one that does the same and has another checksum.
func anotherModule() []byte {
	return append(append([]byte(nil), wasm...), 0, 5, 4, 't', 'e', 's', 't') // a custom section that is called test
}

// metadata is what an object says of itself.
func metadata(t *testing.T, document string) (m struct {
	Kind     string
	Metadata struct {
		Name   string
		Labels map[string]string
	}
}) {
	t.Helper()
	require.NoError(t, yaml.Unmarshal([]byte(document), &m))
	return m
}

func nameOf(t *testing.T, document string) string {
	m := metadata(t, document)
	return m.Kind + "/" + m.Metadata.Name
}

func versionOf(t *testing.T, document string) string {
	return metadata(t, document).Metadata.Labels["app.kubernetes.io/version"]
}
