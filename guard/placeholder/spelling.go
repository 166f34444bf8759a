package placeholder

import "bytes"

// spelling reads what may be a placeholder, byte by byte, from behind its bracket:
//
//	[ ␠* word (separator word)* separator number ␠* ]
//
// where a word is letters and digits, the first beginning with a letter, a number has no
// leading zero, and a separator is any run of spaces, underscores (escaped or not) and
// hyphens. Escaped by any number of backslashes, since a text may be escaped more than once.
type spelling struct {
	plain  [MaxName + 1 + maxDigits]byte // as the vault writes it, without brackets
	n      int
	group  int  // where in plain the last word begins
	number bool // that word may be a number

	gap     bool // a separator has come that no word has followed yet
	joined  bool // there is more in it than spaces
	escaped bool // a backslash came last
	loose   bool // it has what the vault never writes: a small letter, a space, a hyphen
}

// verdict is what a byte makes of a spelling.
type verdict uint8

const (
	goesOn verdict = iota
	whole          // it is a placeholder
	never          // it can become none
)

func (s *spelling) begin() {
	s.n, s.group, s.gap, s.joined, s.escaped, s.loose = 0, 0, false, false, false, false
}

func (s *spelling) step(c byte) verdict {
	s.loose = s.loose || c >= 'a' || c == ' ' || c == '-'
	c = upper(c)
	digit := '0' <= c && c <= '9'
	switch {
	case digit || 'A' <= c && c <= 'Z':
		if s.escaped || s.n == 0 && (digit || s.joined) {
			return never
		}
		return s.word(c, digit)
	case s.escaped && c != '_' && c != '-' && c != '\\':
		return never
	case c == ' ':
		s.gap = true
		return goesOn
	case c == '_' || c == '-':
		s.gap, s.joined, s.escaped = true, true, false
		return goesOn
	case c == '\\':
		s.escaped = true
		return goesOn
	case c == ']' && !s.joined && s.group > 0 && s.number && s.n-s.group <= maxDigits:
		return whole
	}
	return never
}

// word adds a letter or digit.
func (s *spelling) word(c byte, digit bool) verdict {
	if s.gap && s.n > 0 {
		if s.n == len(s.plain) {
			return never
		}
		s.plain[s.n] = '_'
		s.n++
		s.group, s.number = s.n, true
	}
	s.gap, s.joined = false, false
	if s.n == len(s.plain) {
		return never
	}
	s.number = s.number && digit && !(s.n == s.group && c == '0')
	s.plain[s.n] = c
	s.n++
	return goesOn
}

// index tells whether the spelling, which is whole and stands behind a text, is an index of what
// that ends with: code has `stack[ip-1]` and `f(x)[ip - 1]`. An escape of JSON is no name.
func (s *spelling) index(before []byte) bool {
	n := len(before) - 1
	return s.loose && n >= 0 && (inWord(before[n]) || before[n] == ')' || before[n] == ']') && (n == 0 || before[n-1] != '\\')
}

func inWord(c byte) bool {
	c = upper(c)
	return 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_'
}

// name and value are what the spelling says, once it is whole.
func (s *spelling) name() []byte { return s.plain[:s.group-1] }

func (s *spelling) value() int {
	n := 0
	for _, c := range s.plain[s.group:s.n] {
		n = n*10 + int(c-'0')
	}
	return n
}

// find finds the next text at or behind from that looks like a placeholder: any name, any
// number, any spelling that is tolerated where it stands. With end nothing follows the text. Where there
// is none, start is how far the text is decided: one may begin there.
func (s *spelling) find(text []byte, from int, end bool) (start, stop int, ok bool) {
	for at := from; ; {
		next := bytes.IndexByte(text[at:], '[')
		if next < 0 {
			return len(text), len(text), false
		}
		start = at + next
		v := goesOn
		s.begin()
		for at = start + 1; at < len(text) && v == goesOn; at++ {
			if v = s.step(text[at]); v == never || v == goesOn && at-start+1 == MaxHeld {
				v = never
				break // this byte may begin one itself
			}
		}
		switch {
		case v == whole && !s.index(text[:start]):
			return start, at, true
		case v == goesOn && !end:
			return start, len(text), false
		}
	}
}
