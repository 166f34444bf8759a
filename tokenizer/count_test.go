package tokenizer

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestEncodeIsSlow(t *testing.T) {
	forEach(t, func(t *testing.T, e *Encoding) {
		s, oracle := newSource(1, e), slowFor(e)
		for range 20_000 {
			text := s.text()
			require.Equal(t, oracle.encode(text), append([]uint32{}, e.Encode(nil, []byte(text))...), "%q", text)
		}
	})
}

// However a text is cut, the count at each cut is that of the text so far.
func TestCounterIsWhole(t *testing.T) {
	forEach(t, func(t *testing.T, e *Encoding) {
		s := newSource(2, e)
		for range 20_000 {
			checkCounter(t, e, s, s.bytes(), shortPiece)
			checkCounter(t, e, s, []byte(strings.Repeat(s.text(), 1+s.IntN(3))), 16+s.IntN(16))
		}
	})
}

// room is how long a piece may be before it is counted as a long one; at least 16, for the kinds that do not get long.
func checkCounter(t *testing.T, e *Encoding, s source, text []byte, room int) {
	c := e.NewCounter()
	c.room = room
	for at := 0; at < len(text); {
		next := min(len(text), at+1+s.IntN(7))
		c.Write(text[at:next])
		at = next
		require.Equal(t, len(e.Encode(nil, text[:at])), c.Count(), "room %d, cut at %d of %q", room, at, text)
	}
}

func TestReplacedIsPython(t *testing.T) {
	for text, want := range map[string]string{
		"a\xffb":               "a\ufffdb",
		"\xe2\x82":             "\ufffd",
		"\xe2\x82\xe2\x82\xac": "\ufffd€",
		"\xf0\x9f\x98":         "\ufffd",
		"\xed\xa0\x80":         "\ufffd\ufffd\ufffd", // a surrogate: no second byte fits
		"\xc0\xaf":             "\ufffd\ufffd",
		"\xf4\x90\x80\x80":     "\ufffd\ufffd\ufffd\ufffd",
	} {
		require.Equal(t, want, replaced(text), "%q", text)
		require.True(t, utf8.ValidString(want))
	}
}
