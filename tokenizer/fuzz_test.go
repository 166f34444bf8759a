package tokenizer

import (
	"testing"

	"github.com/sluice-gateway/sluice/internal/benchtokenizer/texts"
	"github.com/stretchr/testify/require"
)

// The fast count is that of the slow encoder, whole, cut anywhere, and to a limit.
func FuzzCount(f *testing.F) {
	for _, e := range encodings() {
		s := newSource(5, e)
		for range 200 {
			f.Add(s.bytes(), uint16(s.IntN(1<<16)))
		}
	}
	for _, a := range texts.Adversaries() {
		f.Add([]byte(a.Make(400)), uint16(77))
	}
	f.Fuzz(func(t *testing.T, text []byte, cut uint16) {
		if len(text) > 2000 {
			return // the slow encoder is
		}
		for _, e := range encodings() {
			want := slowFor(e).encode(replaced(string(text)))
			got := e.Encode([]uint32{}, text)
			require.Equal(t, want, got)
			require.Equal(t, len(want), e.Count(text))
			for _, room := range []int{16, 40, shortPiece} {
				c := e.NewCounter()
				c.room = room
				step := 1 + int(cut)%(len(text)+1)
				for at := 0; at < len(text); at += step {
					c.Write(text[at:min(at+step, len(text))])
					if at+step < len(text) {
						require.Equal(t, e.Count(text[:at+step]), c.Count(), "room %d, cut at %d", room, at+step)
					}
				}
				require.Equal(t, len(want), c.Count(), "room %d, cut every %d", room, step)
				require.LessOrEqual(t, c.least(), c.Count())
				c.Reset()
				require.Zero(t, c.Count())
			}
			limit := int(cut) % (len(want) + 2)
			n, within := e.CountUntil(text, limit)
			require.Equal(t, len(want) <= limit, within)
			if within {
				require.Equal(t, len(want), n)
			} else {
				require.Greater(t, n, limit)
				require.LessOrEqual(t, n, len(want))
			}
		}
	})
}

// Any bytes: sequence and valid agree with Go's own reading, and cut a text into the same characters.
func FuzzUTF8(f *testing.F) {
	for _, s := range append(invalid, "a", "é", "€", "😀", "\xe2\x82\xac\xe2\x82", "\xf4\x8f\xbf\xbf") {
		f.Add([]byte(s + s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		s := string(text)
		require.Equal(t, toValid(s), replaced(s))
	})
}
