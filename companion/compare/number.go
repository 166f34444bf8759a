package compare

import (
	"math/big"
	"strconv"
	"strings"
)

// readNumber reads what is written with digits: 1,000.5 and 10k and 50% and $20 and 10kg
// and 2nd and 15:00 and 2026-05-03. What it cannot read as one of those is left to be an
// identifier, which is compared letter by letter.
func readNumber(s string) (token, bool) {
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

var currencySigns = []struct{ sign, unit string }{
	{"us$", "usd"}, {"a$", "aud"}, {"c$", "cad"}, {"$", "usd"}, {"€", "eur"}, {"£", "gbp"}, {"¥", "jpy"}, {"₹", "inr"},
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

// units are the ways to write a unit, each with its one name. What converts exactly into
// another is in conversions.
var units = map[string]string{
	"%": "percent", "percent": "percent", "pct": "percent",
	"hp": "hp", "horsepower": "hp", "rpm": "rpm", "db": "db", "decibel": "db", "nm": "nm", "nanometer": "nm", "micrometer": "um", "micron": "um", "µm": "um", "μm": "um", "bpm": "bpm", "dpi": "dpi", "ppm": "ppm",
	"kilocalorie": "kcal", "kj": "kj", "kilojoule": "kj", "j": "joule", "joule": "joule", "n": "newton", "newton": "newton", "amp": "ampere", "ampere": "ampere", "a": "ampere", "ohm": "ohm", "milliamp": "ma", "milliampere": "ma", "pa": "pascal", "pascal": "pascal", "bar": "bar",
	"mbit": "mbit", "megabit": "mbit", "gbit": "gbit", "gigabit": "gbit", "mbit/s": "mbps", "mb/s": "mb/s", "gbit/s": "gbps", "fps": "fps", "cc": "cc", "mo": "month", "sqkm": "sqkm", "km2": "sqkm", "km²": "sqkm", "cm2": "sqcm", "cm²": "sqcm", "ft2": "sqfoot", "ft²": "sqfoot", "m3": "cqm", "m³": "cqm",
	"kilowatthour": "kwh", "mg/dl": "mg/dl", "mmol/l": "mmol/l", "cents": "cent", "pence": "pence", "p": "pence", "franc": "franc", "kilohm": "kohm", "mi/h": "mph", "kmph": "kmh", "light-year": "lightyear", "mile per hour": "mph", "km per hour": "kmh", "lightyear": "lightyear", "carat": "carat", "ct": "carat", "gigawatt": "gw", "gw": "gw", "terawatt": "tw", "volts": "volt", "watts": "w", "pb": "pb", "petabyte": "pb", "kibibyte": "kib", "mebibyte": "mib", "gibibyte": "gib", "kbit": "kbit", "kilobit": "kbit", "deciliter": "dl", "centiliter": "cl", "quart": "quart", "qt": "quart", "pt": "pint", "nmi": "nmi", "knot": "knot", "kn": "knot",
	"km": "km", "kms": "km", "kilometer": "km", "cm": "cm", "centimeter": "cm", "mm": "mm", "millimeter": "mm", "meter": "m",
	"mi": "mile", "mile": "mile", "ft": "foot", "foot": "foot", "feet": "foot", "inch": "inch", "yd": "yard", "yard": "yard",
	"kg": "kg", "kgs": "kg", "kilo": "kg", "kilos": "kg", "kilogram": "kg", "g": "g", "gram": "g", "gr": "g", "mg": "mg", "milligram": "mg", "mcg": "ug", "µg": "ug", "μg": "ug", "microgram": "ug",
	"lb": "lb", "lbs": "lb", "oz": "oz", "ounce": "oz", "stone": "stone", "tonne": "tonne", "ton": "ton",
	"l": "l", "liter": "l", "ltr": "l", "ml": "ml", "milliliter": "ml", "cl": "cl", "dl": "dl", "gal": "gallon", "gallon": "gallon", "pint": "pint", "cup": "cup", "tbsp": "tbsp", "tablespoon": "tbsp", "tsp": "tsp", "teaspoon": "tsp",
	"h": "h", "hr": "h", "hrs": "h", "hour": "h", "min": "min", "mins": "min", "minute": "min", "s": "s", "sec": "s", "secs": "s", "second": "s", "ms": "ms", "millisecond": "ms", "us": "us", "microsecond": "us", "ns": "ns", "nanosecond": "ns",
	"day": "day", "week": "week", "wk": "week", "wks": "week", "month": "month", "year": "year", "yr": "year", "yrs": "year", "fortnight": "fortnight", "decade": "decade",
	"°c": "celsius", "celsius": "celsius", "centigrade": "celsius", "c": "celsius", "°f": "fahrenheit", "fahrenheit": "fahrenheit", "f": "fahrenheit", "kelvin": "kelvin",
	"b": "byte", "byte": "byte", "kb": "kb", "kilobyte": "kb", "mb": "mb", "megabyte": "mb", "gb": "gb", "gigabyte": "gb", "gig": "gb", "gigs": "gb", "tb": "tb", "terabyte": "tb", "kib": "kib", "mib": "mib", "gib": "gib", "mbps": "mbps", "gbps": "gbps", "kbps": "kbps",
	"w": "w", "watt": "w", "kw": "kw", "kilowatt": "kw", "mw": "mw", "megawatt": "mw", "kwh": "kwh", "v": "volt", "volt": "volt", "mah": "mah", "hz": "hz", "hertz": "hz", "khz": "khz", "kilohertz": "khz", "mhz": "mhz", "megahertz": "mhz", "ghz": "ghz", "gigahertz": "ghz",
	"km/h": "kmh", "kmh": "kmh", "kph": "kmh", "mph": "mph", "m/s": "m/s", "kcal": "kcal", "calorie": "calorie", "cal": "calorie", "mmhg": "mmhg", "psi": "psi", "iu": "iu", "px": "px", "pixel": "px", "acre": "acre", "hectare": "hectare", "ha": "hectare", "sqm": "sqm", "m2": "sqm", "m²": "sqm", "sqft": "sqft",
	"$": "usd", "usd": "usd", "dollar": "usd", "buck": "usd", "bucks": "usd", "eur": "eur", "euro": "eur", "€": "eur", "gbp": "gbp", "quid": "gbp", "£": "gbp", "jpy": "jpy", "yen": "jpy", "chf": "chf", "inr": "inr", "rupee": "inr", "cad": "cad", "aud": "aud", "cent": "cent",
}

// short are units that are words or names of something else where no number is before them.
func shortUnit(s string) bool {
	return len(s) < 3 && s != "km" && s != "kg" && s != "cm" && s != "mm" && s != "gb" && s != "mb" && s != "tb" && s != "kb" || s == "min" || s == "sec" || s == "stone" || s == "cup" || s == "second" || s == "cal" || s == "foot" || s == "feet" || s == "buck" || s == "gig" || s == "gal"
}

// conversions are exact ones: 90 minutes are 1.5 hours whatever the question.
var conversions = map[string]struct {
	base string
	by   *big.Rat
}{
	"h": {"s", big.NewRat(3600, 1)}, "min": {"s", big.NewRat(60, 1)}, "s": {"s", big.NewRat(1, 1)}, "ms": {"s", big.NewRat(1, 1000)},
	"km": {"m", big.NewRat(1000, 1)}, "m": {"m", big.NewRat(1, 1)}, "cm": {"m", big.NewRat(1, 100)}, "mm": {"m", big.NewRat(1, 1000)},
	"kg": {"g", big.NewRat(1000, 1)}, "g": {"g", big.NewRat(1, 1)}, "mg": {"g", big.NewRat(1, 1000)}, "tonne": {"g", big.NewRat(1_000_000, 1)},
	"l": {"l", big.NewRat(1, 1)}, "ml": {"l", big.NewRat(1, 1000)}, "cl": {"l", big.NewRat(1, 100)}, "dl": {"l", big.NewRat(1, 10)},
	"week": {"day", big.NewRat(7, 1)}, "fortnight": {"day", big.NewRat(14, 1)}, "day": {"day", big.NewRat(1, 1)}, "year": {"month", big.NewRat(12, 1)}, "month": {"month", big.NewRat(1, 1)},
	"kw": {"w", big.NewRat(1000, 1)}, "w": {"w", big.NewRat(1, 1)},
}

// sameQuantity compares two numbers with their units. Without one, 3.10 is not 3.1: it may
// be a version.
func sameQuantity(a, b token) bool {
	if a.text == b.text && (a.unit == b.unit || a.unit == "roman" && (b.unit == "" || b.unit == "ordinal") || b.unit == "roman" && (a.unit == "" || a.unit == "ordinal")) {
		return true
	}
	if a.text == b.text && (a.unit == "pound" && (b.unit == "lb" || b.unit == "gbp") || b.unit == "pound" && (a.unit == "lb" || a.unit == "gbp")) {
		return true
	}
	if a.text == b.text && (a.unit == "" && b.unit == "age" || a.unit == "age" && b.unit == "") {
		return true
	}
	if a.unit == "" || b.unit == "" {
		return false
	}
	x, okx := new(big.Rat).SetString(a.text)
	y, oky := new(big.Rat).SetString(b.text)
	if !okx || !oky {
		return false
	}
	if a.unit == b.unit {
		return x.Cmp(y) == 0
	}
	ca, oka := conversions[a.unit]
	cb, okb := conversions[b.unit]
	return oka && okb && ca.base == cb.base && x.Mul(x, ca.by).Cmp(y.Mul(y, cb.by)) == 0
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

// numbers joins the words of a number into one token, and puts units to their numbers.
func numbers(in []token) []token {
	out := in[:0:0]
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

func isCurrencyCode(s string) bool {
	switch s {
	case "usd", "eur", "gbp", "jpy", "chf", "cad", "aud", "inr":
		return true
	}
	return false
}

func withUnit(t token, in []token, i int) (token, int) {
	next := singular(in[i+1].text)
	if in[i].ends != none {
		return t, i
	}
	switch next {
	case "degree", "deg", "°":
		if i+2 < len(in) {
			if u := units[in[i+2].text]; u == "celsius" || u == "fahrenheit" {
				t.unit, t.ends = u, in[i+2].ends
				return t, i + 2
			}
		}
		return t, i
	case "square", "sq", "cubic":
		if i+2 < len(in) {
			if u := units[singular(in[i+2].text)]; u != "" {
				t.unit, t.ends = "sq"+u, in[i+2].ends
				if u == "m" || next == "cubic" {
					t.unit = next[:1] + "qm"
				}
				return t, i + 2
			}
		}
		return t, i
	case "am", "pm":
		if h, m, ok := strings.Cut(t.text, "."); ok && len(m) == 2 {
			if c, ok := twelveHours(h, m, next); ok {
				return token{kind: clock, text: c, raw: t.raw, ends: in[i+1].ends}, i + 1
			}
		}
		if c, ok := twelveHours(t.text, "00", next); ok {
			return token{kind: clock, text: c, raw: t.raw, ends: in[i+1].ends}, i + 1
		}
		return t, i
	case "pound":
		t.unit, t.ends = "pound", in[i+1].ends // of money or of weight
		return t, i + 1
	case "o'clock":
		return token{kind: clock, text: pad(t.text) + ":00", raw: t.raw, ends: in[i+1].ends}, i + 1
	case "per":
		if i+2 < len(in) && in[i+2].text == "cent" {
			t.unit, t.ends = "percent", in[i+2].ends
			return t, i + 2
		}
		return t, i
	case "kilowatt", "us", "american", "swiss", "fluid", "fl", "frames", "frame", "beat", "megabit", "gigabit", "kilobit", "nautical", "light":
		if i+2 < len(in) && in[i+1].ends == none {
			if u := longUnits[next+" "+singular(in[i+2].text)]; u != "" {
				t.unit, t.ends = u, in[i+2].ends
				return t, i + 2
			}
			if i+3 < len(in) && in[i+2].text == "per" {
				if u := longUnits[next+" per "+singular(in[i+3].text)]; u != "" {
					t.unit, t.ends = u, in[i+3].ends
					return t, i + 3
				}
			}
		}
	}
	if in[i+1].text == "a" && in[i+1].ends == none && i+2 < len(in) && in[i+2].kind == word && in[i+1].raw == "a" {
		return t, i // is 37.5 a fever
	}
	if in[i+1].raw == "a" {
		return t, i // an article
	}
	u, ok := units[in[i+1].text]
	if !ok {
		u, ok = units[next]
	}
	if !ok || in[i+1].kind != word && in[i+1].kind != ident || t.unit != "" && (t.unit != "usd" || u != "usd") {
		return t, i
	}
	if i+3 < len(in) && in[i+2].text == "per" && units[singular(in[i+3].text)] == "h" {
		switch u {
		case "km":
			t.unit, t.ends = "kmh", in[i+3].ends
			return t, i + 3
		case "mile":
			t.unit, t.ends = "mph", in[i+3].ends
			return t, i + 3
		}
	}
	t.unit, t.ends = u, in[i+1].ends
	return t, i + 1
}

// longUnits are units of several words.
var longUnits = map[string]string{
	"kilowatt hour": "kwh", "us dollar": "usd", "american dollar": "usd", "usa dollar": "usd", "swiss franc": "chf", "fluid ounce": "floz", "fl oz": "floz",
	"frame per second": "fps", "frames per second": "fps", "beat per minute": "bpm", "megabit per second": "mbps", "gigabit per second": "gbps", "kilobit per second": "kbps", "nautical mile": "nmi", "light year": "lightyear",
}

func pad(s string) string {
	if len(s) == 1 {
		return "0" + s
	}
	return s
}

func singular(s string) string {
	if len(s) > 3 && strings.HasSuffix(s, "s") && !strings.HasSuffix(s, "ss") && s != "celsius" {
		return s[:len(s)-1]
	}
	return s
}

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

var fractions = map[string]*big.Rat{"half": big.NewRat(1, 2), "third": big.NewRat(1, 3), "quarter": big.NewRat(1, 4), "halve": big.NewRat(1, 2)}

var notCounted = map[string]bool{
	"of": true, "way": true, "can": true, "do": true, "does": true, "is": true, "should": true, "to": true, "has": true, "for": true,
	"in": true, "at": true, "on": true, "and": true, "or": true, "go": true, "that": true, "could": true, "would": true, "may": true, "must": true, "from": true, "with": true, "the": true,
}
