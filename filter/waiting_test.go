package main_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"github.com/sluice-gateway/sluice/internal/wasmhost"
)

const asksAgain = `{"model":"again","messages":[{"role":"user","content":"Say hello in one word."}],"max_tokens":50,"stream":true}`

// busyFor answers the first so many requests with a 429 that says for how long to wait.
func busyFor(n int, ms int, then wasmhost.Upstream) wasmhost.Upstream {
	return func(m wasmhost.Message) wasmhost.Response {
		if n--; n < 0 {
			return then(m)
		}
		r := answers("429", "application/json", `{"error":`, `{"message":"busy"}}`)(m)
		r.Headers = append(r.Headers, [2]string{"Retry-After-Ms", strconv.Itoa(ms)})
		return r
	}
}

// An attempt that has failed is held until the next one may begin. The tick comes at that
// time and at no other, and not at all when nobody waits.
func TestWaiting(t *testing.T) {
	for _, end := range ends {
		t.Run(end.name, func(t *testing.T) {
			testWaiting(t, end)
		})
	}
}

func testWaiting(t *testing.T, end ending) {
	busy := busyFor(2, 700, events(chatStream))
	c := startChain(t, several, map[string]wasmhost.Upstream{"first": func(m wasmhost.Message) wasmhost.Response {
		r := busy(m)
		r.EndWithLast, r.Trailers = end.withLast, end.trailers
		return r
	}})
	require.Zero(t, c.provider.TickPeriod(), "nobody waits")
	x := c.router.Exchange(post(chat, asksAgain))
	for n := 1; n <= 2; n++ {
		require.Len(t, x.Attempts(), n)
		wait := time.Duration(c.provider.TickPeriod()) * time.Millisecond
		require.GreaterOrEqual(t, wait, 700*time.Millisecond)
		c.later(wait - time.Millisecond)
		require.Len(t, x.Attempts(), n, "it is not yet time")
		c.later(time.Millisecond)
	}
	rec := c.done(x)
	require.Equal(t, hiddenStream, string(x.Edge.Client().Body()))
	require.Equal(t, "complete", gjson.Get(rec, "end").Str)
	require.Equal(t, "rate_limited", gjson.Get(rec, "attempts.1.reason").Str)
	require.Equal(t, int64(3), gjson.Get(rec, "attempts.#").Int())
	require.Zero(t, c.provider.TickPeriod())
	require.Empty(t, c.warnings())
}

// A connection that broke is followed by another attempt at once, as the host has it, and
// that waits instead: with the request's headers, and before anything goes out.
func TestWaitingToAsk(t *testing.T) {
	for _, ask := range []string{asksAgain, `{"model":"again","messages":[{"role":"user","content":"Say"}]}`} { // with edits of the body and without
		good := events(chatStream)
		n := 0
		c := startChain(t, several, map[string]wasmhost.Upstream{"first": func(m wasmhost.Message) wasmhost.Response {
			if n++; n == 1 {
				return wasmhost.Response{}
			}
			return good(m)
		}})
		x := c.router.Exchange(post(chat, ask))
		require.Len(t, x.Attempts(), 2)
		require.Len(t, c.asked, 1)
		wait := time.Duration(c.provider.TickPeriod()) * time.Millisecond
		require.Positive(t, wait)
		c.later(wait - time.Millisecond)
		require.Len(t, c.asked, 1)
		c.later(time.Millisecond)
		require.Len(t, c.asked, 2)
		require.Equal(t, string(c.asked[0].Body()), string(c.asked[1].Body()))
		rec := c.done(x)
		require.Equal(t, "complete", gjson.Get(rec, "end").Str)
		require.Zero(t, c.provider.TickPeriod())
		require.Empty(t, c.warnings())
	}
}

// What fails only when all of it has come waits too, with its body held.
func TestWaitingAfterTheBody(t *testing.T) {
	for _, end := range ends {
		n := 0
		c := startChain(t, several, map[string]wasmhost.Upstream{"first": func(m wasmhost.Message) wasmhost.Response {
			r := json200(chatAnswer)(m)
			if n++; n == 1 {
				r = json200(`{"error":`, `{"message":"overloaded"}}`)(m)
			}
			r.EndWithLast, r.Trailers = end.withLast, end.trailers
			return r
		}})
		x := c.router.Exchange(post(chat, strings.Replace(asksOne, `"gpt-4o"`, `"again"`, 1)))
		require.Len(t, x.Attempts(), 1)
		c.later(time.Duration(c.provider.TickPeriod()) * time.Millisecond)
		rec := c.done(x)
		require.Equal(t, chatAnswer, string(x.Edge.Client().Body()), end.name)
		require.Equal(t, "error_body", gjson.Get(rec, "attempts.0.reason").Str)
		require.Zero(t, c.provider.TickPeriod())
	}
}

// Streams that wait are woken in the order of their time, not of their coming.
func TestWaitingInOrder(t *testing.T) {
	var waits []int
	bad := map[int]bool{}
	c := startChain(t, several, map[string]wasmhost.Upstream{"first": func(m wasmhost.Message) wasmhost.Response {
		if len(waits) > 0 {
			ms := waits[0]
			waits = waits[1:]
			bad[ms] = true
			return busyFor(1, ms, nil)(m)
		}
		return events(chatStream)(m)
	}})
	waits = []int{9000, 5000, 7000, 5000}
	var all []*wasmhost.Routed
	for range 4 {
		all = append(all, c.router.Exchange(post(chat, asksAgain)))
	}
	over := func() (n int) {
		for _, x := range all {
			if x.Edge.Client().End {
				n++
			}
		}
		return n
	}
	require.Zero(t, over())
	c.later(4999 * time.Millisecond)
	require.Zero(t, over())
	c.later(time.Millisecond)
	require.Equal(t, 2, over())
	require.True(t, all[1].Edge.Client().End && all[3].Edge.Client().End)
	c.later(2 * time.Second)
	require.Equal(t, 3, over())
	require.EqualValues(t, 2000, c.provider.TickPeriod())
	c.later(2 * time.Second)
	require.Equal(t, 4, over())
	require.Zero(t, c.provider.TickPeriod())
	for _, x := range all {
		c.done(x)
	}
}

// A clock that goes back leaves nobody waiting for as long as it went.
func TestWaitingClockGoesBack(t *testing.T) {
	c := startChain(t, several, map[string]wasmhost.Upstream{"first": busyFor(1, 700, events(chatStream))})
	c.later(time.Second)
	require.NoError(t, c.provider.Tick())
	x := c.router.Exchange(post(chat, asksAgain))
	require.Len(t, x.Attempts(), 1)
	c.now = c.now.Add(-48 * time.Hour)
	require.NoError(t, c.provider.Tick())
	c.done(x)
	require.Equal(t, hiddenStream, string(x.Edge.Client().Body()))
}

// Whoever ends it, a stream that waits leaves nothing behind, and its time does no harm.
func TestGoneWhileWaiting(t *testing.T) {
	for name, end := range map[string]func(*chain, *wasmhost.Routed){
		"the client":          func(_ *chain, x *wasmhost.Routed) { x.Abort() },
		"the router's limit":  func(_ *chain, x *wasmhost.Routed) { x.TimeOver() },
		"the provider closes": func(_ *chain, x *wasmhost.Routed) { x.Attempt().UpstreamReset() },
	} {
		t.Run(name, func(t *testing.T) {
			c := startChain(t, several, map[string]wasmhost.Upstream{"first": func(m wasmhost.Message) wasmhost.Response {
				r := busyFor(1, 700, nil)(m)
				r.Stalls = true // its body has not come whole
				return r
			}})
			x := c.router.Exchange(post(chat, asksAgain))
			require.Len(t, x.Attempts(), 1)
			end(c, x)
			if name == "the client" {
				require.True(t, x.Edge.Client().Reset)
				rec := record(t, x.Edge)
				require.Equal(t, "client_gone", gjson.Get(rec, "end").Str, rec)
				require.Equal(t, "rate_limited", gjson.Get(rec, "attempts.0.reason").Str, rec)
				require.Zero(t, gjson.Get(rec, "budgets.0.settled").Int(), rec)
			} else {
				require.Len(t, x.Attempts(), 2, "the router has made the next one")
				c.serve("first", events(chatStream))
				c.later(10 * time.Second)
				rec := c.done(x)
				require.Equal(t, "complete", gjson.Get(rec, "end").Str, rec)
				require.Equal(t, int64(used), gjson.Get(rec, "budgets.0.settled").Int(), rec)
			}
			c.later(time.Minute)
			require.Zero(t, c.provider.TickPeriod())
			require.Empty(t, c.warnings())
			require.NoError(t, x.Edge.Trapped())
		})
	}
}

// The client hangs up while an answer is held: it is settled by the policy's rule, once.
func TestGoneWhileHeld(t *testing.T) {
	for _, row := range []struct {
		name, ask string
		up        wasmhost.Upstream
	}{
		{"before any answer", asksStream, func(wasmhost.Message) wasmhost.Response { return wasmhost.Response{Stalls: true} }},
		{"before content", asksStream, stalled("text/event-stream", "data: "+goOn+withNull)},
		{"in the middle of a whole answer", asksOne, stalled("application/json", chatAnswer[:50])},
		{"after content", asksStream, stalled("text/event-stream", streamHead+withNull)},
	} {
		for _, rule := range []string{"counted", "reserved"} {
			t.Run(row.name+"/"+rule, func(t *testing.T) {
				policy := several + "budget: {settle_on_disconnect: " + rule + "}\n"
				c := startChain(t, policy, map[string]wasmhost.Upstream{"first": row.up, "second": nil})
				x := c.router.Exchange(post(chat, row.ask))
				x.Abort()
				rec := c.done(x)
				require.Equal(t, "client_gone", gjson.Get(rec, "end").Str, rec)
				require.Equal(t, rule, gjson.Get(rec, "tokens.source").Str, rec)
				require.Equal(t, limit-gjson.Get(rec, "budgets.0.settled").Int(), c.left())
				require.True(t, x.Edge.Client().Reset)
				require.Empty(t, c.warnings())
			})
		}
	}
}
