package strict

import (
	"strconv"

	"github.com/sluice-gateway/sluice/policy/internal/document"
	"github.com/sluice-gateway/sluice/policy/internal/language"
)

// scalar reads a value that is no collection; false: it is not of its shape.
func (n *node) scalar(doc *document.Node) bool {
	n.text = doc.Text
	isText, isNumber := doc.Kind == document.String, doc.Kind == document.Number
	ok := false
	switch n.shape.Kind {
	case language.Bool:
		if doc.Text == "true" {
			n.num = 1
		}
		return doc.Kind == document.Bool
	case language.Word:
		for _, word := range n.shape.Words {
			ok = ok || word == doc.Text
		}
		return isText && ok
	case language.Integer:
		n.num, ok = parseDigits(doc.Text)
		ok = ok && isNumber
	case language.Decimal, language.Money:
		n.num, ok = parseMillionths(doc.Text)
		ok = ok && (isNumber || isText)
	case language.Amount:
		n.kind = doc.Kind // its bounds depend on the unit beside it: see amount
		return isNumber || isText
	case language.Duration:
		n.num, ok = parseDuration(doc.Text)
		ok = ok && isText
	case language.Size:
		n.num, ok = ParseSize(doc.Text)
		ok = ok && (isNumber || isText)
	case language.Schema:
		if doc.Kind == document.Object {
			n.text = string(doc.Append(nil))
			return len(n.text) <= language.MaxSchema
		}
		return isText && doc.Text == requestSchema
	default:
		return isText && matches(n.shape.Kind, doc.Text)
	}
	return ok && n.shape.Min <= n.num && n.num <= n.shape.Max
}

// parseDigits reads 0, 7 or 50000: digits alone, no leading zero.
func parseDigits(text string) (int64, bool) {
	if text == "" || len(text) > 18 || len(text) > 1 && text[0] == '0' {
		return 0, false
	}
	v := int64(0)
	for i := 0; i < len(text); i++ {
		if text[i] < '0' || '9' < text[i] {
			return 0, false
		}
		v = v*10 + int64(text[i]-'0')
	}
	return v, true
}

// parseMillionths reads 500, 0.15 or 0.075 exactly: US dollars to micro-dollars. Digits
// beyond the sixth after the point must be zero.
func parseMillionths(text string) (int64, bool) {
	whole, fraction := text, ""
	for i := 0; i < len(text); i++ {
		if text[i] == '.' {
			if whole, fraction = text[:i], text[i+1:]; fraction == "" {
				return 0, false
			}
			break
		}
	}
	v, ok := parseDigits(whole)
	if !ok || v > 1_000_000_000_000 {
		return 0, false
	}
	for i := 0; i < 6 || i < len(fraction); i++ {
		digit := byte('0')
		if i < len(fraction) {
			digit = fraction[i]
		}
		if digit < '0' || '9' < digit || i >= 6 && digit != '0' {
			return 0, false
		}
		if i < 6 {
			v = v*10 + int64(digit-'0')
		}
	}
	return v, true
}

// unit is one suffix of a duration or a size.
type unit struct {
	suffix string
	value  int64
}

// durationUnits from long to short, in milliseconds. "ms" stands before "m" and is told
// from it by its length alone: the longest suffix that fits is taken.
var durationUnits = [...]unit{{"h", 3_600_000}, {"m", 60_000}, {"s", 1000}, {"ms", 1}}

// parseDuration reads 30s, 15m, 1h30m or 500ms into milliseconds: units from long to
// short, each at most once.
func parseDuration(text string) (int64, bool) {
	total, next := int64(0), 0
	for len(text) > 0 {
		digits := leadingDigits(text)
		v, ok := parseDigits(text[:digits])
		if !ok || v > 1_000_000_000_000 {
			return 0, false
		}
		text = text[digits:]
		letters := 0
		for letters < len(text) && (text[letters] < '0' || '9' < text[letters]) {
			letters++
		}
		for next < len(durationUnits) && durationUnits[next].suffix != text[:letters] {
			next++
		}
		if next == len(durationUnits) {
			return 0, false
		}
		total += v * durationUnits[next].value // at most 3.7e18 in all
		text, next = text[letters:], next+1
	}
	return total, next > 0
}

var sizeUnits = [...]unit{{"", 1}, {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}}

// ParseSize reads 8MiB, 512KiB or a number of bytes, as a policy has its sizes.
func ParseSize(text string) (int64, bool) {
	digits := leadingDigits(text)
	v, ok := parseDigits(text[:digits])
	if !ok || v > 1<<32 {
		return 0, false
	}
	for _, u := range sizeUnits {
		if text[digits:] == u.suffix {
			return v * u.value, true
		}
	}
	return 0, false
}

func leadingDigits(text string) int {
	i := 0
	for i < len(text) && '0' <= text[i] && text[i] <= '9' {
		i++
	}
	return i
}

// formatMillionths is parseMillionths backwards.
func formatMillionths(v int64) string {
	text := strconv.FormatInt(v/1_000_000, 10)
	fraction := strconv.FormatInt(1_000_000+v%1_000_000, 10)[1:]
	for fraction != "" && fraction[len(fraction)-1] == '0' {
		fraction = fraction[:len(fraction)-1]
	}
	if fraction == "" {
		return text
	}
	return text + "." + fraction
}
