package redisstore

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
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
			admin := admin(t, server)
			t.Run("store", func(t *testing.T) {
				storetest.Run(t, storetest.Options{
					Name: "redis", Tries: 2000,
					Reopen: func(t testing.TB, s store.Store) store.Store {
						require.NoError(t, s.Close())
						server.Stop()
						server.Start()
						return open(t, server.Address)
					},
				}, func(t *testing.T) store.Store {
					require.NoError(t, admin.FlushAll(context.Background()).Err())
					return open(t, server.Address)
				})
			})
			require.NoError(t, admin.FlushAll(context.Background()).Err())
			t.Run("network", func(t *testing.T) {
				remotetest.Run(t, remotetest.Subject{
					Name: "redis", Address: server.Address, URL: address, Stop: server.Stop, Start: server.Start,
					Open:  func(ctx context.Context, u *url.URL, key string) (store.Store, error) { return Open(ctx, u, key) },
					Purge: func(ctx context.Context, s store.Store) { s.(*Store).index.purge(ctx) },
				})
			})
			t.Run("emptied", func(t *testing.T) { testEmptied(t, open(t, server.Address), admin) })
			t.Run("expiry", func(t *testing.T) { testExpiry(t, open(t, server.Address), admin) })
			t.Run("rights", func(t *testing.T) { testRights(t, server.Address, admin) })
			t.Run("foreign bytes", func(t *testing.T) { testForeignBytes(t, open(t, server.Address), admin) })
		})
	}
}

func admin(t *testing.T, server *servers.Server) *redis.Client {
	c := redis.NewClient(&redis.Options{Addr: server.Address, Password: servers.Password})
	t.Cleanup(func() { c.Close() })
	return c
}

// Who empties the server takes the indexes with it. Ready makes them again, and so does
// whoever puts next.
func testEmptied(t *testing.T, s *Store, admin *redis.Client) {
	ctx, now := context.Background(), time.Now().UTC()
	e := storetest.Sample("a", 64, now)
	q := store.Query{Scope: e.Scope, Space: e.Space, Vector: e.Vector, K: 1}
	require.NoError(t, s.Put(ctx, e))
	require.NoError(t, admin.FlushAll(ctx).Err())

	matches, err := s.Nearest(ctx, q, now)
	require.NoError(t, err)
	require.Empty(t, matches)
	require.NoError(t, s.Ready(ctx))
	require.NoError(t, s.Put(ctx, e))
	require.EventuallyWithT(t, func(t *assert.CollectT) { // an index is filled in the background
		matches, err := s.Nearest(ctx, q, now)
		require.NoError(t, err)
		require.Len(t, matches, 1)
	}, time.Minute, 10*time.Millisecond)
	n, err := s.Delete(ctx, store.Filter{})
	require.NoError(t, err)
	require.Equal(t, 1, n)
}

// The server removes entries of itself, some time after the companion's clock says so.
func testExpiry(t *testing.T, s *Store, admin *redis.Client) {
	ctx := context.Background()
	e := storetest.Sample("a", 64, time.Now())
	require.NoError(t, s.Put(ctx, e))
	at, err := admin.PExpireTime(ctx, hash(e.Key)).Result()
	require.NoError(t, err)
	require.Equal(t, e.Expires.Add(grace).UnixMilli(), at.Milliseconds())
}

// The user that docs/stores.md shows how to make can do all that the store does.
func testRights(t *testing.T, at string, admin *redis.Client) {
	ctx, now := context.Background(), time.Now()
	require.NoError(t, admin.FlushAll(ctx).Err())
	require.NoError(t, admin.Do(ctx, "ACL", "SETUSER", "sluice", "on", ">"+servers.Password, "~sluice_cache:*", "+@all", "-@admin", "-@dangerous", "+info").Err())
	u := address(at, "")
	u.User = url.UserPassword("sluice", servers.Password)
	s, err := Open(ctx, u, "")
	require.NoError(t, err)
	defer s.Close()
	e := storetest.Sample("a", 64, now)
	require.NoError(t, s.Ready(ctx))
	require.NoError(t, s.Put(ctx, e))
	matches, err := s.Nearest(ctx, store.Query{Scope: e.Scope, Space: e.Space, Vector: e.Vector, K: 1}, now)
	require.NoError(t, err)
	require.Len(t, matches, 1)
	_, err = s.Stats(ctx)
	require.NoError(t, err)
	if v, ok := s.index.(vectorSets); ok {
		require.NoError(t, overdue.Run(ctx, v.client, []string{expiry}, 0, 1).Err())
	}
	n, err := s.Delete(ctx, store.Filter{Model: e.Model})
	require.NoError(t, err)
	require.Equal(t, 1, n)
}

// What another program has put under our names is an error that says so, and no panic.
func testForeignBytes(t *testing.T, s *Store, admin *redis.Client) {
	key := storetest.KeyOf("foreign")
	require.NoError(t, admin.HSet(context.Background(), hash(key), "b", "garbage").Err())
	_, err := s.Get(context.Background(), key, time.Now())
	require.ErrorContains(t, err, "not an entry of this cache")
}

// A server that can search in neither way is told apart from one that is not there.
func TestARedisThatCannotSearch(t *testing.T) {
	_, err := Open(context.Background(), address(servers.PlainRedis(t).Address, servers.Password), "")
	require.ErrorContains(t, err, "neither RediSearch (FT.SEARCH) nor vector sets (VSIM)")
}

// Where the server evicts hashes and leaves their vectors, those take nobody's place.
func TestVectorsThatLeadNowhere(t *testing.T) {
	server, ctx, now := servers.Redis8(t), context.Background(), time.Now().UTC()
	admin := admin(t, server)
	s := open(t, server.Address)
	var q store.Query
	for i := range 2 * spare {
		e := storetest.Sample(fmt.Sprint(i), 64, now)
		if i == 0 {
			q = store.Query{Scope: e.Scope, Space: e.Space, Vector: e.Vector, K: 3}
		}
		e.Vector = storetest.Near(rand.New(rand.NewPCG(1, uint64(i))), q.Vector, 0.99-0.01*float64(i))
		require.NoError(t, s.Put(ctx, e))
		if i < spare+3 {
			require.NoError(t, admin.Del(ctx, hash(e.Key)).Err())
		}
	}
	matches, err := s.Nearest(ctx, q, now)
	require.NoError(t, err)
	require.Len(t, matches, 3)
	require.Equal(t, storetest.KeyOf(fmt.Sprint(spare+3)), matches[0].Entry.Key)
	left, err := admin.VCard(ctx, setName(q.Space, 64, q.Scope)).Result()
	require.NoError(t, err)
	require.EqualValues(t, spare-3, left, "and they are taken out")
}
