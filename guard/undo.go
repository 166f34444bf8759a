package guard

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
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
	text []byte // as far as it is here, but for held
	as   []byte // the same as it was written, once something is undone in it
	runs []run  // what is undone
	held []byte // the beginning of what may be an escape
}

// run is n escapes in a row that are alike in length.
type run struct {
	at, as int // where it begins in the text, and in what was written
	n      int
	to     int // the length of one in the text
	from   int // as it was written
}

// deepest is the most backslashes that an escape begins with: JSON in JSON has two, and so on.
const deepest = 8

func (u *undo) begin() {
	u.text, u.as, u.runs, u.held = u.text[:0], u.as[:0], u.runs[:0], u.held[:0]
}

// read takes the next piece, and returns what is new of the text.
func (u *undo) read(piece []byte, end bool) []byte {
	before := len(u.text)
	if len(u.held) > 0 {
		u.held = append(u.held, piece...)
		piece = u.held
	}
	from, at := 0, 0
	for at < len(piece) {
		n := bytes.IndexByte(piece[at:], '\\')
		if n < 0 {
			at = len(piece)
			break
		}
		at += n
		n, char := escape(piece[at:], end)
		if n == 0 {
			break
		}
		if char != 0 {
			u.put(piece[from:at])
			from = at + n
			u.replace(piece[at:from], char)
		}
		at += n
	}
	u.put(piece[from:at])
	u.held = append(u.held[:0], piece[at:]...)
	return u.text[before:]
}

func (u *undo) put(piece []byte) {
	u.text = append(u.text, piece...)
	if len(u.runs) > 0 {
		u.as = append(u.as, piece...)
	}
}

// replace puts a character where an escape of it was written.
func (u *undo) replace(written []byte, char rune) {
	if len(u.runs) == 0 {
		u.as = append(u.as[:0], u.text...)
	}
	next := run{at: len(u.text), as: len(u.as), n: 1, from: len(written)}
	u.as = append(u.as, written...)
	switch {
	case char < ' ':
		u.text = append(u.text, '\\', 'n')
	case char == '"' || char == '\\':
		u.text = append(u.text, '\\', byte(char))
	default:
		u.text = utf8.AppendRune(u.text, char)
	}
	next.to = len(u.text) - next.at
	if n := len(u.runs); n > 0 {
		last := &u.runs[n-1]
		if last.to == next.to && last.from == next.from && last.at+last.n*last.to == next.at {
			last.n++
			return
		}
	}
	u.runs = append(u.runs, next)
}

// written is the text as it was written.
func (u *undo) written() []byte {
	if len(u.runs) == 0 {
		return u.text
	}
	return u.as
}

// place is where in what was written a place in the text is; one within an escape is behind it.
func (u *undo) place(at int) int {
	low, high := 0, len(u.runs)
	for low < high {
		if mid := (low + high) / 2; u.runs[mid].at <= at {
			low = mid + 1
		} else {
			high = mid
		}
	}
	if low == 0 {
		return at
	}
	r := &u.runs[low-1]
	at -= r.at
	n := min((at+r.to-1)/r.to, r.n)
	return r.as + n*r.from + max(at-n*r.to, 0)
}

// escape is the length of what begins with a backslash, and the character that it stands for, 0 where
// it stays as it is. Of length 0 it goes on in the next piece.
func escape(text []byte, end bool) (n int, char rune) {
	for n < len(text) && n < deepest && text[n] == '\\' {
		n++
	}
	if n == len(text) {
		if end {
			return n, 0
		}
		return 0, 0
	}
	switch text[n] {
	case '\\':
		return 1, 0
	case '/':
		return n + 1, '/'
	case 'u':
	default:
		return n, 0
	}
	char, digits := hex(text[n+1:])
	size := n + 1 + digits
	if digits < 4 {
		if size == len(text) && !end {
			return 0, 0
		}
		return n, 0
	}
	if !utf16.IsSurrogate(char) {
		return size, char
	}
	if low := text[size:]; len(low) < size {
		if !end {
			return 0, 0
		}
	} else if bytes.Equal(low[:n+1], text[:n+1]) {
		second, _ := hex(low[n+1:])
		if char = utf16.DecodeRune(char, second); char != utf8.RuneError {
			return 2 * size, char
		}
	}
	return size, 0
}

// hex reads up to four digits.
func hex(text []byte) (value rune, digits int) {
	for digits < min(len(text), 4) {
		c := rune(text[digits])
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return value, digits
		}
		value = value<<4 | c
		digits++
	}
	return value, digits
}
