//go:build amd64 || arm64

package kernel

import "math"

// numbers are the constants of e^x and of Φ(x), each eight times, since a register of
// AVX2 takes them from memory so. NEON's loops use four of each.
//
// e^x = 2^n * e^r with n the integer nearest to x/ln 2, and r = x - n*ln 2, where ln 2 is
// in two parts of which n times the first is exact. e^r, |r| < 0.347, is its Taylor series
// up to r^6/720: what is missing is below 1.2e-7.
//
// Φ(x) is by Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26, within
// 1.5e-7: 1-Φ(|x|) = (a1*t + a2*t^2 + … + a5*t^5)/2 * e^(-x²/2), t = 1/(1 + p*|x|/√2).
var numbers = [19][8]float32{
	0:  eight(-86), // e^x below this is no normal number any more
	1:  eight(math.Log2E),
	2:  eight(0.693359375),
	3:  eight(math.Ln2 - 0.693359375),
	4:  eight(1. / 720),
	5:  eight(1. / 120),
	6:  eight(1. / 24),
	7:  eight(1. / 6),
	8:  eight(1. / 2),
	9:  eight(1),
	10: eight(math.Float32frombits(0x7fffffff)), // all bits but the sign
	11: eight(0.3275911 / math.Sqrt2),           // p
	12: eight(1.061405429 / 2),                  // a5
	13: eight(-1.453152027 / 2),
	14: eight(1.421413741 / 2),
	15: eight(-0.284496736 / 2),
	16: eight(0.254829592 / 2), // a1
	17: eight(-1. / 2),
	18: eight(float32(math.Inf(-1))),
}

func eight(x float32) [8]float32 { return [8]float32{x, x, x, x, x, x, x, x} }
