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

func TestReplacePoll(t *testing.T) {
	edited, err := replacePoll("before\n" + pollImported + "after\n")
	require.NoError(t, err)
	require.Equal(t, "before\n"+pollReplaced+"after\n", edited)

	for name, source := range map[string]string{
		"gone":  "package runtime\n",
		"other": "//go:wasmimport wasi_snapshot_preview1 poll_oneoff\nfunc poll_oneoff(in, out unsafe.Pointer) errno\n",
		"twice": pollImported + pollImported,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := replacePoll(source)
			require.ErrorContains(t, err, "declaration of poll_oneoff was found")
		})
	}
}
