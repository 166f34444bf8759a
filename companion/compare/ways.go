package compare

import (
	"slices"
	"strings"
)

// What follows are things that are put in two ways, where only both texts together tell
// that they are the same thing.

// bothWays goes through them, in either direction.
func (l *lexicon) bothWays(a, b *reading) {
	for _, r := range [...][2]*reading{{a, b}, {b, a}} {
		l.able(r[0], r[1])
		l.hours(r[0], r[1])
		l.versus(r[0], r[1])
		l.includes(r[0])
		l.contained(r[0])
		l.effect(r[0], r[1])
		l.opening(r[0], r[1])
		l.made(r[0], r[1])
	}
	l.better(a, b)
	l.onWhich(a, b)
	l.working(a, b)
	l.working(b, a)
}

// able makes "is it refundable" a "can I get a refund", where the other text asks that.
func (l *lexicon) able(r, other *reading) {
	if !slices.Equal(r.asks, []string{"yesno"}) || !slices.Equal(other.asks, []string{"yesno"}) || len(r.modals) > 0 || !other.modals.has("can") {
		return
	}
	for i := range r.tokens {
		t := &r.tokens[i]
		if t.kind != word || t.negated {
			continue
		}
		for _, end := range [...]string{"able", "ible"} {
			base, ok := strings.CutSuffix(t.text, end)
			if !ok || len(base) < 3 {
				continue
			}
			for _, o := range other.tokens {
				if o.kind == word && (o.lemma == base || o.lemma == base+"e" || o.lemma == undouble(base)) {
					t.lemma, t.text, r.modals = o.lemma, o.lemma, r.modals.with("can")
					return
				}
			}
		}
	}
}

func undouble(w string) string {
	if n := len(w); n > 2 && w[n-1] == w[n-2] {
		return w[:n-1]
	}
	return w
}

// hours makes "how many hours" a "how long", where the other text asks that.
func (l *lexicon) hours(r, other *reading) {
	if !slices.Equal(r.asks, []string{"howmany"}) || len(r.tokens) == 0 || !slices.ContainsFunc(other.tokens, func(t token) bool { return t.free && t.text == "duration" }) {
		return
	}
	switch t := &r.tokens[0]; t.lemma {
	case "second", "minute", "hour", "day", "week", "month", "year":
		if t.mark == "" && t.ends == none && !slices.ContainsFunc(other.tokens, func(o token) bool { return o.kind == word && o.lemma == t.lemma }) {
			t.lemma, t.text, t.raw, t.free = "duration", "duration", "duration", true
			r.asks = []string{"what"}
		}
	}
}

// versus makes "X vs Y" and "compare X and Y" the difference between the two.
func (l *lexicon) versus(r, other *reading) {
	if !other.versed && !slices.ContainsFunc(other.tokens, func(t token) bool {
		return t.lemma == "difference" || t.lemma == "compare" || t.lemma == "comparison" || t.lemma == "different" || t.lemma == "distinguish"
	}) || r.versed && other.versed || slices.Contains(other.asks, "howto") || slices.ContainsFunc(r.tokens, func(t token) bool { return t.lemma == "difference" }) || r.nots > 0 {
		return
	}
	only := len(r.asks) == 0 || slices.Equal(r.asks, []string{"what"})
	how := slices.Equal(r.asks, []string{"how"})
	for i := range r.tokens {
		t := &r.tokens[i]
		if t.kind != word || t.negated {
			continue
		}
		switch {
		case t.lemma == "compare" && i == 0 && only && t.text != "compared", t.lemma == "comparison" && only, t.lemma == "compare" && how:
		case t.lemma == "different" && how && i > 0:
		case t.lemma == "distinguish" && slices.Equal(r.asks, []string{"what"}) && i == 0:
		default:
			continue
		}
		t.lemma, t.text, t.free, r.asks = "difference", "difference", true, []string{"what"}
		l.symmetric(r)
		return
	}
	if r.versed && only && len(r.tokens) > 1 {
		r.tokens = append([]token{{text: "difference", lemma: "difference", raw: "difference", free: true}}, r.tokens...)
		r.asks = []string{"what"}
		l.symmetric(r)
	}
}

// includes makes "is breakfast included in the price" a "does the price include breakfast".
func (l *lexicon) includes(r *reading) {
	for i := 1; i+1 < len(r.tokens); i++ {
		t, next := &r.tokens[i], &r.tokens[i+1]
		if t.text != "included" && t.text != "contained" || next.mark != "in" && next.mark != "with" && next.mark != "by" {
			continue
		}
		next.mark, next.under = "", ""
		t.text, t.free = t.lemma, true
		for k := i + 2; k < len(r.tokens) && r.tokens[k].mark == ""; k++ {
			r.tokens[k].under = ""
		}
		// it is told by what it has now that it has been turned round
		r.tokens[0].mark, r.tokens[0].under = "", ""
		turned := append(slices.Clone(r.tokens[i+1:]), *t)
		r.tokens = append(turned, r.tokens[:i]...)
		return
	}
}

// contained makes "what does the price include" and "what is included in the price" one.
func (l *lexicon) contained(r *reading) {
	if !slices.Equal(r.asks, []string{"what"}) || len(r.tokens) < 2 {
		return
	}
	if t, next := &r.tokens[0], &r.tokens[1]; t.text == "included" && (next.mark == "in" || next.mark == "with") {
		t.text, next.mark = t.lemma, ""
		r.tokens = append(slices.Clone(r.tokens[1:]), *t)
	}
}

// better makes "which is better, X or Y" an "is X or Y better".
func (l *lexicon) better(a, b *reading) {
	choice := func(r *reading) bool {
		return r.joins.has("or") && len(r.modals) == 0 && slices.ContainsFunc(r.tokens, func(t token) bool {
			_, more := l.without(t.text, "er")
			return t.kind == word && (t.text == "better" || t.text == "worse" || more || t.text == "more" || t.text == "less")
		})
	}
	if !choice(a) || !choice(b) {
		return
	}
	for _, r := range [...]*reading{a, b} {
		if len(r.asks) == 1 && (r.asks[0] == "which" || r.asks[0] == "yesno") {
			r.asks = []string{"what"}
		}
		for i := range r.tokens {
			if t := &r.tokens[i]; t.mark == "" && (i == 0 || i == len(r.tokens)-1) && (t.text == "better" || t.text == "worse") {
				t.free, t.joined = true, false
				if i == 0 && i+1 < len(r.tokens) && !slices.ContainsFunc(r.tokens[i+2:], func(o token) bool { return o.mark != "" }) {
					r.tokens[i+1].joined = false
				}
			}
		}
	}
}

// answers are nouns that a question may have for "when", "where" or "who".
var answers = map[string]set{
	"when": {"day", "date", "month", "year", "time", "season", "deadline", "birthday"}, "where": {"place", "location"}, "who": {"person"},
}

// onWhich makes "what is the cheapest day to fly" a "when", where the other text asks on
// which day it is.
func (l *lexicon) onWhich(a, b *reading) {
	for ask, nouns := range answers {
		for _, r := range [...][2]*reading{{a, b}, {b, a}} {
			x, y := r[0], r[1]
			if n := len(y.tokens); slices.Equal(x.asks, []string{ask}) && len(y.asks) == 0 && y.fragment && n > 1 && nouns.has(y.tokens[n-1].lemma) && y.tokens[n-1].mark == "" {
				if slices.ContainsFunc(x.tokens, func(t token) bool { return t.free && t.lemma == y.tokens[n-1].lemma }) {
					y.asks = x.asks // breakfast time
					return
				}
			}
			if !slices.Equal(x.asks, []string{ask}) || len(y.asks) != 1 || y.asks[0] != "what" && y.asks[0] != "which" {
				continue
			}
			for _, n := range nouns {
				is := func(t token) bool { return t.kind == word && t.lemma == n }
				if slices.ContainsFunc(x.tokens, is) && slices.ContainsFunc(y.tokens[:min(len(y.tokens), 3)], is) {
					y.asks = x.asks
					return
				}
			}
		}
	}
}

// working makes "how does it work" an "explain it", where the other text says that.
func (l *lexicon) working(r, other *reading) {
	if !slices.Equal(r.asks, []string{"how"}) || !other.explained || !slices.Equal(other.asks, []string{"what"}) || len(r.tokens) < 2 {
		return
	}
	if last := r.tokens[len(r.tokens)-1]; last.text == "work" && !last.negated {
		r.tokens, r.asks = r.tokens[:len(r.tokens)-1], other.asks
	}
}

var effects = set{"effect", "impact", "influence"}

// effect makes "what effect does X have on Y", "the effect of X on Y" a "how does X affect Y".
func (l *lexicon) effect(r, other *reading) {
	if !slices.Equal(other.asks, []string{"how"}) || len(r.asks) > 0 && !slices.Equal(r.asks, []string{"what"}) || len(r.tokens) < 3 || !effects.has(r.tokens[0].lemma) || r.nots > 0 {
		return
	}
	on := slices.IndexFunc(r.tokens, func(t token) bool { return t.mark == "on" || t.mark == "upon" })
	if on < 2 {
		return
	}
	has := r.tokens[on-1].lemma == "have"
	if of := r.tokens[1].mark == "of"; of == has {
		return
	}
	subject := slices.Clone(r.tokens[1:on])
	if has {
		subject = subject[:len(subject)-1]
	}
	if len(subject) == 0 {
		return
	}
	subject[0].mark, r.tokens[on].mark = "", ""
	for _, part := range [...][]token{subject, r.tokens[on:]} {
		for i := range part {
			if part[i].mark != "" {
				break
			}
			part[i].under = ""
		}
	}
	verb := token{text: "affect", lemma: "affect", raw: "affect"}
	r.tokens, r.asks = append(append(subject, verb), r.tokens[on:]...), []string{"how"}
}

// opening makes "what are the opening hours" a "when is it open".
func (l *lexicon) opening(r, other *reading) {
	if !slices.Equal(other.asks, []string{"when"}) || len(r.asks) > 0 && !slices.Equal(r.asks, []string{"what"}) {
		return
	}
	for i := range r.tokens {
		t := &r.tokens[i]
		switch {
		case t.lemma == "opening hour" || t.lemma == "opening time" || t.lemma == "business hour" || t.lemma == "open hour":
		case t.text == "opening" && i+1 < len(r.tokens) && (r.tokens[i+1].lemma == "hour" || r.tokens[i+1].lemma == "time") && t.ends == none:
			t.ends = r.tokens[i+1].ends
			r.tokens = slices.Delete(r.tokens, i+1, i+2)
		default:
			continue
		}
		t = &r.tokens[i]
		t.lemma, t.text, t.raw, t.free, t.parts, r.asks = "open", "open", "open", true, nil, []string{"when"}
		return
	}
}

// makings are what is asked of in the passive as well: how is it made, how do I make it.
var makings = set{"make", "cook", "prepare", "bake", "calculate", "compute", "spell", "pronounce", "build", "create", "form", "write", "use", "prove", "install", "configure", "conjugate", "measure", "treat", "solve", "brew", "play", "clean"}

// made makes "how is it made" a "how do I make it", where the other text asks that.
func (l *lexicon) made(r, other *reading) {
	if !slices.Equal(r.asks, []string{"how"}) || !slices.Equal(other.asks, []string{"howto"}) || len(r.persons) > 0 || r.tenses.has("past") || r.tenses.has("perfect") {
		return
	}
	modal := slices.Equal(r.modals, set{"can"}) || slices.Equal(r.modals, set{"should"})
	if slices.ContainsFunc(r.tokens, func(t token) bool { return t.passive && (modal || makings.has(t.lemma)) }) && !slices.ContainsFunc(r.tokens, func(t token) bool { return t.mark == "by" }) {
		r.asks, r.tenses, r.modals = other.asks, nil, nil
	}
}
