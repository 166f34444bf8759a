package compare

import (
	"slices"
	"strings"
)

// asked compares what is asked, in which mood and of which time.
func (l *lexicon) asked(a, b *reading, p *pairing, left, right []token) (Verdict, bool) {
	if x, y := anyone(a, b), anyone(b, a); !l.sameAsks(x, y) {
		return Verdict{Reason: printable("unexplained: asked " + pairOf(strings.Join(a.asks, "+"), strings.Join(b.asks, "+")))}, true
	}
	a, b = anyone(a, b), anyone(b, a)
	if can, other := a.modals.has("can"), b.modals.has("can"); can != other && len(a.modals) > 0 && len(b.modals) > 0 {
		return veto("modality", strings.Join(a.modals, "+"), strings.Join(b.modals, "+")), true
	}
	ma, mb := mood(a), mood(b)
	if !slices.Equal(ma, mb) {
		if len(ma) > 0 && len(mb) > 0 {
			return veto("modality", strings.Join(ma, "+"), strings.Join(mb, "+")), true
		}
		m := append(slices.Clone(ma), mb...)
		safely := slices.ContainsFunc(a.tokens, func(t token) bool { return strings.HasPrefix(t.lemma, "safe") })
		if len(m) > 1 || m[0] == "should" || m[0] == "must" || (set(a.asks).has("yesno") || set(b.asks).has("yesno")) && !safely {
			return Verdict{Reason: printable("unexplained: modality " + strings.Join(m, "+"))}, true
		}
	}
	if len(a.tenses)+len(b.tenses) == 1 && set(append(slices.Clone(a.tenses), b.tenses...)).has("past") && !l.pastLooking(a) && !l.pastLooking(b) && !a.fragment && !b.fragment {
		return unexplained("tense past / nothing"), true
	}
	if len(a.tenses)+len(b.tenses) == 1 && set(append(slices.Clone(a.tenses), b.tenses...)).has("future") && !a.fragment && !b.fragment && len(a.asks) > 0 && len(b.asks) > 0 && a.nots+b.nots == 0 {
		return unexplained("tense future / nothing"), true
	}
	if w := l.toldOf(a, b, p); w != "" {
		return unexplained("told and asked for: " + w), true
	}
	if ifSo(a, b) || ifSo(b, a) {
		for i, j := range p.to {
			if j >= 0 && p.a[i].passive != p.b[j].passive {
				return unexplained("who does it: " + p.a[i].text), true // I am fired, I fire somebody
			}
		}
		return l.joined(a, b, p)
	}
	if a.helpers == b.helpers && a.pasts != b.pasts && slices.Equal(a.asks, b.asks) {
		return veto("tense", "past", "present"), true
	}
	if a.tenses.has("past") != b.tenses.has("past") && (a.tenses.has("present") || a.tenses.has("past")) && (b.tenses.has("present") || b.tenses.has("past")) && (a.tenses.has("perfect") || b.tenses.has("perfect")) {
		return unexplained("tense " + pairOf(strings.Join(a.tenses, "+"), strings.Join(b.tenses, "+"))), true
	}
	for i, j := range p.to {
		if j < 0 {
			continue
		}
		x, y := verbIn(&p.a[i]), verbIn(&p.b[j])
		if l.deed(x) && x.lemma == y.lemma && (strings.HasSuffix(x.text, "ing") && pastForm(y) || strings.HasSuffix(y.text, "ing") && pastForm(x)) {
			return unexplained("tense " + pairOf(x.text, y.text)), true
		}
		if x.lemma == y.lemma && (willBe(a) && y.text != x.text && x.text == x.lemma && pastForm(y) || willBe(b) && y.text != x.text && y.text == y.lemma && pastForm(x)) {
			return veto("tense", x.text, y.text), true
		}
		if pastAndPresent(x, y) && !a.tenses.has("perfect") && !b.tenses.has("perfect") {
			return veto("tense", x.text, y.text), true
		}
		if strings.HasSuffix(x.text, "ing") != strings.HasSuffix(y.text, "ing") && x.lemma == y.lemma && (perfectOf(a, b) || perfectOf(b, a)) && !(p.a[i].mark == p.b[j].mark && set{"after", "before"}.has(p.a[i].mark)) {
			return veto("tense", x.text, y.text), true
		}
	}
	if !slices.Equal(a.tenses, b.tenses) && len(a.tenses) > 0 && len(b.tenses) > 0 {
		x, y := withoutPresent(a.tenses), withoutPresent(b.tenses)
		if a.nots > 0 && b.nots > 0 && !a.tenses.has("past") && !b.tenses.has("past") { // it will not start, it does not start
			x, y = slices.DeleteFunc(x, isFuture), slices.DeleteFunc(y, isFuture)
		}
		if !slices.Equal(x, y) && !perfectOf(a, b) && !perfectOf(b, a) {
			if len(a.tenses) == 1 && len(b.tenses) == 1 {
				return veto("tense", a.tenses[0], b.tenses[0]), true
			}
			return Verdict{Reason: printable("unexplained: tense " + pairOf(strings.Join(a.tenses, "+"), strings.Join(b.tenses, "+")))}, true
		}
	}
	return l.joined(a, b, p)
}

// ifSo tells that one text asks what to do if something is so, and the other after saying that it
// is: my flight was cancelled, what now.
func ifSo(a, b *reading) bool {
	return slices.Equal(a.clauses, set{"when"}) && len(b.clauses) == 0 && b.told && !a.tenses.has("past") && !b.tenses.has("future") && len(a.asks) > 0 && !slices.Contains(a.asks, "yesno") && !slices.Contains(b.asks, "yesno")
}

// joined compares the conditions, and "and" with "or".
func (l *lexicon) joined(a, b *reading, p *pairing) (Verdict, bool) {
	if i := p.otherClause(); i >= 0 && len(a.clauses) > 0 && len(b.clauses) > 0 {
		return Verdict{Reason: printable("unexplained: condition of " + p.a[i].text)}, true
	}
	if len(a.clauses) > 0 && len(b.clauses) > 0 && !slices.Equal(a.clauses, b.clauses) {
		return Verdict{Reason: printable("unexplained: " + pairOf(strings.Join(a.clauses, "+"), strings.Join(b.clauses, "+")))}, true
	}
	if !slices.Equal(a.joins, b.joins) {
		return unexplained("and / or"), true
	}
	return Verdict{}, false
}

// toldOf finds what one text tells has happened, or happens by itself, and the other wants
// done: my contract ended in May, how do I end my contract.
func (l *lexicon) toldOf(a, b *reading, p *pairing) string {
	told := func(r *reading, t []token, i int) bool {
		v := verbIn(&t[i])
		finite := v.text != v.lemma && !strings.HasSuffix(v.text, "ing")
		plain := len(r.asks) == 0 && !r.fragment && len(r.tenses) == 0 && !r.wish && (t[0].article || !l.startsWithVerb(r))
		return i > 0 && plain && finite && i+1 >= len(t)-1 && t[i].mark == "" && !t[i].article
	}
	wanted := func(r *reading, t []token, i int) bool {
		return i == 0 && verbIn(&t[i]).text == verbIn(&t[i]).lemma && !r.fragment && (len(r.asks) == 0 || slices.Equal(r.asks, []string{"howto"}))
	}
	for i, j := range p.to {
		if j < 0 || !l.mayBeVerb(verbIn(&p.a[i])) || !l.mayBeVerb(verbIn(&p.b[j])) {
			continue
		}
		if told(a, p.a, i) && wanted(b, p.b, j) || told(b, p.b, j) && wanted(a, p.a, i) {
			return p.a[i].lemma
		}
	}
	return ""
}

// otherClause finds what is in the condition in one text and in what depends on it in the
// other: if the buyer pays must the seller ship.
func (p *pairing) otherClause() int {
	for i, j := range p.to {
		if j >= 0 && p.a[i].kind != date && p.a[i].kind != clock && p.a[i].mark == "" && p.b[j].mark == "" && (p.a[i].clause == "") != (p.b[j].clause == "") {
			return i
		}
	}
	return -1
}

// anyone takes "can you eat it raw" for whether one can, beside a text that asks that. With
// "my" or "me" in it, it is asked of the assistant.
func anyone(r, other *reading) *reading {
	if r.any && slices.Equal(r.asks, []string{"what"}) && slices.Equal(other.asks, []string{"yesno"}) {
		asked := *r
		asked.asks = []string{"yesno"}
		return &asked
	}
	if r.way && slices.Equal(r.asks, []string{"howto"}) && slices.Equal(other.asks, []string{"yesno"}) && other.modals.has("can") {
		asked := *r
		asked.asks, asked.modals = []string{"yesno"}, r.modals.with("can")
		return &asked
	}
	if !r.canYou || len(r.asks) > 0 || r.persons.has("i") || r.persons.has("you") || !slices.Equal(other.asks, []string{"yesno"}) {
		return r
	}
	asked := *r
	asked.asks, asked.modals = []string{"yesno"}, r.modals.with("can")
	return &asked
}

// mood is what may, must or should be. What "should I bring" and what "do I bring" ask the
// same, unlike whether I should and whether I do.
func mood(r *reading) set {
	if slices.Contains(r.asks, "yesno") || len(r.asks) == 0 && !r.fragment {
		return r.modals
	}
	var out set
	for _, m := range r.modals {
		if m == "can" {
			out = out.with(m)
		}
	}
	return out
}

// willBe tells that a text is of the future alone.
func willBe(r *reading) bool {
	if r.wish && !slices.Equal(r.asks, []string{"howto"}) {
		return true
	}
	return r.tenses.has("future") && !r.tenses.has("past") && !r.tenses.has("perfect")
}

// verbIn is the word of a phrase that has the ending.
func verbIn(t *token) *token {
	if len(t.parts) > 0 {
		return &t.parts[0]
	}
	return t
}

// pastAndPresent tells two forms of a verb of which one is past and the other has the -s of
// a present: held, holds.
func pastAndPresent(x, y *token) bool {
	if x.kind != word || y.kind != word || x.lemma != y.lemma || x.text == y.text {
		return false
	}
	present := func(t *token) bool { return t.text == t.lemma+"s" || t.text == t.lemma+"es" }
	return present(x) && pastForm(y) || present(y) && pastForm(x)
}

// pastForm tells a form that can be a past.
func pastForm(t *token) bool {
	return t.text != t.lemma && !strings.HasSuffix(t.text, "s") && !strings.HasSuffix(t.text, "ing")
}

// pastLooking tells that a text without a helping verb has a form that can be a past.
func (l *lexicon) pastLooking(r *reading) bool {
	if len(r.tenses) == 0 && len(r.persons) == 0 && len(r.asks) == 0 && !slices.ContainsFunc(r.tokens, func(t token) bool { return l.deed(&t) }) {
		return true // without a verb
	}
	return len(r.tenses) == 0 && slices.ContainsFunc(r.tokens, func(t token) bool {
		return t.kind == word && pastForm(&t)
	})
}

func isFuture(tense string) bool { return tense == "future" }

func pairOf(a, b string) string {
	if a == "" {
		a = "nothing"
	}
	if b == "" {
		b = "nothing"
	}
	if b < a {
		a, b = b, a
	}
	return a + " / " + b
}

// withoutPresent leaves out the present, which is also what "do" in a command has, and
// takes the perfect for a past.
func withoutPresent(s set) set {
	var out set
	for _, t := range s {
		switch t {
		case "present":
		case "perfect":
			out = out.with("past")
		default:
			out = out.with(t)
		}
	}
	return out
}

// perfectOf tells that one text has only a perfect, which is of a past and of what it has
// led to, and the other a present.
func perfectOf(a, b *reading) bool {
	return slices.Equal(withoutPresent(a.tenses), set{"past"}) && a.tenses.has("perfect") && !a.tenses.has("past") && len(withoutPresent(b.tenses)) == 0
}

// sameAsks tells whether two ways of asking ask the same. A request without a question
// asks how something is done where it begins with a verb, and what something is else.
func (l *lexicon) sameAsks(a, b *reading) bool {
	x, y := a.asks, b.asks
	if slices.Equal(x, y) {
		return true
	}
	// how many is not which, how much is not which
	counts := slices.Contains(x, "howmany") || slices.Contains(y, "howmany") || slices.Contains(x, "howmuch") || slices.Contains(y, "howmuch")
	if (len(x) == 0 && slices.Equal(y, []string{"howmany"}) || len(y) == 0 && slices.Equal(x, []string{"howmany"})) && measured(a, b) {
		return true
	}
	rest := func(s []string, drop ...string) []string {
		var out []string
		for _, w := range s {
			if w == "which" && !counts {
				w = "what"
			}
			if w == "howmuch" && l.quantityWord(a, b) {
				w = "what"
			}
			if !slices.Contains(drop, w) && !slices.Contains(out, w) {
				out = append(out, w)
			}
		}
		return out
	}
	x, y = rest(x), rest(y)
	if slices.Equal(x, y) {
		return true
	}
	if len(x) == 1 && len(y) == 1 && (x[0] == "where" && y[0] == "howto" || x[0] == "howto" && y[0] == "where") && slices.ContainsFunc(a.tokens, func(t token) bool { return placed.has(t.lemma) || placed.has(mainWord(&t)) }) {
		return true
	}
	if len(x) == 0 && slices.Equal(y, []string{"why"}) || len(y) == 0 && slices.Equal(x, []string{"why"}) {
		return l.trouble(a) && l.trouble(b)
	}
	if termsFor(a, b) || termsFor(b, a) {
		return true
	}
	if len(rest(x, "what", "howto")) == 0 && len(rest(y, "what", "howto")) == 0 {
		if both := slices.Contains(x, "howto") && slices.Contains(y, "howto"); !both && (slices.Contains(x, "what") && slices.Contains(y, "howto") || slices.Contains(x, "howto") && slices.Contains(y, "what")) {
			return false
		}
		if slices.Contains(x, "howto") || slices.Contains(y, "howto") {
			return l.startsWithVerb(a) && l.startsWithVerb(b) || len(x) > 0 && len(y) > 0 || l.hasVerb(a) && l.hasVerb(b)
		}
		return true
	}
	return false
}

// termsFor tells search terms for how something is done, with its verb before its thing, or for who
// is something: javascript sort array, adobe ceo.
func termsFor(terms, r *reading) bool {
	n := len(terms.tokens)
	if !terms.fragment || len(terms.asks) > 0 || n < 2 || len(r.tokens) < 2 {
		return false
	}
	verb := r.tokens[0].lemma
	switch {
	case only(r, "howto"):
		return slices.ContainsFunc(terms.tokens[:n-1], func(t token) bool { return t.kind == word && t.lemma == verb && t.text == verb })
	case only(r, "who"):
		return titles.has(terms.tokens[n-1].lemma) && slices.ContainsFunc(r.tokens, func(t token) bool { return t.lemma == terms.tokens[n-1].lemma })
	}
	return false
}

// titles are what somebody is: the one of it is asked for.
var titles = set{"ceo", "cfo", "cto", "president", "king", "queen", "mayor", "chancellor", "prime minister", "founder", "author", "director", "owner", "inventor", "captain", "coach", "chairman", "governor", "minister"}

// placed are what is done somewhere in a program or an account, where telling how is
// telling where.
var placed = set{"change", "update", "edit", "modify", "find", "see", "view", "download", "check", "manage", "enter", "set", "configure", "adjust", "track", "get", "obtain", "request", "report", "register", "apply for", "enable", "disable", "turn on", "turn off", "activate", "book", "reserve", "clear", "apply", "add", "remove", "delete", "cancel", "upload", "print", "pay", "export", "import", "create", "submit", "renew", "order"}

// trouble tells that a text says what is wrong. Whoever says so asks why, and what to do.
func (l *lexicon) trouble(r *reading) bool {
	return r.nots > 0 || slices.ContainsFunc(r.tokens, func(t token) bool {
		switch t.lemma {
		case "not work", "broken", "break", "fail", "crash", "down", "freeze", "stop", "stop work", "error", "exit", "hang", "disappear", "leak", "slow", "stick", "stuck", "decline", "reject", "missing", "lose", "die", "quit", "flicker", "overheat", "clog", "clogged", "squeak", "jam", "rattle", "drip", "lag":
			return true
		}
		return false
	})
}

// measured tells that what is counted is a measure, of which the number is meant anyway:
// calories in an apple.
func measured(a, b *reading) bool {
	of := func(r *reading) bool {
		if len(r.tokens) == 0 {
			return false
		}
		switch t := r.tokens[0]; t.lemma {
		case "calorie", "gram", "kcal", "kg", "g", "km", "mile", "carb", "carbohydrate", "vitamin", "ounce", "oz", "ml", "cup", "day", "hour", "week", "percentage", "people", "population", "goal", "vacation day":
			return true
		default:
			return units[t.lemma] != ""
		}
	}
	return of(a) && of(b)
}

func (l *lexicon) quantityWord(a, b *reading) bool {
	if len(a.tokens) > 1 && len(b.tokens) > 1 && a.tokens[0].kind == number && b.tokens[0].kind == number {
		return true // how much is 20 % of 350
	}
	for _, t := range append(slices.Clone(a.tokens), b.tokens...) {
		switch t.lemma {
		case "price", "cost", "weigh", "weight", "fee", "earn", "salary":
			return true
		}
	}
	return false
}

func (l *lexicon) startsWithVerb(r *reading) bool {
	if len(r.tokens) == 0 || r.tokens[0].article && r.tokens[0].mark == "" { // a pair of socks

		return false
	}
	first, _, _ := strings.Cut(r.tokens[0].lemma, " ")
	return l.isVerb(first)
}

func (l *lexicon) hasVerb(r *reading) bool {
	return slices.ContainsFunc(r.tokens, func(t token) bool {
		first, _, _ := strings.Cut(t.lemma, " ")
		if t.article && t.mark == "" && t.text == t.lemma && l.nouns[t.lemma] == nil {
			return false // a pair
		}
		return t.kind == word && (strings.HasPrefix(l.parts(first), "v") || strings.Contains(l.parts(first), "nv")) || l.nouns[t.lemma] != nil
	})
}
