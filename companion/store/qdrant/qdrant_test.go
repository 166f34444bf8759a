package qdrant

import (
	"context"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/companion/store"
	"github.com/sluice-gateway/sluice/companion/store/storetest"
)

func address(t testing.TB, at string) *url.URL {
	u, err := url.Parse("qdrant://:" + fakeKey + "@" + at)
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
