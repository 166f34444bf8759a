package disk

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"
)

// compact clears away what has been replaced, a segment at a time, when the files are near
// their limit or a segment is mostly that. As entries take five eighths of the limit at
// most and it begins at seven eighths, the best segment to take is always one that is
// about a quarter free.
func (s *Store) compact() {
	for s.log.broken() == nil {
		full := s.log.total.Load() > s.options.MaxBytes/8*7
		var best *segment
		for _, g := range s.log.segments {
			if g != s.log.active && (best == nil || g.share() < best.share()) {
				best = g
			}
		}
		if best == nil || !full && best.share() > 0.4 {
			return
		}
		if err := s.clear(best); err != nil {
			// What was copied is there twice, and only reading the files anew knows which
			// of the two is which.
			s.log.breakDown(fmt.Errorf("clear segment %d: %w", best.number, err))
			return
		}
	}
}

// share is how much of a segment is needed.
func (g *segment) share() float64 { return float64(g.live) / float64(max(1, g.size)) }

// clear copies what is needed of a segment to the end of the log, and removes it. The copies
// are on the disk, and the index knows them, before it goes.
func (s *Store) clear(g *segment) error {
	type move struct {
		slot uint32
		to   place
	}
	var moves []move
	r := &reader{file: g.file, size: g.size, mark: s.log.mark}
	add := func(payload []byte, kind uint32) (place, error) {
		n := int64(headerSize + len(payload))
		if int64(len(s.log.buffer)) > 1<<20 || s.log.active.size+int64(len(s.log.buffer))+n > s.log.limit {
			if err := s.log.commit(); err != nil {
				return 0, err
			}
			if err := s.reserve(n); err != nil {
				return 0, err
			}
		}
		return s.log.add(append(make([]byte, headerSize), payload...), kind), nil
	}
	for {
		payload, kind, offset, err := r.read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		switch kind {
		case kindPut:
			slot, ok := s.slotAt(payload, placeOf(g.number, offset))
			if !ok {
				continue
			}
			to, err := add(payload, kindPut)
			if err != nil {
				return err
			}
			moves = append(moves, move{slot, to})
			if used := atomic.LoadUint32(&s.index.meta(slot).used); int64(used) > s.index.meta(slot).created/1e9 {
				record := encodeUsed([32]byte(payload), used)
				if _, err := add(record[headerSize:], kindUsed); err != nil {
					return err
				}
			}
		case kindDead:
			// Needed for as long as there is something that must not come back.
			var still []place
			for _, p := range decodeDead(payload) {
				if p.segment() != g.number && s.log.segments[p.segment()] != nil {
					still = append(still, p)
				}
			}
			if len(still) > 0 {
				if _, err := add(encodeDead(still)[headerSize:], kindDead); err != nil {
					return err
				}
			}
		case kindUsed:
			key, _, ok := decodeUsed(payload)
			if !ok {
				continue
			}
			slot, at, err := s.lookup(key)
			if err != nil {
				return err
			}
			if at == 0 || at.segment() == g.number {
				continue // gone, or copied with its entry
			}
			record := encodeUsed(key, atomic.LoadUint32(&s.index.meta(slot).used))
			if _, err := add(record[headerSize:], kindUsed); err != nil {
				return err
			}
		}
	}
	s.corrupt.Add(int64(r.corrupt))
	if err := s.log.commit(); err != nil {
		return err
	}
	if err := s.log.sync(); err != nil {
		return err
	}
	var lost []uint32
	s.mu.Lock()
	for _, m := range moves {
		meta := s.index.meta(m.slot)
		meta.at = m.to
		g.live -= int64(meta.size)
		s.log.segments[m.to.segment()].live += int64(meta.size)
	}
	if g.live > 0 { // entries whose records are damaged go with them
		s.index.slots(func(slot uint32, m *meta) {
			if m.at.segment() == g.number {
				lost = append(lost, slot)
			}
		})
		for _, slot := range lost {
			s.removeSlot(slot)
		}
	}
	delete(s.log.segments, g.number)
	s.mu.Unlock()
	s.log.total.Add(-g.size)
	g.release()
	return errors.Join(os.Remove(segmentPath(s.dir, g.number)), syncDir(s.dir))
}

// slotAt is the slot of the entry whose newest record is the one at a place.
func (s *Store) slotAt(payload []byte, at place) (slot uint32, ok bool) {
	if len(payload) < vectorAt {
		return 0, false
	}
	x := s.index
	x.keys.find(x, x.keys.tag([32]byte(payload)), func(found uint32) bool {
		if x.meta(found).at == at {
			slot, ok = found, true
		}
		return ok
	})
	return slot, ok
}
