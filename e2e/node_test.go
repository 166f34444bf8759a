package e2e

import (
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
	node(t)
	eachGateway(t, routed, func(t *testing.T, g *gateway) {
		var all map[string]sdkSeen
		g.runNode(t, "client.mjs", &all)
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
