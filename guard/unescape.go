package guard

import (
	"unicode/utf16"
	"unicode/utf8"

	"github.com/sluice-gateway/sluice/jsonscan"
)

// unescaper undoes the escapes in the source of a JSON text that comes in pieces. All else
// stays, and so does what is no escape.
type unescaper struct {
	held [6]byte // an escape that is not whole
	n    int
	high rune // the first half of a surrogate pair, 0 = none
	any  bool // there has been a backslash
	out  []byte
}

// write is what is known of the text with its next piece, until the next call.
func (u *unescaper) write(p []byte) []byte {
	u.out = u.out[:0]
	for _, c := range p {
		if u.n == 0 && c != '\\' {
			u.half()
			u.out = append(u.out, c)
			continue
		}
		u.any = true
		u.take(c)
	}
	return u.out
}

// end is the rest.
func (u *unescaper) end() []byte {
	u.out = u.out[:0]
	u.plain()
	return u.out
}

func (u *unescaper) take(c byte) {
	if u.n > 1 {
		if _, hex := jsonscan.HexDigit(c); !hex { // it is none
			u.plain()
			if c != '\\' {
				u.out = append(u.out, c)
				return
			}
		}
	}
	u.held[u.n] = c
	u.n++
	switch {
	case u.n == 2 && c != 'u':
		u.half()
		u.out, u.n = append(u.out, short(c)), 0
	case u.n == len(u.held):
		unit := rune(0)
		for _, d := range u.held[2:] {
			v, _ := jsonscan.HexDigit(d)
			unit = unit<<4 | rune(v)
		}
		u.n = 0
		if pair := utf16.DecodeRune(u.high, unit); pair != utf8.RuneError {
			u.high, unit = 0, pair
		}
		u.half()
		if unit>>10 == 0xD800>>10 {
			u.high = unit
			return
		}
		u.out = utf8.AppendRune(u.out, unit)
	}
}

// short is what the escape with this letter stands for.
func short(c byte) byte {
	switch c {
	case 'n':
		return '\n'
	case 't':
		return '\t'
	case 'r':
		return '\r'
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	}
	return c
}

// half lets a half of a pair go that has remained one.
func (u *unescaper) half() {
	if u.high != 0 {
		u.high = 0
		u.out = utf8.AppendRune(u.out, utf8.RuneError)
	}
}

// plain lets go what has not become an escape.
func (u *unescaper) plain() {
	u.half()
	u.out = append(u.out, u.held[:u.n]...)
	u.n = 0
}
