package main

import (
	"slices"
	"time"
)

// A machine does other work meanwhile, which makes some times longer and none shorter. So what is given as a speed is the
// shortest time of all rounds; and a ratio is of two times that were measured one after the other, the median of all rounds.

// series are the times of one thing.
type series []time.Duration

func (s series) shortest() time.Duration {
	if len(s) == 0 {
		return 0
	}
	return slices.Min(s)
}

// speed is in MB/s.
func (s series) speed(size int) float64 { return float64(size) / 1e6 / s.shortest().Seconds() }

// per100KB is in milliseconds.
func (s series) per100KB(size int) float64 {
	return s.shortest().Seconds() * 1e3 * 100_000 / float64(size)
}

// ratios are of pairs.
type ratios []float64

func (r *ratios) add(of, to time.Duration) { *r = append(*r, of.Seconds()/to.Seconds()) }

func (r ratios) median() float64 {
	if len(r) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(r))
	return sorted[len(sorted)/2]
}
