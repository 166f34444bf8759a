// Command envoypath prints the path of a stock Envoy, which it fetches on first use.
//
//	go run ./internal/envoy/cmd/envoypath [VERSION]
package main

import (
	"fmt"
	"os"

	"github.com/sluice-gateway/sluice/internal/envoy"
)

func main() {
	if len(os.Args) > 2 {
		fmt.Fprintln(os.Stderr, "usage: envoypath [VERSION]")
		os.Exit(2)
	}
	version := ""
	if len(os.Args) == 2 {
		version = os.Args[1]
	}
	path, err := envoy.Path(version)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(path)
}
