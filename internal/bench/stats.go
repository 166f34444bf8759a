package main

import (
	"slices"
	"time"
)

// sample is a set of measured times.
type sample []time.Duration

// at is the value that the given share of the sample does not exceed: 0.5 is the median.
func (s sample) at(share float64) time.Duration {
	if len(s) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(s))
	return sorted[min(len(sorted)-1, int(share*float64(len(sorted))))]
}

// median is the middle of a few numbers.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	if n%2 == 1 {
		return sorted[n/2]
	}
	return (sorted[n/2-1] + sorted[n/2]) / 2
}

// samples are one of each side, and of their differences, each of two requests that
// followed each other.
type samples struct {
	side [2]sample
	diff sample
}

func (s *samples) add(without_, with_ time.Duration) {
	s.side[without] = append(s.side[without], without_)
	s.side[with] = append(s.side[with], with_)
	s.diff = append(s.diff, with_-without_)
}

func (s *samples) join(other *samples) {
	for i := range s.side {
		s.side[i] = append(s.side[i], other.side[i]...)
	}
	s.diff = append(s.diff, other.diff...)
}
