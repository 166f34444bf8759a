// Package remote has what the stores that are a database server's share: an entry as
// bytes, the words that a query may safely be built of, the last check of what a server
// proposes, limits of time, and an address that can be shown.
package remote

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"time"

	"github.com/sluice-gateway/sluice/companion/store"
)

// Version is the format of what the stores keep in a database. It is part of every name
// there, so that another format is another set of tables, keys or collections.
const Version = "1"

const (
	// CallLimit is how long a call may take whose context has no deadline.
	CallLimit = 5 * time.Second
	// DeleteLimit is the same for Delete, which may have to visit every entry.
	DeleteLimit = time.Minute
	// Connections is the most that a store has open to its server.
	Connections = 16
	// PurgeEvery is how often a store removes what is out of date, where its server does
	// not do so of itself; PurgeLimit is how long it may take, and PurgeBatch how many
	// entries it removes in one call.
	PurgeEvery = time.Minute
	PurgeLimit = 10 * time.Second
	PurgeBatch = 1000
)

// Exact is how many entries of a scope and a space are compared one by one. A graph that
// is searched under a narrow filter may miss the nearest entry, and it gains nothing
// while there are this few.
const Exact = 20_000

// Limit gives a context without a deadline one.
func Limit(ctx context.Context, limit time.Duration) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, limit)
}

// Nearest is the last word on what a server proposes for a query: it drops what is of
// another scope, another space, another dimension or out of date, computes the cosine
// anew, sorts, and keeps the best k.
func Nearest(q store.Query, now time.Time, proposed []*store.Entry) []store.Match {
	var matches []store.Match
	for _, e := range proposed {
		if e.Scope != q.Scope || e.Space != q.Space || len(e.Vector) != len(q.Vector) || !Fresh(e, now) {
			continue
		}
		matches = append(matches, store.Match{Entry: e, Similarity: cosine(e.Vector, q.Vector)})
	}
	slices.SortStableFunc(matches, func(a, b store.Match) int {
		switch {
		case a.Similarity > b.Similarity:
			return -1
		case a.Similarity < b.Similarity:
			return 1
		}
		return 0
	})
	return matches[:min(len(matches), q.K)]
}

// Fresh tells whether an entry may still be served at now.
func Fresh(e *store.Entry, now time.Time) bool { return now.Before(e.Expires) }

// cosine is the product of two vectors of unit length.
func cosine(a, b []float32) float64 {
	var sum float64
	for i := range a {
		sum += float64(a[i]) * float64(b[i])
	}
	return sum
}

// Every calls purge now and then, with a context of its own that has a limit, until stop
// is called, which waits for a call under way to give up.
func Every(interval time.Duration, purge func(context.Context)) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(interval)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			call, release := context.WithTimeout(ctx, PurgeLimit)
			purge(call)
			release()
		}
	}()
	return func() { cancel(); <-done }
}

// Failed is the error of a call: where, what was tried, and why it failed. Clients that
// hide that the caller's time was over, or notice it on the socket a moment before the
// context does, are put right.
func Failed(ctx context.Context, address, what string, err error) error {
	gone := ctx.Err()
	if gone == nil && errors.Is(err, os.ErrDeadlineExceeded) {
		gone = context.DeadlineExceeded
	}
	if gone != nil && !errors.Is(err, gone) {
		return fmt.Errorf("%s: %s: %w: %w", address, what, gone, err)
	}
	return fmt.Errorf("%s: %s: %w", address, what, err)
}

// Address is a store's URL as it may be shown: without user, password and parameters.
func Address(u *url.URL) string {
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}

// Selects tells whether all fields of a filter that are set hold for an entry.
func Selects(f store.Filter, e *store.Entry) bool {
	for _, l := range f.Labels {
		if !slices.Contains(e.Labels, l) {
			return false
		}
	}
	return (f.Key == nil || *f.Key == e.Key) &&
		(f.Scope == nil || *f.Scope == e.Scope) &&
		(f.Model == "" || f.Model == e.Model) &&
		(f.Before.IsZero() || e.Created.Before(f.Before))
}
