// Package storetest is what every store has to do, as tests: one suite that the embedded
// store and each database server pass, so that the companion need not know which it has.
//
// A store's own test is one call:
//
//	storetest.Run(t, storetest.Options{Name: "redis"}, func(t *testing.T) store.Store { … })
package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/sluice-gateway/sluice/companion/store"
)

// Options says in what a store differs from the strictest one.
type Options struct {
	// Name is what the store's errors name it by: each must contain it.
	Name string
	// Dim is the length of the vectors; 0 = 384.
	Dim int
	// Settle waits until what has been written and deleted is visible to every method,
	// for stores where that takes a while. It has a limit of its own. nil = at once.
	Settle func(t testing.TB, s store.Store)
	// Reopen closes a store and opens what it has kept. nil = nothing to test.
	Reopen func(t testing.TB, s store.Store) store.Store
	// Tries is how often TestScopes asks across scopes; 0 = 20,000.
	Tries int
	// Timeout is the most that one call may take; 0 = 10 s.
	Timeout time.Duration
}

// Run tests a store. Open returns an empty one, which nobody else uses, and closes it with
// t.Cleanup.
func Run(t *testing.T, o Options, open func(t *testing.T) store.Store) {
	if o.Dim == 0 {
		o.Dim = 384
	}
	if o.Tries == 0 {
		o.Tries = 20000
	}
	if o.Timeout == 0 {
		o.Timeout = 10 * time.Second
	}
	for _, test := range []struct {
		name string
		run  func(s *subject)
	}{
		{"get", testGet},
		{"replace", testReplace},
		{"own copy", testOwnCopy},
		{"expired", testExpired},
		{"any bytes", testAnyBytes},
		{"large", testLarge},
		{"nearest", testNearest},
		{"vectorless", testVectorless},
		{"scopes", testScopes},
		{"spaces", testSpaces},
		{"across scopes", testAcrossScopes},
		{"delete by field", testDeleteByField},
		{"delete by any filter", testDeleteByAnyFilter},
		{"odd labels", testOddLabels},
		{"used", testUsed},
		{"stats", testStats},
		{"ready", testReady},
		{"cancelled", testCancelled},
		{"concurrent", testConcurrent},
		{"reopen", testReopen},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.run(&subject{T: t, Store: open(t), o: o})
		})
	}
}

// subject is the store under test, with calls that have a limit and fail the test.
type subject struct {
	*testing.T
	store.Store
	o Options
}

func (s *subject) context() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), s.o.Timeout)
}

func (s *subject) settle() {
	if s.o.Settle != nil {
		s.o.Settle(s.T, s.Store)
	}
}

func (s *subject) put(entries ...*store.Entry) {
	s.Helper()
	for _, e := range entries {
		ctx, cancel := s.context()
		err := s.Store.Put(ctx, e)
		cancel()
		if err != nil {
			s.Fatalf("put %s: %v", e.Key, err)
		}
	}
	s.settle()
}

func (s *subject) get(key store.Key, now time.Time) (*store.Entry, error) {
	ctx, cancel := s.context()
	defer cancel()
	return s.Store.Get(ctx, key, now)
}

func (s *subject) nearest(q store.Query, now time.Time) []store.Match {
	s.Helper()
	ctx, cancel := s.context()
	defer cancel()
	matches, err := s.Store.Nearest(ctx, q, now)
	if err != nil {
		s.Fatalf("nearest: %v", err)
	}
	if len(matches) > q.K {
		s.Fatalf("asked for %d entries, got %d", q.K, len(matches))
	}
	for i, m := range matches {
		if m.Entry.Scope != q.Scope || m.Entry.Space != q.Space {
			s.Fatalf("an entry of scope %s, space %q for a query of scope %s, space %q", m.Entry.Scope, m.Entry.Space, q.Scope, q.Space)
		}
		if i > 0 && m.Similarity > matches[i-1].Similarity {
			s.Fatalf("similarity %v after %v", m.Similarity, matches[i-1].Similarity)
		}
	}
	return matches
}

func (s *subject) delete(f store.Filter) int {
	s.Helper()
	ctx, cancel := s.context()
	defer cancel()
	n, err := s.Store.Delete(ctx, f)
	if err != nil {
		s.Fatalf("delete: %v", err)
	}
	s.settle()
	return n
}
