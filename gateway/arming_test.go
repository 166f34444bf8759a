package gateway_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"
)

// The hosts that let a request go by themselves when a call of it is over, by what they do
// where it failed.
const (
	tells  = "tells"  // Kong from 3.9 on
	goesOn = "goesOn" // 3.8
	breaks = "breaks" // up to 3.7
)

func newResuming(t testing.TB, host, route, text string) *world {
	w := newWorld(t, text)
	w.fixed, w.route, w.resumes, w.breaks = true, route, true, host == breaks
	w.load(text)
	return w
}

// fails is the call that a request waits for failing.
func (c *call) fails(host string) *call {
	switch host {
	case tells:
		return c.told("")
	case goesOn:
		return c.goesOn()
	}
	c.goesOn().sent = ""
	return c
}

const houseAsk = `{"model":"house","messages":[{"role":"user","content":"Who is the president?"}]}`

// What goes out after a look-up is what was made ready before it, and that is what goes out
// where nothing is looked up.
func TestLooksUpBeforeItGoes(t *testing.T) {
	without := newRouted(t, "openai", strings.Replace(cached, "cache: {", "cache: {enabled: false, ", 1))
	want := without.post(chat, houseAsk, "authorization", "Bearer theirs", "content-length", strconv.Itoa(len(houseAsk)))
	require.NotEmpty(t, want.sent)

	for _, stored := range []struct{ result, body string }{{"miss", ticket}, {"bypass", ""}, {"wait", ""}} {
		w := newResuming(t, tells, "openai", cached)
		c := w.post(chat, houseAsk, "authorization", "Bearer theirs", "content-length", strconv.Itoa(len(houseAsk)))
		require.Empty(t, c.sent)
		require.Equal(t, "127.0.0.1:8090", c.asks.Target)
		first := string(c.asks.Body)
		require.Equal(t, want.sent, string(c.body), "it is ready")
		if stored.result == "wait" {
			c.told("", ":status", "202", "x-sluice-cache", "wait")
			require.Equal(t, first, string(c.asks.Body))
			c.told("", ":status", "202", "x-sluice-cache", "wait")
		} else {
			c.told(stored.body, ":status", "200", "x-sluice-cache", stored.result, "x-sluice-reason", "because")
		}
		require.Nil(t, c.asks)
		require.Equal(t, want.sent, c.sent)
		require.Equal(t, want.headers, c.headers)
		c.respond("200", "application/json").stream(true, chatAnswer)
		r := c.done()
		require.Equal(t, "complete", r.End)
		require.Len(t, r.Attempts, 1)
		settled(t, w, r)
		require.Equal(t, stored.result == "miss", c.tells != nil)
		if c.tells != nil {
			require.Equal(t, chatAnswer, gjson.GetBytes(c.tells.Body, "answer").Str)
		}
	}

	w := newResuming(t, tells, "openai", cached)
	c := w.post(chat, houseAsk).told(chatAnswer, ":status", "200", "content-type", "application/json", "x-sluice-cache", "hit",
		"x-sluice-target", "openai/gpt-4o-mini", "x-sluice-usage", "input=12,output=3")
	require.Equal(t, 200, c.reply.Status)
	require.Equal(t, chatAnswer, c.replyBody())
	r := c.done()
	require.Empty(t, r.Attempts)
	require.Equal(t, "hit", r.Cache.Result)
	require.Equal(t, int64(0), number(t, r.Budgets[0].Settled), "what was reserved is given back")
	require.Equal(t, int64(100000), number(t, r.Budgets[0].Remaining))
}

// A companion that cannot be asked costs a request nothing where the host lets it go on, and
// after some it is not asked any more.
func TestLookUpFails(t *testing.T) {
	for _, host := range []string{tells, goesOn, breaks} {
		t.Run(host, func(t *testing.T) {
			w := newResuming(t, host, "openai", cached)
			for range 2 {
				c := w.post(chat, houseAsk, "authorization", "Bearer theirs").fails(host)
				if host == breaks {
					c.respond("500", "text/html").stream(true, "<html>500 Internal Server Error</html>")
					require.Equal(t, "call_failed", gjson.Get(c.client.String(), "error.code").Str, c.client.String())
					require.Contains(t, c.client.String(), "a call of the gateway's own failed")
					r := c.done()
					require.Equal(t, "error", r.End)
					require.Equal(t, "companion_error", r.Failure)
					require.Equal(t, int64(100000), number(t, r.Budgets[0].Remaining))
					continue
				}
				require.Equal(t, "gpt-4o-mini", gjson.Get(c.sent, "model").Str)
				require.Equal(t, "Bearer sk-ours", c.headers["authorization"])
				c.respond("200", "application/json").stream(true, chatAnswer)
				require.Equal(t, chatAnswer, c.client.String())
				r := c.done()
				require.Equal(t, "complete", r.End)
				require.Equal(t, "companion_error", r.Failure)
				require.Len(t, r.Attempts, 1)
				require.Equal(t, int64(15), number(t, r.Budgets[0].Settled))
			}
			c := w.post(chat, houseAsk)
			require.Nil(t, c.asks)
			require.NotEmpty(t, c.sent)
			c.done()
		})
	}
}

// Services are asked before the look-up. While one that may deny has not been heard the
// request has no credential.
func TestConsultsBeforeItGoes(t *testing.T) {
	policy := strings.Replace(strings.ReplaceAll(consulting, "ON", "deny"), "\nguards:", `
cache: {scope: [team]}
guards:`, 1)
	clean := `{"verdicts":[{"name":"names","result":"clean","spans":[],"kinds":[],"reason":"","ms":2},{"name":"harm","result":"clean","spans":[],"kinds":[],"reason":"","ms":1}]}`
	ask := chatOf(says("user", "I am Ann Lee (ann@example.com)"))
	post := func(w *world) *call {
		c := w.post(chat, ask, "authorization", "Bearer theirs", "content-length", strconv.Itoa(len(ask)))
		require.Contains(t, string(c.body), "[EMAIL_1]")
		require.NotContains(t, string(c.body), "ann@")
		require.Equal(t, strconv.Itoa(len(c.body)), c.headers["content-length"])
		return c
	}
	w := newResuming(t, tells, "openai", policy)
	c := post(w)
	require.Empty(t, c.headers["authorization"])
	c.answers("200", clean)
	path, _ := c.asked()
	require.Equal(t, "/v1/lookup", path)
	require.Equal(t, "Bearer sk-ours", c.headers["authorization"], "it has been heard, and may go")
	c.told(ticket, ":status", "200", "x-sluice-cache", "miss")
	require.Contains(t, c.sent, "[EMAIL_1]")
	c.respond("200", "application/json").stream(true, strings.Replace(chatAnswer, "Nobody.", "Dear [EMAIL_1]", 1))
	require.Contains(t, c.client.String(), "Dear ann@example.com")
	require.Equal(t, "complete", c.done().End)

	// What is found: a block is one, and what would have to be taken out cannot be.
	c = post(newResuming(t, tells, "openai", policy)).answers("200", strings.Replace(clean, `"harm","result":"clean"`, `"harm","result":"found"`, 1))
	require.Equal(t, 400, c.reply.Status)
	require.Equal(t, "blocked", c.done().End)
	found := strings.Replace(clean, `"result":"clean","spans":[]`, `"result":"found","spans":[{"text":0,"start":5,"end":12,"kind":"PERSON","score":1}]`, 1)
	c = post(newResuming(t, tells, "openai", policy)).answers("200", found)
	require.Equal(t, 400, c.reply.Status)
	require.Contains(t, c.replyBody(), "failover: inline")
	require.Equal(t, "blocked", c.done().End)

	// Nobody to ask.
	for _, host := range []string{tells, goesOn, breaks} {
		t.Run(host, func(t *testing.T) {
			w := newResuming(t, host, "openai", policy)
			c := post(w).fails(host)
			require.Empty(t, c.headers["authorization"], "nobody has let it go")
			switch host {
			case goesOn:
				c.respond("401", "application/json")
				fallthrough
			case tells:
				require.Equal(t, 503, c.reply.Status)
				require.Equal(t, "guard_unavailable", gjson.Get(c.replyBody(), "error.code").Str)
			case breaks:
				c.respond("500", "text/html").stream(true, "<html>500</html>")
				require.Equal(t, "guard_unavailable", gjson.Get(c.client.String(), "error.code").Str)
			}
			r := c.done()
			require.Equal(t, "error", r.End)
			require.Equal(t, "guard_error", r.Failure)

			c = post(newResuming(t, host, "openai", strings.ReplaceAll(policy, "deny", "allow")))
			require.Equal(t, "Bearer sk-ours", c.headers["authorization"], "it may go unheard")
			if c.fails(host); host == tells {
				c.told(ticket, ":status", "200", "x-sluice-cache", "miss")
			}
			if host == breaks {
				c.respond("500", "text/html").stream(true, "<html>500</html>")
				require.Equal(t, "call_failed", gjson.Get(c.client.String(), "error.code").Str)
				return
			}
			c.respond("200", "application/json").stream(true, chatAnswer)
			require.Equal(t, "complete", c.done().End)
		})
	}
}

const inlined = `
version: 1
providers:
  first:  {dialect: openai, endpoint: "https://first.example", credential: {env: OPENAI_API_KEY}}
  second: {dialect: anthropic, endpoint: "http://[::1]:8081/base", credential: {env: ANTHROPIC_API_KEY}}
models:
  pair:
    targets: [{provider: first, model: gpt-4o}, {provider: second, model: claude-haiku-4-5}]
    failover: inline
    retry: {attempts: 4, max_retry_after: 10s}
default_provider: first
budgets:
  - {name: month, unit: tokens, limit: 100000, calendar: month, zone: UTC}
`

// Attempts by calls of our own go to providers that the route does not lead to, each once: none
// can wait. What the host has goes nowhere.
func TestInlineByCalls(t *testing.T) {
	const ask = `{"model":"pair","messages":[{"role":"user","content":"hi"}],"max_tokens":50}`
	json := []string{":status", "200", "content-type", "application/json"}
	busy := []string{":status", "429", "content-type", "application/json", "retry-after", "1"}
	claudeBody := strings.Replace(claudeBody, `"cache_read_input_tokens":100,"cache_creation_input_tokens":20,`, "", 1)
	for _, host := range []string{tells, goesOn, breaks} {
		t.Run(host, func(t *testing.T) {
			post := func() (*world, *call) {
				w := newResuming(t, host, "first", inlined)
				c := w.post(chat, ask, "authorization", "Bearer theirs", "content-length", strconv.Itoa(len(ask)), "content-type", "application/json")
				require.Equal(t, "{}", string(c.body))
				require.Equal(t, "2", c.headers["content-length"])
				require.Empty(t, c.headers["authorization"])
				require.Equal(t, "first.example:443", c.asks.Target)
				require.Equal(t, "gpt-4o", gjson.GetBytes(c.asks.Body, "model").Str)
				return w, c
			}
			w, c := post()
			c.told(chatAnswer, json...)
			require.Equal(t, chatAnswer, c.replyBody())
			settled(t, w, c.done())

			_, c = post()
			c.told(strings.Replace(chatAnswer, `"usage"`, `"unsaid"`, 1), json...)
			counted := c.done().Tokens
			require.Equal(t, "counted", counted.Source)
			require.Positive(t, counted.Output)

			w, c = post()
			c.told(`{"error":{}}`, busy...)
			require.Equal(t, "[::1]:8081", c.asks.Target)
			require.Equal(t, "claude-haiku-4-5", gjson.GetBytes(c.asks.Body, "model").Str)
			require.True(t, gjson.GetBytes(c.asks.Body, "messages.0.content.0.text").Exists())
			c.told(claudeBody, json...)
			require.Equal(t, "Hello there", gjson.Get(c.replyBody(), "choices.0.message.content").Str)
			r := c.done()
			require.Len(t, r.Attempts, 2)
			settled(t, w, r)

			w, c = post()
			c.told(`{"error":{}}`, busy...).told(`{"error":{}}`, busy...)
			require.Nil(t, c.asks, "a third would have to wait")
			require.Equal(t, 429, c.reply.Status)
			settled(t, w, c.done())

			w, c = post()
			c.fails(host)
			switch host {
			case tells:
				require.Equal(t, "[::1]:8081", c.asks.Target)
				c.told(claudeBody, json...)
				require.Equal(t, 200, c.reply.Status)
			case goesOn:
				require.Equal(t, "{}", c.sent)
				c.respond("400", "application/json")
				require.Equal(t, 502, c.reply.Status)
				require.Contains(t, c.replyBody(), "a call of the gateway's own failed")
			case breaks:
				c.respond("500", "text/html").stream(true, "<html>")
				require.Equal(t, "call_failed", gjson.Get(c.client.String(), "error.code").Str)
			}
			settled(t, w, c.done())
		})
	}
}

// There a service may change the prompt, since its body is ours.
func TestConsultsInline(t *testing.T) {
	policy := strings.ReplaceAll(strings.Replace(consulting, "models:\n", "models:\n  pair:\n    targets: [{provider: openai, model: gpt-4o}, {provider: anthropic, model: claude-haiku-4-5}]\n    failover: inline\n    retry: {attempts: 2}\n", 1), "ON", "deny")
	w := newResuming(t, tells, "plain", policy)
	c := w.post(chat, strings.Replace(chatOf(says("user", "I am Ann Lee (ann@example.com)")), `"gpt-4o-mini"`, `"pair"`, 1))
	require.Equal(t, "{}", string(c.body))
	c.answers("200", `{"verdicts":[{"name":"names","result":"found","spans":[{"text":0,"start":5,"end":12,"kind":"PERSON","score":1}],"kinds":["PERSON"],"reason":"","ms":2},{"name":"harm","result":"clean","spans":[],"kinds":[],"reason":"","ms":1}]}`)
	require.Equal(t, "api.openai.com:443", c.asks.Target)
	require.Equal(t, "I am [PERSON_1] ([EMAIL_1])", gjson.GetBytes(c.asks.Body, "messages.0.content").Str)
	c.told(strings.Replace(chatAnswer, "Nobody.", "Dear [PERSON_1]", 1), ":status", "200", "content-type", "application/json")
	require.Equal(t, "Dear Ann Lee", gjson.Get(c.replyBody(), "choices.0.message.content").Str)
	c.done()
}
