//go:build !steps

package tokenizer

import (
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

// The steps are counted in a build of their own, so that they cost nothing in any other.
func TestLinear(t *testing.T) {
	out, err := exec.Command("go", "test", "-count=1", "-tags", "steps", "-run", "TestSteps|TestOneByte", ".").CombinedOutput()
	require.NoError(t, err, "%s", out)
}
