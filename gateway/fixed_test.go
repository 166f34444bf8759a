package gateway_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"github.com/sluice-gateway/sluice/gateway"
	"github.com/sluice-gateway/sluice/policy/source"
)

// newRouted is a world whose host's own route leads to a provider, as Kong's does; "" is one
// where nobody says to which.
func newRouted(t testing.TB, provider, text string) *world {
	w := newWorld(t, text)
	w.fixed, w.route = true, provider
	w.load(text)
	return w
}

// Where the host's own route has chosen the provider, a request is tried once, at that
// provider: the one that the plugin's configuration names, else its model's first.
func TestFixedTarget(t *testing.T) {
	models := strings.Replace(providers, "models:\n", `models:
  several:
    targets: [{provider: openai, model: gpt-4o}, {provider: plain, model: gpt-4o-mini}, {provider: anthropic, model: claude-haiku-4-5}]
    retry: {attempts: 3}
  ruled:
    targets: [{provider: openai, model: gpt-4o}, {provider: plain, model: gpt-4o}]
    rules: [{name: all, when: {header: {x-team: red}}, targets: [plain/gpt-4o]}]
`, 1) + "budgets:\n  - {name: month, unit: tokens, limit: 100000, calendar: month, zone: UTC}\n"
	for _, row := range []struct {
		route, model string
		to           string   // the model that the provider is asked for; "" = refused
		says         []string // of the refusal
	}{
		{"", "several", "gpt-4o", nil},
		{"openai", "several", "gpt-4o", nil},
		{"plain", "several", "gpt-4o-mini", nil},
		{"anthropic", "several", "claude-haiku-4-5", nil},
		{"", "ruled", "", []string{`leads to provider "openai"`, `for "plain"`}},
		{"openai", "ruled", "", []string{`leads to provider "openai"`, `for "plain"`}},
		{"plain", "ruled", "gpt-4o", nil},
		{"anthropic", "ruled", "", []string{`leads to provider "anthropic"`, `for "plain"`}},
		{"", "claude-haiku-4-5", "claude-haiku-4-5", nil},
		{"openai", "claude-haiku-4-5", "", []string{`for "anthropic"`}},
		{"openai", "not-in-the-policy", "not-in-the-policy", nil},
		{"plain", "not-in-the-policy", "", []string{`for "openai"`}},
	} {
		t.Run(row.model+" by "+row.route, func(t *testing.T) {
			w := newRouted(t, row.route, models)
			c := w.post(chat, `{"model":"`+row.model+`","messages":[{"role":"user","content":"hi"}],"max_tokens":50}`, "x-team", "red", "content-length", strconv.Itoa(len(`{"model":"","messages":[{"role":"user","content":"hi"}],"max_tokens":50}`)+len(row.model)))
			if row.to == "" {
				require.Equal(t, 400, c.reply.Status)
				require.Equal(t, "provider_fixed", gjson.Get(c.replyBody(), "error.code").Str)
				for _, says := range row.says {
					require.Contains(t, gjson.Get(c.replyBody(), "error.message").Str, says)
				}
				require.Equal(t, "refused", c.done().End)
				return
			}
			require.Nil(t, c.reply, c.replyBody())
			require.Equal(t, row.to, gjson.Get(c.sent, "model").Str)
			require.Equal(t, strconv.Itoa(len(c.sent)), c.headers["content-length"])
			for name := range c.headers {
				require.NotContains(t, name, "x-envoy-")
			}
			require.Nil(t, c.asks)
			c.respond("500", "application/json").stream(true, `{}`)
			require.Len(t, c.done().Attempts, 1)
		})
	}
}

// A provider that the policy does not have is a configuration of two pieces.
func TestRouteToNobody(t *testing.T) {
	p, err := source.Policy([]byte(providers))
	require.NoError(t, err)
	_, err = gateway.New(p, gateway.Options{Store: newWorld(t, providers).store, Env: func(string) string { return "" }, Provider: "nobody"})
	require.ErrorContains(t, err, `provider nobody`)
}

// What is no LLM call goes to the default provider and to no other.
func TestPassesByItsRoute(t *testing.T) {
	for route, status := range map[string]int{"": 0, "openai": 0, "plain": 404} {
		c := newRouted(t, route, providers).begin("/v1/files", ":method", "GET")
		if status == 0 {
			require.Nil(t, c.reply)
			continue
		}
		require.Equal(t, status, c.reply.Status)
		require.Contains(t, c.replyBody(), "default provider")
	}
}

// There the edge role translates by itself. However an answer is cut and whatever tells its
// end, the client gets what it gets where the provider role translates, and it is charged the
// same.
func TestTranslatesInPlace(t *testing.T) {
	withTool := strings.Replace(claudeBody, `{"type":"text","text":"Hello there"}`, `{"type":"text","text":"A \u00e9"},{"type":"tool_use","id":"t","name":"n","input":{"a":[1,"é"]}}`, 1)
	tool := `event: content_block_start` + "\n" + `data: {"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"t","name":"n","input":{}}}` + "\n\n" +
		`event: content_block_delta` + "\n" + `data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"a\": \"é\"}"}}` + "\n\n" +
		`event: content_block_stop` + "\n" + `data: {"type":"content_block_stop","index":1}` + "\n\n"
	for _, row := range []struct {
		name, path, model, route string
		stream                   bool
		answer                   string
	}{
		{"whole", chat, "claude", "claude", false, claudeBody},
		{"whole, with a tool", chat, "claude", "claude", false, withTool},
		{"whole, without usage", chat, "claude", "claude", false, strings.Replace(claudeBody, `"usage"`, `"unsaid"`, 1)},
		{"whole, the other way", messages, "four", "first", false, goodBody},
		{"stream", chat, "claude", "claude", true, claudeStart + claudeText + claudeEnd},
		{"stream, with a tool", chat, "claude", "claude", true, claudeStart + claudeText + tool + claudeEnd},
		{"stream, the other way", messages, "four", "first", true, goodText},
	} {
		t.Run(row.name, func(t *testing.T) {
			ask := asksFor(row.model, row.stream)
			oracle := newWorld(t, several)
			contentType := "application/json"
			if row.stream {
				contentType = "text/event-stream"
			}
			want := oracle.post(row.path, ask)
			if row.stream {
				want.follow(streamAnswer(row.answer))
			} else {
				want.follow(jsonAnswer("200", row.answer))
			}
			body := want.client.String()
			record := want.done()

			for i := 0; i <= len(row.answer); i++ {
				for _, says := range []string{"nothing", "the length", "the end"} {
					if row.stream && says != "the end" {
						continue // a stream has no length, and its end is told
					}
					w := newRouted(t, row.route, several)
					c := w.post(row.path, ask)
					require.Nil(t, c.reply, c.replyBody())
					require.Equal(t, want.tries[0].body, c.sent)
					require.Equal(t, want.tries[0].headers[":path"], c.headers[":path"])
					require.Equal(t, want.tries[0].headers["authorization"], c.headers["authorization"])
					require.Equal(t, want.tries[0].headers["x-api-key"], c.headers["x-api-key"])
					require.Equal(t, want.tries[0].headers["anthropic-version"], c.headers["anthropic-version"])
					if says == "the length" {
						c.respond("200", contentType, "content-length", strconv.Itoa(len(row.answer)))
					} else {
						c.respond("200", contentType)
					}
					require.NotContains(t, c.seen, "content-length")
					j := min(i+7, len(row.answer))
					c.stream(says == "the end", row.answer[:i], row.answer[i:j], row.answer[j:])
					require.Equal(t, body, c.client.String(), "cut at %d and %d, the host says %s", i, j, says)
					r := c.done()
					require.Equal(t, record.End, r.End)
					require.Equal(t, record.Tokens, r.Tokens)
					require.Equal(t, record.Cost, r.Cost)
					settled(t, w, r)
				}
			}
		})
	}
}

// An error is told in the client's dialect as well. Only before anything has gone can the
// status become one.
func TestTranslatesErrorsInPlace(t *testing.T) {
	theirs := `{"type":"error","error":{"type":"invalid_request_error","message":"max_tokens: too many"}}`
	for _, row := range []struct {
		name, status, contentType, answer string
		end                               bool // the host says when it comes
		reply                             int  // the status of an answer in its place
		sees                              string
		source, reason                    string
	}{
		{"the client's mistake", "400", "application/json", theirs, true, 0, "max_tokens: too many", "none", "rejected"},
		{"the end is not told", "400", "application/json", theirs, false, 0, "max_tokens: too many", "none", "rejected"},
		{"overloaded", "529", "application/json; charset=utf-8", theirs, true, 0, "max_tokens: too many", "none", "unavailable"},
		{"our credential", "401", "application/json", theirs, true, 0, "refused the gateway's credential", "none", "credential_refused"},
		{"no JSON", "500", "application/json", "<html>", true, 0, "answered with status 500", "none", "unavailable"},
		{"no JSON, and says so", "500", "text/html", "<html>", true, 0, "answered 500", "none", "unavailable"},
		{"too large", "400", "application/json", `{"error":{"message":"` + strings.Repeat("x", 2000) + `"}}`, true, 0, "answered with status 400", "none", "rejected"},
		{"an answer that is too large", "200", "application/json", strings.Replace(claudeBody, "Hello", strings.Repeat("x", 2000), 1), true, 0, "larger than limits.response_body", "reserved", "too_large"},
		{"an answer that is none", "200", "application/json", `{"what":1}`, true, 0, "cannot be read", "reserved", "unreadable"},
		{"an answer cut short", "200", "application/json", claudeBody[:80], true, 0, "cut short", "counted", "truncated"},
		{"an answer of another form", "200", "text/plain", "hello", true, 502, "cannot be read", "reserved", "unreadable"},
		{"an error in place of an answer", "200", "application/json", theirs, true, 0, "an error in place of an answer", "none", "error_body"},
		{"an error event", "200", "text/event-stream", "event: error\ndata: " + theirs + "\n\n", true, 0, "max_tokens: too many", "none", "error_event"},
		{"a broken event", "200", "text/event-stream", claudeStart + claudeText + "event: content_block_delta\ndata: {nonsense\n\n", true, 0, "upstream_broken", "counted", "malformed_event"},
		{"a stream that stops", "200", "text/event-stream", claudeStart + claudeText, true, 0, "upstream_broken", "counted", "truncated"},
	} {
		t.Run(row.name, func(t *testing.T) {
			for _, i := range []int{0, 1, len(row.answer) / 2, len(row.answer)} {
				w := newRouted(t, "claude", several+"limits: {response_body: 1024}\n")
				c := w.post(chat, asksFor("claude", row.contentType == "text/event-stream"))
				c.respond(row.status, row.contentType)
				if row.reply != 0 {
					require.Equal(t, row.reply, c.reply.Status)
					require.Contains(t, c.replyBody(), row.sees)
				} else {
					require.Nil(t, c.reply)
					c.stream(row.end, row.answer[:i], row.answer[i:])
					body := c.client.String()
					require.Equal(t, row.status, c.seen[":status"])
					require.Contains(t, body, row.sees)
					require.NotContains(t, body, `"type":"error"`)
					require.NotContains(t, body, "xxx")
				}
				r := c.done()
				require.Equal(t, "error", r.End)
				require.Equal(t, row.source, r.Tokens.Source)
				require.Equal(t, row.reason, r.Attempts[0].Reason)
				settled(t, w, r)
			}
		})
	}
}

// A budget cuts a translated stream in the client's dialect, and what still comes is read for
// the usage that it tells and shown to nobody.
func TestCutsInPlace(t *testing.T) {
	w := newRouted(t, "claude", strings.Replace(several, "100000", "70", 1)+"budget: {clamp: false}\n")
	c := w.post(chat, asksFor("claude", true)).respond("200", "text/event-stream")
	text := strings.Replace(claudeText, "Hello there", strings.Repeat("one two three ", 10), 1)
	c.stream(true, append(append([]string{claudeStart}, strings.SplitAfter(strings.Repeat(text, 20), "\n\n")...), claudeEnd)...)
	require.True(t, strings.HasSuffix(c.client.String(), done), c.client.String())
	require.Contains(t, c.client.String(), `"finish_reason":"length"`)
	require.NotContains(t, c.client.String(), "message_stop")
	r := c.done()
	require.Equal(t, "cut", r.End)
	require.Equal(t, int64(5), r.Tokens.Output, "what the provider says behind the cut")
}
