//go:build istio

package istio

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/internal/mesh"
	"github.com/sluice-gateway/sluice/render"
)

// livePolicy is what a plugin of either kind can serve: one provider, with <hold> true or false.
const livePolicy = `
version: 1
hold_headers: <hold>
providers:
  alpha: {dialect: openai, endpoint: http://alpha.providers.test:<alpha>, credential: {env: SLUICE_E2E_ALPHA_KEY}}
identity:
  team: {header: x-team, verified: true}
default_provider: alpha
budgets:
  - {name: tokens, per: [team], unit: tokens, limit: 100000, calendar: month, zone: UTC}
records: {access_log: true}
`

// load is clients that never stop, half of them with streams.
type load struct {
	stop    chan struct{}
	clients sync.WaitGroup
	done    atomic.Int64
	mu      sync.Mutex
	failed  map[string]int // by what was seen
}

func (g *gateway) load() *load { return g.loadOf("") }

// loadOf is load for a model.
func (g *gateway) loadOf(model string) *load {
	l := &load{stop: make(chan struct{}), failed: map[string]int{}}
	for i := range 6 {
		l.clients.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-l.stop:
					return
				default:
				}
				r := request{api: openAI, model: model, team: fmt.Sprintf("load-%d-%d", i, n/100), prompt: "Under load.", stream: n%2 == 0, more: `"max_tokens":20`,
					header: map[string]string{"x-mock-pace": "{per_event: 1ms}"}}
				s, err := g.try(r)
				l.done.Add(1)
				if err != nil || s.status != 200 || !s.whole || s.text == "" {
					l.mu.Lock()
					l.failed[fmt.Sprintf("%v %d %.120s", err, s.status, s.body)]++
					l.mu.Unlock()
				}
			}
		})
	}
	return l
}

// more waits for so many more requests.
func (l *load) more(t *testing.T, n int64) {
	t.Helper()
	until := l.done.Load() + n
	soon(t, func() bool { return l.done.Load() >= until }, "the load goes on")
}

// end stops the clients, and returns what has failed.
func (l *load) end() map[string]int {
	close(l.stop)
	l.clients.Wait()
	return l.failed
}

// kinds are the ways in which the filter comes to a gateway.
var kinds = []struct {
	name     string
	hold     string
	shape    render.Shape
	api      string
	resource string // its name, NS for the namespace
	unwanted string // of the kind to delete
}{
	{"full", "true", render.Full, "", "sluice", "EnvoyFilter"},
	{"wasmplugin", "false", render.Plugin, "WasmPlugin", "extensions.istio.io/trafficextension/NS.sluice~istio-translated-wasmplugin", "WasmPlugin"},
	{"trafficextension", "false", render.Plugin, "TrafficExtension", "extensions.istio.io/trafficextension/NS.sluice", "TrafficExtension"},
}

// TestLive changes everything that can be changed, while clients call: the policy, the module,
// both into what is broken, and takes the filter away.
func TestLive(t *testing.T) {
	m := map[string][]byte{
		"/one.wasm":     wasm,
		"/two.wasm":     anotherModule(),
		"/half.wasm":    wasm[:len(wasm)/2],
		"/garbage.wasm": []byte(strings.Repeat("garbage ", 1000)),
	}
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			behind := startProviders(t, "alpha")
			files := serveModules(t, m)
			g := newGateway(t)
			g.breaks = true
			policy := behind.in(livePolicy, "<hold>", k.hold)
			objects := func(policy, path string, change ...func(*render.IstioOptions)) string {
				o := g.options(files, path)
				o.Shape, o.API = k.shape, k.api
				for _, c := range change {
					c(&o)
				}
				return rendered(t, policy, o)
			}
			g.apply(t, objects(policy, "/one.wasm"))
			g.start(t, mesh.GatewayOptions{})
			g.serves(t)
			resource := "extension_config_discovery.http_filter." + strings.ReplaceAll(k.resource, "NS", g.namespace)
			count := func(what string) uint64 { return g.stat(t, resource+"."+what) }
			// A request that is refused says by which limit, and what is left.
			refused := func(team, header string) string {
				return g.do(t, request{api: openAI, team: team, prompt: "?", more: `"max_tokens":900000`}).header.Get("x-ratelimit-" + header + "-tokens")
			}
			limit := func() string { return refused("limit", "limit") }
			require.EqualValues(t, 1, count("update_success"))
			require.Equal(t, "100000", limit())

			l := g.load()
			l.more(t, 20)
			require.Equal(t, 200, g.do(t, request{api: openAI, team: "saver", prompt: "Spend some.", more: `"max_tokens":20`}).status)
			left, err := strconv.Atoi(refused("saver", "remaining"))
			require.NoError(t, err)

			// A new policy.
			policy = strings.Replace(policy, "limit: 100000", "limit: 90000", 1)
			g.apply(t, objects(policy, "/one.wasm"))
			soon(t, func() bool { return limit() == "90000" }, "the new policy")
			l.more(t, 20)
			require.Equal(t, strconv.Itoa(left-10_000), refused("saver", "remaining"), "what was spent stays spent")

			// A new module.
			g.apply(t, objects(policy, "/two.wasm"))
			soon(t, func() bool { return count("update_success") >= 3 }, "the new module")
			l.more(t, 20)
			require.EqualValues(t, 0, count("update_rejected"))

			// A module that is cut in half. Of the filter's two roles Envoy counts each.
			g.apply(t, objects(policy, "/half.wasm"))
			soon(t, func() bool { return count("update_rejected") >= 1 }, "half a module is refused")
			l.more(t, 20)
			require.Equal(t, "90000", limit(), "the old one serves")

			// A configuration that the module refuses.
			g.apply(t, strings.ReplaceAll(objects(policy, "/two.wasm"), "calendar", "almanac"))
			soon(t, func() bool { return strings.Contains(g.Log(), "render it again") }, "a configuration that cannot be read is refused")
			l.more(t, 20)
			require.Equal(t, "90000", limit(), "the old one serves")

			// And what is right again is taken.
			policy = strings.Replace(policy, "limit: 90000", "limit: 80000", 1)
			g.apply(t, objects(policy, "/two.wasm"))
			soon(t, func() bool { return limit() == "80000" }, "the policy after that")
			l.more(t, 20)
			require.Empty(t, l.end(), "no request failed, of %d", l.done.Load())

			t.Run("garbage", func(t *testing.T) {
				g.garbage(t, k.shape, count, func() { g.apply(t, objects(policy, "/garbage.wasm")) })
			})
			g.apply(t, objects(policy, "/two.wasm"))
			soon(t, func() bool { return limit() == "80000" })
			t.Run("removal", func(t *testing.T) { g.removal(t, k.shape, k.unwanted, objects, policy) })
		})
	}
}

// garbage is a module that is none, of which the agent sees that: it never comes to Envoy.
func (g *gateway) garbage(t *testing.T, shape render.Shape, count func(string) uint64, apply func()) {
	rejected := count("update_rejected")
	apply()
	if shape == render.Full {
		soon(t, func() bool { return count("update_rejected") > rejected }, "the agent's substitute is refused")
		s := g.do(t, request{api: openAI, team: t.Name(), prompt: "Say it."})
		require.Equal(t, 200, s.status, s.body)
		return
	}
	soon(t, func() bool {
		s, err := g.try(request{api: openAI, team: t.Name(), prompt: "Say it."})
		return err == nil && s.status == 403
	}, "nothing passes")
}

// removal takes the filter away under load, and no request fails to be answered: with a plugin
// requests go on to the provider, without it, and in the shape full the route says.
func (g *gateway) removal(t *testing.T, shape render.Shape, kind string, objects func(string, string, ...func(*render.IstioOptions)) string, policy string) {
	l := g.load()
	l.more(t, 20)
	all := objects(policy, "/two.wasm")
	require.NoError(t, kube.Delete([]byte(documentOf(t, all, kind))))
	want := 200
	if shape == render.Full {
		want = 503
	}
	soon(t, func() bool {
		s, err := g.try(request{api: openAI, team: t.Name(), prompt: "Say it."})
		return err == nil && s.status == want && s.header.Get("x-sluice-id") == ""
	}, "the filter is away")
	for what, n := range l.end() {
		require.True(t, shape == render.Full && strings.HasPrefix(what, "<nil> 503 "), "%d requests: %s", n, what)
	}
	if shape != render.Full {
		return
	}
	t.Run("unfiltered pass", func(t *testing.T) {
		all := objects(policy, "/two.wasm", func(o *render.IstioOptions) { o.Unfiltered = "pass" })
		g.apply(t, documentOf(t, all, "VirtualService"))
		soon(t, func() bool {
			s, err := g.try(request{api: openAI, team: t.Name(), prompt: "Say it."})
			return err == nil && s.status == 200 && s.header.Get("x-sluice-id") == ""
		}, "requests pass without the filter")
		g.apply(t, all)
		g.serves(t)
	})
}
