package postgres

import (
	"context"
	"net/url"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/companion/store"
	"github.com/sluice-gateway/sluice/companion/store/storetest"
	"github.com/sluice-gateway/sluice/internal/servers"
)

func address(t testing.TB, at string) *url.URL {
	u, err := url.Parse("postgres://sluice:" + servers.Password + "@" + at + "/sluice")
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

func run(t testing.TB, at, statement string) {
	t.Helper()
	c, err := pgx.Connect(context.Background(), address(t, at).String())
	require.NoError(t, err)
	defer c.Close(context.Background())
	_, err = c.Exec(context.Background(), statement)
	require.NoError(t, err)
}

func TestStore(t *testing.T) {
	server := servers.Postgres(t)
	options := storetest.Options{
		Name: "postgres", Tries: 2000,
		Reopen: func(t testing.TB, s store.Store) store.Store {
			require.NoError(t, s.Close())
			server.Stop()
			server.Start()
			return open(t, server.Address)
		},
	}
	storetest.Run(t, options, func(t *testing.T) store.Store {
		run(t, server.Address, `DROP TABLE IF EXISTS sluice_cache_1`)
		return open(t, server.Address)
	})
}
