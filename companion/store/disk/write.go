package disk

import (
	"context"
	"fmt"
	"math"
	"sync/atomic"
	"time"

	"github.com/sluice-gateway/sluice/companion/store"
)

// op is one thing for the writer to do; exactly one of its first fields is set.
type op struct {
	put  *putting
	del  *store.Filter
	used *store.Key
	drop place // of a damaged record

	n    int
	done chan error // has room for one
}

// putting is an entry on its way.
type putting struct {
	item
	record     []byte
	vector     []float32
	superseded bool // by a later one of the same batch
}

// Put keeps an entry. Its vector has to have a length that is not zero, and finite numbers.
func (s *Store) Put(ctx context.Context, e *store.Entry) error {
	if err := s.check(ctx, "put"); err != nil {
		return err
	}
	p := &putting{record: encodeEntry(e), vector: append([]float32(nil), e.Vector...)}
	if int64(len(p.record)) > s.log.limit {
		return s.failed("put", fmt.Errorf("an entry of %d bytes, in a store of %d one may have %d: %w", len(p.record), s.options.MaxBytes, s.log.limit, ErrTooLarge))
	}
	if err := valid(e.Vector); err != nil && e.Vector != nil {
		return s.failed("put", err)
	}
	p.item = itemOf(e, len(p.record))
	if p.item.vector > 0 {
		s.mu.RLock()
		if s.closed {
			s.mu.RUnlock()
			return s.failed("put", ErrClosed)
		}
		c := s.index.coderOf(e.Space, len(e.Vector))
		s.mu.RUnlock()
		p.codes = c.encodeVector(p.vector)
	}
	return s.do(ctx, "put", &op{put: p})
}

// itemOf is an entry as the index keeps it, but for its codes and its place.
func itemOf(e *store.Entry, size int) item {
	created := nanos(e.Created)
	return item{
		key:    e.Key,
		class:  classFields{e.Scope, e.Space, e.Model, e.Labels},
		vector: len(e.Vector),
		m: meta{
			created: created, expires: nanos(e.Expires), size: uint32(size),
			worth: worth(e.Saves), used: seconds(e.Created),
		},
	}
}

func valid(v []float32) error {
	var sum float64
	for i, x := range v {
		if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
			return fmt.Errorf("number %d of the vector is %v", i, x)
		}
		sum += float64(x) * float64(x)
	}
	if sum == 0 {
		return fmt.Errorf("a vector of %d numbers has no direction", len(v))
	}
	return nil
}

// Used raises an entry's recency.
func (s *Store) Used(ctx context.Context, key store.Key, now time.Time) error {
	if err := s.check(ctx, "used"); err != nil {
		return err
	}
	slot, at, err := s.lookup(key)
	if err != nil || at == 0 {
		return s.wrap("used", err)
	}
	second, noted := seconds(now), false
	s.mu.RLock()
	if !s.closed {
		if m := s.index.present(slot); m != nil && m.at == at {
			before := atomic.LoadUint32(&m.used)
			for second > before && !atomic.CompareAndSwapUint32(&m.used, before, second) {
				before = atomic.LoadUint32(&m.used)
			}
			// On disk recency is as exact as it need be after a restart.
			noted = second > before && second/s.usedStep() > before/s.usedStep()
		}
	}
	s.mu.RUnlock()
	if noted {
		select {
		case s.ops <- &op{used: &key}:
		default: // busy: the next use is as good
		}
	}
	return nil
}

func (s *Store) usedStep() uint32 { return max(1, uint32(s.options.HalfLife/time.Second/64)) }

// Delete reads no entry but by the index; it takes milliseconds at 1,000,000 entries.
func (s *Store) Delete(ctx context.Context, f store.Filter) (int, error) {
	if err := s.check(ctx, "delete"); err != nil {
		return 0, err
	}
	o := &op{del: &f}
	err := s.do(ctx, "delete", o)
	if err != nil {
		return 0, err
	}
	return o.n, nil
}

// do has the writer do something, and waits for it.
func (s *Store) do(ctx context.Context, what string, o *op) error {
	o.done = make(chan error, 1)
	select {
	case s.ops <- o:
	case <-ctx.Done():
		return s.failed(what, ctx.Err())
	case <-s.quit:
		return s.failed(what, ErrClosed)
	}
	select {
	case err := <-o.done:
		return s.wrap(what, err)
	case <-ctx.Done(): // it may be done all the same
		return s.failed(what, ctx.Err())
	case <-s.stopped:
		select {
		case err := <-o.done:
			return s.wrap(what, err)
		default:
			return s.failed(what, ErrClosed)
		}
	}
}
