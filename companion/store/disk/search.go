package disk

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/sluice-gateway/sluice/companion/store"
	"github.com/sluice-gateway/sluice/companion/store/disk/internal/dot"
)

// Nearest searches in up to three steps, each of which leaves fewer for the next:
//
//  1. In a large scope, the signs of all vectors: 48 bytes each of 384 numbers. It keeps
//     the best 4,096 and one more of every 256. No list of clusters is kept or trained: a
//     query far from all that is there is found its nearest as surely as any other.
//  2. The four-bit codes of those, or of all of a small scope.
//  3. The vectors themselves, from the files, in the order of step 2, until none that is
//     left can be better than what has been found.
//
// The lock is held for a part of a step at a time, so that writing need not wait for a
// search to end; what moves meanwhile is at worst not found this time, since step 3
// compares each record's own scope and key.
func (s *Store) Nearest(ctx context.Context, q store.Query, now time.Time) ([]store.Match, error) {
	if err := s.check(ctx, "nearest"); err != nil {
		return nil, err
	}
	if q.K < 1 {
		return nil, s.failed("nearest", fmt.Errorf("%d entries asked for", q.K))
	}
	if err := valid(q.Vector); err != nil {
		return nil, s.failed("nearest", err)
	}
	w, _ := s.scratch.Get().(*scratch)
	if w == nil {
		w = &scratch{}
	}
	defer s.scratch.Put(w)
	matches, err := s.nearest(ctx, w, q, now)
	if err != nil {
		return nil, s.failed("nearest", err)
	}
	return matches, nil
}

// scratch is memory that searches use one after the other.
type scratch struct {
	rough  []rough
	ranked []candidate
	record []byte
}

// rough is an entry after step 1.
type rough struct {
	estimate float32
	slot     uint32
}

// candidate is an entry after step 2.
type candidate struct {
	estimate float32
	margin   float32 // the cosine is hardly ever more than this from the estimate
	slot     uint32
	at       place
}

func (s *Store) nearest(ctx context.Context, w *scratch, q store.Query, now time.Time) ([]store.Match, error) {
	s.mu.RLock()
	var key groupKey
	var c *coder
	if !s.closed {
		if key.space = s.index.spaces[spaceID(q.Space, len(q.Vector))]; key.space != nil {
			key.scope = q.Scope
			if s.index.groups[key] != nil {
				c = key.space.coder
			}
		}
	}
	s.mu.RUnlock()
	if c == nil {
		return nil, nil
	}
	search := &search{s: s, w: w, key: key, coder: c, now: nanos(now), most: 64 + 4*q.K, q: c.query(q.Vector)}
	for tries := 1; ; tries++ {
		w.rough, w.ranked = w.rough[:0], w.ranked[:0]
		if err := search.roughly(ctx); err != nil {
			return nil, err
		}
		if err := search.rank(ctx); err != nil {
			return nil, err
		}
		matches, moved, err := search.exactly(ctx, q, now)
		if err != nil || !moved || len(matches) == q.K || tries == searches {
			return matches, err
		}
	}
}

// searches is how often it is searched for entries that are written anew, or moved, while they
// are read: where one was, others may be near that nobody has looked at.
const searches = 4

type search struct {
	s     *Store
	w     *scratch
	key   groupKey
	coder *coder
	q     *query
	now   int64
	most  int // candidates that step 3 may look at
}

// part is how many vectors are looked at before others get the lock.
const part = 1 << 15

// parts calls f with the lock held, first with 0 and then with what it returned before,
// until that is no more.
func (r *search) parts(ctx context.Context, f func(g *group, from int) (next int)) error {
	for from := 0; from >= 0; {
		if err := ctx.Err(); err != nil {
			return err
		}
		next := -1
		r.s.mu.RLock()
		// A coder that was changed meanwhile, which happens once to a young space, makes
		// what was prepared useless: nothing is found this time.
		if g := r.s.index.groups[r.key]; !r.s.closed && g != nil && r.key.space.coder == r.coder {
			next = f(g, from)
		}
		r.s.mu.RUnlock()
		from = next
	}
	return nil
}

// roughly is step 1. In a small group it takes all.
func (r *search) roughly(ctx context.Context) error {
	keep, bar := 0, float32(math.Inf(-1))
	var out [dot.Width]float32
	err := r.parts(ctx, func(g *group, from int) int {
		if g.blocks == nil {
			r.w.rough = r.w.rough[:0]
			for _, slot := range g.slots {
				r.w.rough = append(r.w.rough, rough{0, slot})
			}
			return -1
		}
		n := len(g.slots)
		if keep == 0 {
			keep = 4096 + n/256
			bar = r.sample(g, keep)
		}
		to := min(n, from+part)
		for at := from; at < to; at += dot.Width {
			over := dot.Signs(g.blocks.block(at/dot.Width), r.q.table, r.q.tableScale, r.q.tableBottom, bar, &out)
			if over == 0 {
				continue
			}
			for j := range min(dot.Width, n-at) {
				if over>>j&1 == 1 {
					r.w.rough = append(r.w.rough, rough{out[j], g.slots[at+j]})
				}
			}
			if len(r.w.rough) >= 2*keep {
				bar = best(r.w.rough, keep)
				r.w.rough = r.w.rough[:keep]
			}
		}
		if to == n {
			return -1
		}
		return to
	})
	if keep > 0 && len(r.w.rough) > keep {
		best(r.w.rough, keep)
		r.w.rough = r.w.rough[:keep]
	}
	return err
}

// sample looks at 8,192 vectors from everywhere in a group for the bar that about twice as
// many as are kept will pass. Most of what would be kept only until better ones come is so
// never touched.
func (r *search) sample(g *group, keep int) (bar float32) {
	blocks := len(g.slots) / dot.Width // whole ones
	stride := max(1, blocks/256)
	var out [dot.Width]float32
	for i := 0; i < blocks; i += stride {
		dot.Signs(g.blocks.block(i), r.q.table, r.q.tableScale, r.q.tableBottom, 0, &out)
		for _, estimate := range out {
			r.w.rough = append(r.w.rough, rough{estimate: estimate})
		}
	}
	seen := len(r.w.rough)
	pass := 2 * keep * seen / len(g.slots)
	bar = float32(math.Inf(-1))
	if pass < seen {
		bar = best(r.w.rough, pass)
	}
	r.w.rough = r.w.rough[:0]
	return bar
}

// best moves the n highest estimates to the front, and returns the lowest of them.
func best(all []rough, n int) float32 {
	low, high := 0, len(all)-1
	for low < high {
		middle := all[(low+high)/2].estimate
		i, j := low, high
		for i <= j {
			for all[i].estimate > middle {
				i++
			}
			for all[j].estimate < middle {
				j--
			}
			if i <= j {
				all[i], all[j] = all[j], all[i]
				i, j = i+1, j-1
			}
		}
		switch {
		case n-1 <= j:
			high = j
		case n-1 >= i:
			low = i
		default:
			return all[n-1].estimate
		}
	}
	return all[n-1].estimate
}

// estimate is the cosine to a vector by its codes, and how far off it may be.
func (q *query) estimate(nibbles []byte, step, shift float32) (cosine, margin float32) {
	sum := dot.Nibbles(nibbles, q.q)
	return q.base + shift + step*(q.scale*float32(sum)-q.half), step * q.rest
}

// ahead is how many candidates before its turn the codes of one are brought from memory.
const ahead = 12

// rank is step 2. It keeps the best by a heap whose top is the worst of them.
func (r *search) rank(ctx context.Context) error {
	return r.parts(ctx, func(_ *group, from int) int {
		to := min(len(r.w.rough), from+part/8)
		for i, c := range r.w.rough[from:to] {
			if i += from + ahead; i < to {
				r.s.index.prefetch(r.w.rough[i].slot)
			}
			m := r.s.index.present(c.slot)
			if m == nil || m.expires <= r.now || r.s.index.chunks[c.slot/chunkSlots].space != r.key.space {
				continue
			}
			estimate, margin := r.q.estimate(r.s.index.nibbles(c.slot), m.step, m.shift)
			r.keepBest(candidate{estimate, margin, c.slot, m.at})
		}
		if to == len(r.w.rough) {
			return -1
		}
		return to
	})
}

func (r *search) keepBest(c candidate) {
	h := r.w.ranked
	if len(h) < r.most {
		h = append(h, c)
		for i := len(h) - 1; i > 0 && h[(i-1)/2].estimate > h[i].estimate; i = (i - 1) / 2 {
			h[i], h[(i-1)/2] = h[(i-1)/2], h[i]
		}
		r.w.ranked = h
		return
	}
	if c.estimate <= h[0].estimate {
		return
	}
	h[0] = c
	for i := 0; ; {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(h); child++ {
			if h[child].estimate < h[least].estimate {
				least = child
			}
		}
		if least == i {
			return
		}
		h[i], h[least] = h[least], h[i]
		i = least
	}
}
