package document

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// str reads a string literal. A surrogate without its other half reads as U+FFFD.
func (p *parser) str() string {
	if !p.take('"') {
		return ""
	}
	var out []byte
	for p.err == nil {
		if p.at >= len(p.text) {
			p.fail("a string without an end")
			break
		}
		switch c := p.text[p.at]; {
		case c == '"':
			p.at++
			return string(out)
		case c == '\\':
			out = p.escape(out)
		case c < ' ':
			p.fail("a control character in a string")
		default:
			r, size := utf8.DecodeRuneInString(p.text[p.at:])
			if r == utf8.RuneError && size == 1 {
				p.fail("not UTF-8")
			}
			out = append(out, p.text[p.at:p.at+size]...)
			p.at += size
		}
	}
	return ""
}

func (p *parser) escape(out []byte) []byte {
	p.at++
	c := p.peek()
	p.at++
	switch c {
	case '"', '\\', '/':
		return append(out, c)
	case 'b':
		return append(out, '\b')
	case 'f':
		return append(out, '\f')
	case 'n':
		return append(out, '\n')
	case 'r':
		return append(out, '\r')
	case 't':
		return append(out, '\t')
	case 'u':
		r := p.hex4()
		if utf16.IsSurrogate(r) {
			high, after := r, p.at
			r = utf8.RuneError
			if p.word(`\u`) {
				if r = utf16.DecodeRune(high, p.hex4()); r == utf8.RuneError && p.err == nil {
					p.at = after // the second escape stands for itself
				}
			}
		}
		return utf8.AppendRune(out, r)
	}
	p.at--
	p.fail("an unknown escape")
	return out
}

func (p *parser) hex4() rune {
	if p.err == nil && len(p.text)-p.at >= 4 {
		// ParseUint takes neither a sign nor, with base 16, an underscore.
		if v, err := strconv.ParseUint(p.text[p.at:p.at+4], 16, 16); err == nil {
			p.at += 4
			return rune(v)
		}
	}
	p.fail("expected four hexadecimal digits")
	return 0
}
