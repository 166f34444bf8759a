package compare

import (
	"slices"
	"strings"
)

// settle decides what a word of one text is by the words of the other: a typing error in
// one of them, one word or two, an acronym or what it stands for. It gives what it did.
func (l *lexicon) settle(a, b []token) (left, right []token, notes set) {
	wa, wb := vocabulary(a), vocabulary(b)
	a, na := l.join(a, wb)
	b, nb := l.join(b, wa)
	a, ca := l.correct(a, vocabulary(b))
	b, cb := l.correct(b, vocabulary(a))
	a, aa := l.initials(a, b)
	b, ab := l.initials(b, a)
	if na || nb {
		notes = notes.with("compound")
	}
	if ca || cb {
		notes = notes.with("typing")
	}
	if aa || ab {
		notes = notes.with("acronym")
	}
	for _, side := range [][]token{a, b} {
		for i := range side {
			if side[i].kind == word {
				side[i].lemma = l.lemma(side[i].text)
			}
		}
	}
	return a, b, notes
}

// spell brings the words to one spelling, and abbreviations of days to the days.
func (l *lexicon) spell(in []token) []token {
	for i := range in {
		if in[i].kind == ident && l.classes[in[i].text] != nil {
			in[i].kind = word // k8s
		}
		switch in[i].text {
		case "°c":
			in[i].kind, in[i].text = word, "celsius"
		case "°f":
			in[i].kind, in[i].text = word, "fahrenheit"
		}
		if in[i].kind != word {
			continue
		}
		if in[i].text == "us" && i+1 < len(in) && (i == 0 || !l.isVerb(in[i-1].text) && !prepositions[in[i-1].text] || in[i-1].text == "for") && strings.HasPrefix(l.parts(l.lemma(in[i+1].text)), "n") {
			in[i].text = "usa" // us citizens
		}
		if day := weekdays[in[i].text]; day != "" && in[i].text != "sun" && in[i].text != "sat" && in[i].text != "wed" {
			in[i].text = day
		} else if day != "" && i+1 < len(in) && in[i+1].kind == date {
			in[i].text = day
		}
		in[i].text = l.american(in[i].text)
	}
	return in
}

func vocabulary(in []token) map[string]bool {
	v := make(map[string]bool, len(in))
	for _, t := range in {
		if t.kind == word || t.kind == quoted || t.kind == ident {
			v[t.text] = true
		}
	}
	return v
}

// unquote takes words for quoted that the other text has in quotation marks or as code,
// where all of them follow one another.
func unquote(in, other []token) []token {
	for from := 0; from < len(other); from++ {
		if other[from].kind != quoted {
			continue
		}
		to := from
		for to < len(other) && other[to].kind == quoted {
			to++
		}
		run := other[from:to]
		from = to
		for i := 0; i+len(run) <= len(in); i++ {
			n := 0
			for n < len(run) && in[i+n].kind != quoted && in[i+n].kind != passage && (in[i+n].raw == run[n].raw || len(run) < 4 && strings.EqualFold(in[i+n].raw, run[n].raw)) {
				n++
			}
			if n < len(run) {
				continue
			}
			for k := range run {
				in[i+k].kind, in[i+k].text, in[i+k].raw = quoted, run[k].text, run[k].raw
			}
			break
		}
	}
	return in
}

// join makes several words one where the other text has them as one: data base, e mail,
// LH 456.
func (l *lexicon) join(in []token, other map[string]bool) ([]token, bool) {
	did := false
	for i := 0; i+1 < len(in); i++ {
		for n := 3; n >= 2; n-- {
			both, ok := together(in, i, n, other)
			if !ok {
				continue
			}
			in[i].text, in[i].ends = both, in[i+n-1].ends
			if in[i+n-1].kind == number {
				in[i].kind = ident
			}
			in = slices.Delete(in, i+1, i+n)
			did = true
			break
		}
	}
	return in, did
}

// together gives n words as one, where the other text has that one and not each of them.
func together(in []token, i, n int, other map[string]bool) (string, bool) {
	if i+n > len(in) {
		return "", false
	}
	both, apart := "", true
	for k := i; k < i+n; k++ {
		t := &in[k]
		if t.kind != word && !(t.kind == number && t.unit == "" && k == i+n-1 && len(in[i].text) < 4) || t.ends != none && k < i+n-1 {
			return "", false
		}
		both += t.text
		apart = apart && other[t.text]
	}
	return both, !apart && (other[both] || other[both+"s"] || strings.HasSuffix(both, "s") && other[both[:len(both)-1]])
}

// correct takes a word that is none for the one of the other text that it is nearest to.
func (l *lexicon) correct(in []token, other map[string]bool) ([]token, bool) {
	did := false
	for i := range in {
		t := &in[i]
		if installers[t.text] {
			break // the name of a package: a letter more is another's
		}
		if t.kind != word || len(t.text) < 3 || other[t.text] || l.names[t.text] != "" || l.known(t.text) || l.known(l.lemma(t.text)) {
			continue
		}
		best := ""
		for w := range other {
			if l.mistyped(t, w) && (best == "" || near(t.text, w, 1) && !near(t.text, best, 1) || near(t.text, w, 1) == near(t.text, best, 1) && w < best) {
				best = w
			}
		}
		if best == "" && len(t.text) > 2 {
			for w := range l.frameWords {
				if near(t.text, w, 1) && (len(w) > 4 || len(t.text) == len(w)) && (best == "" || w < best) {
					best = w
				}
			}
		}
		if best == "" && len(t.text) == 3 {
			for _, w := range [...]string{"the", "how", "and", "can", "for", "you", "are", "not", "was", "why", "who"} {
				if sorted(w) == sorted(t.text) && near(t.text, w, 1) {
					best = w
				}
			}
		}
		if best != "" {
			t.text, did = best, true
		}
	}
	if !did {
		return in, false
	}
	out := in[:0:0]
	for _, t := range in {
		if parts := strings.Fields(contractions[t.text]); t.kind == word && len(parts) == 2 {
			out = append(out, token{text: parts[0], raw: parts[0]}, token{text: parts[1], raw: parts[1], soft: true, ends: t.ends})
			continue
		}
		out = append(out, t)
	}
	return out, true
}

// installers are commands whose arguments are names.
var installers = map[string]bool{"pip": true, "npm": true, "yarn": true, "cargo": true, "brew": true, "apt": true, "gem": true, "npx": true, "pnpm": true, "composer": true, "pip3": true, "conda": true}

// mistyped tells whether a word that no list has is the other text's word, typed wrong.
// Between two that no list has, which are names, only letters doubled or exchanged count.
func (l *lexicon) mistyped(t *token, w string) bool {
	a := t.text
	if !l.known(w) && !l.known(l.lemma(w)) {
		return len(a) > 5 && a != w && near(a, w, 1) && (sorted(a) == sorted(w) || undoubled(a) == undoubled(w))
	}
	if t.name && l.names[w] == "" && l.parts(w) != "p" {
		return false
	}
	if a[0] != w[0] && !(len(w) > 1 && len(a) > 1 && a[0] == w[1] && a[1] == w[0]) && !(len(a) > 5 && a[1:] == w) && !(len(w) > 5 && w[1:] == a) {
		return false
	}
	switch {
	case len(a) < 4 || len(w) < 4:
		return len(w) > 2 && near(a, w, 1) && (sorted(a) == sorted(w) || undoubled(a) == undoubled(w))
	case len(a) < 8:
		return near(a, w, 1) || len(a) > 5 && near(a, w, 2) && undoubled(a) == undoubled(w)
	}
	return near(a, w, 2)
}

func sorted(w string) string {
	b := []byte(w)
	slices.Sort(b)
	return string(b)
}

func undoubled(w string) string {
	return string(slices.Compact([]byte(w)))
}

// initials puts an acronym of the other text for the words whose first letters it is:
// gross domestic product, where the other has GDP.
func (l *lexicon) initials(in, other []token) ([]token, bool) {
	did := false
	have := vocabulary(in)
	for _, t := range other {
		n := len(t.text)
		if t.kind != word || n < 3 || n > 6 || have[t.text] || l.known(t.text) && strings.ToUpper(t.raw) != t.raw {
			continue
		}
		if from, to := spellsOut(in, t.text); to > from {
			in[from].text, in[from].raw, in[from].ends = t.text, t.raw, in[to-1].ends
			in = slices.Delete(in, from+1, to)
			did = true
		}
	}
	return in, did
}

func spellsOut(in []token, acronym string) (from, to int) {
	for i := range in {
		at, j := 0, i
		for ; j < len(in) && at < len(acronym); j++ {
			if in[j].kind != word || in[j].text == "" {
				break
			}
			if in[j].text[0] != acronym[at] {
				if at > 0 && (in[j].text == "of" || in[j].text == "the" || in[j].text == "and" || in[j].text == "for" || in[j].text == "to") {
					continue
				}
				break
			}
			at++
			if in[j].ends != none {
				j++
				break
			}
		}
		if at == len(acronym) {
			return i, j
		}
	}
	return 0, 0
}
