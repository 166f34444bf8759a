package gateway_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/budget"
	"github.com/sluice-gateway/sluice/gateway"
)

const cached = providers + `
budgets:
  - {name: month, unit: tokens, limit: 100000, calendar: month, zone: UTC}
companion: {endpoint: "http://127.0.0.1:8090/base", circuit: {after: 2, for: 10s}}
cache: {scope: [team], lookup_timeout: 40ms, wait: 7s, max_answer: 1KiB, max_request: 1KiB}
`

const president = `{"model":"gpt-4o","messages":[{"role":"user","content":"Who is the president?"}],"max_tokens":50}`

// told brings the companion's answer: headers name, value, name, value, …, none where it
// does not answer.
func (c *call) told(body string, headers ...string) *call {
	require.NotNil(c.w.t, c.asks, "the companion was not asked")
	var h gateway.Headers
	for i := 0; i+1 < len(headers); i += 2 {
		h = append(h, [2]string{headers[i], headers[i+1]})
	}
	c.toProvider(c.request.Called(c.w.now, c.asks, h, []byte(body), c.whileCalling))
	return c
}

func (c *call) asked() (path string, body map[string]any) {
	require.NotNil(c.w.t, c.asks, "the companion was not asked")
	path, _ = gateway.Headers(c.asks.Headers).Get(":path")
	require.NoError(c.w.t, json.Unmarshal(c.asks.Body, &body), "%s", c.asks.Body)
	return path, body
}

const ticket = `{"key":"k"}`

const (
	chatAnswer = `{"id":"c","object":"chat.completion","created":1,"model":"gpt-4o-2024-08-06","choices":[{"index":0,"message":{"role":"assistant","content":"Nobody."},` +
		`"finish_reason":"stop"}],"usage":{"prompt_tokens":12,"completion_tokens":3,"total_tokens":15}}`
	chatStream = `data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"gpt-4o","choices":[{"index":0,"delta":{"role":"assistant","content":"Nobody."},"finish_reason":null}]}` + "\n\n" +
		`data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"gpt-4o","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}` + "\n\n" +
		`data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"gpt-4o","choices":[],"usage":{"prompt_tokens":12,"completion_tokens":3,"total_tokens":15}}` + "\n\n" + done
)

func TestLookUp(t *testing.T) {
	w := newWorld(t, cached)
	c := w.post(chat, president, "x-team", "re\"d")
	require.Empty(t, c.sent, "nothing goes out before the companion has answered")
	path, body := c.asked()
	require.Equal(t, "/base/v1/lookup", path)
	require.Equal(t, "sluice_companion", c.asks.Cluster)
	require.Equal(t, int64(40), c.asks.Timeout)
	version := body["policy"]
	delete(body, "policy")
	require.Len(t, version, 32)
	var request any
	require.NoError(t, json.Unmarshal([]byte(president), &request))
	require.Equal(t, map[string]any{
		"id": "id-1", "api": "chat_completions", "model": "gpt-4o", "tenant": []any{[]any{"team", `re"d`}}, "exact": true, "semantic": true, "threshold": 0.75,
		"ttl_ms": 86400000.0, "max_temperature": 1.0, "max_answer": 1024.0, "within_ms": 40.0, "request": request,
	}, body)

	c.told(ticket, ":status", "200", "x-sluice-cache", "miss", "x-sluice-reason", "no entry")
	require.Equal(t, president, c.sent)
	require.Equal(t, "sluice_provider_openai", c.headers["x-sluice-cluster"])
	c.respond("200", "application/json").stream(true, chatAnswer[:20], chatAnswer[20:])
	require.Equal(t, "miss", c.seen["x-sluice-cache"])
	require.Equal(t, chatAnswer, c.client.String())
	r := c.done()
	require.Equal(t, "miss", r.Cache.Result)
	require.Equal(t, "no entry", r.Cache.Reason)
	require.Equal(t, int64(1), r.samples["sluice_cache_total;result=miss;"])

	path, _ = gateway.Headers(c.tells.Headers).Get(":path")
	require.Equal(t, "/base/v1/store", path)
	var stored map[string]any
	require.NoError(t, json.Unmarshal(c.tells.Body, &stored))
	require.Equal(t, map[string]any{
		"ticket": map[string]any{"key": "k"}, "content_type": "application/json", "answer": chatAnswer, "provider": "openai", "model": "gpt-4o",
		"usage":         map[string]any{"input": float64(r.Tokens.Input), "output": float64(r.Tokens.Output), "cached": float64(r.Tokens.Cached), "reasoning": float64(r.Tokens.Reasoning)},
		"cost_microusd": stored["cost_microusd"],
	}, stored)
	require.NotZero(t, stored["cost_microusd"])
}

func TestHit(t *testing.T) {
	for _, row := range []struct {
		name, path, body, contentType, result, similarity string
	}{
		{"equal", chat, president, "application/json", "hit", ""},
		{"by meaning", chat, president, "application/json", "semantic-hit", "0.9213"},
		{"a stream", messages, `{"model":"claude-haiku-4-5","stream":true,"max_tokens":9,"messages":[{"role":"user","content":"hi"}]}`, "text/event-stream", "semantic-hit", "1.0000"},
	} {
		t.Run(row.name, func(t *testing.T) {
			w := newWorld(t, cached)
			before := w.monthLeft()
			c := w.post(row.path, row.body)
			c.told("the answer", ":status", "200", "content-type", row.contentType, "x-sluice-cache", row.result, "x-sluice-similarity", row.similarity,
				"x-sluice-reason", "same but for: us", "x-sluice-entry", "abc", "x-sluice-usage", "input=12,output=30,cached=2,reasoning=1",
				"x-sluice-saved-microusd", "1234", "x-sluice-target", "anthropic/claude-haiku-4-5")
			require.Empty(t, c.sent)
			require.Equal(t, 200, c.reply.Status)
			require.Equal(t, "the answer", c.replyBody())
			require.Equal(t, row.contentType, c.replyHeader("content-type"))
			require.Equal(t, row.result, c.replyHeader("x-sluice-cache"))
			require.Equal(t, row.similarity, c.replyHeader("x-sluice-similarity"))
			require.Equal(t, "anthropic", c.replyHeader("x-sluice-provider"))
			require.Equal(t, "claude-haiku-4-5", c.replyHeader("x-sluice-model"))
			require.Equal(t, "0", c.replyHeader("x-sluice-attempts"))
			r := c.done()
			require.Nil(t, c.tells)
			require.Equal(t, "complete", r.End)
			require.Equal(t, row.result, r.Cache.Result)
			require.Equal(t, "same but for: us", r.Cache.Reason)
			require.Equal(t, int64(42), r.Cache.SavedTokens)
			require.Equal(t, "0.001234", r.Cache.Saved.String())
			require.Equal(t, "anthropic", r.Provider)
			require.Zero(t, r.Tokens.Input)
			require.Equal(t, "0", r.Cost.String())
			require.Equal(t, int64(1), r.samples["sluice_cache_total;result="+row.result+";"])
			require.Equal(t, int64(30), r.samples["sluice_cache_saved_tokens_total;direction=output;model=claude-haiku-4-5;team=none;"])
			require.Equal(t, int64(1234), r.samples["sluice_cache_saved_microusd_total;model=claude-haiku-4-5;team=none;"])
			require.Equal(t, before, w.monthLeft(), "what was reserved is given back")
		})
	}
}

// While a request is looked up nothing is reserved for it, so that one that is found costs no
// budget a write. It is refused before, as without a cache, where there is no room.
func TestReservesWhenNothingIsFound(t *testing.T) {
	const (
		asks = `{"model":"gpt-4o","messages":[{"role":"user","content":"Who?"}],"max_tokens":60}`
		miss = "miss"
	)
	w := newWorld(t, strings.Replace(cached, "limit: 100000", "limit: 100", 1))
	counted := &writes{Store: w.store}
	w.store = counted
	w.load(strings.Replace(cached, "limit: 100000", "limit: 100", 1))

	hit := w.post(chat, asks).told("the answer", ":status", "200", "x-sluice-cache", "hit", "content-type", "application/json", "x-sluice-target", "openai/gpt-4o")
	require.Equal(t, "100", hit.replyHeader("x-ratelimit-remaining-tokens"))
	require.Equal(t, "100", hit.done().Budgets[0].Remaining.String())
	require.Zero(t, counted.n)

	first, second := w.post(chat, asks), w.post(chat, asks)
	require.NotNil(t, second.asks, "there is room for each of them")
	first.told(ticket, ":status", "200", "x-sluice-cache", miss)
	require.Equal(t, asks, first.sent)
	second.told(ticket, ":status", "200", "x-sluice-cache", miss)
	require.Empty(t, second.sent, "and not for both")
	require.Equal(t, 429, second.reply.Status)
	require.Equal(t, miss, second.replyHeader("x-sluice-cache"))
	r := second.done()
	require.Equal(t, "refused", r.End)
	require.Equal(t, int64(1), r.samples["sluice_budget_denied_total;budget=month;"])
	require.JSONEq(t, `{"ticket":`+ticket+`,"abandon":true}`, string(second.tells.Body), "another's answer would be kept")

	third := w.post(chat, asks)
	require.Nil(t, third.asks, "what has no room is not looked up")
	require.Equal(t, 429, third.reply.Status)

	first.respond("200", "application/json").stream(true, chatAnswer)
	require.Equal(t, "complete", first.done().End)
	require.NotNil(t, w.post(chat, asks).asks)
	w.post(chat, asks).done() // gone in mid-look-up
	require.Equal(t, "85", w.post(chat, asks).told("a", ":status", "200", "x-sluice-cache", "hit", "content-type", "application/json").done().Budgets[0].Remaining.String())
}

// writes counts them.
type writes struct {
	budget.Store
	n int
}

func (w *writes) Set(key string, value []byte, v budget.Version) error {
	w.n++
	return w.Store.Set(key, value, v)
}

// monthLeft is what remains of the month's budget.
func (w *world) monthLeft() string {
	c := w.post(chat, president)
	c.told("", ":status", "200", "x-sluice-cache", "miss")
	c.respond("400", "application/json").stream(true, `{"error":{}}`)
	return c.done().Budgets[0].Remaining.String()
}

// Whatever the companion does, the request goes on, and is not cached.
func TestTheCompanionFails(t *testing.T) {
	miss := []string{":status", "200", "x-sluice-cache", "miss"}
	hit := []string{":status", "200", "x-sluice-cache", "hit", "content-type", "application/json"}
	for _, row := range []struct {
		name, body string
		headers    []string
		says       string
		lost       bool // it may lead, and not know
	}{
		{"no answer", "", nil, "did not answer in 41 ms", true},
		{"the host's word for none", "upstream request timeout", []string{":status", "504"}, "did not answer in 41 ms", true},
		{"the host's word for nobody", "no healthy upstream", []string{":status", "503"}, "could not be reached", false},
		{"a part of the companion that fails", `{"error":{}}`, []string{":status", "503", "content-type", "application/json"}, "answered 503", false},
		{"the wrong token", `{"error":{}}`, []string{":status", "401"}, "refused the gateway's token", false},
		{"an error", `{"error":{}}`, []string{":status", "500"}, "answered 500", false},
		{"a result that does not exist", "x", []string{":status", "200", "x-sluice-cache", "maybe"}, "maybe", true},
		{"a hit that says 404", "x", []string{":status", "404", "x-sluice-cache", "hit"}, "404", true},
		{"a hit without an answer", "", hit, "without an answer", true},
		{"a hit of another type", "x", []string{":status", "200", "x-sluice-cache", "hit", "content-type", "text/html"}, "text/html", true},
		{"a stream that was not asked for", "x", []string{":status", "200", "x-sluice-cache", "hit", "content-type", "text/event-stream"}, "form", false},
		{"a similarity that is not one", "x", append(hit, "x-sluice-similarity", `1,"x":2`), "no number", true},
		{"a negative saving", "x", append(hit, "x-sluice-saved-microusd", "-5"), "negative", true},
		{"a ticket too long", strings.Repeat("x", 33<<10), miss, "a ticket of 33792 bytes", true},
	} {
		t.Run(row.name, func(t *testing.T) {
			w := newWorld(t, cached)
			c := w.post(chat, president)
			w.now += 41
			c.told(row.body, row.headers...)
			require.Nil(t, c.reply)
			require.Equal(t, president, c.sent)
			c.respond("200", "application/json").stream(true, chatAnswer)
			require.Equal(t, "bypass", c.seen["x-sluice-cache"])
			r := c.done()
			require.Nil(t, c.tells)
			require.Contains(t, r.Cache.Reason, row.says)
			require.Equal(t, "companion_error", r.Failure)
			require.Equal(t, int64(1), r.samples["sluice_cache_total;result=error;"])
			if !row.lost {
				require.Nil(t, c.toldOf)
				return
			}
			path, _ := gateway.Headers(c.toldOf.Headers).Get(":path")
			require.Equal(t, "/base/v1/store", path)
			require.JSONEq(t, `{"lookup":"id-1","abandon":true}`, string(c.toldOf.Body))
		})
	}
}

func TestTheCircuitOpens(t *testing.T) {
	w := newWorld(t, cached)
	w.post(chat, president).told("")
	c := w.post(chat, president).told("")
	require.Contains(t, c.log, "failed 2 times in a row")
	require.Contains(t, c.log, "tried again in 10s")

	c = w.post(chat, president)
	require.Nil(t, c.asks, "it is left alone")
	require.Equal(t, president, c.sent)
	c.respond("200", "application/json").stream(true, chatAnswer)
	r := c.done()
	require.Equal(t, int64(1), r.samples["sluice_cache_total;result=circuit_open;"])
	require.Equal(t, "bypass", r.Cache.Result)

	w.now += 10_000
	first, second := w.post(chat, president), w.post(chat, president)
	require.NotNil(t, first.asks, "one may try")
	require.Nil(t, second.asks, "and no other meanwhile")
	first.told("", ":status", "200", "x-sluice-cache", "miss")
	require.NotNil(t, w.post(chat, president).asks)
}

// An identical request in flight is waited for, once and for as long as the policy says.
func TestWaitsForTheSame(t *testing.T) {
	w := newWorld(t, cached)
	c := w.post(chat, president).told("", ":status", "202", "x-sluice-cache", "wait")
	path, body := c.asked()
	require.Equal(t, "/base/v1/lookup?wait=7000", path)
	require.Equal(t, "gpt-4o", body["model"])
	require.Equal(t, "id-1", body["id"])
	require.Equal(t, int64(7040), c.asks.Timeout)
	c.told("the answer", ":status", "200", "x-sluice-cache", "hit", "content-type", "application/json", "x-sluice-target", "openai/gpt-4o")
	require.Equal(t, "the answer", c.replyBody())

	c = w.post(chat, president).told("", ":status", "202", "x-sluice-cache", "wait").told("", ":status", "202", "x-sluice-cache", "wait")
	require.Equal(t, president, c.sent)
	require.Nil(t, c.asks)

	w = newWorld(t, strings.Replace(cached, "wait: 7s", "wait: 0s", 1))
	c = w.post(chat, president).told("", ":status", "202", "x-sluice-cache", "wait")
	require.Equal(t, president, c.sent)
}

func TestNotLookedUp(t *testing.T) {
	long := strings.Replace(president, "Who", strings.Repeat("Who ", 300), 1)
	for _, row := range []struct {
		name, path, body string
		headers          []string
		says             string
	}{
		{"the client's word", chat, president, []string{"x-sluice-cache", "bypass"}, "the client wants none"},
		{"no-store", chat, president, []string{"cache-control", "max-age=0, No-Store"}, "the client wants none"},
		{"too long", chat, long, nil, "cache.max_request"},
		{"an embedding", "/v1/embeddings", `{"model":"text-embedding-3-small","input":"hi"}`, nil, "not for this operation"},
	} {
		t.Run(row.name, func(t *testing.T) {
			w := newWorld(t, cached)
			c := w.post(row.path, row.body, row.headers...)
			require.Nil(t, c.asks)
			require.NotEmpty(t, c.sent)
			c.respond("400", "application/json").stream(true, `{"error":{}}`)
			require.Equal(t, "bypass", c.seen["x-sluice-cache"])
			require.Contains(t, c.done().Cache.Reason, row.says)
		})
	}
	t.Run("a client cannot ask for more", func(t *testing.T) {
		w := newWorld(t, cached)
		require.NotNil(t, w.post(chat, president, "x-sluice-cache", "hit").asks)
	})
}

// What the client got whole is offered, and of anything else it is said that none comes.
func TestOffers(t *testing.T) {
	const asks = `{"model":"gpt-4o","stream":true,"messages":[{"role":"user","content":"Who?"}],"max_tokens":50}`
	end := chatStream[len(chatStream)-len("data: [DONE]\n\n"):]
	require.Equal(t, "data: [DONE]\n\n", end)
	for _, row := range []struct {
		name   string
		run    func(c *call)
		offers bool
		says   string
	}{
		{"a whole stream", func(c *call) { c.respond("200", "text/event-stream").stream(true, chatStream[:50], chatStream[50:]) }, true, ""},
		{"a stream that broke", func(c *call) { c.respond("200", "text/event-stream").stream(true, chatStream[:50]) }, false, ""},
		{"a client that left", func(c *call) { c.respond("200", "text/event-stream").stream(false, chatStream[:50]) }, false, ""},
		{"an error", func(c *call) { c.respond("500", "application/json").stream(true, `{"error":{}}`) }, false, ""},
		{"an answer of another type", func(c *call) { c.respond("200", "text/plain").stream(true, "hello") }, false, ""},
		{"one that is too long", func(c *call) {
			more := strings.Repeat(": filling\n\n", 100)
			c.respond("200", "text/event-stream").stream(true, chatStream[:50], chatStream[50:len(chatStream)-len(end)], more, end)
		}, false, "over cache.max_answer"},
		{"no answer at all", func(*call) {}, false, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			w := newWorld(t, cached)
			c := w.post(chat, asks).told(ticket, ":status", "200", "x-sluice-cache", "miss")
			row.run(c)
			r := c.done()
			require.Contains(t, r.Cache.NotKept, row.says)
			var told struct {
				Ticket      json.RawMessage
				Abandon     bool
				Answer      string
				ContentType string `json:"content_type"`
			}
			require.NoError(t, json.Unmarshal(c.tells.Body, &told))
			require.JSONEq(t, ticket, string(told.Ticket))
			require.Equal(t, !row.offers, told.Abandon)
			if row.offers {
				require.Equal(t, c.client.String(), told.Answer)
				require.Equal(t, "text/event-stream", told.ContentType)
			}
			samples := w.gateway.Told(w.now, c.tells, gateway.Headers{{":status", "200"}})
			require.Equal(t, "sluice_companion_calls_total;action=store;result=ok;", samples[0].Name)
		})
	}
}

// Answers that are copied while they pass have a bound, however many there are.
func TestHeldAnswersAreBounded(t *testing.T) {
	w := newWorld(t, strings.Replace(cached, "max_answer: 1KiB", "max_answer: 4MiB", 1))
	const asks = `{"model":"gpt-4o","stream":true,"messages":[{"role":"user","content":"Who?"}],"max_tokens":50}`
	begin := func() *call {
		c := w.post(chat, asks).told(ticket, ":status", "200", "x-sluice-cache", "miss")
		return c.respond("200", "text/event-stream").stream(false, ": "+strings.Repeat("x", 3<<20)+"\n\n")
	}
	first, second := begin(), begin()
	require.Contains(t, second.done().Cache.NotKept, "too many")
	first.stream(true, chatStream)
	require.Empty(t, first.done().Cache.NotKept)
	third := begin()
	third.stream(true, chatStream)
	require.Empty(t, third.done().Cache.NotKept, "the room was given back")
}

// So have those that are on their way to a companion that does not take them.
func TestAnswersOnTheirWayAreBounded(t *testing.T) {
	w := newWorld(t, strings.Replace(cached, "max_answer: 1KiB", "max_answer: 4MiB", 1))
	const asks = `{"model":"gpt-4o","stream":true,"messages":[{"role":"user","content":"Who?"}],"max_tokens":50}`
	answered := func() (*call, record) {
		c := w.post(chat, asks).told(ticket, ":status", "200", "x-sluice-cache", "miss")
		c.respond("200", "text/event-stream").stream(true, ": "+strings.Repeat("x", 3<<20)+"\n\n", chatStream)
		return c, c.done()
	}
	var offers []*gateway.Call
	for range 2 {
		c, r := answered()
		require.Empty(t, r.Cache.NotKept)
		require.Greater(t, len(c.tells.Body), 3<<20)
		offers = append(offers, c.tells)
	}
	for range 3 {
		c, r := answered()
		require.Equal(t, "too many answers are on their way to the companion", r.Cache.NotKept)
		require.EqualValues(t, 1, r.samples["sluice_cache_not_kept_total;reason=untold;"])
		require.JSONEq(t, `{"ticket":`+ticket+`,"abandon":true,"final":true}`, string(c.tells.Body), "nobody waits for it")
	}
	for i, h := range []gateway.Headers{{{":status", "200"}}, nil} { // taken, and given up
		offers[i].Body = nil // as the host's adapter does
		w.gateway.Told(w.now, offers[i], h)
		_, r := answered()
		require.Empty(t, r.Cache.NotKept, "there is room again")
	}
}

// The version changes with what answers depend on, and with nothing else.
func TestTheVersion(t *testing.T) {
	version := func(policy string) string {
		_, body := newWorld(t, policy).post(chat, president).asked()
		return body["policy"].(string)
	}
	was := version(cached)
	for name, text := range map[string]string{
		"a target":   strings.Replace(cached, "model: gpt-4o-mini}", "model: gpt-4o}", 1),
		"the scope":  strings.Replace(cached, "scope: [team]", "scope: [team, key]", 1),
		"a provider": strings.Replace(cached, "https://api.openai.com", "https://eu.api.openai.com", 1),
		"the tenant": strings.Replace(cached, "team: {header: x-team, verified: true}", "team: {header: x-team, hash: true}", 1),
	} {
		require.NotEqual(t, was, version(text), name)
	}
	schema, trial := version(cached+"guards: {output: {json_schema: {type: object}}}\n"), version(cached+"guards: {output: {mode: shadow, json_schema: {type: object}}}\n")
	require.NotEqual(t, was, schema)
	require.NotEqual(t, schema, trial, "what was kept under a rule in shadow was held to nothing")
	for name, text := range map[string]string{
		"a limit":       strings.Replace(cached, "limit: 100000", "limit: 99999", 1),
		"the threshold": strings.Replace(cached, "wait: 7s", "threshold: 0.9", 1),
	} {
		require.Equal(t, was, version(text), name)
	}
}

// Values that JSON cannot tell apart are told apart all the same, and none can pass for
// another's digest.
func TestTenantsOfAnyBytes(t *testing.T) {
	w := newWorld(t, cached)
	seen := map[string]string{}
	values := []string{"", "a", "caf\xe9", "caf\xe8", "caf\ufffd", "\xff", "\xfe", "\xff\xff", strings.Repeat("x", 300), strings.Repeat("x", 301)}
	for i := 0; i < len(values) && len(values) < 40; i++ {
		_, body := w.post(chat, president, "x-team", values[i]).asked()
		sent := body["tenant"].([]any)[0].([]any)[1].(string)
		require.NotContains(t, seen, sent, "%q and %q", values[i], seen[sent])
		seen[sent] = values[i]
		if strings.HasPrefix(sent, "blake2b:") {
			values = append(values, sent) // a client may know how it is done
		}
	}
}

// What was answered by one rule's target is not given where another rule holds.
func TestRulesKeepAnswersApart(t *testing.T) {
	text := strings.Replace(cached, "models:\n", `models:
  ruled:
    targets: [{provider: openai, model: gpt-4o}, {provider: plain, model: gpt-4o-mini}]
    rules: [{name: premium, when: {header: {x-tier: premium}}, targets: [openai/gpt-4o]}]
`, 1)
	ask := strings.Replace(president, `"gpt-4o"`, `"ruled"`, 1)
	w := newWorld(t, text)
	_, premium := w.post(chat, ask, "x-tier", "premium").asked()
	_, free := w.post(chat, ask, "x-tier", "free").asked()
	require.Equal(t, []any{[]any{"rule", "premium"}}, premium["other"])
	require.Nil(t, free["other"])
	_, changed := newWorld(t, strings.Replace(text, "targets: [openai/gpt-4o]}", "targets: [plain/gpt-4o-mini]}", 1)).post(chat, ask, "x-tier", "free").asked()
	require.NotEqual(t, free["policy"], changed["policy"])
}

// A host that answers by itself in mid-look-up, since it has no patience, costs nothing.
func TestTheHostAnswersInMidLookUp(t *testing.T) {
	w := newWorld(t, cached)
	before := w.monthLeft()
	c := w.post(chat, president)
	c.respond("504", "text/plain").stream(true, "stream timeout")
	require.Equal(t, "id-1", c.seen["x-sluice-id"])
	r := c.done()
	require.Equal(t, "error", r.End)
	require.JSONEq(t, `{"lookup":"id-1","abandon":true}`, string(c.tells.Body), "nobody is to wait for it")
	require.Equal(t, before, w.monthLeft())
}

// What becomes of records and of offered answers says nothing of look-ups.
func TestOnlyLookUpsMoveTheCircuit(t *testing.T) {
	w := newWorld(t, cached+"records: {companion: true, access_log: true}\n")
	w.post(chat, president).told("", ":status", "200", "x-sluice-cache", "miss").respond("400", "application/json").stream(true, `{"error":{}}`).done()
	for range 20 {
		w.now += 6000
		c := w.gateway.Records(w.now)
		require.NotNil(t, c)
		w.gateway.Told(w.now, c, gateway.Headers{{":status", "503"}})
	}
	require.NotNil(t, w.post(chat, president).asks)

	w.post(chat, president).told("")
	w.post(chat, president).told("")
	w.now += 6000
	w.gateway.Told(w.now, w.gateway.Records(w.now), gateway.Headers{{":status", "200"}})
	require.Nil(t, w.post(chat, president).asks, "the circuit is open all the same")
}

// Records go to the companion together, and again where it did not take them.
func TestRecordsGoToTheCompanion(t *testing.T) {
	w := newWorld(t, providers+"companion: {credential: {env: SECOND_API_KEY}}\nrecords: {companion: true, access_log: true}\n")
	require.False(t, w.gateway.HasRecords())
	for range 3 {
		w.post(chat, president).respond("400", "application/json").stream(true, `{"error":{}}`).done()
	}
	require.True(t, w.gateway.HasRecords())
	require.Nil(t, w.gateway.Records(w.now), "it waits for more")
	w.now += 1000
	c := w.gateway.Records(w.now)
	require.Contains(t, c.Headers, [2]string{":path", "/v1/records"})
	require.Contains(t, c.Headers, [2]string{"authorization", "Bearer key-second"})
	lines := strings.Split(strings.TrimSuffix(string(c.Body), "\n"), "\n")
	require.Len(t, lines, 3)
	for _, line := range lines {
		require.True(t, json.Valid([]byte(line)))
	}
	require.Nil(t, w.gateway.Records(w.now), "they are on their way")
	told := w.gateway.Told(w.now, c, nil)
	require.Equal(t, "sluice_companion_calls_total;action=records;result=unanswered;", told[0].Name)
	require.Nil(t, w.gateway.Records(w.now+1000), "not at once again")
	again := w.gateway.Records(w.now + 5000)
	require.Equal(t, c.Body, again.Body)
	w.gateway.Told(w.now, again, gateway.Headers{{":status", "200"}})
	require.False(t, w.gateway.HasRecords())
}

// Two look for a kept answer at once, and there is room for one of them: the other is
// refused, and its record says so as if it had not looked.
func TestRefusedBehindTheLookUp(t *testing.T) {
	w := newWorld(t, strings.Replace(cached, "limit: 100000", "limit: 100", 1))
	first, second := w.post(chat, president), w.post(chat, president)
	first.told(ticket, ":status", "200", "x-sluice-cache", "miss", "content-type", "application/json")
	require.NotEmpty(t, first.sent)
	second.told(ticket, ":status", "200", "x-sluice-cache", "miss", "content-type", "application/json")
	require.Equal(t, 429, second.reply.Status)
	said := string(second.request.Done(w.now, false).Record)
	direct := w.post(chat, president, "x-sluice-cache", "bypass")
	require.Equal(t, 429, direct.reply.Status)
	plain := string(direct.request.Done(w.now, false).Record)
	budgets := func(record string) string {
		_, rest, _ := strings.Cut(record, `"budgets":`)
		text, _, _ := strings.Cut(rest, `,"cache"`)
		return text
	}
	require.Contains(t, budgets(plain), `"refused":true`)
	require.Equal(t, budgets(plain), budgets(said))
}

// fragile is a store that can be made to fail.
type fragile struct {
	budget.Store
	broken bool
}

func (f *fragile) Get(key string) ([]byte, budget.Version, error) {
	if f.broken {
		return brokenStore{}.Get(key)
	}
	return f.Store.Get(key)
}

// A store that fails while a request is looked up: what becomes of it is for
// budget.on_store_error, the operator hears of it, and another's answer may well be kept.
func TestTheStoreFailsBehindTheLookUp(t *testing.T) {
	for _, row := range []struct{ policy, log string }{
		{"deny", "request id-1: "},
		{"allow", "budgets are not enforced on request id-1: "},
	} {
		for _, headers := range [][]string{nil, {"x-sluice-cache", "bypass"}} {
			w := newWorld(t, cached)
			store := &fragile{Store: w.store, broken: headers != nil}
			w.store = store
			w.load(cached + "budget: {on_store_error: " + row.policy + "}\n")
			c := w.post(chat, president, headers...)
			if headers == nil {
				require.Empty(t, c.log)
				store.broken = true
				c.told(ticket, ":status", "200", "x-sluice-cache", "miss")
			}
			require.Contains(t, c.log, row.log)
			require.Contains(t, c.log, "no shared data here")
			if row.policy == "allow" {
				require.Equal(t, president, c.sent)
				continue
			}
			require.Equal(t, 503, c.reply.Status)
			require.Equal(t, "budget_unavailable", c.done().Code)
			if headers == nil {
				require.JSONEq(t, `{"ticket":`+ticket+`,"abandon":true}`, string(c.tells.Body), "not final")
			}
		}
	}
}

// A request that was let by without a budget, and whose provider then fails, has an error like
// any other.
func TestAnErrorOfAnUncountedRequestIsFinal(t *testing.T) {
	w := newWorld(t, cached)
	store := &fragile{Store: w.store}
	w.store = store
	w.load(cached + "budget: {on_store_error: allow}\n")
	c := w.post(chat, president)
	store.broken = true
	c.told(ticket, ":status", "200", "x-sluice-cache", "miss")
	c.respond("500", "application/json").stream(true, `{"error":{}}`)
	c.done()
	require.JSONEq(t, `{"ticket":`+ticket+`,"abandon":true,"final":true}`, string(c.tells.Body))
}

// Whoever is to wait, and is refused instead, keeps no place among those that wait.
func TestARefusedWaitGivesItsPlaceBack(t *testing.T) {
	w := newWorld(t, cached)
	for range 1024 { // maxWaits
		c := w.post(chat, president)
		c.body = nil // the host cannot show it any more
		c.told("", ":status", "202", "x-sluice-cache", "wait")
		require.NotNil(t, c.reply)
		c.done()
	}
	c := w.post(chat, president).told("", ":status", "202", "x-sluice-cache", "wait")
	path, _ := c.asked()
	require.Equal(t, "/base/v1/lookup?wait=7000", path)
}

// The bound is on what the calls have, in which an answer's quotes take twice their room.
func TestCallsOnTheirWayAreBoundedAsTheyAre(t *testing.T) {
	w := newWorld(t, strings.Replace(cached, "max_answer: 1KiB", "max_answer: 4MiB", 1))
	const asks = `{"model":"gpt-4o","stream":true,"messages":[{"role":"user","content":"Who?"}],"max_tokens":50}`
	total, kept := 0, 0
	for range 4 {
		c := w.post(chat, asks).told(ticket, ":status", "200", "x-sluice-cache", "miss")
		c.respond("200", "text/event-stream").stream(true, ": "+strings.Repeat(`"`, 3<<19)+"\n\n", chatStream)
		if c.done().Cache.NotKept == "" {
			total += len(c.tells.Body)
			kept++
		}
	}
	require.Equal(t, 2, kept)
	require.LessOrEqual(t, total, 8<<20)
}
