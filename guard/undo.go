package guard

import (
	"bytes"
	"strings"
)

// undo is a text in which escapes of JSON are undone before it is looked at: many a text is JSON or
// has some in it, as tools' results do, and what writes it escapes more than it must (Python all that
// is no ASCII, .NET a plus, PHP a slash).
//
//	written   {"card": "4111\u00a01111…"}
//	looked at {"card": "4111 1111…"}
//
// Only what is found is written anew: all else leaves as it was. What JSON has to escape stays
// escaped, so that a string ends where it did: a quote by \u0022 reads as \". The text need be no
// JSON: whether it is one shows only at its end, and there may be prose around it.
type undo struct {
	text []byte   // as far as it is here, but for held
	as   []byte   // the same as it was written, once something is undone in it
	ends []undone // of what is undone
	held []byte   // the beginning of what may be an escape
}

// undone is where an escape ends, in the text and in what was written.
type undone struct{ at, as int32 }

// deepest is the most backslashes that an escape begins with: JSON in JSON has two, and so on.
const deepest = 8

func (u *undo) begin() {
	u.text, u.as, u.ends, u.held = u.text[:0], u.as[:0], u.ends[:0], u.held[:0]
}

// read takes the next piece, and returns what is new of the text.
func (u *undo) read(piece []byte, end bool) []byte {
	before := len(u.text)
	piece = add(u.held, piece)
	u.held = piece
	for len(piece) > 0 {
		n, char := escape(piece, end)
		if n == 0 {
			break
		}
		u.put(piece[:n], char)
		piece = piece[n:]
	}
	u.held = u.held[:copy(u.held, piece)]
	return u.text[before:]
}

// put puts a piece as it was written, or for an escape the character that it stands for.
func (u *undo) put(written []byte, char rune) {
	if char == 0 {
		u.text = add(u.text, written)
	} else {
		if len(u.ends) == 0 {
			u.as = add(u.as, u.text)
		}
		says := string(char)
		if char == '"' || char == '\\' {
			says = `\` + says
		}
		u.text = add(u.text, []byte(says))
		u.ends = append(u.ends, undone{int32(len(u.text)), int32(len(u.as) + len(written))})
	}
	if len(u.ends) > 0 {
		u.as = add(u.as, written)
	}
}

// written is the text as it was written.
func (u *undo) written() []byte {
	if len(u.ends) == 0 {
		return u.text
	}
	return u.as
}

// place is where in what was written a place in the text is that is in no escape.
func (u *undo) place(at int) int {
	low, high := 0, len(u.ends)
	for low < high {
		if mid := (low + high) / 2; int(u.ends[mid].at) <= at {
			low = mid + 1
		} else {
			high = mid
		}
	}
	if low > 0 {
		end := u.ends[low-1]
		at += int(end.as - end.at)
	}
	return at
}

// escape is the length of what a text begins with, and the character that it stands for; 0 where it
// stays as it is. Of length 0 it goes on in the next piece.
func escape(text []byte, end bool) (n int, char rune) {
	if n = bytes.IndexByte(text, '\\'); n != 0 {
		if n < 0 {
			n = len(text)
		}
		return n, 0
	}
	for n < min(len(text), deepest) && text[n] == '\\' {
		n++
	}
	for at := n; ; at++ {
		if at == len(text) {
			if !end {
				return 0, 0
			}
			return n, 0
		}
		c := text[at]
		digit := strings.IndexByte("0123456789abcdefABCDEF", c)
		switch {
		case at == n && c == '/':
			return at + 1, '/'
		case at == n && c == 'u':
		case at == n || digit < 0:
			return n, 0
		default:
			if digit > 0xF {
				digit -= 6
			}
			char = char<<4 | rune(digit)
			if at == n+4 {
				if char < ' ' || char>>11 == 0xD800>>11 { // a control character, or half of one
					char = 0
				}
				return at + 1, char
			}
		}
	}
}
