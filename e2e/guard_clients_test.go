package e2e

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
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
  answers: [{name: code, deny: ['launch\s+code'], window: 32}]
`

// TestPythonGuarded has OpenAI's and Anthropic's own clients for Python speak to them.
func TestPythonGuarded(t *testing.T) {
	python := os.Getenv("SLUICE_PYTHON")
	if python == "" {
		t.Fatal("SLUICE_PYTHON does not say where a Python with openai and anthropic is: run `make test`, which makes one in build/venv and sets it")
	}
	eachGateway(t, spoken, func(t *testing.T, g *gateway) {
		cmd := exec.CommandContext(bounded(t), python, "-B", "clients/guarded.py")
		cmd.Env = append(os.Environ(), "SLUICE_URL="+g.url, "NO_PROXY=*")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		require.Contains(t, string(out), "\nOK\n")
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
	if os.Getenv("SLUICE_NODE") == "" {
		t.Fatal("SLUICE_NODE does not say where openai and @anthropic-ai/sdk are installed: run `make test`, which installs them in build/node and sets it")
	}
	node, err := exec.LookPath("node")
	require.NoError(t, err, "Node is needed")
	eachGateway(t, spoken, func(t *testing.T, g *gateway) {
		cmd := exec.CommandContext(bounded(t), node, "clients/node/guarded.mjs")
		cmd.Env = append(os.Environ(), "SLUICE_URL="+g.url, "NO_PROXY=*")
		var said, problems bytes.Buffer
		cmd.Stdout, cmd.Stderr = &said, &problems
		require.NoError(t, cmd.Run(), "%s", &problems)
		var all map[string]guardedSeen
		require.NoError(t, json.Unmarshal(said.Bytes(), &all), "%s", &said)
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
