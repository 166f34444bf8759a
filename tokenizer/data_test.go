package tokenizer

import (
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The tables are data that is read in place: the package has no code that runs when a process, or a VM, starts. What initialisation
// there is, the linker lists as tasks and functions, and none of them is of this package.
func TestNothingRunsAtStart(t *testing.T) {
	program := filepath.Join(t.TempDir(), "program")
	build := exec.Command("go", "build", "-o", program, "./internal/started")
	build.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=0") // for debug/elf; it is not run
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)
	file, err := elf.Open(program)
	require.NoError(t, err)
	defer file.Close()
	symbols, err := file.Symbols()
	require.NoError(t, err)
	const path = "github.com/sluice-gateway/sluice/tokenizer"
	seen := 0
	for _, s := range symbols {
		name, ours := strings.CutPrefix(s.Name, path+".")
		if !ours {
			continue
		}
		seen++
		require.False(t, name == "init" || strings.HasPrefix(name, "init.") || name == ".inittask", "%s runs at start", s.Name)
	}
	require.NotZero(t, seen, "the program counts")
}
