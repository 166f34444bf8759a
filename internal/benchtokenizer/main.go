// Command benchtokenizer measures how fast tokens are counted: by package tokenizer, natively and in the hosts of WebAssembly, and
// by the libraries that people use, on the same texts in the same minutes.
//
//	go run ./internal/benchtokenizer             # under six minutes
//	go run ./internal/benchtokenizer -rounds 3   # quicker, and noisier
//
// The table on stdout is Markdown, progress is on stderr. It needs Go and, for what each of them is measured in, a python with
// tiktoken and pip (SLUICE_PYTHON, which make sets), node and npm, and cargo; what cannot be had is listed as not here. All
// that is fetched or built goes into build/benchtokenizer.
//
//	main.go            flags, order
//	counter.go         what counts: in this process, or in one behind a pipe
//	rivals.go rivals/  the libraries, each fetched by its package's name, and their programs
//	hosts.go module/   the module, and what runs it: Node's V8, wasmtime, wazero
//	envoy.go           and Envoy's own V8
//	corpus.go texts/   what is counted
//	measure.go         rounds and ratios
//	mixed.go adversaries.go memory.go   the parts of the report
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
)

func main() {
	rounds := flag.Int("rounds", 7, "how often everything is measured")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, max(1, *rounds)); err != nil {
		fmt.Fprintln(os.Stderr, "benchtokenizer:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, rounds int) error {
	b := &bench{rounds: rounds}
	if err := b.prepare(ctx); err != nil {
		return err
	}
	defer b.close()
	for _, part := range []func(context.Context) error{b.mixed, b.adversaries, b.memory} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	return nil
}

// bench is what the parts share.
type bench struct {
	rounds   int
	root     string // of the source tree
	dir      string // build/benchtokenizer in it
	modules  modules
	counters []*entry
}

// prepare fetches and starts everything. What cannot be started stays in the list with the reason.
func (b *bench) prepare(ctx context.Context) error {
	root, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return fmt.Errorf("run it in the source tree: %w", err)
	}
	b.root = strings.TrimSpace(string(root))
	b.dir = filepath.Join(b.root, "build", "benchtokenizer")
	if err := os.MkdirAll(filepath.Join(b.dir, "texts"), 0o755); err != nil {
		return err
	}
	if b.modules, err = buildModules(ctx, b.root, b.dir); err != nil {
		return err
	}
	b.counters = entries()
	for _, e := range b.counters {
		fmt.Fprintf(os.Stderr, "start %s, %s\n", e.name, e.where)
		e.counter, e.absent = e.start(ctx, b)
	}
	return b.counters[0].absent
}

func (b *bench) close() {
	for _, e := range b.counters {
		if e.counter != nil {
			e.counter.close()
		}
	}
}
