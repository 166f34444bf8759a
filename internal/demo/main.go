// Command demo shows Sluice at work: it starts two mock providers, a companion and a stock
// Envoy with the filter, sends real requests, and shows what came back. Nothing is needed but Go and,
// for the first download of an Envoy, Python with pip; nothing is left running.
//
//	go run ./internal/demo         # a tour, a minute or less; exits 1 when anything was not as it says
//	go run ./internal/demo -run    # the same gateway until Ctrl-C
//
// With OPENAI_API_KEY or ANTHROPIC_API_KEY set, the real provider takes the place of the
// mock one. The tour then spends less than a cent.
//
//	main.go      flags and exit code
//	gateway.go   providers, companion and Envoy, from sluice.yaml
//	tour.go      the tour's chapters, in order
//	chat.go … bill.go   a chapter each, or two of a kind
//	client.go    requests and answers
//	record.go    decision records
//	screen.go    how it looks
//	serve.go     -run
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// tourWithin bounds the whole tour, the start of Envoy included.
const tourWithin = 3 * time.Minute

func main() {
	serve := flag.Bool("run", false, "serve until Ctrl-C, and print decision records as they come")
	wasm := flag.String("wasm", "build/sluice.wasm", "the `module`; make build writes it")
	sluice := flag.String("sluice", "build/sluice", "the `binary`, with model/ beside it; make build model writes both")
	flag.Parse()
	if flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *serve, *wasm, *sluice); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// run returns when everything it started has ended.
func run(ctx context.Context, serve bool, wasm, sluice string) (err error) {
	s := newScreen(os.Stdout)
	starting, cancel := context.WithTimeout(ctx, tourWithin)
	defer cancel()
	life := starting
	if serve {
		life = ctx
	}
	g, err := start(life, s, options{wasm: wasm, sluice: sluice, fixedPorts: serve})
	if err != nil {
		return interrupted(ctx, err)
	}
	defer func() { err = errors.Join(err, g.stop()) }()
	if serve {
		return serveUntilDone(ctx, s, g)
	}
	return interrupted(ctx, takeTour(starting, s, g))
}

// interrupted puts the user's Ctrl-C in place of all the errors that it causes.
func interrupted(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return errors.New("interrupted; nothing is left running")
	}
	return err
}
