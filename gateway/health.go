package gateway

import (
	"github.com/sluice-gateway/sluice/budget"
	"github.com/sluice-gateway/sluice/route"
)

// health is what is known of one target: how it is, how fast, and how long its answers
// are. It is a note, so that all workers share it:
//
//	| route.State, route.StateSize bytes | output, 8 bytes: tokens of one choice, times outputScale |
type health struct {
	route.State
	tokens int64 // a decayed average, scaled; 0 = nothing known
}

// One answer moves the average of the output by an eighth of the difference.
const (
	outputScale = 256
	outputDecay = 8
)

// output is how many tokens an answer is expected to have, of at most so many.
func (h *health) output(most int64) int64 {
	if h.tokens == 0 {
		return most
	}
	return min(most, h.tokens/outputScale)
}

// learn takes in how many tokens an answer had.
func (h *health) learn(tokens int64) {
	scaled := max(1, tokens*outputScale)
	if h.tokens == 0 {
		h.tokens = scaled
		return
	}
	h.tokens += (scaled - h.tokens) / outputDecay
}

// healthName is the name of the note of a target: its place, and what tells whose it is.
func healthName(name string) string {
	d := digest("target/" + name)
	return budget.Place(ofTargets+d[0]&15, uint(d[1])|uint(d[2])<<8|uint(d[3])<<16) + string(d[:])
}

// healths keeps what is known of all targets.
type healths struct{ notes *notes }

// of is what is known of a target. What cannot be read is not known.
func (s healths) of(t *target) health {
	if t.health == "" {
		return health{}
	}
	value, _, _ := s.notes.get(t.health)
	return parseHealth(value)
}

// change changes what is known of a target. Where other workers are always faster the
// change is dropped: there will be others.
func (s healths) change(t *target, f func(h *health)) {
	if t.health == "" {
		return
	}
	for range 4 {
		value, version, ok := s.notes.get(t.health)
		if !ok {
			return
		}
		h := parseHealth(value)
		f(&h)
		out := h.State.Append(make([]byte, 0, route.StateSize+8))
		out = appendNumber(out, h.tokens)
		if !s.notes.set(t.health, out, version) {
			return
		}
	}
}

func parseHealth(value []byte) health {
	if len(value) != route.StateSize+8 {
		return health{}
	}
	return health{route.ParseState(value[:route.StateSize]), numberAt(value[route.StateSize:])}
}
