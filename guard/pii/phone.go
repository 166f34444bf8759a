package pii

// callingCode is a country's code (ITU-T E.164) and how many digits its numbers have.
type callingCode struct {
	code     uint16
	min, max uint8
	what     string
}

// callingCodes are those of one and two digits.
var callingCodes = [...]callingCode{
	{1, 10, 10, "us"}, {7, 10, 10, "ru"}, {20, 8, 10, "eg"}, {27, 9, 9, "za"}, {30, 10, 10, "gr"}, {31, 9, 9, "nl"},
	{32, 8, 9, "be"}, {33, 9, 9, "fr"}, {34, 9, 9, "es"}, {36, 8, 9, "hu"}, {39, 6, 11, "it"}, {40, 9, 9, "ro"},
	{41, 9, 9, "ch"}, {43, 7, 13, "at"}, {44, 9, 10, "gb"}, {45, 8, 8, "dk"}, {46, 7, 10, "se"}, {47, 8, 8, "no"},
	{48, 9, 9, "pl"}, {49, 7, 12, "de"}, {51, 8, 9, "pe"}, {52, 10, 11, "mx"}, {53, 8, 8, "cu"}, {54, 10, 11, "ar"},
	{55, 10, 11, "br"}, {56, 9, 9, "cl"}, {57, 8, 10, "co"}, {58, 10, 10, "ve"}, {60, 8, 10, "my"}, {61, 9, 9, "au"},
	{62, 8, 12, "id"}, {63, 8, 10, "ph"}, {64, 8, 10, "nz"}, {65, 8, 8, "sg"}, {66, 8, 9, "th"}, {81, 9, 10, "jp"},
	{82, 8, 10, "kr"}, {84, 9, 10, "vn"}, {86, 9, 11, "cn"}, {90, 10, 10, "tr"}, {91, 10, 10, "in"}, {92, 9, 10, "pk"},
	{93, 9, 9, "af"}, {94, 9, 9, "lk"}, {95, 7, 10, "mm"}, {98, 10, 10, "ir"},
}

// longCodes are the assigned codes of three digits, by their first two and then the third ones.
const longCodes = "21:12368 22:0123456789 23:0123456789 24:0123456789 25:01234568 26:0123456789 29:01789 " +
	"35:0123456789 37:012345678 38:01235679 42:013 50:0123456789 59:0123456789 67:02345678 68:0123456789 69:012 " +
	"80:08 85:02356 87:08 88:01236 96:01234567 97:01234567 99:2345689 "

// international is the code and the length of numbers for digits behind a + sign, which
// are those of r without the first.
func international(r *number, skip int) (code int, min, max int, what string) {
	if r.n-skip < 7 || r.d(skip) == 0 {
		return 0, 0, 0, ""
	}
	one, next, third := r.d(skip), r.d(skip+1), r.d(skip+2)
	two := uint16(one)*10 + uint16(next)
	for i := range callingCodes {
		c := &callingCodes[i]
		switch {
		case c.code < 10 && c.code == uint16(one):
			return 1, int(c.min), int(c.max), c.what
		case c.code == two:
			return 2, int(c.min), int(c.max), c.what
		}
	}
	for i := 0; i+3 < len(longCodes); i++ {
		if longCodes[i] == one+'0' && longCodes[i+1] == next+'0' && longCodes[i+2] == ':' {
			for i += 3; longCodes[i] != ' '; i++ {
				if longCodes[i] == third+'0' {
					return 3, 6, 11, ""
				}
			}
			break
		}
	}
	return 0, 0, 0, ""
}

// phoneForm is a national way to write a number: the sizes of its groups, how its digits
// begin, and with what between the groups. In lead N is 2-9, Z is 1-9, M is 6-9, X any.
type phoneForm struct {
	what   string
	groups string
	lead   string
	seps   uint8
	score  uint8 // below 50: only with a word such as "phone" near it
}

const (
	blank = sepSpace
	dash  = sepDash
	dot   = sepDot
	slash = sepSlash
	paren = sepParen | sepSpace | sepDash
)

// phoneForms are sorted by the size of their first group.
var phoneForms = [...]phoneForm{
	{"us", "1334", "1NXXNXX", paren | dot, 76}, {"in", "155", "0M", blank | dash, 60},
	{"fr", "22222", "0Z", blank | dot | dash, 72}, {"es", "2322", "9", blank, 64}, {"es", "2322", "8", blank, 60}, {"it", "244", "06", blank, 60},
	{"it", "244", "02", blank, 60}, {"it", "28", "0", blank | slash | dash, 58}, {"br", "254", "ZZ9", blank | dash | sepParen, 70},
	{"br", "244", "ZZN", sepParen | dash | blank, 48}, {"jp", "244", "0Z", dash | sepParen, 70}, {"au", "244", "0Z", paren, 56},
	{"nl", "28", "06", dash | blank, 66},
	{"us", "334", "NXXNXX", paren, 68}, {"us", "334", "NXXNXX", dash, 78}, {"us", "334", "NXXNXX", dot, 74}, {"us", "334", "NXXNXX", slash | dash, 66},
	{"us", "34", "NXX", dash | dot | blank, 35}, {"gb", "344", "02", paren, 70}, {"gb", "38", "02", paren, 60}, {"de", "36", "030", blank | dash, 56},
	{"de", "37", "030", blank | dash, 58}, {"de", "38", "030", blank | dash, 58}, {"de", "37", "040", blank | dash, 58},
	{"de", "38", "040", blank | dash, 58}, {"de", "37", "0M9", blank | dash, 58}, {"de", "38", "0M9", blank | dash, 58}, {"es", "3222", "M", blank, 64},
	{"es", "333", "M", blank | dot, 48}, {"es", "333", "6", dash, 62}, {"es", "333", "7", dash, 40}, {"es", "333", "9", dash, 58}, {"it", "334", "3N", blank | dash, 60},
	{"it", "37", "3N", blank | dash | slash, 60}, {"in", "38", "0Z", dash, 66}, {"in", "344", "0Z", blank | dash, 60}, {"jp", "344", "0M0", paren, 78},
	{"jp", "344", "050", paren, 76}, {"jp", "334", "0Z", dash | sepParen, 70}, {"cn", "344", "1N", blank | dash, 64}, {"cn", "38", "0Z", dash, 62},
	{"ch", "3322", "0Z", blank, 66}, {"nl", "37", "0Z", dash, 62},
	{"gb", "434", "01X1", blank | dash, 68}, {"gb", "434", "011", blank | dash, 68}, {"gb", "433", "08", blank | dash, 60},
	{"gb", "434", "08", blank | dash, 64}, {"gb", "434", "03", blank | dash, 62}, {"de", "48", "01M", blank | dash | slash, 64},
	{"de", "47", "01M", blank | dash | slash, 64}, {"de", "48", "015", blank | dash | slash, 64}, {"de", "4322", "01", blank, 62},
	{"de", "4344", "01", blank, 60}, {"de", "46", "0N", blank, 52}, {"de", "47", "0N", blank, 52}, {"de", "45", "0N", blank, 50},
	{"in", "47", "0Z", blank, 52}, {"in", "48", "0Z", dash, 62}, {"in", "47", "0Z", dash, 62}, {"jp", "424", "0Z", dash | sepParen, 68},
	{"jp", "433", "0120", dash | blank, 74}, {"jp", "433", "0ZZX", dash, 60}, {"cn", "48", "0Z", dash, 62}, {"au", "433", "04", blank | dash, 66},
	{"be", "4222", "0Z", blank | dash, 64},
	{"gb", "56", "07", blank | dash, 68}, {"gb", "533", "07", blank | dash, 70}, {"gb", "56", "01", paren, 62}, {"gb", "533", "01", paren, 64},
	{"de", "57", "01", blank, 58}, {"de", "58", "01", blank, 58}, {"de", "56", "0N", blank, 52}, {"in", "56", "0M", blank, 60},
	{"in", "55", "M", blank | dash, 64}, {"in", "55", "0M", blank | dash, 45}, {"br", "54", "9", dash | blank, 40}, {"jp", "523", "0Z", dash, 58},
	{"in", "65", "0M", blank, 60},
}

// phoneIndex is where the forms with a first group of a size begin.
var phoneIndex = [...]uint8{0, 0, 2, 13, 43, 65, 77, 78}

// plusScore is of a number with a + sign.
const plusScore = 86

// phone looks for a telephone number in the first groups of r.
func (s *Scanner) phone(t *window, r *number) {
	start := r.g(0).start
	c, size := before(t, start)
	b, _ := before(t, start-size)
	switch {
	case c == '+' && !isAlnum(b), c == '(' && b == '+':
		from := start - size
		if b == '+' {
			_, n := before(t, from)
			from -= n
		}
		s.abroad(t, r, 0, from, plusScore)
		return
	case r.d(0) == 0 && r.n > 9 && r.d(1) == 0 && r.g(0).n > 1 && c != '+' && c != '-': // not in 0.0392 and 1.0e+00
		s.abroad(t, r, 2, start, 66)
	case r.g(0).n == 3 && r.n > 11 && r.d(0) == 0 && r.d(1) == 1 && r.d(2) == 1:
		s.abroad(t, r, 3, start, 64)
	}
	if r.n < 7 || r.g(0).n > 15 {
		return
	}
	opened := c == '('
	best := Find{Kind: Phone}
	from, to := 0, 0
	if n := r.g(0).n; n < len(phoneIndex)-1 && r.m > 1 {
		from, to = int(phoneIndex[n]), int(phoneIndex[n+1])
	}
	for ; from < to; from++ {
		f := &phoneForms[from]
		k := len(f.groups)
		if k > r.m || int(f.groups[1]-'0') != r.g(1).n || !r.hasForm(f) {
			continue
		}
		score := int(f.score)
		if opened && r.g(1).sep&sepParen != 0 {
			score += 16
		}
		s.take(&best, t, r, k, score, f.what)
	}
	if best.Score < 60 {
		s.unformed(&best, t, r, opened)
	}
	if best.Score == 0 {
		return
	}
	best.Start = start
	if opened && r.m > 1 && r.g(1).sep&sepParen != 0 {
		best.Start -= size
	}
	s.add(&best)
}

// unformed looks at numbers of no known form: with a trunk prefix, or behind a word such as "phone".
func (s *Scanner) unformed(best *Find, t *window, r *number, opened bool) {
	start := r.g(0).start
	said := s.near(cPhone, start, 28) && !stopped(t, start-s.since(cPhone, start), start, false)
	if end := r.g(0).end; !said && r.m == 1 && r.n >= 9 && r.n <= 11 {
		said = s.nearAhead(t, end, cPhone, 16)
	}
	if !said && (r.d(0) != 0 || r.d(1) == 0 || r.m == 1) {
		return
	}
	for k := r.m; k > 0; k-- {
		n := r.upTo(k)
		if n > 15 || n < 7 {
			continue
		}
		odd := r.g(k-1).n < 2 || k == 2 && r.g(1).sep == sepDot && r.g(0).n < 3 // a decimal number
		for j := 1; j < k; j++ {
			odd = odd || r.g(j).sep&sepMany != 0
		}
		if odd || r.isDate(k) {
			continue
		}
		switch {
		case k > 1 && r.d(0) == 0 && r.d(1) != 0 && n >= 9 && n <= 12 && r.g(0).n > 1 && r.g(0).n < 6:
			score := 44
			switch {
			case opened && r.g(1).sep&sepParen != 0:
				score = 66
			case r.g(1).sep == sepSlash || r.g(1).sep == sepSlash|sepSpace:
				score = 60
			}
			s.take(best, t, r, k, score, "")
		case said:
			s.take(best, t, r, k, 46, "")
		}
		return
	}
}

// take keeps a reading of the first k groups if it is the best so far.
func (s *Scanner) take(best *Find, t *window, r *number, k, score int, what string) {
	start, end := r.g(0).start, r.g(k-1).end
	score = s.phoneScore(t, r, k, start, end, score)
	if score > int(best.Score) || score == int(best.Score) && end > best.End {
		best.Score, best.End, best.What = uint8(score), end, what
	}
}

// hasForm reports whether the first groups are as the form says.
func (r *number) hasForm(f *phoneForm) bool {
	for k := range len(f.groups) {
		g := r.g(k)
		if int(f.groups[k]-'0') != g.n || k > 0 && (g.sep&^f.seps != 0 || g.sep == 0) {
			return false
		}
	}
	for i := range len(f.lead) {
		d := r.d(i)
		switch l := f.lead[i]; l {
		case 'X':
		case 'N':
			if d < 2 {
				return false
			}
		case 'Z':
			if d < 1 {
				return false
			}
		case 'M':
			if d < 6 {
				return false
			}
		default:
			if d != l-'0' {
				return false
			}
		}
	}
	if f.what == "us" {
		n := count(f.groups[0] == '1')
		return r.d(n+1) != 9 && (r.d(n+1) != 1 || r.d(n+2) != 1) && (f.groups == "34" || r.d(n+4) != 1 || r.d(n+5) != 1) // no N9X, no N11
	}
	if f.groups == "22222" { // not 01 02 03 04 05
		step := int(r.d(3)) - int(r.d(1))
		return r.d(2) != 0 || r.d(4) != 0 || r.d(6) != 0 || int(r.d(5))-int(r.d(3)) != step
	}
	return true
}

// phoneScore is by what is around the number.
func (s *Scanner) phoneScore(t *window, r *number, k, start, end, score int) int {
	abroad := score >= plusScore
	var seps uint8
	for j := 1; j < k; j++ {
		seps |= r.g(j).sep
	}
	switch before := r.g(0).sep; {
	case before == 0:
	case before != sepSpace:
		score -= 45
	case seps&sepSpace != 0:
		score -= 22
	default:
		score -= 4
	}
	if k < r.m {
		switch next := r.g(k).sep; {
		case next&(sepDash|sepDot|sepSlash) != 0 && next&sepSpace == 0:
			score -= 45
		case next == sepSpace && seps&sepSpace != 0 && !abroad:
			score -= 15
		}
	}
	next := after(t, end)
	if r.glued || isAlnum(next) && (lowered(next) != 'x' || !isDigit(after(t, end+1))) {
		score -= 40
	}
	if c, n := before(t, start); c == '$' || c == '#' || c == '%' || c == '=' && seps == 0 && !s.near(cPhone, start, 12) || n > 1 && money(t, start-n) || money(t, end) {
		score -= 40
	}
	said, against := s.since(cPhone, start), s.against(t, cOther, start, 28)
	switch {
	case against >= 0 && !(said >= 0 && said < against) && !abroad:
		score -= 40
	case said >= 0 && said <= 40:
		score += 20
	case s.near(cCall, start, 40):
		score += 14
	case abroad:
	case s.against(t, cVersion, start, 24) >= 0:
		score -= 40
	case score > 20 && s.nearAhead(t, end, cPhone, 30):
		score += 14
	case score > 20 && s.nearAhead(t, end, cOther, 16):
		score -= 25
	}
	return max(0, min(score, 98))
}

// money reports whether a sign of money is at t.at(i) or a blank behind it: € £ ¥ ₹ and others.
func money(t *window, i int) bool {
	if t.at(i) == ' ' {
		i++
	}
	if i+1 >= t.n || i < 0 {
		return false
	}
	return t.at(i) == '$' || t.at(i) == 0xE2 && t.at(i+1) == 0x82 && i+2 < t.n && t.at(i+2) >= 0xA0 || t.at(i) == 0xC2 && (t.at(i+1) == 0xA3 || t.at(i+1) == 0xA5)
}

// abroad looks at a number that begins with a country's code, behind skip digits.
func (s *Scanner) abroad(t *window, r *number, skip, from, score int) {
	code, least, most, what := international(r, skip)
	if code == 0 {
		return
	}
	for k := r.m; k > 0; k-- {
		n := r.upTo(k) - skip - code
		first := skip + code // of the national number
		if r.d(first) == 0 && r.trunk(first, k) {
			n--
			first++
		}
		if n > most || n+code > 15 || r.g(k-1).n == 1 && n > least && k > 2 {
			continue
		}
		if n < least || r.d(first) == 0 && what != "it" && code != 3 {
			return
		}
		if what == "us" && (r.d(first) < 2 || r.d(first+3) < 2 || r.d(first+1) == 9) {
			return
		}
		if r.glued || k > 1 && r.g(1).sep == sepDot && (r.g(0).n < skip+code || k == 2) {
			return // a decimal number
		}
		if k == 1 && skip > 0 {
			score -= 24
		}
		if c, _ := before(t, from); isAlnum(c) {
			return
		}
		if skip == 0 {
			r.g(0).sep = 0
		}
		best := Find{Kind: Phone, Start: from}
		if s.take(&best, t, r, k, score, what); best.Score > 0 {
			s.add(&best)
		}
		return
	}
}

// trunk reports whether the digit is a group of its own in parentheses: +44 (0)20 …
func (r *number) trunk(digit, k int) bool {
	for j := 1; j < k; j++ {
		if g := r.g(j); r.at(j) == digit {
			return g.n == 1 || g.sep&sepParen != 0
		}
	}
	return false
}
