package e2e

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPythonHits has the vendors' clients for Python be answered from the cache.
func TestPythonHits(t *testing.T) {
	python(t)
	eachGateway(t, cached, func(t *testing.T, g *gateway) {
		g.runPython(bounded(t), t, "cached.py")
	})
}

// TestNodeHits has those for Node be.
func TestNodeHits(t *testing.T) {
	node(t)
	eachGateway(t, cached, func(t *testing.T, g *gateway) {
		type seen struct {
			Result, Text, Finish string
			Usage                int64
			Pieces               int
		}
		var all map[string]seen
		g.runNode(t, "cached.mjs", &all)
		first := all["first"]
		require.Equal(t, "miss", first.Result)
		require.NotEmpty(t, first.Text)
		require.Positive(t, first.Usage)
		for name, finish := range map[string]string{"completion": "stop", "completionStream": "stop", "message": "end_turn", "messageStream": "end_turn"} {
			got, ok := all[name]
			require.True(t, ok, name)
			if name == "completionStream" || name == "messageStream" {
				require.Greater(t, got.Pieces, 4, "%s: a stream, and not one piece", name)
			}
			got.Pieces = 0
			require.Equal(t, seen{Result: "hit", Text: first.Text, Finish: finish, Usage: first.Usage}, got, name)
		}
	})
}
