package compare

import (
	"cmp"
	"slices"
	"strings"
)

// More things that are put in two ways. Each is told by its own words, and done to one text only
// where the other has the other way.

// forms goes through them, in either direction.
func (l *lexicon) forms(a, b *reading) {
	for _, r := range [...][2]*reading{{a, b}, {b, a}} {
		l.dated(r[0], r[1])
		l.inUnits(r[0], r[1])
		l.amount(r[0], r[1])
		l.holding(r[0], r[1])
		l.recipe(r[0], r[1])
		l.command(r[0], r[1])
		l.named(r[0], r[1])
		l.weather(r[0], r[1])
		l.offered(r[0], r[1])
		l.people(r[0], r[1])
		l.whoWhich(r[0], r[1])
		l.safe(r[0], r[1])
		l.legal(r[0], r[1])
		l.accepted(r[0], r[1])
		l.counted(r[0], r[1])
		l.predicate(r[0], r[1])
	}
	for _, r := range [...]*reading{a, b} {
		l.forTo(r)
		l.countAs(r)
		l.pregnant(r)
		l.spoken(r)
		l.becoming(r)
	}
	for _, r := range [...]*reading{a, b} {
		r.resolve()
	}
}

func only(r *reading, ask string) bool { return len(r.asks) == 1 && r.asks[0] == ask }

func mainWord(t *token) string {
	first, _, _ := strings.Cut(t.lemma, " ")
	return first
}

// dated makes "what is the delivery date" a "when is the delivery", where the other text asks when.
func (l *lexicon) dated(r, other *reading) {
	if !only(other, "when") || len(r.asks) > 0 && !only(r, "what") && !only(r, "which") || r.nots > 0 {
		return
	}
	for i := 0; i < len(r.tokens) && i < 4; i++ {
		t := &r.tokens[i]
		if t.kind != word || !(set{"date", "time", "day", "year", "month"}).has(t.lemma) || t.mark != "" || len(t.parts) > 0 {
			continue
		}
		of := i+1 < len(r.tokens) && r.tokens[i+1].mark == "of"
		before := i > 0 && r.tokens[i-1].mark != "in" && l.nouns[r.tokens[i-1].lemma] != nil
		if !of && !before || slices.ContainsFunc(other.tokens, func(o token) bool { return o.kind == word && !o.free && o.lemma == t.lemma }) {
			continue
		}
		if of {
			r.tokens[i+1].mark = ""
			for k := i + 1; k < len(r.tokens) && (k == i+1 || r.tokens[k].mark == ""); k++ {
				r.tokens[k].under = ""
			}
		}
		r.tokens, r.asks = slices.Delete(r.tokens, i, i+1), []string{"when"}
		return
	}
}

// unitsOf are units by what they measure.
var unitsOf = map[string]set{
	"duration":    {"second", "minute", "hour", "day", "week", "month", "year"},
	"length":      {"km", "kilometer", "m", "meter", "cm", "centimeter", "mm", "mile", "foot", "ft", "inch", "yard"},
	"weight":      {"g", "gram", "kg", "kilogram", "kilo", "lb", "pound", "oz", "ounce", "ton", "tonne"},
	"temperature": {"degree", "celsius", "fahrenheit"},
}

// measuring are words for what is measured, as frames put them in and as verbs.
var measuring = map[string]string{"duration": "duration", "last": "duration", "distance": "length", "height": "length", "length": "length", "width": "length", "depth": "length", "weight": "weight", "weigh": "weight"}

// inUnits makes "how long is it in km" a "how many km is it", where the other text asks that.
func (l *lexicon) inUnits(r, other *reading) {
	if !only(other, "howmany") || !only(r, "what") && !only(r, "howmuch") || len(other.tokens) == 0 || len(r.tokens) < 3 {
		return
	}
	unit, last := &other.tokens[0], len(r.tokens)-1
	if t := &r.tokens[last]; t.mark != "in" || t.lemma != unit.lemma || unit.mark != "" {
		return
	}
	for i, t := range r.tokens[:last] {
		of := measuring[t.lemma]
		if t.kind != word || of == "" || !(unitsOf[of].has(unit.lemma) || t.free && t.lemma == "duration" && unitsOf["length"].has(unit.lemma)) {
			continue
		}
		if slices.ContainsFunc(other.tokens, func(o token) bool { return o.lemma == t.lemma }) {
			return
		}
		u := r.tokens[last]
		u.mark, u.under = "", ""
		rest := slices.Delete(slices.Clone(r.tokens[:last]), i, i+1)
		if len(rest) > 0 && rest[0].mark == "of" && i == 0 {
			rest[0].mark, rest[0].under = "", ""
		}
		r.tokens, r.asks = append([]token{u}, rest...), other.asks
		return
	}
}

// amount makes "how many hours of sleep" a "how much sleep", where the other text asks that.
func (l *lexicon) amount(r, other *reading) {
	if !only(r, "howmany") || !only(other, "howmuch") || len(r.tokens) < 2 || r.tokens[1].mark != "of" {
		return
	}
	for _, units := range unitsOf {
		if units.has(r.tokens[0].lemma) && !slices.ContainsFunc(other.tokens, func(o token) bool { return o.lemma == r.tokens[0].lemma }) {
			r.tokens = slices.Delete(r.tokens, 0, 1)
			r.tokens[0].mark, r.tokens[0].under, r.asks = "", "", other.asks
			return
		}
	}
}

// holding makes "which vitamins do oranges contain" a "which vitamins are in oranges", where the
// other text says that.
func (l *lexicon) holding(r, other *reading) {
	at := slices.IndexFunc(r.tokens, func(t token) bool {
		return t.kind == word && (set{"contain", "include", "have"}).has(t.lemma) && t.mark == "" && !t.negated && !t.passive
	})
	if at < 1 || slices.ContainsFunc(other.tokens, func(o token) bool { return o.lemma == r.tokens[at].lemma }) {
		return
	}
	from := at - 1
	for from > 0 && r.tokens[from].mark == "" && !r.tokens[from].article && !r.tokens[from].helped && !r.tokens[from].joined && r.tokens[from].part == r.tokens[at].part {
		from--
	}
	holder := &r.tokens[at-1]
	if r.tokens[from].mark != "" || !slices.ContainsFunc(other.tokens, func(o token) bool {
		return o.under == "in" && l.same(holder, &o) >= otherForm
	}) {
		return
	}
	// oranges contain vitamins: vitamins in oranges
	held := slices.Clone(r.tokens[at+1:])
	subject := slices.Clone(r.tokens[from:at])
	subject[0].mark = "in"
	for i := range subject {
		subject[i].under = "in"
	}
	if len(held) > 0 && held[0].mark != "" {
		return
	}
	r.tokens = append(append(slices.Clone(r.tokens[:from]), held...), subject...)
}

// recipe makes "a recipe for pesto" a "how do I make pesto", where the other text asks that.
func (l *lexicon) recipe(r, other *reading) {
	i := slices.IndexFunc(r.tokens, func(t token) bool { return t.lemma == "recipe" && !t.negated })
	making := set{"make", "cook", "bake", "prepare"}
	at := slices.IndexFunc(other.tokens, func(t token) bool { return t.kind == word && making.has(t.lemma) && t.mark == "" })
	if i < 0 || at < 0 || !only(other, "howto") || len(r.tokens) < 2 || len(r.asks) > 1 || len(r.asks) == 1 && !(set{"what", "howto", "which"}).has(r.asks[0]) ||
		slices.ContainsFunc(other.tokens, func(t token) bool { return t.lemma == "recipe" }) {
		return
	}
	if i+1 < len(r.tokens) {
		if r.tokens[i+1].mark != "for" && r.tokens[i+1].mark != "of" && i > 0 {
			return
		}
		under := r.tokens[i+1].under
		r.tokens[i+1].mark = ""
		for k := i + 1; k < len(r.tokens) && r.tokens[k].under == under; k++ {
			r.tokens[k].under = ""
		}
	}
	rest := slices.DeleteFunc(slices.Delete(slices.Clone(r.tokens), i, i+1), func(t token) bool {
		return t.kind == word && t.mark == "" && (t.lemma == "give" || t.lemma == "need")
	})
	make := other.tokens[at]
	make.mark, make.under, make.passive, make.free = "", "", false, true
	r.tokens, r.asks = append([]token{make}, rest...), other.asks
}

// command makes "the git command for renaming a branch" a "how do I rename a branch in git".
func (l *lexicon) command(r, other *reading) {
	if !only(other, "howto") || len(r.asks) > 0 && !only(r, "what") && !only(r, "which") {
		return
	}
	for i := 1; i+1 < len(r.tokens) && i < 3; i++ {
		k := l.names[r.tokens[i-1].lemma]
		if r.tokens[i].lemma != "command" || r.tokens[i].mark != "" || k != "software" && k != "code" || !l.isVerb(mainWord(&r.tokens[i+1])) || r.tokens[i+1].mark != "for" && !r.tokens[i+1].after {
			continue
		}
		if r.tokens[i+1].mark == "for" {
			r.tokens[i+1].mark = ""
			for k := i + 1; k < len(r.tokens) && r.tokens[k].under == "for"; k++ {
				r.tokens[k].under = ""
			}
		}
		tool := r.tokens[i-1]
		tool.mark, tool.under, tool.joined, tool.ends = "in", "in", false, none
		r.tokens, r.asks = append(slices.Concat(r.tokens[:i-1], r.tokens[i+1:]), tool), other.asks
		return
	}
}

// namings are nouns of which one asks how their verb is done: the spelling of a word.
var namings = map[string]string{"spelling": "spell", "pronunciation": "pronounce", "conjugation": "conjugate", "translation": "translate", "calculation": "calculate", "removal": "remove", "preparation": "prepare", "installation": "install"}

// named makes "what is the spelling of it" a "how do I spell it", where the other text asks that.
func (l *lexicon) named(r, other *reading) {
	if !only(other, "howto") && len(other.asks) > 0 || !only(r, "what") || len(r.tokens) < 2 {
		return
	}
	verb := namings[r.tokens[0].lemma]
	if verb == "" {
		verb = namings[r.tokens[0].text]
	}
	if verb == "" || r.tokens[1].mark != "of" || !slices.ContainsFunc(other.tokens, func(t token) bool { return t.lemma == verb }) {
		return
	}
	r.tokens[0].text, r.tokens[0].lemma = verb, verb
	r.tokens[0].article = false
	r.tokens[1].mark, r.tokens[1].under, r.asks = "", "", other.asks
}

// weather makes "how is the weather" a "what is the weather like".
func (l *lexicon) weather(r, other *reading) {
	if !only(r, "how") || !only(other, "what") || len(r.tokens) > 5 {
		return
	}
	if i := slices.IndexFunc(r.tokens, func(t token) bool { return t.lemma == "weather" }); i >= 0 {
		r.tokens[i].free, r.asks = true, other.asks
	}
}

// services are what a shop or an office does for whoever asks, who can have it then.
var services = set{"ship", "deliver", "accept", "offer", "sell", "provide", "support", "repair", "refund", "rent", "serve"}

// offered makes "do you ship there" a "is it possible to ship there", where the other text asks that.
func (l *lexicon) offered(r, other *reading) {
	if !only(r, "yesno") || !only(other, "yesno") || len(r.modals) > 0 || !slices.Equal(other.modals, set{"can"}) || r.nots+other.nots > 0 || other.objects.has("i") || r.tenses.has("past") {
		return
	}
	if len(r.tokens) > 0 && services.has(r.tokens[0].lemma) && r.tokens[0].text == r.tokens[0].lemma && r.doYou {
		r.modals = r.modals.with("can")
	}
}

// people makes "how many people are there in Chad" the population of Chad, where the other text
// asks for that.
func (l *lexicon) people(r, other *reading) {
	if !only(r, "howmany") || !only(other, "what") || len(r.tokens) != 2 || r.tokens[0].lemma != "people" || r.tokens[1].mark != "in" {
		return
	}
	if k := l.names[r.tokens[1].lemma]; (k == "country" || k == "place" || r.tokens[1].name) && slices.ContainsFunc(other.tokens, func(t token) bool { return t.lemma == "population" }) {
		r.tokens[0].text, r.tokens[0].lemma, r.asks = "population", "population", other.asks
	}
}

// spoken makes "put this into Spanish" a "translate this into Spanish".
func (l *lexicon) spoken(r *reading) {
	if len(r.tokens) < 2 || !(set{"put", "render", "turn", "convert", "change"}).has(r.tokens[0].lemma) {
		return
	}
	for i := range r.tokens {
		if t := &r.tokens[i]; l.names[t.lemma] == "speech" && (t.mark == "into" || t.mark == "to") {
			r.tokens[0].lemma, r.tokens[0].text = "translate", "translate"
		}
	}
}

// whos are things of which the answer names one, as it does for "who".
var whos = set{"country", "team", "person", "player", "athlete", "nation", "man", "woman", "company", "club", "party"}

// whoWhich makes "which country won" a "who won", where the other text asks that.
func (l *lexicon) whoWhich(r, other *reading) {
	if !only(other, "who") || !only(r, "which") && !only(r, "what") || len(r.tokens) < 2 || !whos.has(r.tokens[0].lemma) || r.tokens[0].mark != "" || r.tokens[0].text != r.tokens[0].lemma ||
		r.tokens[1].mark != "" || !l.isVerb(r.tokens[1].lemma) || r.tokens[1].someone || slices.ContainsFunc(other.tokens, func(t token) bool { return t.lemma == r.tokens[0].lemma }) {
		return
	}
	if v := r.tokens[1].text; slices.ContainsFunc(other.tokens[:min(1, len(other.tokens))], func(t token) bool { return t.text == v }) {
		r.tokens, r.asks = r.tokens[1:], other.asks
	}
}

// predicate tells the quality in "is it bad to sleep late", which the other text has behind what it
// is said of: is sleeping late bad.
func (l *lexicon) predicate(r, other *reading) {
	if !only(r, "yesno") || !only(other, "yesno") || len(r.tokens) < 2 || !l.quality(&r.tokens[0]) || !r.tokens[1].after || r.tokens[0].mark != "" {
		return
	}
	n := len(other.tokens) - 1
	if n < 1 || other.tokens[n].lemma != r.tokens[0].lemma || other.tokens[n].mark != "" || !strings.HasSuffix(other.tokens[0].text, "ing") {
		return
	}
	r.tokens[0].free, other.tokens[n].free = true, true
}

// forTo takes the "for" off who is to do something: is it safe for cats to eat cheese.
func (l *lexicon) forTo(r *reading) {
	if len(r.tokens) < 3 || !only(r, "yesno") || r.tokens[1].mark != "for" || r.tokens[0].mark != "" || r.tokens[0].article || !l.quality(&r.tokens[0]) {
		return
	}
	i := 2
	for i < len(r.tokens) && r.tokens[i].mark == "" && !r.tokens[i].after {
		i++
	}
	if i == len(r.tokens) || !r.tokens[i].after {
		return
	}
	r.tokens[1].mark, r.tokens[i].helped = "", true
	for k := 1; k < len(r.tokens) && r.tokens[k].under == "for"; k++ {
		r.tokens[k].under = ""
	}
}

// consumed is what is asked of with "can I" where "is it safe" is meant.
var consumed = set{"eat", "drink", "take", "combine", "mix", "consume", "swallow"}

// safe makes "is it safe to drink it" a "can I drink it", where the other text asks that.
func (l *lexicon) safe(r, other *reading) {
	other = anyone(other, r) // can you drink it
	if !only(r, "yesno") || !only(other, "yesno") || len(r.modals) > 0 || !slices.Equal(other.modals, set{"can"}) || r.nots+other.nots > 0 || r.tenses.has("past") {
		return
	}
	i := slices.IndexFunc(r.tokens, func(t token) bool { return t.text == "safe" && t.mark == "" })
	if i < 0 || slices.ContainsFunc(other.tokens, func(t token) bool { return strings.HasPrefix(t.lemma, "safe") }) || !slices.ContainsFunc(other.tokens, func(t token) bool {
		return consumed.has(t.lemma) || t.lemma == "use" && slices.ContainsFunc(r.tokens, func(o token) bool { return o.lemma == "pregnancy" })
	}) {
		return
	}
	if i+1 < len(r.tokens) && r.tokens[i+1].mark == "for" || i > 0 && i+1 == len(r.tokens) && !slices.ContainsFunc(r.tokens, func(t token) bool { return consumed.has(t.lemma) }) {
		return // safe for dogs
	}
	if i+1 < len(r.tokens) && i > 0 && !consumed.has(r.tokens[i+1].lemma) && r.tokens[i+1].mark == "" {
		return
	}
	r.tokens, r.modals = slices.Delete(r.tokens, i, i+1), other.modals
}

// legal makes "is it legal to do it" an "is it allowed to do it", where the other text asks that.
func (l *lexicon) legal(r, other *reading) {
	if !only(r, "yesno") || !only(other, "yesno") || len(r.modals) > 0 || !other.permitted || r.nots+other.nots > 0 {
		return
	}
	if i := slices.IndexFunc(r.tokens, func(t token) bool { return t.text == "legal" && t.mark == "" }); i == 0 && len(r.tokens) > 1 && r.tokens[1].after {
		r.tokens, r.modals = r.tokens[1:], r.modals.with("can")
	}
}

// accepted makes "do you accept cash" a "can I pay with cash", where the other text asks that.
func (l *lexicon) accepted(r, other *reading) {
	if !only(r, "yesno") || !only(other, "yesno") || len(r.tokens) < 2 || (r.tokens[0].lemma != "accept" && r.tokens[0].lemma != "take") || !r.doYou || len(r.modals) > 0 || r.nots+other.nots > 0 || len(other.tokens) < 2 {
		return
	}
	if m := other.tokens[1].mark; other.tokens[0].lemma == "pay" && (m == "with" || m == "by" || m == "in") && other.modals.has("can") && r.tokens[1].mark == "" {
		r.tokens[0].lemma, r.tokens[0].text, r.tokens[1].mark, r.tokens[1].under = "pay", "pay", m, m
		r.modals, r.persons, r.tenses = other.modals, other.persons, other.tenses
	}
}

// counted makes "the calorie count" a "how many calories", where the other text asks that.
func (l *lexicon) counted(r, other *reading) {
	if !only(other, "howmany") || len(r.asks) > 0 && !only(r, "what") || len(r.tokens) < 2 || len(other.tokens) == 0 {
		return
	}
	for i := 1; i < len(r.tokens); i++ {
		if r.tokens[i].lemma == "count" && r.tokens[i].mark == "" && l.same(&r.tokens[i-1], &other.tokens[0]) >= otherForm {
			r.tokens, r.asks = slices.Delete(r.tokens, i, i+1), other.asks
			return
		}
	}
}

// countAs makes "does it count as a fever" an "is it a fever".
func (l *lexicon) countAs(r *reading) {
	if !only(r, "yesno") {
		return
	}
	for i := 1; i+1 < len(r.tokens); i++ {
		t, next := &r.tokens[i], &r.tokens[i+1]
		if next.mark != "as" && !t.passive || t.negated || t.mark != "" {
			continue
		}
		if next.mark == "as" && (t.lemma == "count" || t.lemma == "qualify" || t.passive && (set{"consider", "regard", "class", "classify"}).has(t.lemma)) || t.passive && t.lemma == "consider" && next.mark == "" {
			if next.mark == "as" {
				next.mark = ""
				for k := i + 1; k < len(r.tokens) && r.tokens[k].under == "as"; k++ {
					r.tokens[k].under = ""
				}
			}
			r.tokens = slices.Delete(r.tokens, i, i+1)
			return
		}
	}
}

// pregnant makes "while pregnant" a "during pregnancy".
func (l *lexicon) pregnant(r *reading) {
	for i := range r.tokens {
		t := &r.tokens[i]
		if t.text != "pregnant" || t.clause == "" || slices.ContainsFunc(r.tokens, func(o token) bool { return o.clause != "" && o.text != "pregnant" }) || len(r.clauses) != 1 {
			continue
		}
		t.text, t.lemma, t.mark, t.under, t.clause = "pregnancy", "pregnancy", "during", "during", ""
		r.clauses = nil
		if i > 0 {
			t.part = r.tokens[i-1].part
		}
	}
}

// becoming makes one of going, turning and becoming yellow.
func (l *lexicon) becoming(r *reading) {
	for i := 0; i+1 < len(r.tokens); i++ {
		t, next := &r.tokens[i], &r.tokens[i+1]
		if t.kind == word && ((set{"go", "turn", "become"}).has(t.lemma) || t.text == "going") && l.quality(next) && next.mark == "" && !next.article && !next.joined && t.ends == none && (i+2 == len(r.tokens) || next.ends != none || r.tokens[i+2].mark != "") {
			t.lemma = "become"
			if base, ok := strings.CutPrefix(t.text, "turn"); ok {
				t.text = "becom" + cmp.Or(base, "e")
			}
			if t.text == "going" {
				t.text = "becoming"
			}
		}
	}
}

// rewritings are verbs that ask for a text to be put otherwise, writings such texts.
var (
	rewritings = set{"rewrite", "make", "reword", "rephrase", "edit", "adjust", "revise", "change", "turn"}
	writings   = set{"email", "text", "paragraph", "sentence", "essay", "message", "letter", "article", "summary", "speech", "draft", "paper", "report", "post", "bio", "resume", "cv", "introduction", "conclusion", "passage", "description", "reply"}
)

// rewritten makes one of "make it more polite", "rewrite it so that it is more polite", "rewrite
// it in a more polite tone", where both texts ask for a text to be more of something.
func (l *lexicon) rewritten(a, b *reading) {
	is := func(r *reading) bool {
		if len(r.tokens) < 3 || len(r.asks) > 0 && !only(r, "howto") || !rewritings.has(r.tokens[0].lemma) || r.nots > 0 {
			return false
		}
		more := func(t token) bool {
			_, er := l.without(t.text, "er")
			return t.text == "more" || t.text == "less" || er
		}
		return slices.ContainsFunc(r.tokens[1:], func(t token) bool { return writings.has(t.lemma) }) && slices.ContainsFunc(r.tokens[1:], more)
	}
	if !is(a) || !is(b) {
		return
	}
	for _, r := range [...]*reading{a, b} {
		r.tokens[0].lemma, r.tokens[0].text, r.tokens[0].free = "rewrite", "rewrite", true
		r.clauses, r.tenses = nil, nil
		out := r.tokens[:0]
		for _, t := range r.tokens {
			if (set{"sound", "style", "tone", "manner", "way", "be"}).has(t.lemma) && t.mark == "" {
				continue
			}
			if t.mark == "in" && len(out) > 1 {
				t.mark = ""
			}
			t.clause, t.part, t.joined, t.article, t.under = "", 0, false, false, t.mark
			out = append(out, t)
		}
		r.tokens = out
	}
}

// resolve takes "them" for what is spoken of in the clause before, so that they are nobody else:
// there are ants in my kitchen, how do I get rid of them.
func (r *reading) resolve() {
	if !r.backward || !r.persons.has("they") {
		return
	}
	r.persons = slices.DeleteFunc(slices.Clone(r.persons), func(w string) bool { return w == "they" })
	r.others = slices.DeleteFunc(slices.Clone(r.others), func(w string) bool { return w == "they" })
}
