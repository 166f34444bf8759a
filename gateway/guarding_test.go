package gateway_test

import (
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
