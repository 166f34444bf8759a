package gateway_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"
)

const claudeBody = `{"id":"msg_1","type":"message","role":"assistant","model":"claude-haiku-4-5","content":[{"type":"text","text":"Hello there"}],"stop_reason":"end_turn","stop_sequence":null,` +
	`"usage":{"input_tokens":9,"cache_read_input_tokens":100,"cache_creation_input_tokens":20,"output_tokens":5}}`

// What a provider of the other dialect says that it used is what is charged, also what the
// client's dialect has no word for.
func TestTranslated(t *testing.T) {
	t.Run("whole", func(t *testing.T) {
		w := newWorld(t, several)
		c := w.post(chat, asksFor("claude", false), "authorization", "Bearer theirs").follow(jsonAnswer("200", claudeBody))
		require.Equal(t, "/v1/messages", c.tries[0].headers[":path"])
		require.Equal(t, "sk-ant-ours", c.tries[0].headers["x-api-key"])
		require.NotContains(t, c.tries[0].headers, "authorization")
		require.Equal(t, "hi", gjson.Get(c.tries[0].body, "messages.0.content.0.text").Str)
		require.Equal(t, int64(50), gjson.Get(c.tries[0].body, "max_tokens").Int())
		require.Equal(t, "Hello there", gjson.Get(c.client.String(), "choices.0.message.content").Str)
		r := c.done()
		require.Equal(t, int64(129), r.Tokens.Input)
		require.Equal(t, int64(100), r.Tokens.Cached)
		require.Equal(t, int64(5), r.Tokens.Output)
		require.Equal(t, "provider", r.Tokens.Source)
		settled(t, w, r)

		// It costs what the same answer costs a client of Anthropic's dialect: writing to
		// the cache has a price of its own.
		native := w.post(messages, asksFor("claude", false)).respond("200", "application/json").stream(true, claudeBody).done()
		require.Equal(t, native.Cost, r.Cost)
		require.Equal(t, native.Tokens, r.Tokens)
	})
	t.Run("stream", func(t *testing.T) {
		for _, usage := range []bool{false, true} {
			w := newWorld(t, several)
			body := asksFor("claude", true)
			if usage {
				body = strings.Replace(body, `"stream":true`, `"stream":true,"stream_options":{"include_usage":true}`, 1)
			}
			c := w.post(chat, body).follow(streamAnswer(claudeStart, claudeText, claudeEnd))
			require.Contains(t, c.client.String(), "Hello there")
			require.True(t, strings.HasSuffix(c.client.String(), done))
			require.Equal(t, usage, strings.Contains(c.client.String(), "prompt_tokens"))
			require.NotContains(t, c.client.String(), "message_start")
			r := c.done()
			require.Equal(t, "complete", r.End)
			require.Equal(t, int64(129), r.Tokens.Input)
			require.Equal(t, int64(5), r.Tokens.Output)
			native := w.post(messages, asksFor("claude", true)).respond("200", "text/event-stream").stream(true, claudeStart, claudeText, claudeEnd).done()
			require.Equal(t, native.Cost, r.Cost)
			require.Equal(t, native.Tokens, r.Tokens)
		}
	})
	t.Run("the other way", func(t *testing.T) {
		w := newWorld(t, several)
		c := w.post(messages, asksFor("four", true), "anthropic-version", "2023-06-01").follow(streamAnswer(goodText))
		require.Equal(t, chat, c.tries[0].headers[":path"])
		require.Equal(t, "Bearer sk-ours", c.tries[0].headers["authorization"])
		require.NotContains(t, c.tries[0].headers, "anthropic-version")
		require.True(t, gjson.Get(c.tries[0].body, "stream_options.include_usage").Bool())
		require.Contains(t, c.client.String(), "event: message_stop")
		require.NotContains(t, c.client.String(), "[DONE]")
		r := c.done()
		require.Equal(t, "complete", r.End)
		require.Equal(t, int64(18), r.Tokens.Input+r.Tokens.Output)
		require.Equal(t, int64(4), r.Tokens.Cached)
		settled(t, w, r)

		c = w.post(messages, asksFor("four", false)).follow(jsonAnswer("200", goodBody))
		require.Equal(t, "Hello", gjson.Get(c.client.String(), "content.0.text").Str)
		r = c.done()
		require.Equal(t, int64(18), r.Tokens.Input+r.Tokens.Output)
	})
	t.Run("without usage", func(t *testing.T) {
		w := newWorld(t, several)
		unsaid := strings.Replace(claudeBody, `"usage"`, `"unsaid"`, 1)
		native := w.post(messages, asksFor("claude", false)).respond("200", "application/json").stream(true, unsaid).done()
		r := w.post(chat, asksFor("claude", false)).follow(jsonAnswer("200", unsaid)).done()
		require.Equal(t, "counted", r.Tokens.Source)
		require.Equal(t, native.Tokens.Output, r.Tokens.Output)
	})
	t.Run("an error", func(t *testing.T) {
		for status, message := range map[string]string{"400": "max_tokens: too many", "401": "refused the gateway's credential", "529": "max_tokens: too many"} {
			w := newWorld(t, several)
			c := w.post(chat, asksFor("claude", false)).follow(jsonAnswer(status, `{"type":"error","error":{"type":"invalid_request_error","message":"max_tokens: too many"}}`))
			require.Equal(t, status, c.seen[":status"])
			require.Contains(t, gjson.Get(c.client.String(), "error.message").Str, message)
			require.False(t, gjson.Get(c.client.String(), "type").Exists())
			require.Equal(t, int64(0), number(t, c.done().Budgets[0].Settled))
		}
	})
	t.Run("an error that is too large", func(t *testing.T) {
		w := newWorld(t, several+"limits: {response_body: 1024}\n")
		large := `{"error":{"message":"` + strings.Repeat("x", 2000) + `"}}`
		for _, pieces := range [][]string{{large}, {large[:1500], large[1500:]}, {large[:10], large[10:]}} {
			a := jsonAnswer("400", "")
			a.pieces = pieces
			c := w.post(chat, asksFor("claude", false)).follow(a)
			require.Equal(t, "400", c.seen[":status"])
			require.True(t, gjson.Valid(c.client.String()), c.client.String())
			require.NotContains(t, c.client.String(), "xxx")
			c.done()
		}
	})
	t.Run("an answer that is too large", func(t *testing.T) {
		w := newWorld(t, several+"limits: {response_body: 1024}\n")
		c := w.post(chat, asksFor("claude", false)).follow(jsonAnswer("200", strings.Replace(claudeBody, "Hello", strings.Repeat("x", 2000), 1)))
		require.Equal(t, "502", c.seen[":status"])
		r := c.done()
		require.Equal(t, "reserved", r.Tokens.Source)
		require.Equal(t, "answer_too_large", r.Failure)
		settled(t, w, r)
	})
	t.Run("cut by its budget", func(t *testing.T) {
		w := newWorld(t, strings.Replace(several, "100000", "70", 1)+"budget: {clamp: false}\n")
		c := w.post(chat, asksFor("claude", true))
		require.Nil(t, c.reply, c.replyBody())
		text := strings.Replace(claudeText, "Hello there", strings.Repeat("one two three ", 10), 1)
		pieces := append([]string{claudeStart}, strings.Split(strings.Repeat(text+"|", 20), "|")...)
		c.follow(streamAnswer(append(pieces, claudeEnd)...))
		require.True(t, strings.HasSuffix(c.client.String(), done), c.client.String())
		require.Contains(t, c.client.String(), `"finish_reason":"length"`)
		r := c.done()
		require.Equal(t, "cut", r.End)
	})
}

// A field that the target's dialect has nothing like is refused by its name, left out where
// the policy allows it, and no reason to refuse where another target speaks the client's.
func TestUntranslatable(t *testing.T) {
	const seed = `,"seed":7,"logprobs":true`
	ask := func(model string) string {
		return strings.Replace(asksFor(model, false), `,"max_tokens"`, seed+`,"max_tokens"`, 1)
	}
	w := newWorld(t, several)
	c := w.post(chat, ask("claude"))
	require.Equal(t, 400, c.reply.Status)
	require.Equal(t, "untranslatable_field", gjson.Get(c.replyBody(), "error.code").Str)
	require.Contains(t, []string{"seed", "logprobs"}, gjson.Get(c.replyBody(), "error.param").Str)
	require.Empty(t, c.done().Budgets)

	c = w.post(chat, ask("mixed")).follow(jsonAnswer("200", goodBody))
	require.Equal(t, "first", c.tries[0].provider)
	require.NotContains(t, c.seen, "x-sluice-dropped")
	require.Equal(t, int64(7), gjson.Get(c.tries[0].body, "seed").Int())
	c.done()

	w = newWorld(t, strings.Replace(several, "  claude: {targets:", "  claude: {drop: [seed, logprobs], targets:", 1))
	c = w.post(chat, ask("claude")).follow(jsonAnswer("200", claudeBody))
	require.Equal(t, "200", c.seen[":status"])
	require.ElementsMatch(t, []string{"seed", "logprobs"}, strings.Split(c.seen["x-sluice-dropped"], ", "))
	require.NotContains(t, c.tries[0].body, "seed")
	c.done()
}
