package gateway_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/gateway"
)

// Kong cannot hold an answer, shows each piece once, and does not always say which is
// the last.
func TestAnswerThatCannotBeHeld(t *testing.T) {
	const answer = `{"choices":[{"message":{"content":"Hi"}}],"usage":{"prompt_tokens":8,"completion_tokens":1}}`
	for _, row := range []struct {
		why, body, end, source string
		says                   bool // the host says that it was the last piece
		settled                int64
	}{
		{"said to be over", answer, "complete", "provider", true, 9},
		{"not said to be over", answer, "complete", "provider", false, 9},
		{"broken off", answer[:40], "client_gone", "counted", false, 1},
	} {
		t.Run(row.why, func(t *testing.T) {
			w := newWorld(t, monthly)
			c := &call{w: w, headers: map[string]string{}, seen: map[string]string{}}
			var out gateway.Outcome
			c.request, out = w.gateway.Begin(gateway.Arrival{Now: w.now, ID: "id-1", Headers: gateway.Headers{{":method", "POST"}, {":path", chat}},
				Property: func([]string) (string, bool) { return "", false }})
			c.toProvider(out)
			c.write(`{"model":"gpt-4o","messages":[],"max_tokens":50}`).respond("200", "application/json")
			require.False(t, c.holding)
			c.stream(false, row.body[:20]).stream(row.says, row.body[20:])
			require.Equal(t, row.body, c.client.String())
			require.NotContains(t, c.seen, "x-sluice-cost-usd")
			r := c.done()
			require.Equal(t, row.end, r.End)
			require.Equal(t, row.source, r.Tokens.Source)
			settled, _ := r.Budgets[0].Settled.Int64()
			require.InDelta(t, row.settled, settled, 8) // a broken one costs its input
			require.Equal(t, 100000-settled, w.left())
		})
	}
}
