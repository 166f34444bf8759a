package e2e

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPythonHits has the vendors' clients for Python be answered from the cache.
func TestPythonHits(t *testing.T) {
	python := os.Getenv("SLUICE_PYTHON")
	if python == "" {
		t.Fatal("SLUICE_PYTHON does not say where a Python with openai and anthropic is: run `make test`, which makes one in build/venv and sets it")
	}
	eachGateway(t, cached, func(t *testing.T, g *gateway) {
		cmd := exec.CommandContext(bounded(t), python, "-B", "clients/cached.py")
		cmd.Env = append(os.Environ(), "SLUICE_URL="+g.url, "NO_PROXY=*")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		require.Contains(t, string(out), "\nOK\n")
	})
}

// TestNodeHits has those for Node be.
func TestNodeHits(t *testing.T) {
	if os.Getenv("SLUICE_NODE") == "" {
		t.Fatal("SLUICE_NODE does not say where openai and @anthropic-ai/sdk are installed: run `make test`, which installs them in build/node and sets it")
	}
	node, err := exec.LookPath("node")
	require.NoError(t, err, "Node is needed")
	eachGateway(t, cached, func(t *testing.T, g *gateway) {
		cmd := exec.CommandContext(bounded(t), node, "clients/node/cached.mjs")
		cmd.Env = append(os.Environ(), "SLUICE_URL="+g.url, "NO_PROXY=*")
		var said, problems bytes.Buffer
		cmd.Stdout, cmd.Stderr = &said, &problems
		require.NoError(t, cmd.Run(), "%s", &problems)
		type seen struct {
			Result, Text, Finish string
			Usage                int64
			Pieces               int
		}
		var all map[string]seen
		require.NoError(t, json.Unmarshal(said.Bytes(), &all), "%s", &said)
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
