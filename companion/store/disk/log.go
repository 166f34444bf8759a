package disk

import (
	"errors"
	"fmt"
	"os"
	"sync/atomic"
)

// log is the files of a store. Only the writer uses it, but for segments, which are under
// the store's lock, and the total.
type log struct {
	dir      string
	mark     uint64
	limit    int64 // bytes of a segment
	segments map[uint32]*segment
	active   *segment
	buffer   []byte // of records that go to the end of the active segment
	total    atomic.Int64
	unsynced bool
	fault    atomic.Pointer[error]
}

// broken is why nothing can be written any more.
func (l *log) broken() error {
	if err := l.fault.Load(); err != nil {
		return fmt.Errorf("read-only until it is opened again: %w", *err)
	}
	return nil
}

func (l *log) breakDown(err error) { l.fault.CompareAndSwap(nil, &err) }

// add appends a record to what commit writes, and returns where it will be.
func (l *log) add(record []byte, kind uint32) place {
	p := placeOf(l.active.number, l.active.size+int64(len(l.buffer)))
	l.buffer = append(l.buffer, finish(record, l.mark, kind)...)
	return p
}

// commit writes what was added, in one piece. After an error nothing of it is kept.
func (l *log) commit() error {
	n := int64(len(l.buffer))
	if err := l.broken(); n == 0 || err != nil {
		l.buffer = l.buffer[:0]
		return err
	}
	_, err := l.active.file.WriteAt(l.buffer, l.active.size)
	l.buffer = l.buffer[:0]
	if cap(l.buffer) > 8<<20 {
		l.buffer = nil
	}
	if err != nil {
		err = fmt.Errorf("write %d bytes: %w", n, err)
		if undo := l.active.file.Truncate(l.active.size); undo != nil {
			l.breakDown(errors.Join(err, undo))
		}
		return err
	}
	l.active.size += n
	l.total.Add(n)
	l.unsynced = true
	return nil
}

// sync puts what was written on the disk. When that fails nobody knows what is there, so
// nothing more is written until the directory is opened again.
func (l *log) sync() error {
	if err := l.broken(); !l.unsynced || err != nil {
		return err
	}
	if err := l.active.file.Sync(); err != nil {
		l.breakDown(fmt.Errorf("sync: %w", err))
		return l.broken()
	}
	l.unsynced = false
	return nil
}

// create makes a new, empty segment file.
func (l *log) create(number uint32) (*segment, error) {
	f, err := os.OpenFile(segmentPath(l.dir, number), os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syncDir(l.dir); err != nil {
		return nil, errors.Join(err, f.Close(), os.Remove(f.Name()))
	}
	g := &segment{number: number, file: f}
	g.acquire()
	return g, nil
}

func (l *log) close() {
	for _, g := range l.segments {
		g.release()
	}
	l.segments = nil
}

// reserve goes on to a new segment when the active one has no room for n bytes more.
func (s *Store) reserve(n int64) error {
	l := &s.log
	if err := l.broken(); err != nil {
		return err
	}
	if l.active.size == 0 || l.active.size+n <= l.limit {
		return nil
	}
	if err := l.sync(); err != nil {
		return err
	}
	g, err := l.create(l.active.number + 1)
	if err != nil {
		return err
	}
	s.mu.Lock()
	l.segments[g.number], l.active = g, g
	s.mu.Unlock()
	return nil
}
