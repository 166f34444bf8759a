package gateway

import (
	"github.com/sluice-gateway/sluice/budget"
)

// affinities remembers which target answered a conversation last, in the store, so that
// all workers know, in a fixed number of places. A conversation that finds its place taken
// takes it over; what that costs the other is a prompt cache.
//
//	| digest of the conversation, 16 bytes | time, 8 bytes | the target's place, 1 byte |
type affinities struct{ store budget.Store }

const (
	affinityPlaces = 4096
	affinitySize   = 16 + 8 + 1
)

// find is the place of the target that a conversation was last with, -1 where that is
// not known or too long ago.
func (a affinities) find(now int64, m *model, d budget.Digest) int {
	value, _, err := a.store.Get(affinityPlace(d))
	if err != nil || len(value) != affinitySize || string(value[:16]) != string(d[:]) {
		return -1
	}
	at := numberAt(value[16:])
	if now-at > m.affinity || int(value[24]) >= len(m.targets) {
		return -1
	}
	return int(value[24])
}

// remember notes which target has answered a conversation. A change that another worker's
// overtakes is dropped.
func (a affinities) remember(now int64, d budget.Digest, t *target) {
	key := affinityPlace(d)
	_, version, err := a.store.Get(key)
	if err != nil {
		return
	}
	value := append(make([]byte, 0, affinitySize), d[:]...)
	value = appendNumber(value, now)
	_ = a.store.Set(key, append(value, byte(t.place)), version)
}

func affinityPlace(d budget.Digest) string {
	n := (int(d[0])<<8 | int(d[1])) % affinityPlaces
	return "sluice/a1/" + hexadecimal([]byte{byte(n >> 8), byte(n)})
}
