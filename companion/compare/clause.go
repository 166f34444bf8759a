package compare

import (
	"slices"
	"strings"
)

// A clause that a conjunction begins says on what condition, when or why the other is so, on
// either side of it: "when it rains, the match is cancelled" is "the match is cancelled when it
// rains", and not "when the match is cancelled, it rains". So it is put behind the other before
// a text is read, and what is in it is compared with what is in it.

// conjoint is a way to begin such a clause: its words, and the one conjunction that they are.
type conjoint struct {
	words []string
	is    string
}

var conjoints = func() map[string][]conjoint {
	m := map[string][]conjoint{}
	for is, ways := range map[string][]string{
		"if":         {"if", "provided", "provided that", "assuming", "assuming that", "in the event that", "supposing"},
		"when":       {"when", "whenever", "every time", "each time", "any time", "as soon as", "the moment", "once"},
		"because":    {"because", "as a result of the fact that", "due to the fact that"},
		"unless":     {"unless"},
		"although":   {"although", "though", "even though", "despite the fact that"},
		"while":      {"while", "whilst"},
		"whereas":    {"whereas"},
		"where":      {"where", "wherever"},
		"as long as": {"as long as", "so long as"},
		"in case":    {"in case"},
		"so that":    {"so that"},
		"since":      {"since"},
		"before":     {"before"},
		"after":      {"after"},
		"until":      {"until", "till"},
		"to":         {"in order to"},
		"whoever":    {"whoever"}, "whatever": {"whatever"}, "whichever": {"whichever"},
		"by": {"by the time"},
	} {
		for _, way := range ways {
			words := strings.Fields(way)
			m[words[0]] = append(m[words[0]], conjoint{words, is})
		}
	}
	for first := range m { // the longest first
		slices.SortFunc(m[first], func(x, y conjoint) int { return len(y.words) - len(x.words) })
	}
	return m
}()

// begins tells how many of the tokens are the conjunction of a clause, and which one it is.
func (l *lexicon) begins(in []token) (is string, n int) {
	if len(in) == 0 || in[0].kind != word {
		return "", 0
	}
	for _, c := range conjoints[in[0].text] {
		if len(in) <= len(c.words) {
			continue
		}
		fits := true
		for i, w := range c.words {
			fits = fits && in[i].kind == word && in[i].text == w && in[i].ends == none
		}
		next := &in[len(c.words)]
		if !fits || next.kind == word && helpers[next.text] && questions[c.is] || (set{"to", "of", "possible"}).has(next.text) || questions[c.is] && prepositions[next.text] {
			continue // "when is it", "where to", "because of", "as soon as possible"
		}
		return c.is, len(c.words)
	}
	return "", 0
}

// purpose tells a first clause that says what for, if another follows that says what is done: "so
// I can sleep I take pills", "to stay awake I drink coffee".
func (l *lexicon) purpose(in []token) (is string, n int) {
	if len(in) < 4 || in[0].kind != word || in[0].ends != none || in[1].kind != word {
		return "", 0
	}
	switch next := in[1].text; {
	case in[0].text == "so" && (subjects.has(next) && helpers[in[2].text] || determiners[next]):
		return "so that", 1
	case in[0].text == "to" && l.isVerb(next) && !l.framed(in[:1]):
		return "to", 1
	}
	return "", 0
}

// states tells a clause that begins with who does something, as no question does.
func states(in []token) bool {
	return len(in) > 1 && in[0].kind == word && (subjects.has(in[0].text) || determiners[in[0].text])
}

// subordinate puts the clauses that come first behind the others, sentence by sentence. Unsplit
// tells that there is one of which it could not be seen where it ends.
func (l *lexicon) subordinate(in []token) (out []token, unsplit bool) {
	out = make([]token, 0, len(in))
	for len(in) > 0 {
		n := 0
		for n < len(in)-1 && in[n].ends != stop {
			n++
		}
		sentence, ok := l.turned(in[:n+1])
		out, in, unsplit = append(out, sentence...), in[n+1:], unsplit || !ok
	}
	return out, unsplit
}

// turned is one sentence with its first clause, where a conjunction begins it, behind the rest.
func (l *lexicon) turned(in []token) (out []token, ok bool) {
	if to := l.correlative(in); to > 0 {
		return l.joinClauses(slices.Clone(in[to:]), in[:to], "the more", 0), true
	}
	for from := 0; from < len(in)-1 && from < 8; from++ {
		if from > 0 && (in[from-1].ends != comma || !l.framed(in[:from])) {
			continue
		}
		is, n := l.begins(in[from:])
		who := from + n
		if n == 0 {
			if is, n = l.purpose(in[from:]); n == 0 {
				continue
			}
			if who = from + n; is == "to" {
				who = from // nobody is named
			}
			if to, _ := l.mainClause(in, who); to == 0 || !states(in[to:]) {
				continue
			}
		}
		to, skip := l.mainClause(in, who)
		if to == 0 && n > 1 {
			conjunction := in[from]
			if conjunction.text = is; is == "when" {
				conjunction.text = "if" // "as soon as" is no question
			}
			return slices.Concat(in[:from], []token{conjunction}, in[from+n:]), false
		} else if to == 0 {
			return in, false
		}
		first, rest := in[from:to], in[to+skip:]
		if len(rest) == 0 || l.asksBack(rest) {
			return in, true
		}
		return l.joinClauses(append(slices.Clone(in[:from]), rest...), first, is, n), true
	}
	return echoed(l.consequence(in)), true
}

// correlative gives where the second clause of "the more I run, the less I eat" begins.
func (l *lexicon) correlative(in []token) int {
	more := func(i int) bool {
		if i+1 >= len(in) || in[i].text != "the" {
			return false
		}
		_, er := l.without(in[i+1].text, "er")
		return er || (set{"more", "less", "better", "worse", "fewer"}).has(in[i+1].text)
	}
	if !more(0) {
		return 0
	}
	for i := 3; i < len(in); i++ {
		if in[i-1].ends == comma && more(i) {
			return i
		}
	}
	return 0
}

// framed tells that the words only say how something is asked: "is it true that,".
func (l *lexicon) framed(in []token) bool {
	for len(in) > 0 {
		_, n := l.frames.prefix.longest(in)
		if n == 0 {
			return false
		}
		in = in[n:]
	}
	return true
}

// mainClause finds where the clause ends that began before from: behind a comma, before "then",
// before a question, or where somebody begins to do something else. Skip is a "then" that is
// left out.
func (l *lexicon) mainClause(in []token, from int) (to, skip int) {
	verb := false
	for i := from + 1; i < len(in); i++ {
		t, before := &in[i], &in[i-1]
		if before.ends == comma {
			if t.kind == word && (t.text == "and" || t.text == "or") {
				continue
			}
			if t.text == "then" && i+1 < len(in) {
				return i, 1
			}
			return i, 0
		}
		if t.kind != word {
			continue
		}
		if t.text == "then" && i+1 < len(in) && !(set{"since", "until", "by", "and", "before", "from"}).has(before.text) {
			return i, 1
		}
		verb = verb || helpers[before.text] && i-1 >= from || i-1 > from && l.isVerb(l.lemma(before.text))
		if !verb || i+1 >= len(in) {
			continue
		}
		next := &in[i+1]
		switch {
		case questions[t.text] && helpers[next.text] && !prepositions[before.text]:
			return i, 0
		case helpers[t.text] && (subjects.has(next.text) || determiners[next.text]) && !subjects.has(before.text) && !prepositions[before.text]:
			return i, 0 // do I, can my
		case subjects.has(t.text) && !helpers[before.text] && !prepositions[before.text] && !conjunctions[before.text] && (helpers[next.text] || l.isVerb(l.lemma(next.text))):
			return i, 0 // it rains
		case determiners[t.text] && i+2 < len(in) && (set{"is", "are", "was", "were", "will", "has"}).has(in[i+2].text) && !helpers[before.text] && !prepositions[before.text] && !conjunctions[before.text]:
			return i, 0 // the match is
		}
	}
	return 0, 0
}

var subjects = set{"i", "you", "he", "she", "we", "they", "it", "there"}

// asksBack tells that what follows the clause only asks about it: "what now?".
func (l *lexicon) asksBack(rest []token) bool {
	if _, n := l.frames.back.longest(rest); n == len(rest) {
		return true
	}
	if _, n := l.frames.suffix.longest(rest); n == len(rest) {
		return true
	}
	return false
}

// joinClauses puts a clause behind another, as it would be without a comma.
func (l *lexicon) joinClauses(main, sub []token, is string, n int) []token {
	ends := main[len(main)-1].ends
	main[len(main)-1].ends = none
	conjunction := sub[0]
	conjunction.text, conjunction.lemma, conjunction.ends, conjunction.opens = is, is, none, is != "since" && is != "where"
	out := append(append(main, conjunction), sub[n:]...)
	out[len(out)-1].ends = ends
	return out
}

// consequence makes "it rained, so we left" a "we left because it rained", and takes the comma
// off before a clause that comes last.
func (l *lexicon) consequence(in []token) []token {
	for i := 1; i+1 < len(in); i++ {
		before, t, next := &in[i-1], &in[i], &in[i+1]
		if t.kind != word {
			continue
		}
		if t.text == "so" && i+2 < len(in) && subjects.has(next.text) && helpers[in[i+2].text] && !helpers[before.text] && i > 1 {
			return l.joinClauses(slices.Clone(in[:i]), slices.Clone(in[i:]), "so that", 1) // so I can
		}
		if t.text == "so" && next.kind == word && (subjects.has(next.text) || determiners[next.text] || before.ends == comma) && next.text != "that" && !helpers[before.text] && !helpers[next.text] && !questions[next.text] && before.text != "and" && i > 1 && !l.asksBack(in[i+1:]) {
			main := slices.Clone(in[i+1:])
			return l.joinClauses(main, append([]token{*t}, in[:i]...), "because", 1)
		}
		is, n := l.begins(in[i:])
		if n == 0 || before.ends == none && is == t.text {
			continue
		}
		if last := slices.IndexFunc(in[i:len(in)-1], func(t token) bool { return t.ends != none }); last >= 0 && before.ends != none {
			continue // between two others
		}
		return l.joinClauses(slices.Clone(in[:i]), slices.Clone(in[i:]), is, n)
	}
	return in
}
