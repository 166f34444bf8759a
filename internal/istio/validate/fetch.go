package main

import (
	"context"

	"istio.io/istio/pkg/log"
	"istio.io/istio/pkg/wasm"
)

// fetch gets the module of an image as Istio's agent does.
func fetch(ctx context.Context, image string) ([]byte, error) {
	options := log.DefaultOptions() // which write to stdout, where the module goes
	options.OutputPaths = []string{"stderr"}
	if err := log.Configure(options); err != nil {
		return nil, err
	}
	fetcher := wasm.NewImageFetcher(ctx, wasm.ImageFetcherOption{Insecure: true})
	read, _, err := fetcher.PrepareFetch(image)
	if err != nil {
		return nil, err
	}
	return read()
}
