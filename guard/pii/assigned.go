package pii

// assigned looks for a value that is given to a secret's name: password=…, "api_key": "…",
// Authorization: Bearer …, --token …, "my password is …". The name is the end of
// t.cut(i, end). It returns where to go on: values are looked at for other kinds as well.
func (s *Scanner) assigned(t *window, i, end int, r role) int {
	if notSecret(t, i, end) || r == rKey && s.since(cHandle, end) <= 5 {
		return end
	}
	j := end
	for n := 0; n < 12 && j < t.n && t.at(j) >= 0x80 && t.at(i) < 0x80 && after(t, j) == other; n++ {
		j++ // the rest of a word: contraseña
		for t.at(j-1) >= 0x80 && j < t.n && (class[t.at(j)]&lower != 0 || t.at(j) >= 0x80 && t.at(j) < 0xC0) {
			j++
		}
	}
	v := value{t: t, i: j, name: end}
	if !v.separator(s, i, r) {
		return end
	}
	for range 2 {
		v.read(r)
		s.work += v.end - j
		score, what := v.judge(r)
		if score > 0 {
			find := Find{Secret, what, v.start, v.end, score}
			if v.end == t.n && allOf(t.cut(v.start, v.end), b68) {
				s.leave(&find, b68)
				return v.end
			}
			s.add(&find)
			return end
		}
		// password: str = "…", as languages with types have it
		k := v.end
		if v.quote != 0 || !allOf(t.cut(v.start, v.end), word) || k+2 >= t.n {
			break
		}
		for t.at(k) == ' ' {
			k++
		}
		if t.at(k) != '=' {
			break
		}
		v.i = k + 1
	}
	return end
}

// notSecret are names of tokens and keys that are no secrets: next_page_token, public_key.
func notSecret(t *window, from, end int) bool {
	for i := from; i < end; i++ {
		if (i == from || t.at(i-1) == '_' || class[t.at(i)]&upper != 0) && prefixOf(t, i, "page|public|next|continuation|cancel|sync") > 0 {
			return true
		}
	}
	return false
}

// value is what a name is given.
type value struct {
	t          *window
	i          int
	start, end int
	name       int  // where the name ends
	quote      byte // 0 = none
	prose      bool // "password is …": words may follow
	form       bool // perhaps in a form, where the next name is behind an &
	query      bool // surely, or in a URL
	scheme     bool // the name of one is before it: Basic …
	bare       bool // no sign says that it is one: it has to look like it
	closing    byte // that has to be behind it, 0 = nothing has; of one with it no word may be the value
}

// anything is a closing that everything is.
const anything = 1

func (v *value) peek() byte { return v.t.at(v.i) }

func (v *value) blanks() { v.pass(" \t", 6) }

// pass passes up to most bytes of a set.
//
//go:noinline
func (v *value) pass(set string, most int) {
	for ; most > 0 && oneOf(set, v.peek()); most-- {
		v.i++
	}
}

// separator passes what is between a name and its value, but for blanks. The name begins at from.
func (v *value) separator(s *Scanner, from int, r role) bool {
	if r == rBearer {
		return v.peek() == ' '
	}
	before := byte(' ')
	if from > 0 {
		before = v.t.at(from - 1)
	}
	at := v.i
	v.pass("\"'`\\])*", 4) // what closes a name
	quoted := v.i > at
	if n := prefixOf(v.t, v.i, ", '|, \"|,'|,\""); n > 0 && quoted && prefixOf(v.t, v.i+n, "value") == 0 {
		v.i += n - 1 // define('NAME', '…')
		return true
	}
	at = v.i
	if quoted || from > 2 && v.t.at(from-2) == ':' {
		v.pass(", \t\r\n", 40)
	}
	v.blanks()
	if n := prefixOf(v.t, v.i, "value|\"value\"|'value'|content"); n > 0 && v.i > at {
		v.i += n // the name was a value itself: "name": "DB_PASSWORD", "value": "…", key="NAME" value="…"
	} else {
		v.i = at
	}
	at = v.i
	v.blanks()
	c := after(v.t, v.i)
	switch {
	case c == '>' && v.i == at:
		v.i++
		return (before == '<' || before == ':') && v.peek() != ' '
	case c == '=' || c == ':':
		_, size := fold(v.t, v.i)
		v.i += size
		next := v.peek()
		if next == c || next == '~' {
			return false // a comparison, a name in C++
		}
		if next == '=' || next == '>' {
			v.i++
		}
		v.form = c == '='
		v.query = v.form && (before == '?' || before == '&')
		v.pass("* \t", 3) // **Password:** …
		if c == ':' && v.name-from == 4 && class[v.t.at(from+1)]&upper != 0 {
			v.bare = true // PASS: what a test that passes is called
			if prefixOf(v.t, v.i, "test") > 0 {
				v.closing = anything
			}
		}
		if c == ':' && oneOf("\r\n", v.peek()) {
			v.bare, v.closing = true, '\n'
			v.pass("\r", 1) // and no empty line
			v.pass("\n", 1)
			v.pass(" \t", 40)
		}
		return true
	case c == '|' && v.t.at(v.i+1) == ' ':
		v.bare, v.closing = true, '|' // of a table: | password | … |
		v.i++
		return true
	case v.i > at && before == '-' && flag(v.t, from), v.i > at && r == rPassword && (c == '\'' || c == '"'):
		return true // --token …, PASSWORD '…'
	}
	words, spaced := 0, r == rPassword && v.i > at
	if v.i > at && prefixOf(v.t, v.i, "for |of |to |in |should be ") > 0 {
		v.bare, words = true, 40 // client secret for the app: …, password for the guests is …
	} else if spaced && prefixOf(v.t, v.i, "-p |by '|by \"") > 0 {
		v.i += 3
		return true // sshpass -p …, IDENTIFIED BY '…'
	}
	v.prose = true
	for at = v.i; ; words-- {
		if n := prefixOf(v.t, v.i, verbs); n > 0 && (words == 0 || v.t.at(v.i-1) == ' ') {
			v.i += n
			return true
		}
		c := v.peek()
		v.i++
		if words <= 0 || class[c]&word == 0 && !oneOf(" -@", c) {
			if words > 0 {
				return c == ':'
			}
			break
		}
	}
	v.i = at
	v.bare = spaced && s.netrc(v.t, from)
	if v.name-from == 4 {
		v.closing = anything // PASS src/App2.test.js
	}
	return v.bare
}

// flag reports whether the name whose end t.at(from) begins is a command's flag: --api-key.
func flag(t *window, from int) bool {
	for n := 0; n < 32 && from > 0 && (class[t.at(from-1)]&word != 0 || t.at(from-1) == '-'); n++ {
		from--
	}
	return t.at(from) == '-'
}

// netrc reports whether the name at t.at(from) is one of netrc's, which has no signs: it begins
// a line, or "login" is before it.
func (s *Scanner) netrc(t *window, from int) bool {
	if s.near(cLogin, from, 40) {
		return true
	}
	for from > 0 && (t.at(from-1) == ' ' || t.at(from-1) == '\t') {
		from--
	}
	return from == 0 || t.at(from-1) == '\n'
}

// verbs are between a name and its value where people write.
const verbs = "is |is: |should be |ist |lautet |lautet: |est |es |was |war |->|è |は|是|为|為"

const longestPassword = 128

// read takes the value's bytes.
func (v *value) read(r role) {
	v.blanks()
	if n := prefixOf(v.t, v.i, "b\"|b'|f\"|f'|r\"|r'|u\"|u'|@\"|\\\""); n > 0 {
		v.i += n - 1 // a prefix of a literal, or a backslash
	}
	v.quote = 0
	if c := v.peek(); c == '"' || c == '\'' || c == '`' {
		v.quote = c
		v.i++
	}
	if n := prefixOf(v.t, v.i, "bearer |basic |token |apikey |api-key |key "); n > 0 {
		v.i += n
		v.scheme = true
	}
	v.start = v.i
	open, most := 0, min(v.t.n, v.start+longestPassword+1)
	for ; ; v.i++ {
		if v.i == most {
			if most == v.t.n || !v.token(r) {
				break // no token, so only as long as a password may be
			}
			most = v.t.n
		}
		c := v.t.at(v.i)
		if class[c]&stops == 0 {
			continue
		}
		if c >= 0x80 {
			if f, size := fold(v.t, v.i); v.quote == 0 && (c == 0xE2 || c == 0xE3 || f != other) {
				break
			} else if size > 1 {
				v.i = min(v.i+size, most) - 1
			}
			continue
		}
		next := byte(' ')
		if v.i+1 < v.t.n {
			next = v.t.at(v.i + 1)
		}
		if c == v.quote || c == '\n' || c == '\\' && (next == v.quote || v.quote == 0) {
			break
		}
		if v.quote != 0 {
			continue
		}
		if v.form && c == '&' {
			i := v.i + 1
			for class[v.t.at(i)]&word != 0 {
				i++
			}
			if v.query || v.t.at(i) == '=' {
				break
			}
		}
		if c <= ' ' || oneOf("\"'`<>;|", c) || v.query && c == '#' || c == ',' && (next <= ' ' || next == '"') {
			break
		}
		if oneOf("({[", c) {
			open++
		}
		if oneOf(")}]", c) {
			if open--; open < 0 {
				break
			}
		}
	}
	v.end = v.i
	for v.quote == 0 && v.end > v.start && v.end < v.t.n && oneOf(".,:?", v.t.at(v.end-1)) {
		v.end-- // the end of a sentence
	}
	if v.closing <= anything {
		return
	}
	v.i += count(v.quote != 0)
	v.blanks()
	if c := v.peek(); v.t.at(v.end) == ':' || c != v.closing && (v.closing == '|' || c > '\r') {
		v.end = v.start
	}
}

// token reports whether what was read so far may be a long token.
func (v *value) token(r role) bool {
	b := v.t.cut(v.start, v.i)
	for i, c := range b {
		if class[c]&b68 == 0 || c == '=' && i+2 < len(b) {
			return false
		}
	}
	return r != rPassword
}

// judge says how likely a value is a secret, 0 = it is none.
func (v *value) judge(r role) (score uint8, what string) {
	b := v.t.cut(v.start, v.end)
	if len(b) < 6 || len(b) > longestPassword && (r == rPassword || !allOf(b, b68)) || placeholder(v.t, v.start, v.end) {
		return 0, ""
	}
	m := measure(b)
	base64 := r != rPassword && m.n >= 40 && m.lowers > 4 && m.uppers > 4 && m.digits > 0 && allOf(b, std64) // which may begin like a path
	switch {
	case base64 && m.n == 40:
		return 85, "aws_secret_access_key"
	case m.scheme, !base64 && (m.path && (v.bare || r != rPassword) || prefixOf(v.t, v.start, "/|./|../|~/|--|arn:|aws4-|process.env|os.environ|env.|env[|vault:|secrets.") > 0):
		return 0, "" // a path, a URL, another flag, where it is kept
	case v.quote == 0 && (m.call || m.chain):
		return 0, "" // code
	case v.quote != 0 && m.blanks > 0:
		return 0, "" // a text
	case len(b) > 10 && m.lowers+m.uppers <= 2 && (b[8] == 'T' || b[10] == 'T'):
		return 0, "" // a time, ISO 8601
	case r == rAuth && !v.scheme && (m.n < 16 || !allOf(b, word|std64)):
		return 0, "" // prior authorization: PA-2024-0001
	case v.closing != 0 && !m.uuid && (!m.hex || m.soft > 0) && !m.mingled && m.hard == 0:
		return 0, "" // the next heading, a description
	}
	if v.bare && (m.digits == 0 || r != rPassword && m.n < 16 || r == rPassword && (m.n < 8 || m.mixed() < 3 || m.digits == 1 && m.signs == m.soft)) {
		return 0, ""
	}
	if r == rPassword {
		return m.password(v)
	}
	return m.token(r, v, b)
}

// measured is what a value is made of.
type measured struct {
	n, lowers, uppers, digits, signs, blanks int
	distinct                                 int  // different bytes
	soft                                     int  // signs that words have: - _ .
	hard                                     int  // signs that they have not: 2 = one of !@$%^&*, 1 = #
	mingled                                  bool // a digit is between letters
	path                                     bool // small letters and a slash begin it
	call, chain                              bool // f(…, &name.Name{…; name.name
	scheme                                   bool // …://
	uuid, hex                                bool
}

func measure(b []byte) (m measured) {
	m.n, m.hex, m.chain = len(b), true, true
	var set [4]uint64
	first := true // of a part between dots
	dots := 0
	last, before := byte(0), byte(0) // the two bytes before
	for i, c := range b {
		set[c>>6] |= 1 << (c & 63)
		k := class[c]
		switch {
		case k&letter != 0:
			if m.mingled = m.mingled || class[last]&digit != 0 && class[before]&letter != 0; k&lower != 0 {
				m.lowers++
			} else {
				m.uppers++
			}
		case k&digit != 0:
			m.digits++
			if first {
				m.chain = false
			}
		case c == ' ':
			m.blanks++
		default:
			m.signs++
			switch {
			case c == '-' || c == '_' || c == '.':
				m.soft++
			case c == '/':
				m.path = m.path || i > 2 && m.lowers == i
				m.scheme = m.scheme || last == '/' && before == ':'
			case c == '#':
				m.hard |= 1
			case oneOf("!@$%^&*", c):
				m.hard |= 2
			}
			if class[last]&word != 0 && (c == '(' || c == '[' || c == '{' && m.chain && dots > 0) {
				m.call = true
			}
			if c != '_' && c != '.' && (i > 0 || !oneOf("&*(", c)) {
				m.chain = false
			}
		}
		if k&hex16 == 0 && c != '-' {
			m.hex = false
		}
		if first = c == '.' || i == 0 && k&word == 0; c == '.' {
			dots++
		}
		last, before = c, last
	}
	m.chain = m.chain && dots > 0 && !first && m.digits <= 2
	m.uuid = m.hex && len(b) == 36 && (b[8]^'-')|(b[13]^'-')|(b[18]^'-')|(b[23]^'-') == 0
	for _, w := range set {
		for ; w != 0; w &= w - 1 {
			m.distinct++
		}
	}
	return m
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}

// mixed is how many sorts of character there are; signs that words have are none.
func (m *measured) mixed() int {
	return count(m.lowers > 0) + count(m.uppers > 0) + count(m.digits > 0) + count(m.signs > m.soft)
}

// password judges what people make up.
func (m *measured) password(v *value) (uint8, string) {
	const what = "password"
	plural := lowered(v.t.at(v.name-1)) == 's' && !hasFold(v.t, v.name-4, "pass")
	switch {
	case m.distinct < 4:
		return 0, ""
	case m.digits == m.n:
		if plural || v.prose || m.n > 12 {
			return 0, ""
		}
		return 60, what
	case m.mixed() < 2 || m.digits == 0 && m.signs == m.soft:
		return 0, "" // a word
	case m.digits == 0 && m.signs-m.soft == 1 && v.quote == 0 && class[v.t.at(v.end-1)]&word == 0:
		return 0, "" // a word with a sign behind it
	case v.prose && m.n < 8 && m.mixed() < 3 && m.digits < 2 && m.signs == 0:
		return 55, what
	}
	score := 75 + 5*m.mixed() - 10
	if m.n >= 12 {
		score += 5
	}
	return uint8(score), what
}

// token judges what machines make.
func (m *measured) token(r role, v *value, b []byte) (uint8, string) {
	what := "token"
	if r == rKey {
		what = "key"
	}
	random := m.digits > 0 && m.lowers+m.uppers > 0
	switch {
	case m.uuid:
		if r == rKey || hasFold(v.t, v.name-6, "secret") || hasFold(v.t, v.name-3, "key") {
			return 60, what
		}
		return 0, ""
	case m.signs > m.soft && r != rBearer && !allOf(b, b68) && m.n < 20 && m.mixed() < 3, m.signs > 2 && m.digits <= 4 && m.uppers == 0:
		return 0, "" // words, a path
	case r <= rKey && m.signs*10 >= m.n && !m.mingled && m.hard < 2:
		return 0, "" // words and numbers with signs between them: linux-cargo-2024-stable-v3
	case m.n >= 32 && (random || m.lowers > 4 && m.uppers > 4) && m.distinct >= 10:
		return 82, what
	case m.n >= 16 && random && m.distinct >= 9 && (m.soft == 0 || m.mixed() > 2 || m.digits > 3):
		return 74, what
	case m.n >= 20 && m.lowers > 4 && m.uppers > 4 && m.distinct >= 12 && m.soft == 0:
		return 60, what
	case r != rBearer && m.n >= 8 && m.mixed() >= 3 && m.digits > 0 && m.distinct >= 6:
		return 62, what
	}
	return 0, ""
}
