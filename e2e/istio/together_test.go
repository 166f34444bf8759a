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

// TestTogether has two gateways in one namespace, each with a rendering of its own, whose providers
// are at one host: each serves under its own policy, and what is done to one is not seen by the
// other. In the full shape one changes its providers in the steps that its file has at its top.
func TestTogether(t *testing.T) {
	for _, shape := range []render.Shape{render.Full, render.Plugin} {
		t.Run(string(shape), func(t *testing.T) {
			behind := startProviders(t, "alpha", "beta")
			m := serveModules(t, map[string][]byte{"/sluice.wasm": wasm})
			first := newGateway(t)
			second := gatewayIn(t, first.namespace, "second", first.namespace+"-second")
			objects := func(g *gateway, name, policy string) string {
				o := g.options(m, "/sluice.wasm")
				o.Shape, o.Name = shape, name
				if shape == render.Plugin {
					policy += "hold_headers: false\n"
				}
				return rendered(t, behind.in(policy), o)
			}
			// The same host, at which the second policy's provider has another port.
			theirs := func(policy, provider string) string {
				return strings.Replace(policy, "<alpha>", "<beta>", 1) + "models:\n  m: {targets: [{provider: " + provider + ", model: gpt-4o-mini}]}\n" +
					"budgets: [{name: few, per: [team], unit: tokens, limit: 1000, calendar: month}]\n"
			}
			own, other := objects(first, "", providerPolicies["alpha"]), objects(second, "second", theirs(alphaAlone, "alpha"))
			for _, document := range strings.Split(own, "\n---\n") {
				require.NotContains(t, names(t, other), nameOf(t, document), "neither takes the other's objects")
			}
			first.apply(t, own)
			r := rollout{gateway: second}
			r.all(t, other)
			first.start(t, mesh.GatewayOptions{})
			second.start(t, mesh.GatewayOptions{})
			first.serves(t)
			second.serves(t)

			each := func() {
				t.Helper()
				for g, answers := range map[*gateway]string{first: "It is alpha.", second: "It is beta."} {
					s := g.do(t, request{api: openAI, team: t.Name(), model: "m", prompt: "Say it.", more: `"max_tokens":5`})
					require.Equal(t, 200, s.status, s.body)
					require.Equal(t, answers, s.text)
				}
			}
			each()
			large := request{api: openAI, team: "large", model: "m", prompt: "?", more: `"max_tokens":2000`}
			require.Equal(t, 200, first.do(t, large).status)
			require.Equal(t, 429, second.do(t, large).status, "its own policy's budget")
			if shape == render.Plugin {
				return
			}

			// The second's model goes to another provider: new upstreams, the filter, the old ones away.
			l := first.loadOf("m")
			l.more(t, 20)
			is := objects(second, "second", theirs(alphaAndBeta, "beta"))
			r.upstreams(t, is)
			r.all(t, is)
			all := 0 // of the proxy's two workers, each of which has the filter when it is ready
			soon(t, func() bool {
				client.CloseIdleConnections() // the next may be the other worker's
				s, err := second.try(request{api: openAI, team: fmt.Sprint("who-", all), model: "m", prompt: "Say it.", more: `"max_tokens":5`})
				if err == nil && s.header.Get("x-sluice-provider") == "beta" {
					all++
				} else {
					all = 0
				}
				return all == 20
			}, "the new policy")
			r.clean(t, is)
			l.more(t, 50)
			each()
			require.Empty(t, l.end(), "no request of the first gateway's failed, of %d", l.done.Load())
		})
	}
}

// names are those of a file's objects, with their kinds.
func names(t *testing.T, file string) (all []string) {
	t.Helper()
	for _, document := range strings.Split(file, "\n---\n") {
		all = append(all, nameOf(t, document))
	}
	return all
}
