package siphash

import (
	"encoding/binary"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"
)

// The vectors are the first of vectors_sip128 in the authors' reference implementation,
// https://github.com/veorq/SipHash/blob/master/vectors.h: key 00 01 … 0f, text 00 01 ….
func TestSipHash(t *testing.T) {
	key := Key{0x0706050403020100, 0x0f0e0d0c0b0a0908}
	text := make([]byte, 64)
	for i := range text {
		text[i] = byte(i)
	}
	digest := func(h Hash) string {
		sum := h.Sum()
		return hex.EncodeToString(binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(nil, sum[0]), sum[1]))
	}
	for n, want := range []string{
		"a3817f04ba25a8e66df67214c7550293",
		"da87c1d86b99af44347659119b22fc45",
		"8177228da4a45dc7fca38bdef60affe4",
	} {
		h := New(key)
		h.Write(text[:n])
		require.Equal(t, want, digest(h), "%d bytes", n)
	}
	whole := New(key)
	whole.Write(text)
	for a := range text {
		for b := a; b < len(text); b++ {
			h := New(key)
			h.Write(text[:a])
			h.Sum()
			h.Write(text[a:b])
			h.Write(text[b:])
			require.Equal(t, digest(whole), digest(h))
		}
	}
}
