package pii

// whole looks at the run of letters, digits and underscores t.cut(i, end) as one, and at what
// begins with it. It returns where to go on if that is behind end.
func (s *Scanner) whole(t *window, i, end int) int {
	n := end - i
	next := byte(' ')
	if end < t.n {
		next = t.at(end)
	}
	if n <= 4 && (next == ':' || next == '-' || next == '.') && class[t.at(i)]&hex16 != 0 && allOf(t.cut(i, end), hex16) {
		switch {
		case n == 2 && next != '.', n == 4 && next == '.':
			s.mac(t, i, n)
		}
		if next == ':' && !hexBefore(t, i) {
			s.ipv6(t, i)
		}
	}
	if n == 2 && (next == ' ' || next == '-' || next >= 0x80) && class[t.at(i)]&class[t.at(i+1)]&letter != 0 {
		s.iban(t, i)
	}
	// What follows a short run has to belong to it: none of these numbers is shorter.
	goesOn := n >= 8 || next >= 0x80 || next == '-' || next == '.' || next == ' ' && class[t.at(end+1)]&(digit|upper) != 0
	if n <= 18 && goesOn && hasDigit(t, i, end) || n == 2 && (next == ' ' || next == '-') && class[t.at(i+1)]&upper != 0 {
		s.national(t, i)
	}
	if n < 6 && next != '<' && next != '/' && next != '+' {
		return end
	}
	if n <= 10 {
		s.passport(t, i, end)
	}
	s.coins(t, i, end)
	if next == '<' || n >= 30 {
		return s.readableZone(t, i, end)
	}
	if n <= 40 && s.near(cAWS, i, 120) {
		return s.awsSecret(t, i, end)
	}
	return end
}

//go:noinline
func hasDigit(t *window, i, end int) bool {
	for ; i < end; i++ {
		if class[t.at(i)]&digit != 0 {
			return true
		}
	}
	return false
}

// awsSecret looks for the 40 characters of a secret access key, where AWS was named.
func (s *Scanner) awsSecret(t *window, i, end int) int {
	if i > 0 && class[t.at(i-1)]&std64 != 0 && t.at(i-1) != '=' {
		return end
	}
	j := i
	for class[t.at(j)]&std64 != 0 && j-i <= 40 {
		j++
	}
	s.work += j - i
	if m := measure(t.cut(i, j)); j-i == 40 && m.lowers > 4 && m.uppers > 4 && m.digits > 0 {
		s.add(&Find{Secret, "aws_secret_access_key", i, j, 80})
		return max(end, j)
	}
	return end
}

// hexBefore reports whether up to four hexadecimal digits and a colon are before t.at(i): it is
// within what an address would be.
func hexBefore(t *window, i int) bool {
	if i == 0 || t.at(i-1) != ':' {
		return false
	}
	j := i - 1
	if j > 0 && t.at(j-1) == ':' {
		return true
	}
	for j > 0 && i-j <= 5 && class[t.at(j-1)]&hex16 != 0 {
		j--
	}
	return j < i-1 && i-j <= 5 && (j == 0 || class[t.at(j-1)]&word == 0)
}
