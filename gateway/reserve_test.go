package gateway_test

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"
)

const chat = "/v1/chat/completions"

// left is what a budget of 100,000 tokens a month has left, as the next request sees it.
func (w *world) left() int64 {
	c := w.post(chat, `{"model":"gpt-4o","messages":[],"max_tokens":0}`)
	require.Nil(w.t, c.reply, c.replyBody())
	c.respond("500", "application/json").stream(true, `{}`)
	n, err := strconv.ParseInt(c.seen["x-ratelimit-remaining-tokens"], 10, 64)
	require.NoError(w.t, err)
	overhead := c.done().Budgets[0].Reserved // of this very request
	held, err := overhead.Int64()
	require.NoError(w.t, err)
	return n + held
}

const monthly = providers + `
budgets: [{name: b, unit: tokens, limit: 100000, calendar: month}]
`

// What is reserved is the input and the largest output that the request allows.
func TestReserved(t *testing.T) {
	input := func(body string) int64 { // what the same request reserves with no output at all
		w := newWorld(t, monthly)
		c := w.post(chat, body)
		require.Nil(t, c.reply, c.replyBody())
		n, err := c.done().Budgets[0].Reserved.Int64()
		require.NoError(t, err)
		return n
	}
	const message = `"model":"gpt-4o","messages":[{"role":"user","content":"Count me in"}]`
	base := input(`{` + message + `,"max_tokens":0}`)
	require.Positive(t, base)

	for _, row := range []struct {
		members string
		output  int64
		why     string
	}{
		{`,"max_tokens":100`, 100, "one cap"},
		{`,"max_completion_tokens":200`, 200, "its successor"},
		{`,"max_tokens":1,"max_completion_tokens":10000`, 10000, "both: the larger, whichever the upstream obeys"},
		{`,"max_tokens":10000,"max_completion_tokens":1`, 10000, "the other way round"},
		{`,"max_tokens":100,"n":5`, 500, "n multiplies"},
		{`,"max_tokens":100,"n":null`, 100, "null is absent"},
		{`,"max_tokens":100,"n":0`, 100, "a provider refuses it; one choice is reserved"},
		{`,"max_tokens":null`, 16384, "no cap: the model's largest output"},
		{`,"n":2`, 32768, "for each choice"},
		{`,"n":10`, (100000 - base) / 10 * 10, "no cap: clamped to what is left, divided by n"},
	} {
		t.Run(row.why, func(t *testing.T) {
			require.Equal(t, base+row.output, input(`{`+message+row.members+`}`))
		})
	}
}

// A cap of the client's own is never changed; a missing one is put there when what is
// left is less than the model could answer with.
func TestClamp(t *testing.T) {
	for _, row := range []struct {
		why, budget, path, body string
		field                   string
		left                    int64 // of what is sent, with what the input takes
	}{
		{"room for all: nothing is put", "100000", chat, `{"model":"gpt-4o","messages":[]}`, "max_completion_tokens", 0},
		{"less room", "1000", chat, `{"model":"gpt-4o","messages":[]}`, "max_completion_tokens", 1000},
		{"shared by choices", "1000", chat, `{"model":"gpt-4o","messages":[],"n":4}`, "max_completion_tokens", 250},
		{"the client's own stays", "1000", chat, `{"model":"gpt-4o","messages":[],"max_tokens":7}`, "max_completion_tokens", 0},
		{"a null becomes the cap", "1000", chat, `{"model":"gpt-4o","messages":[],"max_completion_tokens":null}`, "max_completion_tokens", 1000},
		{"a completion ends after 16 by itself", "1000", "/v1/completions", `{"model":"gpt-3.5-turbo-instruct","prompt":""}`, "max_tokens", 0},
		{"unless there is room for less", "9", "/v1/completions", `{"model":"gpt-3.5-turbo-instruct","prompt":""}`, "max_tokens", 9},
		{"an embedding has no output", "1000", "/v1/embeddings", `{"model":"text-embedding-3-small","input":"a"}`, "max_tokens", 0},
		{"a model that nobody knows", "100000", chat, `{"model":"unheard-of","messages":[]}`, "max_completion_tokens", 32768},
	} {
		t.Run(row.why, func(t *testing.T) {
			w := newWorld(t, providers+"budgets: [{name: b, unit: tokens, limit: "+row.budget+", calendar: month}]\n")
			c := w.post(row.path, row.body)
			require.Nil(t, c.reply, c.replyBody())
			sent := gjson.Get(c.sent, row.field)
			if row.left == 0 {
				require.Equal(t, row.body, c.sent)
				return
			}
			require.Equal(t, gjson.Number, sent.Type, c.sent)
			choices := max(1, gjson.Get(row.body, "n").Int())
			require.LessOrEqual(t, sent.Int(), row.left)
			require.Greater(t, sent.Int(), row.left-8/choices-4, "no more is kept back than the input takes")
		})
	}
}

// A provider's default_max_tokens is the cap that a Messages request without one gets, and
// so what is reserved for it.
func TestDefaultMaxTokens(t *testing.T) {
	with := strings.Replace(monthly, "credential: {env: ANTHROPIC_API_KEY}", "credential: {env: ANTHROPIC_API_KEY}, default_max_tokens: 300", 1)
	body := `{"model":"claude-haiku-4-5","messages":[]}`
	c := newWorld(t, with).post("/v1/messages", body)
	require.EqualValues(t, 300, gjson.Get(c.sent, "max_tokens").Int())
	reserved, err := c.done().Budgets[0].Reserved.Int64()
	require.NoError(t, err)
	require.InDelta(t, 300, reserved, 10)

	c = newWorld(t, strings.Replace(with, "limit: 100000", "limit: 200", 1)).post("/v1/messages", body)
	require.InDelta(t, 195, gjson.Get(c.sent, "max_tokens").Int(), 5, "what is left, if that is less")
}

func TestClampOff(t *testing.T) {
	w := newWorld(t, providers+"budgets: [{name: b, unit: tokens, limit: 1000, calendar: month}]\nbudget: {clamp: false}\n")
	body := `{"model":"gpt-4o","messages":[]}`
	require.Equal(t, body, w.post(chat, body).sent)
	require.NotNil(t, w.post(chat, body).reply, "the first holds all that there was")
}

func TestRefused(t *testing.T) {
	w := newWorld(t, providers+`
budgets:
  - {name: key-minute, per: [key], unit: tokens, limit: 1000, every: 1m}
  - {name: team-month, per: [team, model], unit: usd, limit: 0.5, calendar: month}
`)
	first := w.post(chat, `{"model":"gpt-4o","messages":[],"max_tokens":900}`, "authorization", "Bearer a", "x-team", "blue")
	require.Nil(t, first.reply)

	t.Run("OpenAI", func(t *testing.T) {
		c := w.post(chat, `{"model":"gpt-4o","messages":[],"max_tokens":500}`, "authorization", "Bearer a")
		require.Equal(t, 429, c.reply.Status)
		require.Equal(t, "application/json", c.replyHeader("content-type"))
		e := gjson.Get(c.replyBody(), "error")
		require.Equal(t, "rate_limit_exceeded", e.Get("type").Str)
		require.Equal(t, "budget_exceeded", e.Get("code").Str)
		require.Equal(t, gjson.Null, e.Get("param").Type)
		said := regexp.MustCompile(`^budget "key-minute" of 1000 tokens every 1m: (\d+) tokens left, and this request needs up to (50\d) tokens \(\d input tokens and at most 500 output tokens\)$`).FindStringSubmatch(e.Get("message").Str)
		require.NotNil(t, said, e.Get("message").Str)
		left, _ := strconv.Atoi(said[1])
		asked, _ := strconv.Atoi(said[2])
		require.Equal(t, strconv.Itoa(((asked-left)*60+999)/1000), c.replyHeader("retry-after"), "seconds until 1,000 a minute have refilled what is missing, rounded up")
		require.Equal(t, "1000", c.replyHeader("x-ratelimit-limit-tokens"))
		r := c.done()
		require.Equal(t, "refused", r.End)
		require.Equal(t, int64(1), r.samples["sluice_budget_denied_total;budget=key-minute;"])
		require.True(t, r.Budgets[0].Refused)
		require.False(t, r.Budgets[1].Refused)
	})
	t.Run("Anthropic", func(t *testing.T) {
		c := w.post("/v1/messages", `{"model":"claude-haiku-4-5","messages":[],"max_tokens":500}`, "authorization", "Bearer a")
		require.Equal(t, 429, c.reply.Status)
		require.Equal(t, "error", gjson.Get(c.replyBody(), "type").Str)
		require.Equal(t, "rate_limit_error", gjson.Get(c.replyBody(), "error.type").Str)
	})
	t.Run("another key has a budget of its own", func(t *testing.T) {
		require.Nil(t, w.post(chat, `{"model":"gpt-4o","messages":[],"max_tokens":500}`, "authorization", "Bearer b").reply)
	})
	t.Run("so has nobody", func(t *testing.T) {
		require.Nil(t, w.post(chat, `{"model":"gpt-4o","messages":[],"max_tokens":900}`).reply)
		require.NotNil(t, w.post(chat, `{"model":"gpt-4o","messages":[],"max_tokens":900}`).reply)
		require.Nil(t, w.post(chat, `{"model":"gpt-4o","messages":[],"max_tokens":900}`, "authorization", "").reply, "an empty value is not a missing one")
	})
	t.Run("more than the whole", func(t *testing.T) {
		c := w.post(chat, `{"model":"gpt-4o","messages":[],"max_tokens":5000}`, "authorization", "Bearer c")
		require.Contains(t, c.replyBody(), "more than the whole budget")
		require.Equal(t, "false", c.replyHeader("x-should-retry"))
		require.Equal(t, "1000", c.replyHeader("x-ratelimit-remaining-tokens"), "a refused request holds nothing")
	})
	t.Run("all or none", func(t *testing.T) {
		w := newWorld(t, providers+`
budgets:
  - {name: roomy, unit: tokens, limit: 100000, calendar: month}
  - {name: tight, unit: requests, limit: 1, calendar: day}
`)
		require.Nil(t, w.post(chat, `{"model":"gpt-4o","messages":[],"max_tokens":10}`).reply)
		c := w.post(chat, `{"model":"gpt-4o","messages":[],"max_tokens":10}`)
		require.Contains(t, c.replyBody(), `budget \"tight\" of 1 requests a day: 0 requests left, and this request needs 1`)
		before := c.replyHeader("x-ratelimit-remaining-tokens")
		require.Equal(t, before, w.post(chat, `{"model":"gpt-4o","messages":[],"max_tokens":10}`).replyHeader("x-ratelimit-remaining-tokens"), "the roomy one got nothing taken")
	})
}

// A budget in dollars takes the request's largest price, and lowers a missing cap to
// what the money buys.
func TestDollars(t *testing.T) {
	w := newWorld(t, providers+"budgets: [{name: b, unit: usd, limit: \"0.01\", calendar: month}]\nprices: {gpt-4o: {input: 2, output: 10}}\n")
	c := w.post(chat, `{"model":"gpt-4o","messages":[]}`)
	require.Nil(t, c.reply, c.replyBody())
	sent := gjson.Get(c.sent, "max_completion_tokens").Int()
	require.InDelta(t, 1000, sent, 4, "a cent at ten dollars a million")
	c.respond("200", "application/json").stream(true, `{"usage":{"prompt_tokens":100,"completion_tokens":50}}`)
	require.Equal(t, "0.0007", c.seen["x-sluice-cost-usd"])
	r := c.done()
	require.Equal(t, "0.0007", string(r.Budgets[0].Settled))
	require.Equal(t, "0.0093", string(r.Budgets[0].Remaining))

	c = w.post(chat, `{"model":"unheard-of","messages":[],"max_tokens":1}`)
	require.Contains(t, c.replyBody(), "the gateway knows no price of model")
	require.Equal(t, "price_unknown", c.done().Failure)
}

func TestShadow(t *testing.T) {
	w := newWorld(t, providers+"budgets: [{name: b, unit: tokens, limit: 10, calendar: month, mode: shadow}]\n")
	c := w.post(chat, `{"model":"gpt-4o","messages":[],"max_tokens":500}`)
	require.Nil(t, c.reply)
	c.respond("200", "application/json").stream(true, `{"usage":{"prompt_tokens":1,"completion_tokens":2}}`)
	r := c.done()
	require.True(t, r.Budgets[0].WouldRefuse)
	require.Equal(t, int64(1), r.samples["sluice_budget_shadow_denied_total;budget=b;"])
	require.NotContains(t, c.seen, "x-ratelimit-limit-tokens", "a limit that nobody enforces is none")
}

func TestStoreFailure(t *testing.T) {
	for _, on := range []string{"deny", "allow"} {
		t.Run(on, func(t *testing.T) {
			w := &world{t: t, now: start, store: brokenStore{}}
			w.load(monthly + "budget: {on_store_error: " + on + "}\n")
			c := w.post(chat, `{"model":"gpt-4o","messages":[]}`)
			if on == "deny" {
				require.Equal(t, 503, c.reply.Status)
			} else {
				require.Nil(t, c.reply)
				c.respond("200", "application/json").stream(true, `{"usage":{"prompt_tokens":1,"completion_tokens":2}}`)
			}
			r := c.done()
			require.Equal(t, "store_error", r.Failure)
			require.Equal(t, int64(1), r.samples["sluice_failures_total;kind=store_error;"])
		})
	}
}

// Anthropic charges a quarter more for input that it writes to its cache, and twice as
// much for what it keeps for an hour; a request that does not ask for it cannot cost that.
func TestCacheWrites(t *testing.T) {
	reserved := func(body string) float64 {
		w := newWorld(t, providers+"budgets: [{name: b, unit: usd, limit: 100, calendar: month}]\n")
		c := w.post("/v1/messages", body)
		require.Nil(t, c.reply, c.replyBody())
		n, err := c.done().Budgets[0].Reserved.Float64()
		require.NoError(t, err)
		return n
	}
	text := strings.Repeat("word ", 1000)
	plain := reserved(`{"model":"claude-haiku-4-5","max_tokens":0,"messages":[{"role":"user","content":[{"type":"text","text":"` + text + `"}]}]}`)
	for _, body := range []string{
		`{"model":"claude-haiku-4-5","max_tokens":0,"messages":[{"role":"user","content":[{"type":"text","text":"` + text + `","cache_control":{"type":"ephemeral"}}]}]}`,
		`{"model":"claude-haiku-4-5","max_tokens":0,"cache_control":{"type":"ephemeral"},"messages":[{"role":"user","content":[{"type":"text","text":"` + text + `"}]}]}`,
		`{"model":"claude-haiku-4-5","max_tokens":0,"system":[{"type":"text","text":"` + text + `","cache_control":{"type":"ephemeral"}}],"messages":[]}`,
	} {
		require.InDelta(t, 2*plain, reserved(body), 0.00002)
	}
}
