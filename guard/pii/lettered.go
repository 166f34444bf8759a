package pii

// lettered looks at the run t[i:end] as a national number that has letters, or a passport's.
func (s *Scanner) lettered(t []byte, i, end int) {
	n := end - i
	if n < 2 || n > 18 {
		return
	}
	w := t[i:end]
	digits, capitals := 0, 0
	for _, c := range w {
		digits += count(class[c]&digit != 0)
		capitals += count(class[c]&upper != 0)
	}
	if n == 2 && capitals+digits == 2 && digits == 0 {
		s.ninoInGroups(t, i)
	}
	if digits == 0 || digits+capitals < n && n != 16 && n != 9 {
		return
	}
	switch {
	case n == 9 && digits == 6 && class[w[8]]&letter != 0 && allOf(w[2:8], digit) && allOf(w[:2], letter):
		if nino(w) {
			s.addLettered(t, i, end, "gb_nino", cNINO, 72)
		}
	case n == 9 && digits == 8 && class[w[8]]&letter != 0: // Spain, DNI
		if dniLetter(w[:8]) == upperOf(w[8]) {
			s.addLettered(t, i, end, "es_dni", cDNI, 76)
		}
	case n == 9 && digits == 7 && (upperOf(w[0]) == 'X' || upperOf(w[0]) == 'Y' || upperOf(w[0]) == 'Z') && class[w[8]]&letter != 0: // NIE
		var d [8]byte
		copy(d[:], w[:8])
		d[0] = upperOf(w[0]) - 'X' + '0'
		if allOf(d[:], digit) && dniLetter(d[:]) == upperOf(w[8]) {
			s.addLettered(t, i, end, "es_nie", cDNI, 82)
		}
	case n == 9 && digits == 7 && capitals == 2 && nric(w):
		s.addLettered(t, i, end, "sg_nric", cNational, 80)
	case n == 10 && digits == 4 && allOf(w[:5], upper) && allOf(w[5:9], digit) && class[w[9]]&upper != 0: // India, PAN
		switch w[3] {
		case 'A', 'B', 'C', 'F', 'G', 'H', 'J', 'L', 'P', 'T':
			s.addLettered(t, i, end, "in_pan", cPAN, pickInt(w[3] == 'P', 64, 45))
		}
	case n == 16 && codiceFiscale(w):
		s.addLettered(t, i, end, "it_codice_fiscale", cFiscal, 95)
	case n == 18 && curp(w):
		s.addLettered(t, i, end, "mx_curp", cNational, 88)
	}
	if n >= 6 && n <= 9 && digits >= 4 && capitals <= 4 {
		said := i - s.seen[cPassport]
		if said >= 0 && said <= 40 || s.nearAhead(t, end, cPassport, 24) {
			s.add(Find{Passport, "", i, end, 80})
		}
	}
}

func pickInt(first bool, a, b int) int {
	if first {
		return a
	}
	return b
}

// addLettered adds a number by the words around it.
func (s *Scanner) addLettered(t []byte, i, end int, what string, said context, score int) {
	if c, _ := before(t, i); c == '-' || c == '/' || c == '.' {
		score -= 20 // the end of something longer
	}
	other := i - s.seen[cOther]
	switch {
	case s.near(said, i, 48):
		score = max(score, 88) + 8
	case s.near(cNational, i, 40), s.near(cTax, i, 40):
		score += 15
	case other >= 0 && other <= 28:
		score -= 30
	case s.nearAhead(t, end, said, 28):
		score += 20
	}
	s.add(Find{NationalID, what, i, end, uint8(max(0, min(score, 98)))})
}

// nino reports whether w is as a UK national insurance number: its prefix is one that is
// given out (HMRC NIM39110), and its suffix A to D.
func nino(w []byte) bool {
	a, b, last := upperOf(w[0]), upperOf(w[1]), upperOf(w[8])
	if last > 'D' {
		return false
	}
	for _, c := range [...]byte{'D', 'F', 'I', 'Q', 'U', 'V'} {
		if a == c && !(a == 'Q' && b == 'Q') || b == c && a != 'Q' { // QQ is what the examples have
			return false
		}
	}
	return b != 'O' && !listed(" bg gb kn nk nt tn zz ", w[:2])
}

// ninoInGroups looks at AB 12 34 56 C.
func (s *Scanner) ninoInGroups(t []byte, i int) {
	var w [9]byte
	j := i
	for n := 0; n < 9; n++ {
		if n > 0 && n%2 == 0 && j < len(t) {
			if c, size := fold(t, j); c == ' ' || c == '-' {
				j += size
			}
		}
		if j >= len(t) || (n > 1 && n < 8) != (class[t[j]]&digit != 0) || class[t[j]]&alnum == 0 {
			return
		}
		w[n] = t[j]
		j++
	}
	s.work += j - i
	if !isAlnum(after(t, j)) && nino(w[:]) {
		s.addLettered(t, i, j, "gb_nino", cNINO, 86)
	}
}

// dniLetter is the check letter of Spain's numbers: the number modulo 23.
func dniLetter(d []byte) byte {
	v := 0
	for _, c := range d {
		v = v*10 + int(c-'0')
	}
	return "TRWAGMYFPDXBNJZSQVHLCKE"[v%23]
}

// spanish looks at a DNI whose letter is apart: 12345678-Z, 12.345.678-Z.
func (s *Scanner) spanish(t []byte, r *number) {
	k := 0
	switch {
	case r.groups[0].n == 8:
		k = 1
	case r.m >= 3 && r.groups[0].n == 2 && r.groups[1].n == 3 && r.groups[2].n == 3:
		k = 3
	default:
		return
	}
	j := r.groups[k-1].end
	apart := false
	if c, size := fold2(t, j); c == '-' || c == ' ' {
		j += size
		apart = true
	}
	c := after(t, j)
	if !isAlnum(c) || isDigit(c) || isAlnum(after(t, j+1)) || k == 1 && !apart || upperOf(c) != "TRWAGMYFPDXBNJZSQVHLCKE"[r.value(0, 8)%23] {
		return
	}
	if c >= 'a' && t[j-1] == ' ' {
		return
	}
	s.addLettered(t, r.groups[0].start, j+1, "es_dni", cDNI, pickInt(t[j-1] == ' ', 45, 82))
}

// fold2 is fold, and ' ' at the text's end.
func fold2(t []byte, i int) (byte, int) {
	if i >= len(t) {
		return 0, 0
	}
	return fold(t, i)
}

// nric is the check of Singapore's numbers.
func nric(w []byte) bool {
	if !allOf(w[1:8], digit) {
		return false
	}
	sum := 0
	for i, k := range []byte("2765432") {
		sum += int(w[1+i]-'0') * int(k-'0')
	}
	switch w[0] {
	case 'S':
		return "JZIHGFEDCBA"[sum%11] == w[8]
	case 'T':
		return "JZIHGFEDCBA"[(sum+4)%11] == w[8]
	case 'F':
		return "XWUTRQPNMLK"[sum%11] == w[8]
	case 'G':
		return "XWUTRQPNMLK"[(sum+4)%11] == w[8]
	}
	return false
}

// codiceFiscale is the form and the check of Italy's tax code (D.M. 23.12.1976). Where two
// people would have the same, digits are written as letters (omocodia).
func codiceFiscale(w []byte) bool {
	const odd = "BAFHJNPRTVCESULDGIMOQKWZYX" // what characters at odd places count: A is 0, B is 1
	const form = "AAAAAA99A99A999A"
	sum := 0
	for i, b := range w {
		c := upperOf(b)
		v := int(c - 'A')
		switch {
		case class[c]&digit != 0:
			if form[i] != '9' {
				return false
			}
			v = int(c - '0')
		case form[i] == '9':
			const stead = "LMNPQRSTUV"
			k := 0
			for k < 10 && stead[k] != c {
				k++
			}
			if k == 10 {
				return false
			}
		}
		if i == 15 {
			return class[c]&upper != 0 && sum%26 == int(c-'A')
		}
		if i == 8 && (c < 'A' || !oneOf("ABCDEHLMPRST", c)) {
			return false
		}
		if i%2 == 0 { // the first is odd
			v = int(odd[v] - 'A')
		}
		sum += v
	}
	return false
}

func oneOf(set string, c byte) bool {
	for i := range len(set) {
		if set[i] == c {
			return true
		}
	}
	return false
}

// curp is the form and the check of Mexico's code.
func curp(w []byte) bool {
	for i, b := range w {
		letters := i < 4 || i > 9 && i < 16
		if i != 16 && letters == (class[b]&digit != 0) {
			return false
		}
	}
	var d [6]byte
	for i := range d {
		d[i] = w[4+i] - '0'
	}
	if !day(d[:], 0) || w[10] != 'H' && w[10] != 'M' && w[10] != 'X' {
		return false
	}
	sum := 0
	for i, c := range w[:17] {
		v := int(c - '0')
		if class[c]&letter != 0 {
			v = int(upperOf(c)-'A') + 10
			if upperOf(c) > 'N' {
				v++ // Ñ has a place
			}
		}
		sum += v * (18 - i)
	}
	return (10-sum%10)%10 == int(w[17]-'0')
}
