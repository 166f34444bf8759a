package compare

import "strings"

// marks compares the prepositions of the tokens that were paired.
func (l *lexicon) marks(p *pairing) (Verdict, bool) {
	if v, ok := exchanged(p); ok {
		return v, true
	}
	for i, j := range p.to {
		if j < 0 {
			continue
		}
		x, y := p.a[i].mark, p.b[j].mark
		if x == y || l.sameMark(x, y) || p.a[i].under != "" && p.a[i].under == p.b[j].under || l.sameByName(&p.a[i], x, y) {
			continue
		}
		if x == "" || y == "" {
			if weak(x) && weak(y) {
				continue
			}
			if x+y == "from" && l.toNext(p.a, i) && l.toNext(p.b, j) {
				continue
			}
			if x+y == "by" && l.doer(p, i) {
				continue
			}
			return Verdict{Reason: printable("unexplained: " + x + y + " " + p.a[i].text)}, true
		}
		if kind := l.parted(x, y); kind != "" {
			return veto(kind, x, y), true
		}
		return veto("role", x+" "+p.a[i].text, y+" "+p.b[j].text), true
	}
	return Verdict{}, false
}

// exchanged finds two tokens that have each other's preposition: merge a into b, b into a.
func exchanged(p *pairing) (Verdict, bool) {
	for i, x := range p.to {
		for j, y := range p.to {
			if x < 0 || y < 0 || i >= j || p.a[i].mark == p.a[j].mark || p.a[i].under == p.a[j].under && p.b[x].under == p.b[y].under || strings.Trim(p.a[i].mark+p.a[j].mark, "'sof") == "" {
				continue
			}
			if p.a[i].mark == p.b[y].mark && p.a[j].mark == p.b[x].mark {
				return veto("role", p.a[i].text, p.a[j].text), true
			}
		}
	}
	return Verdict{}, false
}

// doer tells that what stands behind "by" in one text is before the verb in the other.
func (l *lexicon) doer(p *pairing, i int) bool {
	for k, j := range p.to {
		if j >= 0 && l.mayBeVerb(&p.a[k]) && (k < i) != (j < p.to[i]) {
			return true
		}
	}
	return false
}

func (l *lexicon) mayBeVerb(t *token) bool { return t.kind == word && l.isVerb(t.lemma) }

// sameByName tells prepositions that are the same before a name of a kind: translate to
// and in German, a visa for and to Kenya.
func (l *lexicon) sameByName(t *token, x, y string) bool {
	switch l.names[t.lemma] {
	case "speech":
		return set{"to", "into", "in"}.has(x) && set{"to", "into", "in"}.has(y)
	case "country", "place":
		return set{"to", "for"}.has(x) && set{"to", "for"}.has(y)
	}
	return false
}

// toNext tells that a token is the beginning of "a to b".
func (l *lexicon) toNext(t []token, i int) bool { return i+1 < len(t) && t[i+1].mark == "to" }

// weak are prepositions that say no more than that two things belong together. Search
// terms leave them out.
func weak(mark string) bool {
	switch mark {
	case "", "of", "'s", "for", "in", "on", "at", "about", "with", "within", "inside", "using", "between", "regarding", "concerning", "among":
		return true
	}
	return false
}

var markGroups = []set{
	{"of", "'s", "in", "on", "at", "inside", "within"},
	{"of", "'s", "for"},
	{"about", "regarding", "concerning", "on", "of"},
	{"by", "with", "via", "using", "through", "over", "by means of"},
	{"to", "into"},
	{"in", "into"}, {"onto", "on"}, {"upon", "on"},
	{"until", "till"},
	{"during", "in", "over"},
	{"before", "prior to", "ahead of"},
	{"instead of", "in place of", "rather than"},
	{"because of", "due to", "owing to"},
	{"except", "except for", "apart from", "other than", "excluding", "besides"},
	{"near", "close to", "next to", "around", "beside"},
	{"more than", "over", "above", "greater than"},
	{"less than", "under", "below"},
	{"at most", "up to", "no more than"},
	{"at least", "no less than"},
	{"without", "not using", "lacking"},
	{"between", "among"},
	{"toward", "towards"},
	{"from", "out of", "off"},
	{"with", "on"},
}

func (l *lexicon) sameMark(a, b string) bool {
	if a == b {
		return true
	}
	for _, g := range markGroups {
		if g.has(a) && g.has(b) {
			return true
		}
	}
	return false
}
