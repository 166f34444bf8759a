package compare

import (
	"slices"
	"strings"
)

// harmless takes out of what was left over the words that the other text says without
// them.
func (l *lexicon) harmless(p *pairing, left, right []token) (restLeft, restRight []token, notes set) {
	lightLeft, lightRight := l.lights(left), l.lights(right)
	drop := func(t token, others []token, lights bool) bool {
		switch {
		case t.kind == number && t.soft:
			return true
		case t.text == "too" && t.ends != none && len(others) == 0:
			return true
		case t.text == "still" && p.denied:
			return true
		case t.negated || !weak(t.mark):
			return false
		case t.kind != word:
			return false
		case t.lemma == "happen" && slices.ContainsFunc(append(slices.Clone(p.a), p.b...), func(o token) bool { return o.clause != "" }):
			return false // what happens if I do it, how I do it
		case lights && l.light[t.lemma] && t.mark != "in":
			return true
		case t.text == "all" && !slices.ContainsFunc(p.a, counted) && !slices.ContainsFunc(p.b, counted) && len(others) == 0 && p.listed && !p.some && !p.notes.has("form"):
			return true
		case t.text == "all" && len(others) == 0 && !p.some && p.shows():
			return true // list all files
		case p.site && (t.lemma == "website" || t.lemma == "site" || t.lemma == "shop" || t.lemma == "store" || t.lemma == "company" || t.lemma == "platform" || t.lemma == "service") && t.mark != "" && t.mark != "to" && len(others) == 0:
			return true // yours, where else
		case t.lemma == "cost" && slices.ContainsFunc(p.a, priced) && slices.ContainsFunc(p.b, priced):
			return true // flights under 50 euros are flights that cost less
		case t.free && (t.text == "price" || t.text == "height") && (slices.ContainsFunc(p.a, amount) || slices.ContainsFunc(p.b, amount)):
			return true // how much is the fee
		case t.text == "right" && t.article && len(others) == 0 && (slices.ContainsFunc(p.a, chosen) || slices.ContainsFunc(p.b, chosen)):
			return true // the right dose is the dose
		case len(others) == 0 && !t.name && p.repeated(t):
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
		case set{"eat", "drink", "take", "use", "consume"}.has(t.lemma) && t.text == t.lemma && len(others) == 0 && p.yesno && (p.has("safe") || p.has("healthy") || p.has("unhealthy") || p.has("harmful")):
			return true // is it safe to eat
		case (set{"mount", "mt", "river", "lake", "planet"}).has(t.text) && len(others) == 0 && p.beforeName(t):
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
