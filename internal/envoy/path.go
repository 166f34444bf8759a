package envoy

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// versionForm is what may be asked for: it becomes a directory's name and a
// package's version.
var versionForm = regexp.MustCompile(`^[0-9]+\.[0-9]+\.[0-9]+(\.post[0-9]+)?$`)

// Path returns the path of an Envoy binary. The variable ENVOY wins. Otherwise
// it is the stock binary of the given version ("" for SLUICE_ENVOY_VERSION, and
// without that for DefaultVersion), fetched on first use into build/envoy of
// this source tree. Any number of processes may ask at once.
func Path(version string) (string, error) {
	if given := os.Getenv(PathVariable); given != "" {
		path, err := exec.LookPath(given)
		if err != nil {
			return "", fmt.Errorf("envoy: %s=%s: %w", PathVariable, given, err)
		}
		return filepath.Abs(path)
	}
	if version == "" {
		version = os.Getenv(VersionVariable)
	}
	if version == "" {
		version = DefaultVersion
	}
	if err := usable(version); err != nil {
		return "", err
	}
	root, err := SourceRoot()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(root, "build", "envoy", version)
	path := filepath.Join(dir, "envoy")
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	if err := fetch(version, dir); err != nil {
		return "", fmt.Errorf("envoy: get version %s: %w", version, err)
	}
	return path, nil
}

// usable refuses what cannot work, before anything is fetched.
func usable(version string) error {
	if !versionForm.MatchString(version) {
		return fmt.Errorf("envoy: version %q: want three numbers, as in %s", version, DefaultVersion)
	}
	if strings.HasPrefix(version, "1.38.") {
		return fmt.Errorf("envoy: version %s of the package %s is built without V8 and runs no wasm filter: take %s, %s or an Envoy of your own (%s=/path/to/envoy)",
			version, wheelPackage, DefaultVersion, OldestVersion, PathVariable)
	}
	return nil
}

// SourceRoot finds the tree that the working directory is in: tests run in their
// package's directory, `go run` at the top.
func SourceRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil && strings.HasPrefix(string(mod), "module github.com/sluice-gateway/sluice\n") {
			return dir, nil
		}
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return "", err
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", fmt.Errorf("envoy: not inside Sluice's source tree, so there is no build/envoy to keep a fetched Envoy in: give one with %s=/path/to/envoy", PathVariable)
		}
		dir = parent
	}
}
