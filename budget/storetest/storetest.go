// Package storetest has proxy-wasm shared data in memory, with the rules that Envoy and
// Kong really have. Where they differ a budget would be lost or handed out twice, so the
// ledger's tests run on both.
package storetest

import (
	"hash/crc32"
	"strings"
	"sync"

	"github.com/sluice-gateway/sluice/budget"
)

// Envoy is the shared data of one Envoy process: proxy-wasm-cpp-host, shared_data.cc. One
// counter numbers the values of all keys; 0 is skipped when it wraps.
type Envoy struct {
	mu     sync.Mutex
	values map[string]value
	last   uint32
}

type value struct {
	bytes []byte
	cas   uint32
	room  int // Kong: in memory
}

// NewEnvoy returns empty shared data.
func NewEnvoy() *Envoy { return &Envoy{values: map[string]value{}} }

// Get returns a key's value and cas.
func (e *Envoy) Get(key string) ([]byte, uint32, bool, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	v, found := e.values[key]
	return v.bytes, v.cas, found, nil
}

// Set overwrites where cas is 0, inserts whatever cas is where there is no such key, and
// otherwise wants the cas of the value that is there.
func (e *Envoy) Set(key string, bytes []byte, cas uint32) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if v, found := e.values[key]; found && cas != 0 && cas != v.cas {
		return budget.ErrConflict
	}
	if e.last++; e.last == 0 {
		e.last = 1
	}
	e.values[key] = value{bytes: append([]byte(nil), bytes...), cas: e.last}
	return nil
}

// Size is the number of keys and the bytes of keys and values.
func (e *Envoy) Size() (keys, bytes int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for k, v := range e.values {
		bytes += len(k) + len(v.bytes)
	}
	return len(e.values), bytes
}

// Kong is a shared key-value zone of ngx_wasm_module (Kong 3.4 to 3.9). A key is its
// CRC-32 and nothing else, without the zone's name in front, and each value counts its own
// changes, from 1 on again after it was evicted.
type Kong struct {
	mu     sync.Mutex
	values map[uint32]value

	// Torn, where it is set, is asked at each Get of a key that has been changed since
	// it was made: true gives a value whose second half is of the change before.
	Torn   func() bool
	before map[uint32][]byte

	// InPlace is Kong before 3.7: a value is written where the one before was, if that was no
	// shorter than the key, whatever the room there is.
	InPlace bool
}

// NewKong returns an empty zone.
func NewKong() *Kong { return &Kong{values: map[uint32]value{}, before: map[uint32][]byte{}} }

// Get returns the value and cas of whichever key has this key's CRC-32.
func (k *Kong) Get(key string) ([]byte, uint32, bool, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	id := crc(key)
	v, found := k.values[id]
	if old := k.before[id]; found && old != nil && k.Torn != nil && k.Torn() {
		torn := append([]byte(nil), v.bytes...)
		if half := len(torn) / 2; half < len(old) {
			copy(torn[half:], old[half:])
		}
		return torn, v.cas, true, nil
	}
	return v.bytes, v.cas, found, nil
}

// Set inserts where cas is 0 and there is no such key, replaces where cas is the value's,
// and deletes where bytes is nil.
func (k *Kong) Set(key string, bytes []byte, cas uint32) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	id := crc(key)
	v, found := k.values[id]
	if cas != v.cas {
		return budget.ErrConflict
	}
	if bytes == nil {
		delete(k.values, id)
		delete(k.before, id)
		return nil
	}
	k.before[id] = v.bytes
	if !k.InPlace || !found || len(v.bytes) < len(inZone(key)) {
		v.room = len(bytes)
	} else if len(bytes) > v.room {
		panic("storetest: " + key + " is written over what stands behind it")
	}
	k.values[id] = value{append([]byte(nil), bytes...), v.cas + 1, v.room}
	return nil
}

// Evict forgets a key, as a full zone does.
func (k *Kong) Evict(key string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	id := crc(key)
	delete(k.values, id)
	delete(k.before, id)
}

func crc(key string) uint32 { return crc32.ChecksumIEEE([]byte(inZone(key))) }

// inZone is a key without the name of the zone.
func inZone(key string) string {
	if _, rest, ok := strings.Cut(key, "/"); ok {
		return rest
	}
	return key
}
