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

// sdkSeen is what clients/node/client.mjs says that a client has seen.
type sdkSeen struct {
	Text, Streamed, Finish, After string
	Usage, StreamedUsage          int64
	Calls, Days                   []string
	Errors, Broken                map[string]struct {
		Value  *int
		Error  string
		Status int
	}
}

// TestNode runs the vendors' own clients for Node, each against both APIs.
func TestNode(t *testing.T) {
	modules := os.Getenv("SLUICE_NODE")
	if modules == "" {
		t.Fatal("SLUICE_NODE does not say where openai and @anthropic-ai/sdk are installed: run `make test`, which installs them in build/node and sets it")
	}
	node, err := exec.LookPath("node")
	require.NoError(t, err, "Node is needed")
	eachGateway(t, routed, func(t *testing.T, g *gateway) {
		cmd := exec.CommandContext(bounded(t), node, "clients/node/client.mjs")
		cmd.Env = append(os.Environ(), "SLUICE_URL="+g.url, "NO_PROXY=*")
		var said, problems bytes.Buffer
		cmd.Stdout, cmd.Stderr = &said, &problems
		require.NoError(t, cmd.Run(), "%s", &problems)
		var all map[string]sdkSeen
		require.NoError(t, json.Unmarshal(said.Bytes(), &all), "%s", &said)
		require.Len(t, all, 4)
		for title, seen := range all {
			t.Run(title, func(t *testing.T) {
				finish, tools := "stop", "tool_calls"
				if strings.HasPrefix(title, "anthropic") {
					finish, tools = "end_turn", "tool_use"
				}
				require.NotEqual(t, tools, seen.After)
				require.Equal(t, []string{says("beta"), says("beta"), finish, finish}, []string{seen.Text, seen.Streamed, seen.Finish, seen.After})
				require.Positive(t, seen.Usage)
				require.Equal(t, seen.Usage, seen.StreamedUsage)
				require.Equal(t, []string{"get_weather", "get_time"}, seen.Calls)
				require.Equal(t, []string{"number", "number"}, seen.Days)
				for behaviour, class := range map[string]string{"400": "BadRequestError", "404": "NotFoundError", "429": "RateLimitError", "500": "InternalServerError"} {
					require.Equal(t, class, seen.Errors[behaviour].Error)
				}
				require.Len(t, seen.Broken, 5)
				for behaviour, broken := range seen.Broken {
					require.Nil(t, broken.Value, "%s looks whole", behaviour)
					require.NotEmpty(t, broken.Error)
				}
			})
		}
	})
}
