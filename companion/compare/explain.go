package compare

import (
	"slices"
	"strings"
)

// compare goes through all that two readings may differ in. What matters most is named
// first.
func (l *lexicon) compare(a, b *reading, notes set) Verdict {
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
	// what is known to matter
	if v, ok := l.known2(left, right); ok {
		return v
	}
	if v, ok := negations(a, b, p); ok {
		return v
	}
	if v, ok := l.asked(a, b, p, left, right); ok {
		return v
	}
	if v, ok := people(a, b); ok {
		return v
	}
	if v, ok := l.marks(p); ok {
		return v
	}
	// what is left over
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
	if i, j, found := l.crossed(p); found && a.fragment == b.fragment {
		if len(a.tokens) == len(b.tokens) {
			return veto("order", a.tokens[i].text, a.tokens[j].text)
		}
		return unexplained("order of " + a.tokens[i].text + " and " + a.tokens[j].text)
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

// known2 finds a difference in what must be equal: a number and the like on either side,
// or two words that the tables keep apart.
func (l *lexicon) known2(left, right []token) (Verdict, bool) {
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
func negations(a, b *reading, p *pairing) (Verdict, bool) {
	if a.nots != b.nots {
		return veto("negation", "", ""), true
	}
	if a.nots == 0 || a.afloat > 0 && b.afloat > 0 && a.nots == 1 || a.nots == 1 && (a.afloat > 0 || b.afloat > 0) {
		return Verdict{}, false
	}
	for i, j := range p.to {
		if j >= 0 && a.tokens[i].negated != b.tokens[j].negated && a.afloat+b.afloat == 0 {
			return veto("negation", a.tokens[i].text, ""), true
		}
	}
	return Verdict{}, false
}

// people compares who is spoken of.
func people(a, b *reading) (Verdict, bool) {
	for _, who := range [...]string{"he", "she", "they"} {
		if a.persons.has(who) != b.persons.has(who) && !(who == "they" && (a.generic && len(a.persons) == 1 && len(b.persons) == 0 || b.generic && len(b.persons) == 1 && len(a.persons) == 0)) {
			return veto("person", strings.Join(a.persons, "+"), strings.Join(b.persons, "+")), true
		}
	}
	if len(a.persons) > 0 && len(b.persons) > 0 && !slices.Equal(a.persons, b.persons) &&
		!(a.persons.has("i") && b.persons.has("i")) && !(a.persons.has("you") && b.persons.has("you")) {
		return veto("person", strings.Join(a.persons, "+"), strings.Join(b.persons, "+")), true
	}
	if len(a.objects) == 1 && len(b.objects) == 1 && a.objects[0] != b.objects[0] {
		return unexplained("i / me"), true
	}
	return Verdict{}, false
}

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
		if a.nots > 0 && b.nots > 0 { // it will not start, it does not start
			x, y = slices.DeleteFunc(x, isFuture), slices.DeleteFunc(y, isFuture)
		}
		if !slices.Equal(x, y) && !perfectOf(a, b) && !perfectOf(b, a) {
			if len(a.tenses) == 1 && len(b.tenses) == 1 {
				return veto("tense", a.tenses[0], b.tenses[0]), true
			}
			return Verdict{Reason: printable("unexplained: tense " + pairOf(strings.Join(a.tenses, "+"), strings.Join(b.tenses, "+")))}, true
		}
	}
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

// otherClause finds what is in the condition in one text and in what depends on it in the
// other: if the buyer pays must the seller ship.
func (p *pairing) otherClause() int {
	for i, j := range p.to {
		if j >= 0 && p.a[i].kind == word && p.a[i].mark == "" && p.b[j].mark == "" && (p.a[i].clause == "") != (p.b[j].clause == "") {
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
	rest := func(s []string, drop ...string) []string {
		var out []string
		for _, w := range s {
			if w == "which" {
				w = "what"
			}
			if w == "howmuch" && l.quantityWord(a, b) || w == "howmany" && measured(a, b) {
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
	if len(x) == 1 && len(y) == 1 && (x[0] == "where" && y[0] == "howto" || x[0] == "howto" && y[0] == "where") && slices.ContainsFunc(a.tokens, func(t token) bool { return placed.has(t.lemma) }) {
		return true
	}
	if len(x) == 0 && slices.Equal(y, []string{"why"}) || len(y) == 0 && slices.Equal(x, []string{"why"}) {
		return l.trouble(a) && l.trouble(b)
	}
	if len(rest(x, "what", "howto")) == 0 && len(rest(y, "what", "howto")) == 0 {
		if slices.Contains(x, "what") && slices.Contains(y, "howto") || slices.Contains(x, "howto") && slices.Contains(y, "what") {
			return false
		}
		if slices.Contains(x, "howto") || slices.Contains(y, "howto") {
			return l.startsWithVerb(a) && l.startsWithVerb(b) || len(x) > 0 && len(y) > 0 || l.hasVerb(a) && l.hasVerb(b)
		}
		return true
	}
	return false
}

// placed are what is done somewhere in a program or an account, where telling how is
// telling where.
var placed = set{"change", "update", "edit", "modify", "find", "see", "view", "download", "check", "manage", "enter", "set", "configure", "adjust", "track", "get", "obtain", "request", "report", "register", "apply for"}

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
	for _, t := range append(slices.Clone(a.tokens), b.tokens...) {
		switch t.lemma {
		case "price", "cost", "weigh", "weight", "fee", "earn", "salary":
			return true
		}
	}
	return false
}

func (l *lexicon) startsWithVerb(r *reading) bool {
	if len(r.tokens) == 0 {
		return false
	}
	first, _, _ := strings.Cut(r.tokens[0].lemma, " ")
	return l.isVerb(first)
}

func (l *lexicon) hasVerb(r *reading) bool {
	return slices.ContainsFunc(r.tokens, func(t token) bool {
		first, _, _ := strings.Cut(t.lemma, " ")
		return t.kind == word && (strings.HasPrefix(l.parts(first), "v") || strings.Contains(l.parts(first), "nv")) || l.nouns[t.lemma] != nil
	})
}

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
		if x == y || l.sameMark(x, y) || p.a[i].under != "" && p.a[i].under == p.b[j].under || l.sameByName(&p.a[i], x, y) || p.byDeed(x, y) || p.first(i, j, x, y) {
			continue
		}
		if x == "" || y == "" {
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
	{set{"remove", "delete", "extract", "strip", "get rid of", "erase"}, set{"from", "of", "in", "out of"}},
	{set{"visa", "passport"}, set{"as", "of", "with"}},
	{set{"convert", "conversion", "translate", "turn"}, set{"to", "into", "in"}},
	{set{"speak", "talk"}, set{"to", "with"}},
	{set{"connect", "link", "pair"}, set{"to", "with"}},
	{set{"replace", "substitute"}, set{"with", "by"}},
	{set{"apply", "register", "sign up", "enroll"}, set{"for", "to", "in"}},
	{set{"remedy", "medicine", "medication", "treatment", "cure", "drug"}, set{"for", "against", "of"}},
	{set{"listen", "react", "respond", "reply"}, set{"to", "on"}},
	{set{"wear", "dress"}, set{"to", "for", "at"}},
	{set{"appeal"}, set{"against", ""}}, {set{"discuss"}, set{"about", ""}}, {set{"enter"}, set{"into", ""}}, {set{"contact"}, set{"with", ""}}, {set{"play", "practice"}, set{"on", ""}}, {set{"marry"}, set{"to", ""}},
	{set{"log", "logs"}, set{"of", "from", "for"}},
	{set{"spend"}, set{"on", "for"}},
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

// harmless takes out of what was left over the words that the other text says without
// them.
func (l *lexicon) harmless(p *pairing, left, right []token) (restLeft, restRight []token, notes set) {
	lightLeft, lightRight := l.lights(left), l.lights(right)
	drop := func(t token, others []token, lights bool) bool {
		switch {
		case t.kind == number && t.soft:
			return true
		case t.text == "still" && p.denied:
			return true
		case t.negated || !weak(t.mark):
			return false
		case t.kind != word:
			return false
		case lights && l.light[t.lemma]:
			return true
		case t.text == "all" && !slices.ContainsFunc(p.a, counted) && !slices.ContainsFunc(p.b, counted) && len(others) == 0 && p.listed && !p.notes.has("form"):
			return true
		case p.site && (t.lemma == "website" || t.lemma == "site" || t.lemma == "shop" || t.lemma == "store" || t.lemma == "company" || t.lemma == "platform" || t.lemma == "service") && t.mark != "" && t.mark != "to" && len(others) == 0:
			return true // yours, where else
		case t.lemma == "cost" && slices.ContainsFunc(p.a, priced) && slices.ContainsFunc(p.b, priced):
			return true // flights under 50 euros are flights that cost less
		case t.free && t.text == "price" && (slices.ContainsFunc(p.a, amount) || slices.ContainsFunc(p.b, amount)):
			return true // how much is the fee
		case p.repeated(t):
			return true
		case errors.has(t.lemma) && p.quotes(t):
			return true // "permission denied" is one
		case set{"word", "term", "phrase", "acronym", "abbreviation", "expression", "idiom"}.has(t.lemma) && len(others) == 0 && p.listed && p.lastButOne(t):
			return true // the word "cheers"
		case t.lemma == "number" && len(others) == 0 && p.numbered(t):
			return true // order 1234
		case t.text == "good" && len(others) == 0 && p.goodFor(t):
			return true
		case t.given && givens.has(t.lemma) && !slices.ContainsFunc(others, func(o token) bool { return givens.has(o.lemma) }):
			return true // this text, which is there
		case t.free && t.text == "know" && len(others) == 1 && checks.has(others[0].lemma) && weak(others[0].mark), checks.has(t.lemma) && len(others) == 1 && others[0].free && others[0].text == "know":
			return true
		case set{"minimum", "limit", "legal", "required", "requirement", "restriction"}.has(t.text) && len(others) == 0 && slices.ContainsFunc(append(slices.Clone(p.a), p.b...), func(o token) bool { return o.free && o.text == "age" }):
			return true
		case t.text == "called" && p.listed && len(others) == 0:
			return true
		case t.text == "out" && len(others) == 0 && p.has("find"):
			return true
		case set{"eat", "drink", "take", "use", "consume"}.has(t.lemma) && t.text == t.lemma && len(others) == 0 && p.yesno && p.has("safe"):
			return true // is it safe to eat
		case (t.text == "mount" || t.text == "mt") && len(others) == 0 && p.beforeName(t):
			return true
		case t.text == "current" && len(others) == 0 && p.isNow(t):
			return true
		case (t.text == "still" || t.text == "yet" || t.text == "anymore" || t.text == "any longer") && p.denied:
			return true
		case (t.lemma == "value" || t.lemma == "result") && len(others) == 0 && p.listed && (len(p.a) > 1 && p.a[0].text == t.text && p.a[1].mark == "of" || len(p.b) > 1 && p.b[0].text == t.text && p.b[1].mark == "of") && (slices.ContainsFunc(p.a, counted)):
			return true // of 12 x 12
		case set{"item", "element", "object", "value"}.has(t.lemma) && t.mark == "of" && len(others) == 0 && slices.ContainsFunc(p.a, func(o token) bool { return o.lemma == "list" || o.lemma == "array" }):
			return true // what else is on a list
		case t.text == "good" && p.suggested && len(others) == 0:
			return true // who would ask for a bad one
		case t.text == "right" && t.mark == "" && p.beforeMeasure(t):
			return true
		case set{"locate", "located", "situate", "situated", "position"}.has(t.text) && p.where:
			return true
		case l.saysWhat(p, t):
			return true
		case t.free && (t.text == "time" || t.text == "year" || t.text == "month" || t.text == "day" || t.text == "date") && !slices.ContainsFunc(others, func(o token) bool { return o.free }):
			return true // when, in which year
		}
		for w, implied := range l.implied {
			if !slices.Contains(implied, t.lemma) && !slices.ContainsFunc(implied, func(s string) bool { return share(l.classes[s], l.classes[t.lemma]) }) {
				continue
			}
			for i, j := range p.to {
				if j >= 0 && (p.a[i].lemma == w || p.b[j].lemma == w || p.a[i].text == w || p.b[j].text == w) {
					notes = notes.with(strings.ReplaceAll(clip(t.text), ",", ""))
					return true
				}
			}
		}
		return false
	}
	for _, t := range left {
		if !drop(t, right, lightRight == 0 && lightLeft <= 2) {
			restLeft = append(restLeft, t)
		}
	}
	for _, t := range right {
		if !drop(t, left, lightLeft == 0 && lightRight <= 2) {
			restRight = append(restRight, t)
		}
	}
	return restLeft, restRight, notes
}

var errors = set{"error", "message", "exception", "code", "status", "error message", "error code", "status code"}

// givens are what may be given to do something with.
var givens = set{"sentence", "text", "paragraph", "passage", "code", "snippet", "message", "article", "phrase", "word", "email"}

// quotes tells that both texts have something in quotation marks or as code, a passage, or
// a number or an identifier behind the word.
func (p *pairing) quotes(t token) bool {
	for i, j := range p.to {
		if j < 0 {
			continue
		}
		switch p.a[i].kind {
		case quoted, passage:
			return true
		case number, ident:
			if i > 0 && p.a[i-1].text == t.text || j > 0 && p.b[j-1].text == t.text {
				return true
			}
		}
	}
	return false
}

// numbered tells that a number or an identifier that both texts have follows the word.
func (p *pairing) numbered(t token) bool {
	for i, j := range p.to {
		if j >= 0 && (p.a[i].kind == number && p.a[i].unit == "" || p.a[i].kind == ident) && (i > 0 && p.a[i-1].text == t.text || j > 0 && p.b[j-1].text == t.text) {
			return true
		}
	}
	return false
}

// lastButOne tells that one token follows the word, which is what it says it is.
func (p *pairing) lastButOne(t token) bool {
	for _, side := range [...][]token{p.a, p.b} {
		if n := len(side); n > 1 && side[n-2].text == t.text && side[n-1].mark == "" && n == 2 {
			return true
		}
	}
	return false
}

// goodFor tells "which are good for", which says no more than "for".
func (p *pairing) goodFor(t token) bool {
	for i, j := range p.to {
		if j >= 0 && p.a[i].mark == "for" && p.b[j].mark == "for" && (i > 0 && p.a[i-1].text == t.text || j > 0 && p.b[j-1].text == t.text) {
			return true
		}
	}
	return false
}

// has tells that a word is in both texts.
func (p *pairing) has(w string) bool {
	for i, j := range p.to {
		if j >= 0 && p.a[i].kind == word && (p.a[i].lemma == w || p.b[j].lemma == w) {
			return true
		}
	}
	return false
}

// beforeName tells that a name that is in both texts follows the word.
func (p *pairing) beforeName(t token) bool {
	for i, j := range p.to {
		if j >= 0 && (p.a[i].name || p.b[j].name) && (i > 0 && p.a[i-1].text == t.text && p.a[i].mark == "" || j > 0 && p.b[j-1].text == t.text && p.b[j].mark == "") {
			return true
		}
	}
	return false
}

// checks are ways to know whether something is so.
var checks = set{"check", "test", "find out", "see", "determine", "verify", "tell", "recognize", "detect", "figure out", "identify"}

// isNow tells that "current" is said of who or what something is, which is now. A current
// account and the current directory are others.
func (p *pairing) isNow(t token) bool {
	if !p.listed && !p.who {
		return false
	}
	others := set{"account", "directory", "branch", "folder", "user"}
	for _, side := range [...][]token{p.a, p.b} {
		if len(side) > 1 && side[0].text == t.text && side[0].mark == "" && !others.has(side[1].lemma) {
			return true
		}
	}
	return false
}

// beforeMeasure tells that the word is said of what is asked for: the right dose.
func (p *pairing) beforeMeasure(t token) bool {
	for _, side := range [...][]token{p.a, p.b} {
		for i := 0; i+1 < len(side); i++ {
			if side[i].text == t.text && side[i].part == t.part && (measures.has(side[i+1].lemma) || set{"dose", "dosage", "amount", "way", "settings", "setting", "tool", "order"}.has(side[i+1].lemma)) {
				return true
			}
		}
	}
	return false
}

// onScreen tells that a name follows the word, and what is asked is said of movies only.
func (p *pairing) onScreen(t token) bool {
	if !slices.ContainsFunc(p.a, func(o token) bool { return set{"play", "star", "direct", "director", "cast", "act"}.has(o.lemma) }) {
		return false
	}
	for _, side := range [...][]token{p.a, p.b} {
		for i := 0; i+1 < len(side); i++ {
			if side[i].text == t.text && side[i+1].name && side[i+1].mark == "" {
				return true
			}
		}
	}
	return false
}

// saysWhat tells a word that only says what the name beside it is: the city of Lisbon, the
// Telegram app.
func (l *lexicon) saysWhat(p *pairing, t token) bool {
	if (t.lemma == "movie" || t.lemma == "film") && p.onScreen(t) {
		return true
	}
	for kind, words := range namedBy {
		if !words.has(t.lemma) {
			continue
		}
		for _, side := range [...][]token{p.a, p.b} {
			for i := range side {
				if side[i].text != t.text || side[i].raw != t.raw || side[i].part != t.part {
					continue
				}
				for _, k := range [...]int{i - 1, i + 1} {
					if k >= 0 && k < len(side) && l.names[side[k].lemma] == kind && (k < i && weak(t.mark) && t.mark != "for" || k > i && (side[k].mark == "of" || side[k].mark == "")) {
						return true
					}
				}
			}
		}
	}
	return false
}

var namedBy = map[string]set{
	"country": {"country", "state", "nation"}, "place": {"city", "town", "state"}, "speech": {"language"}, "code": {"language", "code"},
	"software": {"app", "application", "software", "program", "tool", "command", "database"}, "firm": {"company"}, "medicine": {"medicine", "medication", "drug", "pill", "tablet"},
	"day": {"day"}, "month": {"month"},
}

func amount(t token) bool {
	switch t.lemma {
	case "wage", "minimum wage", "fee", "rent", "fine", "deposit", "salary", "rate", "tax", "cost", "charge", "price", "fare", "bill", "balance", "budget", "allowance", "income", "debt", "pension":
		return true
	}
	return false
}

func counted(t token) bool { return t.kind == number }

func priced(t token) bool {
	return t.kind == number && isCurrencyCode(t.unit) || t.text == "pound" || t.lemma == "pound"
}

// repeated tells the second head of two things that the other text joins: debit cards and
// credit cards, debit and credit cards.
func (p *pairing) repeated(t token) bool {
	for _, side := range [...][]token{p.a, p.b} {
		mine, joined := false, false
		for i := range side {
			mine = mine || side[i].part == t.part && side[i].text == t.text && side[i].raw == t.raw
			joined = joined || side[i].joined
		}
		if !mine || !joined {
			continue
		}
		for i := range side {
			same := strings.HasSuffix(side[i].lemma, " "+t.lemma) || side[i].lemma == t.lemma
			paired := &side[0] == &p.a[0] && p.to[i] >= 0 || len(p.b) > 0 && &side[0] == &p.b[0] && p.taken[i]
			if same && paired {
				return true
			}
		}
	}
	return false
}

func (l *lexicon) lights(in []token) int {
	n := 0
	for _, t := range in {
		if t.kind == word && l.light[t.lemma] {
			n++
		}
	}
	return n
}
