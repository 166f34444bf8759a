package jsonscan

// numberState is where in a number the scan is.
type numberState uint8

const (
	numberStart numberState = iota
	numberMinus             // -
	numberZero              // 0
	numberInt               // 12
	numberDot               // 12.
	numberFrac              // 12.3
	numberE                 // 12e
	numberSign              // 12e+
	numberExp               // 12e+3
	numberOver              // the byte is not part of the number
)

// whole tells whether a number may end here.
func (n numberState) whole() bool {
	return n == numberZero || n == numberInt || n == numberFrac || n == numberExp
}

func (n numberState) next(c byte) numberState {
	digit := c-'0' <= 9
	switch {
	case digit && (n == numberInt || n == numberFrac || n == numberExp):
		return n
	case digit && (n == numberStart || n == numberMinus):
		if c == '0' {
			return numberZero
		}
		return numberInt
	case digit && n == numberDot:
		return numberFrac
	case digit && (n == numberE || n == numberSign):
		return numberExp
	case c == '-' && n == numberStart:
		return numberMinus
	case c == '.' && (n == numberZero || n == numberInt):
		return numberDot
	case c|0x20 == 'e' && (n == numberZero || n == numberInt || n == numberFrac):
		return numberE
	case (c == '+' || c == '-') && n == numberE:
		return numberSign
	}
	return numberOver
}

// scanNumber takes the bytes of a number from chunk[i] on. What ends it is left
// for scanToken.
func (s *Scanner) scanNumber(chunk []byte, i int) int {
	from, over := i, false
	for ; i < len(chunk); i++ {
		next := s.num.next(chunk[i])
		if next == numberOver {
			over = true
			break
		}
		s.num = next
	}
	at := s.base + int64(i)
	switch {
	case at-s.start > MaxNumber:
		s.fail(s.start, "a number of more than "+decimal(MaxNumber)+" bytes")
	case !over:
		s.scratch = append(s.scratch, chunk[from:]...)
	case s.num == numberZero && chunk[i]-'0' <= 9:
		s.fail(at, "a digit after a leading zero")
	case !s.num.whole():
		s.fail(at, found(chunk[i])+" in a number where a digit is needed")
	case len(s.scratch) > 0:
		s.scratch = append(s.scratch, chunk[from:i]...)
		s.endNumber(s.scratch, at)
	default:
		s.endNumber(chunk[from:i:i], at)
	}
	return i
}

func (s *Scanner) endNumber(text []byte, end int64) {
	if s.audible() {
		s.value(Number, s.start, end)
		s.chunk(Number, text)
	}
	s.endValue()
}

// A literal is true, false or null, as far as it is still to come.
type literal struct {
	kind Kind
	word string
	rest string
}

func literalOf(c byte) literal {
	switch c {
	case 't':
		return literal{True, "true", "rue"}
	case 'f':
		return literal{False, "false", "alse"}
	}
	return literal{Null, "null", "ull"}
}

func (s *Scanner) scanLiteral(chunk []byte, i int) int {
	for ; s.literal.rest != ""; i++ {
		if i == len(chunk) {
			return i
		}
		if chunk[i] != s.literal.rest[0] {
			s.fail(s.base+int64(i), found(chunk[i])+" in what began like "+s.literal.word)
			return i
		}
		s.literal.rest = s.literal.rest[1:]
	}
	if s.audible() {
		s.value(s.literal.kind, s.start, s.base+int64(i))
		s.scratch = append(s.scratch[:0], s.literal.word...)
		s.chunk(s.literal.kind, s.scratch)
	}
	s.endValue()
	return i
}
