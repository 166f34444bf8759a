package module

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Go's runtime on wasip1 sleeps with poll_oneoff, also in the midst of a collection.
// Envoy 1.33 to 1.37 answers it with "not implemented" and the runtime throws: under load
// most requests of an unchanged module fail. Nothing in a filter may wait in any case,
// so here a wait is over at once: no event has come. time.Sleep does not sleep then.
const (
	pollImported = `//go:wasmimport wasi_snapshot_preview1 poll_oneoff
//go:noescape
func poll_oneoff(in *subscription, out *event, nsubscriptions size, nevents *size) errno
`
	pollReplaced = `//go:nosplit
func poll_oneoff(in *subscription, out *event, nsubscriptions size, nevents *size) errno {
	*nevents = 0
	return 0
}
`
)

// replacePoll edits the text of the runtime's os_wasip1.go.
func replacePoll(source string) (string, error) {
	if n := strings.Count(source, pollImported); n != 1 {
		return "", fmt.Errorf("the declaration of poll_oneoff was found %d times and must be there once: "+
			"this Go release has changed it, so build with Go 1.26 or adapt internal/build/module/overlay.go", n)
	}
	return strings.Replace(source, pollImported, pollReplaced, 1), nil
}

// writeOverlay makes the edited file from the toolchain that will compile it, and the
// file for go build's -overlay, whose path it returns. Both keep their names from build
// to build, and so the go command's cache keeps the compiled runtime.
func writeOverlay(ctx context.Context, workDir, dir string) (string, error) {
	goroot, err := runGo(ctx, workDir, "env", "GOROOT")
	if err != nil {
		return "", err
	}
	original := filepath.Join(strings.TrimSpace(goroot), "src", "runtime", "os_wasip1.go")
	source, err := os.ReadFile(original)
	if err != nil {
		return "", err
	}
	edited, err := replacePoll(string(source))
	if err != nil {
		return "", fmt.Errorf("%s: %w", original, err)
	}

	replacement := filepath.Join(dir, "os_wasip1.go")
	overlay := filepath.Join(dir, "overlay.json")
	list, err := json.Marshal(map[string]map[string]string{"Replace": {original: replacement}})
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	if err := writeIfChanged(replacement, []byte(edited)); err != nil {
		return "", err
	}
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
