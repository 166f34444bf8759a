package rewrite

import (
	"bytes"
	"unicode/utf8"

	"github.com/sluice-gateway/sluice/jsonscan"
)

// A character beyond U+FFFF may be written as two escapes, "\ud83d" and "\ude00", and those
// may come in two pieces of a text:
//
//	"a\ud83d"  │  "\ude00b"          as the provider writes it
//	a          │  U+1F600 b          as a Writer, and the client, gets it
//
// What reads each piece by itself has U+FFFD for each.

// The halves of such a character, and what one alone reads as.
const (
	high = 0xD800
	low  = 0xDC00
)

var alone = []byte("\uFFFD")

// half is the half of a kind that is written at a place; 0 = none.
//
//go:noinline
func half(written []byte, at int, kind rune) (half rune) {
	const length = len(`\ud83d`)
	if at < 0 || at+length > len(written) || written[at] != '\\' || written[at+1] != 'u' {
		return 0
	}
	for _, c := range written[at+2 : at+length] {
		digit, _ := jsonscan.HexDigit(c)
		half = half<<4 | rune(digit)
	}
	if half&^0x3FF != kind {
		return 0
	}
	return half
}

// write writes a piece of the text: with the half that has waited for it, and without the one
// that it ends with, which waits for the next.
//
//go:noinline
func (c *channel) write(out []byte, r *reader, t *text) []byte {
	written, said := t.place.of(r.data), t.said.of(r.said)
	if len(said) == 0 {
		return out // a half still waits
	}
	if first := c.half; first != 0 {
		char, second := utf8.RuneError, half(written, 1, low)
		if second != 0 {
			char, said = 0x10000+(first-high)<<10+(second-low), said[len(alone):]
		}
		said = add([]byte(string(char)), said)
	}
	c.half = 0
	if bytes.HasSuffix(said, alone) {
		if c.half = half(written, len(written)-len(`\ud83d"`), high); c.half != 0 {
			said = said[:len(said)-len(alone)]
		}
	}
	return c.w.Write(out, said)
}

// end ends the text.
//
//go:noinline
func (c *channel) end(out []byte) []byte {
	if c.half != 0 {
		out, c.half = c.w.Write(out, alone), 0
	}
	return c.w.End(out)
}
