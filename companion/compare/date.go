package compare

import (
	"fmt"
	"strconv"
	"strings"
)

// isoDate reads 2026-05-03, and dates by numbers whose day is over 12: 31/12/2026 can be
// read in one way, 3/5/2026 in two, and stays as it is written.
func isoDate(s string) (year, month, day int, ok bool) {
	for _, sep := range []string{"-", "/", "."} {
		p := strings.Split(s, sep)
		if len(p) != 3 || len(s) > 10 {
			continue
		}
		var n [3]int
		for i := range p {
			v, err := strconv.Atoi(p[i])
			if err != nil || v < 0 || p[i][0] == '+' {
				return 0, 0, 0, false
			}
			n[i] = v
		}
		switch {
		case len(p[0]) == 4 && n[1] >= 1 && n[1] <= 12 && n[2] >= 1 && n[2] <= 31 && sep != ".":
			return n[0], n[1], n[2], true
		case len(p[2]) == 4 && sep == "." && n[0] >= 1 && n[0] <= 31 && n[1] >= 1 && n[1] <= 12:
			return n[2], n[1], n[0], true
		case len(p[2]) == 4 && n[0] > 12 && n[0] <= 31 && n[1] >= 1 && n[1] <= 12:
			return n[2], n[1], n[0], true
		case len(p[2]) == 4 && n[1] > 12 && n[1] <= 31 && n[0] >= 1 && n[0] <= 12 && sep == "/":
			return n[2], n[0], n[1], true
		}
	}
	return 0, 0, 0, false
}

func dateText(year, month, day int) string {
	var b strings.Builder
	if year > 0 {
		fmt.Fprintf(&b, "%04d", year)
	}
	b.WriteByte('-')
	if month > 0 {
		fmt.Fprintf(&b, "%02d", month)
	}
	b.WriteByte('-')
	if day > 0 {
		fmt.Fprintf(&b, "%02d", day)
	}
	return b.String()
}

// clockText reads 15:00, 3:15pm and 3:15.
func clockText(s string) (string, bool) {
	hours, rest, ok := strings.Cut(s, ":")
	if !ok || len(hours) == 0 || len(hours) > 2 || len(rest) < 2 || !isDigit(hours[0]) || !isDigit(hours[len(hours)-1]) || !isDigit(rest[0]) || !isDigit(rest[1]) {
		return "", false
	}
	minutes, half := rest[:2], rest[2:]
	switch half {
	case "am", "pm":
		return twelveHours(hours, minutes, half)
	case "":
		return fmt.Sprintf("%02s:%s", hours, minutes), true
	}
	return "", false
}

func twelveHours(hours, minutes, half string) (string, bool) {
	h, err := strconv.Atoi(hours)
	if err != nil || h < 1 || h > 12 {
		return "", false
	}
	h %= 12
	if half == "pm" {
		h += 12
	}
	return fmt.Sprintf("%02d:%s", h, minutes), true
}

var months = map[string]int{
	"january": 1, "february": 2, "march": 3, "april": 4, "may": 5, "june": 6, "july": 7, "august": 8, "september": 9, "october": 10, "november": 11, "december": 12,
	"jan": 1, "feb": 2, "mar": 3, "apr": 4, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "sept": 9, "oct": 10, "nov": 11, "dec": 12,
}

var weekdays = map[string]string{
	"mon": "monday", "tue": "tuesday", "tues": "tuesday", "wed": "wednesday", "thu": "thursday", "thur": "thursday", "thurs": "thursday", "fri": "friday", "sat": "saturday", "sun": "sunday",
}

// dates joins the parts of a date: 3 May 2026, May 3rd, the fourth of July 1826, Feb 2026.
func dates(in []token) []token {
	out := make([]token, 0, len(in))
	for i := 0; i < len(in); i++ {
		month := 0
		if in[i].kind == word {
			month = months[in[i].text]
		}
		if month == 0 {
			out = append(out, in[i])
			continue
		}
		day, year := 0, 0
		first := len(out)
		// the day before: "3", "3rd of", "the fourth of"
		for back := 1; back <= 2 && back <= len(out); back++ {
			t := out[len(out)-back]
			if t.kind == number && (t.unit == "" || t.unit == "ordinal") && t.ends == none {
				if d, err := strconv.Atoi(t.text); err == nil && d >= 1 && d <= 31 {
					day, first = d, len(out)-back
				}
				break
			}
			if t.text != "of" {
				break
			}
		}
		last := i
		if day == 0 && i+1 < len(in) && in[i].ends != stop {
			if d, err := strconv.Atoi(in[i+1].text); err == nil && in[i+1].kind == number && d >= 1 && d <= 31 && (in[i+1].unit == "" || in[i+1].unit == "ordinal") {
				day, last = d, i+1
			}
		}
		if last+1 < len(in) && in[last].ends != stop {
			if y, err := strconv.Atoi(in[last+1].text); err == nil && in[last+1].kind == number && y > 999 && y < 3000 && in[last+1].unit == "" {
				year, last = y, last+1
			}
		}
		if day == 0 && year == 0 && otherwise.has(in[i].text) && !monthAlone(in, i) {
			out = append(out, in[i])
			continue
		}
		out = append(out[:first], token{kind: date, text: dateText(year, month, day), raw: in[i].raw, ends: in[last].ends})
		i = last
	}
	return out
}

// otherwise are names of months that are something else as often.
var otherwise = set{"may", "march", "mar", "sep", "dec", "jan"}

// monthAlone tells a month without day and year by what is before it, or by its capital
// within a sentence: "in may", "between March and May", but not "May I" and "they may".
func monthAlone(in []token, i int) bool {
	if i == 0 || in[i-1].ends == stop {
		return false
	}
	switch in[i-1].text {
	case "in", "by", "until", "till", "since", "from", "before", "after", "during", "this", "next", "last", "early", "mid", "late", "every":
		return true
	}
	capital := func(t *token) bool { return t.raw != "" && t.raw[0] >= 'A' && t.raw[0] <= 'Z' }
	small := func(t *token) bool { return t.raw != "" && strings.ToLower(t.raw) == t.raw }
	if !capital(&in[i]) || !small(&in[i-1]) && months[in[i-1].text] == 0 || in[i-1].ends != none {
		return false
	}
	return i+1 == len(in) || in[i].ends != none || small(&in[i+1]) && !set{"i", "we", "you", "he", "she", "they", "it", "be", "have", "not"}.has(in[i+1].text)
}
