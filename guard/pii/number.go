package pii

const (
	maxDigits = 40
	maxGroups = 20
	rowGroups = 10 // in a row of numbers each begins another
)

// What separates two groups of digits.
const (
	sepSpace uint8 = 1 << iota
	sepDash
	sepDot
	sepSlash
	sepParen
	sepOther
	sepMany // more than one sign, parentheses and invisible ones not counted
)

// group is one run of digits without a separator.
type group struct {
	_          incomparable
	start, end int // bytes of the window
	first      int // its first digit among those of the row
	n          int // how many it has
	sep        uint8
}

// number is a number as it is written: digits in groups. It is kept from one look to the
// next: where the second group is looked at, the first goes and one or two more are read, so
// that a row of numbers is read once.
type number struct {
	_     incomparable
	n, m  int  // digits and groups
	all   int  // … and groups with those that only a card's number has: behind 4111.1111 or 4111+1111
	glued bool // to a letter before it
	said  bool // to be a card's

	row    [32]group // all groups that were read
	values [128]byte // their digits, the 129th where the first was
	read   int       // how many groups were read
	first  int       // where the first one's digits begin
	base   int       // the window's when they were read
	next   int       // where the group behind them begins, -1 = there is none
	sep    uint8     // … and what is before it
	edge   bool      // something that the window's end cuts off could have changed them
}

// g is the k-th group. That of the first, sep is what is before the number and joins it to another.
func (r *number) g(k int) *group { return &r.row[k&(len(r.row)-1)] }

// d is the value of the k-th digit.
func (r *number) d(k int) byte { return r.values[(r.first+k)&(len(r.values)-1)] }

// at is where the digits of the k-th group begin.
func (r *number) at(k int) int { return r.g(k).first - r.first }

// upTo is how many digits the first k groups have.
func (r *number) upTo(k int) int { return r.at(k-1) + r.g(k-1).n }

// number looks at the digits that begin at t.at(i) and at the groups of digits behind them.
func (s *Scanner) number(t *window, i int, glued bool) {
	if i > 1 && t.at(i-1) >= 0x80 {
		if c, size := before(t, i); c == nothing {
			if d, _ := before(t, i-size); isDigit(d) {
				return // the middle of a group
			}
		}
	}
	r := &s.row
	if !s.readNumber(t, i, glued) {
		return
	}
	g := r.g(0)
	if g.n <= 8 {
		s.birthDate(t, r)
	}
	if r.m >= 4 {
		s.dotted(t, r)
	}
	if r.upTo(r.all) >= 12 {
		s.card(t, r)
	}
	if r.n < 7 {
		return
	}
	s.ssn(t, r)
	s.phone(t, r)
	if g.n >= 8 && g.n <= 10 && t.at(g.end) == ':' {
		s.telegram(t, g.start, g.end)
	}
}

// readNumber reads the groups that begin at t.at(i), or goes on with those that the look
// before this one has read.
func (s *Scanner) readNumber(t *window, i int, glued bool) bool {
	r := &s.row
	sep, said := joined(t, i), s.near(cCard, i, 48)
	if r.read > 1 && r.base == t.base && r.g(1).start == i && !r.edge && r.said == said {
		r.read = copy(r.row[:], r.row[1:r.read])
		r.first = r.row[0].first
	} else {
		r.read, r.first, r.base, r.next, r.edge = 0, 0, t.base, i, false
	}
	r.glued, r.said = glued, said
	most := maxGroups
	if sep != 0 {
		most = rowGroups
	}
	for r.read < most && r.next >= 0 && r.readGroup(t) {
		g := r.g(r.read - 1)
		s.work += g.end - g.start
	}
	if r.read == 0 {
		s.work += maxDigits
		return false
	}
	r.all = min(r.read, most)
	for r.m = 1; r.m < r.all && r.g(r.m).sep&sepOther == 0; {
		r.m++
	}
	r.n = r.upTo(r.m)
	r.g(0).sep = sep
	return true
}

// readGroup reads the group at next. It reports whether there was room for it.
func (r *number) readGroup(t *window) bool {
	first, most := r.first, r.first+maxDigits
	if r.read > 0 {
		first = r.g(r.read-1).first + r.g(r.read-1).n
	}
	i, n := r.next, first
	last := i
	for i < t.n {
		c := t.at(i)
		if c-'0' < 10 {
			i++
		} else {
			if c < 0x80 {
				break
			}
			var size int
			if c, size = fold(t, i); c != nothing && !isDigit(c) {
				break
			}
			i += size
			if c == nothing {
				// Between digits it is nothing. Behind the last one it is no part.
				continue
			}
		}
		if n == most {
			return false
		}
		r.values[n&(len(r.values)-1)] = c & 15
		n++
		last = i
	}
	*r.g(r.read) = group{start: r.next, end: last, first: first, n: n - first, sep: r.sep}
	r.read++
	r.sep, r.next = separator(t, last, r.said)
	r.edge = r.edge || max(i, r.next)+8 >= t.n
	if r.sep == 0 {
		r.next = -1
	}
	return true
}

// separator reads what is between two groups: one sign, or one with blanks around it, or
// parentheses. It returns 0 where no digit follows that belongs to the same number. In a number
// that is said to be a card's there may be others.
func separator(t *window, i int, card bool) (sep uint8, next int) {
	signs := 0
	for n := 0; i < t.n; n++ {
		c, size := t.at(i), 1
		if c >= 0x80 {
			c, size = fold(t, i)
		}
		if isDigit(c) {
			switch {
			case sep == 0 || n == 4 && signs >= 2:
				return 0, i
			case n < 4 && (signs > 1 || n-signs > 2):
				sep |= sepMany
			}
			return sep, i
		}
		if n == 4 {
			break
		}
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
			if !card {
				return 0, i
			}
			if c != '|' {
				if size = prefixOf(t, i, ":|,|+|·|•|%20|%2d"); size == 0 {
					return 0, i
				}
			}
			sep |= sepOther
		}
		i += size
	}
	return 0, i
}

// joined is the sign that joins the number at t.at(i) to digits before it, 0 if there is none.
func joined(t *window, i int) uint8 {
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
func (r *number) bounded(t *window, k int) bool {
	c := after(t, r.g(k-1).end)
	return !isAlnum(c)
}
