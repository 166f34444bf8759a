package pii

// passport looks at the run t.cut(i, end) as a passport's number, where one is said to be: six to
// nine capitals and digits, at least four of them digits, or nine or ten behind the word.
func (s *Scanner) passport(t *window, i, end int) {
	digits, capitals := 0, 0
	for _, c := range t.cut(i, end) {
		digits += count(class[c]&digit != 0)
		capitals += count(class[c]&upper != 0)
	}
	n := end - i
	if ssn := s.since(cSSN, i); capitals == 0 && ssn >= 0 && ssn < s.since(cPassport, i) {
		return // said of something nearer
	}
	if digits == 0 || digits+capitals != n || joined(t, i) != 0 {
		return
	}
	if n <= 9 && digits >= 4 && capitals <= 4 || n >= 9 && capitals > 0 && s.near(cPassport, i, 24) {
		said := s.near(cPassport, i, 48)
		s.addSaid(t, Find{Passport, "", i, end, 0}, cPassport, 12)
		if said && capitals > 0 {
			s.seen[cPassport] = end + s.text.base - 20 // another's may follow: "…, my wife's is"
		}
	}
}

// zone is a line of a machine-readable travel document (ICAO 9303): its length, and where
// its check digits are and what each is of.
type zone struct {
	length int
	checks string // start, end, and the digit's place as letters of the alphabet, a = 0, and behind z { and | = 26, 27
}

var zones = [...]zone{{44, "ajjnttv||"}, {36, "ajjnttv||"}, {30, "aggioo"}, {30, "foo"}}

// readableZone looks at a line of a travel document that begins at t.at(i). It returns where to go on.
func (s *Scanner) readableZone(t *window, i, end int) int {
	if i > 0 && t.at(i-1) == '<' {
		return end
	}
	j, digits := i, 0
	for j < t.n && (class[t.at(j)]&(upper|digit) != 0 || t.at(j) == '<') && j-i <= 44 {
		digits += count(class[t.at(j)]&digit != 0)
		j++
	}
	s.work += j - i
	w := t.cut(i, j)
	if n := len(w); digits == 0 && (n == 44 || n == 36 || n == 30) && w[n-1] == '<' && oneOf("PIACV", w[0]) {
		s.add(&Find{Passport, "mrz", i, j, 90}) // the document, who issued it, the name
		return max(j, end)
	}
lines:
	for _, z := range zones {
		if z.length != len(w) || digits < 6 {
			continue
		}
		for k := 0; k < len(z.checks); k += 3 {
			sum := 0
			for p, c := range w[z.checks[k]-'a' : z.checks[k+1]-'a'] {
				v := 0
				switch {
				case class[c]&digit != 0:
					v = int(c - '0')
				case c != '<':
					v = int(c-'A') + 10
				}
				sum += v * int("731"[p%3]-'0')
			}
			if w[z.checks[k+2]-'a'] != byte(sum%10)+'0' {
				continue lines
			}
		}
		s.add(&Find{Passport, "mrz", i, j, 97})
		return max(j, end)
	}
	return end
}
