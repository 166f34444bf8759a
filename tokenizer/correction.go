package tokenizer

import "math/bits"

// Correction is a factor between what was counted and what a provider reported, learned from their pairs. It is for the models
// whose tokenizer is not public. The zero value has learned nothing.
//
// It keeps decayed sums of both sides, so that a request counts by its size and old ones are forgotten: each update of n counted
// tokens takes n/2^17 of what is there, whence the latest hundred thousand tokens or so decide. The factor is the quotient,
// together with the initial factor as if it had been seen on 2000 tokens, and stays within a quarter and four times that initial
// factor, whatever is reported.
type Correction struct {
	counted, reported uint64 // tokens, in 1/16
}

const (
	correctionMemory = 17            // counted tokens, as a power of two, after which 1-1/e is forgotten
	correctionPrior  = 2000          // counted tokens that the initial factor stands for
	correctionSample = 1 << 13       // counted tokens of one request that weigh
	correctionMost   = 1 << 24       // tokens; larger figures of one request are cut
	correctionLimit  = 1<<(32+4) - 1 // of the sums, so that no arithmetic overflows
	CorrectionSize   = 2 * 5         // bytes of its encoding
)

// Learn takes in one request: what was counted for it, before any factor, and what the provider reported for the same. Pairs
// with a zero or negative side say nothing and are left out.
func (c *Correction) Learn(counted, reported int64) {
	if counted <= 0 || reported <= 0 {
		return
	}
	n, m := uint64(min(counted, correctionMost)), uint64(min(reported, correctionMost))
	if n > correctionSample { // no request decides alone
		n, m = correctionSample, max(1, m*correctionSample/n)
	}
	c.counted = decay(c.counted, n) + n<<4
	c.reported = decay(c.reported, n) + m<<4
	c.counted, c.reported = min(c.counted, correctionLimit), min(c.reported, correctionLimit)
}

func decay(sum, n uint64) uint64 {
	if n >= 1<<correctionMemory {
		return 0
	}
	return sum - sum*n>>correctionMemory // sum is below 2^36, n below 2^17
}

// Factor is the learned factor per mille, given the family's initial one.
func (c Correction) Factor(initial int) int {
	prior := uint64(max(1, initial))
	sum := c.reported*perMille + correctionPrior<<4*prior
	factor := int(sum / (c.counted + correctionPrior<<4))
	return min(max(factor, initial/4), initial*4)
}

// Append encodes the correction in CorrectionSize bytes.
func (c Correction) Append(dst []byte) []byte {
	for _, sum := range [...]uint64{c.counted, c.reported} {
		dst = append(dst, byte(sum>>32), byte(sum>>24), byte(sum>>16), byte(sum>>8), byte(sum))
	}
	return dst
}

// ParseCorrection decodes what Append wrote.
func ParseCorrection(b []byte) (c Correction, ok bool) {
	if len(b) != CorrectionSize {
		return Correction{}, false
	}
	sum := func(b []byte) (n uint64) {
		for _, x := range b {
			n = n<<8 | uint64(x)
		}
		return n
	}
	c = Correction{sum(b[:5]), sum(b[5:])}
	if bits.Len64(c.counted) > 36 || bits.Len64(c.reported) > 36 {
		return Correction{}, false
	}
	return c, true
}
