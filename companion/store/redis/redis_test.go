package redisstore

import (
	"context"
	"net/url"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/companion/store"
	"github.com/sluice-gateway/sluice/companion/store/remote/remotetest"
	"github.com/sluice-gateway/sluice/companion/store/storetest"
	"github.com/sluice-gateway/sluice/internal/servers"
)

// kinds are the servers, each with another way to search.
var kinds = []struct {
	name  string
	start func(testing.TB) *servers.Server
}{
	{"RediSearch", servers.RedisStack},
	{"vector sets", servers.Redis8},
}

func address(at, password string) *url.URL {
	return &url.URL{Scheme: "redis", User: url.UserPassword("", password), Host: at, Path: "/0"}
}

func open(t testing.TB, at string) *Store {
	t.Helper()
	s, err := Open(context.Background(), address(at, servers.Password), "")
	require.NoError(t, err)
	t.Cleanup(func() { s.Close() })
	return s
}

func TestStore(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			server := kind.start(t)
			admin := redis.NewClient(&redis.Options{Addr: server.Address, Password: servers.Password})
			defer admin.Close()
			options := storetest.Options{
				Name: "redis", Tries: 2000,
				Reopen: func(t testing.TB, s store.Store) store.Store {
					require.NoError(t, s.Close())
					server.Stop()
					server.Start()
					return open(t, server.Address)
				},
			}
			storetest.Run(t, options, func(t *testing.T) store.Store {
				require.NoError(t, admin.FlushAll(context.Background()).Err())
				return open(t, server.Address)
			})
		})
	}
}

func TestOverANetwork(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			server := kind.start(t)
			remotetest.Run(t, remotetest.Subject{
				Name: "redis", Address: server.Address, URL: address, Stop: server.Stop, Start: server.Start,
				Open: func(ctx context.Context, u *url.URL, key string) (store.Store, error) { return Open(ctx, u, key) },
			})
		})
	}
}
