package gateway

import (
	"github.com/sluice-gateway/sluice/budget"
)

// affinities remembers which target answered a conversation last, in notes, so that all
// workers know, in a fixed number of places. A conversation that finds its place taken
// takes it over; what that costs the other is a prompt cache.
//
//	| digest of the conversation, 16 bytes | time, 8 bytes | the target's place, 1 byte |
type affinities struct{ notes *notes }

const (
	affinityPlaces = 4096
	affinitySize   = 16 + 8 + 1
)

// find is the place of the target that a conversation was last with, -1 where that is
// not known or too long ago.
func (a affinities) find(now int64, m *model, d budget.Digest) int {
	value, _, _ := a.notes.get(affinityPlace(d))
	if len(value) != affinitySize || string(value[:16]) != string(d[:]) {
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
	name := affinityPlace(d)
	_, version, ok := a.notes.get(name)
	if !ok {
		return
	}
	value := append(make([]byte, 0, affinitySize), d[:]...)
	value = appendNumber(value, now)
	a.notes.set(name, append(value, byte(t.place)), version)
}

func affinityPlace(d budget.Digest) string {
	return budget.Place(ofConversations, (uint(d[0])<<8|uint(d[1]))%affinityPlaces)
}
