package e2e

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// spoken is a policy with a guard of each kind that a client can notice: each model is at
// either API's provider.
const spoken = providers + `
  gpt-4o-mini: {targets: [{provider: openai, model: gpt-4o-mini}]}
default_provider: openai
guards:
  pii: {kinds: [email, card]}
  prompts: [{name: falcon, deny_words: [project falcon]}]
  injection: {action: block}
  answers: [{name: code, deny: ['launch\s+code'], window: 32}]
`

// TestPythonGuarded has OpenAI's and Anthropic's own clients for Python speak to them.
func TestPythonGuarded(t *testing.T) {
	python(t)
	eachGateway(t, spoken, func(t *testing.T, g *gateway) {
		g.runPython(bounded(t), t, "guarded.py")
		g.knowsNobody(t)
	})
}

// knowsNobody holds that nothing that these clients said of somebody has come to a provider.
func (g *gateway) knowsNobody(t *testing.T) {
	t.Helper()
	requests := g.mock.Requests()
	require.NotEmpty(t, requests)
	for _, r := range requests {
		hidden(t, string(r.Body))
	}
}

// guardedSeen is what clients/node/guarded.mjs says that a client has seen.
type guardedSeen struct {
	Whole, Streamed, Seen, Finish  string
	Called, CalledInPieces         map[string]string
	Blocked, BlockedStream, Answer struct {
		Error, Code, Message string
		Status               int
	}
}

// TestNodeGuarded has those for Node do the same.
func TestNodeGuarded(t *testing.T) {
	node(t)
	eachGateway(t, spoken, func(t *testing.T, g *gateway) {
		var all map[string]guardedSeen
		g.runNode(t, "guarded.mjs", &all)
		require.Len(t, all, 4)
		for title, seen := range all {
			t.Run(title, func(t *testing.T) {
				const text = "I am canary.ann@example.com and my card is 4111 1111 1111 1111."
				require.Equal(t, []string{text, text}, []string{seen.Whole, seen.Streamed})
				want := map[string]string{"to": "canary.ann@example.com", "say": `"quoted" 4111 1111 1111 1111`}
				require.Equal(t, want, seen.Called)
				require.Equal(t, want, seen.CalledInPieces)

				finish, code := "content_filter", "blocked_by_guard"
				if strings.HasPrefix(title, "anthropic") {
					finish, code = "refusal", "" // its errors have a type, and no code
				}
				for rule, e := range map[string]struct {
					Error, Code, Message string
					Status               int
				}{"(falcon)": seen.Blocked, "(falcon) ": seen.BlockedStream, "(code)": seen.Answer} {
					require.Equal(t, "BadRequestError", e.Error, e.Message)
					require.Equal(t, 400, e.Status)
					require.Equal(t, code, e.Code)
					require.Contains(t, e.Message, strings.TrimSpace(rule))
				}
				require.Equal(t, finish, seen.Finish)
				require.True(t, strings.HasPrefix("It is fine today and the ", seen.Seen), seen.Seen)
			})
		}
		g.knowsNobody(t)
	})
}
