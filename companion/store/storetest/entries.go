package storetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/companion/store"
)

func testGet(s *subject) {
	now := start()
	a, b := Sample("a", s.o.Dim, now), Sample("b", s.o.Dim, now)
	_, err := s.get(a.Key, now)
	require.ErrorIs(s, err, store.ErrNotFound)

	s.put(a, b)
	for _, e := range []*store.Entry{a, b} {
		got, err := s.get(e.Key, now)
		require.NoError(s, err)
		RequireEqual(s, e, got)
	}
	_, err = s.get(KeyOf("c"), now)
	require.ErrorIs(s, err, store.ErrNotFound)
}

// What replaces an entry leaves nothing of it: not its vector, its scope, its labels.
func testReplace(s *subject) {
	now := start()
	old, other := Sample("a", s.o.Dim, now), Sample("other", s.o.Dim, now)
	s.put(old, other)
	next := Sample("next", s.o.Dim, now)
	next.Key, next.Scope, next.Model = old.Key, KeyOf("another scope"), "claude"
	s.put(next)

	got, err := s.get(old.Key, now)
	require.NoError(s, err)
	RequireEqual(s, next, got)
	require.Len(s, s.nearest(store.Query{Scope: old.Scope, Space: old.Space, Vector: old.Vector, K: 5}, now), 1, "only the other one is left there")
	matches := s.nearest(store.Query{Scope: next.Scope, Space: next.Space, Vector: next.Vector, K: 5}, now)
	require.Len(s, matches, 1)
	RequireEqual(s, next, matches[0].Entry)
	require.Zero(s, s.delete(store.Filter{Labels: []store.Label{{Name: "user", Value: "a"}}}))
	require.Equal(s, 1, s.delete(store.Filter{Model: "gpt-4o"}))
	require.Equal(s, 1, s.delete(store.Filter{Model: "claude"}))

	// An entry that loses its vector is no longer proposed.
	s.put(old)
	bare := *old
	bare.Vector = nil
	s.put(&bare)
	require.Empty(s, s.nearest(store.Query{Scope: old.Scope, Space: old.Space, Vector: old.Vector, K: 5}, now))
}

func testOwnCopy(s *subject) {
	now := start()
	e := Sample("a", s.o.Dim, now)
	s.put(e)
	e.Vector[0], e.Answer[0], e.Labels[0].Value = 9, 'X', "X"
	want := Sample("a", s.o.Dim, now)
	for range 2 { // the second sees what was done to the first
		got, err := s.get(e.Key, now)
		require.NoError(s, err)
		RequireEqual(s, want, got)
		got.Vector[0], got.Answer[0], got.Labels[0].Value = 9, 'X', "X"
	}
}

// An entry is out of date from Expires on, by the clock of whoever asks.
func testExpired(s *subject) {
	now := start()
	e, long := Sample("a", s.o.Dim, now), Sample("b", s.o.Dim, now)
	long.Expires = now.Add(48 * time.Hour)
	s.put(e, long)
	for _, at := range []struct {
		now   time.Time
		found bool
	}{
		{now, true},
		{e.Expires.Add(-time.Millisecond), true},
		{e.Expires, false},
		{e.Expires.Add(time.Hour), false},
		{now, true}, // the clock went back: nothing was lost by asking
	} {
		_, err := s.get(e.Key, at.now)
		matches := s.nearest(store.Query{Scope: e.Scope, Space: e.Space, Vector: e.Vector, K: 5}, at.now)
		if at.found {
			require.NoError(s, err, "at %s", at.now)
			require.Len(s, matches, 2)
			require.Equal(s, e.Key, matches[0].Entry.Key)
			continue
		}
		require.ErrorIs(s, err, store.ErrNotFound, "at %s", at.now)
		require.Len(s, matches, 1, "at %s", at.now)
		require.Equal(s, long.Key, matches[0].Entry.Key, "one that is out of date takes no place of the k")
	}
	require.Len(s, s.nearest(store.Query{Scope: e.Scope, Space: e.Space, Vector: e.Vector, K: 1}, e.Expires), 1,
		"one that is out of date takes no place of the k")
}

func testAnyBytes(s *subject) {
	now := start()
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	for i, text := range append([]string{"", "\x00", "a\x00b", string(every), "\xff\xfe\xfd", "\u2028𝄞 é", `"\'; DROP TABLE entries; --`, "{}[]|*?"}, odd...) {
		e := Sample(fmt.Sprint(i), s.o.Dim, now)
		e.Prompt, e.Answer = text, []byte(text)
		s.put(e)
		got, err := s.get(e.Key, now)
		require.NoError(s, err)
		RequireEqual(s, e, got)
		matches := s.nearest(store.Query{Scope: e.Scope, Space: e.Space, Vector: e.Vector, K: 1}, now)
		require.Len(s, matches, 1)
		RequireEqual(s, e, matches[0].Entry)
	}
}

func testLarge(s *subject) {
	now := start()
	e := Sample("a", s.o.Dim, now)
	r := rand.New(rand.NewPCG(1, 2))
	e.Answer = make([]byte, 1<<20)
	for i := range e.Answer {
		e.Answer[i] = byte(r.Uint32())
	}
	e.Prompt = strings.Repeat("0123456789abcdef", 1<<16)
	s.put(e)
	got, err := s.get(e.Key, now)
	require.NoError(s, err)
	RequireEqual(s, e, got)
}

// Used is about eviction and changes nothing that can be seen here; a key that is gone is
// no error, since an entry may be evicted between its use and the note of it.
func testUsed(s *subject) {
	now := start()
	e := Sample("a", s.o.Dim, now)
	s.put(e)
	ctx, cancel := s.context()
	defer cancel()
	require.NoError(s, s.Store.Used(ctx, e.Key, now.Add(time.Minute)))
	require.NoError(s, s.Store.Used(ctx, KeyOf("none"), now))
	s.settle()
	got, err := s.get(e.Key, now)
	require.NoError(s, err)
	RequireEqual(s, e, got)
	_, err = s.get(KeyOf("none"), now)
	require.ErrorIs(s, err, store.ErrNotFound)
}

func testStats(s *subject) {
	ctx, cancel := s.context()
	defer cancel()
	now := start()
	for i := range 7 {
		s.put(Sample(fmt.Sprint(i), s.o.Dim, now))
	}
	s.put(Sample("3", s.o.Dim, now)) // in place of itself
	stats, err := s.Store.Stats(ctx)
	require.NoError(s, err)
	if stats.Entries != -1 {
		require.EqualValues(s, 7, stats.Entries)
	}
	if stats.Bytes != -1 {
		require.Positive(s, stats.Bytes)
	}
	require.Zero(s, stats.Evicted)
	require.Equal(s, 7, s.delete(store.Filter{}))
	stats, err = s.Store.Stats(ctx)
	require.NoError(s, err)
	if stats.Entries != -1 {
		require.Zero(s, stats.Entries)
	}
	require.Zero(s, stats.Evicted, "what is deleted was not evicted")
}

func testReady(s *subject) {
	ctx, cancel := s.context()
	defer cancel()
	require.NoError(s, s.Store.Ready(ctx))
}

// A call whose caller has gone returns, says why and names the store; the store goes on.
func testCancelled(s *subject) {
	now := start()
	e := Sample("a", s.o.Dim, now)
	s.put(e)
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	for name, call := range map[string]func() error{
		"get": func() error { _, err := s.Store.Get(gone, e.Key, now); return err },
		"nearest": func() error {
			_, err := s.Store.Nearest(gone, store.Query{Scope: e.Scope, Space: e.Space, Vector: e.Vector, K: 1}, now)
			return err
		},
		"put":    func() error { return s.Store.Put(gone, Sample("b", s.o.Dim, now)) },
		"delete": func() error { _, err := s.Store.Delete(gone, store.Filter{Model: "none"}); return err },
		"ready":  func() error { return s.Store.Ready(gone) },
	} {
		err := call()
		require.ErrorIs(s, err, context.Canceled, name)
		require.ErrorContains(s, err, s.o.Name, name)
	}
	got, err := s.get(e.Key, now)
	require.NoError(s, err)
	RequireEqual(s, e, got)
}

// Four callers put, replace, find and delete entries of their own at once, and each finds
// what it did; nobody's entries are in another's scope.
func testConcurrent(s *subject) {
	const callers, rounds = 4, 25
	now := start()
	var wait sync.WaitGroup
	failed := make(chan string, callers)
	for c := range callers {
		wait.Go(func() {
			ctx, cancel := context.WithTimeout(context.Background(), 6*s.o.Timeout)
			defer cancel()
			check := func(err error) bool {
				if err != nil {
					select {
					case failed <- err.Error():
					default:
					}
				}
				return err == nil
			}
			for i := range rounds {
				e := Sample(fmt.Sprint(c, "/", i), s.o.Dim, now)
				e.Scope = KeyOf(fmt.Sprint("caller ", c))
				for range 2 { // the second time in place of itself
					if !check(s.Store.Put(ctx, e)) {
						return
					}
				}
				if !check(s.Store.Used(ctx, e.Key, now)) {
					return
				}
				matches, err := s.Store.Nearest(ctx, store.Query{Scope: e.Scope, Space: e.Space, Vector: e.Vector, K: 2}, now)
				if !check(err) {
					return
				}
				for _, m := range matches {
					if m.Entry.Scope != e.Scope {
						check(fmt.Errorf("caller %d found an entry of scope %s", c, m.Entry.Scope))
					}
				}
				if i%5 == 4 {
					if _, err := s.Store.Delete(ctx, store.Filter{Key: &e.Key}); !check(err) {
						return
					}
				}
			}
		})
	}
	wait.Wait()
	close(failed)
	for text := range failed {
		s.Error(text)
	}
	s.settle()
	for c := range callers {
		for i := range rounds {
			e := Sample(fmt.Sprint(c, "/", i), s.o.Dim, now)
			e.Scope = KeyOf(fmt.Sprint("caller ", c))
			got, err := s.get(e.Key, now)
			if i%5 == 4 {
				require.ErrorIs(s, err, store.ErrNotFound)
				continue
			}
			require.NoError(s, err)
			RequireEqual(s, e, got)
		}
	}
}

func testReopen(s *subject) {
	if s.o.Reopen == nil {
		s.Skip("keeps nothing, or is a server")
	}
	now := start()
	var kept []*store.Entry
	for i := range 50 {
		e := Sample(fmt.Sprint(i), s.o.Dim, now)
		e.Scope = KeyOf(fmt.Sprint(i % 3))
		s.put(e)
		if i%10 == 0 {
			require.Equal(s, 1, s.delete(store.Filter{Key: &e.Key}))
			continue
		}
		kept = append(kept, e)
	}
	for range 2 {
		s.Store = s.o.Reopen(s.T, s.Store)
		for _, e := range kept {
			got, err := s.get(e.Key, now)
			require.NoError(s, err)
			RequireEqual(s, e, got)
			matches := s.nearest(store.Query{Scope: e.Scope, Space: e.Space, Vector: e.Vector, K: 1}, now)
			require.Len(s, matches, 1)
			RequireEqual(s, e, matches[0].Entry)
		}
		for i := 0; i < 50; i += 10 {
			_, err := s.get(Sample(fmt.Sprint(i), s.o.Dim, now).Key, now)
			require.ErrorIs(s, err, store.ErrNotFound, "what was deleted stays deleted")
		}
	}
}
