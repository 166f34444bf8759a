package tokenizer

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/sluice-gateway/sluice/internal/benchtokenizer/texts"
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

// toValid is replaced, the obvious way: a byte that does not go on any character that began is one of its own.
func toValid(text string) string {
	var b strings.Builder
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		if r == utf8.RuneError && size == 1 {
			// As much of it as some character begins with.
			for size < len(text) && size < 3 && beginsCharacter(text[:size+1]) {
				size++
			}
		}
		b.WriteRune(r)
		text = text[size:]
	}
	return b.String()
}

func beginsCharacter(prefix string) bool {
	for _, rest := range []string{"\x80", "\x80\x80", "\x80\x80\x80", "\x90\x80\x80", "\xa0\x80", "\x9f\x80"} {
		if utf8.ValidString(prefix+rest) && utf8.RuneCountInString(prefix+rest) == 1 {
			return true
		}
	}
	return false
}

func TestCountUntilStops(t *testing.T) {
	forEach(t, func(t *testing.T, e *Encoding) {
		text := []byte(texts.Mixed())
		all := e.Count(text)
		n, within := e.CountUntil(text, all)
		require.True(t, within)
		require.Equal(t, all, n)
		n, within = e.CountUntil(text, all-1)
		require.False(t, within)
		require.Equal(t, all, n)
		n, within = e.CountUntil(text, 1000)
		require.False(t, within)
		require.Less(t, n, 1000+countSlice, "no more than a slice beyond")
		n, within = e.CountUntil([]byte(strings.Repeat("a", 1<<20)), 100)
		require.False(t, within)
		require.Less(t, n, 1000, "within one piece too")
		_, within = e.CountUntil(nil, 0)
		require.True(t, within)
	})
}

func TestNoAllocation(t *testing.T) {
	text := texts.Mixed()[:10_000]
	forEach(t, func(t *testing.T, e *Encoding) {
		require.Zero(t, testing.AllocsPerRun(10, func() { e.CountString(text) }))
		c := e.NewCounter()
		require.Zero(t, testing.AllocsPerRun(10, func() {
			c.Reset()
			for at := 0; at < len(text); at += 5 {
				c.WriteString(text[at : at+5])
				c.Count()
			}
		}))
	})
}
