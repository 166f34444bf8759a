package pii

// idForm is a number of digits that a state gives, with a check that most wrong ones fail.
type idForm struct {
	what   string
	n      int
	groups string // as it is printed, with more groups than one
	check  idCheck
	said   context
	score  uint8 // printed so, with no word near it
	bare   uint8 // in one group, with no word near it
}

type idCheck uint8

const (
	checkBSN idCheck = iota
	checkSIN
	checkTFN
	checkNIF
	checkNHS
	checkSwedish
	checkDanish
	checkISO7064
	checkSteuer
	checkCPF
	checkPESEL
	checkNorwegian
	checkBelgian
	checkTurkish
	checkVerhoeff
	checkMyNumber
	checkSwedish12
	checkAHV
	checkKorean
	checkSouthAfrican
	checkCNPJ
	checkNIR
	checkResident
)

var idForms = [...]idForm{
	{"nl_bsn", 9, "423", checkBSN, cBSN, 40, 20}, {"nl_bsn", 9, "333", checkBSN, cBSN, 35, 20},
	{"ca_sin", 9, "333", checkSIN, cSIN, 45, 20}, {"au_tfn", 9, "333", checkTFN, cTFN, 35, 20}, {"pt_nif", 9, "333", checkNIF, cDNI, 35, 20},
	{"gb_nhs", 10, "334", checkNHS, cNHS, 45, 20},
	{"se_personnummer", 10, "64", checkSwedish, cNordic, 80, 30}, {"dk_cpr", 10, "64", checkDanish, cNordic, 40, 20},
	{"de_steuer_id", 11, "2333", checkSteuer, cSteuer, 66, 35}, {"br_cpf", 11, "3332", checkCPF, cCPF, 88, 40},
	{"pl_pesel", 11, "", checkPESEL, cPESEL, 0, 45}, {"no_fodselsnummer", 11, "65", checkNorwegian, cNordic, 70, 48},
	{"be_rijksregisternummer", 11, "22232", checkBelgian, cBelgium, 88, 40}, {"tr_kimlik", 11, "", checkTurkish, cTurkey, 0, 40},
	{"hr_oib", 11, "", checkISO7064, cTax, 0, 25},
	{"in_aadhaar", 12, "444", checkVerhoeff, cAadhaar, 68, 35}, {"jp_my_number", 12, "444", checkMyNumber, cMyNumber, 44, 25},
	{"se_personnummer", 12, "84", checkSwedish12, cNordic, 90, 60},
	{"ch_ahv", 13, "3442", checkAHV, cAHV, 92, 60}, {"kr_rrn", 13, "67", checkKorean, cKorea, 74, 25}, {"za_id", 13, "", checkSouthAfrican, cNational, 0, 40}, {"za_id", 13, "6412", checkSouthAfrican, cNational, 75, 40},
	{"br_cnpj", 14, "23342", checkCNPJ, cCPF, 92, 55},
	{"fr_nir", 15, "12223232", checkNIR, cNIR, 90, 74}, {"fr_nir", 15, "1222332", checkNIR, cNIR, 92, 74}, {"fr_nir", 15, "132", checkNIR, cNIR, 92, 74}, {"fr_nir", 15, "(13)2", checkNIR, cNIR, 85, 74},
	{"cn_resident_id", 18, "684", checkResident, cResident, 90, 92},
}

// national looks for national numbers in the first groups of r.
func (s *Scanner) national(t []byte, r *number) {
	if r.n < 8 || r.groups[0].n > 18 {
		return
	}
	s.spanish(t, r)
	for i := range idForms {
		f := &idForms[i]
		k := 1
		if r.groups[0].n != f.n {
			if k = len(f.groups); k == 0 || k > r.m || r.upTo(k) != f.n {
				continue
			}
			same := true
			for j := range k {
				same = same && int(f.groups[j]-'0') == r.groups[j].n && (j == 0 || r.groups[j].sep&(sepMany|sepParen) == 0)
			}
			if !same {
				continue
			}
		}
		if !f.check.holds(r.d[:f.n]) {
			continue
		}
		s.addID(t, r, k, f.what, f.said, int(pick(k == 1, f.bare, f.score)))
	}
	if g := r.groups[0]; g.n == 17 && lowered(after(t, g.end)) == 'x' && !isAlnum(after(t, g.end+1)) {
		d := r.d
		if d[17] = 10; checkResident.holds(d[:18]) {
			s.add(Find{NationalID, "cn_resident_id", g.start, g.end + 1, 92})
		}
	}
	if r.m >= 2 && r.groups[0].n == 6 && r.groups[1].n == 3 { // Finland: 131052-308T
		end := r.groups[1].end
		if v := r.value(0, 6)*1000 + r.value(6, 9); r.groups[1].sep == sepDash && dayMonth(r.d[:]) && isAlnum(after(t, end)) && !isAlnum(after(t, end+1)) &&
			"0123456789ABCDEFHJKLMNPRSTUVWXY"[v%31] == upperOf(after(t, end)) {
			s.add(Find{NationalID, "fi_hetu", r.groups[0].start, end + 1, 85})
		}
	}
}

func pick(first bool, a, b uint8) uint8 {
	if first {
		return a
	}
	return b
}

func upperOf(c byte) byte {
	if c-'a' < 26 {
		return c - 'a' + 'A'
	}
	return c
}

// addID adds a national number by what is around it.
func (s *Scanner) addID(t []byte, r *number, k int, what string, said context, score int) {
	start, end := r.groups[0].start, r.groups[k-1].end
	if before := r.groups[0].sep; before&^sepSpace != 0 || k < r.m && r.groups[k].sep&sepSpace == 0 || !r.bounded(t, k) || r.glued {
		score -= 40
	} else if k > 1 && (before != 0 || k < r.m && r.groups[k].sep == r.groups[1].sep) {
		score -= 20
	}
	words, other := start-s.seen[said], start-s.seen[cOther]
	switch {
	case words >= 0 && words <= 48:
		score = max(88, score+8) - count(r.glued)*20
	case other >= 0 && other <= 28, s.near(cPhone, start, 28) && score < 80:
		score -= 30
	case s.near(cNational, start, 40), s.near(cTax, start, 40):
		score += 30
	case s.nearAhead(t, end, said, 32):
		score += 35
	}
	s.add(Find{NationalID, what, start, end, uint8(max(0, min(score, 98)))})
}

// weighted is the sum of the digits, each times its weight, a letter of the alphabet after a = 0.
func weighted(d []byte, weights string) int {
	sum := 0
	for i := range len(weights) {
		sum += int(d[i]) * int(weights[i]-'a')
	}
	return sum
}

// mod11 is the check digit 11 - sum mod 11, with 10 and 11 read as 0.
func mod11(d []byte, weights string) byte {
	if c := 11 - weighted(d, weights)%11; c < 10 {
		return byte(c)
	}
	return 0
}

// day reports whether d has a two-digit year, a month and a day at i.
func day(d []byte, i int) bool {
	m, v := int(d[i+2])*10+int(d[i+3]), int(d[i+4])*10+int(d[i+5])
	return m >= 1 && m <= 12 && v >= 1 && v <= 31
}

// dayMonth is day for those that begin with it.
func dayMonth(d []byte) bool {
	v, m := int(d[0])*10+int(d[1]), int(d[2])*10+int(d[3])
	return m >= 1 && m <= 12 && v >= 1 && v <= 31
}

// holds reports whether the digits pass the check.
func (c idCheck) holds(d []byte) bool {
	last := d[len(d)-1]
	same := true
	for _, v := range d {
		same = same && v == d[0]
	}
	if same {
		return false
	}
	switch c {
	case checkBSN: // the eleven test, the last digit counts -1
		return (weighted(d, "jihgfedc")-int(last))%11 == 0
	case checkSIN:
		return d[0] != 0 && d[0] != 8 && luhn(d)
	case checkTFN:
		return weighted(d, "bedhfigjk")%11 == 0
	case checkNIF:
		return d[0] != 0 && d[0] != 4 && d[0] != 7 && mod11(d, "jihgfedc") == last
	case checkNHS:
		sum := 11 - weighted(d, "kjihgfedc")%11
		return sum != 10 && byte(sum%11) == last
	case checkSwedish:
		return swedish(d)
	case checkSwedish12:
		return (d[0] == 1 && d[1] == 9 || d[0] == 2 && d[1] == 0) && swedish(d[2:])
	case checkDanish: // numbers since 2007 have no check digit
		return dayMonth(d)
	case checkISO7064:
		return iso7064(d)
	case checkSteuer: // one digit stands two or three times among the first ten, at least one is missing
		var n [10]byte
		missing, most := 0, byte(0)
		for _, v := range d[:10] {
			n[v]++
		}
		for _, k := range n {
			missing += count(k == 0)
			most = max(most, k)
		}
		return d[0] != 0 && missing >= 1 && missing <= 2 && most <= 3 && most >= 2 && iso7064(d)
	case checkCPF:
		return mod11(d, "kjihgfedc") == d[9] && mod11(d, "lkjihgfedc") == d[10]
	case checkCNPJ:
		return mod11(d, "fedcjihgfedc") == d[12] && mod11(d, "gfedcjihgfedc") == d[13]
	case checkPESEL:
		m := (int(d[2])*10 + int(d[3])) % 20
		v := int(d[4])*10 + int(d[5])
		return m >= 1 && m <= 12 && v >= 1 && v <= 31 && byte((10-weighted(d, "bdhjbdhjbd")%10)%10) == last
	case checkNorwegian:
		first := d[0] % 4
		return (d[0] < 4 || first < 4 && d[0] < 8) && int(first)*10+int(d[1]) >= 1 && (d[2] == 0 && d[3] > 0 || d[2] == 1 && d[3] < 3) &&
			mod11(d, "dhgbijefc") == d[9] && mod11(d, "fedchgfedc") == d[10]
	case checkBelgian:
		v, key := 0, int(d[9])*10+int(d[10])
		for _, n := range d[:9] {
			v = v*10 + int(n)
		}
		return day(d, 0) && (97-v%97 == key || 97-(v+2_000_000_000)%97 == key)
	case checkTurkish:
		odd := int(d[0]) + int(d[2]) + int(d[4]) + int(d[6]) + int(d[8])
		even := int(d[1]) + int(d[3]) + int(d[5]) + int(d[7])
		return d[0] != 0 && (odd*7-even+100)%10 == int(d[9]) && (odd+even+int(d[9]))%10 == int(last)
	case checkVerhoeff:
		return d[0] > 1 && verhoeff(d)
	case checkMyNumber:
		return mod11(d, "gfedchgfedc") == last
	case checkAHV:
		sum := 0
		for i, v := range d {
			sum += int(v) * (1 + 2*(i&1))
		}
		return d[0] == 7 && d[1] == 5 && d[2] == 6 && sum%10 == 0
	case checkKorean: // since 2020 without a check digit: the date and the sex are all there is
		return day(d, 0) && d[6] >= 1 && d[6] <= 8
	case checkSouthAfrican:
		return day(d, 0) && d[10] < 2 && luhn(d)
	case checkNIR:
		v, key := 0, int(d[13])*10+int(d[14])
		for _, n := range d[:13] {
			v = v*10 + int(n)
		}
		m := int(d[3])*10 + int(d[4])
		return (d[0] == 1 || d[0] == 2) && (m >= 1 && m <= 12 || m >= 20 && m <= 42 || m >= 50) && 97-v%97 == key
	case checkResident: // GB 11643: mod 11-2, the last character X is 10
		year := int(d[6])*1000 + int(d[7])*100 + int(d[8])*10 + int(d[9])
		return d[0] > 0 && d[0] < 9 && year >= 1900 && year < 2040 && day(d, 8) &&
			(12-weighted(d, "hjkfihecbgdhjkfihec"[:17])%11)%11 == int(last)
	}
	return false
}

func swedish(d []byte) bool {
	v := int(d[4])*10 + int(d[5])
	m := int(d[2])*10 + int(d[3])
	return m >= 1 && m <= 12 && (v >= 1 && v <= 31 || v >= 61 && v <= 91) && luhn(d)
}

// iso7064 is ISO/IEC 7064, MOD 11,10.
func iso7064(d []byte) bool {
	p := 10
	for _, v := range d[:len(d)-1] {
		if p = (p + int(v)) % 10; p == 0 {
			p = 10
		}
		p = p * 2 % 11
	}
	return (p+int(d[len(d)-1]))%10 == 1
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
