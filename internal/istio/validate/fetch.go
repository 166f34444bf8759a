package main

import (
	"context"

	"istio.io/istio/pkg/wasm"
)

// fetch gets the module of an image as Istio's agent does.
func fetch(ctx context.Context, image string) ([]byte, error) {
	fetcher := wasm.NewImageFetcher(ctx, wasm.ImageFetcherOption{Insecure: true})
	read, _, err := fetcher.PrepareFetch(image)
	if err != nil {
		return nil, err
	}
	return read()
}
