package route

import "math/bits"

// Random makes many numbers that only have to be spread of one, which need not be well
// mixed. It is SplitMix64: https://prng.di.unimi.it/splitmix64.c (public domain).
type Random uint64

// Next is any number.
func (r *Random) Next() uint64 {
	*r += 0x9E3779B97F4A7C15
	z := uint64(*r)
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return z ^ z>>31
}

// below is from 0 to n-1, each as likely as makes no difference.
func (r *Random) below(n uint64) uint64 {
	high, _ := bits.Mul64(r.Next(), n)
	return high
}
