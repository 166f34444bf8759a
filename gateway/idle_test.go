package gateway_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/gateway"
)

// Requests that are under way at the same time, more of them than readers are kept, and
// some broken off in the midst, are each read as if they were alone.
func TestReadersAreNotShared(t *testing.T) {
	const asks = `{"model":"house","messages":[{"role":"user","content":"WORDS"}],"max_tokens":50}`
	const says = `{"choices":[{"message":{"content":"WORDS"},"finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":OUTPUT}}`
	bring := func(c *call, piece string, end bool) gateway.Outcome {
		c.body = append(c.body, piece...)
		return c.request.Body(c.w.now, len(c.body), end, func(from, size int) []byte { return c.body[from : from+size] })
	}
	w := newWorld(t, providers)
	for round := range 3 {
		calls := make([]*call, 9)
		for i := range calls {
			calls[i] = w.begin(chat, "content-type", "application/json")
			body := strings.Replace(asks, "WORDS", strings.Repeat("word ", i+1), 1)
			require.Equal(t, gateway.Hold, bring(calls[i], body[:30+i], false).Action)
		}
		for i, c := range calls {
			if i%3 == round {
				require.Equal(t, "client_gone", c.done().End)
				continue
			}
			body := strings.Replace(asks, "WORDS", strings.Repeat("word ", i+1), 1)
			require.Nil(t, bring(c, body[30+i:], true).Reply)
			c.respond("200", "application/json").stream(false, says[:40+i])
		}
		for i, c := range calls {
			if i%3 == round {
				continue
			}
			if i%3 == (round+1)%3 {
				require.Equal(t, "client_gone", c.done().End)
				continue
			}
			c.stream(true, strings.Replace(says[40+i:], "OUTPUT", strconv.Itoa(i+1), 1))
			r := c.done()
			require.Equal(t, "complete", r.End)
			require.EqualValues(t, i+1, r.Tokens.Output)
		}
	}
}
