// Command fuzz runs every fuzz target of the module for a while, one after the other,
// and stops at the first that fails. `go test -fuzz` takes one target of one package
// at a time; this finds them all.
//
//	go run ./internal/fuzz -time 60s              # all
//	go run ./internal/fuzz -time 10m ./sse/...    # those of some packages
//
// It prints a line a target. The input that failed is where `go test` has put it, in
// the package's testdata/fuzz: commit it with the repair, and it is a test from then on.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	each := flag.Duration("time", time.Minute, "how long to run each target")
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "usage: fuzz [-time 60s] [packages]")
		flag.PrintDefaults()
	}
	flag.Parse()
	packages := flag.Args()
	if len(packages) == 0 {
		packages = []string{"./..."}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, packages, *each); err != nil {
		fmt.Fprintln(os.Stderr, "fuzz:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, packages []string, each time.Duration) error {
	targets, err := list(ctx, packages)
	if err != nil {
		return err
	}
	if len(targets) == 0 {
		return fmt.Errorf("no fuzz target in %v", packages)
	}
	fmt.Printf("%d fuzz targets, %s each: about %s in all\n", len(targets), each, time.Duration(len(targets))*each)
	for i, t := range targets {
		result, err := t.fuzz(ctx, each)
		if err != nil {
			return err
		}
		fmt.Printf("%3d/%d  %-44s %s\n", i+1, len(targets), t, result)
	}
	return nil
}
