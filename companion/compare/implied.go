package compare

import (
	"slices"
	"strings"
)

// What a text may say that the other says without it, each told by what stands beside it.

// errors are what a quotation, a number or an identifier is said to be.
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

// shows tells that both texts ask for things to be listed, of which all are meant.
func (p *pairing) shows() bool {
	verbs := set{"list", "show", "print", "display", "count"}
	return len(p.a) > 0 && len(p.b) > 0 && slices.ContainsFunc(p.a[:min(2, len(p.a))], func(t token) bool { return verbs.has(t.lemma) }) && slices.ContainsFunc(p.b[:min(2, len(p.b))], func(t token) bool { return verbs.has(t.lemma) })
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
	for n, side := range [...][]token{p.a, p.b} {
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
			paired := n == 0 && p.to[i] >= 0 || n == 1 && p.taken[i]
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
