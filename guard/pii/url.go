package pii

// colon looks at what has a colon as its sign: the user's part of a URL (RFC 3986, 3.2.1),
// and an IPv6 address that begins with two.
func (s *Scanner) colon(t *window, i int) int {
	if i+2 >= t.n {
		return i + 1
	}
	if t.at(i+1) == ':' {
		if c, _ := before(t, i); !isAlnum(c) && c != ':' {
			s.ipv6(t, i)
		}
		return i + 2
	}
	if t.at(i+1) == '/' && t.at(i+2) == '/' {
		s.userInfo(t, i+3)
	}
	return i + 1
}

// userInfo looks for user:password@ at t.at(i), behind a scheme. The password is the find.
func (s *Scanner) userInfo(t *window, i int) {
	colon, at := 0, 0
	j := i
scan:
	for ; j < t.n; j++ {
		switch c := t.at(j); {
		case c == ':' && colon == 0:
			colon = j
		case c == '@':
			at = j
		case c <= ' ', c == '/', c == '?' && at > 0, c == '#' && at > 0, c == '"', c == '<', c == '>', c == '`', c == '\'' && at > 0:
			break scan
		}
	}
	s.work += j - i
	if colon == 0 || at < colon {
		return
	}
	password := t.cut(colon+1, at)
	if len(password) == 0 || placeholder(t, colon+1, at) || listed(" pass password ", password) && listed(" user username ", t.cut(i, colon)) {
		return // user:password is how documents write it
	}
	s.add(&Find{Secret, "url_password", colon + 1, at, 92})
}
