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
		case t.negated || !weak(t.mark):
			return false
		case t.kind != word:
			return false
		case lights && l.light[t.lemma]:
			return true
		case t.text == "all" && !slices.ContainsFunc(p.a, counted) && !slices.ContainsFunc(p.b, counted) && len(others) == 0 && p.listed && !p.some && !p.notes.has("form"):
			return true
		case p.site && (t.lemma == "website" || t.lemma == "site" || t.lemma == "shop" || t.lemma == "store" || t.lemma == "company" || t.lemma == "platform" || t.lemma == "service") && t.mark != "" && t.mark != "to" && len(others) == 0:
			return true // yours, where else
		case t.lemma == "cost" && slices.ContainsFunc(p.a, priced) && slices.ContainsFunc(p.b, priced):
			return true // flights under 50 euros are flights that cost less
		case t.free && t.text == "price" && (slices.ContainsFunc(p.a, amount) || slices.ContainsFunc(p.b, amount)):
			return true // how much is the fee
		case t.text == "right" && t.article && len(others) == 0 && (slices.ContainsFunc(p.a, chosen) || slices.ContainsFunc(p.b, chosen)):
			return true // the right dose is the dose
		case p.repeated(t):
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

func amount(t token) bool {
	switch t.lemma {
	case "wage", "minimum wage", "fee", "rent", "fine", "deposit", "salary", "rate", "tax", "cost", "charge", "price", "fare", "bill", "balance", "budget", "allowance", "income", "debt", "pension":
		return true
	}
	return false
}

// chosen tells a thing of which there is a right one and no left one.
func chosen(t token) bool {
	switch t.lemma {
	case "dose", "dosage", "way", "time", "amount", "size", "temperature", "order", "answer", "tool", "format", "setting", "choice", "moment", "spelling", "word", "term", "form", "department", "quantity", "price", "procedure":
		return true
	}
	return false
}

func counted(t token) bool { return t.kind == number }

func priced(t token) bool {
	return t.kind == number && (isCurrencyCode(t.unit) || t.unit == "pound")
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
