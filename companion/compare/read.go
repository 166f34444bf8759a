package compare

import "slices"

// reading is what a text says, without how it is put.
type reading struct {
	tokens  []token  // what has to be found in the other text, in order
	asks    []string // what is asked, sorted: howto, what, why, …
	modals  set      // can, must, should
	tenses  set      // past, present, future, perfect
	persons set      // i, you, he, she, they
	clauses set      // if, unless, because, …
	joins   set      // and, or
	objects set      // pronouns that are the object: me, him
	// fragment tells search terms: a text without a small word.
	fragment bool
	// helpers is how many helping verbs there are, and pasts how many of them are past.
	helpers, pasts int
	some           bool   // some of a number are asked for
	stranded       string // a preposition at the end, away from its word
	// canYou tells that "can you" was taken for a politeness. It may be the question.
	canYou bool
	// explained tells that an explanation is asked for.
	explained bool
	nots      int // negations, and how many of them can be said in more than one place
	afloat    int
	notes     set
}

// set is a few words.
type set []string

func (s set) with(w string) set {
	if slices.Contains(s, w) {
		return s
	}
	s = append(s, w)
	slices.Sort(s)
	return s
}

func (s set) has(w string) bool { return slices.Contains(s, w) }

func (r *reading) note(w string) { r.notes = r.notes.with(w) }

func (r *reading) ask(w string) { r.asks = set(r.asks).with(w) }

// tense notes what a helping verb says of the time.
func (r *reading) tense(w string) {
	switch w {
	case "was", "were", "did", "had":
		r.pasts, r.helpers = r.pasts+1, r.helpers+1
	case "is", "are", "am", "do", "does", "has", "will":
		r.helpers++
	}
	switch w {
	case "is", "are", "am", "do", "does":
		r.tenses = r.tenses.with("present")
	case "was", "were", "did", "had":
		r.tenses = r.tenses.with("past")
	case "being":
		r.tenses = r.tenses.with("progress")
	case "will", "shall":
		r.tenses = r.tenses.with("future")
	case "has":
		r.tenses = r.tenses.with("perfect")
	}
}

// read takes the words of two texts to what they say.
func (l *lexicon) read(a, b []token) (*reading, *reading) {
	ra, rb := &reading{}, &reading{}
	a, b = l.phrased(a, ra), l.phrased(b, rb)
	a, b = l.apartAgain(a, b), l.apartAgain(b, a)
	l.meaning(a, ra)
	l.meaning(b, rb)
	for _, r := range [...]*reading{ra, rb} {
		l.mend(r)
		l.allowed(r)
		l.ages(r)
		l.instead(r)
		l.needs(r)
		l.convert(r)
		l.symmetric(r)
		l.translation(r)
	}
	l.generative(ra, rb)
	ra.rename()
	rb.rename()
	return ra, rb
}

func (l *lexicon) phrased(in []token, r *reading) []token {
	in = l.unframe(in, r)
	for _, t := range in {
		if t.kind == word {
			r.person(t.text)
		}
	}
	in = l.separated(l.phrase(in))
	for _, t := range in {
		for _, part := range t.parts {
			r.tense(part.text)
		}
	}
	return in
}

// whole tells that a phrase is one to the other text as well: it has the phrase, another
// for it, or one that is apart from it. Not where it has the first word by itself, as in
// "debit and credit cards" beside "debit cards and credit cards".
func (l *lexicon) whole(t *token, other []token) bool {
	for i := range other {
		if l.same(t, &other[i]) != different {
			return true
		}
	}
	for i := range other {
		if other[i].lemma == t.parts[0].lemma && len(other[i].parts) == 0 {
			return false
		}
	}
	return slices.ContainsFunc(other, func(o token) bool { return l.parted(t.lemma, o.lemma) != "" })
}

// apartAgain takes a phrase apart for which the other text has none: "reset password"
// beside "reset my Outlook password".
func (l *lexicon) apartAgain(in, other []token) []token {
	out := make([]token, 0, len(in)+4)
	for _, t := range in {
		if len(t.parts) == 0 || prepositions[t.text] || l.whole(&t, other) {
			out = append(out, t)
			continue
		}
		out = append(out, t.parts...)
		out[len(out)-1].ends = t.ends
	}
	return out
}

func (r *reading) person(w string) {
	switch w {
	case "i", "me", "my", "mine", "we", "us", "our", "ours", "myself":
		r.persons = r.persons.with("i")
	case "you", "your", "yours", "yourself":
		r.persons = r.persons.with("you")
	case "he", "him", "his", "himself":
		r.persons = r.persons.with("he")
	case "she", "her", "hers", "herself":
		r.persons = r.persons.with("she")
	case "they", "them", "their", "theirs", "themselves":
		r.persons = r.persons.with("they")
	}
	switch w {
	case "me", "us":
		r.objects = r.objects.with("me")
	case "i", "we":
		r.objects = r.objects.with("i")
	}
}

// phrase makes the phrases that the tables have one token each, whatever article is in them.
func (l *lexicon) phrase(in []token) []token {
	out := make([]token, 0, len(in))
	for i := 0; i < len(in); i++ {
		last, key := -1, ""
		t := l.phrases
		for j := i; j < len(in); j++ {
			if in[j].kind != word && in[j].kind != number || in[j].unit != "" && in[j].kind == number {
				break
			}
			if j > i && determiners[in[j].text] {
				continue
			}
			if t = t.next[in[j].lemma]; t == nil {
				break
			}
			if t.ends && j > i {
				last, key = j, t.value
			}
			if in[j].ends != none {
				break
			}
		}
		if last < 0 {
			out = append(out, in[i])
			continue
		}
		out = append(out, token{text: key, lemma: key, raw: in[i].raw, ends: in[last].ends, name: in[i].name, parts: slices.Clone(in[i : last+1])})
		i = last
	}
	return out
}

// separated joins a verb with the particle that its object is before: turn the light off.
func (l *lexicon) separated(in []token) []token {
	for i := 0; i < len(in); i++ {
		if in[i].kind != word || !l.isVerb(in[i].lemma) {
			continue
		}
		for j := i + 1; j < len(in) && j <= i+5 && in[j-1].ends == none; j++ {
			switch in[j].text {
			case "off", "up", "down", "out", "back", "away", "in", "on", "over":
			default:
				continue
			}
			closed := in[j].ends != none || j == len(in)-1
			if !closed && (in[j].text == "in" || in[j].text == "on" || in[j].text == "over" || !prepositions[in[j+1].text] && !conjunctions[in[j+1].text]) {
				continue
			}
			key := in[i].lemma + " " + in[j].text
			if l.classes[key] == nil && l.apart[key] == nil {
				continue
			}
			in[i].parts = []token{in[i], in[j]}
			in[i].text, in[i].lemma = key, key
			in[j-1].ends = max(in[j-1].ends, in[j].ends)
			in = slices.Delete(in, j, j+1)
			break
		}
	}
	return in
}
