package main

import (
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/pkoukk/tiktoken-go-loader/assets"
)

// The versions are in rivals/rust/Cargo.toml, rivals/node/package.json, rivals/go/go.mod and rivals/python/requirements.txt, and
// internal/requirements.txt for tiktoken.

func rust(crate string) func(context.Context, *bench) (counter, error) {
	return func(ctx context.Context, b *bench) (counter, error) {
		if err := needs("cargo"); err != nil {
			return nil, err
		}
		target := filepath.Join(b.dir, "rust")
		if err := command(ctx, filepath.Join(b.root, rivals, "rust"), "cargo", "build", "--quiet", "--release", "--locked", "--target-dir", target); err != nil {
			return nil, err
		}
		return running(exec.CommandContext(ctx, filepath.Join(target, "release", "rivals"), crate))
	}
}

func golang(library string) func(context.Context, *bench) (counter, error) {
	return func(ctx context.Context, b *bench) (counter, error) {
		program := filepath.Join(b.dir, "rivals-go")
		if err := command(ctx, filepath.Join(b.root, rivals, "go"), "go", "build", "-o", program, "."); err != nil {
			return nil, err
		}
		return running(exec.CommandContext(ctx, program, library))
	}
}

func startTiktoken(ctx context.Context, b *bench) (counter, error) {
	python, err := python()
	if err != nil {
		return nil, err
	}
	// tiktoken looks for a vocabulary under the checksum of its address, and checks what it finds.
	cache := filepath.Join(b.dir, "tiktoken")
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return nil, err
	}
	for _, encoding := range encodings {
		vocabulary, err := assets.Assets.ReadFile(encoding + ".tiktoken")
		if err != nil {
			return nil, err
		}
		address := sha1.Sum([]byte("https://openaipublic.blob.core.windows.net/encodings/" + encoding + ".tiktoken"))
		if err := os.WriteFile(filepath.Join(cache, hex.EncodeToString(address[:])), vocabulary, 0o644); err != nil {
			return nil, err
		}
	}
	cmd := exec.CommandContext(ctx, python, filepath.Join(b.root, rivals, "python", "tiktoken_worker.py"))
	cmd.Env = append(os.Environ(), "TIKTOKEN_CACHE_DIR="+cache)
	return running(cmd)
}

func startGPTTokenizer(ctx context.Context, b *bench) (counter, error) {
	if err := needs("node", "npm"); err != nil {
		return nil, err
	}
	dir := filepath.Join(b.dir, "node")
	if err := copied(filepath.Join(b.root, rivals, "node"), dir); err != nil {
		return nil, err
	}
	if err := command(ctx, dir, "npm", "install", "--silent", "--no-audit", "--no-fund"); err != nil {
		return nil, err
	}
	return running(exec.CommandContext(ctx, "node", filepath.Join(dir, "gpt_tokenizer_worker.js")))
}

const rivals = "internal/benchtokenizer/rivals"

// running starts a worker, and has it count something, so that what does not run is absent from the beginning.
func running(cmd *exec.Cmd) (counter, error) {
	w, err := startWorker(cmd)
	if err != nil {
		return nil, err
	}
	nothing := os.DevNull
	for _, encoding := range encodings {
		if _, err := w.count(encoding, nothing); err != nil {
			w.close()
			return nil, err
		}
	}
	return w, nil
}

// needs is an error, of one line, unless all of the programs are there.
func needs(programs ...string) error {
	var missing []string
	for _, program := range programs {
		if _, err := exec.LookPath(program); err != nil {
			missing = append(missing, program)
		}
	}
	if len(missing) > 0 {
		return errors.New("needs " + strings.Join(missing, " and "))
	}
	return nil
}

func python() (string, error) {
	path := os.Getenv("SLUICE_PYTHON")
	if path == "" {
		return "", errors.New("needs a python with tiktoken and pip in SLUICE_PYTHON, which make sets")
	}
	return path, needs(path)
}

// command runs a program to its end. Its error is one line.
func command(ctx context.Context, dir, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		lines := strings.Split(string(bytes.TrimSpace(out)), "\n")
		return fmt.Errorf("%s %s: %w: %s", name, args[0], err, lines[len(lines)-1])
	}
	return nil
}

// copied copies the files of a directory.
func copied(from, to string) error {
	files, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(to, 0o755); err != nil {
		return err
	}
	for _, file := range files {
		content, err := os.ReadFile(filepath.Join(from, file.Name()))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(to, file.Name()), content, 0o644); err != nil {
			return err
		}
	}
	return nil
}
