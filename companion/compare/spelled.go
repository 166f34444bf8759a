package compare

import (
	"math/big"
	"strconv"
	"strings"
)

// spelledNumber reads two hundred and fifty, twenty-five, a dozen, half, one quarter. It
// gives how many words it took, none where there is no number.
func spelledNumber(in []token) (token, int) {
	var total, current int64
	used, seen := 0, false
	for used < len(in) && used < 8 && in[used].kind == word {
		w := in[used].text
		if n, ok := spelled[w]; ok {
			v, _ := new(big.Int).SetString(n, 10)
			if seen && (current%10 != 0 || current == 0 || v.Int64() > 9 || current%100 == 10) && current%100 != 0 {
				break
			}
			if seen && current%100 == 0 && current == 0 && total == 0 {
				break
			}
			current += v.Int64()
		} else if by, ok := scales[w]; ok && seen {
			if by == 100 {
				current *= 100
			} else {
				total, current = total+current*by, 0
			}
		} else if w == "and" && seen && used+1 < len(in) && (current%100 == 0) && (current > 0 || total > 0) && spelled[in[used+1].text] != "" {
			used++
			continue
		} else {
			break
		}
		seen = true
		used++
		if in[used-1].ends != none {
			break
		}
	}
	if !seen {
		return token{}, 0
	}
	t := token{kind: number, text: big.NewInt(total + current).String(), raw: in[0].raw}
	if used == 1 && in[0].text == "one" {
		// "one" is a number only before what can be counted
		if len(in) < 2 || in[0].ends != none || notCounted[in[1].text] {
			return token{}, 0
		}
		t.soft = true
	}
	// twenty-first
	if used == 1 && len(in) > 1 && len(t.text) == 2 && t.text[1] == '0' && in[0].ends == none {
		if o := ordinals[in[1].text]; len(o) == 1 {
			t.text, t.unit = t.text[:1]+o, "ordinal"
			return t, 2
		}
	}
	if used == 1 && len(in) > 1 && in[0].ends == none {
		for name, of := range fractions {
			if singular(in[1].text) == name {
				r, _ := new(big.Rat).SetString(t.text)
				t.text, t.soft = trimmed(r.Mul(r, of)), false
				return t, 2
			}
		}
	}
	return t, used
}

// decade tells 1990s and 90s.
func decade(s string) bool {
	base, ok := strings.CutSuffix(strings.ReplaceAll(s, "'", ""), "0s")
	return ok && (len(base) == 1 && base[0] > '1' && base[0] <= '9' || len(base) == 3 && base[:2] == "19" && isDigit(base[2]))
}

var decades = map[string]string{"twenties": "1920s", "thirties": "1930s", "forties": "1940s", "fifties": "1950s", "sixties": "1960s", "seventies": "1970s", "eighties": "1980s", "nineties": "1990s"}

// roman reads II to XXXIX as written in names, not I, V or X alone.
func roman(s string) string {
	if len(s) < 2 || strings.Trim(s, "XVI") != "" {
		return ""
	}
	n := 0
	values := map[byte]int{'I': 1, 'V': 5, 'X': 10}
	for i := range len(s) {
		v := values[s[i]]
		if i+1 < len(s) && values[s[i+1]] > v {
			v = -v
		}
		n += v
	}
	if n < 2 || n > 39 {
		return ""
	}
	return strconv.Itoa(n)
}

// spelled are the numbers that are written as words.
var spelled = map[string]string{
	"zero": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
	"ten": "10", "eleven": "11", "twelve": "12", "thirteen": "13", "fourteen": "14", "fifteen": "15", "sixteen": "16", "seventeen": "17", "eighteen": "18", "nineteen": "19",
	"twenty": "20", "thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "seventy": "70", "eighty": "80", "ninety": "90",
	"dozen": "12",
}

var ordinals = map[string]string{
	"first": "1", "second": "2", "third": "3", "fourth": "4", "fifth": "5", "sixth": "6", "seventh": "7", "eighth": "8", "ninth": "9", "tenth": "10",
	"eleventh": "11", "twelfth": "12", "thirteenth": "13", "fourteenth": "14", "fifteenth": "15", "sixteenth": "16", "seventeenth": "17", "eighteenth": "18", "nineteenth": "19", "twentieth": "20", "thirtieth": "30",
}

var scales = map[string]int64{"hundred": 100, "thousand": 1000, "million": 1_000_000, "billion": 1_000_000_000, "trillion": 1_000_000_000_000}

var fractions = map[string]*big.Rat{"half": big.NewRat(1, 2), "third": big.NewRat(1, 3), "quarter": big.NewRat(1, 4), "halve": big.NewRat(1, 2)}

var notCounted = map[string]bool{
	"of": true, "way": true, "can": true, "do": true, "does": true, "is": true, "should": true, "to": true, "has": true, "for": true,
	"in": true, "at": true, "on": true, "and": true, "or": true, "go": true, "that": true, "could": true, "would": true, "may": true, "must": true, "from": true, "with": true, "the": true,
}
