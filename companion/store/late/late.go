// Package late is a store that need not be there yet: it is opened beside, again and again
// until that succeeds, so that a companion can start before its database and serve misses
// until then.
package late

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/sluice-gateway/sluice/companion/store"
)

// ErrNotYet is what everything returns until the store is open.
var ErrNotYet = errors.New("store: not open yet")

// Store is such a store.
type Store struct {
	cancel context.CancelFunc
	ended  chan struct{}

	mu    sync.RWMutex
	store store.Store // nil = not yet
	why   error       // what the last attempt said
}

// The times between attempts, and for each. An attempt that hangs must not be the last.
const (
	attemptWithin = 10 * time.Second
	firstPause    = 100 * time.Millisecond
	longestPause  = 5 * time.Second
)

// Open opens a store in the background. Closing it ends the attempts.
func Open(open func(context.Context) (store.Store, error), log *slog.Logger) *Store {
	ctx, cancel := context.WithCancel(context.Background())
	s := &Store{cancel: cancel, ended: make(chan struct{}), why: errors.New("the first attempt is under way")}
	go func() {
		defer close(s.ended)
		for pause := firstPause; ; pause = min(2*pause, longestPause) {
			within, over := context.WithTimeout(ctx, attemptWithin)
			opened, err := open(within)
			over()
			s.mu.Lock()
			s.store, s.why = opened, err
			s.mu.Unlock()
			if err == nil {
				return
			}
			log.Warn("the store cannot be opened yet", "error", err, "next_attempt_in", pause)
			select {
			case <-time.After(pause):
			case <-ctx.Done():
				return
			}
		}
	}()
	return s
}

// now is the store, if it is there.
func (s *Store) now() (store.Store, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.why != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotYet, s.why)
	}
	return s.store, nil
}

// Get asks the store.
func (s *Store) Get(ctx context.Context, key store.Key, now time.Time) (*store.Entry, error) {
	to, err := s.now()
	if err != nil {
		return nil, err
	}
	return to.Get(ctx, key, now)
}

// Nearest asks the store.
func (s *Store) Nearest(ctx context.Context, q store.Query, now time.Time) ([]store.Match, error) {
	to, err := s.now()
	if err != nil {
		return nil, err
	}
	return to.Nearest(ctx, q, now)
}

// Put gives the store an entry.
func (s *Store) Put(ctx context.Context, e *store.Entry) error {
	to, err := s.now()
	if err != nil {
		return err
	}
	return to.Put(ctx, e)
}

// Used tells the store.
func (s *Store) Used(ctx context.Context, key store.Key, now time.Time) error {
	to, err := s.now()
	if err != nil {
		return err
	}
	return to.Used(ctx, key, now)
}

// Delete deletes in the store.
func (s *Store) Delete(ctx context.Context, f store.Filter) (int, error) {
	to, err := s.now()
	if err != nil {
		return 0, err
	}
	return to.Delete(ctx, f)
}

// Ready says why the store is not open, or asks it.
func (s *Store) Ready(ctx context.Context) error {
	to, err := s.now()
	if err != nil {
		return err
	}
	return to.Ready(ctx)
}

// Stats asks the store.
func (s *Store) Stats(ctx context.Context) (store.Stats, error) {
	to, err := s.now()
	if err != nil {
		return store.Stats{}, err
	}
	return to.Stats(ctx)
}

// Close closes the store, or ends the attempts to open it.
func (s *Store) Close() error {
	s.cancel()
	<-s.ended
	to, err := s.now()
	if err != nil {
		return nil
	}
	return to.Close()
}
