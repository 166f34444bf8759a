package main_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"github.com/sluice-gateway/sluice/gateway"
	"github.com/sluice-gateway/sluice/internal/wasmhost"
	"github.com/sluice-gateway/sluice/policy/source"
)

// several is a policy with a model that two providers serve, in their order.
const several = `
version: 1
providers:
  first:  {dialect: openai, endpoint: "https://first.example", credential: {env: OPENAI_API_KEY}}
  second: {dialect: openai, endpoint: "https://second.example/base", credential: {env: ANTHROPIC_API_KEY}}
models:
  gpt-4o:
    targets: [{provider: first, model: gpt-4o}, {provider: second, model: gpt-4o}]
    retry: {attempts: 2, per_try: 2s, first_token: 1s}
    cooldown: {after: 1000, base: 1ms, max: 1ms}
  again:
    targets: [{provider: first, model: gpt-4o}]
    retry: {attempts: 3, per_try: 20s, first_token: 20s}
    cooldown: {after: 1000, base: 1ms, max: 1ms}
identity:
  team: {header: x-team, verified: true}
budgets:
  - {name: team-month, per: [team], unit: tokens, limit: 100000, calendar: month, zone: UTC}
`

// chain is a machine with both roles in it, behind them a router.
type chain struct {
	*machine
	provider *wasmhost.Plugin
	router   *wasmhost.Router
	asked    []asked // what has left the gateway, in order
}

// asked is a request as a provider got it.
type asked struct {
	provider string
	wasmhost.Message
}

// behind puts the provider role into a machine, and providers behind that.
func behind(m *machine, policy string, providers map[string]wasmhost.Upstream) *chain {
	m.t.Helper()
	plugin, err := m.vm.Plugin([]byte(`{"role":"provider"}`))
	require.NoError(m.t, err)
	c := &chain{machine: m, provider: plugin}
	c.router = &wasmhost.Router{Edge: m.plugin, Upstream: plugin, Header: gateway.ClusterHeader,
		Metadata: "xds.upstream_host_metadata.filter_metadata.sluice.provider", Composites: composites(m.t, policy), Providers: map[string]wasmhost.Upstream{}}
	for name, up := range providers {
		c.serve(name, up)
	}
	return c
}

func (c *chain) serve(name string, up wasmhost.Upstream) {
	c.router.Providers[name] = up
	if up != nil {
		c.router.Providers[name] = func(m wasmhost.Message) wasmhost.Response {
			c.asked = append(c.asked, asked{name, m})
			return up(m)
		}
	}
}

// composites are the clusters that `sluice render` makes for a policy.
func composites(t testing.TB, text string) map[string][]string {
	t.Helper()
	p, err := source.Policy([]byte(text))
	require.NoError(t, err)
	clusters := map[string][]string{}
	for _, providers := range gateway.AttemptOrders(p) {
		clusters[gateway.AttemptsCluster(providers)] = providers
	}
	return clusters
}

func startChain(t testing.TB, policy string, providers map[string]wasmhost.Upstream, change ...func(*wasmhost.Options)) *chain {
	t.Helper()
	return behind(startOn(t, envoy, policy, change...), policy, providers)
}

// later has time pass, and both roles' ticks come as they have asked for them.
func (c *chain) later(d time.Duration) {
	c.t.Helper()
	end := c.now.Add(d)
	for {
		next := end
		for _, p := range []*wasmhost.Plugin{c.plugin, c.provider} {
			if period := time.Duration(p.TickPeriod()) * time.Millisecond; period > 0 && c.now.Add(period).Before(next) {
				next = c.now.Add(period)
			}
		}
		c.now = next
		require.NoError(c.t, c.plugin.Tick())
		require.NoError(c.t, c.provider.Tick())
		if !next.Before(end) {
			return
		}
	}
}

// done holds what is true of any request that is over, and returns its record.
func (c *chain) done(x *wasmhost.Routed) string {
	c.t.Helper()
	require.NoError(c.t, x.Edge.Trapped(), "%s", x.Edge.Trace())
	require.True(c.t, x.Edge.Client().End || x.Edge.Client().Reset, "%s", x.Edge.Trace())
	require.Equal(c.t, 1, c.vm.Starts())
	for _, a := range c.asked {
		require.NotContains(c.t, a.Headers.Get("authorization"), "theirs", "the client's credential stays here")
		key := map[string]string{"first": "Bearer sk-ours", "second": "Bearer sk-ant-ours"}[a.provider]
		require.Equal(c.t, key, a.Headers.Get("authorization"))
		require.Equal(c.t, a.provider+".example", a.Headers.Get(":authority"))
		for _, h := range a.Headers {
			require.False(c.t, strings.HasPrefix(h[0], "x-sluice-") || strings.HasPrefix(h[0], "x-envoy-"), h[0])
		}
		if length := a.Headers.Get("content-length"); length != "" {
			require.EqualValues(c.t, len(a.Body()), gjson.Parse(length).Int())
		}
	}
	for _, h := range x.Edge.Client().Headers {
		require.NotEqual(c.t, gateway.RetryHeader, h[0])
	}
	rec := record(c.t, x.Edge)
	require.NotContains(c.t, rec, "sk-")
	return rec
}

// failure is a way in which a provider fails before it has sent any content.
type failure struct {
	name   string
	up     wasmhost.Upstream
	reason string // in the record
	status int    // for the client, where it is the last attempt's
	code   string
	wait   time.Duration // until the router's patience is over
	costs  bool          // what it used is charged
}

const goOn = `{"id":"c1","object":"chat.completion.chunk","model":"gpt-4o","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]`

// of both kinds of answer
var failures = []failure{
	{name: "429", up: answers("429", "application/json", `{"error":{"message":"slow down"}}`), reason: "rate_limited", status: 429},
	{name: "500", up: answers("500", "application/json", `{"error":{`, `"message":"oops"}}`), reason: "unavailable", status: 500},
	{name: "503 of a proxy", up: answers("503", "text/html", "<html>"), reason: "unavailable", status: 503},
	{name: "401", up: answers("401", "application/json", `{"error":{"message":"bad key sk-ours"}}`), reason: "credential_refused", status: 401},
	{name: "no body", up: answers("503", "text/plain"), reason: "unavailable", status: 503},
	{name: "no connection to ask for", reason: "unavailable", status: 503, code: "upstream_unavailable"},
	{name: "closed", up: func(wasmhost.Message) wasmhost.Response { return wasmhost.Response{} }, reason: "unavailable", status: 503, code: "upstream_unavailable"},
	{name: "silent", up: func(wasmhost.Message) wasmhost.Response { return wasmhost.Response{Stalls: true} }, reason: "timeout", status: 504, code: "upstream_timeout", wait: 2 * time.Second, costs: true},
	{name: "a page", up: answers("200", "text/html", "<html>"), reason: "unreadable", status: 502, code: "upstream_unreadable", costs: true},
}

var streamFailures = []failure{
	{name: "error event", up: events(`data: {"error":{"message":"overloaded"}}` + "\n\n"), reason: "error_event", status: 502, code: "upstream_error_event"},
	{name: "malformed event", up: events("data: {nope\n\n"), reason: "malformed_event", status: 502, code: "upstream_malformed_event", costs: true},
	{name: "empty", up: events(), reason: "empty", status: 502, costs: true},
	{name: "cut short", up: events("data: "+goOn+withNull, ": still here\n\n"), reason: "truncated", status: 502, code: "upstream_truncated", costs: true},
	{name: "stalled", up: stalled("text/event-stream", "data: "+goOn+withNull), reason: "stalled", status: 504, code: "upstream_stalled", wait: time.Second, costs: true},
	{name: "reset", up: brokenOff("text/event-stream", "data: "+goOn+withNull), reason: "unavailable", status: 503, code: "upstream_unavailable", costs: true},
}

var wholeFailures = []failure{
	{name: "cut short", up: json200(chatAnswer[:50]), reason: "truncated", status: 502, code: "upstream_truncated", costs: true},
	{name: "an error under 200", up: json200(`{"error":{"message":"overloaded"}}`), reason: "error_body", status: 502, code: "upstream_error_body"},
	{name: "stalled", up: stalled("application/json", chatAnswer[:50]), reason: "stalled", status: 504, code: "upstream_stalled", wait: 2 * time.Second, costs: true},
	{name: "reset", up: brokenOff("application/json", chatAnswer[:50]), reason: "unavailable", status: 503, code: "upstream_unavailable", costs: true},
}

func stalled(contentType string, pieces ...string) wasmhost.Upstream {
	return func(m wasmhost.Message) wasmhost.Response {
		r := answers("200", contentType, pieces...)(m)
		r.Stalls = true
		return r
	}
}

func brokenOff(contentType string, pieces ...string) wasmhost.Upstream {
	return func(m wasmhost.Message) wasmhost.Response {
		r := answers("200", contentType, pieces...)(m)
		r.Reset = true
		return r
	}
}

// kindsOfAnswer are a stream and a whole answer, with how each fails.
var kindsOfAnswer = []struct {
	name, ask, got string
	good           wasmhost.Upstream
	failures       []failure
}{
	{"stream", asksStream, hiddenStream, events(streamHead+withNull, streamTail+withNull, streamUsage+streamDone), append(failures[:len(failures):len(failures)], streamFailures...)},
	{"whole", asksOne, chatAnswer, json200(chatAnswer[:20], chatAnswer[20:]), append(failures[:len(failures):len(failures)], wholeFailures...)},
}

// Whatever is wrong with the first provider's answer, the client gets the second's, and
// the record says both.
func TestFailover(t *testing.T) {
	for _, kind := range kindsOfAnswer {
		for _, late := range []bool{false, true} {
			for _, f := range kind.failures {
				name := kind.name + "/" + f.name
				if late {
					name += ", told late"
				}
				t.Run(name, func(t *testing.T) {
					c := startChain(t, several, map[string]wasmhost.Upstream{"first": f.up, "second": kind.good})
					c.router.EndsLate = late
					x := c.router.Exchange(post(chat, kind.ask))
					c.overIf(x, f)
					rec := c.done(x)
					require.Equal(t, 200, x.Edge.Client().Status(), "%s", x.Edge.Client().Body())
					require.Equal(t, kind.got, string(x.Edge.Client().Body()))
					require.True(t, x.Edge.Client().End)
					require.Equal(t, "2", x.Edge.Client().Headers.Get("x-sluice-attempts"))
					require.Equal(t, "second", x.Edge.Client().Headers.Get("x-sluice-provider"))
					require.Equal(t, "complete", gjson.Get(rec, "end").Str)
					require.Equal(t, f.reason, gjson.Get(rec, "attempts.0.reason").Str, rec)
					require.Equal(t, "second", gjson.Get(rec, "attempts.1.provider").Str)
					settled := gjson.Get(rec, "budgets.0.settled").Int()
					if f.costs {
						require.GreaterOrEqual(t, settled, int64(used), rec)
					} else {
						require.Equal(t, int64(used), settled, rec)
					}
					require.Equal(t, limit-settled, c.left())
					require.Equal(t, "/base"+chat, c.asked[len(c.asked)-1].Headers.Get(":path"))
					require.Empty(t, c.warnings())
				})
			}
		}
	}
}

// overIf has the router's patience end, if the failure is one that takes that.
func (c *chain) overIf(x *wasmhost.Routed, f failure) {
	if f.wait > 0 {
		c.later(f.wait - time.Millisecond) // by the filter's clock
		x.TimeOver()
	}
}

// Where both fail the client is told so in its own dialect, whatever came, and never
// under a status that says success.
func TestFailoverInVain(t *testing.T) {
	for _, kind := range kindsOfAnswer {
		for _, f := range kind.failures {
			t.Run(kind.name+"/"+f.name, func(t *testing.T) {
				c := startChain(t, several, map[string]wasmhost.Upstream{"first": f.up, "second": f.up})
				x := c.router.Exchange(post(chat, kind.ask))
				c.overIf(x, f)
				c.overIf(x, f)
				rec := c.done(x)
				client := x.Edge.Client()
				require.True(t, client.End, "%s", x.Edge.Trace())
				t.Logf("%d %s", client.Status(), client.Body())
				require.Equal(t, f.status, client.Status(), "%s", client.Body())
				if f.name != "no body" && f.name != "empty" { // there is none to put an error in
					require.NotEmpty(t, gjson.GetBytes(client.Body(), "error.message").Str, "%s", client.Body())
				}
				require.NotContains(t, string(client.Body()), "sk-")
				if f.code != "" {
					require.Equal(t, f.code, gjson.GetBytes(client.Body(), "error.code").Str, "%s", client.Body())
				}
				require.Equal(t, "error", gjson.Get(rec, "end").Str)
				if f.up != nil { // else nobody has told of an attempt
					require.Equal(t, f.reason, gjson.Get(rec, "attempts.0.reason").Str, rec)
					require.Equal(t, f.reason, gjson.Get(rec, "attempts.1.reason").Str, rec)
				}
				if length := client.Headers.Get("content-length"); length != "" {
					require.EqualValues(t, len(client.Body()), gjson.Parse(length).Int())
				}
				settled := gjson.Get(rec, "budgets.0.settled").Int()
				require.Equal(t, f.costs, settled > 0, rec)
				require.Equal(t, limit-settled, c.left())
				require.Empty(t, c.warnings())
			})
		}
	}
}

// Where the router does not make the attempt that it was asked for, nothing of the answer
// that had failed is shown as one.
func TestRetryNotMade(t *testing.T) {
	for _, kind := range kindsOfAnswer {
		for _, f := range kind.failures {
			t.Run(kind.name+"/"+f.name, func(t *testing.T) {
				c := startChain(t, several, map[string]wasmhost.Upstream{"first": f.up, "second": kind.good})
				c.router.NoRetries = true
				x := c.router.Exchange(post(chat, kind.ask))
				c.overIf(x, f)
				rec := c.done(x)
				client := x.Edge.Client()
				require.GreaterOrEqual(t, client.Status(), 400)
				require.True(t, client.End)
				require.NotContains(t, string(client.Body()), "sk-")
				if length := client.Headers.Get("content-length"); length != "" {
					require.EqualValues(t, len(client.Body()), gjson.Parse(length).Int())
				}
				require.Equal(t, "error", gjson.Get(rec, "end").Str)
				require.Equal(t, limit-gjson.Get(rec, "budgets.0.settled").Int(), c.left())
			})
		}
	}
}

// However the answers are cut, the first that fails and the second that does not, the
// client gets the same bytes and pays the same.
func TestFailoverCuts(t *testing.T) {
	const errorEvent = `data: {"error":{"message":"é"}}` + "\n\n"
	for _, row := range []struct{ name, ask, contentType, bad, good, client string }{
		{"stream", smallAsk, "text/event-stream", ": hi\n\n" + errorEvent, smallStream, smallHidden},
		{"stream with CRLF", smallAsk, "text/event-stream", crlf(": hi\n\n" + errorEvent), crlf(smallStream), crlf(smallHidden)},
		{"whole", asksOne, "application/json", `{"error":{"message":"é"}}`, smallAnswer, smallAnswer},
	} {
		t.Run(row.name, func(t *testing.T) {
			var bad, good wasmhost.Response
			c := startChain(t, several, map[string]wasmhost.Upstream{
				"first":  func(wasmhost.Message) wasmhost.Response { return bad },
				"second": func(wasmhost.Message) wasmhost.Response { return good },
			}, untraced)
			cut := func(text string, end ending, cuts ...int) wasmhost.Response {
				return wasmhost.Response{Headers: wasmhost.Headers{{":status", "200"}, {"content-type", row.contentType}},
					Body: bytesOf(pieces(text, cuts...)), EndWithLast: end.withLast, Trailers: end.trailers}
			}
			try := func() *wasmhost.Routed {
				c.asked = nil
				x := c.router.Exchange(post(chat, row.ask))
				rec := c.done(x)
				require.Len(t, c.asked, 2)
				require.Equal(t, lineEnds(row.client), lineEnds(string(x.Edge.Client().Body())))
				require.Equal(t, int64(5), gjson.Get(rec, "budgets.0.settled").Int())
				require.Equal(t, "complete", gjson.Get(rec, "end").Str)
				return x
			}
			good = cut(row.good, ends[0])
			everyCut(len(row.bad), 5, func(end ending, cuts ...int) {
				bad = cut(row.bad, end, cuts...)
				try()
			})
			everyCut(len(row.good), 20, func(end ending, cuts ...int) {
				good = cut(row.good, end, cuts...)
				require.Equal(t, end.trailers, try().Edge.Client().Trailers)
			})
			require.Empty(t, c.warnings())
		})
	}
}

// However a request is cut, each provider gets the same.
func TestFailoverRequestCuts(t *testing.T) {
	for _, ask := range []string{smallAsk, `{"model":"gpt-4o","messages":[{"role":"user","content":"Grüß"}],"max_tokens":9}`} {
		c := startChain(t, several, map[string]wasmhost.Upstream{"first": answers("500", "text/plain"), "second": json200(smallAnswer)}, untraced)
		c.router.Exchange(post(chat, ask))
		sent := c.asked
		everyCut(len(ask), 20, func(end ending, cuts ...int) {
			c.asked = nil
			r := post(chat, "")
			r.Body, r.EndWithLast, r.Trailers = bytesOf(pieces(ask, cuts...)), end.withLast, end.trailers
			c.done(c.router.Exchange(r))
			for i, a := range c.asked {
				require.Equal(t, string(sent[i].Body()), string(a.Body()))
				require.Equal(t, sent[i].Headers, a.Headers)
				require.Equal(t, end.trailers, a.Trailers)
			}
			require.Len(t, c.asked, 2)
		})
	}
}
