package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

// The vendors' own clients for Python and Node run as programs under clients/, which are told
// where the gateway is.

// python is the interpreter that has their packages.
func python(t *testing.T) string {
	t.Helper()
	path := os.Getenv("SLUICE_PYTHON")
	if path == "" {
		t.Fatal("SLUICE_PYTHON does not say where a Python with openai and anthropic is: run `make test`, which makes one in build/venv and sets it")
	}
	return path
}

// runPython runs a program that says OK when it has seen what it should.
func (g *gateway) runPython(ctx context.Context, t *testing.T, script string, env ...string) {
	t.Helper()
	cmd := exec.CommandContext(ctx, python(t), "-B", "clients/"+script)
	cmd.Env = append(append(os.Environ(), "SLUICE_URL="+g.url, "NO_PROXY=*"), env...)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Contains(t, string(out), "\nOK\n")
}

// node is the runtime, where their packages are installed.
func node(t *testing.T) string {
	t.Helper()
	if os.Getenv("SLUICE_NODE") == "" {
		t.Fatal("SLUICE_NODE does not say where openai and @anthropic-ai/sdk are installed: run `make test`, which installs them in build/node and sets it")
	}
	path, err := exec.LookPath("node")
	require.NoError(t, err, "Node is needed")
	return path
}

// runNode runs a program that says in JSON what it has seen, and reads it into seen.
func (g *gateway) runNode(t *testing.T, script string, seen any) {
	t.Helper()
	cmd := exec.CommandContext(bounded(t), node(t), "clients/node/"+script)
	cmd.Env = append(os.Environ(), "SLUICE_URL="+g.url, "NO_PROXY=*")
	var said, problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &problems
	require.NoError(t, cmd.Run(), "%s", &problems)
	require.NoError(t, json.Unmarshal(said.Bytes(), seen), "%s", &said)
}
