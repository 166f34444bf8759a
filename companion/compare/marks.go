package compare

import (
	"slices"
	"strings"
)

// marks compares the prepositions of the tokens that were paired.
func (l *lexicon) marks(p *pairing) (Verdict, bool) {
	if v, ok := exchanged(p); ok {
		return v, true
	}
	if v, ok := moved(p); ok {
		return v, true
	}
	if v, ok := twice(p); ok {
		return v, true
	}
	for i, j := range p.to {
		if j < 0 {
			continue
		}
		x, y := p.a[i].mark, p.b[j].mark
		if x != y && (of(x) != of(y)) && i > 0 && j > 0 && p.to[i-1] == j-1 && inOrOf.has(p.a[i-1].lemma) {
			return veto("role", x+" "+p.a[i].text, y+" "+p.b[j].text), true
		}
		if x == y || l.sameMark(x, y) || p.a[i].under != "" && p.a[i].under == p.b[j].under || l.sameByName(&p.a[i], x, y) || p.byDeed(x, y) || p.first(i, j, x, y) {
			continue
		}
		if x == "" || y == "" {
			if x+y == "for" && i > 0 && j > 0 && p.to[i-1] == j-1 && forChanges.has(mainWord(&p.a[i-1])) {
				return unexplained("for " + p.a[i].text), true
			}
			if l.objectOrNot(p, i, j) {
				return unexplained(x + y + " " + p.a[i].text), true // eat my dog, eat with my dog
			}
			if weak(x) && weak(y) && !(p.a[i].kind == quoted && x+y == "for") {
				continue
			}
			if x+y == "from" && l.toNext(p.a, i) && l.toNext(p.b, j) {
				continue
			}
			if p.route(i, j) {
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

// objectOrNot tells that a thing is what is done something to in one text, and what stands beside
// what is done in the other: eat my dog, eat with my dog.
func (l *lexicon) objectOrNot(p *pairing, i, j int) bool {
	if p.sought || p.a[i].mark+p.b[j].mark == p.stranded || i == 0 || j == 0 || p.to[i-1] != j-1 || p.a[i].kind != word || l.names[p.a[i].lemma] == "day" || timeNoun[p.a[i].lemma] {
		return false
	}
	verb := func(t, next *token) bool {
		return l.isVerb(mainWord(t)) && !t.article && t.mark == "" && t.ends == none && !t.passive && !pastForm(t) && !next.joined && !next.helped && (next.article || next.name || l.thing(next) && next.clause == t.clause || p.a[i].mark+p.b[j].mark == "with")
	}
	return verb(&p.a[i-1], &p.a[i]) && verb(&p.b[j-1], &p.b[j])
}

// forChanges are verbs that are others with "for": leave Rome, leave for Rome.
var forChanges = set{"apply", "ask", "leave", "send", "call", "stand", "fall", "care", "run", "charge", "bill", "tip", "buy", "cook", "sell", "look", "make", "speak", "vote"}

// inOrOf are words that are one thing in what follows and another of it: the tip in a
// restaurant, the tip of a pencil.
var inOrOf = set{"tip", "charge", "head", "interest"}

func of(mark string) bool { return mark == "of" || mark == "'s" }

// otherDoer finds that one text asks whether I do what the other asks of something that I
// only do it for or to: do I have to paint for my landlord, does my landlord have to paint.
func (l *lexicon) otherDoer(a, b *reading, p *pairing) string {
	if !slices.Equal(a.asks, []string{"yesno"}) || !slices.Equal(b.asks, []string{"yesno"}) || a.objects.has("i") == b.objects.has("i") {
		return ""
	}
	for i, j := range p.to {
		for k, m := range p.to {
			if j < 0 || m < 0 {
				continue
			}
			doer, deed, turned := &p.a[i], &p.a[k], i == 0 && m < j
			if a.objects.has("i") {
				doer, deed, turned = &p.b[j], &p.b[m], j == 0 && k < i
			}
			if turned && doer.article && doer.mark == "" && l.thing(doer) && deed.text == deed.lemma && l.mayBeVerb(deed) && !strings.HasSuffix(deed.raw, "ble") { // is it refundable
				return doer.text
			}
		}
	}
	return ""
}

// toMe finds who does something to me in one text and has it done to them in the other, which
// does not say by whom: can my landlord sue me, is it possible to sue my landlord.
func (l *lexicon) toMe(a, b *reading, p *pairing) string {
	mine := func(r *reading) bool { return slices.Equal(r.objects, []string{"me"}) }
	if mine(a) == mine(b) || len(a.objects)+len(b.objects) > 1 {
		return ""
	}
	for i, j := range p.to {
		for k, m := range p.to {
			if j < 0 || m < 0 || (i < k) == (j < m) {
				continue
			}
			doer, deed, before := &p.a[i], &p.a[k], i < k
			if mine(b) {
				doer, deed, before = &p.b[j], &p.b[m], j < m
			}
			if before && doer.mark == "" && l.thing(doer) && l.mayBeVerb(deed) && !deed.article && !pastForm(deed) {
				return doer.text
			}
		}
	}
	return ""
}

// otherStranded finds what a preposition is before in one text that stands by itself at the end
// of the other, where it is of what is asked: who is Eve the mother of, who is the mother of Eve.
func (p *pairing) otherStranded(x, y string) *token {
	if (x == "") == (y == "") || !sided.has(x+y) {
		return nil
	}
	for i, j := range p.to {
		if j < 0 {
			continue
		}
		t, o, at := &p.a[i], &p.b[j], i
		if x != "" {
			t, o, at = &p.b[j], &p.a[i], j
		}
		if at > 0 && t.mark == x+y && o.mark != t.mark {
			return t
		}
	}
	if p.asksOne && (set{"to", "from", "by", "against"}).has(x+y) && count(p.a, x+y)+count(p.b, x+y) == 0 {
		return &p.a[0] // who was it given to, who gave it
	}
	return nil
}

// lostStranded finds a preposition at the end of one text, or before a pronoun in it, that the
// other says nowhere: do you believe in him, do you believe him.
func (p *pairing) lostStranded(a, b *reading) (mark string, found bool) {
	if (a.stranded == "") == (b.stranded == "") {
		return "", false
	}
	mark = p.stranded
	other := a
	if a.stranded != "" {
		other = b
	}
	place := set(a.asks).has("where") && set(b.asks).has("where") && (mark == "at" || mark == "to")
	time := (set(a.asks).has("when") || set(b.asks).has("when")) && (mark == "on" || mark == "at")
	if place || time || other.prepositions.has(mark) || p.byDeed(mark, "") {
		return "", false // where is it at, on what floor is it
	}
	return mark, true
}

// sameStranded tells that two prepositions without a word behind them are the same: not what the
// bridge is made of and made for.
func sameStranded(x, y string) bool {
	return x == y || slices.ContainsFunc([]set{{"in", "inside", "within"}, {"about", "on", "regarding", "concerning"}, {"to", "into"}, {"until", "till"}, {"on", "upon", "onto"}}, func(g set) bool { return g.has(x) && g.has(y) })
}

// sided are prepositions that what is on the one side of can be on the other.
var sided = set{"of", "to", "by", "from", "than", "after", "before"}

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

// moved finds that a preposition which both texts have once is before another thing: what
// effect inflation has on rates, the effect of rates on inflation.
func moved(p *pairing) (Verdict, bool) {
	for i, x := range p.to {
		if x < 0 || !pointing.has(p.a[i].mark) || p.b[x].mark == p.a[i].mark || count(p.a, p.a[i].mark) != 1 || count(p.b, p.a[i].mark) != 1 {
			continue
		}
		for j, y := range p.to {
			if y >= 0 && j != i && p.b[y].mark == p.a[i].mark && !p.a[j].joined && !p.b[x].joined && p.a[i].under != p.b[x].under {
				return veto("role", p.a[i].text, p.a[j].text), true
			}
		}
	}
	return Verdict{}, false
}

// twice finds that a preposition which both texts have more than once stands behind another
// word: built by Ann and bought by Bob, bought by Ann and built by Bob.
func twice(p *pairing) (Verdict, bool) {
	for i, j := range p.to {
		if i == 0 || j <= 0 || p.to[i-1] < 0 || p.to[i-1] == j-1 || !pointing.has(p.a[i].mark) || p.b[j].mark != p.a[i].mark {
			continue
		}
		if m := p.a[i].mark; count(p.a, m) > 1 && count(p.b, m) > 1 {
			return veto("role", p.a[i-1].text+" "+m+" "+p.a[i].text, p.b[j-1].text+" "+m+" "+p.b[j].text), true
		}
	}
	return Verdict{}, false
}

// pointing are prepositions that tell the two sides of something from one another.
var pointing = set{"on", "to", "from", "by", "over", "against", "than", "with"}

func count(in []token, mark string) int {
	n := 0
	for i := range in {
		if in[i].mark == mark {
			n++
		}
	}
	return n
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

// route tells a beginning or an end of "from a to b" that the other text has as "a b".
func (p *pairing) route(i, j int) bool {
	is := func(t, o []token, i, j int) bool {
		if t[i].mark == "to" {
			i, j = i-1, j-1
		}
		return i >= 0 && j >= 0 && i+1 < len(t) && j+1 < len(o) && t[i].mark == "from" && t[i+1].mark == "to" && o[j].mark == "" && o[j+1].mark == ""
	}
	to := func(i int) int {
		if i < 0 || i >= len(p.to) {
			return -2
		}
		return p.to[i]
	}
	switch {
	case p.a[i].mark == "from" || p.b[j].mark == "from":
		return to(i+1) == j+1 && (is(p.a, p.b, i, j) || is(p.b, p.a, j, i))
	case p.a[i].mark == "to" || p.b[j].mark == "to":
		return to(i-1) == j-1 && (is(p.a, p.b, i, j) || is(p.b, p.a, j, i))
	}
	return false
}

// byDeed tells prepositions that are the same behind what is done: split by and on a comma,
// remove from and in a file.
func (p *pairing) byDeed(x, y string) bool {
	for i, j := range p.to {
		if j < 0 || p.a[i].kind != word {
			continue
		}
		for _, d := range deeds {
			if d.verbs.has(p.a[i].lemma) && d.marks.has(x) && d.marks.has(y) {
				return true
			}
		}
	}
	return false
}

var deeds = []struct{ verbs, marks set }{
	{set{"split", "separate", "sort", "group", "filter"}, set{"by", "on", "at", "with", "using"}},
	{set{"remove", "delete", "extract", "strip", "get rid of", "erase"}, set{"from", "of", "in", "out of", "on"}},
	{set{"alternative", "replacement", "substitute", "solution", "answer"}, set{"to", "for", "of"}},
	{set{"warranty", "guarantee", "discount", "tax", "duty", "limit", "fee", "refund", "deposit", "price", "cost"}, set{"on", "for", "of"}},
	{set{"requirement", "deadline", "rule", "eligibility"}, set{"for", "of", "to"}},
	{set{"apply", "redeem"}, set{"to", "on", "for", "at"}},
	{set{"visa", "passport"}, set{"as", "of", "with"}},
	{set{"convert", "conversion", "translate", "turn"}, set{"to", "into", "in"}},
	{set{"speak", "talk"}, set{"to", "with"}},
	{set{"connect", "link", "pair"}, set{"to", "with"}},
	{set{"replace", "substitute"}, set{"with", "by"}},
	{set{"apply", "register", "sign up", "enroll"}, set{"for", "to", "in"}},
	{set{"remedy", "medicine", "medication", "treatment", "cure", "drug"}, set{"for", "against", "of"}},
	{set{"listen", "react", "respond", "reply"}, set{"to", "on"}},
	{set{"wear", "dress"}, set{"to", "for", "at"}},
	{set{"appeal"}, set{"against", ""}}, {set{"discuss"}, set{"about", ""}}, {set{"enter"}, set{"into", ""}}, {set{"contact"}, set{"with", ""}}, {set{"play", "practice", "practise"}, set{"on", ""}}, {set{"bad", "good", "safe", "healthy", "unhealthy", "harmful", "dangerous"}, set{"for", ""}}, {set{"marry"}, set{"to", ""}},
	{set{"log", "logs"}, set{"of", "from", "for"}},
	{set{"spend"}, set{"on", "for"}},
	{set{"help", "assist", "assistance", "advice", "problem", "issue", "trouble", "error", "wrong", "start", "begin", "proceed", "progress"}, set{"with", "on"}},
}

// first tells that a token is said of the next one in one text, and by itself in the other:
// for a winter weekend, for a weekend in winter. The one it is said of has the same place
// in both.
func (p *pairing) first(i, j int, x, y string) bool {
	said := func(t []token, k int) bool {
		return k+1 < len(t) && t[k].ends == none && t[k+1].mark == "" && !t[k+1].joined && !t[k+1].article && t[k+1].kind == word && t[k+1].under == t[k].mark
	}
	switch {
	case said(p.b, j) && weak(x):
		for k, to := range p.to {
			if to == j+1 {
				return k < i && p.a[k].mark == y
			}
		}
	case said(p.a, i) && weak(y):
		if k := p.to[i+1]; k >= 0 {
			return k < j && p.b[k].mark == x
		}
	}
	return false
}

// toNext tells that a token is the beginning of "a to b".
func (l *lexicon) toNext(t []token, i int) bool { return i+1 < len(t) && t[i+1].mark == "to" }
