package e2e

import (
	"context"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestPython runs the tests under clients/, which use the vendors' own clients.
func TestPython(t *testing.T) {
	python := os.Getenv("SLUICE_PYTHON")
	if python == "" {
		t.Fatal("SLUICE_PYTHON does not say where a Python with openai and anthropic is: run `make test`, which makes one in build/venv and sets it")
	}
	if err := exec.Command(python, "-c", "import openai, anthropic").Run(); err != nil {
		t.Fatalf("SLUICE_PYTHON=%s cannot import openai and anthropic (%v): run `make test`, which installs them in build/venv", python, err)
	}
	eachGateway(t, monthly, func(t *testing.T, g *gateway) {
		for _, script := range []string{"clients/openai_client.py", "clients/anthropic_client.py"} {
			t.Run(script, func(t *testing.T) {
				t.Parallel()
				ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
				defer cancel()
				cmd := exec.CommandContext(ctx, python, "-B", script)
				cmd.Env = append(os.Environ(), "SLUICE_URL="+g.url, "NO_PROXY=*")
				out, err := cmd.CombinedOutput()
				require.NoError(t, err, "%s", out)
				require.Contains(t, string(out), "\nOK\n")
			})
		}
	})
}
