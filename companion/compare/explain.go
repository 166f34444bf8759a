package compare

import (
	"slices"
	"strings"
)

// compare goes through all that two readings may differ in. What matters most is named
// first.
func (l *lexicon) compare(a, b *reading, notes set) Verdict {
	if len(a.tokens) == 0 || len(b.tokens) == 0 {
		return unexplained("nothing but courtesies")
	}
	p := l.align(a.tokens, b.tokens)
	var left, right []token
	for i, t := range a.tokens {
		if p.to[i] < 0 {
			left = append(left, t)
		}
	}
	for j, t := range b.tokens {
		if !p.taken[j] {
			right = append(right, t)
		}
	}
	for _, n := range p.notes {
		notes = notes.with(n)
	}
	p.asksWho = len(a.asks) > 0 && len(b.asks) > 0 && !slices.Contains(a.asks, "howto") && !slices.Contains(b.asks, "howto")
	p.asksOne = only(a, "what") && only(b, "what") && len(a.modals)+len(b.modals) > 0 || only(a, "who") && only(b, "who")
	p.stranded = a.stranded + b.stranded
	p.sought = a.fragment || b.fragment
	// what is known to matter
	if v, ok := l.mattering(left, right); ok {
		return v
	}
	if v, ok := l.negations(a, b, p); ok {
		return v
	}
	if v, ok := l.asked(a, b, p, left, right); ok {
		return v
	}
	if v, ok := people(a, b, p); ok {
		return v
	}
	if v, ok := l.marks(p); ok {
		return v
	}
	if w := l.otherDoer(a, b, p); w != "" && !p.turnedVoice() {
		return unexplained("who does it: " + pairOf("i", w))
	}
	if w := l.toMe(a, b, p); w != "" && !p.turnedVoice() {
		return unexplained("who does it: " + w)
	}
	if x, y, found := l.otherVoice(a, b, p); found {
		return veto("role", y.text, x.text)
	}
	if w, found := p.otherwiseGoverned(); found {
		return unexplained("form of a verb behind another: " + w)
	}
	if w := l.otherManner(p); w != "" {
		return unexplained("what it is said of: " + w)
	}
	if a.stranded != "" && b.stranded != "" && !sameStranded(a.stranded, b.stranded) {
		return veto("role", a.stranded, b.stranded)
	}
	if t := p.otherStranded(a.stranded, b.stranded); t != nil {
		return unexplained("of whom it is said: " + t.text)
	}
	if mark, found := p.lostStranded(a, b); found {
		return unexplained(mark) // what do bees feed on, what do bees feed
	}
	if w := otherThanMend(a, b, left, right); w != "" {
		return unexplained(w + " / fix")
	}
	if a.defined && b.defined && p.notes.has("synonym") && len(a.tokens) == 1 && len(b.tokens) == 1 {
		return unexplained("what " + pairOf(a.tokens[0].text, b.tokens[0].text) + " means")
	}
	// what is left over
	p.some = a.some || b.some
	p.listed = set(a.asks).has("what") && set(b.asks).has("what")
	p.suggested = a.suggested && b.suggested
	p.denied = a.nots > 0 && b.nots > 0
	p.yesno = set(a.asks).has("yesno") && set(b.asks).has("yesno")
	p.who = set(a.asks).has("who") && set(b.asks).has("who")
	p.where = set(a.asks).has("where") && set(b.asks).has("where")
	p.site = a.persons.has("you") || b.persons.has("you")
	left, right, more := l.harmless(p, left, right)
	if len(left)+len(right) > 0 {
		return Verdict{Reason: printable("unexplained: " + listed(left, right))}
	}
	if x, y := a.others, b.others; len(x) > 1 && len(y) > 1 && !slices.Equal(x, y) {
		return unexplained("whose it is: " + strings.Join(x, ", ") + " and " + strings.Join(y, ", ")) // my budget is 500, hers 900
	}
	if i, found := p.turnedOver(); found && a.endless && b.endless {
		return unexplained("condition of " + a.tokens[i].text)
	}
	if x, y, found := p.otherOwner(); found {
		return veto("role", x.text, y.text)
	}
	if x, y, found := l.reattached(p); found {
		return unexplained("what it is said of: " + pairOf(x.text, y.text))
	}
	if t, found := p.otherHolder(); found {
		return unexplained("what it is said of: " + t.text)
	}
	if i, j, found := l.otherSubject(a, b, p); found {
		return unexplained("who does it: " + pairOf(a.tokens[i].text, a.tokens[j].text))
	}
	if i, j, found := l.tradedRoles(p); found {
		return veto("order", a.tokens[i].text, a.tokens[j].text)
	}
	if i, j, found := l.crossed(p, a.fragment != b.fragment); found {
		if len(a.tokens) == len(b.tokens) {
			return veto("order", a.tokens[i].text, a.tokens[j].text)
		}
		return unexplained("order of " + a.tokens[i].text + " and " + a.tokens[j].text)
	}
	if x, y, found := l.scattered(p); found {
		return unexplained("order of " + x.text + " and " + y.text + ", which are joined")
	}
	if i, j, found := l.traded(p); found {
		return veto("order", a.tokens[i].text, a.tokens[j].text)
	}
	for _, s := range [...]set{more, a.notes, b.notes} {
		for _, n := range s {
			notes = notes.with(n)
		}
	}
	if !slices.Equal(a.asks, b.asks) {
		notes = notes.with("frame")
	}
	if len(notes) == 0 {
		return Verdict{Same: true, Reason: "same words"}
	}
	return Verdict{Same: true, Reason: printable("same but for: " + strings.Join(notes, ", "))}
}

func listed(left, right []token) string {
	var words []string
	for _, t := range append(slices.Clone(left), right...) {
		words = append(words, clip(t.text))
	}
	slices.Sort(words)
	return strings.Join(words, ", ")
}

// kinds are the names that differences in tokens have.
var kinds = [...]string{number: "number", date: "date", clock: "time", ident: "identifier", quoted: "quoted", symbol: "symbol", passage: "passage"}

// mattering finds a difference in what must be equal: a number and the like on either side,
// or two words that the tables keep apart.
func (l *lexicon) mattering(left, right []token) (Verdict, bool) {
	for _, k := range [...]kind{number, date, clock, ident, quoted, symbol, passage} {
		x, y := firstOf(left, k), firstOf(right, k)
		if x == nil && y == nil {
			continue
		}
		if (x == nil || x.soft) && (y == nil || y.soft) {
			continue
		}
		if x != nil && y != nil {
			name := kinds[k]
			if k == number && x.text == y.text {
				name = "unit"
				if isCurrencyCode(x.unit) && isCurrencyCode(y.unit) {
					name = "currency"
				}
			}
			return veto(name, said(x), said(y)), true
		}
		if x == nil {
			x = y
		}
		return veto(kinds[k], said(x), ""), true
	}
	for i := range left {
		for j := range right {
			if kind := l.parted(left[i].lemma, right[j].lemma); kind != "" {
				return veto(kind, left[i].text, right[j].text), true
			}
		}
	}
	return Verdict{}, false
}

func said(t *token) string {
	if t.unit != "" {
		return t.text + " " + t.unit
	}
	return t.text
}

func firstOf(in []token, k kind) *token {
	for i := range in {
		if in[i].kind == k && !in[i].soft {
			return &in[i]
		}
	}
	return nil
}

// negations compares how often and where "not" is said.
func (l *lexicon) negations(a, b *reading, p *pairing) (Verdict, bool) {
	if a.nots != b.nots {
		return veto("negation", "", ""), true
	}
	if x, y := l.negated(a), l.negated(b); a.nots == 1 && x >= 0 && y >= 0 && p.to[x] != y && p.to[x] >= 0 && p.taken[y] {
		return veto("negation", a.tokens[x].text, b.tokens[y].text), true
	}
	joined := func(t token) bool { return t.conj }
	both := slices.ContainsFunc(a.tokens, joined) && slices.ContainsFunc(b.tokens, joined) // not this but that
	if a.nots == 0 || !both && (a.afloat > 0 && b.afloat > 0 && a.nots == 1 || a.nots == 1 && (a.afloat > 0 || b.afloat > 0)) {
		return Verdict{}, false
	}
	for i, j := range p.to {
		if j >= 0 && a.tokens[i].negated != b.tokens[j].negated && (both || a.afloat+b.afloat == 0) {
			return veto("negation", a.tokens[i].text, ""), true
		}
	}
	return Verdict{}, false
}

// negated is what a "not" is said of: the verb behind it, or the word.
func (l *lexicon) negated(r *reading) int {
	at := slices.IndexFunc(r.tokens, func(t token) bool { return t.negated })
	if at < 0 {
		return -1
	}
	for i := at; i < len(r.tokens) && r.tokens[i].part == r.tokens[at].part; i++ {
		if t := &r.tokens[i]; t.mark == "" && !t.article && l.isVerb(mainWord(t)) {
			return i
		}
	}
	for i := at; i < len(r.tokens) && r.tokens[i].part == r.tokens[at].part; i++ {
		if l.quality(&r.tokens[i]) {
			return i
		}
	}
	return at
}

// people compares who is spoken of.
func people(a, b *reading, p *pairing) (Verdict, bool) {
	for _, who := range [...]string{"he", "she", "they"} {
		if a.persons.has(who) != b.persons.has(who) && !(who == "they" && (a.generic && len(a.persons) == 1 && len(b.persons) == 0 || b.generic && len(b.persons) == 1 && len(a.persons) == 0)) {
			return veto("person", strings.Join(a.persons, "+"), strings.Join(b.persons, "+")), true
		}
	}
	if len(a.persons) > 0 && len(b.persons) > 0 && !slices.Equal(a.persons, b.persons) &&
		!(a.persons.has("i") && b.persons.has("i")) && !(a.persons.has("you") && b.persons.has("you")) {
		return veto("person", strings.Join(a.persons, "+"), strings.Join(b.persons, "+")), true
	}
	if len(a.objects) == 1 && len(b.objects) == 1 && a.objects[0] != b.objects[0] && !p.turnedVoice() {
		return unexplained("i / me"), true
	}
	return Verdict{}, false
}
