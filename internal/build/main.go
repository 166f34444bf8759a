// Command build makes the WebAssembly module: it compiles a package with the runtime
// that Envoy needs and refuses a result that a supported gateway would not load.
//
//	go run ./internal/build -o build/sluice.wasm -binaryen build/binaryen ./filter
//
// It prints the sizes that decide how long a gateway takes to start, and exits with 1
// when the build or one of its gates fails.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"

	"github.com/sluice-gateway/sluice/internal/build/module"
)

func main() {
	output := flag.String("o", "build/sluice.wasm", "the module to write")
	binaryen := flag.String("binaryen", "", "the directory that npm has installed Binaryen in; none = the module is left as Go makes it")
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "usage: build [-o file.wasm] [-binaryen directory] package")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	sizes, err := module.Build(ctx, module.Options{Package: flag.Arg(0), Output: *output, Binaryen: *binaryen})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("%s: %s\n", *output, sizes)
}
