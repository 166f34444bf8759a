package disk

import (
	"hash/maphash"
	"math/bits"
	"unsafe"

	"github.com/sluice-gateway/sluice/companion/store"
)

// table finds the slots of a key: open addressing, of a fixed size, since the number of
// entries has a limit. It knows 32 bits of a key, under a seed of this process, so that
// nobody can choose keys that are alike; whoever finds a slot has to compare the record.
type table struct {
	seed   maphash.Seed
	memory []byte
	slots  []uint32 // slot+1; 0 = free
}

func newTable(most int) table {
	size := 1 << bits.Len(uint(2*most+2*chunkSlots))
	t := table{seed: maphash.MakeSeed(), memory: allocate(4*size, false)}
	t.slots = unsafe.Slice((*uint32)(unsafe.Pointer(unsafe.SliceData(t.memory))), size)
	return t
}

func (t *table) close() { release(t.memory); t.slots, t.memory = nil, nil }

func (t *table) tag(key store.Key) uint32 { return uint32(maphash.Bytes(t.seed, key[:])) }

func (t *table) insert(x *index, tag, slot uint32) {
	mask := uint32(len(t.slots) - 1)
	i := tag & mask
	for t.slots[i] != 0 {
		i = (i + 1) & mask
	}
	t.slots[i] = slot + 1
}

// find calls f with the slots that may be a key's, until it returns true.
func (t *table) find(x *index, tag uint32, f func(slot uint32) bool) {
	mask := uint32(len(t.slots) - 1)
	for i := tag & mask; t.slots[i] != 0; i = (i + 1) & mask {
		if slot := t.slots[i] - 1; x.meta(slot).tag == tag && f(slot) {
			return
		}
	}
}

// remove closes the gap, so that no search ends early.
func (t *table) remove(x *index, tag, slot uint32) {
	mask := uint32(len(t.slots) - 1)
	i := tag & mask
	for t.slots[i] != slot+1 {
		i = (i + 1) & mask
	}
	for j := (i + 1) & mask; t.slots[j] != 0; j = (j + 1) & mask {
		home := x.meta(t.slots[j]-1).tag & mask
		if (j-home)&mask >= (j-i)&mask { // its search passes the gap
			t.slots[i], i = t.slots[j], j
		}
	}
	t.slots[i] = 0
}
