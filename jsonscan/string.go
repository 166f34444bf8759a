package jsonscan

import (
	"math/bits"
	"unicode/utf8"
)

// stringState is where in a string, or in a member's name, the scan is.
type stringState struct {
	_ [0]func() // not compared: Go makes code for that

	audible bool // a value whose text the handler gets

	escape escape
	code   uint16 // digits of a \u escape so far
	digits uint8
	high   uint16 // a high surrogate that waits for its other half, 0 if none

	held  [utf8.UTFMax]byte // a character that is split over chunks
	nHeld uint8

	// text gathers short pieces, so that a text full of escapes does not become
	// a call of the handler for each of them.
	text  [512]byte
	nText int
}

type escape uint8

const (
	noEscape  escape = iota
	backslash        // seen \
	unicode          // seen \u
)

// scanString takes the bytes of a string from chunk[i] to its closing quote.
func (s *Scanner) scanString(chunk []byte, i int) int {
	for i < len(chunk) && s.err == nil {
		switch {
		case s.str.escape != noEscape:
			i = s.scanEscape(chunk, i)
			continue
		case s.str.nHeld > 0:
			i = s.scanHeld(chunk, i)
			continue
		case s.str.high != 0 && chunk[i] != '\\':
			s.str.high = 0
			s.takeRune(utf8.RuneError)
		}

		end, whole := plainRun(chunk, i)
		escaped := end < len(chunk) && chunk[end] == '\\'
		if end > i {
			s.take(chunk[i:end], escaped)
		}
		i = end
		if i == len(chunk) || s.err != nil {
			return i
		}
		switch c := chunk[i]; {
		case escaped:
			s.str.escape = backslash
			i++
		case c == '"':
			return s.endString(chunk, i)
		case c < ' ':
			s.fail(s.base+int64(i), "control character 0x"+string(hexDigits[c>>4])+string(hexDigits[c&15])+" in a string; it must be escaped")
		case whole:
			s.failUTF8(s.base + int64(i))
		default:
			s.str.nHeld = uint8(copy(s.str.held[:], chunk[i:]))
			i = len(chunk)
		}
	}
	return i
}

// plainRun is the end of the characters from chunk[i] that stand for
// themselves. If these end at a byte above 0x7F, whole tells whether that is an
// error already, or may be a character's beginning whose rest is to come.
func plainRun(chunk []byte, i int) (end int, whole bool) {
	for {
		i = plainASCII(chunk, i)
		if i == len(chunk) || chunk[i] < utf8.RuneSelf {
			return i, false
		}
		for i < len(chunk) && chunk[i] >= utf8.RuneSelf {
			_, size := utf8.DecodeRune(chunk[i:])
			if size == 1 {
				return i, utf8.FullRune(chunk[i:])
			}
			i += size
		}
	}
}

// plainASCII is the end of the ASCII characters from chunk[i] that stand for
// themselves in a string. It looks at eight bytes at once: the top bit of a
// byte of stop is set if that byte is not ASCII, below 0x20, a quote or a
// backslash (a borrow may set bits above the first such byte, but none below).
func plainASCII(chunk []byte, i int) int {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	for ; i+8 <= len(chunk); i += 8 {
		b := chunk[i : i+8 : i+8]
		w := uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
			uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
		quote, slash := w^ones*'"', w^ones*'\\'
		stop := (w | (w - ones*' ') | (quote - ones) | (slash - ones)) & tops
		if stop != 0 {
			return i + bits.TrailingZeros64(stop)/8
		}
	}
	for i < len(chunk) && plainByte[chunk[i]] {
		i++
	}
	return i
}

// plainByte tells the bytes that plainASCII passes.
var plainByte = func() (t [256]bool) {
	for c := ' '; c < utf8.RuneSelf; c++ {
		t[c] = c != '"' && c != '\\'
	}
	return t
}()

// scanHeld adds bytes to the character that began in an earlier chunk.
func (s *Scanner) scanHeld(chunk []byte, i int) int {
	s.str.held[s.str.nHeld] = chunk[i]
	s.str.nHeld++
	held := s.str.held[:s.str.nHeld]
	if !utf8.FullRune(held) {
		return i + 1
	}
	if _, size := utf8.DecodeRune(held); size == 1 {
		s.failUTF8(s.base + int64(i) + 1 - int64(len(held)))
		return i
	}
	s.str.nHeld = 0
	s.take(held, true)
	return i + 1
}

func (s *Scanner) failUTF8(at int64) {
	s.fail(at, "not valid UTF-8; a JSON text must be")
}

// scanEscape takes the bytes behind a backslash.
func (s *Scanner) scanEscape(chunk []byte, i int) int {
	c := chunk[i]
	if s.str.escape == unicode {
		digit, ok := HexDigit(c)
		if !ok {
			s.fail(s.base+int64(i), found(c)+` where a hexadecimal digit of a \u escape is needed`)
			return i
		}
		s.str.code = s.str.code<<4 | digit
		s.str.digits++
		if s.str.digits == 4 {
			s.str.escape = noEscape
			s.takeUnit(s.str.code)
		}
		return i + 1
	}
	if c == 'u' {
		s.str.escape, s.str.code, s.str.digits = unicode, 0, 0
		return i + 1
	}
	plain := unescaped[c]
	if plain == 0 {
		s.fail(s.base+int64(i), found(c)+` after a backslash; only \" \\ \/ \b \f \n \r \t \u are escapes`)
		return i
	}
	if s.str.high != 0 {
		s.str.high = 0
		s.takeRune(utf8.RuneError)
	}
	s.str.escape = noEscape
	s.takeRune(rune(plain))
	return i + 1
}

var unescaped = [256]byte{
	'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t',
}

// HexDigit is the value of a hexadecimal digit.
func HexDigit(c byte) (value uint16, ok bool) {
	switch {
	case '0' <= c && c <= '9':
		return uint16(c - '0'), true
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return uint16(c|0x20-'a') + 10, true
	}
	return 0, false
}

// takeUnit takes a UTF-16 unit written as \uXXXX. A half of a surrogate pair
// that has no other half is U+FFFD.
func (s *Scanner) takeUnit(unit uint16) {
	const highs, lows, end = 0xD800, 0xDC00, 0xE000
	high := s.str.high
	s.str.high = 0
	if high != 0 {
		if unit >= lows && unit < end {
			s.takeRune(rune(high-highs)<<10 + rune(unit-lows) + 0x10000)
			return
		}
		s.takeRune(utf8.RuneError)
	}
	switch {
	case unit >= highs && unit < lows:
		s.str.high = unit
	case unit >= lows && unit < end:
		s.takeRune(utf8.RuneError)
	default:
		s.takeRune(rune(unit))
	}
}

func (s *Scanner) takeRune(r rune) {
	s.take(utf8.AppendRune(s.str.held[:0], r), true) // nothing is held in an escape
}

// take hands decoded text to whom it is for. Gather means that the text goes on
// with another short piece, probably.
func (s *Scanner) take(p []byte, gather bool) {
	switch {
	case s.state == inKey:
		if !s.keys.append(p) {
			s.fail(s.start, "more than "+decimal(int64(s.keys.maxText))+" bytes of member names in open objects")
		}
	case !s.str.audible:
	default:
		if gather || s.str.nText > 0 {
			if len(p) > len(s.str.text)-s.str.nText {
				s.flushText()
			}
			if len(p) <= len(s.str.text)/2 {
				s.str.nText += copy(s.str.text[s.str.nText:], p)
				return
			}
			s.flushText()
		}
		s.chunk(StringChunk, p)
	}
}

// flushText reports the text that was gathered.
func (s *Scanner) flushText() {
	if s.str.nText > 0 {
		n := s.str.nText
		s.str.nText = 0
		s.chunk(StringChunk, s.str.text[:n])
	}
}

// endString takes the closing quote at chunk[i].
func (s *Scanner) endString(chunk []byte, i int) int {
	if s.state == inKey {
		s.endKey()
		if i+1 < len(chunk) && chunk[i+1] == ':' { // as mostly: no step of its own
			s.state = wantValue
			i++
		}
		return i + 1
	}
	s.flushText()
	s.endQuiet(chunk, i+1)
	if s.audible() {
		s.value(EndString, s.start, s.base+int64(i)+1)
		s.report()
	}
	s.endValue()
	return i + 1
}

func (s *Scanner) endKey() {
	f := s.top()
	result, first := s.keys.end(&f.names, s.start)
	if result == keyTooMany {
		s.fail(s.start, "more than "+decimal(int64(s.keys.maxKeys))+" members in open objects")
		return
	}
	s.state = wantColon
	if result == keyTwice {
		s.fail(s.start, "the same name as at byte "+decimal(first)+" of the same object; readers differ in which of the two counts")
		return
	}
	if f.place != nil {
		name, _ := s.keys.last()
		s.place = f.place.member(name)
	} else {
		s.place = nil
	}
}
