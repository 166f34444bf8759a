package disk

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"time"

	"github.com/sluice-gateway/sluice/companion/store"
)

var (
	errMoved   = errors.New("the record was moved or removed") // while it was looked for
	errDamaged = errors.New("the record is damaged")
)

// Get reads an entry by its key.
func (s *Store) Get(ctx context.Context, key store.Key, now time.Time) (*store.Entry, error) {
	for try := 0; ; try++ {
		if err := s.check(ctx, "get"); err != nil {
			return nil, err
		}
		slot, at, err := s.lookup(key)
		var e *store.Entry
		if err == nil && at != 0 {
			e, err = s.entry(slot, at)
		}
		switch {
		case errors.Is(err, errMoved) && try < 3:
			continue
		case errors.Is(err, errMoved), errors.Is(err, errDamaged):
			return nil, store.ErrNotFound
		case err != nil:
			return nil, s.failed("get", err)
		case at == 0 || e.Key != key || !now.Before(e.Expires):
			return nil, store.ErrNotFound
		}
		return e, nil
	}
}

// present is the meta of a slot, or nil when it has no entry now.
func (x *index) present(slot uint32) *meta {
	if int(slot/chunkSlots) >= len(x.chunks) || x.chunks[slot/chunkSlots] == nil {
		return nil
	}
	if m := x.meta(slot); m.at != 0 {
		return m
	}
	return nil
}

// lookup finds the slot of a key and the place of its record; 0 when there is none.
func (s *Store) lookup(key store.Key) (slot uint32, at place, err error) {
	type candidate struct {
		slot uint32
		at   place
	}
	var room [4]candidate
	candidates := room[:0]
	s.mu.RLock()
	if s.closed {
		s.mu.RUnlock()
		return 0, 0, ErrClosed
	}
	x := s.index
	x.keys.find(x, x.keys.tag(key), func(slot uint32) bool {
		candidates = append(candidates, candidate{slot, x.meta(slot).at})
		return false
	})
	s.mu.RUnlock()
	for _, c := range candidates {
		var b [headerSize + 32]byte
		if err := s.readAt(b[:], c.at); errors.Is(err, errMoved) || errors.Is(err, errDamaged) {
			continue
		} else if err != nil {
			return 0, 0, err
		}
		if store.Key(b[headerSize:]) == key {
			return c.slot, c.at, nil
		}
	}
	return 0, 0, nil
}

// readAt reads the beginning of a record, without a check.
func (s *Store) readAt(b []byte, at place) error {
	s.mu.RLock()
	if s.closed {
		s.mu.RUnlock()
		return ErrClosed
	}
	g := s.log.segments[at.segment()]
	if g == nil {
		s.mu.RUnlock()
		return errMoved
	}
	g.acquire()
	s.mu.RUnlock()
	defer g.release()
	if n, err := g.file.ReadAt(b, at.offset()); n < len(b) {
		return fmt.Errorf("read %d bytes at %d of segment %d: %w", len(b), at.offset(), g.number, err)
	}
	return nil
}

// entry reads and checks a whole record. One that is damaged is counted, and removed.
func (s *Store) entry(slot uint32, at place) (*store.Entry, error) {
	s.mu.RLock()
	size := uint32(0)
	if !s.closed {
		if m := s.index.present(slot); m != nil && m.at == at {
			size = m.size
		}
	}
	s.mu.RUnlock()
	if size == 0 {
		return nil, errMoved
	}
	b := make([]byte, size)
	if err := s.readAt(b, at); err != nil {
		return nil, err
	}
	n, kind, sum, ok := header(b, s.log.mark)
	var e *store.Entry
	err := errRecord
	if ok && kind == kindPut && int(n) == len(b)-headerSize && crc32.Checksum(b[headerSize:], castagnoli) == sum {
		e, err = decodeEntry(b[headerSize:])
	}
	if err != nil {
		s.corrupt.Add(1)
		select {
		case s.ops <- &op{drop: at}:
		default: // busy: it is found again
		}
		return nil, fmt.Errorf("segment %d at %d: %w", at.segment(), at.offset(), errDamaged)
	}
	return e, nil
}
