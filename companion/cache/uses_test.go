package cache

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/companion/store"
)

// noted is a store that remembers of which uses it was told.
type noted struct {
	store.Store
	mu   sync.Mutex
	uses []store.Key
}

func (s *noted) Used(_ context.Context, key store.Key, _ time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.uses = append(s.uses, key)
	return nil
}

func (s *noted) told() []store.Key {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.uses
}

// The store is told of each entry that was of use, once for many uses, and of no more than
// there is room for.
func TestUsesAreNotedTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s *noted
		b := newBench(t, func(c *Config) {
			s = &noted{Store: c.Store}
			c.Store, c.Limits.Used = s, 2
		})
		var keys []store.Key
		for _, prompt := range []string{"one", "two", "three"} {
			b.put(ask(prompt), "the answer")
			for range 3 {
				hit := b.look(ask(prompt))
				require.Equal(t, Hit, hit.Outcome)
				keys = append(keys, hit.Key)
			}
		}
		require.Empty(t, s.told(), "a hit does not wait for it")
		time.Sleep(noteEvery)
		synctest.Wait()
		require.ElementsMatch(t, []store.Key{keys[0], keys[3]}, s.told())
		require.Equal(t, 3, b.seen.of("used: dropped"))

		b.look(ask("three"))
		time.Sleep(noteEvery)
		synctest.Wait()
		require.Equal(t, keys[6], s.told()[2])
	})
}

// What was taken is not written to by the hits that follow, nor where nothing had been noted:
// a map that one goroutine goes through while another writes ends the process.
func TestUsesThatWereTakenStayAsTheyAre(t *testing.T) {
	u := uses{of: map[store.Key]time.Time{}}
	for n := range 3 {
		taken := u.take()
		require.Len(t, taken, min(n, 1))
		u.of[store.Key{byte(n)}] = time.Time{}
		require.Len(t, taken, min(n, 1))
	}
}
