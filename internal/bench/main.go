// Command bench measures what the filter costs: a stock Envoy with it beside the same
// Envoy without it, on the machine it runs on, with the same load in the same minutes.
//
//	go run ./internal/bench                          # everything, about ten minutes
//	go run ./internal/bench -parts latency,stream    # some of it
//	go run ./internal/bench -size 0.2                # a fifth of the load: quicker, and noisier
//
// The table on stdout is Markdown. Every figure is this run's own; figures of one side
// alone say more about the machine than about the filter, so look at the differences. A
// machine that does other work meanwhile adds noise, to both sides.
//
//	main.go      flags, order
//	setup.go     the two Envoys
//	upstream.go  the provider: fixed answers, next to no work
//	client.go    the load: raw connections that stay open
//	process.go   CPU time and memory of a process, from /proc
//	latency.go, stream.go, routing.go, cache.go, hits.go (with floor.go), throughput.go, large.go, guards.go, memory.go, startup.go   a part each
//	stats.go, report.go   percentiles and the table
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
)

// A part measures one thing and adds rows to the report.
type part struct {
	name    string
	what    string
	measure func(context.Context, *bench, *report) error
}

var parts = []part{
	{"start", "time and CPU until Envoy serves, size of the module", measureStart},
	{"latency", "added latency of a small request", measureLatency},
	{"stream", "added time to the first token; cost of a streamed event", measureStream},
	{"routing", "added latency of an attempt that can be taken back, of a translation and of a failover", measureRouting},
	{"cache", "what a look-up takes, and what an answer from the cache saves", measureCache},
	{"hits", "CPU of a hit beside that of a miss, by the length of the answer", measureHits},
	{"throughput", "requests a second of one worker at its limit", measureThroughput},
	{"large", "what small requests feel of a large prompt on their worker", measureLarge},
	{"guards", "CPU of guards on prompts, on the texts that are worst for them and on streams; what small requests feel of a large guarded prompt", measureGuards},
	{"memory", "memory of a VM; growth under load", measureMemory},
}

func main() {
	var names []string
	for _, p := range parts {
		names = append(names, p.name)
	}
	chosen := flag.String("parts", strings.Join(names, ","), "what to measure, separated by commas")
	size := flag.Float64("size", 1, "how much load, relative to the usual")
	wasm := flag.String("wasm", "build/sluice.wasm", "the `module`; make build writes it")
	sluice := flag.String("sluice", "build/sluice", "the `binary` of the companion, with model/ beside it; make build model writes both")
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "usage: bench [flags]")
		flag.PrintDefaults()
		for _, p := range parts {
			fmt.Fprintf(os.Stderr, "  %-11s %s\n", p.name, p.what)
		}
	}
	flag.Parse()
	wanted := strings.Split(*chosen, ",")
	for _, name := range wanted {
		if !slices.Contains(names, name) {
			fmt.Fprintf(os.Stderr, "bench: there is no part %q; there are %s\n", name, strings.Join(names, ", "))
			os.Exit(2)
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, wanted, *size, *wasm, *sluice); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, wanted []string, size float64, wasm, sluice string) error {
	b, err := newBench(size, wasm)
	if err != nil {
		return err
	}
	defer b.close()
	b.sluice = sluice
	r := &report{}
	began := time.Now()
	for _, p := range parts {
		if !slices.Contains(wanted, p.name) {
			continue
		}
		fmt.Fprintf(os.Stderr, "%5.0f s  %s: %s\n", time.Since(began).Seconds(), p.name, p.what)
		if err := p.measure(ctx, b, r); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	fmt.Fprintf(os.Stderr, "%5.0f s  done\n", time.Since(began).Seconds())
	return r.print(ctx, os.Stdout, b)
}
