package e2e

import (
	"context"
	"os/exec"
	"testing"
	"time"
)

// TestPython runs the tests under clients/, which use the vendors' own clients.
func TestPython(t *testing.T) {
	path := python(t)
	if err := exec.Command(path, "-c", "import openai, anthropic").Run(); err != nil {
		t.Fatalf("SLUICE_PYTHON=%s cannot import openai and anthropic (%v): run `make test`, which installs them in build/venv", path, err)
	}
	eachGateway(t, monthly, func(t *testing.T, g *gateway) {
		for _, script := range []string{"openai_client.py", "anthropic_client.py"} {
			t.Run(script, func(t *testing.T) {
				t.Parallel()
				ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
				defer cancel()
				g.runPython(ctx, t, script)
			})
		}
	})
}
