package pii

// ipv4 reads a dotted address (RFC 1123, 2.1) at t.at(i). end is -1 where there is none.
func ipv4(t *window, i int) (parts [4]byte, end int) {
	for k := range parts {
		if k > 0 {
			if t.at(i) != '.' {
				return parts, -1
			}
			i++
		}
		v, from := 0, i
		for class[t.at(i)]&digit != 0 && i-from < 4 {
			v = v*10 + int(t.at(i)-'0')
			i++
		}
		if i == from || i-from > 3 || v > 255 {
			return parts, -1
		}
		parts[k] = byte(v)
	}
	return parts, i
}

// dotted looks for an IPv4 address in the first four groups of a number.
func (s *Scanner) dotted(t *window, r *number) {
	if r.m < 4 || r.glued || r.g(0).sep&(sepDot|sepDash) != 0 {
		return
	}
	small := true // as the parts of versions are
	for k := range 4 {
		g := r.g(k)
		if g.n > 3 || k > 0 && g.sep != sepDot {
			return
		}
		v := r.value(r.at(k), r.at(k)+g.n)
		if v > 255 {
			return
		}
		small = small && v < 64
	}
	start, end := r.g(0).start, r.g(3).end
	if r.m > 4 && r.g(4).sep == sepDot || !r.bounded(t, 4) {
		return
	}
	score := 75
	c, size := before(t, start)
	b, _ := before(t, start-size)
	next := after(t, end)
	switch {
	case c == '@' && !isAlnum(b), c == '=' && (b == '=' || b == '~' || b == '>' || b == '<' || b == '^'), c == '^' || c == '~' && b != '/':
		score = 20 // ==1.2.3.4 of a package
	case c == '@' && s.near(cRemote, start, 40):
		score = 80
	case c == '@' && small, c == '-' && isAlnum(b), c == '/' && isAlnum(b) && small:
		score = 30 // package@1.2.3.4, package-1.2.3.4, Product/1.2.3.4
	case (c == '_' || c == '.') && isAlnum(b), next == '_':
		score = 30 // package_1.2.3.4_amd64, lib.so.1.2.3.4
	case r.g(0).n < 3 && prefixOf(t, start, "10.") == 0 && c == ' ' && (s.near(cProduct, start, 1) || small && product(t, start)):
		score = 30 // nginx 1.2.3.4, Newtonsoft.Json 13.0.3.27
	case prefixOf(t, start, "2.5.4.|2.5.29.|1.3.6.1") > 0:
		score = 30 // numbers of objects in certificates
	case next == '.' && class[t.at(end+1)]&letter != 0:
		score = 30 // name 1.2.3.4.zip
	case next == '-' && end+1 < t.n && isAlnum(t.at(end+1)) && !isDigit(t.at(end+1)), next == '+':
		score = 30 // 1.2.3.4-beta
	case small && (r.g(0).n == 1):
		score = 62
	}
	ip, version := s.against(t, cIP, start, 48), s.against(t, cVersion, start, 40)
	switch {
	case c == '/' && b == '/': // the host of a URL
		score += 10
	case version >= 0 && (ip < 0 || version < ip || ip > 40):
		score = min(score, 35)
	case ip >= 0 && ip <= 48:
		score += 20
	case s.nearAhead(t, end, cVersion, 20):
		score = min(score, 40)
	}
	s.add(&Find{IP, "v4", start, end, uint8(min(score, 97))})
}

// product reports whether the word before t.at(i), and a blank, ends the name of a package, as
// in Newtonsoft.Json. A name of a host with dots is in small letters.
func product(t *window, i int) bool {
	j := i - 1
	for j > 2 && i-j < 32 && class[t.at(j-1)]&word != 0 {
		j--
	}
	return j > 1 && class[t.at(j)]&upper != 0 && t.at(j-1) == '.' && class[t.at(j-2)]&lower != 0
}

// ipv6 looks at an address at t.at(i), in any of the forms of RFC 4291, 2.2.
func (s *Scanner) ipv6(t *window, i int) {
	j, groups, digits, letters := i, 0, 0, 0
	compressed, last := -1, i
	for j < t.n {
		if t.at(j) == ':' {
			if t.at(j+1) == ':' {
				if compressed >= 0 {
					break
				}
				compressed = groups
				j += 2
				last = j
				continue
			}
			if groups == 0 || t.at(j-1) == ':' || class[t.at(j+1)]&hex16 == 0 {
				break // a colon first, a third one, one behind the address
			}
			j++
		}
		from := j
		for class[t.at(j)]&hex16 != 0 && j-from < 5 {
			j++
		}
		n := j - from
		if n == 0 {
			break
		}
		if t.at(j) == '.' {
			if _, end := ipv4(t, from); end > 0 && (groups == 6 || compressed >= 0 && groups < 6) {
				groups += 2
				digits += 8
				j, last = end, end
				break
			}
		}
		if n > 4 {
			s.work += j - i
			return
		}
		groups++
		for _, c := range t.cut(from, j) {
			digits += count(class[c]&digit != 0)
			letters += count(class[c]&digit == 0)
		}
		last = j
		if groups == 8 {
			break
		}
	}
	s.work += j - i
	end := last
	if groups > 8 || groups == 8 && compressed >= 0 || groups < 8 && compressed < 0 || groups == 0 {
		return
	}
	if end < t.n && (class[t.at(end)]&word != 0 || t.at(end) >= 0x80 && isAlnum(after(t, end))) ||
		end+1 < t.n && t.at(end) == ':' && (class[t.at(end+1)]&alnum != 0 || t.at(end+1) == ':') {
		return
	}
	score := 92
	short := digits+letters <= 4
	c, _ := before(t, i)
	named := s.near(cIP, i, 48)
	switch {
	case groups == 8 || groups >= 3 && digits > 0:
		// no C++ name and no slice of Python
	case named && digits > 0:
		score = 85
	case c == '[' && i > 1 && (class[t.at(i-2)]&word != 0 || t.at(i-2) == ']' || t.at(i-2) == ')'):
		score = 20 // a[1::2]
	case i+3 == end && hasFold(t, i, "::1") && (c == ' ' || c == '[' || c == '"' || c == '\'' || c == '/' || c == '(' || c >= 0x80 || c < ' '):
		score = 65
	case digits == 0 || short:
		score = 30 // dead::beef
	default:
		score = 75
	}
	if named {
		score += 5
	}
	s.add(&Find{IP, "v6", i, end, uint8(score)})
}

// mac looks at a hardware address (IEEE 802, 48 or 64 bits) at t.at(i): pairs with colons or
// dashes, or three groups of four with dots.
func (s *Scanner) mac(t *window, i, size int) {
	if i > 1 && (t.at(i-1) == ':' || t.at(i-1) == '-' || t.at(i-1) == '.') && class[t.at(i-2)]&hex16 != 0 &&
		(i < 4 || class[t.at(i-3)]&hex16 != 0 && class[t.at(i-4)]&alnum == 0) {
		return // the middle of something longer
	}
	sep, j, groups, letters := t.at(i+size), i, 0, 0
	for {
		for n := range size {
			if class[t.at(j+n)]&hex16 == 0 {
				return
			}
			letters += count(class[t.at(j+n)]&digit == 0)
		}
		j += size
		groups++
		if j >= t.n || t.at(j) != sep || class[t.at(j+1)]&hex16 == 0 {
			break
		}
		if groups == 8 {
			return
		}
		j++
	}
	s.work += j - i
	if class[t.at(j)]&word != 0 || groups*size != 12 && (groups*size != 16 || sep == ':') {
		return
	}
	score := 90
	switch {
	case s.near(cMAC, i, 40):
		score = 97
	case letters == 0 && sep != ':':
		score = 45 // a date and a time
	case size == 4:
		score = 80
	case groups == 8:
		score = 65
	}
	s.add(&Find{MAC, "", i, j, uint8(score)})
}
