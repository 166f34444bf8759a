package pii

import "math/bits"

// sha256Rounds are the constants of FIPS 180-4, 4.2.2.
var sha256Rounds = [64]uint32{
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
}

// sha256 is SHA-256 of less than 56 bytes: one block. Go's own brings 60 KB of code with it.
func sha256(b []byte) (sum [32]byte) {
	var w [64]uint32
	for i, c := range b {
		w[i/4] |= uint32(c) << (24 - i%4*8)
	}
	w[len(b)/4] |= 0x80 << (24 - len(b)%4*8)
	w[15] = uint32(len(b)) * 8
	for i := 16; i < 64; i++ {
		x, y := w[i-15], w[i-2]
		w[i] = w[i-16] + w[i-7] + (bits.RotateLeft32(x, -7) ^ bits.RotateLeft32(x, -18) ^ x>>3) +
			(bits.RotateLeft32(y, -17) ^ bits.RotateLeft32(y, -19) ^ y>>10)
	}
	start := [8]uint32{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19}
	v := start
	for i, k := range sha256Rounds {
		e := v[4]
		t1 := v[7] + (bits.RotateLeft32(e, -6) ^ bits.RotateLeft32(e, -11) ^ bits.RotateLeft32(e, -25)) + (e&v[5] ^ ^e&v[6]) + k + w[i]
		a := v[0]
		t2 := (bits.RotateLeft32(a, -2) ^ bits.RotateLeft32(a, -13) ^ bits.RotateLeft32(a, -22)) + (a&v[1] ^ a&v[2] ^ v[1]&v[2])
		copy(v[1:], v[:7])
		v[4] += t1
		v[0] = t1 + t2
	}
	for i, x := range v {
		x += start[i]
		sum[4*i], sum[4*i+1], sum[4*i+2], sum[4*i+3] = byte(x>>24), byte(x>>16), byte(x>>8), byte(x)
	}
	return sum
}

// keccak256 is the Keccak of Ethereum, which is SHA-3's with another padding, of less than
// 136 bytes: one block.
func keccak256(b []byte) (sum [32]byte) {
	var a [25]uint64
	for i, c := range b {
		a[i/8] ^= uint64(c) << (i % 8 * 8)
	}
	a[len(b)/8] ^= 1 << (len(b) % 8 * 8)
	a[16] ^= 1 << 63
	lfsr := byte(1)
	for range 24 {
		var c [5]uint64
		for x := range 5 {
			c[x] = a[x] ^ a[x+5] ^ a[x+10] ^ a[x+15] ^ a[x+20]
		}
		for i := range a {
			a[i] ^= c[(i+4)%5] ^ bits.RotateLeft64(c[(i+1)%5], 1)
		}
		x, y, moved := 1, 0, a[1]
		for t := range 24 { // rho and pi
			x, y = y, (2*x+3*y)%5
			at := x + 5*y
			moved, a[at] = a[at], bits.RotateLeft64(moved, (t+1)*(t+2)/2)
		}
		for row := 0; row < 25; row += 5 {
			copy(c[:], a[row:row+5])
			for x := range 5 {
				a[row+x] = c[x] ^ ^c[(x+1)%5]&c[(x+2)%5]
			}
		}
		for j := range 7 { // the round's constant, out of a shift register
			if lfsr&1 != 0 {
				a[0] ^= 1 << (1<<j - 1)
			}
			lfsr = lfsr<<1 ^ 0x71&-(lfsr>>7)
		}
	}
	for i := range sum {
		sum[i] = byte(a[i/8] >> (i % 8 * 8))
	}
	return sum
}
