package compare

import (
	"math/big"
	"strings"
)

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

var currencySigns = []struct{ sign, unit string }{
	{"us$", "usd"}, {"a$", "aud"}, {"c$", "cad"}, {"$", "usd"}, {"€", "eur"}, {"£", "gbp"}, {"¥", "jpy"}, {"₹", "inr"},
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
