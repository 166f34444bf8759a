package module

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// optimised is a module as Binaryen's wasm-opt makes it: the same functions in a
// seventh less code. That takes a minute, so a result is kept in cache under the digest of
// what it was made from.
//
// The functions keep their names, for what comes after it.
//
// The features are those that Go's compiler uses, all of which every supported gateway has.
// Go's linker puts nothing into the first 4 KiB of memory and looks at every pointer before
// it is used, so a sum below 1 KiB is no address: that lets offsets be folded into loads.
func optimised(ctx context.Context, wasm []byte, o Options) ([]byte, error) {
	script := filepath.Join(o.Binaryen, "node_modules", "binaryen", "bin", "wasm-opt")
	about, err := os.ReadFile(filepath.Join(o.Binaryen, "node_modules", "binaryen", "package.json"))
	if err != nil {
		return nil, fmt.Errorf("wasm-opt: %w; `make build` fetches it", err)
	}
	args := []string{script, "-Oz", "-g", "--reorder-functions", "--low-memory-unused", "--enable-bulk-memory", "--enable-sign-ext", "--enable-nontrapping-float-to-int"}
	digest := sha256.New()
	digest.Write(about) // which has its version
	digest.Write([]byte(strings.Join(args[1:], " ")))
	digest.Write(wasm)
	cache := filepath.Join(o.Binaryen, "optimised")
	kept := filepath.Join(cache, hex.EncodeToString(digest.Sum(nil))+".wasm")
	if made, err := os.ReadFile(kept); err == nil {
		return made, nil
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(cache, "making.*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	in, out := filepath.Join(dir, "in.wasm"), filepath.Join(dir, "out.wasm")
	if err := os.WriteFile(in, wasm, 0o644); err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, "node", append(args, in, "-o", out)...)
	var problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &problems, &problems
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("wasm-opt: %w\n%s", err, problems.Bytes())
	}
	made, err := os.ReadFile(out)
	if err != nil {
		return nil, fmt.Errorf("wasm-opt: %w\n%s", err, problems.Bytes())
	}
	prune(cache)
	return made, os.Rename(out, kept) // whole or not at all, whoever else makes the same
}

// keptModules is how many results are kept.
const keptModules = 8

// prune makes room for a result: the one that is oldest goes.
func prune(cache string) {
	files, err := filepath.Glob(filepath.Join(cache, "*.wasm"))
	if err != nil || len(files) < keptModules {
		return
	}
	var oldest string
	var since time.Time
	for _, f := range files {
		if info, err := os.Stat(f); err == nil && (oldest == "" || info.ModTime().Before(since)) {
			oldest, since = f, info.ModTime()
		}
	}
	_ = os.Remove(oldest)
}
