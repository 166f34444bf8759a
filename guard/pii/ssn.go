package pii

// ssn looks for a US social security number: area, group and serial number, none of them
// zero, the area below 900 and not 666 (SSA POMS RM 10201.035, rules since 2011). The same
// form with an area from 900 on is a tax payer's number (ITIN) where its group is one of theirs.
func (s *Scanner) ssn(t *window, r *number) {
	k, score := 0, 0
	switch {
	case r.m >= 3 && r.g(0).n == 3 && r.g(1).n == 2 && r.g(2).n == 4 && r.g(1).sep == r.g(2).sep:
		k = 3
		switch r.g(1).sep {
		case sepDash:
			score = 88
		case sepSpace:
			score = 60
		case sepDot, sepDash | sepSpace:
			score = 46
		default:
			return
		}
	case r.g(0).n == 9:
		k, score = 1, 30
	default:
		return
	}
	start, end := r.g(0).start, r.g(k-1).end
	area, middle := r.value(0, 3), r.value(3, 5)
	itin := area >= 900 && itinGroup(middle)
	if area == 0 || area == 666 || middle == 0 || r.value(5, 9) == 0 || area >= 900 && !itin {
		return
	}
	switch {
	case r.g(0).sep == sepSpace && k < r.m && k > 1:
		score -= 20 // a row of numbers
	case r.g(0).sep == sepSpace:
		score -= 4
	case r.g(0).sep != 0:
		score -= 45
	}
	if k < r.m && r.g(k).sep&sepSpace == 0 {
		score -= 45
	}
	if r.glued || !r.bounded(t, k) {
		score -= 20
	}
	said, other := s.since(cSSN, start), s.since(cOther, start)
	switch {
	case said >= 0 && said <= 48 && (k == 3 || said <= 32 && !(other >= 0 && other < said)):
		score += 45
	case itin && s.near(cTax, start, 40):
		score += 45
	case s.nearAhead(t, end, cSSN, 24):
		score += 30
	}
	find := Find{SSN, "us", start, end, uint8(max(0, min(score, 98)))}
	if itin {
		find.Kind, find.What = NationalID, "us_itin"
	}
	s.add(&find)
}
