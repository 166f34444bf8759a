//go:build weaviate

// These tests need a Weaviate, which takes minutes to build: `make e2e-stores` does both.

package weaviate

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
	return &url.URL{Scheme: "weaviate+http", User: url.UserPassword("", password), Host: at}
}

func open(t testing.TB, at string) *Store {
	t.Helper()
	s, err := Open(context.Background(), address(at, servers.Password), "")
	require.NoError(t, err)
	t.Cleanup(func() { s.Close() })
	return s
}

func TestStore(t *testing.T) {
	server := servers.Weaviate(t)
	t.Run("store", func(t *testing.T) { testStore(t, server) })
	t.Run("network", func(t *testing.T) { testNetwork(t, server) })
}

func testStore(t *testing.T, server *servers.Server) {
	options := storetest.Options{
		Name: "weaviate", Tries: 2000,
		Reopen: func(t testing.TB, s store.Store) store.Store {
			require.NoError(t, s.Close())
			server.Stop()
			server.Start()
			return open(t, server.Address)
		},
	}
	storetest.Run(t, options, func(t *testing.T) store.Store {
		s := open(t, server.Address)
		require.NoError(t, s.client.Schema().ClassDeleter().WithClassName(class).Do(context.Background()))
		require.NoError(t, s.Ready(context.Background()))
		return s
	})
}

func testNetwork(t *testing.T, server *servers.Server) {
	s := open(t, server.Address)
	require.NoError(t, s.client.Schema().ClassDeleter().WithClassName(class).Do(context.Background()))
	remotetest.Run(t, remotetest.Subject{
		Name: "weaviate", Address: server.Address, URL: address, Stop: server.Stop, Start: server.Start,
		Open:  func(ctx context.Context, u *url.URL, key string) (store.Store, error) { return Open(ctx, u, key) },
		Purge: func(ctx context.Context, s store.Store) { s.(*Store).purge(ctx) },
	})
}
