package compare

import (
	"slices"
	"strings"
)

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
		case "not work", "broken", "break", "fail", "crash", "down", "freeze", "stop", "stop work", "error", "exit", "hang", "disappear", "leak", "slow", "stick", "stuck", "decline", "reject", "missing", "lose", "die", "quit":
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
