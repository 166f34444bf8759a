package pii

// word looks at the run of letters, digits and underscores that begins at t.at(i), and returns
// where to go on.
func (s *Scanner) word(t *window, i int) int {
	if i > 0 && class[t.at(i-1)]&word != 0 { // a run longer than a look sees
		for class[t.at(i)]&word != 0 {
			i++
		}
		return i
	}
	if behind := skipEscape(t, i); behind > i {
		if prefixOf(t, i-1, "%40") > 0 {
			s.email(t, i-1, 3)
		}
		i = behind
	}
	for t.at(i) == '_' {
		i++
	}
	end := i
	for class[t.at(end)]&word != 0 {
		end++
	}
	if end == i {
		return max(i, s.pos-s.text.base+1)
	}
	if next := s.whole(t, i, end); next > end {
		return next
	}
	var last *contextWord // of the run's last part
	j, part := i, i       // … and where its letters begin, end = there are digits before them
	for j < end {
		c := class[t.at(j)]
		if c&alnum != 0 && (j == i || t.at(j-1) == '_') {
			if next := s.published(t, j); next > j {
				return next
			}
			part = j
		}
		switch {
		case c&digit != 0:
			if j-part > 1 && part < end {
				s.iban(t, j-2)
			}
			if j == part {
				s.number(t, j, false)
			} else if class[t.at(j-1)]&letter != 0 && (j-i < 2 || class[t.at(j-2)]&digit == 0) {
				s.number(t, j, true)
			}
			for j < end && class[t.at(j)]&digit != 0 {
				j++
			}
			part = end
		case c&letter == 0: // underscores
			j++
		default:
			from := j
			last = nil
			if j == i {
				last = lookWord(t, i, end)
			}
			if last != nil {
				j = end
			} else if j = hump(t, j, end); end-i <= 64 && j-from < end-i {
				last = lookWord(t, from, j)
			}
			if last != nil {
				s.meant(last, from, j)
				if last.role == rMonth {
					s.monthFirst(t, from, j)
				}
			}
		}
	}
	means := rNone
	if last != nil {
		means = last.role
	} else if end-i > 8 && string(t.cut(end-8, end-1)) == "PASSWOR" {
		means = rPassword // PGPASSWORD
	}
	if means == rNone || means == rMonth {
		return end
	}
	return s.assigned(t, i, end, means)
}

// meant keeps what the word t.cut(from, to) says for what follows it.
//
//go:noinline
func (s *Scanner) meant(w *contextWord, from, to int) {
	to += len(w.then)
	for c, sets := 0, w.sets; sets != 0; c, sets = c+1, sets>>1 {
		if sets&1 != 0 {
			s.seen[c] = to + s.text.base
		}
	}
}

// hump returns where the part of an identifier that begins at t.at(i) ends: api|Key, API|Key.
func hump(t *window, i, end int) int {
	j := i + 1
	if class[t.at(i)]&upper != 0 {
		for j < end && class[t.at(j)]&upper != 0 {
			j++
		}
		if j-i > 1 {
			if j < end && class[t.at(j)]&lower != 0 {
				j-- // its last capital begins the next part
			}
			return j
		}
	}
	for j < end && class[t.at(j)]&lower != 0 {
		j++
	}
	return j
}

// skipEscape returns where the text goes on behind an escape whose sign, a backslash or a
// per cent, is before t.at(i): \n, \u003d, \x3d, %3D. Text that quotes text has them.
func skipEscape(t *window, i int) int {
	if i == 0 {
		return i
	}
	n := 0
	switch t.at(i - 1) {
	case '%':
		n = 2
		if t.at(i) == 'B' && class[t.at(i+1)]&class[t.at(i+2)]&digit != 0 {
			n = 1 // rather the beginning of a card's magnetic stripe, ISO/IEC 7813, than an accent before a number
		}
	case '\\':
		if i >= t.n {
			return i
		}
		switch t.at(i) {
		case 'n', 'r', 't', 'b', 'f':
			return i + 1
		case 'u':
			i++
			n = 4
		case 'x':
			i++
			n = 2
		}
	}
	if n == 0 || t.n-i < n {
		return i
	}
	for j := range n {
		if class[t.at(i+j)]&hex16 == 0 {
			return i
		}
	}
	return i + n
}

// beyondASCII looks at what begins with t.at(i), a byte of UTF-8.
func (s *Scanner) beyondASCII(t *window, i int) int {
	c, n := fold(t, i)
	if c < 0x80 && class[c]&alnum != 0 {
		b, size := before(t, i)
		if isAlnum(b) && (size > 1 || isDigit(c)) {
			return i + n
		}
		if isDigit(c) {
			s.number(t, i, false)
			s.national(t, i)
		} else {
			s.iban(t, i)
		}
		return i + n
	}
	switch c {
	case '@':
		s.email(t, i, n)
	case other:
		if w := lookForeign(t, i); w != nil {
			end := i + len(w.word)
			s.meant(w, i, end)
			if w.role != rNone {
				return s.assigned(t, i, end, w.role)
			}
			return end
		}
	}
	return i + n
}
