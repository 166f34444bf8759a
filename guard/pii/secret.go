package pii

// published looks for a secret in a form that its vendor has published, at t.at(i), which no
// letter, digit or underscore is glued to. It returns where to go on, i if there is none.
func (s *Scanner) published(t *window, i int) int {
	c := t.at(i)
	if c < '0' || c > 'z' || formatSecond[c-'0']>>(t.at(i+1)&31)&1 == 0 {
		return i
	}
	for k := formatIndex[c-'0']; k < formatIndex[c-'0'+1]; k++ {
		f := &formats[k]
		if t.n-i < len(f.prefix) || string(t.cut(i, i+len(f.prefix))) != f.prefix {
			continue
		}
		switch f.check {
		case checkJWT:
			return s.jwt(t, i)
		case checkDiscord:
			return s.discord(t, i)
		}
		body := i + len(f.prefix)
		end := body
		for end < t.n && class[t.at(end)]&f.bytes != 0 {
			end++
		}
		s.work += end - i
		n := end - body
		if max := int(f.max); max != 0 && n > max {
			if class[t.at(body+max)]&alnum != 0 {
				continue
			}
			end, n = body+max, max // a dash or an underscore behind it
		} else if max != 0 && class[t.at(end)]&alnum != 0 {
			continue
		}
		for max := int(f.max); max == 0 && n > 0 && end < t.n && (t.at(end-1) == '.' || t.at(end-1) == '='); n-- {
			end-- // the end of a sentence
		}
		if n < int(f.min) || placeholder(t, body, end) {
			continue
		}
		score := f.score
		switch f.check {
		case checkGitHub:
			if n == 36 && crcBase62(t.cut(body, body+30), t.cut(body+30, end)) {
				score = 99
			} else {
				score -= 15
			}
		case checkSendGrid:
			if t.at(body+22) != '.' {
				continue
			}
		case checkPyPI:
			if !hasFold(t, body, "ageichlwas5vcmc") && !hasFold(t, body, "agen") {
				score -= 15
			}
		}
		find := Find{Secret, f.what, i, end, score}
		if end == t.n && f.max == 0 {
			s.leave(&find, f.bytes)
		} else {
			s.add(&find)
		}
		return end
	}
	return i
}

// crcBase62 is the check of GitHub's and npm's tokens: the last six characters are the
// CRC-32 of the others in base 62.
// https://github.blog/2021-04-05-behind-githubs-new-authentication-token-formats/
func crcBase62(body, check []byte) bool {
	sum := uint32(0xffffffff)
	for _, b := range body {
		sum ^= uint32(b)
		for range 8 {
			sum = sum>>1 ^ 0xedb88320&-(sum&1)
		}
	}
	sum = ^sum
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	for i := len(check) - 1; i >= 0; i-- {
		if check[i] != digits[sum%62] {
			return false
		}
		sum /= 62
	}
	return true
}

// jwt looks at a JSON Web Token (RFC 7519): its header has to read as a JSON object.
func (s *Scanner) jwt(t *window, i int) int {
	dot := i
	for class[t.at(dot)]&url64 != 0 {
		dot++
	}
	s.work += dot - i
	if dot == t.n && dot-i < ahead-8 || dot < t.n && t.at(dot) != '.' || !jsonHeader(t.cut(i, dot)) {
		return i
	}
	end := dot
	dots := 0
	for end < t.n && (class[t.at(end)]&url64 != 0 || t.at(end) == '.' && dots < 4) {
		if t.at(end) == '.' {
			dots++
		}
		end++
	}
	s.work += end - dot
	find := Find{Secret, "jwt", i, end, 97}
	if end == t.n {
		s.leave(&find, b68)
		return end
	}
	for t.at(end-1) == '.' && dots > 2 {
		end--
		dots--
	}
	if end-dot < 5 {
		return i
	}
	find.End = end
	s.add(&find)
	return end
}

// jsonHeader reports whether base64 for URLs reads as the beginning of a JSON object.
func jsonHeader(b []byte) bool {
	var bits, n uint32
	members, at := 0, 0
	for _, c := range b {
		bits = bits<<6 | base64Value(c)
		if n += 6; n < 8 {
			continue
		}
		n -= 8
		v := byte(bits >> n)
		switch {
		case at == 0 && v != '{', v < ' ' && v != '\n' && v != '\r' && v != '\t', v >= 0x7f:
			return false
		case v == ':':
			members++
		}
		at++
	}
	return members > 0
}

// base64Value is the value of a digit of base64, of either alphabet.
func base64Value(c byte) uint32 {
	switch {
	case c >= 'a':
		return uint32(c-'a') + 26
	case c == '_' || c == '/':
		return 63
	case c >= 'A':
		return uint32(c - 'A')
	case c >= '0':
		return uint32(c-'0') + 52
	}
	return 62
}

// discord looks at a bot's token: its number in base64, a time, and a code, with dots.
func (s *Scanner) discord(t *window, i int) int {
	var lengths [3]int
	j := i
	for part := range lengths {
		from := j
		for class[t.at(j)]&url64 != 0 && j-from < 40 {
			j++
		}
		lengths[part] = j - from
		if part == 0 && (j-from < 24 || j-from > 28) || part == 1 && j-from != 6 || part < 2 && (t.at(j) != '.') {
			s.work += j - i
			return i
		}
		j++
	}
	j--
	s.work += j - i
	if lengths[2] < 27 || lengths[2] > 38 || placeholder(t, i, j) {
		return i
	}
	s.add(&Find{Secret, "discord_token", i, j, 92})
	return j
}

// telegram looks at a bot's token: its number, which is t.cut(start, colon), and 35 characters.
func (s *Scanner) telegram(t *window, start, colon int) {
	end := colon + 1
	for class[t.at(end)]&url64 != 0 && end-colon <= 36 {
		end++
	}
	s.work += end - colon
	if end-colon == 36 && t.at(colon+1) == 'A' {
		s.add(&Find{Secret, "telegram_token", start, end, 95})
	}
}

// placeholderFirst has the first letters of the words that a placeholder says: c, d, e, f, …
const placeholderFirst = 1<<('c'-'a') | 1<<('d'-'a') | 1<<('e'-'a') | 1<<('f'-'a') | 1<<('g'-'a') | 1<<('h'-'a') | 1<<('i'-'a') | 1<<('p'-'a') | 1<<('r'-'a') | 1<<('s'-'a') | 1<<('y'-'a')

// placeholder reports whether a value says that it is none.
func placeholder(t *window, from, end int) bool {
	v := t.cut(from, end)
	same, most := 1, 4
	if len(v) > 24 {
		most = 7 // random letters stand so in a row once in some million tokens
	}
	for i, c := range v {
		if i > 0 && c == v[i-1] {
			if same++; same == most && (c == 'x' || c == 'X' || c == '*' || c == '.' || c == '#' || c == '?') || same == 10 {
				return true
			}
		} else {
			same = 1
		}
		if c == '<' || c == '{' && (i == 0 || v[i-1] == '{' || v[i-1] == '$' || v[i-1] == '#') || c == '%' && i == 0 || c == '(' && i == 1 && v[0] == '$' {
			return true
		}
	}
	if len(v) > 1 && (v[0] == '[' || v[0] == '$' && class[v[1]]&letter != 0 && allOf(v[1:], word)) {
		return true // [SECRET_1], $VARIABLE
	}
	for i := range v {
		// Random letters spell words, so these stand between signs.
		if i > 0 && class[v[i-1]]&alnum != 0 {
			continue
		}
		if placeholderFirst>>(lowered(v[i])-'a'&31)&1 == 0 {
			continue
		}
		if n := prefixOf(t, from+i, "your|placeholder|changeme|change-me|change_me|redacted|replace|insert|goes-here|here|dummy|fake|sample"); n > 0 && (from+i+n >= end || class[t.at(from+i+n)]&alnum == 0) {
			return true
		}
		if len(v)-i >= 7 && string(v[i:i+7]) == "example" { // AKIAIOSFODNN7EXAMPLE has a key's form
			return true
		}
	}
	return false
}

func allOf(v []byte, bytes uint16) bool {
	for _, c := range v {
		if class[c]&bytes == 0 {
			return false
		}
	}
	return true
}
