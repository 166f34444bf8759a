package gateway_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Far from any limit a request's bytes are reserved and its usage is charged; near one
// it is counted as ever.
func TestLazy(t *testing.T) {
	text := strings.Repeat("All of this is in ordinary English words. ", 100)
	body := `{"messages":[{"role":"user","content":"` + text + `"}],"model":"gpt-4o","max_tokens":100}`
	exact := newWorld(t, monthly)
	counted, err := exact.post(chat, body).done().Budgets[0].Reserved.Int64()
	require.NoError(t, err)

	lazy := newWorld(t, monthly+"counting: lazy\n")
	c := lazy.post(chat, body)
	require.Nil(t, c.reply)
	c.respond("200", "application/json").stream(true, `{"usage":{"prompt_tokens":910,"completion_tokens":5}}`)
	r := c.done()
	reserved, err := r.Budgets[0].Reserved.Int64()
	require.NoError(t, err)
	require.Equal(t, int64(len(text)+len("user")+6+100), reserved)
	require.Greater(t, reserved, 4*counted)
	require.Equal(t, "915", string(r.Budgets[0].Settled))

	for _, model := range []string{"gpt-4o", "gpt-4"} {
		near := strings.Replace(monthly, "limit: 100000", "limit: 1100", 1)
		body := strings.Replace(body, "gpt-4o", model, 1)
		want := newWorld(t, near).post(chat, body)
		got := newWorld(t, near+"counting: lazy\n").post(chat, body)
		require.Nil(t, got.reply, got.replyBody())
		require.Equal(t, want.sent, got.sent)
		require.Equal(t, want.done().Budgets, got.done().Budgets)
	}

	t.Run("a request without a cap is counted, but where there is room for the longest answer", func(t *testing.T) {
		uncapped := strings.Replace(body, `,"max_tokens":100`, "", 1)
		for limit, bytes := range map[string]bool{"30000": true, "20000": false} {
			w := newWorld(t, strings.Replace(monthly, "limit: 100000", "limit: "+limit, 1)+"counting: lazy\n")
			n, err := w.post(chat, uncapped).done().Budgets[0].Reserved.Int64()
			require.NoError(t, err)
			require.Equal(t, bytes, n > 16384+2*counted, "%d", n)
		}
	})
}
