package compare

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// mostTyped is how many words of a text that no list has are taken for typing errors. A text
// with more is a log, or in another language.
const mostTyped = 12

// words puts one of several ways to write a word, a number or a time for the others.
func (f *embedding) words(whole string) string {
	in := places(whole)
	if f.abroad(in) {
		return whole
	}
	typed, installing := f.mayBeTyped(in), false
	out, changed := in[:0:0], false
	for i := 0; i < len(in); {
		s := in[i]
		if s.low == "" {
			out, i = append(out, s), i+1
			continue
		}
		to, n := f.phrase(in, i)
		if n == 0 {
			to, n = quantity(in, i)
		}
		if n == 0 {
			to, n = f.particle(in, i)
		}
		if n == 0 && isLower(s.body, i == 0 || stopped(in[i-1].after)) {
			to, n = f.l.american(s.low), 1
			if to == s.low && typed && !installing {
				to = f.corrected(s.low, s.body != s.low)
			}
			to = cased(s.body, to)
		}
		installing = installing || installers[s.low]
		if n == 0 || n == 1 && to == s.body {
			out, i = append(out, s), i+1
			continue
		}
		s.body, s.after = to, in[i+n-1].after
		out, i, changed = append(out, s), i+n, true
	}
	if !changed {
		return whole
	}
	return joined(out)
}

func stopped(after string) bool { return strings.ContainsAny(after, ".!?") }

// isLower tells a word without capitals, but for the first of a sentence.
func isLower(body string, first bool) bool {
	for i := range len(body) {
		if c := body[i]; (c < 'a' || c > 'z') && !(i == 0 && first && c >= 'A' && c <= 'Z') {
			return false
		}
	}
	return body != ""
}

// cased gives a word the capital that the one had in whose place it stands, unless that was
// all capitals.
func cased(was, to string) string {
	if len(was) > 1 && was[1] >= 'A' && was[1] <= 'Z' {
		return to
	}
	r, _ := utf8.DecodeRuneInString(was)
	if first, n := utf8.DecodeRuneInString(to); unicode.IsUpper(r) && unicode.IsLower(first) {
		return string(unicode.ToUpper(first)) + to[n:]
	}
	return to
}

// abroad tells a text that is not English, of which nothing is known here.
func (f *embedding) abroad(in []place) bool {
	foreign, english, words := 0, 0, 0
	for i := range in {
		switch w := in[i].low; {
		case w == "":
		case abroad.has(w):
			foreign++
			words++
		case notCounted[w] || starters[w]:
			english++
			words++
		default:
			words++
		}
	}
	return foreign > english || foreign == english && foreign > 0 && words < 6
}

// mayBeTyped tells that words which no list has are taken for typing errors: in English, of
// which nothing but a small word may be a sign, and not in a log.
func (f *embedding) mayBeTyped(in []place) bool {
	unknown, words, english := 0, 0, false
	for i := range in {
		w := in[i].low
		if w == "" || isDigit(w[0]) {
			continue
		}
		words++
		english = english || englishAlone[w]
		if len(w) > 3 && isLower(in[i].body, true) && !f.isKnown(w) {
			unknown++
		}
	}
	return unknown <= mostTyped && (english || unknown*3 <= words)
}

// englishAlone are small words that other languages do not have.
var englishAlone = map[string]bool{"the": true, "to": true, "of": true, "and": true, "for": true, "how": true, "what": true, "where": true, "why": true, "who": true, "which": true, "i": true, "my": true, "is": true, "are": true, "does": true, "can": true, "with": true, "from": true, "not": true, "cannot": true, "teh": true, "you": true, "it": true}

func (f *embedding) isKnown(w string) bool {
	return f.usual[w] || f.l.names[w] != "" || f.l.known(w) || f.l.known(f.l.lemma(w))
}

// phrase finds the longest entry of the table at a place.
func (f *embedding) phrase(in []place, i int) (to string, n int) {
	t := f.same
	for j := i; j < len(in) && (j == i || follows(in, j)); j++ {
		if t = t.next[in[j].low]; t == nil {
			break
		}
		if t.ends && f.beside(in, i, j) && t.value != phraseOf(in[i:j+1]) {
			to, n = t.value, j-i+1
		}
	}
	if n > 0 && in[i].low[0] >= 'a' {
		to = cased(in[i].body, to)
	}
	if strings.HasPrefix(to, "I ") && n > 0 {
		return to, n
	}
	if rest, ok := strings.CutPrefix(to, "i "); ok {
		to = in[i].body[:1] + " " + rest
	}
	return to, n
}

func phraseOf(in []place) string {
	if len(in) == 1 {
		return in[0].body
	}
	var b strings.Builder
	for i := range in {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(in[i].body)
	}
	return b.String()
}

// nearWords is how far from an entry the word may be that it needs: a bound, so that the
// time stays in proportion to the text.
const nearWords = 40

// beside tells that the text has one of the words that an entry needs near it.
func (f *embedding) beside(in []place, from, to int) bool {
	key := in[from].low
	for i := from + 1; i <= to; i++ {
		key += " " + in[i].low
	}
	needs, conditional := f.near[key]
	if !conditional {
		return true
	}
	for i := max(0, from-nearWords); i < min(len(in), to+nearWords); i++ {
		if (i < from || i > to) && needs.has(in[i].low) {
			return true
		}
	}
	return false
}

// particle writes "log in" as a verb and "login" as a noun, by the word before.
func (f *embedding) particle(in []place, i int) (string, int) {
	if i == 0 || in[i-1].after != "" {
		return "", 0
	}
	before := in[i-1].low
	if to := f.apart[in[i].low]; to != "" && (before == "to" || before == "i" || before == "we" || before == "you" || before == "cannot") {
		return to, 1
	}
	if i+1 < len(in) && follows(in, i+1) {
		if to := f.particles[in[i].low+" "+in[i+1].low]; to != "" && nounNext[before] {
			return to, 2
		}
	}
	return "", 0
}

// nounNext are words after which a thing is named.
var nounNext = map[string]bool{"a": true, "an": true, "the": true, "my": true, "your": true, "our": true, "last": true, "latest": true, "full": true, "daily": true, "weekly": true, "nightly": true, "automatic": true, "cloud": true, "database": true, "data": true}

// corrected gives the word that an unknown one was meant to be, where there is one: first a
// letter doubled, single or exchanged with the next, which is how most errors are made, then
// a letter more, less or another.
func (f *embedding) corrected(w string, capital bool) string {
	if len(w) < 4 || len(w) > 24 || f.isKnown(w) {
		return w
	}
	var likely, possible choice
	edit := make([]byte, 0, 32)
	try := func(c *choice, edited []byte) {
		if edited[0] == w[0] || edited[0] == w[1] && edited[1] == w[0] {
			f.consider(c, string(edited))
		}
	}
	for i := range len(w) {
		if i+1 < len(w) && w[i] != w[i+1] {
			edit = append(edit[:0], w...)
			edit[i], edit[i+1] = edit[i+1], edit[i]
			try(&likely, edit)
		}
		edit = append(append(append(edit[:0], w[:i+1]...), w[i]), w[i+1:]...) // doubled
		try(&likely, edit)
		edit = append(append(edit[:0], w[:i]...), w[i+1:]...)
		if i > 0 && w[i] == w[i-1] {
			try(&likely, edit)
		} else if len(w) > 4 {
			try(&possible, edit)
		}
	}
	if to := likely.only(); to != "" {
		return to
	}
	if capital && len(w) < 7 || len(w) < 5 {
		return w // the name of somebody
	}
	for i := 1; i <= len(w); i++ {
		for c := byte('a'); c <= 'z'; c++ {
			edit = append(append(append(edit[:0], w[:i]...), c), w[i:]...)
			try(&possible, edit)
			if i < len(w) {
				edit = append(edit[:0], w...)
				edit[i] = c
				try(&possible, edit)
			}
		}
	}
	if to := possible.only(); to != "" {
		return to
	}
	return w
}

// choice is what a word may have been: in our tables, which are about requests, or else in
// the list of words.
type choice struct {
	usual, other               string
	severalUsual, severalOther bool
}

func (c *choice) only() string {
	switch {
	case c.usual != "" && !c.severalUsual:
		return c.usual
	case c.usual == "" && !c.severalOther:
		return c.other
	}
	return ""
}

func (f *embedding) consider(c *choice, w string) {
	parts, rare := f.l.words.find(w)
	switch {
	case f.usual[w] && (parts != "" || f.l.added[w] != ""):
		c.severalUsual = c.severalUsual || c.usual != "" && c.usual != w
		c.usual = w
	case parts != "" && parts != "p" && !rare:
		c.severalOther = c.severalOther || c.other != "" && c.other != w
		c.other = w
	}
}

// quantity reads a number, a time or a date at a place, and writes it in one way.
func quantity(in []place, i int) (to string, n int) {
	first := in[i].low
	if c := first[0]; !(c >= '0' && c <= '9') && c < 0x80 && c != '$' && spelled[first] == "" && !mayBegin[first] && months[first] == 0 && !strings.Contains(first, "-") {
		return "", 0
	}
	if to, n = fullDate(in, i); n > 0 {
		return to, n
	}
	if to, n = dayTime(in, i); n > 0 {
		return to, n
	}
	if first == "the" {
		return regnal(in, i)
	}
	if to, n = half(in, i); n > 0 {
		return to, n
	}
	number, n := spelledOut(in, i)
	if n == 0 {
		if number = digitsOf(first); number == "" {
			return glued(first)
		}
		n = 1
	}
	next := ""
	if i+n < len(in) && follows(in, i+n) {
		next = in[i+n].low
	}
	switch u := units[singular(next)]; {
	case next == "per" && i+n+1 < len(in) && follows(in, i+n+1) && in[i+n+1].low == "cent":
		return number + "%", n + 2
	case u == "percent":
		return number + "%", n + 1
	case u == "usd" || u == "eur" || u == "gbp":
		return signs[u] + number, n + 1
	case shortened[u] != "" && len(next) > 1 && !(n == 1 && number == "1"):
		return number + " " + shortened[u], n + 1
	case len(number) < 2 && n == 1 && spelled[first] != "" && (u == "" || first == "one" || shortUnit(next)):
		return "", 0 // the two of them
	}
	return number, n
}

// mayBegin are the other words that a quantity begins with.
var mayBegin = map[string]bool{"a": true, "the": true, "noon": true, "midday": true}

var signs = map[string]string{"usd": "$", "eur": "€", "gbp": "£"}

// shortened are units that are written short after a number.
var shortened = map[string]string{
	"km": "km", "cm": "cm", "mm": "mm", "kg": "kg", "g": "grams", "mg": "mg", "ml": "ml", "l": "liters", "m": "meters", "mile": "miles", "lb": "pounds", "oz": "ounces", "foot": "feet", "inch": "inches",
	"h": "hours", "min": "minutes", "s": "seconds", "ms": "ms", "kb": "KB", "mb": "MB", "gb": "GB", "tb": "TB", "kmh": "km/h", "mph": "mph", "tbsp": "tablespoons", "tsp": "teaspoons", "kwh": "kWh", "mhz": "MHz", "ghz": "GHz",
}

// spelledOut reads two hundred and fifty.
func spelledOut(in []place, i int) (digits string, n int) {
	var words []token
	for j := i; j < len(in) && j < i+8 && (j == i || follows(in, j)); j++ {
		for part := range strings.SplitSeq(in[j].low, "-") {
			words = append(words, token{text: part})
		}
		if strings.Contains(in[j].low, "-") && (len(words) > 2 || spelled[words[0].text] == "" || spelled[words[1].text] == "") {
			return "", 0
		}
	}
	if len(words) == 0 || spelled[words[0].text] == "" || words[0].text == "one" && (len(words) == 1 || scales[words[1].text] == 0) || words[0].text == "dozen" {
		return "", 0
	}
	t, used := spelledNumber(words)
	if used == 0 || t.unit != "" || strings.Contains(t.text, "/") || strings.Contains(t.text, ".") {
		return "", 0
	}
	for j := i; used > 0; j++ {
		used -= 1 + strings.Count(in[j].low, "-")
		n++
	}
	return t.text, n
}

// digitsOf takes the commas out that part thousands.
func digitsOf(w string) string {
	end := len(w)
	if end == 0 || !isDigit(w[0]) || strings.Trim(w, "0123456789,.") != "" {
		return ""
	}
	if !strings.Contains(w, ",") {
		return w
	}
	if plain, ok := plainDigits(w); ok {
		return plain
	}
	return ""
}

// glued reads 5km, 45k and 20%.
func glued(w string) (string, int) {
	at := strings.IndexFunc(w, func(r rune) bool {
		return (r < '0' || r > '9') && r != '.' && r != ',' && r != '$' && r != '€' && r != '£'
	})
	if strings.HasPrefix(w, "$") || strings.HasPrefix(w, "€") || strings.HasPrefix(w, "£") {
		sign, n := utf8.DecodeRuneInString(w)
		digits := digitsOf(strings.TrimSuffix(w[n:], "k"))
		if digits == "" {
			return "", 0
		}
		if strings.HasSuffix(w, "k") {
			digits = times(digits, 1000)
		}
		return string(sign) + digits, 1
	}
	if at < 1 {
		return "", 0
	}
	digits, rest := digitsOf(w[:at]), w[at:]
	if digits == "" {
		return "", 0
	}
	if rest == "k" && len(digits) > 1 && digits != "10" && digits != "401" && !strings.Contains(digits, ".") {
		return digits + "000", 1
	}
	switch s := shortened[units[rest]]; {
	case rest == "€" || rest == "$" || rest == "£":
		return rest + digits, 1
	case s != "" && len(rest) > 1 && digits != "1":
		return digits + " " + s, 1
	}
	return "", 0
}

// half reads one half and three quarters.
func half(in []place, i int) (string, int) {
	if i+1 >= len(in) || !follows(in, i+1) || i > 0 && in[i-1].low == "and" {
		return "", 0 // an hour and a half
	}
	above, below := spelled[in[i].low], ""
	if in[i].low == "a" {
		above = "1"
	}
	switch in[i+1].low {
	case "half":
		below = "2"
	case "third", "thirds":
		below = "3"
	case "quarter", "quarters":
		below = "4"
	}
	if len(above) != 1 || below == "" || in[i].low == "a" && below != "2" || above == "1" && below == "3" || above == "2" && in[i+1].low == "third" {
		return "", 0
	}
	if i+2 < len(in) && follows(in, i+2) && scales[in[i+2].low] > 0 {
		return "", 0
	}
	return above + "/" + below, 2
}

// dayTime reads 3pm, 3 p.m., 3:15 pm and noon.
func dayTime(in []place, i int) (string, int) {
	w, n := in[i].low, 1
	if w == "noon" || w == "midday" {
		if i > 0 && (in[i-1].low == "at" || in[i-1].low == "by" || in[i-1].low == "before" || in[i-1].low == "until") {
			return "12:00", 1
		}
		return "", 0
	}
	if !isDigit(w[0]) {
		return "", 0
	}
	if i+1 < len(in) && follows(in, i+1) {
		switch in[i+1].low {
		case "am", "a.m", "pm", "p.m":
			w, n = w+in[i+1].low, 2
		}
	}
	w = strings.ReplaceAll(w, ".m", "m")
	if !strings.HasSuffix(w, "am") && !strings.HasSuffix(w, "pm") {
		return "", 0
	}
	hours, minutes, _ := strings.Cut(strings.Replace(w[:len(w)-2], ".", ":", 1), ":")
	if minutes == "" {
		minutes = "00"
	}
	if m, err := strconv.Atoi(minutes); len(minutes) != 2 || err != nil || m < 0 || m > 59 {
		return "", 0
	}
	if t, ok := twelveHours(hours, minutes, w[len(w)-2:]); ok {
		return t, n
	}
	return "", 0
}

var monthNames = [...]string{"", "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"}

// fullDate reads a day, a month and a year: 3rd of May 2026, May 3, 2026, 2026-05-03.
func fullDate(in []place, i int) (string, int) {
	if y, m, d, ok := isoDate(in[i].low); ok {
		return dateOf(d, m, y), 1
	}
	var day, month int
	n := 0
	for j := i; j < len(in) && n < 5 && (j == i || in[j].low != "" && in[j].before == " " && (in[j-1].after == "" || in[j-1].after == ",")); j++ {
		w := in[j].low
		n++
		number, err := strconv.Atoi(w)
		if cut := len(w) - 2; err != nil && cut > 0 && (w[cut:] == "st" || w[cut:] == "nd" || w[cut:] == "rd" || w[cut:] == "th") {
			number, err = strconv.Atoi(w[:cut])
		}
		switch {
		case months[w] > 0 && month == 0:
			month = months[w]
		case w == "of" && day > 0 && month == 0 || w == "the" && n == 1:
		case err == nil && number > 0 && number < 32 && day == 0:
			day = number
		case err == nil && number > 999 && number < 3000 && len(w) == 4 && month > 0 && day > 0:
			return dateOf(day, month, number), n
		default:
			return "", 0
		}
	}
	return "", 0
}

func dateOf(day, month, year int) string {
	return fmt.Sprintf("%d %s %d", day, monthNames[month], year)
}

// regnal reads the number in the name of a ruler: the Fourteenth, after a name.
func regnal(in []place, i int) (string, int) {
	if i == 0 || i+1 >= len(in) || !follows(in, i) || !follows(in, i+1) || !startsUpper(in[i-1].body) {
		return "", 0
	}
	digits := ordinals[in[i+1].low]
	if digits == "" || !startsUpper(in[i+1].body) {
		return "", 0
	}
	n, err := strconv.Atoi(digits)
	if err != nil || n > 30 {
		return "", 0
	}
	return strings.Repeat("X", n/10) + [...]string{"", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"}[n%10], 2
}

func startsUpper(s string) bool { return s != "" && s[0] >= 'A' && s[0] <= 'Z' }
