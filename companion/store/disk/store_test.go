package disk

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/companion/store"
	"github.com/sluice-gateway/sluice/companion/store/storetest"
)

var day = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

// at is Options with the clock standing.
func at(now *time.Time, o Options) Options {
	o.Now = func() time.Time { return *now }
	return o
}

func put(t testing.TB, s *Store, entries ...*store.Entry) {
	t.Helper()
	for _, e := range entries {
		require.NoError(t, s.Put(context.Background(), e))
	}
}

func has(t testing.TB, s *Store, key store.Key, now time.Time) bool {
	t.Helper()
	_, err := s.Get(context.Background(), key, now)
	if err != nil {
		require.ErrorIs(t, err, store.ErrNotFound)
	}
	return err == nil
}

func TestOneWriter(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, Options{})
	_, err := Open(context.Background(), dir, Options{})
	require.ErrorIs(t, err, ErrInUse)
	require.ErrorContains(t, err, dir)
	require.NoError(t, s.Close())
	require.NoError(t, open(t, dir, Options{}).Close())
}

func TestClosed(t *testing.T) {
	s := open(t, t.TempDir(), Options{})
	ctx, e := context.Background(), storetest.Sample("a", 8, day)
	put(t, s, e)
	require.NoError(t, s.Close())
	require.NoError(t, s.Close())
	_, err := s.Get(ctx, e.Key, day)
	require.ErrorIs(t, err, ErrClosed)
	_, err = s.Nearest(ctx, store.Query{Scope: e.Scope, Space: e.Space, Vector: e.Vector, K: 1}, day)
	require.ErrorIs(t, err, ErrClosed)
	require.ErrorIs(t, s.Put(ctx, e), ErrClosed)
	require.ErrorIs(t, s.Ready(ctx), ErrClosed)
	_, err = s.Stats(ctx)
	require.ErrorIs(t, err, ErrClosed)
}

func TestRefused(t *testing.T) {
	ctx := context.Background()
	now := day
	s := open(t, t.TempDir(), at(&now, Options{MaxBytes: 1 << 20}))
	e := storetest.Sample("a", 8, day)
	e.Answer = make([]byte, 32<<10)
	require.ErrorIs(t, s.Put(ctx, e), ErrTooLarge)
	require.ErrorContains(t, s.Put(ctx, e), "store of 1048576 one may have 32768")
	e.Answer, e.Vector = nil, []float32{}
	require.ErrorContains(t, s.Put(ctx, e), "no direction")
	e.Vector = []float32{1, float32(math.NaN())}
	require.ErrorContains(t, s.Put(ctx, e), "number 1 of the vector is NaN")
	_, err := s.Nearest(ctx, store.Query{Vector: make([]float32, 8), K: 1}, day)
	require.ErrorContains(t, err, "no direction")
	_, err = s.Nearest(ctx, store.Query{Vector: []float32{1}}, day)
	require.ErrorContains(t, err, "0 entries asked for")
	for _, o := range []Options{{MaxEntries: -1}, {MaxBytes: 1000}, {HalfLife: time.Millisecond}} {
		_, err := Open(ctx, t.TempDir(), o)
		require.Error(t, err)
	}
}

// Ready tells how far reading has got, and nothing is served before it has ended.
func TestBackground(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, Options{})
	e := storetest.Sample("a", 8, time.Now())
	put(t, s, e)
	require.NoError(t, s.Close())
	s, err := Open(context.Background(), dir, Options{Background: true})
	require.NoError(t, err)
	defer s.Close()
	require.Eventually(t, func() bool {
		err := s.Ready(context.Background())
		if err != nil {
			require.ErrorIs(t, err, ErrLoading)
		}
		return err == nil
	}, 10*time.Second, time.Millisecond)
	require.True(t, has(t, s, e.Key, time.Now()))
}

// Value is what a use saves, halved with every half-life since the last.
func TestEvictionByValue(t *testing.T) {
	now := day
	dir := t.TempDir()
	o := at(&now, Options{MaxEntries: 5, HalfLife: time.Hour})
	s := open(t, dir, o)
	make1 := func(name string, saves int64, age time.Duration) *store.Entry {
		e := storetest.Sample(name, 8, now.Add(-age))
		e.Expires, e.Saves = now.Add(1000*time.Hour), saves
		return e
	}
	cheap, dear, old := make1("cheap", 100, 0), make1("dear", 1000, 0), make1("old", 1000, 4*time.Hour) // worth 101, 1,001 and 62
	usedOld, expired := make1("used", 1000, 10*time.Hour), make1("expired", 1e9, 0)
	expired.Expires = now.Add(time.Minute)
	put(t, s, cheap, dear, old, usedOld, expired)
	require.NoError(t, s.Used(context.Background(), usedOld.Key, now.Add(-time.Hour))) // worth 500

	reopened := func() {
		require.NoError(t, s.Close())
		s = open(t, dir, o)
	}
	reopened() // the use is remembered
	now = now.Add(2 * time.Minute)
	names := map[string]*store.Entry{"cheap": cheap, "dear": dear, "old": old, "used": usedOld, "expired": expired}
	left := map[string]bool{"cheap": true, "dear": true, "old": true, "used": true, "expired": false}
	for i, gone := range []string{"expired", "old", "cheap", "used", "dear"} {
		put(t, s, make1(fmt.Sprint("new ", i), 1e6, 0))
		left[gone] = false
		for name, e := range names {
			require.Equal(t, left[name], has(t, s, e.Key, now), "%s after %s should have gone", name, gone)
		}
		stats, err := s.Stats(context.Background())
		require.NoError(t, err)
		require.EqualValues(t, 5, stats.Entries)
		require.EqualValues(t, 5, stats.Capacity)
		require.EqualValues(t, i, stats.Evicted, "what was out of date was not evicted")
	}
	put(t, s, make1("new 4", 1e6, 0)) // in place of itself: nothing has to go
	stats, err := s.Stats(context.Background())
	require.NoError(t, err)
	require.EqualValues(t, 4, stats.Evicted)
	reopened()
	for name, e := range names {
		require.False(t, has(t, s, e.Key, now), "%s came back", name)
	}
	require.True(t, has(t, s, storetest.KeyOf("new 4"), now))
}

// The files stay within their limit whatever is written, and every entry that is there is
// whole, before and after opening again.
func TestBoundedBytes(t *testing.T) {
	const most = 1 << 20
	now := day
	dir := t.TempDir()
	o := at(&now, Options{MaxBytes: most})
	s := open(t, dir, o)
	r := rand.New(rand.NewPCG(1, 1))
	made := map[store.Key]*store.Entry{}
	for i := range 6000 {
		e := storetest.Sample(fmt.Sprint(r.IntN(1500)), 32, now)
		e.Answer = make([]byte, r.IntN(3000))
		e.Expires = now.Add(time.Hour)
		put(t, s, e)
		made[e.Key] = e
		if i%5 == 0 {
			_, err := s.Delete(context.Background(), store.Filter{Key: &e.Key})
			require.NoError(t, err)
			delete(made, e.Key)
		}
		if i%500 == 0 {
			now = now.Add(20 * time.Minute)
			s.index.checkInvariants(t)
		}
		files, err := filepath.Glob(filepath.Join(dir, "*.log"))
		require.NoError(t, err)
		var size int64
		for _, f := range files {
			if info, err := os.Stat(f); err == nil {
				size += info.Size()
			}
		}
		require.LessOrEqual(t, size, int64(most))
	}
	check := func() (there int) {
		for key, e := range made {
			got, err := s.Get(context.Background(), key, now)
			if err == nil {
				storetest.RequireEqual(t, e, got)
				there++
			}
		}
		return there
	}
	there := check()
	require.Greater(t, there, 100)
	require.NoFileExists(t, segmentPath(dir, 1), "it was cleared away")
	require.NoError(t, s.Close())
	s = open(t, dir, o)
	require.Equal(t, there, check())
	for i := range 1500 {
		key := storetest.KeyOf(fmt.Sprint(i))
		if made[key] == nil {
			require.False(t, has(t, s, key, now), "a deleted entry came back")
		}
	}
	require.Zero(t, s.Corrupt())
	s.index.checkInvariants(t)
}

// What was replaced does not come back when all that was written later about its key has been
// cleared away, and its own segment has not.
func TestReplacedStaysDead(t *testing.T) {
	now := day
	dir := t.TempDir()
	o := at(&now, Options{MaxBytes: 2 << 20}) // segments of 64 KiB
	s := open(t, dir, o)
	sized := func(name string, size int) *store.Entry {
		e := storetest.Sample(name, 8, now)
		e.Answer = make([]byte, size)
		return e
	}
	put(t, s, sized("a", 100))
	for i := range 28 {
		put(t, s, sized(fmt.Sprint("stays ", i), 2000)) // the rest of the first segment
	}
	for i := range 4 {
		put(t, s, sized("goes", 2000+i)) // some of them in the second
	}
	put(t, s, sized("a", 200))
	key := storetest.KeyOf("a")
	n, err := s.Delete(context.Background(), store.Filter{Key: &key})
	require.NoError(t, err)
	require.Equal(t, 1, n)
	for range 200 {
		put(t, s, sized("goes", 2000))
	}
	for range 3 {
		require.NoError(t, s.Close())
		require.FileExists(t, segmentPath(dir, 1))
		require.NoFileExists(t, segmentPath(dir, 2))
		s = open(t, dir, o)
		require.False(t, has(t, s, key, now))
		require.True(t, has(t, s, storetest.KeyOf("stays 0"), now))
	}
}

// A store that is opened with less room keeps what is worth most.
func TestOpenedSmaller(t *testing.T) {
	dir := t.TempDir()
	now := day
	s := open(t, dir, at(&now, Options{}))
	for i := range 100 {
		e := storetest.Sample(fmt.Sprint(i), 8, now)
		e.Saves = int64(1000 * i)
		put(t, s, e)
	}
	require.NoError(t, s.Close())
	for range 2 {
		s = open(t, dir, at(&now, Options{MaxEntries: 10}))
		for i := range 100 {
			require.Equal(t, i >= 90, has(t, s, storetest.KeyOf(fmt.Sprint(i)), now), "entry %d", i)
		}
		require.NoError(t, s.Close())
	}
}

// What is out of date is cleared away, and its memory given back.
func TestSweep(t *testing.T) {
	now := day
	s := open(t, t.TempDir(), at(&now, Options{}))
	long := storetest.Sample("long", 16, now)
	long.Expires = now.Add(48 * time.Hour)
	put(t, s, long)
	for i := range 50 {
		put(t, s, storetest.Sample(fmt.Sprint(i), 8, now))
	}
	s.stop() // so that the test can do the writer's work
	now = now.Add(2 * time.Hour)
	s.sweep()
	require.Equal(t, 1, s.index.entries)
	require.Len(t, s.index.groups, 1)
	s.index.checkInvariants(t)
	chunks := 0
	for _, c := range s.index.chunks {
		if c != nil {
			chunks++
		}
	}
	require.Equal(t, 1, chunks)
}
