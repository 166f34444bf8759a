//go:build istio

package istio

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

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
	r := rollout{gateway: g}
	r.all(t, objects("alpha", "/one.wasm"))
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

			r.upstreams(t, is)
			l.more(t, 50)

			r.all(t, is)
			soon(t, func() bool {
				s := g.do(t, request{api: openAI, model: "m", team: "who", prompt: "?"})
				return strings.HasPrefix(to, s.header.Get("x-sluice-provider"))
			}, "the new policy")
			l.more(t, 50)

			r.clean(t, is)
			l.more(t, 50)
			require.Empty(t, l.end(), "no request failed, of %d", l.done.Load())
		})
	}
}

// anotherModule is one that does the same and has another checksum.
func anotherModule() []byte {
	return append(append([]byte(nil), wasm...), 0, 5, 4, 't', 'e', 's', 't') // a custom section that is called test
}
