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

// run reads the files and is then the writer: the one goroutine that changes them and the
// index, until the store is closed.
func (s *Store) run() {
	defer close(s.stopped)
	s.loadErr = s.load()
	close(s.loaded)
	if s.loadErr != nil {
		return
	}
	period := s.options.Sync
	if period < 0 {
		period = time.Hour
	}
	syncing, sweeping := time.NewTicker(period), time.NewTicker(time.Minute)
	defer syncing.Stop()
	defer sweeping.Stop()
	for {
		select {
		case <-s.quit:
			return
		case o := <-s.ops:
			s.batch(o)
		case <-syncing.C:
			_ = s.log.sync() // Ready tells
		case <-sweeping.C:
			s.sweep()
		}
		s.compact()
	}
}

// batch does what is waiting, puts together where they follow each other.
func (s *Store) batch(o *op) {
	const most, mostBytes = 256, 4 << 20
	var puts []*op
	size := 0
	flush := func() {
		if len(puts) > 0 {
			s.answer(puts, s.putAll(puts))
		}
		puts, size = nil, 0
	}
	for n := 0; ; n++ {
		if o.put == nil || len(puts) == s.options.MaxEntries || size+len(o.put.record) > min(mostBytes, int(s.log.limit)) {
			flush()
		}
		switch {
		case o.put != nil:
			puts = append(puts, o)
			size += len(o.put.record)
		case o.del != nil:
			var err error
			o.n, err = s.deleteAll(*o.del)
			s.answer([]*op{o}, err)
		case o.used != nil:
			s.noteUsed(*o.used)
		default:
			s.dropDamaged(o.drop)
		}
		if n == most {
			break
		}
		select {
		case o = <-s.ops:
			continue
		default:
		}
		break
	}
	flush()
}

// answer ends ops that have been written.
func (s *Store) answer(ops []*op, err error) {
	if err == nil && s.options.Sync < 0 {
		err = s.log.sync()
	}
	for _, o := range ops {
		o.done <- err
	}
}

func (s *Store) putAll(ops []*op) error {
	size, doomed, latest := int64(0), map[uint32]bool{}, map[store.Key]*putting{}
	for _, o := range ops {
		size += int64(len(o.put.record))
		latest[o.put.key] = o.put
	}
	for key := range latest {
		slot, at, err := s.lookup(key)
		if err != nil {
			return err
		}
		if at != 0 {
			doomed[slot] = true
		}
	}
	s.makeRoom(len(latest), size, doomed)
	if err := s.reserve(size); err != nil {
		return err
	}
	var dead []place
	for _, o := range ops {
		p := o.put
		p.m.at = s.log.add(p.record, kindPut)
		if p.superseded = latest[p.key] != p; p.superseded {
			dead = append(dead, p.m.at)
		}
	}
	for slot := range doomed {
		dead = append(dead, s.index.meta(slot).at)
	}
	if len(dead) > 0 { // after what replaces them, which may be the only part that is written
		s.log.add(encodeDead(dead), kindDead)
	}
	if err := s.log.commit(); err != nil {
		return err
	}
	for _, p := range latest {
		if c := s.index.coderOf(p.class.space, p.item.vector); p.item.vector > 0 && !c.same(p.codes.coder) {
			p.codes = c.encodeVector(p.vector)
		}
	}
	s.mu.Lock()
	for slot := range doomed {
		s.removeSlot(slot)
	}
	for _, o := range ops {
		if !o.put.superseded {
			s.insertItem(&o.put.item)
		}
	}
	s.mu.Unlock()
	for _, p := range latest {
		s.grown(&p.item)
	}
	return nil
}

// insertItem and removeSlot keep the segments' counts as well.
func (s *Store) insertItem(i *item) {
	s.index.insert(i)
	s.log.segments[i.m.at.segment()].live += int64(i.m.size)
}

func (s *Store) removeSlot(slot uint32) {
	m := s.index.meta(slot)
	s.log.segments[m.at.segment()].live -= int64(m.size)
	s.index.remove(slot)
}

func (s *Store) deleteAll(f store.Filter) (int, error) {
	var slots []uint32
	selected := s.index.classes.selected(f)
	before := nanos(f.Before)
	take := func(slot uint32, m *meta) {
		if selected[m.class] && (f.Before.IsZero() || m.created < before) {
			slots = append(slots, slot)
		}
	}
	if f.Key == nil {
		s.index.slots(take)
	} else if slot, at, err := s.lookup(*f.Key); err != nil {
		return 0, err
	} else if at != 0 {
		take(slot, s.index.meta(slot))
	}
	return len(slots), s.bury(slots)
}

// bury removes entries, on disk first.
func (s *Store) bury(slots []uint32) error {
	const most = 1024
	for len(slots) > 0 {
		some := slots[:min(most, len(slots))]
		slots = slots[len(some):]
		var dead []place
		for _, slot := range some {
			dead = append(dead, s.index.meta(slot).at)
		}
		if err := s.reserve(int64(8*len(dead) + headerSize)); err != nil {
			return err
		}
		s.log.add(encodeDead(dead), kindDead)
		if err := s.log.commit(); err != nil {
			return err
		}
		s.forget(some)
	}
	return nil
}

func (s *Store) forget(slots []uint32) {
	s.mu.Lock()
	for _, slot := range slots {
		s.removeSlot(slot)
	}
	s.mu.Unlock()
}

func (s *Store) noteUsed(key store.Key) {
	slot, at, err := s.lookup(key)
	if err != nil || at == 0 {
		return
	}
	record := encodeUsed(key, atomic.LoadUint32(&s.index.meta(slot).used))
	if s.reserve(int64(len(record))) == nil {
		s.log.add(record, kindUsed)
		_ = s.log.commit() // recency is worth no more
	}
}

// dropDamaged removes the entry of a record that could not be read, unless it has moved.
func (s *Store) dropDamaged(at place) {
	var slots []uint32
	s.index.slots(func(slot uint32, m *meta) {
		if m.at == at {
			slots = append(slots, slot)
		}
	})
	_ = s.bury(slots) // when that fails it is found damaged again
}
