package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"path/filepath"

	"github.com/sluice-gateway/sluice/companion/store"
	"github.com/sluice-gateway/sluice/companion/store/disk"
	"github.com/sluice-gateway/sluice/companion/store/late"
	"github.com/sluice-gateway/sluice/companion/store/open"
)

// openStore opens the store of an address, or that in the data directory. name is what may
// be printed of the address. One that takes its time, as a database that is down does, is
// opened beside, and not ready until then.
func openStore(ctx context.Context, address, data string, o disk.Options, log *slog.Logger) (s store.Store, name string, err error) {
	dir := filepath.Join(data, "cache")
	onDisk := func(ctx context.Context) (store.Store, error) {
		o.Background, o.Log = true, log
		s, err := disk.Open(ctx, dir, o)
		if err != nil {
			return nil, err
		}
		return s, nil
	}
	if address == "" || address == open.Disk {
		s, err := onDisk(ctx)
		return s, dir, err
	}
	// What is wrong with the address itself comes up before anything is asked.
	asked, cancel := context.WithCancel(ctx)
	cancel()
	if s, err := open.Store(asked, address, onDisk); err == nil {
		return s, nameOf(address), nil
	} else if !errors.Is(err, context.Canceled) {
		return nil, "", fmt.Errorf("--store: %w", err)
	}
	return late.Open(func(ctx context.Context) (store.Store, error) {
		return open.Store(ctx, address, onDisk)
	}, log), nameOf(address), nil
}

// nameOf is an address without what may be secret.
func nameOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "?"
	}
	return u.Scheme + "://" + u.Host
}
