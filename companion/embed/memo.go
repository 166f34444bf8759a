package embed

import (
	"container/list"
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"sync"
)

// Memo remembers vectors: of the texts that were asked for last, as many as have room. A
// text that is asked for again while its vector is computed is computed once.
//
// What it returns is shared between all who asked: nobody may change a vector's values.
type Memo struct {
	e    Embedder
	room int64

	mu      sync.Mutex
	entries map[key]*list.Element // of *entry
	recent  list.List             // the last used first
	flights map[key]*flight
	stats   MemoStats
}

// key is the text's sum, and not a shorter hash: who could make two texts of one key could
// make one text be answered with what is near the other.
type key [sha256.Size]byte

type entry struct {
	key    key
	vector Vector
}

// overhead is about what an entry takes beside its numbers: itself, its place in the list
// and in the map. In bytes.
const overhead = 250

func (e *entry) bytes() int64 { return overhead + 4*int64(len(e.vector.Values)) }

// MemoStats count texts since the Memo was made; Entries and Bytes are now.
type MemoStats struct {
	Hits    int64 // remembered
	Joined  int64 // computed already for another
	Misses  int64 // computed
	Evicted int64
	Entries int
	Bytes   int64
}

// NewMemo puts a Memo of so many bytes before an embedder. With no room it still joins what
// is asked for at the same time.
func NewMemo(e Embedder, bytes int64) *Memo {
	return &Memo{e: e, room: bytes, entries: map[key]*list.Element{}, flights: map[key]*flight{}}
}

// Space is the embedder's.
func (m *Memo) Space() string { return m.e.Space() }

// Stats tells what has been done.
func (m *Memo) Stats() MemoStats {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.stats
	s.Entries = m.recent.Len()
	return s
}

// flight is one text that is being computed.
type flight struct {
	key    key
	by     *batch
	done   chan struct{}
	vector Vector // after done
	err    error
}

// batch is a call of the embedder: the texts of one call of Embed that were not known.
type batch struct {
	texts   []string
	flights []*flight
	waiters int // calls of Embed
	ctx     context.Context
	stop    context.CancelFunc
}

// Embed implements Embedder. What is computed is stopped only when all who wait for it have
// gone, whose call ever it was.
func (m *Memo) Embed(ctx context.Context, texts []string) ([]Vector, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("embed: %d texts: %w", len(texts), err)
	}
	vectors, waits, own := m.find(ctx, texts)
	if own != nil {
		go m.compute(own)
	}
	for i, f := range waits {
		if f == nil {
			continue
		}
		select {
		case <-f.done:
		case <-ctx.Done():
			m.leave(waits)
			return nil, fmt.Errorf("embed: %d texts: %w", len(texts), ctx.Err())
		}
		if f.err != nil {
			m.leave(waits)
			return nil, f.err
		}
		vectors[i] = f.vector
	}
	return vectors, nil
}

// find returns what is known, the flights of what is being computed, and as own the batch of
// what the caller is to compute.
func (m *Memo) find(ctx context.Context, texts []string) (vectors []Vector, waits []*flight, own *batch) {
	keys := make([]key, len(texts))
	for i, text := range texts {
		keys[i] = sha256.Sum256([]byte(text))
	}
	vectors, waits = make([]Vector, len(texts)), make([]*flight, len(texts))
	m.mu.Lock()
	defer m.mu.Unlock()
	for i, k := range keys {
		if known, ok := m.entries[k]; ok {
			m.recent.MoveToFront(known)
			m.stats.Hits++
			vectors[i] = known.Value.(*entry).vector
			continue
		}
		f, flying := m.flights[k]
		if flying {
			m.stats.Joined++
		} else {
			m.stats.Misses++
			if own == nil {
				own = new(batch)
				own.ctx, own.stop = context.WithCancel(context.WithoutCancel(ctx))
			}
			f = &flight{key: k, by: own, done: make(chan struct{})}
			own.texts, own.flights = append(own.texts, texts[i]), append(own.flights, f)
			m.flights[k] = f
		}
		waits[i] = f
	}
	for _, b := range batches(waits) {
		b.waiters++
	}
	return vectors, waits, own
}

// batches are those that flights belong to, each once.
func batches(flights []*flight) []*batch {
	var all []*batch
	for _, f := range flights {
		if f != nil && !slices.Contains(all, f.by) {
			all = append(all, f.by)
		}
	}
	return all
}

// leave stops the batches that nobody waits for any more, and lets nobody join them.
func (m *Memo) leave(waits []*flight) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, b := range batches(waits) {
		if b.waiters--; b.waiters == 0 {
			b.stop()
			m.land(b)
		}
	}
}

// land takes a batch's flights off the list of those that can be joined.
func (m *Memo) land(b *batch) {
	for _, f := range b.flights {
		if m.flights[f.key] == f {
			delete(m.flights, f.key)
		}
	}
}

func (m *Memo) compute(b *batch) {
	vectors, err := ask(b.ctx, m.e, b.texts)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.land(b)
	for i, f := range b.flights {
		if f.err = err; err == nil {
			f.vector = vectors[i]
			m.keep(&entry{f.key, f.vector})
		}
		close(f.done)
	}
	b.stop()
}

// keep remembers an entry and forgets those that have no room beside it.
func (m *Memo) keep(e *entry) {
	if _, known := m.entries[e.key]; known || e.bytes() > m.room {
		return
	}
	m.entries[e.key] = m.recent.PushFront(e)
	m.stats.Bytes += e.bytes()
	for m.stats.Bytes > m.room {
		last := m.recent.Remove(m.recent.Back()).(*entry)
		delete(m.entries, last.key)
		m.stats.Bytes -= last.bytes()
		m.stats.Evicted++
	}
}
