package gateway_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"
)

// What leaves is what came, but for the few things that the gateway is there to change.
func TestSent(t *testing.T) {
	w := newWorld(t, monthly)
	t.Run("a credential of ours in place of the client's", func(t *testing.T) {
		c := w.post(chat, asks, "authorization", "Bearer theirs", "x-api-key", "theirs", "cookie", "session=theirs",
			"x-sluice-cluster", "evil", "x-sluice-provider", "evil", "accept-encoding", "gzip", "x-other", "kept", "content-length", "9999")
		require.Equal(t, map[string]string{
			":method": "POST", ":path": chat, ":authority": "api.openai.com", "x-sluice-cluster": "sluice_provider_openai",
			"authorization": "Bearer sk-ours", "accept-encoding": "identity", "x-other": "kept", "content-length": "9999",
		}, c.headers)
		require.Equal(t, asks, c.sent)
	})
	t.Run("usage is asked for where the client did not", func(t *testing.T) {
		c := w.post(chat, asksNot, "content-length", "1")
		require.True(t, gjson.Get(c.sent, "stream_options.include_usage").Bool())
		require.Equal(t, gjson.Get(asksNot, "messages").Raw, gjson.Get(c.sent, "messages").Raw)
		n := gjson.Parse(`"` + c.headers["content-length"] + `"`).Int()
		require.Equal(t, int64(len(c.sent)), n)
	})
	t.Run("Anthropic", func(t *testing.T) {
		c := w.post(messages, claude, "x-api-key", "theirs", "authorization", "Bearer theirs", "anthropic-version", "2023-06-01")
		require.Equal(t, "sk-ant-ours", c.headers["x-api-key"])
		require.NotContains(t, c.headers, "authorization")
		require.Equal(t, "2023-06-01", c.headers["anthropic-version"])
		require.Equal(t, claude, c.sent)
	})
	t.Run("a model's other name", func(t *testing.T) {
		c := w.post(chat, `{"model":"house","messages":[],"max_tokens":1}`)
		require.Equal(t, `{"model":"gpt-4o-mini","messages":[],"max_tokens":1}`, c.sent)
		c.respond("200", "application/json")
		require.Equal(t, "gpt-4o-mini", c.seen["x-sluice-model"])
	})
	t.Run("no credential: the client's own goes, to the base path", func(t *testing.T) {
		c := w.post(chat+"?a=b", `{"model":"local","messages":[],"max_tokens":1}`, "authorization", "Bearer theirs")
		require.Equal(t, "Bearer theirs", c.headers["authorization"])
		require.Equal(t, "/base"+chat+"?a=b", c.headers[":path"])
		require.Equal(t, "127.0.0.1:8080", c.headers[":authority"])
	})
}

// The body may come in any pieces.
func TestBodyCuts(t *testing.T) {
	body := `{"messages":[{"role":"user","content":"Straße 東京 \ud83d\ude00 \"x\""}],"stream":true,"model":"gpt-4","n":2}`
	w := newWorld(t, monthly)
	whole := w.post(chat, body)
	require.Nil(t, whole.reply)
	want := whole.done().Budgets[0].Reserved
	for at := range len(body) {
		w := newWorld(t, monthly)
		c := w.begin(chat).write(body[:at], body[at:])
		require.Equal(t, whole.sent, c.sent)
		require.Equal(t, want, c.done().Budgets[0].Reserved, "cut at %d", at)
	}
}

func TestPassing(t *testing.T) {
	w := newWorld(t, monthly)
	c := w.begin("/v1/files?x=%2F", ":method", "GET", "authorization", "Bearer theirs", "accept-encoding", "gzip", "x-sluice-cluster", "evil")
	require.Equal(t, map[string]string{
		":method": "GET", ":path": "/v1/files?x=%2F", ":authority": "api.openai.com", "x-sluice-cluster": "sluice_provider_openai",
		"authorization": "Bearer theirs", "accept-encoding": "gzip",
	}, c.headers)
	c.write("any", "thing").respond("401", "text/plain").stream(true, "as it is")
	require.Equal(t, "as it is", c.client.String())
	require.Equal(t, map[string]string{":status": "401", "content-type": "text/plain"}, c.seen)
	require.Nil(t, c.request.Done(w.now, false).Record)

	w = newWorld(t, strings.Replace(monthly, "default_provider: openai", "", 1))
	require.Equal(t, 404, w.begin("/v1/files", ":method", "GET").reply.Status)
}

func TestRefusedAtOnce(t *testing.T) {
	w := newWorld(t, monthly+"limits: {request_body: 1KiB}\n")
	long := `{"model":"gpt-4o","messages":[{"role":"user","content":"` + strings.Repeat("x", 2000) + `"}]}`
	for _, row := range []struct {
		why, path, body string
		headers         []string
		status          int
		says            string
	}{
		{"twice the same member", chat, `{"model":"gpt-4o","model":"gpt-4","messages":[]}`, nil, 400, "model"},
		{"not JSON", chat, `{"model":`, nil, 400, "json: byte 9"},
		{"no object", chat, `[]`, nil, 400, "not a JSON object"},
		{"no model", chat, `{"messages":[]}`, nil, 400, "model: missing"},
		{"messages in an object", chat, `{"model":"gpt-4o","messages":{"a":"x"}}`, nil, 400, "messages: is not an array of messages"},
		{"a message in a text", chat, `{"model":"gpt-4o","messages":[{},"x"]}`, nil, 400, "messages[1]: is not an object"},
		{"an input in an object", "/v1/responses", `{"model":"gpt-4o","input":{"a":"x"}}`, nil, 400, "input: is neither a string nor an array"},
		{"an item in a text", "/v1/responses", `{"model":"gpt-4o","input":["x"]}`, nil, 400, "input[0]: is not an object"},
		{"a prompt in an object", "/v1/completions", `{"model":"gpt-4o","prompt":{"a":"x"}}`, nil, 400, "prompt: is neither a string nor an array"},
		{"prompts in objects", "/v1/completions", `{"model":"gpt-4o","prompt":[{"a":"x"}]}`, nil, 400, "prompt[0]: is neither a string nor tokens"},
		{"a user in a list", chat, `{"model":"gpt-4o","user":["ann@example.com"]}`, nil, 400, "user: is not a string"},
		{"metadata in a text", chat, `{"model":"gpt-4o","metadata":"ann@example.com"}`, nil, 400, "metadata: is not an object"},
		{"a cap in words", chat, `{"model":"gpt-4o","max_tokens":"10"}`, nil, 400, "max_tokens: is not a whole number"},
		{"a call that the model's provider has nothing like", "/v1/embeddings", `{"model":"claude-haiku-4-5","input":"x"}`, nil, 400, "nothing there is like it"},
		{"too long, said so", chat, "", []string{"content-length", "2000"}, 413, "limits.request_body"},
		{"too long", chat, long, nil, 413, "limits.request_body"},
		{"compressed", chat, "", []string{"content-encoding", "zstd"}, 415, "zstd"},
		{"a path in disguise", "/v1//chat/completions", "", nil, 404, "plainly"},
		{"not built yet", "/v1/responses/compact", "", nil, 404, "not support"},
	} {
		t.Run(row.why, func(t *testing.T) {
			c := w.begin(row.path, row.headers...)
			if row.body != "" {
				c.write(row.body)
			}
			require.NotNil(t, c.reply)
			require.Equal(t, row.status, c.reply.Status, c.replyBody())
			require.True(t, gjson.Valid(c.replyBody()))
			require.Contains(t, gjson.Get(c.replyBody(), "error.message").Str, row.says)
			require.Equal(t, "refused", c.done().End)
		})
	}
	require.Equal(t, int64(100000), w.left())
}

// Whenever a stream ends, what it held is settled once.
func TestEndsAnywhere(t *testing.T) {
	for _, rule := range []string{"counted", "reserved"} {
		t.Run(rule, func(t *testing.T) {
			steps := []func(*call){
				func(c *call) { c.write(asksNot[:20], "") },
				func(c *call) { *c = *c.w.begin(chat); c.write(asksNot) },
				func(c *call) { c.respond("200", "text/event-stream") },
				func(c *call) { c.stream(false, chunk1+null) },
				func(c *call) { c.stream(false, chunk2[:40]) },
				func(c *call) { c.stream(false, chunk2[40:]+null+chunk3+null) },
				func(c *call) { c.stream(false, usage1+done) },
				func(c *call) { c.stream(true, "") },
			}
			for n := 1; n < len(steps); n++ { // the first is a body that never ends
				w := newWorld(t, monthly+"budget: {settle_on_disconnect: "+rule+"}\n")
				c := w.begin(chat)
				for _, step := range steps[1 : n+1] {
					step(c)
				}
				r := c.done()
				settled, _ := r.Budgets[0].Settled.Int64()
				reserved, _ := r.Budgets[0].Reserved.Int64()
				finished := n >= 6 // with usage, or the dialect's end
				switch {
				case finished:
					require.Equal(t, "complete", r.End)
				case rule == "reserved":
					require.Equal(t, "client_gone", r.End)
					require.Equal(t, reserved, settled)
				default:
					require.Equal(t, "client_gone", r.End)
					require.Equal(t, "counted", r.Tokens.Source)
					require.Less(t, settled, reserved)
					require.Equal(t, n >= 3, r.Tokens.Output > 0)
				}
				require.Equal(t, 100000-settled, w.left(), "step %d", n)
				c.request.Panicked(w.now)
				c.request.Done(w.now, false)
				require.Equal(t, 100000-settled, w.left(), "once")
			}
		})
	}
	t.Run("before the body was there", func(t *testing.T) {
		w := newWorld(t, monthly)
		c := w.begin(chat)
		require.Equal(t, "client_gone", c.done().End)
		require.Equal(t, int64(100000), w.left())
	})
	t.Run("the upstream broke it off", func(t *testing.T) {
		w := newWorld(t, monthly+"budget: {settle_on_disconnect: reserved}\n")
		c := w.post(chat, asksNot).respond("200", "text/event-stream").stream(false, chunk1+null)
		report := c.request.Done(w.now, true)
		require.Equal(t, "error", gjson.GetBytes(report.Record, "end").Str)
		require.Equal(t, "counted", gjson.GetBytes(report.Record, "tokens.source").Str)
	})
	t.Run("a panic", func(t *testing.T) {
		w := newWorld(t, monthly)
		c := w.post(chat, asksNot).respond("200", "text/event-stream").stream(false, chunk1+null)
		c.request.Panicked(w.now)
		r := c.done()
		require.Equal(t, "panic", r.Failure)
		require.Equal(t, "reserved", r.Tokens.Source)
		require.Equal(t, r.Budgets[0].Reserved, r.Budgets[0].Settled)
	})
}

// Any order of events, any bytes: no panic, and in the end the ledger holds nothing.
func TestAnyOrder(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	bodies := []string{asks, asksNot, claude, asksResponse, `{`, `{"model":"gpt-4o","messages":[]}`}
	pieces := []string{chunk1 + null, chunk2[:30], chunk3 + null, done, usage1, claudeStart, claudeText, claudeEnd, respCreated, respText, respDone, respFailed, "\n\n", "data: {\n\n", `{"usage":{"prompt_tokens":3}}`, ""}
	n := 20000
	if testing.Short() {
		n = 2000
	}
	w := newWorld(t, monthly)
	w.load(strings.Replace(monthly, "limit: 100000", "limit: 900000000000", 1))
	for range n {
		c := w.begin([]string{chat, messages, "/v1/embeddings", "/x", respond}[random.IntN(5)])
		answered := false
		for range random.IntN(8) {
			if c.reply != nil || c.closed {
				break
			}
			switch random.IntN(6) {
			case 0:
				c.write(bodies[random.IntN(len(bodies))])
			case 1:
				c.write(bodies[random.IntN(len(bodies))][:1], "")
			case 2:
				if !answered {
					answered = true
					c.respond([]string{"200", "200", "500", "204"}[random.IntN(4)], []string{"text/event-stream", "application/json", ""}[random.IntN(3)])
				}
			case 3:
				c.stream(random.IntN(4) == 0, pieces[random.IntN(len(pieces))])
			case 4:
				c.request.ResponseEnd(w.now, len(c.held), func(from, size int) []byte { return c.held[from:min(from+size, len(c.held))] })
			case 5:
				w.now += random.Int64N(9000)
			}
		}
		c.request.Done(w.now, random.IntN(2) == 0)
	}
	w.load(strings.Replace(monthly, "limit: 100000", "limit: 900000000000", 1))
	before := w.left()
	w.now += 21 * 60_000 * 2 // long past every hold: nothing more comes back
	require.Equal(t, before, w.left())
}
