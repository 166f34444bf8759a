package disk

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
)

// load reads the files, oldest first, and so repeats what was done to the index. It is the
// writer that runs it, before anything is written.
//
// A record that is found in place of another whose death is nowhere noted comes from a
// process that ended in the middle: the note is written now, so that the older one cannot
// come back when the newer one's segment is cleared away.
func (s *Store) load() error {
	numbers, err := s.openSegments()
	if err != nil {
		return err
	}
	l := &loader{Store: s, unnoted: map[place]bool{}, now: nanos(s.options.Now())}
	work, order := make(chan *page), make(chan *page, 2*runtime.GOMAXPROCS(0))
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for p := range work {
				p.decode(s)
			}
		})
	}
	var readErr error
	go func() {
		readErr = s.readPages(numbers, work, order)
		close(work)
		close(order)
	}()
	for p := range order {
		<-p.done
		l.apply(p)
	}
	workers.Wait()
	if readErr != nil {
		return readErr
	}
	return l.note()
}

func (s *Store) openSegments() (numbers []uint32, err error) {
	paths, err := filepath.Glob(filepath.Join(s.dir, "*.log"))
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		var number uint32
		if n, err := fmt.Sscanf(filepath.Base(path), "%08d.log", &number); n != 1 || err != nil || segmentPath(s.dir, number) != path {
			return nil, fmt.Errorf("what is %s doing here?", path)
		}
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			return nil, err
		}
		g := &segment{number: number, file: f}
		g.acquire()
		s.log.segments[number] = g
		info, err := f.Stat()
		if err != nil {
			return nil, err
		}
		if info.Size() > math.MaxUint32 {
			return nil, fmt.Errorf("%s has %d bytes", path, info.Size())
		}
		g.size = info.Size()
		s.log.total.Add(g.size)
		numbers = append(numbers, number)
	}
	slices.Sort(numbers)
	if len(numbers) == 0 {
		g, err := s.log.create(1)
		if err != nil {
			return nil, err
		}
		s.log.segments[1] = g
		numbers = append(numbers, 1)
	}
	s.log.active = s.log.segments[numbers[len(numbers)-1]]
	return numbers, nil
}

// page is some records on their way from the files to the index.
type page struct {
	records []record
	bytes   []byte // of their payloads
	done    chan struct{}
}

type record struct {
	kind    uint32
	at      place
	payload []byte
	start   int // of the payload in the page's bytes, whose place is not known at first
	size    int
	item    *item
	vector  []float32
}

// readPages reads all segments. What is after the last good record of the last one was being
// written when the process ended, and is cut off.
func (s *Store) readPages(numbers []uint32, work, order chan<- *page) error {
	var read int64
	total := max(1, s.log.total.Load())
	for _, number := range numbers {
		g := s.log.segments[number]
		r := &reader{file: g.file, size: g.size, mark: s.log.mark}
		var lost loss
		for done := false; !done; {
			p := &page{done: make(chan struct{})}
			for len(p.bytes) < 256<<10 && len(p.records) < 4096 {
				good := r.end
				payload, kind, offset, err := r.read()
				if errors.Is(err, io.EOF) {
					done = true
					break
				}
				if err != nil {
					return fmt.Errorf("segment %d: %w", number, err)
				}
				lost.add(good, offset)
				p.records = append(p.records, record{kind: kind, at: placeOf(number, offset), start: len(p.bytes), size: len(payload)})
				p.bytes = append(p.bytes, payload...)
			}
			order <- p
			work <- p
			select {
			case <-s.quit:
				return ErrClosed
			default:
			}
			s.progress.Store(uint32((read + r.next) * 100 / total))
		}
		read += g.size
		s.corrupt.Add(int64(r.corrupt))
		lost.add(r.end, g.size)
		s.tell(g, &lost, r.end)
		if g == s.log.active && r.end < g.size {
			if err := g.file.Truncate(r.end); err != nil {
				return err
			}
			s.log.total.Add(r.end - g.size)
			g.size = r.end
		}
	}
	return nil
}

// loss is what of a file is no record.
type loss struct {
	places       int
	first, bytes int64
}

// add adds what is between two good records, or behind the last.
func (l *loss) add(from, to int64) {
	if from == to {
		return
	}
	if l.places++; l.places == 1 {
		l.first = from
	}
	l.bytes += to - from
}

// tell says what is lost of a file whose last good record ends at end. An end that was being
// written is what every kill leaves; nothing of it had been acknowledged.
func (s *Store) tell(g *segment, lost *loss, end int64) {
	about := []any{"file", segmentPath(s.dir, g.number), "offset", lost.first, "bytes", lost.bytes}
	switch {
	case lost.places == 0:
	case g == s.log.active && lost.first == end:
		s.options.Log.Warn("disk: the end of the last file is no whole record, as when the process ended while it was written: it is cut off", about...)
	default:
		s.options.Log.Warn("disk: a file is damaged: what is there is lost, and what is around it is served", append(about, "places", lost.places)...)
	}
}

// decode makes the items of a page's entries.
func (p *page) decode(s *Store) {
	defer close(p.done)
	for i := range p.records {
		r := &p.records[i]
		r.payload = p.bytes[r.start:][:r.size]
		if r.kind != kindPut {
			continue
		}
		e, err := decodeEntry(r.payload)
		if err != nil {
			s.corrupt.Add(1)
			continue
		}
		item := itemOf(e, headerSize+r.size)
		item.m.at = r.at
		r.item, r.vector = &item, e.Vector
		if len(e.Vector) > 0 {
			s.mu.RLock()
			c := s.index.coderOf(e.Space, len(e.Vector))
			s.mu.RUnlock()
			item.codes = c.encodeVector(e.Vector)
		}
	}
}

type loader struct {
	*Store
	unnoted map[place]bool // records that must not come back, and are not noted as dead
	now     int64
}

func (l *loader) apply(p *page) {
	x := l.index
	for i := range p.records {
		r := &p.records[i]
		switch r.kind {
		case kindPut:
			if r.item == nil {
				continue
			}
			if slot, at, err := l.lookup(r.item.key); err == nil && at != 0 {
				l.unnoted[at] = true
				l.forget([]uint32{slot})
			}
			if r.item.m.expires <= l.now {
				continue
			}
			if c := x.coderOf(r.item.class.space, r.item.vector); r.item.vector > 0 && !c.same(r.item.codes.coder) {
				r.item.codes = c.encodeVector(r.vector)
			}
			l.shed()
			l.mu.Lock()
			l.insertItem(r.item)
			l.mu.Unlock()
			l.grown(r.item)
		case kindDead:
			for _, at := range decodeDead(r.payload) {
				delete(l.unnoted, at)
				l.kill(at)
			}
		case kindUsed:
			if key, second, ok := decodeUsed(r.payload); ok {
				if slot, at, err := l.lookup(key); err == nil && at != 0 {
					m := x.meta(slot)
					m.used = max(m.used, second)
				}
			}
		}
	}
}

// kill removes the entry whose record is at a place.
func (l *loader) kill(at place) {
	var key [headerSize + 32]byte
	if l.readAt(key[:], at) != nil {
		return // its segment has been cleared away
	}
	if slot, ok := l.slotAt(append(key[headerSize:], make([]byte, vectorAt)...), at); ok {
		l.forget([]uint32{slot})
	}
}

// shed evicts before an entry is added to a store that has been opened with less room.
func (l *loader) shed() {
	if l.index.entries < l.options.MaxEntries {
		return
	}
	doomed := map[uint32]bool{}
	l.makeRoom(1, 0, doomed)
	for slot := range doomed {
		l.unnoted[l.index.meta(slot).at] = true
		l.forget([]uint32{slot})
	}
}

// note writes down which records are dead, and evicts what is too much.
func (l *loader) note() error {
	doomed := map[uint32]bool{}
	l.makeRoom(0, 0, doomed)
	for slot := range doomed {
		l.unnoted[l.index.meta(slot).at] = true
		l.forget([]uint32{slot})
	}
	var places []place
	for at := range l.unnoted {
		places = append(places, at)
	}
	for some := range slices.Chunk(places, 1024) {
		if err := l.reserve(int64(8*len(some) + headerSize)); err != nil {
			return err
		}
		l.log.add(encodeDead(some), kindDead)
		if err := l.log.commit(); err != nil {
			return err
		}
	}
	return nil
}

// floats are the numbers of a record's vector.
func floats(b []byte) []float32 {
	v := make([]float32, len(b)/4)
	for i := range v {
		v[i] = math.Float32frombits(little.Uint32(b[4*i:]))
	}
	return v
}
