// Package hosttest builds a package of this repository as a module and loads it into
// wasmhost, for the tests that need one.
package hosttest

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/internal/build/module"
	"github.com/sluice-gateway/sluice/internal/wasmhost"
)

var (
	mu    sync.Mutex
	built = map[string]string{} // files
	hosts = map[string]*wasmhost.Host{}
)

// Probe is the module whose configuration says what it does.
const Probe = "./filter/internal/abi/testdata/probe"

// Filter is the module that gateways are given.
const Filter = "./filter"

// Compile builds a main package, given by its directory from the repository's root, with
// build tags if any, and compiles it once in a test binary. The module, and the compiled code
// as a cache for the next run, are in the repository's build directory.
func Compile(t testing.TB, dir string, tags ...string) *wasmhost.Host {
	t.Helper()
	mu.Lock()
	defer mu.Unlock()
	name := nameOf(dir, tags)
	if host, ok := hosts[name]; ok {
		return host
	}
	wasm, err := os.ReadFile(build(t, dir, tags))
	require.NoError(t, err)
	host, err := wasmhost.Compile(context.Background(), wasm, filepath.Join(Repository(t), "build", "test", "compiled"))
	require.NoError(t, err)
	hosts[name] = host
	return host
}

// File is the module that Compile builds, for a gateway that is a process of its own.
func File(t testing.TB, dir string, tags ...string) string {
	t.Helper()
	mu.Lock()
	defer mu.Unlock()
	return build(t, dir, tags)
}

func nameOf(dir string, tags []string) string {
	return strings.Join(append([]string{filepath.Base(dir)}, tags...), "-")
}

func build(t testing.TB, dir string, tags []string) string {
	t.Helper()
	name := nameOf(dir, tags)
	if file, ok := built[name]; ok {
		return file
	}
	root := Repository(t)
	output := filepath.Join(root, "build", "test", name+".wasm")
	options := module.Options{Package: dir, Output: output, Dir: root, Tags: strings.Join(tags, ",")}
	if dir == Filter && len(tags) == 0 { // what is tested is what is shipped
		options.Binaryen = Binaryen(t)
	}
	_, err := module.Build(t.Context(), options)
	require.NoError(t, err)
	built[name] = output
	return output
}

// Binaryen is where make has installed it.
func Binaryen(t testing.TB) string {
	if dir := os.Getenv("SLUICE_BINARYEN"); dir != "" {
		return dir
	}
	return filepath.Join(Repository(t), "build", "binaryen")
}

// Repository is where go.mod is, found from this file's own place in it. A build with
// -trimpath does not know that place; then it is looked for from the test's directory up.
func Repository(t testing.TB) string {
	_, file, _, _ := runtime.Caller(0)
	dir := filepath.Dir(file)
	if !filepath.IsAbs(file) {
		var err error
		dir, err = os.Getwd()
		require.NoError(t, err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		require.NotEqual(t, parent, dir, "no go.mod above")
		dir = parent
	}
}
