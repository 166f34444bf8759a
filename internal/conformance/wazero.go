package conformance

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"github.com/sluice-gateway/sluice/cacheclient"
	"github.com/sluice-gateway/sluice/gateway"
	"github.com/sluice-gateway/sluice/internal/wasmhost"
	"github.com/sluice-gateway/sluice/internal/wasmhost/hosttest"
	"github.com/sluice-gateway/sluice/policy"
	"github.com/sluice-gateway/sluice/policy/normal"
	"github.com/sluice-gateway/sluice/policy/source"
)

// Wazero is a host of internal/wasmhost. On Envoy's rules a router with the provider role
// stands behind it; on Kong's each provider has a route, with a filter chain of its own, as
// they are rendered.
type Wazero struct {
	Tier    *Tier
	Profile wasmhost.Profile
	// EndWithLast has the last piece of a body carry its end; else that comes without a byte.
	EndWithLast bool
}

type wazero struct {
	Wazero
	policy    *policy.Policy // as far as the host can have it
	companion *url.URL
	providers *Providers
	vm        *wasmhost.VM
	now       time.Time

	edges  map[string]*wasmhost.Plugin // by provider; "" = of all
	router *wasmhost.Router            // on Envoy's rules
	kong   *kong                       // on Kong's

	records []string // that the companion got since the last request

	silent bool   // the last provider that was asked says no more
	hush   func() // and ends with this
}

// companionName is the companion's on Kong.
const companionName = "companion.internal"

// Start compiles the module, once in a test binary, and makes one virtual machine.
func (h Wazero) Start(t testing.TB, p *Policy, b *Backends) Gateway {
	t.Helper()
	providers, err := newProviders(false)
	require.NoError(t, err)
	at, err := url.Parse(b.Companion.URL)
	require.NoError(t, err)
	if h.Profile == wasmhost.Kong {
		p = &Policy{p.Name, recordedByCompanion(p.Text)}
	}
	parsed, err := source.Policy([]byte(b.Policy(p)))
	require.NoError(t, err)
	parsed, _, err = h.Tier.part(parsed)
	require.NoError(t, err)
	// A Monday in the middle of a month.
	g := &wazero{Wazero: h, policy: parsed, companion: at, providers: providers, hush: func() {},
		now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC), edges: map[string]*wasmhost.Plugin{}}
	options := wasmhost.Options{Profile: h.Profile, Clock: func() time.Time { return g.now }}
	if h.Profile == wasmhost.Kong {
		// The filter knows the companion by a name, as most have it.
		parsed.Companion.Endpoint.Host = companionName
		g.kong = renderedKong(t, parsed, h.Tier.Kong)
		options.BufferLimit, options.Conf = g.kong.bufferLimit, g.kong.conf
		if h.Tier.Kong != 0 {
			options.Version = fmt.Sprintf("3.%d.0", h.Tier.Kong)
		}
	} else {
		options.Env = Credentials
		options.BufferLimit = int(parsed.Limits.RequestBody) + 1<<20 // as it is rendered
	}
	g.vm, err = hosttest.Compile(t, hosttest.Filter).NewVM(options)
	require.NoError(t, err)
	t.Cleanup(func() { g.vm.Close() })
	if h.Profile == wasmhost.Kong {
		for provider, configuration := range g.kong.configs {
			g.edges[provider] = g.plugin(t, configuration)
		}
		return g
	}
	g.edges[""] = g.plugin(t, string(normal.Append([]byte(`{"role":"edge","policy":`), parsed))+"}")
	g.router = &wasmhost.Router{Edge: g.edges[""], Upstream: g.plugin(t, `{"role":"provider"}`), Header: gateway.ClusterHeader,
		Metadata: "xds.upstream_host_metadata.filter_metadata.sluice.provider", Composites: map[string][]string{}, Providers: map[string]wasmhost.Upstream{}}
	for _, order := range gateway.AttemptOrders(parsed) {
		g.router.Composites[gateway.AttemptsCluster(order)] = order
	}
	for _, provider := range parsed.Providers {
		up := g.upstream(provider.Name)
		g.router.Providers[provider.Name], g.router.Providers[gateway.ClusterPrefix+provider.Name] = up, up
	}
	return g
}

func (g *wazero) plugin(t testing.TB, configuration string) *wasmhost.Plugin {
	t.Helper()
	p, err := g.vm.Plugin([]byte(configuration))
	require.NoError(t, err, "%v", g.vm.Logs())
	return p
}

// upstream is a provider of the policy; nil where nobody listens.
func (g *wazero) upstream(provider string) wasmhost.Upstream {
	for _, p := range g.policy.Providers {
		if server := g.providers.servers[p.Endpoint.Host]; p.Name == provider && server != nil {
			return func(m wasmhost.Message) wasmhost.Response {
				if g.router != nil { // the rendered route removes it
					m.Headers = slices.DeleteFunc(slices.Clone(m.Headers), func(h [2]string) bool { return h[0] == gateway.ClusterHeader })
				}
				answer, end := ask(server, m)
				before := g.hush
				g.silent, g.hush = answer.Stalls, func() { before(); end() }
				answer.EndWithLast = g.EndWithLast
				return answer
			}
		}
	}
	return nil
}

func (g *wazero) Providers() *Providers { return g.providers }

func (g *wazero) Metrics(testing.TB) map[string]int64 {
	counters := map[string]int64{}
	for name, m := range g.vm.Metrics() {
		if m.Kind != "counter" {
			continue
		}
		parts := strings.Split(strings.TrimSuffix(name, ";"), ";")
		labels := parts[1:]
		slices.Sort(labels)
		for i, l := range labels {
			key, value, _ := strings.Cut(l, "=")
			labels[i] = key + `="` + value + `"`
		}
		counters[parts[0]+"{"+strings.Join(labels, ",")+"}"] += m.Value
	}
	return counters
}

// patience is how long the router waits for an attempt: per_try of the model hurried.
const patience = 2 * time.Second

// Do runs an exchange to its end, with all that has to happen meanwhile.
func (g *wazero) Do(t testing.TB, r Request, _ bool) Seen {
	t.Helper()
	g.silent, g.records = false, nil
	defer func() { g.hush(); g.hush = func() {} }()
	s, timeOver, advance := g.begin(r.overHTTP1(g.EndWithLast), r.LeavesEarly)
	began := g.now
	for range 20_000 {
		c := s.Client()
		if c.End || c.Reset {
			break
		}
		switch calls := g.calls(); {
		case len(calls) > 0:
			require.NoError(t, calls[0].Answer(g.answer(t, calls[0])))
		case g.silent && (r.Leaves != "" || r.LeavesFirst && c.Headers == nil):
			require.Contains(t, string(c.Body()), r.Leaves)
			s.Abort()
		case g.silent && g.now.Sub(began) > patience:
			timeOver()
		default:
			g.tick(t)
		}
		advance()
	}
	c := s.Client()
	require.NoError(t, s.Trapped(), "%s", s.Trace())
	require.Equal(t, r.Header["expect"] != "" && len(s.Upstream().Chunks) > 0, s.Continued(), "a client that asks is told to send its body")
	require.True(t, c.End || c.Reset, "it hangs:\n%s", s.Trace())
	require.Equal(t, 1, g.vm.Starts())
	g.afterwards(t)

	seen := Seen{Status: c.Status(), Header: http.Header{}, Body: string(c.Body()), Broken: c.Reset && !r.leaves(),
		Bodiless: bodiless(r.method(), c.Status()), Left: r.leaves()}
	if g.router != nil && c.Reset && c.Headers == nil && !r.leaves() {
		// The filter held all of the answer, and Envoy gives one of its own.
		seen.Status, seen.Broken = 502, false
	}
	for _, h := range c.Headers {
		if !strings.HasPrefix(h[0], ":") {
			seen.Header.Add(h[0], h[1])
		}
	}
	if g.kong == nil {
		seen.Record = s.FilterState()["sluice_record"]
	} else if len(g.records) > 0 {
		require.Len(t, g.records, 1, "one request, one record")
		seen.Record = g.records[0]
	}
	return seen
}

// begin sends a request, or as much of it as comes before its client leaves. The results are
// its stream, the end of the router's patience with an attempt, and what follows of a step.
func (g *wazero) begin(r wasmhost.Request, leaves bool) (s *wasmhost.Stream, timeOver, advance func()) {
	send := func(s *wasmhost.Stream) {
		if !leaves {
			s.Send(r)
			return
		}
		s.RequestHeaders(r.Headers, false)
		s.RequestBody(r.Body[0], false)
		s.Abort()
	}
	if g.router != nil {
		r.Headers = slices.DeleteFunc(r.Headers, func(h [2]string) bool {
			return h[0] == "Transfer-Encoding" // which Envoy sees to itself
		})
		x := g.router.NewRequest(r.Properties)
		send(x.Edge)
		return x.Edge, x.TimeOver, func() {}
	}
	provider := g.route(r)
	r = g.kong.arriving(r, provider)
	up := func(m wasmhost.Message) wasmhost.Response {
		if server := g.upstream(provider); server != nil {
			return server(g.kong.leaving(m, r))
		}
		return wasmhost.Response{} // no connection
	}
	s = g.edges[provider].NewStream(r.Properties)
	send(s)
	s.Respond(up)
	return s, func() { s.UpstreamReset() }, func() {
		if !g.silent {
			s.Respond(up)
		}
	}
}

// route is the route of Kong's that a client takes: that of the first provider of the
// model, or else of the default one.
func (g *wazero) route(r wasmhost.Request) string {
	asked := gjson.GetBytes(bytes.Join(r.Body, nil), "model").Str
	for _, m := range g.policy.Models {
		if m.Name == asked {
			return m.Targets[0].Provider
		}
	}
	if g.policy.DefaultProvider != "" {
		return g.policy.DefaultProvider
	}
	return g.policy.Providers[0].Name
}

func (g *wazero) plugins() (all []*wasmhost.Plugin) {
	for _, p := range g.edges {
		all = append(all, p)
	}
	if g.router != nil {
		all = append(all, g.router.Upstream)
	}
	return all
}

func (g *wazero) calls() (open []*wasmhost.Call) {
	for _, p := range g.plugins() {
		open = append(open, p.Calls()...)
	}
	return open
}

// tick has as much time pass as the next of the filter's ticks takes.
func (g *wazero) tick(t testing.TB) {
	t.Helper()
	next := time.Second
	for _, p := range g.plugins() {
		if period := time.Duration(p.TickPeriod()) * time.Millisecond; period > 0 {
			next = min(next, period)
		}
	}
	g.now = g.now.Add(next)
	for _, p := range g.plugins() {
		require.NoError(t, p.Tick())
	}
}

// afterwards is what the filter has to do when a stream has ended: what it keeps, and what
// it tells the companion.
func (g *wazero) afterwards(t testing.TB) {
	t.Helper()
	for range 5 {
		g.tick(t)
		for calls := g.calls(); len(calls) > 0; calls = g.calls() {
			require.NoError(t, calls[0].Answer(g.answer(t, calls[0])))
		}
	}
}

// answer makes a call of the filter's over HTTP. A host that nobody knows, and one where
// nobody listens, are calls that fail.
func (g *wazero) answer(t testing.TB, c *wasmhost.Call) wasmhost.CallAnswer {
	t.Helper()
	to, _, _ := strings.Cut(c.Upstream, ":")
	if c.Upstream == companionName+":"+g.companion.Port() || c.Upstream == gateway.CompanionCluster && g.Profile == wasmhost.Envoy {
		return g.askCompanion(t, c)
	}
	for _, p := range g.policy.Providers {
		if to != gateway.ClusterPrefix+p.Name && (to != p.Endpoint.Host || g.Profile == wasmhost.Envoy) {
			continue
		}
		if up := g.upstream(p.Name); up != nil {
			a := up(wasmhost.Message{Headers: c.Headers, Chunks: [][]byte{c.Body}, End: true})
			return wasmhost.CallAnswer{Headers: a.Headers, Body: bytes.Join(a.Body, nil), Trailers: a.Trailers}
		}
		break
	}
	return wasmhost.CallAnswer{}
}

func (g *wazero) askCompanion(t testing.TB, c *wasmhost.Call) wasmhost.CallAnswer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), c.Headers.Get(":method"), g.companion.String()+c.Headers.Get(":path"), bytes.NewReader(c.Body))
	require.NoError(t, err)
	for _, h := range c.Headers {
		if !strings.HasPrefix(h[0], ":") {
			r.Header.Add(h[0], h[1])
		}
	}
	if c.Headers.Get(":path") == cacheclient.RecordsPath {
		g.records = append(g.records, strings.Split(strings.TrimSpace(string(c.Body)), "\n")...)
	}
	res, err := client.Do(r)
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	a := wasmhost.CallAnswer{Headers: wasmhost.Headers{{":status", res.Status[:3]}}, Body: body}
	for name, values := range res.Header {
		a.Headers = append(a.Headers, [2]string{name, values[0]})
	}
	return a
}
