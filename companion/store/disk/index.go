package disk

import (
	"cmp"
	"math"
	"time"
	"unsafe"

	"github.com/sluice-gateway/sluice/companion/store"
	"github.com/sluice-gateway/sluice/companion/store/disk/internal/dot"
)

// index is what the store has in memory: for each entry where it is on disk, what eviction
// and deletion ask, and the codes of its vector. It is about 300 bytes an entry of 384
// numbers, nearly all of it outside the heap.
//
// One goroutine changes it, the writer, with the store's lock held; it alone may also read
// it without.
type index struct {
	keys    table
	chunks  []*chunk // by slot / chunkSlots; nil = given back
	spaces  map[string]*space
	classes classes
	groups  map[groupKey]*group
	entries int
	live    int64 // bytes of the entries' records
}

func newIndex(most int) *index {
	return &index{
		keys:    newTable(most),
		spaces:  map[string]*space{},
		classes: classes{numbers: map[string]uint32{}},
		groups:  map[groupKey]*group{},
	}
}

// meta is what is known of the entry of a slot.
type meta struct {
	at      place // 0 = the slot is free
	created int64 // nanoseconds since 1970
	expires int64
	size    uint32 // of the record, in bytes
	class   uint32
	worth   float32 // logarithm of what it saves, see evict.go
	used    uint32  // second of its last use; atomic, since looking up raises it
	tag     uint32  // of its key, see keys.go
	pos     uint32  // in its group
	step    float32 // of its codes
	shift   float32
}

const chunkSlots = 16384

// chunk is the memory of slots that belong to one space.
type chunk struct {
	space   *space
	memory  []byte
	metas   []meta
	nibbles []byte
	inUse   int
}

// space is an embedder's. The one for entries without a vector has no coder.
type space struct {
	name    string
	coder   *coder
	free    []uint32 // slots
	entries int
	centred bool // the coder's centre has been taken from entries
}

func (x *index) meta(slot uint32) *meta { return &x.chunks[slot/chunkSlots].metas[slot%chunkSlots] }

func (x *index) nibbles(slot uint32) []byte {
	c := x.chunks[slot/chunkSlots]
	n := c.space.coder.padded / 2
	return c.nibbles[int(slot%chunkSlots)*n:][:n]
}

// prefetch is for a slot that may be no longer in use.
func (x *index) prefetch(slot uint32) {
	if c := x.chunks[slot/chunkSlots]; c != nil && c.space.coder != nil {
		n := c.space.coder.padded / 2
		dot.Prefetch(c.nibbles[int(slot%chunkSlots)*n:][:n])
		dot.Prefetch(unsafe.Slice((*byte)(unsafe.Pointer(&c.metas[slot%chunkSlots])), unsafe.Sizeof(meta{})))
	}
}

// slots calls f with every slot in use.
func (x *index) slots(f func(slot uint32, m *meta)) {
	for i, c := range x.chunks {
		if c == nil {
			continue
		}
		for j := range c.metas {
			if m := &c.metas[j]; m.at != 0 {
				f(uint32(i*chunkSlots+j), m)
			}
		}
	}
}

// take finds a free slot of a space.
func (x *index) take(s *space) uint32 {
	if len(s.free) == 0 {
		n := 0
		if s.coder != nil {
			n = s.coder.padded / 2
		}
		const metas = chunkSlots * int(unsafe.Sizeof(meta{}))
		memory := allocate(metas+chunkSlots*n, s.entries > 0)
		c := &chunk{space: s, memory: memory, nibbles: memory[metas:]}
		// The memory begins on a page, and a meta has no pointer.
		c.metas = unsafe.Slice((*meta)(unsafe.Pointer(unsafe.SliceData(memory))), chunkSlots)
		at := 0
		for at < len(x.chunks) && x.chunks[at] != nil {
			at++
		}
		if at == len(x.chunks) {
			x.chunks = append(x.chunks, nil)
		}
		x.chunks[at] = c
		for j := chunkSlots - 1; j >= 0; j-- {
			s.free = append(s.free, uint32(at*chunkSlots+j))
		}
	}
	slot := s.free[len(s.free)-1]
	s.free = s.free[:len(s.free)-1]
	x.chunks[slot/chunkSlots].inUse++
	return slot
}

// item is an entry on its way into the index.
type item struct {
	key    store.Key
	class  classFields
	m      meta // but for class, pos, step, shift and tag
	vector int  // length
	codes  codes
}

// spaceID tells spaces apart, and those of one name whose vectors have different lengths.
func spaceID(name string, length int) string {
	if length == 0 {
		return ""
	}
	return string(little.AppendUint32(nil, uint32(length))) + name
}

// spaceOf returns the space of entries with vectors of a length, or of none.
func (x *index) spaceOf(name string, length int) *space {
	id := spaceID(name, length)
	s := x.spaces[id]
	if s == nil {
		s = &space{name: name}
		if length > 0 {
			s.coder = newCoder(length)
		}
		x.spaces[id] = s
	}
	return s
}

// insert adds an entry whose key has none.
func (x *index) insert(i *item) {
	s := x.spaceOf(i.class.space, i.vector)
	slot := x.take(s)
	m := x.meta(slot)
	*m = i.m
	m.class = x.classes.enter(i.class)
	m.tag = x.keys.tag(i.key)
	x.keys.insert(x, m.tag, slot)
	if i.vector > 0 {
		copy(x.nibbles(slot), i.codes.nibbles)
		m.step, m.shift = i.codes.step, i.codes.shift
		key := groupKey{i.class.scope, s}
		g := x.groups[key]
		if g == nil {
			g = &group{}
			x.groups[key] = g
		}
		g.add(x, slot, m)
	}
	s.entries++
	x.entries++
	x.live += int64(m.size)
}

// remove takes an entry out.
func (x *index) remove(slot uint32) {
	c := x.chunks[slot/chunkSlots]
	m := x.meta(slot)
	x.keys.remove(x, m.tag, slot)
	s := c.space
	if s.coder != nil {
		key := groupKey{x.classes.list[m.class].scope, s}
		g := x.groups[key]
		g.remove(x, m)
		if len(g.slots) == 0 {
			delete(x.groups, key)
		}
	}
	x.classes.leave(m.class)
	x.live -= int64(m.size)
	x.entries--
	s.entries--
	*m = meta{}
	s.free = append(s.free, slot)
	if c.inUse--; c.inUse == 0 {
		x.giveBack(slot / chunkSlots)
	}
}

// giveBack frees a chunk without entries, so that another space can have its memory.
func (x *index) giveBack(number uint32) {
	c := x.chunks[number]
	kept := c.space.free[:0]
	for _, slot := range c.space.free {
		if slot/chunkSlots != number {
			kept = append(kept, slot)
		}
	}
	c.space.free = kept
	x.chunks[number] = nil
	release(c.memory)
}

func (x *index) close() {
	for i, c := range x.chunks {
		if c != nil {
			release(c.memory)
			x.chunks[i] = nil
		}
	}
	for _, g := range x.groups {
		g.drop()
	}
	x.keys.close()
	x.groups, x.entries = nil, 0
}

// nanos is a time as the index compares it; one that is out of int64's range is its end.
func nanos(t time.Time) int64 {
	switch s := t.Unix(); {
	case s < math.MinInt64/1_000_000_000+1:
		return math.MinInt64
	case s > math.MaxInt64/1_000_000_000-1:
		return math.MaxInt64
	}
	return t.UnixNano()
}

func seconds(t time.Time) uint32 { return uint32(clamp(t.Unix(), 0, math.MaxUint32)) }

func clamp[T cmp.Ordered](v, low, high T) T { return max(low, min(high, v)) }
