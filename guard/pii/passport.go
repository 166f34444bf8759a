package pii

// readableZone looks at a line of a machine-readable travel document (ICAO 9303) that
// begins at t[i]: 44 characters of a passport, 36 or 30 of a card. It returns where to go on.
func (s *Scanner) readableZone(t []byte, i, end int) int {
	if i > 0 && t[i-1] == '<' {
		return end
	}
	j := i
	for j < len(t) && (class[t[j]]&(upper|digit) != 0 || t[j] == '<') && j-i <= 44 {
		j++
	}
	s.work += j - i
	w := t[i:j]
	switch {
	case (len(w) == 44 || len(w) == 36 || len(w) == 30) && oneOf("PIACV", w[0]) && (class[w[2]]&upper != 0) && class[w[3]]&upper != 0 && w[len(w)-1] == '<' && noDigits(w):
		s.add(Find{Passport, "mrz", i, j, 90}) // document, issuer, name
	case (len(w) == 44 || len(w) == 36) && zoneDigit(w[:9]) == w[9] && zoneDigit(w[13:19]) == w[19] && zoneDigit(w[21:27]) == w[27]:
		s.add(Find{Passport, "mrz", i, j, 97}) // number, birth, expiry
	case len(w) == 30 && oneOf("IACV", w[0]) && zoneDigit(w[5:14]) == w[14]:
		s.add(Find{Passport, "mrz", i, j, 92})
	case len(w) == 30 && zoneDigit(w[:6]) == w[6] && zoneDigit(w[8:14]) == w[14]:
		s.add(Find{Passport, "mrz", i, j, 90})
	default:
		return end
	}
	return max(j, end)
}

func noDigits(w []byte) bool {
	for _, c := range w {
		if class[c]&digit != 0 {
			return false
		}
	}
	return true
}

// zoneDigit is the check digit of ICAO 9303 part 3, 4.9: weights 7, 3, 1 modulo 10.
func zoneDigit(w []byte) byte {
	sum := 0
	for i, c := range w {
		v := 0
		switch {
		case class[c]&digit != 0:
			v = int(c - '0')
		case class[c]&upper != 0:
			v = int(c-'A') + 10
		}
		sum += v * int("731"[i%3]-'0')
	}
	return byte(sum%10) + '0'
}
