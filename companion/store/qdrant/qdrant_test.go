package qdrant

import (
	"context"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/companion/store"
	"github.com/sluice-gateway/sluice/companion/store/remote/remotetest"
	"github.com/sluice-gateway/sluice/companion/store/storetest"
	"github.com/sluice-gateway/sluice/internal/servers"
)

func address(at, password string) *url.URL {
	return &url.URL{Scheme: "qdrant", User: url.UserPassword("", password), Host: at}
}

func open(t testing.TB, at string) *Store {
	t.Helper()
	s, err := Open(context.Background(), address(at, servers.Password), "")
	require.NoError(t, err)
	t.Cleanup(func() { s.Close() })
	return s
}

func TestStore(t *testing.T) {
	options := storetest.Options{
		Name: "qdrant", Tries: 2000,
		Reopen: func(t testing.TB, s store.Store) store.Store {
			at := s.(*Store).address
			u, err := url.Parse(at)
			require.NoError(t, err)
			require.NoError(t, s.Close())
			return open(t, u.Host)
		},
	}
	storetest.Run(t, options, func(t *testing.T) store.Store { return open(t, startFake(t).Address) })
}

func TestOverANetwork(t *testing.T) {
	server := startFake(t)
	remotetest.Run(t, remotetest.Subject{
		Name: "qdrant", Address: server.Address, URL: address, Stop: server.Stop, Start: func() { server.Start(t, server.Address) },
		Open:  func(ctx context.Context, u *url.URL, key string) (store.Store, error) { return Open(ctx, u, key) },
		Purge: func(ctx context.Context, s store.Store) { s.(*Store).purge(ctx) },
	})
}
