package module

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// apply makes a file's text as a patch wants it.
func (p patch) apply(source string) (string, error) {
	if n := strings.Count(source, p.find); n != 1 {
		return "", fmt.Errorf("%q was found %d times and must be there once: "+
			"this Go release has changed it, so build with Go 1.26 or adapt internal/build/module/patches.go", p.find, n)
	}
	before, after, _ := strings.Cut(source, p.find)
	if strings.HasPrefix(p.find, "func ") {
		// gofmt puts a function's closing brace, and no other, at the beginning of a line.
		var closed bool
		if _, after, closed = strings.Cut(after, "\n}\n"); !closed {
			return "", fmt.Errorf("%q has no closing brace", p.find)
		}
		after = "\n" + after
	}
	return before + p.with + after, nil
}

// writeOverlay makes the edited files from the toolchain that will compile them, and the
// file for go build's -overlay, whose path it returns. All keep their names from build
// to build, and so the go command's cache keeps the compiled packages.
func writeOverlay(ctx context.Context, workDir, dir string) (string, error) {
	goroot, err := runGo(ctx, workDir, "env", "GOROOT")
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	edited := map[string]string{} // texts by the names of the originals
	for _, p := range patches {
		original := filepath.Join(strings.TrimSpace(goroot), "src", filepath.FromSlash(p.file))
		if _, begun := edited[original]; !begun {
			source, err := os.ReadFile(original)
			if err != nil {
				return "", err
			}
			edited[original] = string(source)
		}
		if edited[original], err = p.apply(edited[original]); err != nil {
			return "", fmt.Errorf("%s: %w", original, err)
		}
	}

	replace := map[string]string{}
	for _, p := range patches {
		original := filepath.Join(strings.TrimSpace(goroot), "src", filepath.FromSlash(p.file))
		replace[original] = filepath.Join(dir, strings.ReplaceAll(p.file, "/", "_"))
		if err := writeIfChanged(replace[original], []byte(edited[original])); err != nil {
			return "", err
		}
	}
	list, err := json.Marshal(map[string]map[string]string{"Replace": replace})
	if err != nil {
		return "", err
	}
	overlay := filepath.Join(dir, "overlay.json")
	return overlay, writeIfChanged(overlay, list)
}

// writeIfChanged leaves a file alone that is as it should be, since another build may
// be reading it.
func writeIfChanged(name string, data []byte) error {
	if old, err := os.ReadFile(name); err == nil && string(old) == string(data) {
		return nil
	}
	tmp, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	if _, err := tmp.Write(data); err != nil {
		tmp.Close()
		return err
	}
	if err := tmp.Close(); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), name)
}
