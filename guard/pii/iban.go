package pii

// ibanLengths are the countries of the IBAN registry (SWIFT, release 100) and the lengths
// of their numbers.
const ibanLengths = "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18DO28EE20EG29ES24FI18FK18FO18FR27GB22GE22GI23GL18GR27GT28HN28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32LI21LT20LU20LV21LY25MC27MD24ME22MK19MN20MR27MT31MU30NI28NL18NO15OM23PK24PL28PS29PT25QA29RO24RS22RU33SA24SC31SD18SE24SI19SK24SM27SO23ST25SV28TL23TN24TR26UA29VA22VG24XK20YE30"

// ibanCountry is a country's code, out of the table, and its length. 0 = it has no IBAN.
func ibanCountry(a, b byte) (code string, length int) {
	lo, hi := 0, len(ibanLengths)/4
	for lo < hi {
		at := (lo + hi) / 2
		e := ibanLengths[4*at : 4*at+4]
		switch {
		case e[0] == a && e[1] == b:
			return e[:2], int(e[2]-'0')*10 + int(e[3]-'0')
		case e[0] < a || e[0] == a && e[1] < b:
			lo = at + 1
		default:
			hi = at
		}
	}
	return "", 0
}

// span is a part of the text.
type span struct{ start, end int }

// iban looks at an international bank account number (ISO 13616) at t.at(i): a country, two
// check digits, and as many letters and digits as the country has, in any case, with
// blanks, dashes or dots between them. The number modulo 97 is 1.
func (s *Scanner) iban(t *window, i int) {
	var c [64]byte // 34 at most
	code := ""
	n, length := 0, 4
	start, end := i, i
	cases := uint16(0)                         // of its letters
	dashes, hex, letters := false, true, false // … or dots between them; of what is behind the check digits
	for n < length {
		var b byte
		size, seps := 1, 0
		for ; ; seps++ {
			if i >= t.n {
				s.work += i - start
				return
			}
			if b, size = t.at(i), 1; b >= 0x80 {
				b, size = fold(t, i)
			}
			if isAlnum(b) {
				break
			}
			if b != ' ' && b != '-' && b != '.' && b != '\t' && b != nothing || seps == 2 || n == 1 {
				s.work += i - start
				return
			}
			dashes = dashes || b == '-' || b == '.'
			i += size
		}
		if n > 0 && seps == 0 { // a keyboard may make the first of a group a capital
			cases |= class[b] & letter
		}
		if b >= 'a' {
			b -= 'a' - 'A'
		}
		if n < 2 && isDigit(b) || (n == 2 || n == 3) && !isDigit(b) {
			return
		}
		if n > 3 {
			hex = hex && b <= 'F'
			letters = letters || !isDigit(b)
		}
		c[n&63] = b
		n++
		i += size
		end = i
		if n == 2 {
			if code, length = ibanCountry(c[0], c[1]); length == 0 {
				return
			}
		}
	}
	s.work += end - start
	rest := 0
	for k := range length {
		b := c[(k+4)%length&63]
		if isDigit(b) {
			rest = (rest*10 + int(b-'0')) % 97
		} else {
			rest = (rest*100 + int(b-'A') + 10) % 97
		}
	}
	if rest != 1 {
		if class[t.at(start+1)]&upper != 0 && end-start == length+(length-1)/4 {
			s.mistyped = span{start + t.base, end + t.base} // in groups of four
		}
		return
	}
	score := uint8(98)
	next := isAlnum(after(t, end))
	sign, size := before(t, start)
	b, _ := before(t, start-size)
	bank := s.against(t, cBank, start, 48) >= 0
	switch {
	case cases == lower && letters && !bank && (hex && end-start == length || end-start != length && isAlnum(t.at(start+4))):
		score = 40 // a hash, words
	case cases == letter && !bank, cases == lower && (next || class[t.at(start+2)]&class[t.at(start+3)]&digit == 0 && !bank):
		score = 40 // base64, hexadecimal digits
	case dashes && (next || t.at(start+2) == '-' || t.at(end) == '-' && isAlnum(after(t, end+1)) || hex && end >= 36 && (t.at(end-13)^'-')|(t.at(end-18)^'-')|(t.at(end-23)^'-')|(t.at(end-28)^'-') == 0):
		score = 40 // a part of something else; of a UUID, whose groups end so: -4-4-4-12
	case next && (class[sign]&letter != 0 || sign == '-' && isAlnum(b) && !bank):
		score = 40 // within other letters and digits
	case next:
		score = 70
	}
	s.add(&Find{IBAN, code, start, end, score})
	if next && t.at(end) >= 'A' {
		s.iban(t, end) // another is glued to it
	}
}
