package wasmhost

import (
	"context"
	"fmt"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
)

// Host is a compiled module. It may be used by several goroutines.
type Host struct {
	runtime  wazero.Runtime
	compiled wazero.CompiledModule
}

// Compile compiles a module, or takes the result from cacheDir if that has it; "" is no
// cache. It refuses a module that imports poll_oneoff, which Envoy does not provide.
func Compile(ctx context.Context, wasm []byte, cacheDir string) (*Host, error) {
	config := wazero.NewRuntimeConfig()
	if cacheDir != "" {
		cache, err := wazero.NewCompilationCacheWithDir(cacheDir)
		if err != nil {
			return nil, fmt.Errorf("wasmhost: compilation cache: %w", err)
		}
		config = config.WithCompilationCache(cache)
	}
	h := &Host{runtime: wazero.NewRuntimeWithConfig(ctx, config)}
	if err := h.compile(ctx, wasm); err != nil {
		h.runtime.Close(ctx)
		return nil, fmt.Errorf("wasmhost: %w", err)
	}
	return h, nil
}

func (h *Host) compile(ctx context.Context, wasm []byte) (err error) {
	if _, err = wasi_snapshot_preview1.Instantiate(ctx, h.runtime); err != nil {
		return err
	}
	if err = provide(ctx, h.runtime); err != nil {
		return err
	}
	if h.compiled, err = h.runtime.CompileModule(ctx, wasm); err != nil {
		return err
	}
	for _, f := range h.compiled.ImportedFunctions() {
		if module, name, _ := f.Import(); name == "poll_oneoff" {
			return fmt.Errorf("the module imports %s.%s, which Envoy before 1.38 does not provide", module, name)
		}
	}
	return nil
}

// Close frees the compiled module and every VM made from it.
func (h *Host) Close() error { return h.runtime.Close(context.Background()) }
