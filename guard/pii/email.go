package pii

// email looks at the address around the @ at t.at(at), which has size bytes as it may be full-width
// or %40: RFC 5321's mailbox with a dot-atom or a quoted local part, internationalised by RFC 6531,
// and a domain or an address in brackets.
func (s *Scanner) email(t *window, at, size int) {
	start := s.localPart(t, at)
	if start == at {
		return
	}
	end, score := s.mailDomain(t, at+size)
	if score == 0 {
		return
	}
	c, _ := before(t, start)
	switch {
	case c == '@', prefixOf(t, start, "git@|hg@|svn@") > 0:
		return // @user@host of the fediverse; the user of a repository is nobody
	case hasFold(t, end, ":") && end+1 < t.n && (t.at(end+1) == '/' || t.at(end+1) == '~'):
		score = 30 // user@host:/path of scp
	case s.near(cRemote, start, 12) && end-at < 80:
		score = 40 // ssh user@host
	case c == '<' && s.near(cMessage, start, 8):
		score = 30
	case c == ':' && s.inUserInfo(t, start):
		score = 30
	case s.near(cMail, start, 40):
		score += 5
	}
	s.add(&Find{Email, "", start, end, min(score, 99)})
}

// inUserInfo reports whether what is before the colon before t.at(i) is a URL's user.
func (s *Scanner) inUserInfo(t *window, i int) bool {
	for j := i - 2; j > 0 && i-j < 64 && (class[t.at(j)]&local != 0 && t.at(j) != '/' || t.at(j) >= 0x80); j-- {
		if t.at(j-1) == '/' {
			return j > 1 && t.at(j-2) == '/'
		}
		s.work++
	}
	return false
}

// localPart returns where the part before the @ begins, or at.
func (s *Scanner) localPart(t *window, at int) int {
	const longest = 64 // RFC 5321 4.5.3.1.1
	i := at
	if at > 0 && t.at(at-1) == '"' {
		for i = at - 2; i >= 0 && at-i <= longest+2 && t.at(i) != '\n'; i-- {
			if t.at(i) == '"' && (i == 0 || t.at(i-1) != '\\') {
				s.work += at - i
				if c, _ := before(t, i); at-i > 2 && !isAlnum(c) {
					return i
				}
				return at
			}
		}
		return at
	}
	ascii := false
	for i > 0 && at-i < longest {
		c := t.at(i - 1)
		if c < 0x80 {
			if class[c]&local == 0 {
				break
			}
			switch c {
			case '=', '/', '?', '&', '{', '}', '|', '`', '*':
				// RFC 5322 allows them. In what people write they are around addresses.
				goto found
			case '%':
				if t.at(at) == '%' && !hasFold(t, i, "2b") { // all of the text has escapes
					goto found
				}
			}
			i--
			ascii = true
			continue
		}
		f, n := before(t, i)
		if f != nothing && (f != other || n == 1 || n > 2 && ascii) || at-i+n > longest {
			break // a sign, or ASCII that is glued to a text in another script
		}
		i -= n
	}
found:
	s.work += at - i
	if i > 0 && at-i == longest && class[t.at(i-1)]&local != 0 {
		return at // longer than any
	}
	if j := skipEscape(t, i); j < at {
		i = j
	}
	for i < at && t.at(i) < 0x80 && class[t.at(i)]&alnum == 0 && t.at(i) != '_' {
		i++ // dots, quotes and list signs before it
	}
	if i < at && (t.at(at-1) == '.') {
		return at
	}
	return i
}

// mailDomain returns where the domain that begins at t.at(i) ends, and a score, 0 = there is none.
func (s *Scanner) mailDomain(t *window, i int) (end int, score uint8) {
	if t.at(i) == '[' {
		for j := i + 1; j < t.n && j-i < 60; j++ {
			if t.at(j) == ']' {
				s.work += j - i
				_, v4 := ipv4(t, i+1)
				if v4 == j || j-i > 8 && hasFold(t, i+1, "ipv6:") {
					return j + 1, 85
				}
				break
			}
			if class[t.at(j)]&alnum == 0 && t.at(j) != '.' && t.at(j) != ':' {
				break
			}
		}
		return i, 0
	}
	labels := 0
	begin := i
	for {
		first := i
		foreign := false
		for i < t.n {
			c := t.at(i)
			if c < 0x80 {
				if class[c]&alnum == 0 && c != '-' || foreign && i > first && t.at(i-1) >= 0x80 && before3(t, i) {
					break
				}
				i++
				continue
			}
			f, n := fold(t, i)
			if f == nothing {
				if labels > 0 && listed(topLevel, t.cut(first, i)) {
					break
				}
			} else if f != other || i+n > t.n || n == 1 || n > 2 && i > first && t.at(i-1) < 0x80 || c == 0xE2 || c == 0xE3 && t.at(i+1) == 0x80 || c == 0xC2 {
				break // signs, and text that is glued to the domain
			}
			foreign = true
			i += n
		}
		stop := i
		for stop > first && t.at(stop-1) == '-' {
			stop--
		}
		if stop == first || t.at(first) == '-' || stop-first > 63 {
			break
		}
		labels++
		if labels > 1 {
			switch top := t.cut(first, stop); {
			case foreign && stop-first > 3:
				end, score = stop, 85
			case listed(topLevel, top):
				end, score = stop, 90
			case listed(" corp home internal invalid lan local localdomain localhost test example ", top) || prefixOf(t, first, "example|test") > 0:
				end, score = max(end, stop), max(score, 80)
			case end == 0 && stop-first > 1 && allOf(top, letter) && !listed(fileEndings, top):
				end, score = stop, 40
			}
		}
		c, n := fold(t, i)
		if stop < i || c != '.' {
			break
		}
		i += n
	}
	s.work += i - begin
	if end-begin > 253 {
		return end, 0
	}
	return end, score
}

// before3 reports whether a character of three bytes, which is seen, ends before t.at(i).
func before3(t *window, i int) bool {
	c, n := before(t, i)
	return n == 3 && c != nothing
}

// fileEndings follow an @ in names of files: icon@2x.png.
const fileEndings = " bmp css csv gif html jpeg jpg js json jsx less log pdf png scss svg tsx txt webp xml yaml yml "
