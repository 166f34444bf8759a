// Package remotetest is what a store has to do beyond storetest's suite because it is on
// the other side of a network: one suite for each database server's store.
package remotetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/url"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/companion/store"
	"github.com/sluice-gateway/sluice/companion/store/remote"
	"github.com/sluice-gateway/sluice/companion/store/storetest"
	"github.com/sluice-gateway/sluice/internal/servers"
)

// patience is how long a test waits for what must happen at some time.
const patience = 60 * time.Second

// Subject is a store with its server.
type Subject struct {
	Name        string // what errors call it
	Address     string // of the server, host:port
	URL         func(address, password string) *url.URL
	Open        func(ctx context.Context, u *url.URL, key string) (store.Store, error)
	Stop, Start func() // end the server, and start it again with what it has kept
	Purge       func(ctx context.Context, s store.Store)
}

// Run tests a store. The server is empty and nobody else's.
func Run(t *testing.T, s Subject) {
	t.Run("several at once", s.several)
	t.Run("up", func(t *testing.T) { // together, since most of them wait
		for name, test := range map[string]func(*testing.T){
			"recall": s.recall, "wide": s.wide, "purge": s.purge, "key": s.key, "nobody there": s.nobody, "stalled": s.stalled,
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				test(t)
			})
		}
	})
	t.Run("gone and back", s.gone)
}

func (s Subject) open(t *testing.T, address string) store.Store {
	t.Helper()
	opened, err := s.Open(context.Background(), s.URL(address, servers.Password), "")
	require.NoError(t, err)
	t.Cleanup(func() { opened.Close() })
	return opened
}

// Companions that start together, on an empty server, make what has to be made without
// standing in each other's way, and see each other's entries.
func (s Subject) several(t *testing.T) {
	const companions = 4
	now := time.Now().UTC()
	var wait sync.WaitGroup
	failed := make(chan error, companions)
	for i := range companions {
		wait.Go(func() {
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			opened, err := s.Open(ctx, s.URL(s.Address, servers.Password), "")
			if err != nil {
				failed <- err
				return
			}
			defer opened.Close()
			for space := range 2 { // the same for all of them, and one of its own
				e := storetest.Sample(fmt.Sprint("several ", i, space), 16+8*space*i, now)
				e.Space = fmt.Sprint("several ", space*i)
				if err := opened.Put(ctx, e); err != nil {
					failed <- err
				}
			}
		})
	}
	wait.Wait()
	close(failed)
	for err := range failed {
		require.NoError(t, err)
	}
	opened := s.open(t, s.Address)
	for i := range companions {
		for space := range 2 {
			e := storetest.Sample(fmt.Sprint("several ", i, space), 16+8*space*i, now)
			got, err := opened.Get(context.Background(), e.Key, now)
			require.NoError(t, err)
			require.Equal(t, fmt.Sprint("several ", space*i), got.Space)
			matches, err := opened.Nearest(context.Background(), store.Query{Scope: got.Scope, Space: got.Space, Vector: got.Vector, K: 1}, now)
			require.NoError(t, err)
			require.Len(t, matches, 1)
			require.Equal(t, e.Key, matches[0].Entry.Key)
		}
	}
	n, err := opened.Delete(context.Background(), store.Filter{})
	require.NoError(t, err)
	require.Equal(t, 2*companions, n)
}

// entries is how many the scope has in which recall is measured. `make e2e-stores` sets
// SLUICE_STORES_ENTRIES to 10,000.
func entries(t *testing.T) int {
	text := os.Getenv("SLUICE_STORES_ENTRIES")
	if text == "" {
		return 1000
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err)
	return n
}

// In a scope among others, the nearest entry is found always: be it near or not, and be
// the neighbours in space those of another scope. In a scope of more than remote.Exact one
// that is near still is; of those that are far from everything, which no cache would serve,
// the test only says how many were found.
func (s Subject) recall(t *testing.T) {
	const dimension, others, queries = 384, 10, 40
	opened, now, size := s.open(t, s.Address), time.Now().UTC(), entries(t)
	r := rand.New(rand.NewPCG(11, 12))
	var mine, all []*store.Entry
	for i := range size {
		e := storetest.Sample(fmt.Sprint("recall ", i), dimension, now)
		e.Model, e.Scope = "recall", storetest.KeyOf("recall")
		mine, all = append(mine, e), append(all, e)
		if i%5 == 0 { // another scope's, as near as can be
			other := *e
			other.Key, other.Scope = storetest.KeyOf(fmt.Sprint("other ", i)), storetest.KeyOf(fmt.Sprint("scope ", i/5%others))
			all = append(all, &other)
		}
	}
	began := time.Now()
	putAll(t, opened, all)
	put := time.Since(began)
	var searches []time.Duration
	found := 0
	for i := range queries {
		vector := storetest.Vector(r, dimension)
		if i%2 == 0 {
			vector = storetest.Near(r, mine[r.IntN(size)].Vector, 0.9)
		}
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		began = time.Now()
		matches, err := opened.Nearest(ctx, store.Query{Scope: mine[0].Scope, Space: mine[0].Space, Vector: vector, K: 3}, now)
		searches = append(searches, time.Since(began))
		cancel()
		require.NoError(t, err)
		require.Len(t, matches, 3)
		best := mine[0]
		for _, e := range mine {
			if storetest.Cosine(e.Vector, vector) > storetest.Cosine(best.Vector, vector) {
				best = e
			}
		}
		if matches[0].Entry.Key == best.Key {
			found++
		} else if size <= remote.Exact || i%2 == 0 {
			t.Fatalf("query %d: found one of similarity %v, the best has %v", i, matches[0].Similarity, storetest.Cosine(best.Vector, vector))
		}
	}
	slices.Sort(searches)
	t.Logf("%d entries put in %s by 8 callers; %d of %d searches in a scope of %d right, each %s, at best %s",
		len(all), put.Round(time.Millisecond), found, queries, size, searches[queries/2].Round(time.Microsecond), searches[0].Round(time.Microsecond))
	n, err := opened.Delete(context.Background(), store.Filter{Scope: &mine[0].Scope})
	require.NoError(t, err)
	require.Equal(t, size, n)
	n, err = opened.Delete(context.Background(), store.Filter{Model: "recall"})
	require.NoError(t, err)
	require.Equal(t, len(all)-size, n)
}

func putAll(t *testing.T, to store.Store, all []*store.Entry) {
	const callers = 8
	var wait sync.WaitGroup
	failed := make(chan error, callers)
	for caller := range callers {
		wait.Go(func() {
			ctx, cancel := context.WithTimeout(context.Background(), 10*patience)
			defer cancel()
			for i := caller; i < len(all); i += callers {
				if err := to.Put(ctx, all[i]); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	wait.Wait()
	close(failed)
	for err := range failed {
		require.NoError(t, err)
	}
}

// The widest vectors that an embedder of today makes are kept as they are, and found.
func (s Subject) wide(t *testing.T) {
	opened, now := s.open(t, s.Address), time.Now().UTC()
	e := storetest.Sample("wide", 4096, now)
	e.Scope = storetest.KeyOf("wide")
	require.NoError(t, opened.Put(context.Background(), e))
	matches, err := opened.Nearest(context.Background(), store.Query{Scope: e.Scope, Space: e.Space, Vector: e.Vector, K: 1}, now)
	require.NoError(t, err)
	require.Len(t, matches, 1)
	storetest.RequireEqual(t, e, matches[0].Entry)
	n, err := opened.Delete(context.Background(), store.Filter{Scope: &e.Scope})
	require.NoError(t, err)
	require.Equal(t, 1, n)
}

// What is out of date goes, by the server or by the store's own doing, and nothing else:
// whoever asks as of a time when it was good no longer finds it.
func (s Subject) purge(t *testing.T) {
	opened, now := s.open(t, s.Address), time.Now().UTC()
	old, fresh := storetest.Sample("purge old", 64, now), storetest.Sample("purge fresh", 64, now)
	old.Expires = now.Add(-2 * time.Minute) // and past the grace that a server's clock is given
	for _, e := range []*store.Entry{old, fresh} {
		e.Created, e.Scope = now.Add(-time.Hour), storetest.KeyOf("purge")
		require.NoError(t, opened.Put(context.Background(), e))
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	s.Purge(ctx, opened)
	then := old.Expires.Add(-time.Minute)
	_, err := opened.Get(ctx, old.Key, then)
	require.ErrorIs(t, err, store.ErrNotFound)
	matches, err := opened.Nearest(ctx, store.Query{Scope: old.Scope, Space: old.Space, Vector: old.Vector, K: 5}, then)
	require.NoError(t, err)
	require.Len(t, matches, 1)
	storetest.RequireEqual(t, fresh, matches[0].Entry)
}

// The key given beside the URL is used, a wrong one is refused, and none is ever shown.
func (s Subject) key(t *testing.T) {
	opened, err := s.Open(context.Background(), s.URL(s.Address, "not-this-one"), servers.Password)
	require.NoError(t, err)
	require.NoError(t, opened.Ready(context.Background()))
	require.NoError(t, opened.Close())
	_, err = s.Open(context.Background(), s.URL(s.Address, "not-this-one"), "")
	s.requireTelling(t, err, s.Address)
}

// requireTelling checks that an error names the store and the address, and no password.
func (s Subject) requireTelling(t *testing.T, err error, address string) {
	t.Helper()
	require.Error(t, err)
	require.ErrorContains(t, err, s.Name)
	require.ErrorContains(t, err, address)
	require.NotContains(t, err.Error(), servers.Password)
	require.NotContains(t, err.Error(), "not-this-one")
}

// A server that is not there is an error at once, and one that accepts and says nothing is
// one within the limit.
func (s Subject) nobody(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	silent := l.Addr().String()
	for _, deaf := range []bool{true, false} {
		if !deaf {
			l.Close()
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		_, err := within(t, func() (any, error) { return s.Open(ctx, s.URL(silent, servers.Password), "") })
		cancel()
		s.requireTelling(t, err, silent)
	}
}

// within fails the test when a call does not come back.
func within(t *testing.T, call func() (any, error)) (any, error) {
	t.Helper()
	type result struct {
		value any
		err   error
	}
	came := make(chan result, 1)
	go func() { value, err := call(); came <- result{value, err} }()
	select {
	case r := <-came:
		return r.value, r.err
	case <-time.After(patience):
		t.Fatalf("no answer within %s", patience)
		return nil, nil
	}
}

// calls is every method that talks to the server, with an entry that is there.
func calls(opened store.Store, e *store.Entry) map[string]func(ctx context.Context) error {
	now := time.Now()
	return map[string]func(ctx context.Context) error{
		"get": func(ctx context.Context) error { _, err := opened.Get(ctx, e.Key, now); return err },
		"nearest": func(ctx context.Context) error {
			matches, err := opened.Nearest(ctx, store.Query{Scope: e.Scope, Space: e.Space, Vector: e.Vector, K: 1}, now)
			if err == nil && len(matches) != 1 {
				return errors.New("found nothing")
			}
			return err
		},
		"put":    func(ctx context.Context) error { return opened.Put(ctx, e) },
		"delete": func(ctx context.Context) error { _, err := opened.Delete(ctx, store.Filter{Model: "none"}); return err },
		"ready":  opened.Ready,
		"stats":  func(ctx context.Context) error { _, err := opened.Stats(ctx); return err },
	}
}

// A network that loses everything costs a caller no more than its limit, or the store's
// own where the caller has none; when it works again, so does the store.
func (s Subject) stalled(t *testing.T) {
	proxy := servers.Through(t, s.Address)
	opened, now := s.open(t, proxy.Address), time.Now().UTC()
	e := storetest.Sample("stalled", 384, now)
	e.Scope = storetest.KeyOf("stalled")
	require.NoError(t, opened.Put(context.Background(), e))
	for name, call := range calls(opened, e) {
		require.NoError(t, call(context.Background()), name)
	}
	proxy.Stall()
	for name, call := range calls(opened, e) {
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		_, err := within(t, func() (any, error) { return nil, call(ctx) })
		cancel()
		require.ErrorIs(t, err, context.DeadlineExceeded, name)
		s.requireTelling(t, err, proxy.Address)
	}
	_, err := within(t, func() (any, error) { return opened.Get(context.Background(), e.Key, now) })
	s.requireTelling(t, err, proxy.Address)
	proxy.Resume()
	s.comesBack(t, opened, e)
}

// A server that ends is an error at once, and when it is there again the store works.
func (s Subject) gone(t *testing.T) {
	opened, now := s.open(t, s.Address), time.Now().UTC()
	e := storetest.Sample("gone", 384, now)
	require.NoError(t, opened.Put(context.Background(), e))
	s.Stop()
	for name, call := range calls(opened, e) {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		_, err := within(t, func() (any, error) { return nil, call(ctx) })
		cancel()
		require.Error(t, err, name)
		require.False(t, errors.Is(err, store.ErrNotFound), "%s: down is not empty", name)
		s.requireTelling(t, err, s.Address)
	}
	s.Start()
	s.comesBack(t, opened, e)
	got, err := opened.Get(context.Background(), e.Key, now)
	require.NoError(t, err)
	storetest.RequireEqual(t, e, got)
}

// comesBack waits until every call works again.
func (s Subject) comesBack(t *testing.T, opened store.Store, e *store.Entry) {
	t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		var failed error
		for name, call := range calls(opened, e) {
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			if err := call(ctx); err != nil {
				failed = fmt.Errorf("%s: %w", name, err)
			}
			cancel()
		}
		if failed == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("it does not work again after %s: %v", patience, failed)
		}
	}
}
