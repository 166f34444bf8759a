package compare

import "strings"

// crossed finds two tokens that the texts have in the other order, where nothing tells
// that the order means nothing: "who hired Ann after Bob" is not "who hired Bob after Ann".
// Search terms beside a sentence may be in any order (search), but for who does what to
// whom, what is done with what has a verb's name, and numbers.
func (l *lexicon) crossed(p *pairing, search bool) (i, j int, found bool) {
	for i := range p.a {
		if p.to[i] < 0 {
			continue
		}
		for j := i + 1; j < len(p.a); j++ {
			if p.to[j] < 0 || p.to[i] < p.to[j] {
				continue
			}
			if search && l.fixed(p, i, j) || !search && !l.mayCross(p, i, j) {
				return i, j, true
			}
		}
	}
	return 0, 0, false
}

// turnedOver finds a token of a before which b has one that comes later in a.
func (p *pairing) turnedOver() (i int, found bool) {
	last := -1
	for i, j := range p.to {
		if j >= 0 && j < last && !p.a[i].free {
			return i, true
		}
		if j >= 0 && !p.a[i].free && !p.b[j].free {
			last = max(last, j)
		}
	}
	return 0, false
}

// fixed tells two tokens that have an order among search terms too: on the two sides of a
// verb, two that can both be what is to be done, and two numbers.
func (l *lexicon) fixed(p *pairing, i, j int) bool {
	ai, aj := &p.a[i], &p.a[j]
	if ai.kind == number && aj.kind == number {
		return true
	}
	if l.passive(p, i, j) || l.voiced(p, i, j) {
		return false
	}
	if bi, bj := &p.b[p.to[i]], &p.b[p.to[j]]; ordinal(ai, bi) || ordinal(aj, bj) {
		return !sameRun(p, i, j)
	}
	if ai.free || aj.free {
		return false
	}
	known := func(t *token) bool { return t.name || l.names[t.lemma] != "" || measures.has(t.lemma) }
	if l.doable(ai) && l.doable(aj) && !known(ai) && !known(aj) {
		return true
	}
	for k := i + 1; k < j; k++ {
		if at := p.to[k]; at > p.to[j] && at < p.to[i] && l.deed(&p.a[k]) {
			return true
		}
	}
	// which bank bought Barclays, which bank did barclays buy
	return l.deed(ai) && l.thing(aj) && i == 1 && p.to[j] == 1 && p.asksWho || l.deed(aj) && l.thing(ai) && j == len(p.a)-1 && p.to[j] == 1 && p.asksWho
}

// traded finds two verbs of which one text says the first and the other the second of what
// has been done before: "restore deleted photos", "delete restored photos". Not even search
// terms change the order of these.
func (l *lexicon) traded(p *pairing) (i, j int, found bool) {
	done := func(t *token) bool {
		return pastForm(t) && (strings.HasSuffix(t.text, "ed") || strings.HasSuffix(t.text, "en"))
	}
	for i := range p.a {
		for j := range p.a {
			if i == j || p.to[i] < 0 || p.to[j] < 0 {
				continue
			}
			ai, aj, bi, bj := &p.a[i], &p.a[j], &p.b[p.to[i]], &p.b[p.to[j]]
			if done(ai) && !done(bi) && !done(aj) && done(bj) && l.mayBeVerb(ai) && l.mayBeVerb(aj) {
				return i, j, true
			}
		}
	}
	return 0, 0, false
}

// measures are nouns that are had by what is named beside them, on either side.
var measures = set{"size", "color", "price", "cost", "duration", "distance", "weight", "height", "length", "width", "depth", "age", "brand", "model", "format", "example", "difference", "temperature", "capacity", "speed", "difficulty"}

// next tells that two tokens stand side by side in both texts.
func next(p *pairing, i, j int) bool {
	d := p.to[i] - p.to[j]
	return j-i == 1 && d == 1
}

// topic tells the name of a program or a language that one text begins or ends with, and
// the other has behind a preposition: "photoshop crop image", "crop an image in Photoshop".
func (p *pairing) topic(l *lexicon, i int) bool {
	x, y := &p.a[i], &p.b[p.to[i]]
	if k := l.names[x.lemma]; k != "software" && k != "code" {
		return false
	}
	if i == 0 && x.ends != none || p.to[i] == 0 && y.ends != none {
		return true // "kubernetes: restart a pod"
	}
	if x.mark == "" && y.mark == "" {
		return false
	}
	bare := func(t *token, at, n int) bool { return t.mark == "" && !t.joined && (at == 0 || at == n-1) }
	within := func(t *token) bool { return t.mark == "in" || t.mark == "with" || t.mark == "using" || t.mark == "on" }
	return bare(x, i, len(p.a)) && within(y) || bare(y, p.to[i], len(p.b)) && within(x)
}

// long tells how long a text is to be, in both: in three sentences, a three-sentence one.
func (p *pairing) long(i int) bool {
	lines := set{"sentence", "word", "paragraph", "line", "bullet point", "bullet"}
	is := func(t []token, i int) bool {
		return t[i].kind == number && i+1 < len(t) && lines.has(t[i+1].lemma) || i > 0 && lines.has(t[i].lemma) && t[i-1].kind == number
	}
	return is(p.a, i) && is(p.b, p.to[i])
}

// described tells a participle that says what the next word is like, in both texts: boiled
// eggs. It goes where that word goes.
func (l *lexicon) described(p *pairing, i int) bool {
	if i+1 >= len(p.a) || p.to[i] < 0 || p.to[i+1] != p.to[i]+1 || p.a[i].ends != none {
		return false
	}
	x, y, n := &p.a[i], &p.b[p.to[i]], &p.a[i+1]
	return x.text == y.text && x.text != x.lemma && pastForm(x) && n.mark == "" && !n.article && !n.joined && !p.b[p.to[i]+1].article && l.thing(n) && p.b[p.to[i]+1].mark == ""
}

func (l *lexicon) mayCross(p *pairing, i, j int) bool {
	ai, aj, bi, bj := &p.a[i], &p.a[j], &p.b[p.to[i]], &p.b[p.to[j]]
	if owner(ai, bi) || owner(aj, bj) {
		return false // my wife uses a ticket, someone uses my wife's
	}
	if ai.clause != aj.clause && ai.clause == bi.clause && aj.clause == bj.clause {
		return true // if it is late do I get a refund
	}
	if ordinal(ai, bi) || ordinal(aj, bj) {
		return sameRun(p, i, j) && (ai.name || bi.name || aj.name || bj.name) // World War II, the Second World War
	}
	if l.voiced(p, i, j) {
		return true // buy a house, a house is bought
	}
	if l.exchanged(p, i, j) {
		return false // Ann owes Bob, Bob owes Ann
	}
	if p.asksOne && i == 0 && next(p, i, j) && p.to[j] == 0 && !ai.passive && !bi.passive && !aj.passive && !bj.passive && aj.mark == "" && bi.mark == "" && !aj.joined && !bi.joined && !ai.free && !bi.free && !aj.free && !bj.free {
		if does := func(x, y *token) bool {
			return !x.article && !y.article && l.mayBeVerb(x) && x.kind == y.kind && l.mayBeVerb(y)
		}; does(ai, bi) != does(aj, bj) {
			return false // what can eggs replace, what can replace eggs
		}
	}
	if next(p, i, j) && ai.article && bj.article && aj.mark == "" && bi.mark == "" && !aj.joined && !bi.joined && l.compound(ai) && l.compound(aj) {
		return false // a guide dog, a dog guide
	}
	// what is done and to what, and what something is like
	if l.doable(ai) && l.doable(aj) && aj.article && bi.article && !l.passive(p, i, j) {
		return false // cancel a refund, refund a cancellation
	}
	if x, y := j-i > 1 && l.described(p, i), l.described(p, j); x != y {
		return true // where its noun may cross
	}
	if l.deed(ai) && l.deed(aj) && !l.passive(p, i, j) && !p.participial(i) && !p.participial(j) {
		return ai.part != aj.part && bi.part != bj.part && p.wholeParts() || between(p.a, i, j) && between(p.b, p.to[j], p.to[i])
	}
	if l.quality(ai) && l.quality(aj) && l.quality(bi) && l.quality(bj) {
		beside := func(x, y int) bool { return x-y == 1 || y-x == 1 }
		return beside(i, j) && beside(p.to[i], p.to[j]) && !ai.said && !bi.said && !aj.said && !bj.said // a big red one, but not a red one and a blue one
	}
	if p.asksWho && (l.deed(ai) && l.deed(bi) && l.somebody(aj, bj) && bj.mark == "" && aj.mark == "" || l.deed(aj) && l.deed(bj) && l.somebody(ai, bi) && ai.mark == "" && bi.mark == "") {
		return false // who bought it, whom it bought
	}
	if ai.free || aj.free || bi.free || bj.free || l.action(ai) || l.action(aj) || l.action(bi) || l.action(bj) {
		return true
	}
	if p.topic(l, i) || p.topic(l, j) {
		return true
	}
	if ai.mark+bi.mark == "with" || aj.mark+bj.mark == "with" {
		return false // I paid for a dinner with friends, I paid friends for a dinner
	}
	// a preposition tells what each is, wherever it stands
	if ai.under != "" && l.sameMark(ai.under, bi.under) && !(ai.under == aj.under && aj.mark == "") || aj.under != "" && l.sameMark(aj.under, bj.under) && !(bi.under == bj.under && bi.mark == "") {
		return true
	}
	if ai.part != aj.part && bi.part != bj.part && p.wholeParts() {
		return true
	}
	if p.long(i) || p.long(j) {
		return true
	}
	// what size of frame, the frame size
	if next(p, i, j) && measures.has(ai.lemma) != measures.has(aj.lemma) && (aj.under == "" || bi.under == "") && weak(ai.under) && weak(bi.under) && weak(aj.under) && weak(bj.under) {
		return true
	}
	// the battery of the laptop, the laptop's battery, the laptop battery
	if aj.mark == "for" && aj.name || bi.mark == "for" && bi.name {
		return false // made for somebody, and by that name
	}
	if weak(ai.under) && weak(aj.under) && weak(bi.under) && weak(bj.under) && oneGenitive(p, i, j) {
		return true
	}
	if l.passive(p, i, j) {
		return true
	}
	// a and b, b and a
	if between(p.a, i, j) && between(p.b, p.to[j], p.to[i]) {
		return true
	}
	return false
}

// sameRun tells two words that are of one thing in both texts.
func sameRun(p *pairing, i, j int) bool {
	_, to := run(p.a, i)
	_, end := run(p.b, p.to[j])
	return j < to && p.to[i] < end
}

// ordinal tells a number that is an ordinal in one text only: II, second.
func ordinal(x, y *token) bool {
	return x.kind == number && y.kind == number && (x.unit == "ordinal") != (y.unit == "ordinal")
}

// participial tells a participle that says what the next word is like, in one text at least: boiled
// eggs, not boiled the eggs.
func (p *pairing) participial(i int) bool {
	like := func(in []token, k int) bool {
		return k+1 < len(in) && in[k].ends == none && in[k+1].mark == "" && !in[k+1].article && !in[k+1].someone
	}
	x, y := &p.a[i], &p.b[p.to[i]]
	return pastForm(x) && pastForm(y) && !x.passive && (like(p.a, i) || like(p.b, p.to[i]))
}

// compound tells a word that can be a part of a thing of two words.
func (l *lexicon) compound(t *token) bool {
	_, most := l.without(t.text, "est")
	return t.kind == word && !t.free && t.text == t.lemma && !most && !l.quality(t) && l.isNominal(t.lemma) && !strings.HasPrefix(l.parts(t.lemma), "a")
}

// exchanged tells that two words have changed places around a verb that stands between them in
// both texts, and that nothing but their places says who does it and to whom.
func (l *lexicon) exchanged(p *pairing, i, j int) bool {
	ai, aj, bi, bj := &p.a[i], &p.a[j], &p.b[p.to[i]], &p.b[p.to[j]]
	if ai.under != "" || aj.under != "" || bi.under != "" || bj.under != "" || l.passive(p, i, j) {
		return false
	}
	for v := i + 1; v < j; v++ {
		at := p.to[v]
		if p.a[v].joined || at < 0 {
			continue // and
		}
		if at > p.to[j] && at < p.to[i] && (l.deed(&p.a[v]) || l.action(&p.a[v])) {
			return true
		}
	}
	return false
}

// somebody tells a name of who may do something, which lower case does not hide.
func (l *lexicon) somebody(x, y *token) bool {
	k := l.names[x.lemma]
	return x.name && y.name || k == "firm" || k == "country"
}

// owner tells that what has something in one text has nothing in the other, where it is not
// had by "of" either.
func owner(x, y *token) bool {
	return x.mark == "'s" && y.under == "" || y.mark == "'s" && x.under == ""
}

// wholeParts tells that what is in one clause of a is in one of b, and the other way round:
// the clauses may then change places.
func (p *pairing) wholeParts() bool {
	if p.whole == nil {
		whole := p.findWholeParts()
		p.whole = &whole
	}
	return *p.whole
}

func (p *pairing) findWholeParts() bool {
	to, from := map[int]int{}, map[int]int{}
	for i, j := range p.to {
		if j < 0 {
			continue
		}
		x, y := p.a[i].part, p.b[j].part
		if t, seen := to[x]; seen && t != y {
			return false
		}
		if f, seen := from[y]; seen && f != x {
			return false
		}
		to[x], from[y] = y, x
	}
	return true
}

// oneGenitive tells that of two things one text says the first with a preposition or a
// possessive, and the other the second or neither.
func oneGenitive(p *pairing, i, j int) bool {
	ai, aj, bi, bj := p.a[i].under, p.a[j].under, p.b[p.to[i]].under, p.b[p.to[j]].under
	// in a the order is i j, in b it is j i
	ofInA := aj != "" && aj != "'s" // "capital of France"
	ofInB := bi != "" && bi != "'s"
	return ofInA && (bj == "'s" || bj == "") && !ofInB || ofInB && (ai == "'s" || ai == "") && !ofInA
}

// passive tells that of two things one does and the other is done to, in both texts: "the
// dog bit the man", "the man was bitten by the dog".
func (l *lexicon) passive(p *pairing, i, j int) bool {
	doer := func(x, y *token) bool { return x.under == "by" && y.under == "" || y.under == "by" && x.under == "" }
	return doer(&p.a[i], &p.b[p.to[i]]) || doer(&p.a[j], &p.b[p.to[j]])
}

// between tells that all from one place to the next are joined by "and" or commas.
func between(t []token, from, to int) bool {
	if to < from {
		from, to = to, from
	}
	for k := from + 1; k <= to; k++ {
		if t[k].joined {
			return true
		}
	}
	return false
}

// action tells a verb or a quality, which stands before or after what it is said of.
func (l *lexicon) action(t *token) bool {
	if first, second, two := strings.Cut(t.lemma, " "); two && t.kind == word && l.isVerb(first) && (particles.has(second) || second == "rid of") {
		return true
	}
	for _, end := range [...]string{"up", "out"} { // backup, setup
		if base, ok := strings.CutSuffix(t.lemma, end); ok && t.kind == word && l.isVerb(base) {
			return true
		}
	}
	if _, most := l.without(t.text, "est"); most && t.kind == word && !t.name {
		return true
	}
	return t.kind == word && !t.name && l.names[t.lemma] == "" && !l.thing(t)
}

var particles = set{"up", "out", "off", "down", "on", "in", "back", "away", "over"}

// deed tells a word that is a verb more than anything: what is to be done with what was
// done, as in "restore deleted files", is in an order.
func (l *lexicon) deed(t *token) bool {
	first, _, _ := strings.Cut(t.lemma, " ")
	if t.article && (t.text == t.lemma || t.text == t.lemma+"s") {
		return false // my claim
	}
	return t.kind == word && !t.name && !t.free && t.mark == "" && strings.HasPrefix(l.parts(first), "v")
}

// doable tells a word that can be a verb, or the noun of one.
func (l *lexicon) doable(t *token) bool {
	first, _, _ := strings.Cut(t.lemma, " ")
	for _, end := range [...]string{"up", "out", "off", "in", "down"} { // backup, login
		if base, ok := strings.CutSuffix(first, end); ok && l.isVerb(base) {
			first = base
		}
	}
	return t.kind == word && !t.name && !t.free && (l.isVerb(first) || l.nouns[t.lemma] != nil)
}

// quality tells a word that is an adjective more than anything.
func (l *lexicon) quality(t *token) bool {
	return t.kind == word && !t.name && !t.free && strings.HasPrefix(l.parts(t.lemma), "a")
}

func (l *lexicon) thing(t *token) bool {
	if t.kind != word || t.name || l.names[t.lemma] != "" {
		return true
	}
	p := l.parts(t.lemma)
	return p == "" || p[0] == 'n' || p[0] == 'p' || p[0] == '-'
}

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
