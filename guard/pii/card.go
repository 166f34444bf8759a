package pii

// network is a range of issuer numbers (ISO/IEC 7812) and the lengths of its numbers.
type network struct {
	what     string
	from, to uint32 // of the first six digits
	lengths  uint32 // bit n: n digits
}

const (
	to19 = 1<<16 | 1<<17 | 1<<18 | 1<<19
	to12 = 1<<12 | 1<<13 | 1<<14 | 1<<15 | to19
)

// networks are what the networks have published; sorted by their
// first digit; of ranges that overlap the narrow one is first.
var networks = [...]network{
	{"mir", 220000, 220499, to19}, {"mastercard", 222100, 272099, 1 << 16},
	{"diners", 300000, 305999, 1<<14 | to19}, {"diners", 309500, 309599, 1<<14 | to19}, {"diners", 360000, 369999, 1<<14 | to19},
	{"diners", 380000, 399999, 1<<14 | to19}, {"amex", 340000, 349999, 1 << 15}, {"amex", 370000, 379999, 1 << 15}, {"jcb", 352800, 358999, to19},
	{"visa", 400000, 499999, 1<<13 | 1<<16 | 1<<19},
	{"maestro", 501800, 501899, to12}, {"maestro", 502000, 502099, to12}, {"maestro", 503800, 503899, to12}, {"maestro", 561200, 561299, to12},
	{"maestro", 589300, 589399, to12}, {"dankort", 501900, 501999, 1 << 16}, {"verve", 506099, 506198, 1<<16 | 1<<18 | 1<<19},
	{"elo", 506699, 506778, 1 << 16}, {"elo", 509000, 509999, 1 << 16}, {"rupay", 508000, 508999, 1 << 16}, {"mastercard", 510000, 559999, 1 << 16},
	{"maestro", 630400, 630499, to12}, {"maestro", 639000, 639099, to12}, {"maestro", 670000, 679999, to12}, {"hipercard", 606282, 606282, 1 << 16},
	{"discover", 601100, 601199, to19}, {"discover", 622126, 622925, to19}, {"discover", 644000, 659999, to19}, {"unionpay", 620000, 629999, to19},
	{"rupay", 600000, 609999, 1 << 16},
	{"unionpay", 810000, 817199, to19},
	{"troy", 979200, 979289, 1 << 16},
}

// networkIndex is where the ranges that begin with a digit begin.
var networkIndex = [...]uint8{0, 0, 0, 2, 9, 10, 21, 30, 30, 31, 32}

// card looks for a payment card's number in the first groups of r: a known range, its
// length, and the check digit of ISO/IEC 7812 (Luhn).
func (s *Scanner) card(t *window, r *number) {
	some := networks[networkIndex[r.d(0)]:networkIndex[r.d(0)+1]]
	if r.g(0).n > 19 || len(some) == 0 {
		return
	}
	six := uint32(0)
	var d [20]byte
	for i := range d {
		if d[i] = r.d(i); i < 6 {
			six = six*10 + uint32(d[i])
		}
	}
	for k := 1; k <= r.all; k++ {
		n := r.upTo(k)
		if n > 19 || k > 1 && !r.said && r.g(k-1).sep&(sepDot|sepSlash|sepParen|sepMany) != 0 {
			return
		}
		if n < 12 || !luhn(d[:n]) {
			continue
		}
		for i := range some {
			if w := &some[i]; six >= w.from && six <= w.to && w.lengths>>n&1 != 0 {
				s.add(&Find{Card, w.what, r.g(0).start, r.g(k - 1).end, s.cardScore(t, r, k, n)})
				break
			}
		}
	}
}

// cardScore is by how the number is grouped, and by what is around it.
func (s *Scanner) cardScore(t *window, r *number, k, n int) uint8 {
	score := 88
	switch {
	case n < 14: // no network gives these out any more; numbers of articles have this length
		score = 40
	case r.usualCard(k, n):
	default:
		smallest := n
		for j := range k {
			smallest = min(smallest, r.g(j).n)
		}
		switch {
		case k >= 12: // digit by digit
			score = 75
		case smallest < 3 && k > 2, n == 3*k, n == 17, n == 18:
			score = 40 // a row of numbers, a large number, the number of an order
		default:
			score = 60
		}
	}
	switch {
	case r.g(0).sep&sepDot != 0: // 0.4111…: behind a decimal point
		score -= 40
	case n < 14 && k > 1 && r.g(0).sep != 0: // the rest of a longer one
		score -= 45
	case r.g(0).sep&(sepDash|sepSlash) != 0, k < r.all && r.g(k).sep&sepDash != 0:
		score -= 15
	case k > 1 && (r.g(0).sep != 0 || k < r.all && r.g(k).sep == r.g(1).sep):
		score -= 10
	}
	if bounded := r.bounded(t, k); !bounded || r.glued {
		score -= 20
		if n != 16 || !bounded && r.glued {
			score -= 25 // hexadecimal digits
		}
	}
	start, end := r.g(0).start, r.g(k-1).end
	switch {
	case n <= 14 && s.against(t, cArticle, start, 24) >= 0:
		score -= 50
	case s.near(cCard, start, 48):
		score += 11
	case s.against(t, cOther, start, 24) >= 0:
		score -= 10
	case s.nearAhead(t, end, cCard, 32):
		score += 8
	}
	return uint8(max(0, min(score, 99)))
}

// usualCard reports whether the first k groups are how cards show numbers of n digits.
func (r *number) usualCard(k, n int) bool {
	switch {
	case k == 1:
		return true
	case k == 3 && n == 15, k == 3 && n == 14:
		return r.g(0).n == 4 && r.g(1).n == 6 // Amex, Diners Club
	case k == 2:
		return r.g(0).n == 8 && n == 16 || r.g(0).n == 6 && n == 19
	}
	for j := range k - 1 {
		if r.g(j).n != 4 {
			return false
		}
	}
	return true
}

// luhn is the check of ISO/IEC 7812-1, annex B.
//
//go:noinline
func luhn(d []byte) bool {
	sum := 0
	for i, v := range d {
		n := int(v)
		if (len(d)-i)&1 == 0 {
			if n *= 2; n > 9 {
				n -= 9
			}
		}
		sum += n
	}
	return sum%10 == 0
}
