package gateway_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"
)

// guarded is a policy that redacts.
const guarded = providers + `
guards:
  pii: {kinds: [email, card]}
`

func TestRedactedPrompt(t *testing.T) {
	w := newWorld(t, guarded)
	c := w.begin("/v1/chat/completions")
	c.write(`{"model":"gpt-4o-mini","user":"ann@example.com","messages":[{"role":"user","content":"I am ann@example.com, my card is 4111 1111 1111 1111, and ann@example.com again"}],"stream_options":{}}`)
	require.Equal(t, "I am [EMAIL_1], my card is [CARD_1], and [EMAIL_1] again", gjson.Get(c.sent, "messages.0.content").Str, c.sent)
	require.Equal(t, "[EMAIL_1]", gjson.Get(c.sent, "user").Str)
}

// An answer gets back what the prompt has redacted, whole and streamed, in whatever pieces.
func TestRestoredAnswer(t *testing.T) {
	ask := `{"model":"gpt-4o-mini","messages":[{"role":"user","content":"I am ann@example.com, my card is 4111 1111 1111 1111"}]}`
	t.Run("whole", func(t *testing.T) {
		w := newWorld(t, guarded)
		c := w.post("/v1/chat/completions", ask)
		c.respond("200", "application/json").stream(true, `{"id":"x","model":"gpt-4o-mini","choices":[{"index":0,"message":{"role":"assistant","content":"Dear [EMAIL_1], your card is [CARD_1]; [EMAIL_2] is unknown"},"finish_reason":"stop"}],"usage":{"prompt_tokens":10,"completion_tokens":10,"total_tokens":20}}`)
		require.Equal(t, "Dear ann@example.com, your card is 4111 1111 1111 1111; [EMAIL_2] is unknown", gjson.Get(c.client.String(), "choices.0.message.content").Str)
	})
	t.Run("stream", func(t *testing.T) {
		answer := "Dear [EMAIL_1], your card is [CARD_1]; [EMAIL_2] is unknown ["
		for cut := 1; cut <= 12; cut++ {
			w := newWorld(t, guarded)
			c := w.post("/v1/chat/completions", strings.Replace(ask, `"messages"`, `"stream":true,"messages"`, 1))
			c.respond("200", "text/event-stream")
			for from := 0; from < len(answer); from += cut {
				c.stream(false, `data: {"id":"x","model":"gpt-4o-mini","choices":[{"index":0,"delta":{"content":"`+answer[from:min(len(answer), from+cut)]+"\"}}]}\n\n")
			}
			c.stream(true, "data: {\"id\":\"x\",\"model\":\"gpt-4o-mini\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n")
			said := ""
			for line := range strings.SplitSeq(c.client.String(), "\n") {
				said += gjson.Get(strings.TrimPrefix(line, "data: "), "choices.0.delta.content").Str
			}
			require.Equal(t, "Dear ann@example.com, your card is 4111 1111 1111 1111; [EMAIL_2] is unknown [", said, c.client.String())
			require.True(t, strings.HasSuffix(c.client.String(), "data: [DONE]\n\n"), c.client.String())
			require.Equal(t, "complete", c.done().End)
		}
	})
}
