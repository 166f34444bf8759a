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
		if strings.HasSuffix(x.text, "ing") != strings.HasSuffix(y.text, "ing") && x.lemma == y.lemma && (perfectOf(a, b) || perfectOf(b, a)) {
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
	if len(a.clauses) > 0 && len(b.clauses) > 0 && !slices.Equal(a.clauses, b.clauses) {
		return Verdict{Reason: printable("unexplained: " + pairOf(strings.Join(a.clauses, "+"), strings.Join(b.clauses, "+")))}, true
	}
	if !slices.Equal(a.joins, b.joins) {
		return unexplained("and / or"), true
	}
	return Verdict{}, false
}

// anyone takes "can you eat it raw" for whether one can, beside a text that asks that. With
// "my" or "me" in it, it is asked of the assistant.
func anyone(r, other *reading) *reading {
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
