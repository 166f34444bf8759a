package disk

import (
	"container/heap"
	"math"
	"slices"
	"sync/atomic"
	"time"
)

// The value of an entry is (1 + what one use saves) * 2^(-age/half-life), its age counted
// from its last use. Of two entries the same one is worth less at any time, so the
// logarithm without the present in it, log2(1+saves) + last use/half-life, is an order
// that never has to be brought up to date.

func worth(saves int64) float32 { return float32(math.Log2(1 + float64(max(0, saves)))) }

func (m *meta) rank(halfLife time.Duration) float64 {
	return float64(m.worth) + float64(atomic.LoadUint32(&m.used))/halfLife.Seconds()
}

// makeRoom adds to the doomed what has to go before so many entries and bytes can come:
// all that is out of date, and if that is not enough what is worth least. As looking for it
// is a walk over all entries, it takes some more than it must: 1 in 256 of the most there
// may be.
func (s *Store) makeRoom(entries int, bytes int64, doomed map[uint32]bool) {
	overEntries := s.index.entries + entries - s.options.MaxEntries
	overBytes := s.index.live + bytes - s.options.MaxBytes/8*5
	for slot := range doomed {
		overEntries--
		overBytes -= int64(s.index.meta(slot).size)
	}
	if overEntries <= 0 && overBytes <= 0 {
		return
	}
	take := func(slot uint32, m *meta) {
		if !doomed[slot] {
			doomed[slot] = true
			overEntries--
			overBytes -= int64(m.size)
		}
	}
	now := nanos(s.options.Now())
	s.index.slots(func(slot uint32, m *meta) {
		if m.expires <= now {
			take(slot, m)
		}
	})
	for (overEntries > 0 || overBytes > 0) && len(doomed) < s.index.entries {
		average := s.index.live/int64(s.index.entries) + 1
		need := max(overEntries, int(overBytes/average)+1, s.options.MaxEntries/256)
		for _, slot := range s.leastWorth(need, doomed) {
			take(slot, s.index.meta(slot))
			s.evicted.Add(1)
		}
	}
}

// leastWorth returns the n slots, not doomed yet, that are worth least.
func (s *Store) leastWorth(n int, doomed map[uint32]bool) []uint32 {
	var h worst
	s.index.slots(func(slot uint32, m *meta) {
		rank := m.rank(s.options.HalfLife)
		switch {
		case doomed[slot]:
		case len(h) < n:
			heap.Push(&h, ranked{rank, slot})
		case rank < h[0].rank:
			h[0] = ranked{rank, slot}
			heap.Fix(&h, 0)
		}
	})
	slots := make([]uint32, len(h))
	for i, r := range h {
		slots[i] = r.slot
	}
	return slots
}

type ranked struct {
	rank float64
	slot uint32
}

// worst has the highest rank on top.
type worst []ranked

func (w worst) Len() int           { return len(w) }
func (w worst) Less(i, j int) bool { return w[i].rank > w[j].rank }
func (w worst) Swap(i, j int)      { w[i], w[j] = w[j], w[i] }
func (w *worst) Push(x any)        { *w = append(*w, x.(ranked)) }
func (w *worst) Pop() any {
	last := (*w)[len(*w)-1]
	*w = (*w)[:len(*w)-1]
	return last
}

// sweep clears away what is out of date. Nothing is written for it: reading the files finds
// it out of date again.
func (s *Store) sweep() {
	now := nanos(s.options.Now())
	var slots []uint32
	s.index.slots(func(slot uint32, m *meta) {
		if m.expires <= now {
			slots = append(slots, slot)
		}
	})
	for some := range slices.Chunk(slots, 1024) {
		s.forget(some)
	}
}
