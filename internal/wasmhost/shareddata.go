package wasmhost

import (
	"hash/crc32"
	"sync"
)

// SharedData is the key-value store that the workers of a gateway share. It may be used
// by several VMs at the same time.
type SharedData struct {
	rules rules

	mu      sync.Mutex
	entries map[any]entry // by key, or by its CRC32
	cas     uint32
	reads   int
	tear    int
}

type entry struct {
	value, previous []byte
	cas             uint32
}

// NewSharedData makes an empty store with the rules of a gateway.
func NewSharedData(p Profile) *SharedData {
	return &SharedData{rules: profiles[p], entries: map[any]entry{}}
}

// TearReads makes each nth read of a value that was overwritten give its first half in
// the new version and the rest in the one before, as happens on Kong. 0 is never.
func (d *SharedData) TearReads(n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.tear = n
}

// Evict drops a key, as Kong does when its zone is full.
func (d *SharedData) Evict(key string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.entries, d.slot(key))
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
	old, exists := d.entries[d.slot(key)]
	switch {
	case exists && cas != old.cas && (cas != 0 || !d.rules.casZeroOverwrites):
		return false
	case !exists && cas != 0 && !d.rules.casZeroOverwrites:
		return false // Envoy inserts here
	}
	if len(value) == 0 && d.rules.emptyDeletes {
		delete(d.entries, d.slot(key))
		return true
	}
	d.cas++
	d.entries[d.slot(key)] = entry{value: append([]byte{}, value...), previous: old.value, cas: d.cas}
	return true
}

// slot is what a key is found by.
func (d *SharedData) slot(key string) any {
	if d.rules.keysByCRC32 {
		return crc32.ChecksumIEEE([]byte(key))
	}
	return key
}

func torn(e entry) []byte {
	mix := append([]byte{}, e.value...)
	for i := len(mix) / 2; i < min(len(mix), len(e.previous)); i++ {
		mix[i] = e.previous[i]
	}
	return mix
}
