package storetest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/sluice-gateway/sluice/companion/store"
)

// The suite itself is tested with the slowest and most obvious store there is.
func TestOfTheObviousStore(t *testing.T) {
	Run(t, Options{Name: "obvious"}, func(*testing.T) store.Store {
		return &obvious{entries: map[store.Key]*store.Entry{}}
	})
}

type obvious struct {
	sync.Mutex
	entries map[store.Key]*store.Entry
}

func copied(e *store.Entry) *store.Entry {
	c := *e
	c.Vector, c.Answer, c.Labels = slices.Clone(e.Vector), slices.Clone(e.Answer), slices.Clone(e.Labels)
	return &c
}

func (o *obvious) begin(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("obvious: %w", err)
	}
	return nil
}

func (o *obvious) Get(ctx context.Context, key store.Key, now time.Time) (*store.Entry, error) {
	o.Lock()
	defer o.Unlock()
	e, ok := o.entries[key]
	if err := o.begin(ctx); err != nil {
		return nil, err
	}
	if !ok || !now.Before(e.Expires) {
		return nil, store.ErrNotFound
	}
	return copied(e), nil
}

func (o *obvious) Nearest(ctx context.Context, q store.Query, now time.Time) ([]store.Match, error) {
	o.Lock()
	defer o.Unlock()
	var matches []store.Match
	for _, e := range o.entries {
		if e.Scope == q.Scope && e.Space == q.Space && e.Vector != nil && now.Before(e.Expires) {
			matches = append(matches, store.Match{Entry: copied(e), Similarity: Cosine(q.Vector, e.Vector)})
		}
	}
	slices.SortFunc(matches, func(a, b store.Match) int {
		if a.Similarity > b.Similarity {
			return -1
		}
		return 1
	})
	return matches[:min(q.K, len(matches))], o.begin(ctx)
}

func (o *obvious) Put(ctx context.Context, e *store.Entry) error {
	o.Lock()
	defer o.Unlock()
	if err := o.begin(ctx); err != nil {
		return err
	}
	o.entries[e.Key] = copied(e)
	return nil
}

func (o *obvious) Used(ctx context.Context, _ store.Key, _ time.Time) error { return o.begin(ctx) }

func (o *obvious) Delete(ctx context.Context, f store.Filter) (int, error) {
	o.Lock()
	defer o.Unlock()
	before := len(o.entries)
	maps.DeleteFunc(o.entries, func(_ store.Key, e *store.Entry) bool { return selects(f, e) })
	return before - len(o.entries), o.begin(ctx)
}

func (o *obvious) Ready(ctx context.Context) error { return o.begin(ctx) }

func (o *obvious) Stats(ctx context.Context) (store.Stats, error) {
	o.Lock()
	defer o.Unlock()
	return store.Stats{Entries: int64(len(o.entries)), Bytes: -1}, o.begin(ctx)
}

func (o *obvious) Close() error { return nil }
