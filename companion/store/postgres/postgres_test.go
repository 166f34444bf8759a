package postgres

import (
	"context"
	"net/url"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/companion/store"
	"github.com/sluice-gateway/sluice/companion/store/remote/remotetest"
	"github.com/sluice-gateway/sluice/companion/store/storetest"
	"github.com/sluice-gateway/sluice/internal/servers"
)

func address(at, password string) *url.URL {
	return &url.URL{Scheme: "postgres", User: url.UserPassword("sluice", password), Host: at, Path: "/sluice"}
}

func open(t testing.TB, at string) *Store {
	t.Helper()
	s, err := Open(context.Background(), address(at, servers.Password), "")
	require.NoError(t, err)
	t.Cleanup(func() { s.Close() })
	return s
}

func run(t testing.TB, at, statement string) {
	t.Helper()
	c, err := pgx.Connect(context.Background(), address(at, servers.Password).String())
	require.NoError(t, err)
	defer c.Close(context.Background())
	_, err = c.Exec(context.Background(), statement)
	require.NoError(t, err)
}

func TestStore(t *testing.T) {
	server := servers.Postgres(t)
	t.Run("store", func(t *testing.T) { testStore(t, server) })
	t.Run("network", func(t *testing.T) { testNetwork(t, server) })
	t.Run("rights", func(t *testing.T) { testRights(t, server) })
}

func testStore(t *testing.T, server *servers.Server) {
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

func testNetwork(t *testing.T, server *servers.Server) {
	run(t, server.Address, `DROP TABLE IF EXISTS sluice_cache_1`)
	remotetest.Run(t, remotetest.Subject{
		Name: "postgres", Address: server.Address, URL: address, Stop: server.Stop, Start: server.Start,
		Open:  func(ctx context.Context, u *url.URL, key string) (store.Store, error) { return Open(ctx, u, key) },
		Purge: func(ctx context.Context, s store.Store) { s.(*Store).purge(ctx) },
	})
}

// Where the table is there, a role that may read and write it is enough.
func testRights(t *testing.T, server *servers.Server) {
	ctx, now := context.Background(), time.Now()
	require.NoError(t, open(t, server.Address).Ready(ctx))
	run(t, server.Address, `CREATE ROLE least LOGIN PASSWORD '`+servers.Password+`'; GRANT SELECT, INSERT, UPDATE, DELETE ON sluice_cache_1 TO least`)
	u := address(server.Address, "")
	u.User = url.UserPassword("least", servers.Password)
	s, err := Open(ctx, u, "")
	require.NoError(t, err)
	defer s.Close()
	e := storetest.Sample("rights", 64, now)
	require.NoError(t, s.Put(ctx, e))
	_, err = s.Get(ctx, e.Key, now)
	require.NoError(t, err)
	s.purge(ctx)
	_, err = s.Stats(ctx)
	require.NoError(t, err)
	n, err := s.Delete(ctx, store.Filter{Key: &e.Key})
	require.NoError(t, err)
	require.Equal(t, 1, n)

	run(t, server.Address, `DROP TABLE sluice_cache_1`)
	_, err = Open(ctx, u, "")
	require.ErrorContains(t, err, "making the extension vector and the table sluice_cache_1")
	require.ErrorContains(t, err, "permission denied")
	require.ErrorContains(t, s.Ready(ctx), "sluice_cache_1", "and who has it open is told")
}
