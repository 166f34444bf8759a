package pii

// word looks at the run of letters, digits and underscores that begins at t[i], and returns
// where to go on.
func (s *Scanner) word(t []byte, i int) int {
	if i > 0 && class[t[i-1]]&word != 0 { // a run longer than a look sees
		for i < len(t) && class[t[i]]&word != 0 {
			i++
		}
		return i
	}
	i = skipEscape(t, i)
	end := i
	for end < len(t) && class[t[end]]&word != 0 {
		end++
	}
	if end == i {
		return max(i, s.pos+1)
	}
	if next := s.whole(t, i, end); next > end {
		return next
	}
	var last *contextWord // of the run's last part
	for j := i; j < end; {
		c := class[t[j]]
		switch {
		case c&digit != 0:
			if j == i || t[j-1] == '_' {
				s.number(t, j, false)
			} else if class[t[j-1]]&letter != 0 && (j-i < 2 || class[t[j-2]]&digit == 0) {
				s.number(t, j, true)
			}
			for j < end && class[t[j]]&digit != 0 {
				j++
			}
		case c&letter == 0: // underscores
			j++
		default:
			from := j
			if j == i || t[j-1] == '_' {
				if next := s.published(t, j); next > j {
					return next
				}
			}
			j = hump(t, j, end)
			if end-i <= 64 {
				if w := lookWord(t, from, j); w != nil {
					last = w
					s.meant(w, from, j)
					if w.role == rMonth {
						s.monthFirst(t, from, j)
					}
					continue
				}
			}
			last = nil
		}
	}
	if last != nil && last.role != rNone && last.role != rMonth {
		return s.assigned(t, i, end, last.role)
	}
	return end
}

// meant keeps what the word t[from:to] says for what follows it.
func (s *Scanner) meant(w *contextWord, from, to int) {
	to += len(w.then)
	for c, sets := 0, w.sets; sets != 0; c, sets = c+1, sets>>1 {
		if sets&1 != 0 {
			s.seen[c] = to
		}
	}
}

// hump returns where the part of an identifier that begins at t[i] ends: api|Key, API|Key.
func hump(t []byte, i, end int) int {
	j := i + 1
	if class[t[i]]&upper != 0 {
		for j < end && class[t[j]]&upper != 0 {
			j++
		}
		if j-i > 1 {
			if j < end && class[t[j]]&lower != 0 {
				j-- // its last capital begins the next part
			}
			return j
		}
	}
	for j < end && class[t[j]]&lower != 0 {
		j++
	}
	return j
}

// skipEscape returns where the text goes on behind an escape whose sign, a backslash or a
// per cent, is before t[i]: \n, \u003d, \x3d, %3D. Text that quotes text has them.
func skipEscape(t []byte, i int) int {
	if i == 0 {
		return i
	}
	n := 0
	switch t[i-1] {
	case '%':
		n = 2
	case '\\':
		if i >= len(t) {
			return i
		}
		switch t[i] {
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
	if n == 0 || len(t)-i < n {
		return i
	}
	for j := range n {
		if class[t[i+j]]&hex == 0 {
			return i
		}
	}
	return i + n
}

// beyondASCII looks at what begins with t[i], a byte of UTF-8.
func (s *Scanner) beyondASCII(t []byte, i int) int {
	c, n := fold(t, i)
	if c < 0x80 && class[c]&alnum != 0 {
		b, size := before(t, i)
		if isAlnum(b) && (size > 1 || isDigit(c)) {
			return i + n
		}
		if isDigit(c) {
			s.number(t, i, false)
		} else {
			s.iban(t, i)
		}
		return i + n
	}
	if c == other {
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
