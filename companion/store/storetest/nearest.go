package storetest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/companion/store"
)

// The nearest are those that comparing with every entry finds, in that order, with the
// similarity of their own vectors.
func testNearest(s *subject) {
	now := start()
	r := rand.New(rand.NewPCG(3, 4))
	var all []*store.Entry
	for i := range 60 {
		e := Sample(fmt.Sprint(i), s.o.Dim, now)
		if i%3 == 2 { // some near each other, as questions come
			e.Vector = Near(r, all[i-1].Vector, 0.97)
		}
		all = append(all, e)
	}
	s.put(all...)
	for i := range 40 {
		query := Near(r, all[r.IntN(len(all))].Vector, 0.5+float64(i)/80)
		if i%4 == 0 {
			query = Vector(r, s.o.Dim) // near none
		}
		sorted := slices.SortedFunc(slices.Values(all), func(a, b *store.Entry) int {
			if Cosine(query, a.Vector) > Cosine(query, b.Vector) {
				return -1
			}
			return 1
		})
		for _, k := range []int{1, 3, 10, 100} {
			matches := s.nearest(store.Query{Scope: KeyOf("scope"), Space: "test/1", Vector: query, K: k}, now)
			require.Len(s, matches, min(k, len(all)))
			for j, m := range matches {
				require.InDelta(s, Cosine(query, sorted[j].Vector), m.Similarity, 1e-5, "place %d of %d", j, k)
				require.InDelta(s, Cosine(query, m.Entry.Vector), m.Similarity, 1e-5, "of its own vector")
			}
			RequireEqual(s, sorted[0], matches[0].Entry)
		}
	}
	same := s.nearest(store.Query{Scope: KeyOf("scope"), Space: "test/1", Vector: all[7].Vector, K: 1}, now)
	require.InDelta(s, 1, same[0].Similarity, 1e-5)
}

func testVectorless(s *subject) {
	now := start()
	bare, full := Sample("bare", s.o.Dim, now), Sample("full", s.o.Dim, now)
	vector := bare.Vector
	bare.Vector = nil
	s.put(bare)
	require.Empty(s, s.nearest(store.Query{Scope: bare.Scope, Space: bare.Space, Vector: vector, K: 10}, now))
	s.put(full)
	matches := s.nearest(store.Query{Scope: bare.Scope, Space: bare.Space, Vector: vector, K: 10}, now)
	require.Len(s, matches, 1)
	require.Equal(s, full.Key, matches[0].Entry.Key)
	got, err := s.get(bare.Key, now)
	require.NoError(s, err)
	RequireEqual(s, bare, got)
	require.Equal(s, 2, s.delete(store.Filter{Scope: &bare.Scope}))
}

// Equal texts and vectors in two scopes are two entries, and each scope has its own.
func testScopes(s *subject) {
	now := start()
	a, b := Sample("a", s.o.Dim, now), Sample("a", s.o.Dim, now)
	b.Key, b.Scope = KeyOf("b"), KeyOf("scope of b")
	s.put(a, b)
	for _, e := range []*store.Entry{a, b} {
		matches := s.nearest(store.Query{Scope: e.Scope, Space: e.Space, Vector: e.Vector, K: 10}, now)
		require.Len(s, matches, 1)
		RequireEqual(s, e, matches[0].Entry)
	}
	require.Empty(s, s.nearest(store.Query{Scope: KeyOf("none"), Space: a.Space, Vector: a.Vector, K: 10}, now))
	require.Empty(s, s.nearest(store.Query{Space: a.Space, Vector: a.Vector, K: 10}, now), "the scope of zeros is one like any other")
}

// Two embedders' vectors of one scope are never compared, be they of one length or not.
func testSpaces(s *subject) {
	now := start()
	a, b, c := Sample("a", s.o.Dim, now), Sample("a", s.o.Dim, now), Sample("c", s.o.Dim/2, now)
	b.Key, b.Space = KeyOf("b"), "test/2"
	c.Space = "half: a 'longer' name/3"
	s.put(a, b, c)
	for _, e := range []*store.Entry{a, b, c} {
		matches := s.nearest(store.Query{Scope: e.Scope, Space: e.Space, Vector: e.Vector, K: 10}, now)
		require.Len(s, matches, 1)
		RequireEqual(s, e, matches[0].Entry)
		require.InDelta(s, 1, matches[0].Similarity, 1e-5)
	}
	require.Empty(s, s.nearest(store.Query{Scope: a.Scope, Space: "test/3", Vector: a.Vector, K: 10}, now))
}

// However often a scope is asked for what other scopes have, with the very same text and
// vector, it gets its own entry or none. Scopes that differ in one bit are among them.
func testAcrossScopes(s *subject) {
	const full, empty = 50, 50
	now := start()
	var scopes []store.Key
	for i := range full + empty {
		scope := KeyOf(fmt.Sprint("scope ", i))
		if i%2 == 1 {
			scope = scopes[i-1]
			scope[i%32] ^= 1 << (i % 8)
		}
		scopes = append(scopes, scope)
	}
	same := Sample("same", s.o.Dim, now)
	has := map[store.Key]store.Key{}
	for i, scope := range scopes {
		if i%4 == 1 || i%4 == 2 {
			continue // each kind of neighbour has a scope without an entry beside it
		}
		e := *same
		e.Key, e.Scope = KeyOf(fmt.Sprint("entry ", i)), scope
		has[scope] = e.Key
		s.put(&e)
	}
	r := rand.New(rand.NewPCG(5, 6))
	limit := time.Now().Add(time.Duration(s.o.Tries) * s.o.Timeout / 100)
	for i := range s.o.Tries {
		if time.Now().After(limit) {
			s.Fatalf("%d of %d tries were made", i, s.o.Tries)
		}
		scope := scopes[r.IntN(len(scopes))]
		if i%10 == 0 {
			scope[r.IntN(32)] ^= byte(1 + r.IntN(255))
		}
		matches := s.nearest(store.Query{Scope: scope, Space: same.Space, Vector: same.Vector, K: 3}, now)
		key, there := has[scope]
		if !there {
			require.Empty(s, matches, "try %d", i)
			continue
		}
		require.Len(s, matches, 1, "try %d", i)
		require.Equal(s, key, matches[0].Entry.Key, "try %d", i)
	}
}
