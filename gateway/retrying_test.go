package gateway_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/gateway"
)

// However the bytes of an attempt's stream are cut, the client sees the same, and the
// same is charged.
func TestAttemptCuts(t *testing.T) {
	errorEvent := "data: " + ourError + "\n\n"
	for _, row := range []struct {
		name, model, path, upstream string
		again                       bool
	}{
		{"good", "pair", chat, goodText, false},
		{"no usage", "pair", chat, chunk1 + null + chunk3 + null + done, false},
		{"content and an error at once", "pair", chat, chunk1 + null + errorEvent, false},
		{"content and nothing", "pair", chat, roleOnly + chunk1 + null, false},
		{"content and no event", "pair", chat, chunk1 + null + "data: {\n\n" + chunk3 + null + done, false},
		{"cut short by its cap", "pair", chat, roleOnly + strings.Replace(chunk3, "stop", "length", 1) + null + usage1 + done, false},
		{"cut short, then an error", "pair", chat, roleOnly + strings.Replace(chunk3, "stop", "length", 1) + null + errorEvent, false},
		{"empty", "pair", chat, roleOnly + chunk3 + null + usage1 + done, true},
		{"empty, then an error", "pair", chat, roleOnly + chunk3 + null + errorEvent, true},
		{"an error", "pair", chat, roleOnly + errorEvent, true},
		{"CRLF", "pair", chat, strings.ReplaceAll(goodText, "\n", "\r\n"), false},
		{"translated", "mixed", chat, claudeStart + claudeText + claudeEnd, false},
		{"translated, broken off", "mixed", chat, claudeStart + claudeText, false},
		{"translated, an error behind content", "mixed", chat, claudeStart + claudeText + "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"busy\"}}\n\n", false},
		{"translated, no event", "mixed", chat, claudeStart + claudeText + "event: content_block_delta\ndata: {\n\n" + claudeEnd, false},
		{"translated the other way", "messages", messages, goodText, false},
		{"translated the other way, broken off", "messages", messages, chunk1 + null, false},
		{"translated the other way, no [DONE]", "messages", messages, chunk1 + null + chunk3 + null + usage1, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			run := func(trails bool, pieces ...string) (string, record) {
				w := newWorld(t, several)
				c := w.post(row.path, asksFor(row.model, true))
				first := streamAnswer(pieces...)
				first.trails = trails
				if row.again {
					c.follow(first, streamAnswer(goodText))
				} else {
					c.follow(first)
				}
				r := c.done()
				settled(t, w, r)
				return c.client.String(), r
			}
			client, r := run(false, row.upstream)
			same := func(pieces ...string) {
				got, s := run(false, pieces...)
				require.Equal(t, client, got, "%q", pieces)
				require.Equal(t, r.Attempts, s.Attempts, "%q", pieces)
				require.Equal(t, r.Tokens, s.Tokens, "%q", pieces)
				require.Equal(t, r.Budgets, s.Budgets, "%q", pieces)
				require.Equal(t, r.End, s.End, "%q", pieces)
			}
			step := 1
			if testing.Short() {
				step = 5
			}
			for at := 1; at < len(row.upstream); at += step {
				same(row.upstream[:at], row.upstream[at:])
			}
			same(strings.Split(row.upstream, "")...)
			same(row.upstream, "")
			random := rand.New(rand.NewPCG(1, 2))
			for range 100 / step {
				i := random.IntN(len(row.upstream))
				j := i + random.IntN(len(row.upstream)-i)
				same(row.upstream[:i], row.upstream[i:j], row.upstream[j:])
			}
		})
	}
}

// An attempt counts what its request would have counted without one.
func TestAttemptCountsOnce(t *testing.T) {
	for _, stream := range []bool{false, true} {
		body := streamAnswer(chunk1+null+chunk2+null, chunk3+null+done)
		if !stream {
			body = jsonAnswer("200", `{"choices":[{"index":0,"message":{"role":"assistant","content":"Grüße aus 東京"},"finish_reason":"stop"}]}`)
		}
		plain := newWorld(t, several).post(chat, asksFor("four", stream)).respond("200", body.kind).stream(true, body.pieces...).done()
		r := newWorld(t, several).post(chat, asksFor("pair", stream)).follow(body).done()
		require.Equal(t, "counted", r.Tokens.Source)
		require.Equal(t, plain.Tokens, r.Tokens)
		r = newWorld(t, several).post(chat, asksFor("pair", stream)).follow(jsonAnswer("500", ourError), body).done()
		require.Equal(t, plain.Tokens, r.Tokens)
	}
}

// Nothing that an attempt has put into the headers goes to the next provider.
func TestHeadersOfAttempts(t *testing.T) {
	busy := jsonAnswer("529", ourError)
	t.Run("credentials", func(t *testing.T) {
		w := newWorld(t, several)
		c := w.post(chat, asksFor("own", false), "x-api-key", "sk-client").follow(busy, jsonAnswer("200", goodBody))
		require.Equal(t, "sk-client", c.tries[0].headers["x-api-key"])
		require.NotContains(t, c.tries[1].headers, "x-api-key")
		require.Equal(t, "key-second", c.tries[1].headers["api-key"])
		c.done()

		c = w.post(chat, asksFor("mixed", false), "authorization", "Bearer theirs").follow(busy, busy, jsonAnswer("200", goodBody))
		require.Equal(t, "sk-ant-ours", c.tries[0].headers["x-api-key"])
		require.NotContains(t, c.tries[0].headers, "authorization")
		require.Equal(t, "Bearer sk-ours", c.tries[1].headers["authorization"])
		require.NotContains(t, c.tries[1].headers, "x-api-key")
		require.Equal(t, "Bearer theirs", c.tries[2].headers["authorization"])
		require.NotContains(t, c.tries[2].headers, "x-api-key")
		c.done()

		c = w.post(chat, asksFor("mixed", false)).follow(busy, busy, jsonAnswer("200", goodBody))
		require.NotContains(t, c.tries[2].headers, "authorization", "it has none of its own, and another's is not lent")
		c.done()
	})
	t.Run("versions", func(t *testing.T) {
		w := newWorld(t, several)
		c := w.post(chat, asksFor("mixed", false)).follow(busy, jsonAnswer("200", goodBody))
		require.Equal(t, "2023-06-01", c.tries[0].headers["anthropic-version"])
		require.Equal(t, "/v1/messages", c.tries[0].headers[":path"])
		require.NotContains(t, c.tries[1].headers, "anthropic-version")
		require.Equal(t, chat, c.tries[1].headers[":path"])
		c.done()

		c = w.post(messages, asksFor("messages", true), "anthropic-version", "2023-01-01", "anthropic-beta", "b").
			follow(busy, streamAnswer(claudeStart+claudeText+claudeEnd))
		require.NotContains(t, c.tries[0].headers, "anthropic-version")
		require.NotContains(t, c.tries[0].headers, "anthropic-beta")
		require.Equal(t, "2023-01-01", c.tries[1].headers["anthropic-version"])
		require.Equal(t, "b", c.tries[1].headers["anthropic-beta"])
		require.Equal(t, "claude-haiku-4-5", strings.Split(c.tries[1].body, `"`)[3])
		c.done()
	})
	t.Run("the router's", func(t *testing.T) {
		w := newWorld(t, several)
		for _, model := range []string{"four", "pair"} {
			c := w.post(chat, asksFor(model, false), "x-envoy-retry-on", "5xx", "x-envoy-max-retries", "9", "x-envoy-hedge-on-per-try-timeout", "true",
				"x-envoy-upstream-rq-timeout-ms", "1", "x-envoy-retriable-status-codes", "200", "x-envoy-external-address", "10.0.0.1")
			require.NotContains(t, c.headers, "x-envoy-hedge-on-per-try-timeout")
			require.NotContains(t, c.headers, "x-envoy-retriable-status-codes")
			require.NotContains(t, c.headers, "x-envoy-upstream-rq-timeout-ms")
			require.NotEqual(t, "9", c.headers["x-envoy-max-retries"])
			require.Contains(t, c.headers, "x-envoy-external-address")
		}
	})
}

// A host that brings an attempt where none should be sends nothing, a credential least of
// all.
func TestMisrouted(t *testing.T) {
	for name, row := range map[string]struct {
		n        int
		provider string
	}{
		"before the first": {0, "first"}, "beyond the last": {3, "first"}, "negative": {-1, "first"},
		"another provider": {1, "theirs"}, "nobody": {1, ""}, "one that was before": {2, "first"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, several)
			c := w.post(chat, asksFor("pair", false))
			a, out := c.request.Attempt(w.now, row.n, row.provider)
			require.Nil(t, a)
			require.Equal(t, 500, out.Reply.Status)
			require.Empty(t, out.Set)
			c.local(out.Reply)
			require.Contains(t, []string{"500", "502"}, c.seen[":status"])
			r := c.done()
			require.Equal(t, "misrouted", r.Failure)
			require.Equal(t, int64(100000), w.left())
		})
	}
	t.Run("the same number twice", func(t *testing.T) {
		w := newWorld(t, several)
		c := w.post(chat, asksFor("pair", false))
		a, _ := c.request.Attempt(w.now, 1, "first")
		require.NotNil(t, a)
		a, out := c.request.Attempt(w.now, 1, "first")
		require.Nil(t, a)
		require.Equal(t, 500, out.Reply.Status)
	})
	t.Run("after the answer", func(t *testing.T) {
		w := newWorld(t, several)
		c := w.post(chat, asksFor("pair", false)).follow(jsonAnswer("200", goodBody))
		a, out := c.request.Attempt(w.now, 2, "second")
		require.Nil(t, a)
		require.Equal(t, 500, out.Reply.Status)
	})
	t.Run("one that has a cluster without hosts", func(t *testing.T) {
		w := newWorld(t, several)
		good := jsonAnswer("200", goodBody)
		good.at = "second"
		c := w.post(chat, asksFor("pair", false)).follow(good)
		require.Equal(t, "key-second", c.tries[0].headers["api-key"])
		require.Equal(t, "second", c.done().Attempts[0].Provider)
	})
}

// An attempt that was at work when the host went on is charged, though others have left no
// trace between.
func TestAttemptsWithoutATrace(t *testing.T) {
	w := newWorld(t, several)
	broken := answer{status: "200", kind: "application/json", pieces: []string{goodBody[:30]}, resets: true}
	c := w.post(chat, asksFor("long", false)).follow(broken, answer{refused: true}, jsonAnswer("200", goodBody))
	r := c.done()
	require.Len(t, r.Attempts, 3)
	require.Positive(t, r.Attempts[0].Tokens)
	require.Equal(t, "unavailable", r.Attempts[0].Reason)
	require.Equal(t, "unavailable", r.Attempts[1].Reason)
	settled(t, w, r)
}

// Waits: none at a target that has not been asked, then within the backoff's bounds, and
// not before the provider's own word.
func TestWaits(t *testing.T) {
	busy := jsonAnswer("429", ourError)
	good := jsonAnswer("200", goodBody)
	for range 50 {
		w := newWorld(t, several)
		c := w.post(chat, asksFor("long", false))
		began := w.now
		c.follow(busy, busy, busy, busy, good)
		require.Equal(t, began, c.tries[1].began)
		for n, bounds := range map[int][2]int64{2: {50, 100}, 3: {50, 100}, 4: {100, 200}} {
			wait := c.tries[n].began - c.tries[n-1].began
			require.GreaterOrEqual(t, wait, bounds[0])
			require.LessOrEqual(t, wait, bounds[1])
		}
		c.done()
	}
	t.Run("retry-after", func(t *testing.T) {
		for header, want := range map[[2]string]int64{{"retry-after", "3"}: 3000, {"retry-after-ms", "2500"}: 2500} {
			w := newWorld(t, several)
			c := w.post(chat, asksFor("long", false))
			asked := jsonAnswer("429", ourError, header[0], header[1])
			c.follow(asked, busy, good)
			require.Equal(t, w.now-want, c.tries[0].began)
			require.Zero(t, c.tries[1].began-c.tries[0].began)
			require.Equal(t, "first", c.tries[2].provider)
			c.done()
		}
	})
	t.Run("longer than anybody waits", func(t *testing.T) {
		w := newWorld(t, several)
		c := w.post(chat, asksFor("long", false)).follow(jsonAnswer("429", ourError, "retry-after", "11"), jsonAnswer("429", ourError))
		require.Equal(t, "429", c.seen[":status"])
		require.Len(t, c.done().Attempts, 2)
	})
	t.Run("a class's attempts", func(t *testing.T) {
		w := newWorld(t, several)
		c := w.post(chat, asksFor("long", false)).follow(jsonAnswer("500", ourError), jsonAnswer("502", ourError), jsonAnswer("503", ourError))
		require.Equal(t, "503", c.seen[":status"])
		require.Len(t, c.done().Attempts, 3)
	})
	t.Run("all the attempts", func(t *testing.T) {
		w := newWorld(t, several)
		gone := jsonAnswer("504", ourError)
		c := w.post(chat, asksFor("long", false)).follow(gone, gone, gone, gone, gone, gone)
		require.Equal(t, "504", c.seen[":status"])
		require.Len(t, c.done().Attempts, 6)
	})
	t.Run("total", func(t *testing.T) {
		w := newWorld(t, several)
		slow := jsonAnswer("500", ourError)
		slow.takes = 31_000
		c := w.post(chat, asksFor("long", false)).follow(slow)
		require.Equal(t, "500", c.seen[":status"])
		c.done()
	})
	t.Run("max_cost", func(t *testing.T) {
		w := newWorld(t, several)
		c := w.post(chat, asksFor("frugal", false)).follow(jsonAnswer("500", ourError), jsonAnswer("200", emptyBody))
		require.Equal(t, "502", c.seen[":status"])
		c.done()
	})
}

// What a failed attempt has cost has to fit beside what the next one may cost.
func TestNoRoomForAnother(t *testing.T) {
	for limit, tries := range map[int]int{60: 1, 90: 2} {
		w := newWorld(t, strings.Replace(several, "100000", fmt.Sprint(limit), 1))
		c := w.post(chat, asksFor("pair", false))
		require.Nil(t, c.reply, c.replyBody())
		answers := []answer{jsonAnswer("200", emptyBody), jsonAnswer("200", goodBody)}
		c.follow(answers[:tries]...)
		r := c.done()
		require.Len(t, r.Attempts, tries)
		require.LessOrEqual(t, number(t, r.Budgets[0].Settled), int64(limit))
		if tries == 1 {
			require.Equal(t, "502", c.seen[":status"])
		}
	}
}

// A target that is down is known to be down by every worker, and others come first.
func TestCoolDownIsShared(t *testing.T) {
	w := newWorld(t, several)
	for range 3 {
		w.post(chat, asksFor("pair", false)).follow(jsonAnswer("500", ourError), jsonAnswer("200", goodBody)).done()
	}
	w.load(several) // another worker, over the same store
	c := w.post(chat, asksFor("pair", false)).follow(jsonAnswer("200", goodBody))
	require.Equal(t, "second", c.tries[0].provider)
	require.Equal(t, "1", c.seen["x-sluice-attempts"])
	c.done()
	w.now += 6000
	firsts := 0
	for range 64 {
		c := w.post(chat, asksFor("pair", false)).follow(jsonAnswer("200", goodBody))
		if c.tries[0].provider == "first" {
			firsts++
		}
		c.done()
	}
	require.Positive(t, firsts, "when it is over the target is tried again")

	// A provider's own word begins one at once.
	w = newWorld(t, several)
	w.post(chat, asksFor("pair", false)).follow(jsonAnswer("429", ourError, "retry-after", "60"), jsonAnswer("200", goodBody)).done()
	w.load(several)
	c = w.post(chat, asksFor("pair", false)).follow(jsonAnswer("200", goodBody))
	require.Equal(t, "second", c.tries[0].provider)
	c.done()
}

// Whenever the stream ends, and in whichever order the host says so, what was reserved is
// settled once, to what the attempts have cost.
func TestAttemptEndsAnywhere(t *testing.T) {
	leaves := func(a answer) answer { a.goes = true; return a }
	early := func(a answer) answer { a.early = true; return a }
	busy := jsonAnswer("500", ourError)
	empty := jsonAnswer("200", emptyBody)
	for name, answers := range map[string][]answer{
		"while an attempt is held":        {leaves(jsonAnswer("200", goodBody[:30]))},
		"while a stream is held":          {empty, leaves(streamAnswer(roleOnly))},
		"while a stream flows":            {empty, leaves(streamAnswer(roleOnly, chunk1+null))},
		"while a translated stream flows": {leaves(streamAnswer(claudeStart, claudeText))},
		"the attempt first":               {busy, early(jsonAnswer("200", goodBody))},
	} {
		for _, model := range []string{"pair", "mixed"} {
			if strings.Contains(name, "translated") != (model == "mixed") {
				continue
			}
			t.Run(name+"/"+model, func(t *testing.T) {
				w := newWorld(t, several)
				c := w.post(chat, asksFor(model, strings.Contains(name, "stream")))
				c.follow(answers...)
				r := c.done()
				settled(t, w, r)
				require.Equal(t, 100000-number(t, r.Budgets[0].Settled), w.left())
				if !strings.Contains(name, "first") {
					require.Equal(t, "client_gone", r.End)
				}
				require.False(t, c.request.Open())
				require.Equal(t, gateway.Outcome{}, c.request.ResponseBody(w.now, 0, true, c.read))
			})
		}
	}
	t.Run("between two attempts", func(t *testing.T) {
		w := newWorld(t, several)
		c := w.post(chat, asksFor("pair", false))
		a, _ := c.request.Attempt(w.now, 1, "first")
		a.Body(len(c.body), true, c.read)
		a.ResponseHeaders(w.now, gateway.Headers{{":status", "200"}, {"content-type", "application/json"}}, false)
		out := a.ResponseBody(w.now, len(emptyBody), true, func(from, n int) []byte { return []byte(emptyBody)[from : from+n] })
		require.Contains(t, out.Set, [2]string{gateway.RetryHeader, "1"})
		r := c.done()
		a.Done(w.now)
		require.Equal(t, "client_gone", r.End)
		require.Equal(t, int64(14), r.Attempts[0].Tokens)
		settled(t, w, r)
	})
	t.Run("a panic", func(t *testing.T) {
		w := newWorld(t, several)
		c := w.post(chat, asksFor("pair", false))
		a, _ := c.request.Attempt(w.now, 1, "first")
		a.Panicked(w.now)
		c.respond("500", "text/plain").stream(true, "x")
		r := c.done()
		require.Equal(t, "panic", r.Failure)
		require.Equal(t, "panic", r.Attempts[0].Reason)
		require.Equal(t, "reserved", r.Tokens.Source)
		settled(t, w, r)
	})
}

// However many requests fail at the same time on one budget, no more is spent than there is.
func TestFailuresNeverOverspend(t *testing.T) {
	w := newWorld(t, strings.Replace(several, "100000", "3000", 1))
	var done sync.WaitGroup
	var mutex sync.Mutex
	spent := int64(0)
	for worker := range 64 {
		done.Add(1)
		go func() {
			defer done.Done()
			own := &world{t: t, now: start, store: w.store}
			own.load(strings.Replace(several, "100000", "3000", 1))
			random := rand.New(rand.NewPCG(uint64(worker), 7))
			for range 3 {
				stream := random.IntN(2) == 0
				c := own.post(chat, asksFor("pair", stream))
				if c.reply != nil {
					continue
				}
				answers := []answer{jsonAnswer("200", emptyBody), jsonAnswer("200", goodBody)}
				if random.IntN(2) == 0 {
					answers[0] = jsonAnswer("500", ourError)
				}
				c.followAsFar(answers...)
				r := c.done()
				mutex.Lock()
				spent += number(t, r.Budgets[0].Settled)
				mutex.Unlock()
			}
		}()
	}
	done.Wait()
	require.LessOrEqual(t, spent, int64(3000))
	require.Greater(t, spent, int64(1500))
}
