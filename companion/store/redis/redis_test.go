package redisstore

import (
	"context"
	"net/url"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/companion/store"
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

func address(t testing.TB, at string) *url.URL {
	u, err := url.Parse("redis://:" + servers.Password + "@" + at + "/0")
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
	for _, kind := range kinds {
		t.Run(kind.name, func(t *testing.T) {
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

func BenchmarkNearest(b *testing.B) {}

var _ = time.Now
