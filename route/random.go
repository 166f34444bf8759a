package route

import "math/bits"

// random makes many numbers of one, which need not be well mixed. It is SplitMix64:
// https://prng.di.unimi.it/splitmix64.c (public domain).
type random struct{ state uint64 }

func (r *random) next() uint64 {
	r.state += 0x9E3779B97F4A7C15
	z := r.state
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return z ^ z>>31
}

// below is from 0 to n-1, each as likely as makes no difference.
func (r *random) below(n uint64) uint64 {
	high, _ := bits.Mul64(r.next(), n)
	return high
}
