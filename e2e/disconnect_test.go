package e2e

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// hold is a request whose client is still waiting.
type hold struct {
	g      *gateway
	cancel context.CancelFunc
	ended  chan answer
	seen   chan string // what has arrived of the answer, when a part has
}

// newHold begins a stream that stalls, and returns when the client has something of it.
func newHold(t *testing.T, g *gateway, d dialect, key, more, fault string) *hold {
	t.Helper()
	h := begin(t, g, request{path: d.path, key: key, body: d.body("Wait.", true, more), header: map[string]string{
		"x-mock-fault": fault, "x-mock-answer": "{tokens: 40}",
	}}, "\n\n")
	select {
	case <-h.seen:
	case a := <-h.ended:
		require.Fail(t, "the stream ended", "%d %s %v", a.status, a.body, a.err)
	}
	return h
}

// begin makes a request that goes on by itself. until is what has to arrive of its
// answer before that counts as seen.
func begin(t *testing.T, g *gateway, r request, until string) *hold {
	t.Helper()
	ctx, cancel := context.WithCancel(bounded(t))
	h := &hold{g: g, cancel: cancel, ended: make(chan answer, 1), seen: make(chan string, 1)}
	r.meet = func(_ http.Header, body io.Reader) {
		text, piece := "", make([]byte, 4096)
		for !strings.Contains(text, until) {
			n, err := body.Read(piece)
			if text += string(piece[:n]); err != nil {
				return
			}
		}
		h.seen <- text
	}
	go func() { h.ended <- g.sendContext(ctx, t, r) }()
	return h
}

// wait waits for something that another goroutine sends.
func wait[T any](t *testing.T, from <-chan T) (value T) {
	t.Helper()
	select {
	case value = <-from:
	case <-time.After(time.Minute):
		require.Fail(t, "nothing came in a minute")
	}
	return value
}

// hangUp ends the client's connection and returns the request's record.
func (h *hold) hangUp(t *testing.T) record {
	t.Helper()
	h.cancel()
	a := wait(t, h.ended)
	require.Error(t, a.err)
	return h.g.record(t, a.name)
}

// TestClientsThatHangUp holds that a request is settled once whenever its client goes,
// by the rule that the policy states.
func TestClientsThatHangUp(t *testing.T) {
	for rule, text := range map[string]string{"counted": monthly, "reserved": several} {
		t.Run(rule, func(t *testing.T) {
			eachGateway(t, text, func(t *testing.T, g *gateway) {
				for _, d := range []dialect{openAI, anthropic} {
					t.Run(d.name, func(t *testing.T) {
						t.Parallel()
						hangUps(t, g, d, rule)
					})
				}
			})
		})
	}
}

func hangUps(t *testing.T, g *gateway, d dialect, rule string) {
	// check holds what a request came to against the rule, and the budget against it.
	check := func(t *testing.T, key, seen string, r record) {
		require.Equal(t, "client_gone", r.End)
		require.Equal(t, rule, r.Tokens.Source)
		require.Empty(t, r.Attempts[0].Reason, "it was not the provider's fault")
		if rule == "reserved" {
			require.Equal(t, r.Budgets[0].Reserved, r.Budgets[0].Settled)
			return
		}
		require.Positive(t, r.Tokens.Input)
		checkCounted(t, d, seen, r.Tokens.Output)
		g.charged(t, d, key, r.Tokens.Input+r.Tokens.Output)
	}
	more := `"max_tokens":500`

	t.Run("before the answer", func(t *testing.T) {
		for _, stream := range []bool{false, true} {
			key := "sk-" + newName(t)
			h := begin(t, g, request{path: d.path, key: key, body: d.body("Wait.", stream, more), header: map[string]string{"x-mock-fault": "{delay: 50s}"}}, "never")
			soon(t, func() bool { return g.pending(key) == 1 }, "the request at the provider")
			check(t, key, "", h.hangUp(t))
		}
	})
	t.Run("in the middle of a stream", func(t *testing.T) {
		key := "sk-" + newName(t)
		h := begin(t, g, request{path: d.path, key: key, body: d.body("Wait.", true, more), header: map[string]string{
			"x-mock-fault": "{stall: {after_events: 8}}", "x-mock-answer": `{text: "one two three four five six stalls seven eight nine"}`,
		}}, map[string]string{"openai": " stalls", "anthropic": " five"}[d.name]) // the eighth event
		text := readStream(wait(t, h.seen)).text
		r := h.hangUp(t)
		check(t, key, text, r)
	})
	t.Run("in the middle of a whole answer", func(t *testing.T) {
		key := "sk-" + newName(t)
		h := begin(t, g, request{path: d.path, key: key, body: d.body("Wait.", false, more), header: map[string]string{"x-mock-fault": "{stall: {after_events: 0}}"}}, "never")
		soon(t, func() bool { return g.pending(key) == 1 }, "the request at the provider")
		check(t, key, "", h.hangUp(t))
	})
	t.Run("in the middle of its request", func(t *testing.T) {
		key := "sk-" + newName(t)
		body, pipe := io.Pipe()
		h := begin(t, g, request{path: d.path, key: key, reader: body}, "never")
		_, err := pipe.Write([]byte(d.body("Wait", false, more)[:40]))
		require.NoError(t, err)
		h.cancel()
		require.NoError(t, pipe.CloseWithError(context.Canceled)) // the client waits for its reader
		r := h.hangUp(t)
		require.Equal(t, "client_gone", r.End)
		require.Empty(t, r.Attempts)
		require.Empty(t, r.Budgets)
		require.Zero(t, r.Tokens.Input)
	})
	t.Run("at the end, before the provider has closed", func(t *testing.T) {
		key := "sk-" + newName(t)
		position := map[string]string{"openai": "6", "anthropic": "8"}[d.name]
		h := begin(t, g, request{path: d.path, key: key, body: d.body("Wait.", true, more), header: map[string]string{
			"x-mock-fault": "{stall: {after_events: " + position + "}}", "x-mock-answer": `{text: "one two"}`,
		}}, map[string]string{"openai": "[DONE]", "anthropic": "message_stop"}[d.name])
		wait(t, h.seen)
		r := h.hangUp(t)
		require.Equal(t, "complete", r.End)
		require.Equal(t, "provider", r.Tokens.Source)
		require.EqualValues(t, 2, r.Tokens.Output)
	})
}

// pending is how many requests of a key the provider has not answered to the end.
func (g *gateway) pending(key string) (n int) {
	for _, r := range g.mock.Requests() {
		if r.Key == key && r.End == "" {
			n++
		}
	}
	return n
}
