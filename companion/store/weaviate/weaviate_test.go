//go:build weaviate

// These tests need a Weaviate, which takes minutes to build: `make e2e-stores` does both.

package weaviate

import (
	"context"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/companion/store"
	"github.com/sluice-gateway/sluice/companion/store/storetest"
	"github.com/sluice-gateway/sluice/internal/servers"
)

func address(t testing.TB, at string) *url.URL {
	u, err := url.Parse("weaviate+http://:" + servers.Password + "@" + at)
	require.NoError(t, err)
	return u
}

func open(t testing.TB, at string) *Store {
	t.Helper()
	s, err := Open(context.Background(), address(t, at), "")
	require.NoError(t, err)
	t.Cleanup(func() { s.Close() })
	return s
}

func TestStore(t *testing.T) {
	server := servers.Weaviate(t)
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
