package compare

import (
	"math/big"
	"strings"
)

// readNumber reads what is written with digits: 1,000.5 and 10k and 50% and $20 and 10kg
// and 2nd and 15:00 and 2026-05-03. What it cannot read as one of those is left to be an
// identifier, which is compared letter by letter.
func readNumber(s string) (token, bool) {
	if !strings.ContainsAny(s, "0123456789") {
		return token{}, false
	}
	if y, m, d, ok := isoDate(s); ok {
		return token{kind: date, text: dateText(y, m, d)}, true
	}
	if t, ok := clockText(s); ok {
		return token{kind: clock, text: t}, true
	}
	t := token{kind: number}
	s = strings.TrimPrefix(s, "#")
	for _, c := range currencySigns {
		if rest, ok := strings.CutPrefix(s, c.sign); ok {
			t.unit, s = c.unit, rest
			break
		}
	}
	end := 0
	for end < len(s) && (isDigit(s[end]) || end+1 < len(s) && (s[end] == '.' || s[end] == ',') && isDigit(s[end+1])) {
		end++
	}
	digits, rest := s[:end], s[end:]
	if digits == "" || len(digits) > 40 {
		return token{}, false
	}
	if digits[0] == '.' {
		digits = "0" + digits
	}
	if above, below, ok := strings.Cut(s, "/"); ok && t.unit == "" {
		return fraction(above, below)
	}
	digits, ok := plainDigits(digits)
	if !ok {
		return token{}, false
	}
	switch rest {
	case "":
	case "st", "nd", "rd", "th":
		t.unit = "ordinal"
	case "k":
		digits = times(digits, 1000)
	case "m", "mn", "mio":
		if t.unit == "" && rest == "m" {
			t.unit = "m"
			break
		}
		digits = times(digits, 1_000_000)
	case "bn":
		digits = times(digits, 1_000_000_000)
	case "am", "pm":
		if h, m, ok := strings.Cut(digits, "."); ok && len(m) == 2 {
			if c, ok := twelveHours(h, m, rest); ok {
				return token{kind: clock, text: c}, true
			}
		}
		if c, ok := twelveHours(digits, "00", rest); ok {
			return token{kind: clock, text: c}, true
		}
		return token{}, false
	default:
		unit, ok := units[rest]
		if !ok || t.unit != "" {
			return token{}, false
		}
		t.unit = unit
	}
	t.text = digits
	return t, true
}

// fraction reads 1/2. It is a date as well, to some: both texts then have the same one.
func fraction(above, below string) (token, bool) {
	if len(above) > 4 || len(below) > 4 || strings.Trim(above+below, "0123456789") != "" || below == "" || strings.Trim(below, "0") == "" {
		return token{}, false
	}
	r, ok := new(big.Rat).SetString(above + "/" + below)
	if !ok {
		return token{}, false
	}
	return token{kind: number, text: trimmed(r)}, true
}

// plainDigits takes commas out that part thousands. Anything else with a comma or with
// two points is no number: a version, a list, or a decimal comma that could be either.
func plainDigits(s string) (string, bool) {
	whole, fraction, _ := strings.Cut(s, ".")
	if strings.ContainsAny(fraction, ".,") {
		return "", false
	}
	groups := strings.Split(whole, ",")
	for i, g := range groups {
		if i > 0 && len(g) != 3 || i == 0 && len(groups) > 1 && len(g) > 3 {
			return "", false
		}
	}
	whole = strings.Join(groups, "")
	if fraction != "" {
		return whole + "." + fraction, true
	}
	return whole, true
}

func times(digits string, by int64) string {
	r, ok := new(big.Rat).SetString(digits)
	if !ok {
		return digits
	}
	return trimmed(r.Mul(r, big.NewRat(by, 1)))
}

// trimmed writes an exact decimal, or a fraction where there is none.
func trimmed(r *big.Rat) string {
	if r.IsInt() {
		return r.Num().String()
	}
	if n, exact := r.FloatPrec(); exact {
		return r.FloatString(n)
	}
	return r.String()
}

// numbers joins the words of a number into one token, and puts units to their numbers.
func numbers(in []token) []token {
	out := make([]token, 0, len(in))
	for i := 0; i < len(in); i++ {
		t := in[i]
		if t.kind == word {
			if n, used := spelledNumber(in[i:]); used > 0 {
				i += used - 1
				n.ends = in[i].ends
				t = n
			} else if n, ok := ordinals[t.text]; ok {
				t.kind, t.unit, t.text = number, "ordinal", n
			} else if (t.text == "a" || t.text == "one") && i+1 < len(in) && scales[in[i+1].text] > 0 {
				t = token{kind: number, text: times("1", scales[in[i+1].text]), raw: t.raw, ends: in[i+1].ends}
				i++
			} else if t.text == "half" && i+2 < len(in) && in[i+1].text == "a" && scales[in[i+2].text] > 0 {
				t = token{kind: number, text: times("0.5", scales[in[i+2].text]), raw: t.raw, ends: in[i+2].ends}
				i += 2
			} else if t.text == "noon" || t.text == "midday" {
				t.kind, t.text = clock, "12:00"
			} else if t.text == "midnight" {
				t.kind, t.text = clock, "00:00"
			} else if d, ok := decades[t.text]; ok {
				t.kind, t.text = ident, d
			} else if u, ok := units[singular(t.text)]; ok && !shortUnit(singular(t.text)) && (len(out) == 0 || out[len(out)-1].kind != number) {
				// a unit with no number: "in grams", "how many km"
				if len(u) > 1 {
					t.text = u
				}
			}
		}
		if t.kind == number && t.unit == "" && i+1 < len(in) && in[i].ends == none && in[i+1].kind == word {
			if by, ok := scales[in[i+1].text]; ok {
				t.text = times(t.text, by)
				i++
				t.ends = in[i].ends
			}
		}
		if t.kind == number && (t.unit == "" || t.unit == "usd") && i+1 < len(in) && in[i].ends != stop {
			t, i = withUnit(t, in, i)
		}
		// "usd 50", "eur 20": the unit was before
		if t.kind == number && t.unit == "" && len(out) > 0 && out[len(out)-1].kind == word && isCurrencyCode(out[len(out)-1].text) {
			t.unit = out[len(out)-1].text
			out = out[:len(out)-1]
		}
		if t.kind == number && t.lemma == "" {
			t.lemma = t.text
			if t.unit == "ordinal" {
				t.lemma = strings.ToLower(t.raw)
			}
		}
		out = append(out, t)
	}
	return out
}
