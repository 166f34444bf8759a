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
// with a blank behind each.
var idForms = [...]idForm{
	{"nl_bsn", "999999999", "=ljihgfedck ", cBSN, 20}, {"nl_bsn", "9999_99_999", "=ljihgfedck ", cBSN, 40},
	{"ca_sin", "999999999", "^1234567 l ", cSIN, 20}, {"ca_sin", "999_999_999", "^1234567 l ", cSIN, 45},
	{"au_tfn", "999999999", "=lbedhfigjk ", cTFN, 20}, {"au_tfn", "999_999_999", "=lbedhfigjk ", cTFN, 38},
	{"pt_nif", "999999999", "^1235689 xjihgfedc ", cDNI, 20}, {"pt_nif", "999_999_999", "^1235689 xjihgfedc ", cDNI, 38},
	{"gb_nhs", "9999999999", "=lkjihgfedcb ", cNHS, 20}, {"gb_nhs", "999_999_9999", "=lkjihgfedcb ", cNHS, 45},
	{"se_personnummer", "9999999999", "d24 l ", cNordic, 25}, {"se_personnummer", "999999-9999", "d24 l ", cNordic, 80},
	{"se_personnummer", "99999999-9999", "^12 d46 L ", cNordic, 90}, {"se_personnummer", "999999999999", "^12 d46 L ", cNordic, 45},
	{"dk_cpr", "999999-9999", "d20 ", cNordic, 42}, {"dk_cpr", "9999999999", "d20 ", cNordic, 20},
	{"de_steuer_id", "99999999999", "^123456789 s ", cSteuer, 35}, {"de_steuer_id", "99 999 999 999", "^123456789 s ", cSteuer, 66},
	{"br_cpf", "99999999999", "xkjihgfedc xlkjihgfedc ", cCPF, 40}, {"br_cpf", "999.999.999-99", "xkjihgfedc xlkjihgfedc ", cCPF, 90},
	{"br_cnpj", "99999999999999", "xfedcjihgfedc xgfedcjihgfedc ", cCPF, 55}, {"br_cnpj", "99.999.999/9999-99", "xfedcjihgfedc xgfedcjihgfedc ", cCPF, 92},
	{"pl_pesel", "99999999999", "d24 =kbdhjbdhjbdb ", cPESEL, 45},
	{"no_fodselsnummer", "99999999999", "d20 xdhgbijefc xfedchgfedc ", cNordic, 46}, {"no_fodselsnummer", "999999 99999", "d20 xdhgbijefc xfedchgfedc ", cNordic, 70},
	{"be_rijksregisternummer", "99999999999", "d24 n ", cBelgium, 40}, {"be_rijksregisternummer", "99.99.99-999.99", "d24 n ", cBelgium, 90},
	{"tr_kimlik", "99999999999", "^123456789 =khjhjhjhjhj =kbbbbbbbbbbj ", cTurkey, 40},
	{"in_aadhaar", "999999999999", "^23456789 v ", cAadhaar, 35}, {"in_aadhaar", "9999_9999_9999", "^23456789 v ", cAadhaar, 68},
	{"jp_my_number", "999999999999", "xgfedchgfedc ", cMyNumber, 25}, {"jp_my_number", "9999_9999_9999", "xgfedchgfedc ", cMyNumber, 44},
	{"ch_ahv", "756.9999.9999.99", "=kbdbdbdbdbdbdb ", cAHV, 92}, {"ch_ahv", "7569999999999", "=kbdbdbdbdbdbdb ", cAHV, 55},
	{"kr_rrn", "999999-9999999", "d24 ", cKorea, 62}, {"kr_rrn", "9999999999999", "d24 ", cKorea, 20},
	{"fr_nir", "999999999999999", "^12 n ", cNIR, 74}, {"fr_nir", "9 99 99 99 999 999 99", "^12 n ", cNIR, 92}, {"fr_nir", "9 99 99 999 999 99", "^12 n ", cNIR, 88}, {"fr_nir", "9999999999999 99", "^12 n ", cNIR, 85},
	{"cn_resident_id", "999999999999999999", "^123456789 dab =lhjkfiecbgdhjkfiecb ", cResident, 92}, {"cn_resident_id", "99999999999999999A", "^123456789 dab =lhjkfiecbgdhjkfiecb ", cResident, 92},
	{"es_dni", "99999999A", "rTRWAGMYFPDXBNJZSQVHLCKE ", cDNI, 76}, {"es_dni", "99999999-A", "rTRWAGMYFPDXBNJZSQVHLCKE ", cDNI, 82}, {"es_dni", "99999999 A", "rTRWAGMYFPDXBNJZSQVHLCKE ", cDNI, 40},
	{"es_dni", "99.999.999-A", "rTRWAGMYFPDXBNJZSQVHLCKE ", cDNI, 90}, {"es_nie", "A9999999A", "^XYZ rTRWAGMYFPDXBNJZSQVHLCKE ", cDNI, 82}, {"es_nie", "A-9999999-A", "^XYZ rTRWAGMYFPDXBNJZSQVHLCKE ", cDNI, 88},
	{"fi_hetu", "999999-999A", "d20 r0123456789ABCDEFHJKLMNPRSTUVWXY ", cNordic, 85},
	{"gb_nino", "AA999999A", "p ", cNINO, 72}, {"gb_nino", "AA_99_99_99_A", "p ", cNINO, 86}, {"gb_nino", "AA 999999 A", "p ", cNINO, 80},
	{"in_pan", "AAAAA9999A", "t ", cPAN, 52}, {"it_codice_fiscale", "AAAAAA99A99A999A", "f ", cFiscal, 95}, {"us_itin", "999-99-9999", "^9 i ", cTax, 75},
}

// read is up to 24 characters, as their kinds and as their values.
type skeleton struct {
	form   [24]byte // 9, A, or the separator
	end    [24]int  // where it ends in the text
	value  [24]byte // of the letters and digits alone
	place  [24]byte // how many of them there are up to here
	n      int
	capped bool // letters are capitals
}

// skeleton reads what begins at t[i].
func (k *skeleton) read(t []byte, i int) {
	values := byte(0)
	k.n, k.capped = 0, true
	for k.n < len(k.form) && i < len(t) {
		c, size := fold(t, i)
		i += size
		v := c
		switch {
		case isDigit(c):
			c, v = '9', c-'0'
		case lowered(c)-'a' < 26:
			k.capped = k.capped && c < 'a'
			c, v = 'A', lowered(c)-'a'+10
		case c != ' ' && c != '-' && c != '.' && c != '/':
			return
		}
		if c == '9' || c == 'A' {
			k.value[values] = v
			values++
		}
		k.form[k.n], k.end[k.n], k.place[k.n] = c, i, values
		k.n++
	}
}

// national looks for national numbers that begin at t[i].
func (s *Scanner) national(t []byte, i int) {
	var k skeleton
	k.read(t, i)
	s.work += k.n
	for f := range idForms {
		f := &idForms[f]
		n := len(f.form)
		if n > k.n || k.n > n && (k.form[n] == '9' || k.form[n] == 'A') {
			continue
		}
		j := 0
		for j < n {
			a, b := f.form[j], k.form[j]
			if a != b && (a != '_' || b == '9' || b == 'A') && (a < '5' || a > '7' || k.value[j] != a-'0') {
				break
			}
			j++
		}
		if j < n || !k.holds(f.check, int(k.place[n-1])) {
			continue
		}
		if f.form[n-1] == 'A' && !k.capped && f.form[n-2] == ' ' {
			continue // a word behind a number
		}
		score := int(f.score)
		if before := joined(t, i); before&^sepSpace != 0 || k.n > n+1 && k.form[n] != ' ' && k.form[n+1] == '9' {
			score -= 40
		} else if f.form[n-1] == '9' && (before != 0 || k.n > n+1 && k.form[n+1] == '9') {
			score -= 12
		} else if c, _ := before2(t, i); c {
			score -= 20
		}
		s.addSaid(t, Find{NationalID, f.what, i, k.end[n-1], 0}, f.said, score)
	}
}

// before2 reports whether a sign that joins is before t[i].
func before2(t []byte, i int) (bool, int) {
	c, size := before(t, i)
	return c == '-' || c == '/' || c == '.', size
}

// addSaid adds a find whose score depends on what is said around it.
func (s *Scanner) addSaid(t []byte, f Find, said context, score int) {
	words, other := f.Start-s.seen[said], f.Start-s.seen[cOther]
	switch {
	case words >= 0 && words <= 48:
		score = max(88, score+6)
	case other >= 0 && other <= 28, score < 80 && s.near(cPhone, f.Start, 28):
		score -= 30
	case s.near(cNational, f.Start, 40), s.near(cTax, f.Start, 40):
		score += 30
	case score > 10 && s.nearAhead(t, f.End, said, 32):
		score += 45
	}
	f.Score = uint8(max(0, min(score, 98)))
	s.add(f)
}

// holds reports whether the first n values pass the checks.
func (k *skeleton) holds(checks string, n int) bool {
	d := k.value[:n]
	same := true
	for _, v := range d {
		same = same && v == d[0]
	}
	for i := 0; i < len(checks) && !same; i++ {
		rule := checks[i]
		i++
		from := i
		for checks[i] != ' ' {
			i++
		}
		arg := checks[from:i]
		ok := true
		switch rule {
		case '=', 'x':
			mod := 0
			if rule == '=' {
				mod = int(arg[0] - 'a')
				arg = arg[1:]
			}
			sum := 0
			for j := range len(arg) {
				v := int(d[j])
				if v == 33 { // X
					v = 10
				}
				sum += v * int(arg[j]-'a')
			}
			if rule == '=' {
				want := 0
				if len(arg) == 18 { // ISO 7064, mod 11-2
					want = 1
				}
				ok = sum%mod == want
			} else {
				ok = sum*10%11%10 == int(d[len(arg)])
			}
		case '^':
			ok = false
			for j := range len(arg) {
				v := arg[j] - '0'
				if v > 9 {
					v = arg[j] - 'A' + 10
				}
				ok = ok || d[0] == v
			}
		case 'd':
			m, v := arg[0]-'0', arg[1]-'0'
			if m > 9 { // China's
				m, v = 10, 12
			}
			month, day := (d[m]*10+d[m+1])%20, (d[v]*10+d[v+1])%60%40
			ok = month >= 1 && month <= 12 && day >= 1 && day <= 31
		case 'l':
			ok = luhn(d)
		case 'L':
			ok = luhn(d[2:])
		case 'n':
			v := number97(d[:n-2])
			key := int(d[n-2])*10 + int(d[n-1])
			ok = (v+key)%97 == 0 || n == 11 && (v+2_000_000_000+key)%97 == 0
		case 'r':
			v := 0
			for j, x := range d[:n-1] {
				if j > 0 || x < 10 {
					v = v*10 + int(x)
				} else {
					v = int(x) - 33 // X, Y, Z
				}
			}
			want := arg[v%len(arg)]
			ok = d[n-1] == want-'0' || d[n-1] == want-'A'+10
		case 'v':
			ok = verhoeff(d)
		case 's':
			ok = steuer(d)
		case 'i':
			group := d[3]*10 + d[4]
			ok = group >= 50 && group <= 65 || group >= 70 && group <= 88 || group >= 90 && group != 93
		case 'p':
			// HMRC NIM39110. QQ is what the examples have.
			a, b := d[0]+'A'-10, d[1]+'A'-10
			ok = d[8] <= 13 && (a == 'Q' && b == 'Q' || !oneOf("DFIQUV", a) && !oneOf("DFIQUVO", b)) && !listed(" bg gb kn nk nt tn zz ", []byte{a, b})
		case 't':
			ok = k.capped && oneOf("ABCFGHLJPT", d[3]+'A'-10)
		case 'f':
			sum := byte(0)
			for j, v := range d[:15] {
				if j&1 == 0 {
					c := v
					if c > 9 {
						c -= 10
					}
					v = "BAFHJNPRTVCESULDGIMOQKWZYX"[c] - 'A' // D.M. 23.12.1976
				} else if v > 9 {
					v -= 10
				}
				sum += v % 26
			}
			ok = sum%26 == d[15]-10 && oneOf("ABCDEHLMPRST", d[8]+'A'-10)
		}
		if !ok {
			return false
		}
	}
	return !same
}

func number97(d []byte) (v int) {
	for _, x := range d {
		v = v*10 + int(x)
	}
	return v
}

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
func steuer(d []byte) bool {
	var n [10]byte
	missing, most := 0, byte(0)
	p := 10
	for _, v := range d[:10] {
		n[v]++
		if p = (p + int(v)) % 10; p == 0 {
			p = 10
		}
		p = p * 2 % 11
	}
	for _, k := range n {
		missing += count(k == 0)
		most = max(most, k)
	}
	return missing >= 1 && missing <= 2 && most >= 2 && most <= 3 && (p+int(d[10]))%10 == 1
}

// verhoeff is J. Verhoeff's check over the dihedral group D5.
func verhoeff(d []byte) bool {
	const product = "0123456789" + "1234067895" + "2340178956" + "3401289567" + "4012395678" + "5987604321" + "6598710432" + "7659821043" + "8765932104" + "9876543210"
	const permuted = "0123456789" + "1576283094" + "5803796142" + "8916043527" + "9453126870" + "4286573901" + "2793806415" + "7046913258"
	c := 0
	for i := range d {
		v := int(permuted[i%8*10+int(d[len(d)-1-i])] - '0')
		c = int(product[c*10+v] - '0')
	}
	return c == 0
}
