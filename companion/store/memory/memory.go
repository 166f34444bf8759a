// Package memory is a store that keeps everything in memory and compares every entry of a
// scope: for evaluations and tests, whose entries are few and need not last.
package memory

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/sluice-gateway/sluice/companion/store"
)

// Store is such a store.
type Store struct {
	mu      sync.RWMutex
	entries map[store.Key]*store.Entry
	scopes  map[store.Key]map[store.Key]*store.Entry
}

// New makes an empty store.
func New() *Store {
	return &Store{entries: map[store.Key]*store.Entry{}, scopes: map[store.Key]map[store.Key]*store.Entry{}}
}

// Get returns the entry of a key.
func (s *Store) Get(ctx context.Context, key store.Key, now time.Time) (*store.Entry, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	e := s.entries[key]
	if e == nil || !now.Before(e.Expires) {
		return nil, cmp.Or(over(ctx), store.ErrNotFound)
	}
	return clone(e), over(ctx)
}

// Nearest compares the query with every entry of its scope.
func (s *Store) Nearest(ctx context.Context, q store.Query, now time.Time) ([]store.Match, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var found []store.Match
	for _, e := range s.scopes[q.Scope] {
		if e.Space != q.Space || len(e.Vector) != len(q.Vector) || !now.Before(e.Expires) {
			continue
		}
		var dot float64
		for i, x := range e.Vector {
			dot += float64(x) * float64(q.Vector[i])
		}
		found = append(found, store.Match{Entry: e, Similarity: dot})
	}
	slices.SortFunc(found, func(a, b store.Match) int {
		return cmp.Or(cmp.Compare(b.Similarity, a.Similarity), slices.Compare(a.Entry.Key[:], b.Entry.Key[:]))
	})
	found = found[:min(len(found), q.K)]
	for i := range found {
		found[i].Entry = clone(found[i].Entry)
	}
	return found, over(ctx)
}

// Put keeps an entry.
func (s *Store) Put(ctx context.Context, e *store.Entry) error {
	if err := over(ctx); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remove(e.Key)
	e = clone(e)
	s.entries[e.Key] = e
	if e.Vector == nil {
		return nil
	}
	if s.scopes[e.Scope] == nil {
		s.scopes[e.Scope] = map[store.Key]*store.Entry{}
	}
	s.scopes[e.Scope][e.Key] = e
	return nil
}

func (s *Store) remove(key store.Key) {
	e := s.entries[key]
	if e == nil {
		return
	}
	delete(s.entries, key)
	delete(s.scopes[e.Scope], key)
	if len(s.scopes[e.Scope]) == 0 {
		delete(s.scopes, e.Scope)
	}
}

// Used does nothing: nothing is evicted.
func (s *Store) Used(ctx context.Context, _ store.Key, _ time.Time) error { return over(ctx) }

// Delete removes what a filter selects.
func (s *Store) Delete(ctx context.Context, f store.Filter) (int, error) {
	if err := over(ctx); err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	deleted := 0
	for key, e := range s.entries {
		if selects(&f, e) {
			s.remove(key)
			deleted++
		}
	}
	return deleted, nil
}

func selects(f *store.Filter, e *store.Entry) bool {
	return (f.Key == nil || *f.Key == e.Key) &&
		(f.Scope == nil || *f.Scope == e.Scope) &&
		(f.Model == "" || f.Model == e.Model) &&
		!slices.ContainsFunc(f.Labels, func(l store.Label) bool { return !slices.Contains(e.Labels, l) }) &&
		(f.Before.IsZero() || e.Created.Before(f.Before))
}

// LabelNames are the names of the entries' labels.
func (s *Store) LabelNames(ctx context.Context) ([]string, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	names := map[string]bool{}
	for _, e := range s.entries {
		for _, l := range e.Labels {
			names[l.Name] = true
		}
	}
	return slices.Sorted(maps.Keys(names)), over(ctx)
}

// Ready is always.
func (s *Store) Ready(ctx context.Context) error { return over(ctx) }

// Stats counts the entries.
func (s *Store) Stats(ctx context.Context) (store.Stats, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return store.Stats{Entries: int64(len(s.entries)), Bytes: -1}, over(ctx)
}

// Close forgets nothing: it is gone with the process.
func (s *Store) Close() error { return nil }

// over is a context's error, which names the store.
func over(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("memory: %w", err)
	}
	return nil
}

// clone keeps what callers do with an entry from what is kept.
func clone(e *store.Entry) *store.Entry {
	c := *e
	c.Vector, c.Answer, c.Labels = slices.Clone(e.Vector), slices.Clone(e.Answer), slices.Clone(e.Labels)
	return &c
}
