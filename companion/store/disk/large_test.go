package disk

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/companion/store"
	"github.com/sluice-gateway/sluice/companion/store/storetest"
)

// large1 fills two scopes, over the size from which signs are searched, with equal vectors:
// one-sided, in topics, as sentences are.
func large1(t testing.TB, s *Store, n int) (vectors [][]float32) {
	r := rand.New(rand.NewPCG(1, 1))
	shared := storetest.Vector(r, 64)
	var topics [][]float32
	for range n / 50 {
		topics = append(topics, storetest.Near(r, shared, 0.5))
	}
	for range n {
		vectors = append(vectors, storetest.Near(r, topics[r.IntN(len(topics))], 0.7))
	}
	var wait sync.WaitGroup
	for w := range 16 {
		wait.Go(func() {
			for i := w; i < 2*n; i += 16 {
				if err := s.Put(context.Background(), large1Entry(i, vectors[i/2])); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	return vectors
}

// large1Entry is number i/2 of the first or the second scope.
func large1Entry(i int, vector []float32) *store.Entry {
	e := storetest.Sample(fmt.Sprint("large ", i), 1, day)
	e.Scope, e.Vector = storetest.KeyOf(fmt.Sprint(i%2)), vector
	e.Labels = []store.Label{{Name: "tenth", Value: fmt.Sprint(i / 2 % 10)}}
	return e
}

// A large scope finds what comparing with every entry finds, while it grows, after most of
// it is deleted, and after opening; and nothing of the scope with the same vectors.
func TestLargeScope(t *testing.T) {
	const n = large + 1000
	now := day
	dir := t.TempDir()
	o := at(&now, Options{MaxEntries: 100000})
	s := open(t, dir, o)
	vectors := large1(t, s, n)
	there := func(i int) bool { return true }
	r := rand.New(rand.NewPCG(2, 2))
	check := func() {
		s.index.checkInvariants(t)
		found, tries := 0, 150
		for try := range tries {
			q := storetest.Near(r, vectors[r.IntN(n)], 0.9)
			if try%3 == 0 {
				q = storetest.Vector(r, 64)
			}
			scope := try % 2
			matches, err := s.Nearest(context.Background(), store.Query{Scope: storetest.KeyOf(fmt.Sprint(scope)), Space: "test/1", Vector: q, K: 3}, day)
			require.NoError(t, err)
			require.Len(t, matches, 3)
			best, bestAt := -1.0, 0
			for i, v := range vectors {
				if similarity := storetest.Cosine(q, v); there(i) && similarity > best {
					best, bestAt = similarity, i
				}
			}
			for _, m := range matches {
				require.Equal(t, storetest.KeyOf(fmt.Sprint(scope)), m.Entry.Scope)
				require.InDelta(t, storetest.Cosine(q, m.Entry.Vector), m.Similarity, 1e-5)
			}
			if matches[0].Entry.Key == storetest.KeyOf(fmt.Sprint("large ", 2*bestAt+scope)) {
				found++
			}
		}
		require.GreaterOrEqual(t, found, tries-1)
	}
	blocks := func() (count int) {
		for _, g := range s.index.groups {
			if g.blocks != nil {
				count++
			}
		}
		return count
	}
	check()
	require.Equal(t, 2, blocks())

	deleted := map[int]bool{}
	there = func(i int) bool { return !deleted[i%10] }
	for _, tenth := range []int{3, 7, 0, 1, 2, 4} {
		got, err := s.Delete(context.Background(), store.Filter{Labels: []store.Label{{Name: "tenth", Value: fmt.Sprint(tenth)}}})
		require.NoError(t, err)
		require.InDelta(t, 2*n/10, got, 3)
		deleted[tenth] = true
		if tenth == 7 || tenth == 4 {
			check()
		}
	}
	require.Zero(t, blocks(), "what is left is small")
	require.NoError(t, s.Close())
	s = open(t, dir, o)
	check()
	got, err := s.Delete(context.Background(), store.Filter{})
	require.NoError(t, err)
	require.InDelta(t, 4*2*n/10, got, 10)
	require.Empty(t, s.index.groups)
	for _, c := range s.index.chunks {
		require.Nil(t, c, "memory is given back")
	}
}

// Searching goes on while entries come, go, and are moved on disk; what it returns is whole
// and of the scope that was asked for.
func TestSearchWhileWriting(t *testing.T) {
	const n = large + 200
	now := day
	s := open(t, t.TempDir(), at(&now, Options{MaxEntries: 2*n + 500, MaxBytes: 32 << 20}))
	vectors := large1(t, s, n)
	ctx, cancel := context.WithCancel(context.Background())
	var writers, searchers sync.WaitGroup
	for w := range 2 {
		writers.Go(func() {
			r := rand.New(rand.NewPCG(3, uint64(w)))
			for ctx.Err() == nil {
				i := r.IntN(2 * n)
				e := large1Entry(i, vectors[i/2])
				if r.IntN(3) == 0 {
					_, _ = s.Delete(ctx, store.Filter{Key: &e.Key})
				}
				e.Answer = make([]byte, r.IntN(4000))
				if err := s.Put(ctx, e); err != nil && ctx.Err() == nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for w := range 2 {
		searchers.Go(func() {
			r := rand.New(rand.NewPCG(4, uint64(w)))
			found, tries := 0, 150
			for range tries {
				i := r.IntN(2 * n)
				matches, err := s.Nearest(context.Background(), store.Query{Scope: storetest.KeyOf(fmt.Sprint(i % 2)), Space: "test/1", Vector: vectors[i/2], K: 1}, day)
				if err != nil || len(matches) != 1 || matches[0].Entry.Scope != storetest.KeyOf(fmt.Sprint(i%2)) {
					t.Errorf("%v, %d matches", err, len(matches))
					return
				}
				if matches[0].Similarity > 0.99999 {
					found++
				}
			}
			if found < tries*95/100 { // some were deleted at the moment
				t.Errorf("%d of %d were found", found, tries)
			}
		})
	}
	searchers.Wait()
	cancel()
	writers.Wait()
	s.stop()
	s.index.checkInvariants(t)
	if s.Corrupt() != 0 {
		t.Error("a record was damaged")
	}
}
