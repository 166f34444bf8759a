// Package istiotest runs Istio's own code, which is built from a module of its own
// (internal/istio) so that nothing of it is in Sluice's.
package istiotest

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/internal/envoy"
)

// Variable names the environment variable with the path of the validator that is built.
const Variable = "SLUICE_ISTIO"

// path is where the validator is. `make test` has it built; by hand it is built here, which
// takes a minute or two the first time.
var path = sync.OnceValues(func() (string, error) {
	if given := os.Getenv(Variable); given != "" {
		return given, nil
	}
	root, err := envoy.SourceRoot()
	if err != nil {
		return "", err
	}
	binary := filepath.Join(root, "build", "istiovalidate")
	build := exec.Command("go", "build", "-o", binary, "./validate")
	build.Dir = filepath.Join(root, "internal", "istio")
	build.Stderr = os.Stderr
	return binary, build.Run()
})

// Validate gives the validator a text: what it says of it, and whether it lets it pass.
func Validate(t *testing.T, text string, args ...string) (said string, good bool) {
	t.Helper()
	binary, err := path()
	require.NoError(t, err)
	command := exec.CommandContext(t.Context(), binary, args...)
	command.Stdin = strings.NewReader(text)
	var out, stderr bytes.Buffer
	command.Stdout, command.Stderr = &out, &stderr
	err = command.Run()
	if exit := new(exec.ExitError); err != nil {
		require.ErrorAs(t, err, &exit, "%s", stderr.String())
		return out.String() + stderr.String(), false
	}
	if len(args) == 0 {
		return out.String() + stderr.String(), true
	}
	return out.String(), true
}
