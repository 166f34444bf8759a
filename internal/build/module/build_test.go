package module

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

const minimal = "github.com/sluice-gateway/sluice/filter/internal/abi/testdata/minimal"

// What the gates say about a real module, and that it does not depend on where it is
// built.
func TestBuild(t *testing.T) {
	var built [2][]byte
	for i := range built {
		output := filepath.Join(t.TempDir(), "deep", "minimal.wasm")
		sizes, err := Build(t.Context(), Options{Package: minimal, Output: output})
		require.NoError(t, err)
		built[i], err = os.ReadFile(output)
		require.NoError(t, err)
		require.Equal(t, len(built[i]), sizes.Module)
	}
	require.True(t, bytes.Equal(built[0], built[1]), "two builds differ")
}

// A module that a gateway would refuse must not be found where a good one is expected.
func TestBuildRefused(t *testing.T) {
	output := filepath.Join(t.TempDir(), "bare.wasm")
	_, err := Build(t.Context(), Options{Package: "./testdata/bare", Output: output})
	require.ErrorContains(t, err, "does not export proxy_on_vm_start")
	require.NoFileExists(t, output)

	_, err = Build(t.Context(), Options{Package: "./testdata/absent", Output: output})
	require.ErrorContains(t, err, "testdata/absent")
	require.NoFileExists(t, output)
}

func TestPatch(t *testing.T) {
	const source = "before\nfunc f(n int) {\n\tif n > 0 {\n\t}\n}\n\nfunc g() {\n}\n"
	for name, tt := range map[string]struct{ find, with, want string }{
		"a text":     {"n > 0", "false", "before\nfunc f(n int) {\n\tif false {\n\t}\n}\n\nfunc g() {\n}\n"},
		"a function": {"func f(", "func f(n int) {}", "before\nfunc f(n int) {}\n\nfunc g() {\n}\n"},
		"none":       {"func f(n int) {\n", "", "before\n\n\nfunc g() {\n}\n"},
	} {
		t.Run(name, func(t *testing.T) {
			edited, err := patch{find: tt.find, with: tt.with}.apply(source)
			require.NoError(t, err)
			require.Equal(t, tt.want, edited)
		})
	}
	for name, source := range map[string]string{
		"gone":  "package runtime\n",
		"other": "func traceEnabled(m *m) bool {\n\treturn trace.enabled\n}\n",
		"twice": "func traceEnabled() bool {\n}\nfunc traceEnabled() bool {\n}\n",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := patch{find: "func traceEnabled() bool {"}.apply(source)
			require.ErrorContains(t, err, "times and must be there once: this Go release has changed it")
		})
	}
	_, err := patch{find: "func f() {"}.apply("func f() {")
	require.ErrorContains(t, err, "no closing brace")
}

// The parts that are left out are not in the module any more: an edit that no longer
// reaches the last caller fails here. The linker's table of functions keeps their names.
func TestLeftOut(t *testing.T) {
	output := filepath.Join(t.TempDir(), "sluice.wasm")
	_, err := Build(t.Context(), Options{Package: "github.com/sluice-gateway/sluice/filter", Output: output})
	require.NoError(t, err)
	wasm, err := os.ReadFile(output)
	require.NoError(t, err)
	has := func(function string) bool { return bytes.Contains(wasm, []byte("\x00"+function+"\x00")) }
	require.True(t, has("runtime.gcStart"))
	require.True(t, has("runtime.Stack"))
	for _, function := range []string{
		"runtime.traceAdvance", "runtime.traceAcquireEnabled", "runtime.traceLocker.eventWriter",
		"internal/godebug.lookup", "internal/bisect.New", "runtime.initMetrics",
		"runtime.schedtrace", "runtime.fmtNSAsMS", "runtime.checkFinalizersAndCleanups.func1", "runtime.startCheckmarks",
		"runtime.(*hexdumper).write",
		"runtime.typesEqual",
		"runtime.newosproc",
		"runtime.stkbucket",
		"runtime.(*pageAlloc).scavengeOne", "runtime.(*scavengerState).run",
		"os.NewFile", "os.newFile", "internal/poll.(*FD).Write", "runtime.SetFinalizer", "syscall.Open", "time.LoadLocationFromTZData", "time.tzsetRule",
		"strconv.IsPrint", "strings.Map", "internal/strconv.genericFtoa", "internal/strconv.AppendComplex",
		"github.com/sluice-gateway/sluice/policy/normal.Append",
	} {
		require.False(t, has(function), function)
	}
}
