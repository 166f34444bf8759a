package main

import (
	"fmt"
	"slices"

	"github.com/sluice-gateway/sluice/internal/benchguard/labelled"
)

const (
	leastF1     = 0.97
	mostPerKB   = 50.0 // microseconds for a prompt of 1 KB, native
	mostGrowth  = 2.0  // of the time per KB from one length to another, four or sixteen times it: quadratic time would have 4 or 16
	mostSliceMS = 5.0
)

// whole are the kinds of which no value may leave, not even a part of one.
var whole = []string{"card", "iban", "ssn", "secret"}

// qualityMissed is what guard/pii's score misses by itself: it needs nothing but this repository.
func qualityMissed(s *score) []string {
	var missed []string
	for _, kind := range labelled.Kinds() {
		k := s.kinds[kind]
		if f1 := k.exact.f1(); f1 < leastF1 {
			missed = append(missed, fmt.Sprintf("%s: F1 %.3f of %.2f (%d right, %d wrong, %d missed)", kind, f1, leastF1, k.exact.right, k.exact.wrong, k.exact.missed))
		}
		if slices.Contains(whole, kind) && k.slipped > 0 {
			missed = append(missed, fmt.Sprintf("%s: %d of %d values slipped through", kind, k.slipped, k.values))
		}
		if n := s.falseFinds[kind]; n > 0 {
			missed = append(missed, fmt.Sprintf("%s: %d finds in %d texts that have nothing", kind, n, s.negatives))
		}
	}
	return missed
}

// missed gives the goals that this run missed.
func (r *report) missed() []string {
	own := r.finders[0]
	missed := qualityMissed(own.score)
	for _, other := range r.finders[1:] {
		for _, kind := range r.known {
			a, b := own.score.kinds[kind].exact.f1(), other.score.kinds[kind].exact.f1()
			if a < 1 && a <= b {
				missed = append(missed, fmt.Sprintf("%s: F1 %.3f, and %.3f of %s", kind, a, b, other.name))
			}
		}
	}
	s := own.speed
	if t := s.dense.perKB(prompts * promptBytes); t > mostPerKB {
		missed = append(missed, fmt.Sprintf("speed: %.1f us for a prompt of 1 KB, at most %.0f", t, mostPerKB))
	}
	if g := s.long[2].perKB(lengths[2]) / s.long[0].perKB(lengths[0]); g > mostGrowth {
		missed = append(missed, fmt.Sprintf("linear: a KB of 1 MB takes %.2f times as long as one of 64 KB", g))
	}
	if g := r.steepest.growth; g > mostGrowth {
		missed = append(missed, fmt.Sprintf("linear: a KB of 1 MB of %q takes %.2f times as long as one of 256 KB", r.steepest.repeated, g))
	}
	if ms := s.slice.shortest().Seconds() * 1e3; ms > mostSliceMS {
		missed = append(missed, fmt.Sprintf("speed: %.1f ms for a slice of %d KB, at most %.0f", ms, sliceBytes>>10, mostSliceMS))
	}
	if ms := r.slowest.perKB * (sliceBytes >> 10) / 1e3; ms > mostSliceMS {
		missed = append(missed, fmt.Sprintf("speed: %.1f ms for %d KB of %q, at most %.0f", ms, sliceBytes>>10, r.slowest.repeated, mostSliceMS))
	}
	return missed
}
