package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
)

const inNode = "Node's V8"

var encodings = []string{"o200k_base", "cl100k_base"}

// modules are the files of the module with no, one and both vocabularies.
type modules [3]string

func buildModules(ctx context.Context, root, dir string) (m modules, err error) {
	for i, tag := range []string{"none", "one", "both"} {
		m[i] = filepath.Join(dir, tag+".wasm")
		cmd := exec.CommandContext(ctx, "go", "build", "-buildmode=c-shared", "-trimpath", "-ldflags=-s -w", "-tags", tag, "-o", m[i], "./internal/benchtokenizer/module")
		cmd.Dir = root
		cmd.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm", "GOWASM=")
		if out, err := cmd.CombinedOutput(); err != nil {
			return m, fmt.Errorf("build the module: %w: %s", err, out)
		}
	}
	return m, nil
}

func (m modules) both() string { return m[2] }

func startNode(ctx context.Context, b *bench) (counter, error) {
	if err := needs("node"); err != nil {
		return nil, err
	}
	return running(b.node(ctx, 2))
}

// node has the module with so many vocabularies in a process of its own. Envoy switches off V8's quick compiler for wasm, so here
// it is too.
func (b *bench) node(ctx context.Context, vocabularies int) *exec.Cmd {
	return exec.CommandContext(ctx, "node", "--no-warnings", "--no-liftoff", "--no-wasm-lazy-compilation",
		filepath.Join(b.root, rivals, "node", "module_worker.js"), b.modules[vocabularies], fmt.Sprint(vocabularies))
}

func startWasmtime(ctx context.Context, b *bench) (counter, error) {
	python, err := python()
	if err != nil {
		return nil, err
	}
	packages := filepath.Join(b.dir, "python")
	if _, err := os.Stat(filepath.Join(packages, "wasmtime")); err != nil {
		requirements := filepath.Join(b.root, rivals, "python", "requirements.txt")
		if err := command(ctx, b.root, python, "-m", "pip", "install", "-q", "--target", packages, "-r", requirements); err != nil {
			return nil, err
		}
	}
	cmd := exec.CommandContext(ctx, python, filepath.Join(b.root, rivals, "python", "wasmtime_worker.py"), b.modules.both())
	cmd.Env = append(os.Environ(), "PYTHONPATH="+packages)
	return running(cmd)
}

// inWazero is the module in this process.
type inWazero struct {
	ctx         context.Context
	runtime     wazero.Runtime
	memory      api.Memory
	room, tally api.Function
}

func startWazero(ctx context.Context, b *bench) (counter, error) {
	wasm, err := os.ReadFile(b.modules.both())
	if err != nil {
		return nil, err
	}
	w := &inWazero{ctx: ctx, runtime: wazero.NewRuntime(ctx)}
	if err := w.load(wasm); err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

func (w *inWazero) load(wasm []byte) error {
	if _, err := wasi_snapshot_preview1.Instantiate(w.ctx, w.runtime); err != nil {
		return err
	}
	compiled, err := w.runtime.CompileModule(w.ctx, wasm)
	if err != nil {
		return err
	}
	env := w.runtime.NewHostModuleBuilder("env") // the host calls of a proxy, which only its callbacks make
	for _, f := range compiled.ImportedFunctions() {
		if from, name, _ := f.Import(); from == "env" {
			never := api.GoFunc(func(context.Context, []uint64) {})
			env.NewFunctionBuilder().WithGoFunction(never, f.ParamTypes(), f.ResultTypes()).Export(name)
		}
	}
	if _, err := env.Instantiate(w.ctx); err != nil {
		return err
	}
	config := wazero.NewModuleConfig().WithStartFunctions("_initialize").WithSysWalltime().WithSysNanotime()
	module, err := w.runtime.InstantiateModule(w.ctx, compiled, config)
	if err != nil {
		return err
	}
	w.memory, w.room, w.tally = module.Memory(), module.ExportedFunction("room"), module.ExportedFunction("count")
	return nil
}

func (w *inWazero) count(encoding, path string) (sample, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return sample{}, err
	}
	at, err := w.room.Call(w.ctx, uint64(len(text)))
	if err != nil {
		return sample{}, err
	}
	if !w.memory.Write(uint32(at[0]), text) {
		return sample{}, errors.New("wazero: no room for the text")
	}
	start := time.Now()
	tokens, err := w.tally.Call(w.ctx, uint64(slices.Index(encodings, encoding)))
	took := time.Since(start)
	if err != nil {
		return sample{}, errors.New(strings.SplitN(err.Error(), "\n", 2)[0])
	}
	return sample{int(tokens[0]), took}, nil
}

func (w *inWazero) close() { _ = w.runtime.Close(w.ctx) }
