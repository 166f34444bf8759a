// Command oci puts the module into a directory that can be pushed to a registry, with what it
// is made of and the checksums of all of it:
//
//	go run ./internal/oci -wasm build/sluice.wasm -o build/oci ./filter
//
// It prints the digests that `sluice render --for istio --sha256` wants.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"

	"github.com/sluice-gateway/sluice/internal/oci/layout"
)

func main() {
	wasm := flag.String("wasm", "build/sluice.wasm", "the module")
	output := flag.String("o", "build/oci", "the directory to write; what is in it is replaced")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: oci [-wasm FILE] [-o DIR] package")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *wasm, *output, flag.Arg(0)); err != nil {
		fmt.Fprintln(os.Stderr, "oci:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, wasm, output, pkg string) error {
	module, err := os.ReadFile(wasm)
	if err != nil {
		return err
	}
	parts, err := layout.Parts(ctx, pkg)
	if err != nil {
		return err
	}
	digests, err := layout.Write(output, module, parts)
	if err != nil {
		return err
	}
	fmt.Printf("%s: sluice.wasm sha256:%s\n", output, digests.Module)
	fmt.Printf("%s:image     sha256:%s   the usual: tar+gzip with plugin.wasm\n", output, digests.Image)
	fmt.Printf("%s:artifact  sha256:%s   the module as it is, and its SBOM\n", output, digests.Artifact)
	return nil
}
