package main_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"github.com/sluice-gateway/sluice/internal/wasmhost"
	"github.com/sluice-gateway/sluice/internal/wasmhost/hosttest"
)

// Every callback and host call of a stream that the first provider refuses and the second
// serves, in both filter chains.
func TestFailoverTrace(t *testing.T) {
	c := startChain(t, several, map[string]wasmhost.Upstream{
		"first":  answers("429", "application/json", `{"error":{"message":"slow down"}}`),
		"second": events(streamHead+withNull, streamTail+withNull, streamUsage+streamDone),
	})
	c.done(c.router.Exchange(post(chat, asksStream)))
	x := c.router.Exchange(post(chat, asksStream))
	c.done(x)
	golden(t, "failover.envoy.golden", anonymous(x.Edge.Trace()))
}

// A panic in the provider role costs the request that it is in, and no other: it is
// answered 500, settled and recorded, and the machine is the same as before.
func TestPanicInAnAttempt(t *testing.T) {
	host := hosttest.Compile(t, "./filter", "sluicepanic")
	for _, step := range []string{"request_headers", "request_body", "response_headers", "response_body"} {
		t.Run(step, func(t *testing.T) {
			m := startModule(t, host, envoy, several, untraced)
			c := behind(m, several, map[string]wasmhost.Upstream{"first": answers("500", "text/plain", "no"), "second": events(chatStream)})
			size, spent := 0, int64(0)
			for n := 1; n <= 1000; n++ {
				c.asked = nil
				r := post(chat, asksUsage)
				if n%100 == 0 {
					r.Properties = map[string]string{"sluice.panic": "provider_" + step}
				}
				x := c.router.Exchange(r)
				rec := c.done(x)
				if n%100 != 0 {
					require.Equal(t, chatStream, string(x.Edge.Client().Body()))
					spent += used
					if n == 550 {
						size = m.vm.MemoryBytes()
					}
					continue
				}
				require.Equal(t, 500, x.Edge.Client().Status())
				require.True(t, x.Edge.Client().End)
				require.Contains(t, string(x.Edge.Client().Body()), `"code":"internal_error"`)
				require.Len(t, x.Attempts(), map[string]int{"request_headers": 1, "request_body": 1, "response_headers": 1, "response_body": 2}[step])
				if strings.HasPrefix(step, "request_") {
					require.Empty(t, c.asked)
				}
				last := fmt.Sprintf("attempts.%d.reason", len(x.Attempts())-1)
				require.Equal(t, "panic", gjson.Get(rec, last).Str, rec)
				require.Equal(t, "panic", gjson.Get(rec, "failure").Str)
				require.Equal(t, "error", gjson.Get(rec, "end").Str)
				settled := gjson.Get(rec, "budgets.0.settled").Int()
				if step == "response_headers" { // an error, which costs nothing
					require.Zero(t, settled)
				} else {
					require.Equal(t, gjson.Get(rec, "budgets.0.reserved").Int(), settled, "nobody knows what was used")
				}
				spent += settled
			}
			require.Equal(t, limit-spent, c.left())
			require.LessOrEqual(t, m.vm.MemoryBytes(), size+512<<10)
			logs := c.warnings()
			require.Len(t, logs, 10)
			for _, l := range logs {
				require.True(t, strings.HasPrefix(l, "error: panic in proxy_on_"+step+": sabotaged in provider_"+step+"\n"), l)
			}
		})
	}
}

// What ends the machine in an attempt ends it for the edge role as well, and the next
// request finds both roles in a new one.
func TestTrapInAnAttempt(t *testing.T) {
	m := startModule(t, hosttest.Compile(t, "./filter", "sluicepanic"), envoy, several)
	c := behind(m, several, map[string]wasmhost.Upstream{"first": answers("500", "text/plain", "no"), "second": events(chatStream)})
	r := post(chat, asksUsage)
	r.Properties = map[string]string{"sluice.panic": "provider_trap"}
	x := c.router.Exchange(r)
	require.Error(t, x.Edge.Trapped())
	require.Equal(t, 503, x.Edge.Client().Status())
	require.Empty(t, c.asked)

	x = c.router.Exchange(post(chat, asksUsage))
	require.NoError(t, x.Edge.Trapped())
	require.Equal(t, chatStream, string(x.Edge.Client().Body()))
	require.Equal(t, 2, m.vm.Starts())
}

// While a gateway takes up a new module, an attempt may be in a machine that has never
// heard of its request: nothing leaves, a credential least of all, and nothing is spent.
func TestStray(t *testing.T) {
	old := startOn(t, envoy, several)
	c := startChain(t, several, map[string]wasmhost.Upstream{"first": nobody(t), "second": nobody(t)})
	c.router.Edge = old.plugin
	for _, end := range ends {
		r := post(chat, asksStream)
		r.EndWithLast, r.Trailers = end.withLast, end.trailers
		x := c.router.Exchange(r)
		require.NoError(t, x.Edge.Trapped())
		require.Equal(t, 500, x.Edge.Client().Status())
		require.Equal(t, "misrouted", gjson.GetBytes(x.Edge.Client().Body(), "error.code").Str)
		require.Len(t, x.Attempts(), 1)
		require.Empty(t, x.Attempt().Upstream().Headers)
		require.True(t, hasID(x.Attempt()))
		rec := record(t, x.Edge)
		require.Equal(t, "error", gjson.Get(rec, "end").Str)
		require.Zero(t, gjson.Get(rec, "budgets.0.settled").Int())
		require.Equal(t, int64(limit), old.left())
	}
	require.Empty(t, c.warnings())
	require.Empty(t, old.warnings())
}

// A plugin that is configured anew is a new one of the same machine, in either chain: the
// requests that are under way find each other all the same.
func TestReconfiguredUnderWay(t *testing.T) {
	c := startChain(t, several, map[string]wasmhost.Upstream{
		"first":  func(wasmhost.Message) wasmhost.Response { return wasmhost.Response{Stalls: true} },
		"second": events(chatStream),
	})
	x := c.router.Exchange(post(chat, asksStream))
	require.Len(t, x.Attempts(), 1)
	c.configure(strings.Replace(several, "limit: 100000", "limit: 200", 1))
	var err error
	c.router.Upstream, err = c.vm.Plugin([]byte(`{"role":"provider"}`))
	require.NoError(t, err)
	x.TimeOver()
	rec := c.done(x)
	require.Equal(t, hiddenStream, string(x.Edge.Client().Body()))
	require.Equal(t, "100000", x.Edge.Client().Headers.Get("x-ratelimit-limit-tokens"))
	require.Equal(t, "complete", gjson.Get(rec, "end").Str)
}

// hasID tells whether an attempt's one reply is marked as ours: what is not, the rendered
// configuration has Envoy put in its own words.
func hasID(s *wasmhost.Stream) bool {
	replies := s.LocalReplies()
	return len(replies) == 1 && slices.ContainsFunc(replies[0].Headers, func(h [2]string) bool { return h[0] == "x-sluice-id" })
}

// The host chooses a provider that is not in the request's order, or counts further than
// there are attempts: nothing leaves.
func TestMisrouted(t *testing.T) {
	c := startChain(t, several, map[string]wasmhost.Upstream{"first": nobody(t), "second": nobody(t), "third": nobody(t)})
	for name := range c.router.Composites {
		c.router.Composites[name] = []string{"third"}
	}
	x := c.router.Exchange(post(chat, asksStream))
	rec := c.done(x)
	require.True(t, hasID(x.Attempt()))
	require.Equal(t, 500, x.Edge.Client().Status())
	require.Equal(t, "misrouted", gjson.GetBytes(x.Edge.Client().Body(), "error.code").Str)
	require.Equal(t, "misrouted", gjson.Get(rec, "failure").Str)
	require.Equal(t, int64(limit), c.left())
}

// Requests that fail over leave nothing behind: 10,000 of them with SLUICE_SOAK=1.
func TestFailoverMemory(t *testing.T) {
	requests := 1000
	if os.Getenv("SLUICE_SOAK") != "" {
		requests = 10_000
	}
	policy := strings.Replace(several, "limit: 100000", "limit: 900000000000", 1)
	c := startChain(t, policy, nil, untraced)
	warm := 0
	for n := range requests {
		kind := kindsOfAnswer[n%2]
		f := kind.failures[n/2%len(kind.failures)]
		c.serve("first", f.up)
		c.serve("second", kind.good)
		c.asked = nil
		x := c.router.Exchange(post(chat, kind.ask))
		if n%7 == 0 {
			x.Abort()
			continue
		}
		c.overIf(x, f)
		c.done(x)
		if n == requests/2 {
			warm = c.vm.MemoryBytes()
		}
	}
	t.Logf("%d requests: %.1f MiB", requests, mebibytes(c.machine))
	require.LessOrEqual(t, c.vm.MemoryBytes(), warm+heapStep, "memory has grown in the second half")
	require.LessOrEqual(t, c.vm.MemoryBytes(), mostMemory)
	require.Empty(t, c.warnings())
}
