package disk

import (
	"sync/atomic"
	"time"

	"github.com/sluice-gateway/sluice/companion/store"
)

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
			s.drain()
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

// drain does what was asked for before the store was closed.
func (s *Store) drain() {
	for {
		select {
		case o := <-s.ops:
			s.batch(o)
		default:
			return
		}
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
