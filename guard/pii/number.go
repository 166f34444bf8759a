package pii

const (
	maxDigits = 40
	maxGroups = 20
)

// What separates two groups of digits.
const (
	sepSpace uint8 = 1 << iota
	sepDash
	sepDot
	sepSlash
	sepParen
	sepMany // more than one sign, parentheses and invisible ones not counted
)

// group is one run of digits without a separator.
type group struct {
	start, end int // bytes of the text
	first      int // its first digit among all
	n          int // how many it has
	sep        uint8
}

// number is a number as it is written: digits in groups.
type number struct {
	d      [maxDigits]byte // values, not characters
	n      int
	groups [maxGroups]group // groups[0].sep is what is before the number, joining it to another
	m      int
	glued  bool // to a letter before it
	seps   uint8
}

// upTo is how many digits the first k groups have.
func (r *number) upTo(k int) int {
	g := &r.groups[k-1]
	return g.first + g.n
}

// number looks at the digits that begin at t[i] and at the groups of digits behind them.
func (s *Scanner) number(t []byte, i int, glued bool) {
	var r number
	r.glued = glued
	if !r.read(t, i) {
		s.work += maxDigits
		return
	}
	s.work += r.groups[r.m-1].end - i
	s.birthDate(t, &r)
	if r.n < 7 && (r.m < 4 || r.seps&sepDot == 0) {
		return
	}
	s.dotted(t, &r)
	s.card(t, &r)
	s.ssn(t, &r)
	s.phone(t, &r)
	if g := &r.groups[0]; g.n >= 8 && g.n <= 10 && g.end < len(t) && t[g.end] == ':' {
		s.telegram(t, g.start, g.end)
	}
}

// read reads the groups that begin at t[i].
func (r *number) read(t []byte, i int) bool {
	sep := joined(t, i)
	for r.m < maxGroups {
		g := &r.groups[r.m]
		*g = group{start: i, first: r.n, sep: sep}
		for i < len(t) {
			c, size := fold(t, i)
			if c == nothing && g.n > 0 {
				// Between digits it is nothing. Behind the last one it is no part.
				if !isDigit(after(t, i+size)) {
					break
				}
				i += size
				continue
			}
			if !isDigit(c) {
				break
			}
			if r.n == maxDigits {
				if r.m == 0 {
					return false
				}
				r.n = g.first // without the group that is cut
				return true
			}
			r.d[r.n] = c - '0'
			r.n++
			g.n++
			i += size
		}
		g.end = i
		r.m++
		if r.m > 1 {
			r.seps |= sep
		}
		var next int
		if sep, next = separator(t, i); sep == 0 {
			break
		}
		i = next
	}
	return r.m > 0
}

// separator reads what is between two groups: one sign, or one with blanks around it, or
// parentheses. It returns 0 where no digit follows that belongs to the same number.
func separator(t []byte, i int) (sep uint8, next int) {
	signs := 0
	for n := 0; n < 4 && i < len(t); n++ {
		c, size := fold(t, i)
		switch c {
		case ' ', '\t':
			sep |= sepSpace
		case '-', '_':
			sep |= sepDash
			signs++
		case '.':
			sep |= sepDot
			signs++
		case '/':
			sep |= sepSlash
			signs++
		case '(', ')':
			sep |= sepParen
		case nothing:
		default:
			if isDigit(c) && sep != 0 {
				if signs > 1 || n-signs > 2 {
					sep |= sepMany
				}
				return sep, i
			}
			return 0, i
		}
		i += size
	}
	if i < len(t) && isDigit(after(t, i)) && sep != 0 && signs < 2 {
		return sep, i
	}
	return 0, i
}

// joined is the sign that joins the number at t[i] to digits before it, 0 if there is none.
func joined(t []byte, i int) uint8 {
	c, size := before(t, i)
	if size == 0 {
		return 0
	}
	if d, _ := before(t, i-size); !isDigit(d) {
		return 0
	}
	switch c {
	case ' ', '\t':
		return sepSpace
	case '-', '_':
		return sepDash
	case '.':
		return sepDot
	case '/':
		return sepSlash
	}
	return 0
}

// bounded reports whether no letter or digit is glued to the end of the first k groups.
func (r *number) bounded(t []byte, k int) bool {
	c := after(t, r.groups[k-1].end)
	return !isAlnum(c)
}
