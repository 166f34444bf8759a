package pii

// idForm is a number that a state gives, as it is written, and a check that most wrong ones fail.
type idForm struct {
	what  string
	form  string // 9 a digit, A a letter, _ any separator, others themselves; a blank is any blank
	check string // what has to hold, see holds
	said  context
	score uint8 // with no word near it; below 50 it takes one
}

// The checks of idForms. Each begins with what it is:
//
//	=  the sum of the digits times the weights, modulo the second character, is 0; a weight is a letter of the alphabet behind a = 0
//	x  ten times the sum, modulo 11, modulo 10, is the next digit
//	d  the month is at the index that follows as a digit, the day at the one after that
//	n  mod 97: the digits before the last two, and these, add up to a multiple
//	l  Luhn;  v  Verhoeff;  s  Germany's;  r  the remainder's letter
//	p  prefixes of the UK;  f  Italy's;  t  India's fourth letter
//	^  the first character is one of those up to the blank
//
// with a blank behind each. They are sorted by how many letters and digits they begin with.
var idForms = [...]idForm{
	{"fr_nir", "9 99 99 99 999 999 99", "^12 n ", cNIR, 92}, {"fr_nir", "9 99 99 999 999 99", "^12 n ", cNIR, 88},
	{"es_nie", "A-9999999-A", "^XYZ rTRWAGMYFPDXBNJZSQVHLCKE ", cDNI, 88},
	{"de_steuer_id", "99 999 999 999", "^123456789 s ", cSteuer, 66}, {"br_cnpj", "99.999.999/9999-99", "xfedcjihgfedc xgfedcjihgfedc ", cCPF, 92},
	{"be_rijksregisternummer", "99.99.99-999.99", "d24 n ", cBelgium, 90}, {"es_dni", "99.999.999-A", "rTRWAGMYFPDXBNJZSQVHLCKE ", cDNI, 90},
	{"gb_nino", "AA_99_99_99_A", "p ", cNINO, 86}, {"gb_nino", "AA 999999 A", "p ", cNINO, 80},
	{"ca_sin", "999_999_999", "l ", cSIN, 45}, {"au_tfn", "999_999_999", "=lbedhfigjk ", cTFN, 38}, {"pt_nif", "999_999_999", "xjihgfedc ", cDNI, 38},
	{"gb_nhs", "999_999_9999", "=lkjihgfedcb ", cNHS, 45}, {"br_cpf", "999.999.999-99", "xkjihgfedc xlkjihgfedc ", cCPF, 90},
	{"ch_ahv", "756.9999.9999.99", "=kbdbdbdbdbdbdb ", cAHV, 92}, {"us_itin", "999-99-9999", "^9 i ", cTax, 75},
	{"nl_bsn", "9999_99_999", "=ljihgfedck ", cBSN, 40}, {"in_aadhaar", "9999_9999_9999", "^23456789 v ", cAadhaar, 68},
	{"jp_my_number", "9999_9999_9999", "xgfedchgfedc ", cMyNumber, 44},
	{"se_personnummer", "999999-9999", "d24 l ", cNordic, 80}, {"dk_cpr", "999999-9999", "d20 ", cNordic, 42},
	{"no_fodselsnummer", "999999 99999", "d20 xdhgbijefc xfedchgfedc ", cNordic, 70}, {"kr_rrn", "999999-9999999", "d24 ", cKorea, 62},
	{"fi_hetu", "999999-9999", "d20 r0123456789ABCDEFHJKLMNPRSTUVWXY ", cNordic, 45}, {"fi_hetu", "999999-999A", "d20 r0123456789ABCDEFHJKLMNPRSTUVWXY ", cNordic, 85},
	{"se_personnummer", "99999999-9999", "^12 d46 L ", cNordic, 90}, {"es_dni", "99999999-A", "rTRWAGMYFPDXBNJZSQVHLCKE ", cDNI, 82},
	{"es_dni", "99999999 A", "rTRWAGMYFPDXBNJZSQVHLCKE ", cDNI, 40},
	{"nl_bsn", "999999999", "=ljihgfedck ", cBSN, 20}, {"ca_sin", "999999999", "l ", cSIN, 20}, {"au_tfn", "999999999", "=lbedhfigjk ", cTFN, 20},
	{"pt_nif", "999999999", "xjihgfedc ", cDNI, 20}, {"es_dni", "99999999A", "rTRWAGMYFPDXBNJZSQVHLCKE ", cDNI, 76},
	{"es_nie", "A9999999A", "^XYZ rTRWAGMYFPDXBNJZSQVHLCKE ", cDNI, 82}, {"gb_nino", "AA999999A", "p ", cNINO, 72},
	{"gb_nhs", "9999999999", "=lkjihgfedcb ", cNHS, 20}, {"se_personnummer", "9999999999", "d24 l ", cNordic, 25}, {"dk_cpr", "9999999999", "d20 ", cNordic, 20},
	{"in_pan", "AAAAA9999A", "t ", cPAN, 52},
	{"de_steuer_id", "99999999999", "^123456789 s ", cSteuer, 35}, {"br_cpf", "99999999999", "xkjihgfedc xlkjihgfedc ", cCPF, 40},
	{"pl_pesel", "99999999999", "d24 =kbdhjbdhjbdb ", cPESEL, 45}, {"no_fodselsnummer", "99999999999", "d20 xdhgbijefc xfedchgfedc ", cNordic, 46},
	{"be_rijksregisternummer", "99999999999", "d24 n ", cBelgium, 40}, {"tr_kimlik", "99999999999", "^123456789 =khjhjhjhjhj =kbbbbbbbbbbj ", cTurkey, 40},
	{"se_personnummer", "999999999999", "^12 d46 L ", cNordic, 45}, {"in_aadhaar", "999999999999", "^23456789 v ", cAadhaar, 35},
	{"jp_my_number", "999999999999", "xgfedchgfedc ", cMyNumber, 25},
	{"ch_ahv", "7569999999999", "=kbdbdbdbdbdbdb ", cAHV, 55}, {"kr_rrn", "9999999999999", "d24 ", cKorea, 12}, {"fr_nir", "9999999999999 99", "^12 n ", cNIR, 85},
	{"br_cnpj", "99999999999999", "xfedcjihgfedc xgfedcjihgfedc ", cCPF, 45},
	{"fr_nir", "999999999999999", "^12 n ", cNIR, 74},
	{"it_codice_fiscale", "AAAAAA99A99A999A", "f ", cFiscal, 95},
	{"cn_resident_id", "999999999999999999", "^123456789 dab =lhjkfiecbgdhjkfiecb ", cResident, 92},
	{"cn_resident_id", "99999999999999999A", "^123456789 dab =lhjkfiecbgdhjkfiecb ", cResident, 92},
}

// idIndex is where the forms that begin with a number of letters and digits begin.
var idIndex = [...]uint8{0, 0, 3, 9, 16, 19, 19, 25, 25, 28, 35, 39, 45, 48, 51, 52, 53, 54, 54, 56}

// skeleton is up to 24 characters, as their kinds and as their values, with zeros behind them.
type skeleton struct {
	form  [32]byte  // 9, A, or the separator
	end   [32]int16 // where it ends in the text
	value [32]byte  // of the letters and digits alone
	place [32]byte  // how many of them there are up to here
	small int       // where the first letter is that is no capital
}

// read reads what begins at t.at(i).
func (k *skeleton) read(t *window, i int) {
	values := 0
	k.small = len(k.form)
	for n := 0; n < 24 && i < t.n; n++ {
		c, size := fold(t, i)
		i += size
		v := c
		switch {
		case isDigit(c):
			c, v = '9', c-'0'
		case lowered(c)-'a' < 26:
			if c >= 'a' {
				k.small = min(k.small, n)
			}
			c, v = 'A', lowered(c)-'a'+10
		case c != ' ' && c != '-' && c != '.' && c != '/':
			return
		}
		if isValue(c) {
			k.value[values&31] = v
			values++
		}
		k.form[n], k.end[n], k.place[n] = c, int16(i), byte(values)
	}
}

func (k *skeleton) at(i int) byte { return k.form[i&31] }

func (k *skeleton) v(i int) int { return int(k.value[i&31]) }

func isValue(form byte) bool { return form == '9' || form == 'A' }

// national looks for national numbers that begin at t.at(i).
func (s *Scanner) national(t *window, i int) {
	run, second := runs(t, i)
	if run >= len(idIndex)-1 {
		return
	}
	var k skeleton
	for f := idIndex[run]; f < idIndex[run+1]; f++ {
		form := idForms[f].form
		if n := run + 1 + second; second >= 0 && len(form) > run && (second == 0 || len(form) < n || !isValue(form[n-1]) || len(form) > n && isValue(form[n])) {
			continue // its second part has another length
		}
		if second >= 0 && ((form[0] == 'A') != (class[t.at(i)]&letter != 0) || (form[run-1] == 'A') != (class[t.at(i+run-1)]&letter != 0)) {
			continue
		}
		if f := &idForms[f]; f.score < s.minScore && !s.near(f.said, i, 48) && !s.near(cNational, i, 40) && !s.near(cTax, i, 40) {
			most := i + 60
			if second < 0 {
				most = i + 4*24 + 32
			}
			if s.wordless(t, i, min(t.n, most)) {
				continue // no word can make it one
			}
		}
		if k.small == 0 {
			k.read(t, i)
			s.work += 24
		}
		s.idForm(t, i, &k, &idForms[f])
	}
}

// runs is how many letters and digits begin at t.at(i), and how many behind the sign after
// them, -1 = that is not ASCII.
func runs(t *window, i int) (first, second int) {
	j := i
	for class[t.at(j)]&alnum != 0 {
		j++
	}
	if t.at(j) >= 0x80 {
		for first = 0; j < t.n; first++ {
			c, size := fold(t, i)
			if !isAlnum(c) {
				break
			}
			i += size
		}
		return first, -1
	}
	first = j - i
	if c := t.at(j); c == ' ' || c == '-' || c == '.' || c == '/' {
		j++
	}
	i = j
	for class[t.at(j)]&alnum != 0 && j-i < 20 {
		j++
	}
	return first, j - i
}

// idForm looks for a number of a form.
func (s *Scanner) idForm(t *window, i int, k *skeleton, f *idForm) {
	n := 0
	for _, a := range []byte(f.form) {
		b := k.at(n)
		if a != b && (a != '_' || b == 0 || isValue(b)) && (a < '5' || a > '7' || b != '9' || k.v(n) != int(a-'0')) {
			return
		}
		n++
	}
	next, last := k.at(n), k.at(n-1)
	if isValue(next) || last == 'A' && k.at(n-2) == ' ' && k.small < n { // a word behind a number
		return
	}
	if !k.holds(f.check, int(k.place[(n-1)&31])) {
		return
	}
	score := int(f.score)
	digitNext := next != 0 && k.at(n+1) == '9'
	if sep := joined(t, i); sep&^sepSpace != 0 || digitNext && next != ' ' {
		score -= 45
	} else if last == '9' && (sep != 0 || digitNext) {
		score -= 25
	} else if c, _ := before(t, i); c == '-' || c == '/' || c == '.' {
		score -= 20
	}
	s.addSaid(t, Find{NationalID, f.what, i, int(k.end[(n-1)&31]), 0}, f.said, score)
}

// addSaid adds a find whose score depends on what is said around it.
func (s *Scanner) addSaid(t *window, f Find, said context, score int) {
	words, other, phone := s.since(said, f.Start), s.against(t, cOther, f.Start, 28), s.since(cPhone, f.Start)
	switch {
	case phone >= 0 && phone <= 28 && score < 80 && (words < 0 || phone < words):
		score -= 30
	case words >= 0 && words <= 16:
		score = max(95, score+6)
	case words >= 0 && words <= 48:
		score = max(88, score+6)
	case other >= 0:
		score -= 30
	case s.against(t, cNational, f.Start, 40) >= 0, s.against(t, cTax, f.Start, 40) >= 0:
		score += 30
	case score > 10 && s.nearAhead(t, f.End, said, 32):
		score += 45
	}
	f.Score = uint8(max(0, min(score, 98)))
	s.add(&f)
}

// holds reports whether the first n values pass the checks.
func (k *skeleton) holds(checks string, n int) bool {
	same := true
	for j := range n {
		same = same && k.v(j) == k.v(0)
	}
	if same {
		return false
	}
	rule, from := byte(0), 0
	for i, c := range []byte(checks) {
		switch {
		case rule == 0:
			rule, from = c, i+1
		case c == ' ':
			if !k.passes(rule, checks[from:i], n) {
				return false
			}
			rule = 0
		}
	}
	return true
}

// passes reports whether the first n values pass one check.
func (k *skeleton) passes(rule byte, arg string, n int) bool {
	switch rule {
	case '=', 'x':
		mod, sum, j := -1, 0, 0
		for _, weight := range []byte(arg) {
			if mod < 0 && rule == '=' {
				mod = int(weight - 'a')
				continue
			}
			mod = max(mod, 0)
			v := k.v(j)
			if v == 33 { // X
				v = 10
			}
			sum += v * int(weight-'a')
			j++
		}
		if rule == 'x' {
			return sum*10%11%10 == k.v(j)
		}
		return sum%max(mod, 1) == count(len(arg) == 19) // 1 in ISO 7064, mod 11-2
	case '^':
		for _, c := range []byte(arg) {
			if k.v(0) == valueOf(c) {
				return true
			}
		}
		return false
	case 'd':
		m, d := int(arg[0]-'0'), int(arg[1]-'0')
		if m > 9 { // China's, of 1900 to 2099
			m, d = 10, 12
		}
		month, day := k.v(m)*10+k.v(m+1), k.v(d)*10+k.v(d+1)
		if m > 9 {
			days := 30 + (month+month>>3)&1
			if month == 2 {
				days = 28 + count((k.v(8)*2+k.v(9))&3 == 0)
			}
			if uint(k.v(6)*10+k.v(7)-19) > 1 || day > days {
				return false
			}
		} else if month %= 20; day > 60 { // Sweden's coordination numbers
			day -= 60
		} else if day > 40 { // Norway's D-numbers
			day -= 40
		}
		return uint(month-1) < 12 && uint(day-1) < 31
	case 'l':
		return luhn(k.value[:n&31])
	case 'L':
		return luhn(k.value[2:12])
	case 'n':
		v := k.number(0, n-2) + k.number(n-2, n)
		return v%97 == 0 || n == 11 && (v+2_000_000_000)%97 == 0
	case 'r':
		v := 0
		for j := range n - 1 {
			if x := k.v(j); x < 10 {
				v = v*10 + x
			} else {
				v = x - 33 // X, Y, Z
			}
		}
		return k.v(n-1) == valueOf(arg[v%len(arg)])
	case 'v':
		return verhoeff(k.value[:n&31])
	case 's':
		return steuer(k.value[:11])
	case 'i':
		return itinGroup(k.number(3, 5))
	case 'p':
		// HMRC NIM39110. QQ is what the examples have.
		a, b := byte(k.v(0)+'A'-10), byte(k.v(1)+'A'-10)
		return k.v(8) <= 13 && (a == 'Q' && b == 'Q' || !oneOf("DFIQUV", a) && !oneOf("DFIQUVO", b)) && !listed(" bg gb kn nk nt tn zz ", []byte{a, b})
	case 't':
		return k.small >= 10 && oneOf("ABCFGHLJPT", byte(k.v(3)+'A'-10))
	}
	sum := 0 // Italy's
	for j := range 15 {
		v := k.v(j)
		if v > 9 {
			v -= 10
		}
		if j&1 == 0 {
			v = int("BAFHJNPRTVCESULDGIMOQKWZYX"[v%26] - 'A') // D.M. 23.12.1976
		}
		sum += v
	}
	return sum%26 == k.v(15)-10 && oneOf("ABCDEHLMPRST", byte(k.v(8)+'A'-10))
}

// valueOf is a digit's or a capital's.
func valueOf(c byte) int {
	if c > '9' {
		return int(c - 'A' + 10)
	}
	return int(c - '0')
}

// number is the values as a decimal number.
//
//go:noinline
func (k *skeleton) number(from, to int) (v int) {
	for ; from < to; from++ {
		v = v*10 + k.v(from)
	}
	return v
}

// itinGroup reports whether the middle digits are of a tax payer's number.
//
//go:noinline
func itinGroup(g int) bool { return uint(g-50) <= 15 || uint(g-70) <= 18 || g >= 90 && g != 93 }

func oneOf(set string, c byte) bool {
	for i := range len(set) {
		if set[i] == c {
			return true
		}
	}
	return false
}

// steuer is the check of Germany's tax number: one digit stands two or three times among
// the first ten, and ISO/IEC 7064 MOD 11,10 holds.
//
//go:noinline
func steuer(d []byte) bool {
	var n [16]byte
	missing, most := 0, byte(0)
	p := 10
	d = d[:11]
	for _, v := range d[:10] {
		n[v&15]++
		if p = (p + int(v)) % 10; p == 0 {
			p = 10
		}
		p = p * 2 % 11
	}
	for _, k := range n[:10] {
		missing += count(k == 0)
		most = max(most, k)
	}
	return missing >= 1 && missing <= 2 && most >= 2 && most <= 3 && (p+int(d[10]))%10 == 1
}

// verhoeff is J. Verhoeff's check over the dihedral group D5.
func verhoeff(d []byte) bool {
	// What is behind them saves the checks of bounds.
	const product = "0123456789" + "1234067895" + "2340178956" + "3401289567" + "4012395678" + "5987604321" + "6598710432" + "7659821043" + "8765932104" + "9876543210" + "----------------------------"
	const permuted = "0123456789" + "1576283094" + "5803796142" + "8916043527" + "9453126870" + "4286573901" + "2793806415" + "7046913258" + "------------------------------------------------"
	c := 0
	for i := range d {
		v := int(permuted[(i&7*10+int(d[len(d)-1-i]))&127] - '0')
		c = int(product[(c*10+v)&127] - '0')
	}
	return c == 0
}
