// Package module compiles a Go package to a proxy-wasm module and checks that the
// gateways will load the result.
//
// Eight things are not as in a plain `go build`:
//
//   - the standard library is edited (patches.go): the runtime's poll_oneoff is replaced,
//     because Envoy before 1.38 refuses that call and the garbage collector dies of it,
//     and what a filter cannot use is left out, because Envoy compiles it all;
//   - the module's imports and exports are compared with what the gateways know
//     (gate.go), because one import too many and none of them loads it;
//   - small copies are made by functions of the module (bulk.go), since V8 leaves the module
//     for each memory.copy;
//   - Binaryen takes out what a compiler of Go leaves in (optimise.go);
//   - V8 is kept from inlining what is hardly ever called (apart.go);
//   - what requests run is put together (together.go);
//   - V8 is told which branches they never take (hints.go);
//   - its sizes are limited, because Envoy compiles every function before it serves.
package module

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Options is what to build.
type Options struct {
	Package string // import path or directory of a main package, as `go build` takes it
	Output  string // file to write; its directory is made, and the overlay is kept beside it
	Dir     string // directory to run the go command in; "" is the current one
	Tags    string // build tags, with commas between; "" is none

	// Named writes the module with the names of its functions, and before they are arranged
	// for V8: for finding out which of them run.
	Named bool

	// Probed has each branch of a module that is Named call a function that has no name, with its
	// value and its Branch: for finding out which way it goes.
	Probed bool

	// Binaryen is the directory that Binaryen is installed in, as an npm package; "" leaves
	// the module as Go's compiler makes it.
	Binaryen string
}

// Build compiles, checks and writes a module. The same sources and toolchain give the
// same bytes, in whatever directory. A module that fails a check is not left at Output.
func Build(ctx context.Context, o Options) (Sizes, error) {
	output, err := filepath.Abs(o.Output)
	if err != nil {
		return Sizes{}, err
	}
	if err := os.MkdirAll(filepath.Dir(output), 0o755); err != nil {
		return Sizes{}, err
	}
	overlay, err := writeOverlay(ctx, o.Dir, filepath.Join(filepath.Dir(output), "_overlay"))
	if err != nil {
		return Sizes{}, err
	}

	// The go command writes beside the output, so that a module which is in use is
	// replaced at once and never half written.
	unchecked, err := os.CreateTemp(filepath.Dir(output), filepath.Base(output)+".*")
	if err != nil {
		return Sizes{}, err
	}
	unchecked.Close()
	defer os.Remove(unchecked.Name())
	args := []string{"build", "-overlay", overlay, "-buildmode=c-shared", "-trimpath", "-buildvcs=false", "-ldflags=-w", "-tags=" + o.Tags}
	for _, cold := range notInlined {
		args = append(args, "-gcflags="+cold+"=-l")
	}
	if _, err := runGo(ctx, o.Dir, append(args, "-o", unchecked.Name(), o.Package)...); err != nil {
		return Sizes{}, err
	}

	wasm, err := os.ReadFile(unchecked.Name())
	if err != nil {
		return Sizes{}, err
	}
	if wasm, err = smallMoves(wasm); err != nil {
		return Sizes{}, fmt.Errorf("%s: %w", o.Package, err)
	}
	maxCode := MaxPlain
	if o.Binaryen != "" {
		maxCode = MaxCode
		if wasm, err = optimised(ctx, wasm, o); err != nil {
			return Sizes{}, err
		}
	}
	shipped, err := arranged(wasm)
	if err != nil {
		return Sizes{}, fmt.Errorf("%s: %w", o.Package, err)
	}
	sizes, err := Check(shipped, maxCode)
	if err != nil {
		return sizes, fmt.Errorf("%s: %w", o.Package, err)
	}
	if o.Named {
		shipped = wasm
	}
	if o.Probed {
		if shipped, err = probed(shipped); err != nil {
			return sizes, err
		}
	}
	if err := os.WriteFile(unchecked.Name(), shipped, 0o644); err != nil {
		return sizes, err
	}
	if err := os.Chmod(unchecked.Name(), 0o644); err != nil {
		return sizes, err
	}
	return sizes, os.Rename(unchecked.Name(), output)
}

// arranged is a module as V8 is to compile it.
func arranged(wasm []byte) ([]byte, error) {
	names, err := functionNames(wasm)
	if err != nil {
		return nil, err
	}
	if wasm, err = apart(wasm, names); err != nil {
		return nil, err
	}
	if wasm, err = together(wasm, names, requestFunctions, oneByte); err != nil {
		return nil, err
	}
	if wasm, err = hinted(wasm, names, requestBranches); err != nil {
		return nil, err
	}
	return nameless(wasm)
}

// notInlined are the packages in which no function is inlined: what they do is done once
// for a configuration, once for a request, an answer or an event that is translated, or
// around a host call, which costs more. Inlining makes their code a fifth larger (Go 1.26.8).
var notInlined = []string{
	"github.com/sluice-gateway/sluice/filter",
	"github.com/sluice-gateway/sluice/filter/internal/abi",
	"github.com/sluice-gateway/sluice/gateway",
	"github.com/sluice-gateway/sluice/policy/...",
	"github.com/sluice-gateway/sluice/budget",
	"github.com/sluice-gateway/sluice/dialect/translate",
	"github.com/sluice-gateway/sluice/jsonschema",
	"github.com/sluice-gateway/sluice/jsontree",
	"github.com/sluice-gateway/sluice/cacheclient",
	"github.com/sluice-gateway/sluice/guardclient",
	"github.com/sluice-gateway/sluice/guard",
	"github.com/sluice-gateway/sluice/guard/injection",
}

// runGo runs the go command for the module's target. GOWASM is cleared because it
// chooses instructions that a gateway's runtime may not have.
func runGo(ctx context.Context, dir string, args ...string) (stdout string, err error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm", "GOWASM=")
	var out, problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problems
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, problems.Bytes())
	}
	return out.String(), nil
}
