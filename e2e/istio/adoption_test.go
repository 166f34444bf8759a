//go:build istio

package istio

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/sluice-gateway/sluice/internal/mesh"
)

// An Istio gateway that has a route to OpenAI becomes one with Sluice in it by the steps of
// docs/istio.md, and back.
func TestAdoption(t *testing.T) {
	page, err := os.ReadFile("../../docs/istio.md")
	require.NoError(t, err)
	var blocks []string
	for _, b := range regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllSubmatch(page, -1) {
		blocks = append(blocks, string(b[1]))
	}
	require.Len(t, blocks, 3)
	behind := startProviders(t, "alpha", "beta")
	g := newGateway(t)
	g.host = "llm.example.com"
	alpha := "alpha.providers.test"
	before := strings.NewReplacer("namespace: edge", "namespace: "+g.namespace, "gateways: [edge]", "gateways: [llm]", "host: api.openai.com", "host: "+alpha,
		"number: 443", "number: "+portOf(behind["alpha"].Addr()), "authority: api.openai.com", "authority: "+alpha).Replace(blocks[0])
	g.apply(t, before+fmt.Sprintf(`
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: openai, namespace: %s}
spec: {hosts: [%s], location: MESH_EXTERNAL, resolution: DNS, ports: [{number: %s, name: http, protocol: HTTP}]}
`, g.namespace, alpha, portOf(behind["alpha"].Addr())))
	m := serveModules(t, map[string][]byte{"/sluice.wasm": wasm})
	g.start(t, mesh.GatewayOptions{})

	r := request{api: openAI, team: "search", prompt: "Write to ada@example.com.", header: map[string]string{"x-app": "search"}}
	others := r
	others.header = nil
	asked := func(r request, through bool) {
		t.Helper()
		var s seen
		soon(t, func() bool {
			s, err = g.try(r)
			return err == nil && s.status == 200 && (s.header.Get("x-sluice-id") != "") == through
		}, "it passes")
		require.Equal(t, "It is alpha.", s.text)
		sent := lastOf(behind["alpha"])
		require.Contains(t, string(sent.Body), r.prompt, "nothing is enforced")
		require.Equal(t, "Bearer "+clientKey, sent.Header.Get("authorization"), "with the caller's own key")
	}
	asked(r, false)

	// 2. Beside what there is, which goes on as before.
	policy := strings.Replace(blocks[1], "https://api.openai.com", "http://"+alpha+":"+portOf(behind["alpha"].Addr()), 1)
	o := g.options(m, "/sluice.wasm")
	o.Hosts, o.Unfiltered = []string{"sluice.example.com"}, "pass"
	objects := rendered(t, policy, o)
	var kept []string
	for _, document := range strings.Split(objects, "\n---\n") {
		if !strings.Contains(document, "kind: ServiceEntry\n") {
			kept = append(kept, document)
		}
	}
	objects = strings.Join(kept, "\n---\n")
	g.apply(t, objects)
	beside := *g
	beside.host = "sluice.example.com"
	beside.serves(t)
	asked(r, false)

	// 3. One application's calls through it.
	ours := documentOf(t, objects, "VirtualService")
	route := strings.SplitN(ours, "\n  http:\n", 2)[1]
	var routes []map[string]any
	require.NoError(t, yaml.Unmarshal([]byte(route), &routes))
	var of struct {
		HTTP []map[string]any `yaml:"http"`
	}
	require.NoError(t, yaml.Unmarshal([]byte(blocks[2]), &of))
	require.Len(t, of.HTTP, 2)
	require.Equal(t, routes[0]["name"], of.HTTP[0]["name"])
	routes[0]["match"] = of.HTTP[0]["match"]
	var through map[string]any
	require.NoError(t, yaml.Unmarshal([]byte(before), &through))
	spec := through["spec"].(map[string]any)
	spec["http"] = append([]any{routes[0]}, spec["http"].([]any)...)
	text, err := yaml.Marshal(through)
	require.NoError(t, err)
	g.apply(t, string(text))
	asked(r, true)
	asked(others, false)

	// Without the filter the application's calls go on, as they did.
	filter := documentOf(t, objects, "EnvoyFilter")
	require.NoError(t, kube.Delete([]byte(filter)))
	asked(r, false)
	g.apply(t, filter)
	asked(r, true)

	// More providers: what is rewritten while the filter is not there is not while it is.
	more := strings.Replace(policy, "default_provider:", "  beta: {dialect: openai, endpoint: "+behind.in("http://beta.providers.test:<beta>")+"}\nmodels: {other: {targets: [{provider: beta, model: gpt-4o-mini}]}}\ndefault_provider:", 1)
	g.apply(t, rendered(t, more, o))
	other := r
	other.model = "other"
	soon(t, func() bool {
		s, err := beside.try(other)
		return err == nil && s.text == "It is beta."
	}, "the other provider")
	require.Equal(t, behind.in("beta.providers.test:<beta>"), lastOf(behind["beta"]).Host)

	// Back.
	g.apply(t, before)
	asked(r, false)
	require.NoError(t, kube.Delete([]byte(filter)))
	asked(r, false)
}
