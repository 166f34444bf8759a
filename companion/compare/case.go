package compare

import (
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Texts are compared in lower case, since few who ask take care of it. Where the case is all
// that differs, it is looked at once more: 5 MW is not 5 mW, nor is file A file a.

// otherCase finds a difference of two texts in their case alone that matters.
func otherCase(a, b string) (Verdict, bool) {
	x, y := caseOf(a), caseOf(b)
	if in, other := differing(x.counted, y.counted); in != "" {
		return veto("unit", in, other), true
	}
	if in, other := differing(x.units, y.units); in != "" {
		return veto("unit", in, other), true
	}
	if x.shouted || y.shouted {
		return Verdict{}, false
	}
	if in, other := differing(x.letters, y.letters); in != "" {
		return veto("identifier", in, other), true
	}
	if w := min(x.named(y)+y.named(x), y.named(x)+x.named(y)); w != "" {
		return unexplained("case of " + w), true
	}
	return Verdict{}, false
}

// differing gives what two texts spell in two ways, the first of the alphabet.
func differing(a, b map[string]string) (in, other string) {
	for _, key := range slices.Sorted(maps.Keys(a)) {
		if b[key] != "" && b[key] != a[key] {
			return a[key], b[key]
		}
	}
	return "", ""
}

// casing is what the case of a text's words tells.
type casing struct {
	counted, units map[string]string // the spellings of a unit: behind a number, and anywhere
	letters        map[string]string // single letters that are no article
	upper, started set               // of twoMeanings: capitals in mid-sentence, at a start
	lower          set
	capitals       int // of other words
	shouted        bool
}

// named gives a word that is a name in one text and none in the other, whose author does
// write capitals.
func (c *casing) named(other *casing) string {
	for _, w := range c.upper {
		if other.lower.has(w) && !other.upper.has(w) && !other.started.has(w) && other.capitals > 0 {
			return w
		}
	}
	return ""
}

func caseOf(text string) *casing {
	c := &casing{counted: map[string]string{}, units: map[string]string{}, letters: map[string]string{}}
	small, large := false, false
	for line := range strings.SplitSeq(text, "\n") {
		fields := strings.Fields(line)
		start := true
		for i, f := range fields {
			w := strings.TrimFunc(f, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
			before, after := "", ""
			if i > 0 {
				before = strings.ToLower(fields[i-1])
			}
			if i+1 < len(fields) && strings.HasSuffix(f, w) {
				after = strings.ToLower(fields[i+1])
			}
			c.unit(w, before)
			if !strings.ContainsFunc(w, unicode.IsDigit) {
				c.letter(w, before, after, start)
				c.word(w, before, start)
			}
			small = small || strings.ToUpper(w) != w
			large = large || len(w) > 3 && strings.ToUpper(w) == w && strings.ToLower(w) != w
			start = w == "" && start || strings.ContainsAny(f[len(f)-1:], ".?!:")
		}
	}
	c.shouted = large && !small
	return c
}

// twoUnits are the spellings that are two units by their case. One in lower case alone may be
// either: "50 mb" is often MB.
var twoUnits = func() map[string]bool {
	m := map[string]bool{"m": true, "M": true}
	for _, u := range [...]string{"W", "V", "A", "J", "Hz", "Pa", "Wh", "N"} {
		m["m"+u], m["M"+u] = true, true
	}
	for _, by := range [...]string{"k", "K", "M", "G", "T", "P"} {
		for _, end := range [...]string{"", "ps", "/s"} {
			m[by+"B"+end] = true
			if by != "k" {
				m[by+"b"+end] = true
			}
		}
	}
	return m
}()

func (c *casing) unit(w, before string) {
	u := strings.TrimLeftFunc(w, func(r rune) bool { return !unicode.IsLetter(r) })
	if !twoUnits[u] {
		return
	}
	low := strings.ToLower(u)
	if low == "kb" || strings.HasPrefix(low, "kb") {
		u = "K" + u[1:] // kB and KB are one
	}
	behind := u != "" && len(u) < len(w) || before != "" && isDigit(before[len(before)-1])
	if behind {
		add(c.counted, low, u)
	}
	if len(u) > 1 {
		add(c.units, low, u)
	}
}

// add notes a spelling, in order of their letters.
func add(m map[string]string, key, spelling string) {
	s := set(strings.Fields(m[key])).with(spelling)
	m[key] = strings.Join(s, " ")
}

// classed are words behind which a letter is one of a row that everybody knows, in any case.
var classed = set{"vitamin", "hepatitis", "plan", "grade", "type", "influenza", "schengen", "in", "with", "using", "the", "for"}

// letter notes a single letter. At a start, or before the word it belongs to, "a" is an article.
func (c *casing) letter(w, before, after string, start bool) {
	if len(w) != 1 || !isLetter(w[0]) || start || strings.ContainsAny(w, "iIuU") || classed.has(before) {
		return
	}
	if w == "a" && after != "" && !prepositions[after] && !helpers[after] && after != "and" && after != "or" && after != "=" {
		return
	}
	add(c.letters, strings.ToLower(w), w)
}

// twoMeanings are words that are a name with a capital and something else without.
var twoMeanings = func() map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq("polish apple may march turkey china windows word excel access go swift rust java python ruby shell chrome oracle amazon target gap bill will mark rose bath reading nice mobile orange us it who aids") {
		m[w] = true
	}
	return m
}()

// acronyms are those that are names in capitals throughout.
var acronyms = set{"us", "it", "who", "aids"}

// surely are words that tell what the next is in any case: in python, in may.
var surely = set{"in", "with", "using", "since", "until", "by", "next", "last", "every"}

func (c *casing) word(w, before string, start bool) {
	first, _ := utf8.DecodeRuneInString(w)
	low := strings.ToLower(w)
	if !twoMeanings[low] {
		if unicode.IsUpper(first) {
			c.capitals++
		}
		return
	}
	is := unicode.IsUpper(first)
	if acronyms.has(low) {
		is, start = w == strings.ToUpper(w), false
	}
	switch {
	case surely.has(before) && low != "us" && low != "it" && low != "reading":
		c.started = c.started.with(low)
	case is && start:
		c.started = c.started.with(low)
	case is:
		c.upper = c.upper.with(low)
	default:
		c.lower = c.lower.with(low)
	}
}
