// Package siphash is the digest of what a gateway remembers of texts. It is a package of its
// own so that the compiler inlines its rounds: the gateway is built for its size.
package siphash

import "math/bits"

// Hash is SipHash-2-4 with 128 bits of output, over a text that comes in pieces
// (Aumasson and Bernstein, https://github.com/veorq/SipHash). Without the key nobody
// can find two texts with one digest, nor tell what a text's digest is. A copy of the
// value goes on from where it was copied.
type Hash struct {
	v0, v1, v2, v3 uint64
	tail           uint64 // bytes that do not fill a word yet
	size           uint64
}

// Key is the secret.
type Key [2]uint64

// New begins a digest.
func New(k Key) Hash {
	return Hash{
		v0: k[0] ^ 0x736f6d6570736575, v1: k[1] ^ 0x646f72616e646f6d ^ 0xee,
		v2: k[0] ^ 0x6c7967656e657261, v3: k[1] ^ 0x7465646279746573,
	}
}

// Write takes the next piece of the text.
func (h *Hash) Write(p []byte) {
	i := 0
	for ; h.size%8 != 0 && i < len(p); i++ {
		h.Byte(p[i])
	}
	v0, v1, v2, v3 := h.v0, h.v1, h.v2, h.v3
	for ; i+8 <= len(p); i += 8 {
		w := p[i : i+8 : i+8]
		m := uint64(w[0]) | uint64(w[1])<<8 | uint64(w[2])<<16 | uint64(w[3])<<24 |
			uint64(w[4])<<32 | uint64(w[5])<<40 | uint64(w[6])<<48 | uint64(w[7])<<56
		v3 ^= m
		v0, v1, v2, v3 = round(v0, v1, v2, v3)
		v0, v1, v2, v3 = round(v0, v1, v2, v3)
		v0 ^= m
		h.size += 8
	}
	h.v0, h.v1, h.v2, h.v3 = v0, v1, v2, v3
	for ; i < len(p); i++ {
		h.Byte(p[i])
	}
}

// Byte is Write of one byte.
func (h *Hash) Byte(c byte) {
	h.tail |= uint64(c) << (h.size % 8 * 8)
	h.size++
	if h.size%8 == 0 {
		h.compress(h.tail)
		h.tail = 0
	}
}

func (h *Hash) compress(m uint64) {
	h.v3 ^= m
	h.rounds(2)
	h.v0 ^= m
}

func (h *Hash) rounds(n int) {
	for range n {
		h.v0, h.v1, h.v2, h.v3 = round(h.v0, h.v1, h.v2, h.v3)
	}
}

// Sum is the digest up to here; the hash can go on.
func (h Hash) Sum() [2]uint64 {
	h.compress(h.tail | h.size<<56)
	h.v2 ^= 0xee
	h.rounds(4)
	first := h.v0 ^ h.v1 ^ h.v2 ^ h.v3
	h.v1 ^= 0xdd
	h.rounds(4)
	return [2]uint64{first, h.v0 ^ h.v1 ^ h.v2 ^ h.v3}
}

func round(v0, v1, v2, v3 uint64) (uint64, uint64, uint64, uint64) {
	v0 += v1
	v1 = bits.RotateLeft64(v1, 13) ^ v0
	v0 = bits.RotateLeft64(v0, 32)
	v2 += v3
	v3 = bits.RotateLeft64(v3, 16) ^ v2
	v0 += v3
	v3 = bits.RotateLeft64(v3, 21) ^ v0
	v2 += v1
	v1 = bits.RotateLeft64(v1, 17) ^ v2
	v2 = bits.RotateLeft64(v2, 32)
	return v0, v1, v2, v3
}
