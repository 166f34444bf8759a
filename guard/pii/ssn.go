package pii

// ssnForms are how it is written, the surer ones first.
var ssnForms = [...]phoneForm{
	{"", "324", "", dash, 88}, {"", "324", "", blank, 60}, {"", "324", "", dot | slash, 46}, {"", "324", "", blank | dash, 46},
	{"", "9", "", 0, 30}, {"", "333", "", blank | dash, 30},
}

// ssn looks for a US social security number: area, group and serial number, none of them
// zero, the area below 900 and not 666 (SSA POMS RM 10201.035, rules since 2011). The same
// form with an area from 900 on is a tax payer's number (ITIN) where its group is one of theirs.
func (s *Scanner) ssn(t *window, r *number) {
	k, score := 0, 0
	if n := r.g(0).n; n != 3 && n != 9 {
		return
	}
	for i := range ssnForms {
		if f := &ssnForms[i]; len(f.groups) <= r.m && r.hasForm(f) {
			k, score = len(f.groups), int(f.score)
			break
		}
	}
	if k == 0 {
		return
	}
	start, end, formed := r.g(0).start, r.g(k-1).end, score > 30
	area, middle := r.value(0, 3), r.value(3, 5)
	itin := area >= 900 && itinGroup(middle)
	if area == 0 || area == 666 || middle == 0 || r.value(5, 9) == 0 || area >= 900 && !itin {
		return
	}
	switch {
	case r.g(0).sep == sepSlash && formed: // behind another
	case r.g(0).sep == sepSpace && k < r.m && formed:
		score -= 20 // a row of numbers
	case r.g(0).sep == sepSpace && (formed || k == 1):
		score -= 4
	case r.g(0).sep != 0:
		score -= 45
	}
	if next := r.g(k).sep; k < r.m && (next&sepSpace == 0 && (next != sepSlash || !formed) || k == 3 && !formed) {
		score -= 45
	}
	if r.glued || !r.bounded(t, k) {
		score -= 20
	}
	said, other, within := s.since(cSSN, start), s.since(cOther, start), 32
	if k == 3 && said <= within {
		within = 6 + prefixOf(t, start-said, " number") // SSN No.: 123 456 789, and no "ssn count"
	}
	switch {
	case said >= 0 && said <= 48 && (formed || said <= within && !(other >= 0 && other < said)):
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
