package wasmhost

import (
	"cmp"
	"hash/crc32"
	"math/bits"
	"slices"
	"strings"
	"sync"
)

// SharedData is the key-value store that the workers of a gateway share. It may be used
// by several VMs at the same time.
//
// Kong's is a zone of nginx's, a tree of nodes that are found by their key's CRC-32. A node
// counts its own changes, from 1 on, and one that comes after it was evicted or deleted begins
// anew: a write that was begun before passes for one of the new node's.
// https://github.com/Kong/ngx_wasm_module/blob/main/src/common/shm/ngx_wa_shm_kv.c
type SharedData struct {
	rules rules

	mu      sync.Mutex
	entries map[any]*entry // by key, or by its CRC32
	cas     uint32
	reads   int
	tear    int
	steps   int
	room    int // bytes; 0 = no end
	used    int
	evicted int
	metrics slab // beside it
}

type entry struct {
	value, previous []byte
	cas             uint32
	size            int // of the node in the zone's memory
	step            int // when it was last read or written
}

// NewSharedData makes an empty store with the rules of a gateway.
func NewSharedData(p Profile) *SharedData {
	return &SharedData{rules: profiles[p], entries: map[any]*entry{}, metrics: slab{room: metricsSlab, workers: 8, known: map[uint32]bool{}}}
}

// TearReads makes each nth read of a value that was overwritten give its first half in
// the new version and the rest in the one before, as happens on Kong. 0 is never.
func (d *SharedData) TearReads(n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.tear = n
}

// Room bounds the zone to so many bytes. What does not fit then takes the place of what was
// longest neither read nor written. Envoy has no such bound.
func (d *SharedData) Room(bytes int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.room = bytes
}

// Evicted is how many keys a full zone has dropped.
func (d *SharedData) Evicted() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.evicted
}

// Evict drops a key, as Kong does when its zone is full.
func (d *SharedData) Evict(key string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.remove(d.slot(key))
}

// Len is the number of keys.
func (d *SharedData) Len() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.entries)
}

// Get reads as a module does.
func (d *SharedData) Get(key string) (value []byte, cas uint32, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	e, ok := d.entries[d.slot(key)]
	if !ok {
		return nil, 0, false
	}
	d.touch(e)
	d.reads++
	if d.tear > 0 && d.reads%d.tear == 0 && e.previous != nil {
		return torn(e), e.cas, true
	}
	return e.value, e.cas, true
}

// Set writes as a module does, and says whether it did.
func (d *SharedData) Set(key string, value []byte, cas uint32) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	slot := d.slot(key)
	e, exists := d.entries[slot]
	switch {
	case exists && cas != e.cas && (cas != 0 || !d.rules.casZeroOverwrites):
		return false
	case !exists && cas != 0 && !d.rules.casZeroOverwrites:
		return false // Envoy inserts here
	}
	if len(value) == 0 && d.rules.emptyDeletes {
		d.remove(slot)
		return exists
	}
	if !exists {
		e = &entry{}
	}
	if size := nodeSize(len(key) + len(value)); size > e.size {
		d.makeRoom(size, e) // the old node is there until the new one is
		d.used += size - e.size
		e.size = size // and never becomes smaller
	}
	d.cas++
	if e.cas++; !d.rules.countsPerKey {
		e.cas = d.cas
	}
	e.value, e.previous = append([]byte{}, value...), e.value
	d.entries[slot] = e
	d.touch(e)
	return true
}

// lengthens tells whether a value is longer than the key's one.
func (d *SharedData) lengthens(key string, value []byte) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	e, exists := d.entries[d.slot(key)]
	return exists && len(value) > len(e.value)
}

func (d *SharedData) touch(e *entry) {
	d.steps++
	e.step = d.steps
}

func (d *SharedData) remove(slot any) {
	if e := d.entries[slot]; e != nil {
		d.used -= e.size
		delete(d.entries, slot)
	}
}

// makeRoom evicts as nginx's module does by default: of the nodes of the same class of size the
// one that was longest not used, else of the next larger, else of the next smaller ones.
func (d *SharedData) makeRoom(size int, but *entry) {
	class := bits.Len(uint(size))
	for d.room > 0 && d.used+size > d.room && len(d.entries) > 0 {
		var slots []any
		for slot, e := range d.entries {
			if e != but {
				slots = append(slots, slot)
			}
		}
		if len(slots) == 0 {
			return
		}
		rank := func(slot any) int {
			if c := bits.Len(uint(d.entries[slot].size)); c < class {
				return 64 + class - c
			} else {
				return c - class
			}
		}
		d.remove(slices.MinFunc(slots, func(a, b any) int {
			return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(d.entries[a].step, d.entries[b].step))
		}))
		d.evicted++
	}
}

// nodeSize is what a node with so many bytes of key and value takes of nginx's slabs.
func nodeSize(bytes int) int {
	const head, page = 96, 4096
	if bytes += head; bytes > page/2 {
		return (bytes + page - 1) / page * page
	}
	return 1 << bits.Len(uint(bytes-1))
}

// slot is what a key is found by. The part before the first / is the zone's name on Kong, and
// no part of the key in it.
func (d *SharedData) slot(key string) any {
	if d.rules.keysByCRC32 {
		if zone, rest, ok := strings.Cut(key, "/"); ok && zone != "" {
			key = rest
		}
		return crc32.ChecksumIEEE([]byte(key))
	}
	return key
}

func torn(e *entry) []byte {
	mix := append([]byte{}, e.value...)
	for i := len(mix) / 2; i < min(len(mix), len(e.previous)); i++ {
		mix[i] = e.previous[i]
	}
	return mix
}
