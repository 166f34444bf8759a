package budget

import "math/bits"

// BLAKE2b (RFC 7693), unkeyed, sequential.
//
// Identities are chosen by clients, so the digest must resist crafted values: whoever
// found a second identity for somebody's digest could spend that budget (2^128 work
// here). Two of one's own identities that collide (2^64 work) only share a budget.
// Keyed short hashes need a secret that all workers share, and there is none. The
// standard library's crypto/sha256 does the job, but reaches package os, and adds 305 KB to
// the code section that Envoy compiles before it serves (Go 1.26.8, wasip1); this adds 5.
type blake2b struct {
	h   [8]uint64
	n   uint64 // bytes compressed; 2^64 of them are not reached
	buf [128]byte
	len int
}

var blakeIV = [8]uint64{
	0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
	0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
}

// blakeSigma is RFC 7693 section 2.7. Rounds 10 and 11 use rows 0 and 1 again.
var blakeSigma = [10][16]byte{
	{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
	{14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
	{11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
	{7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
	{9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
	{2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
	{12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
	{13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
	{6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
	{10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
}

// init begins a digest of size bytes.
func (b *blake2b) init(size int) {
	b.h = blakeIV
	b.h[0] ^= 0x01010000 ^ uint64(size)
}

func (b *blake2b) writeString(s string) {
	for s != "" {
		// A full block waits: the last one is compressed differently.
		if b.len == len(b.buf) {
			b.flush()
		}
		n := copy(b.buf[b.len:], s)
		b.len += n
		s = s[n:]
	}
}

func (b *blake2b) writeUvarint(v uint64) {
	for ; v >= 0x80; v >>= 7 {
		b.writeByte(byte(v) | 0x80)
	}
	b.writeByte(byte(v))
}

func (b *blake2b) writeByte(c byte) {
	if b.len == len(b.buf) {
		b.flush()
	}
	b.buf[b.len] = c
	b.len++
}

func (b *blake2b) flush() {
	b.n += uint64(len(b.buf))
	b.compress(0)
	b.len = 0
}

func (b *blake2b) sum(out []byte) {
	b.n += uint64(b.len)
	clear(b.buf[b.len:])
	b.compress(^uint64(0))
	var full [64]byte
	for i, w := range b.h {
		putUint64(full[8*i:], w)
	}
	copy(out, full[:])
}

func (b *blake2b) compress(last uint64) {
	var m [16]uint64
	for i := range m {
		m[i] = getUint64(b.buf[8*i:])
	}
	var v [16]uint64
	copy(v[:8], b.h[:])
	copy(v[8:], blakeIV[:])
	v[12] ^= b.n
	v[14] ^= last
	for round := range 12 {
		s := &blakeSigma[round%10]
		blakeMix(&v, 0, 4, 8, 12, m[s[0]&15], m[s[1]&15])
		blakeMix(&v, 1, 5, 9, 13, m[s[2]&15], m[s[3]&15])
		blakeMix(&v, 2, 6, 10, 14, m[s[4]&15], m[s[5]&15])
		blakeMix(&v, 3, 7, 11, 15, m[s[6]&15], m[s[7]&15])
		blakeMix(&v, 0, 5, 10, 15, m[s[8]&15], m[s[9]&15])
		blakeMix(&v, 1, 6, 11, 12, m[s[10]&15], m[s[11]&15])
		blakeMix(&v, 2, 7, 8, 13, m[s[12]&15], m[s[13]&15])
		blakeMix(&v, 3, 4, 9, 14, m[s[14]&15], m[s[15]&15])
	}
	for i := range b.h {
		b.h[i] ^= v[i] ^ v[i+8]
	}
}

func blakeMix(v *[16]uint64, a, b, c, d int, x, y uint64) {
	v[a] += v[b] + x
	v[d] = bits.RotateLeft64(v[d]^v[a], -32)
	v[c] += v[d]
	v[b] = bits.RotateLeft64(v[b]^v[c], -24)
	v[a] += v[b] + y
	v[d] = bits.RotateLeft64(v[d]^v[a], -16)
	v[c] += v[d]
	v[b] = bits.RotateLeft64(v[b]^v[c], -63)
}
