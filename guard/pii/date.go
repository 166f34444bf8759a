package pii

// isDate reports whether the first k groups are a date in numbers.
func (r *number) isDate(k int) bool {
	if k < 3 {
		return k == 1 && r.g(0).n == 8 && (r.ymd(0, 4, 6, 8) || r.dmy(0, 2, 4, 8))
	}
	a, b, c := r.g(0), r.g(1), r.g(2)
	if b.sep != c.sep || b.sep&sepParen != 0 || k > 3 {
		return false
	}
	return a.n == 4 && b.n <= 2 && c.n <= 2 && r.ymd(0, 4, r.at(1)+b.n, r.at(2)+c.n) ||
		a.n <= 2 && b.n <= 2 && (c.n == 4 || c.n == 2) && r.dmy(0, a.n, r.at(2), r.at(2)+c.n)
}

//go:noinline
func (r *number) value(from, to int) int {
	v := 0
	for ; from < to; from++ {
		v = v*10 + int(r.d(from))
	}
	return v
}

func (r *number) ymd(y, m, d, end int) bool {
	return year(r.value(y, m)) && r.value(m, d)-1 < 12 && r.value(m, d) > 0 && r.value(d, end) > 0 && r.value(d, end) <= 31
}

// dmy is a day and a month in either order, and a year.
func (r *number) dmy(a, b, y, end int) bool {
	p, q := r.value(a, b), r.value(b, y)
	return p > 0 && q > 0 && p <= 31 && q <= 31 && min(p, q) <= 12 && (end-y == 2 || year(r.value(y, end)))
}

// year reports whether somebody alive may be born in it.
func year(y int) bool { return y >= 1900 && y < 2040 }

// born adds the date t.cut(start, end) if words say that it is of a birth. They say it of one date.
func (s *Scanner) born(t *window, start, end int) {
	switch c, size := before(t, start); {
	case c == '*' && class[t.at(start)]&digit != 0 && (start == size || t.at(start-2) == ' ' || t.at(start-2) == '(' || t.at(start-2) == '\n'):
		s.add(&Find{BirthDate, "", start, end, 76}) // *25.12.1990
	case s.near(cBirth, start, 40):
		s.seen[cBirth] = never
		s.add(&Find{BirthDate, "", start, end, 88})
	case s.nearAhead(t, end, cBirth, 28):
		s.add(&Find{BirthDate, "", start, end, 76})
	}
}

// birthDate looks for a date in the first groups of r.
func (s *Scanner) birthDate(t *window, r *number) {
	g := r.g(0)
	if g.n > 8 || r.glued || g.sep&^sepSpace != 0 {
		return
	}
	end := 0
	switch {
	case r.m >= 3 && r.isDate(3):
		end = r.g(2).end
	case r.isDate(1) && s.near(cBirth, g.start, 40):
		end = g.end
	case g.n <= 2 && r.m == 1:
		end = s.monthAfter(t, r)
	case g.n == 4:
		end = s.yearMonthDay(t, g.end)
	}
	if end == 0 || isDigit(after(t, end)) {
		return
	}
	s.born(t, g.start, end)
}

// digitsAt reads up to most digits.
func digitsAt(t *window, i, most int) (v, end int) {
	for n := 0; n < most && i < t.n; n++ {
		c, size := fold(t, i)
		if !isDigit(c) {
			break
		}
		v = v*10 + int(c-'0')
		i += size
	}
	return v, i
}

// yearMonthDay goes on behind a year as Chinese, Japanese and Korean do. It returns 0 where they do not.
func (s *Scanner) yearMonthDay(t *window, i int) int {
	for sign := 0; ; sign++ {
		n := prefixOf(t, i, "年|월|月|년|日|일")
		if n == 0 {
			return 0
		}
		i += n
		if sign == 2 {
			return i
		}
		i = blanks(t, i)
		_, i = digitsAt(t, i, 2)
	}
}

// monthAfter reads a month's name and a year behind a day: 12 March 1985, 3rd of May 1985,
// 12. März 1985, 12 de marzo de 1985, 12-Mar-1985. It returns where the date ends, or 0.
func (s *Scanner) monthAfter(t *window, r *number) int {
	i := r.g(0).end
	if c := t.at(i); c < 0x80 && class[c]&letter == 0 && c != ' ' && c != '.' && c != '-' && c != '/' {
		return 0
	}
	i += prefixOf(t, i, "st|nd|rd|th|.|er|º")
	i = blanks(t, i)
	i += prefixOf(t, i, "of |de |-|/")
	i = month(t, i)
	if i == 0 {
		return 0
	}
	s.work += i - r.g(0).end
	return yearAfter(t, i)
}

// monthFirst looks at a date that begins with the name of a month: March 12, 1985.
func (s *Scanner) monthFirst(t *window, from, to int) {
	i := blanks(t, to)
	d, end := digitsAt(t, i, 2)
	if end == i || d < 1 || d > 31 || isDigit(after(t, end)) {
		return
	}
	end += prefixOf(t, end, "st|nd|rd|th")
	s.work += end - to
	if end = yearAfter(t, end); end != 0 {
		s.born(t, from, end)
	}
}

// blanks passes a few.
func blanks(t *window, i int) int {
	for n := 0; n < 3 && i < t.n; n++ {
		c, size := fold(t, i)
		if c != ' ' {
			break
		}
		i += size
	}
	return i
}

// month passes the name of a month at t.at(i) and returns 0 where there is none.
func month(t *window, i int) int {
	end := i
	for class[t.at(end)]&letter != 0 && end-i < 12 {
		end++
	}
	if w := lookWord(t, i, end); w != nil && w.role == rMonth {
		return end
	}
	// those whose names have letters that are no ASCII
	if n := prefixOf(t, i, "märz|février|févr|août|décembre|déc|março|jänner"); n > 0 {
		return i + n
	}
	return 0
}

// yearAfter passes what is between a month or day and its year, and the year.
func yearAfter(t *window, i int) int {
	for n := 0; n < 2 && i < t.n && (t.at(i) == ',' || t.at(i) == '.' || t.at(i) == '-' || t.at(i) == '/'); n++ {
		i++
	}
	i = blanks(t, i)
	i += prefixOf(t, i, "de |del |of ")
	y, end := digitsAt(t, i, 4)
	if n := end - i; n != 2 && (n < 4 || !year(y)) || isDigit(after(t, end)) {
		return 0
	}
	return end
}
