package compare

import (
	"slices"
	"strings"
)

// reading is what a text says, without how it is put.
type reading struct {
	tokens  []token  // what has to be found in the other text, in order
	asks    []string // what is asked, sorted: howto, what, why, …
	modals  set      // can, must, should
	tenses  set      // past, present, future, perfect
	persons set      // i, you, he, she, they
	others  []string // of these all but you, and we beside i, in the order of the text, each as often as the one before is another
	clauses set      // if, unless, because, …
	joins   set      // and, or
	objects set      // pronouns that are the object: me, him
	// fragment tells search terms: a text without a small word.
	fragment bool
	// helpers is how many helping verbs there are, and pasts how many of them are past.
	helpers, pasts int
	some           bool   // some of a number are asked for
	stranded       string // a preposition at the end, away from its word
	prepositions   set    // all that the text has
	// canYou tells that "can you" was taken for a politeness. It may be the question.
	canYou bool
	// doYou tells "do you", which is asked of a shop or an office.
	doYou bool
	// wish tells "I want to", which asks how unless something else is asked.
	wish bool
	// way tells "is there a way to", which asks whether one can as well as how.
	way bool
	// mended tells "how do I fix it?", behind what is wrong.
	mended bool
	// mends tells that a "fix" was taken away, mendIt that it was an order: fix the bug.
	mends, mendIt bool
	// any tells "are there any", which asks whether there are as well as which.
	any bool
	// endless tells that it begins with a clause of which it is not seen where it ends.
	endless bool
	// backward tells a "them" behind a clause that has things of which there are more.
	backward bool
	// told tells a text that says what has happened before it asks.
	told bool
	// permitted tells that "can" is said as allowed.
	permitted bool
	// generic tells "do they", of people in general.
	generic bool
	// versed tells that two things are put as "X vs Y".
	versed bool
	// explained tells that an explanation is asked for.
	explained bool
	// defined tells that it is asked what a word means: that word is taken by the letter.
	defined   bool
	suggested bool // and this a suggestion
	nots      int  // negations, and how many of them can be said in more than one place
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
	l.rewritten(ra, rb)
	l.generative(ra, rb)
	l.bothWays(ra, rb)
	l.forms(ra, rb)
	ra.rename()
	rb.rename()
	return ra, rb
}

func (l *lexicon) phrased(in []token, r *reading) []token {
	in = l.unidle(in)
	for _, t := range in {
		if prepositions[t.text] {
			r.prepositions = r.prepositions.with(t.text)
		}
	}
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
		if o := &other[i]; o.lemma == t.lemma && len(o.parts) == len(t.parts) {
			x, y := &t.parts[len(t.parts)-1], &o.parts[len(o.parts)-1]
			if x.text != y.text && l.participle(x) != l.participle(y) {
				return false // account hacked, account hack
			}
		}
	}
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
	var out []token
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
	who := ""
	switch w {
	case "i", "me", "my", "mine", "we", "us", "our", "ours", "myself":
		who = "i"
	case "you", "your", "yours", "yourself":
		r.persons = r.persons.with("you")
	case "he", "him", "his", "himself":
		who = "he"
	case "she", "her", "hers", "herself":
		who = "she"
	case "they", "them", "their", "theirs", "themselves":
		who = "they"
	}
	if who != "" {
		r.persons = r.persons.with(who)
		switch w {
		case "we", "us", "our", "ours":
			who = "we"
		}
		if n := len(r.others); n == 0 || r.others[n-1] != who {
			r.others = append(r.others, who)
		}
	}
	switch w {
	case "me", "us":
		r.objects = r.objects.with("me")
	case "i", "we":
		r.objects = r.objects.with("i")
	}
}

var determiners = map[string]bool{
	"a": true, "an": true, "the": true, "my": true, "your": true, "our": true, "his": true, "her": true, "their": true, "its": true, "some": true, "any": true,
}

// phrase makes the phrases that the tables have one token each, whatever article is in them.
func (l *lexicon) phrase(in []token) []token {
	out := in[:0:0]
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
		out = append(out, token{text: key, lemma: key, raw: in[i].raw, ends: in[last].ends, name: in[i].name, been: in[i].been, parts: slices.Clone(in[i : last+1])})
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

var conjunctions = map[string]bool{"and": true, "or": true, "but": true, "if": true, "when": true, "while": true, "because": true, "so": true, "that": true, "which": true, "who": true}

var prepositions = map[string]bool{
	"of": true, "'s": true, "in": true, "on": true, "at": true, "for": true, "to": true, "from": true, "with": true, "without": true, "by": true, "about": true,
	"into": true, "onto": true, "before": true, "after": true, "during": true, "until": true, "till": true, "since": true, "over": true, "under": true, "above": true, "below": true,
	"between": true, "among": true, "than": true, "as": true, "per": true, "via": true, "through": true, "using": true, "against": true, "within": true, "inside": true, "outside": true,
	"near": true, "across": true, "around": true, "behind": true, "beyond": true, "except": true, "off": true, "out": true, "up": true, "down": true, "towards": true, "toward": true, "upon": true,
	"regarding": true, "concerning": true, "despite": true, "along": true, "beside": true, "besides": true, "past": true, "like": false,
	"close to": true, "next to": true, "instead of": true, "in place of": true, "rather than": true, "because of": true, "due to": true, "owing to": true, "apart from": true,
	"except for": true, "other than": true, "at least": true, "at most": true, "more than": true, "less than": true, "up to": true, "no more than": true, "no less than": true,
	"fewer": false, "greater than": true, "by means of": true, "not using": true, "excluding": true, "lacking": true, "out of": true, "prior to": true, "ahead of": true, "in front of": true, "on top of": true,
}

// meaning leaves the words that have to be found in the other text, and notes what the
// small ones say.
func (l *lexicon) meaning(in []token, r *reading) {
	mark, negated, joined, article := "", false, false, false
	conj, then, after, helped := false, false, false, false
	someone, said := false, false
	be := false // it may be the passive
	under, clause, open := "", "", false
	plain, part, given := true, 0, false
	defer func() { r.fragment = plain && len(r.asks) == 0 && len(r.persons) == 0 }()
	for i, t := range in {
		next := ""
		if i+1 < len(in) {
			next = in[i+1].text
		}
		w := t.text
		if be = be || t.been; t.kind == word && (beForms.has(w) || helpers[w] || conjunctions[w]) {
			be = beForms.has(w)
		}
		if t.kind == symbol && w == "-" && !arithmetic(in, i) {
			continue
		}
		if t.kind == word {
			r.some = r.some || w == "some"
			if t.opens && !prepositions[w] {
				if w == "if" || w == "while" || w == "whereas" {
					w = "when"
				}
				r.clauses = r.clauses.with(w)
				mark, under, clause, open = "", "", w, true
				part++
				continue
			}
			if i > 0 && i+1 < len(in) && l.saidOf(in, i) {
				continue
			}
			switch w {
			case "a", "an", "the", "my", "your", "our", "his", "her", "their", "some", "any", "i", "me", "we", "us", "you", "he", "she", "him", "they", "them", "myself", "yourself", "that", "those", "these":
				if (w == "a" || w == "i") && (t.ends != none || next == "") && i > 0 {
					break // the letter
				}
				plain = false
				if w == "them" && part > 0 && slices.ContainsFunc(r.tokens, func(t token) bool {
					return t.part < part && t.kind == word && !t.name && t.text != t.lemma && strings.HasPrefix(l.parts(t.lemma), "n")
				}) {
					r.backward = true
				}
				someone = someone || subjects.has(w)
				article = determiners[w]
				r.generic = r.generic || w == "they" && i > 0 && (in[i-1].text == "do" || in[i-1].text == "did")
				if w == "that" || w == "those" {
					mark = ""
				}
				continue
			case "this":
				if !timeNoun[next] && weekdayOf(next) == "" {
					given = true
					continue
				}
			case "following", "below":
				given = given || w == "following"
				if !timeNoun[next] && weekdayOf(next) == "" && !(w == "below" && next != "") {
					continue // the text that is given
				}
			case "is", "are", "was", "were", "be", "been", "being", "do", "does", "did", "has", "had", "will", "would", "shall", "am":
				plain, helped = false, true
				if i > 0 && relatives.has(in[i-1].text) && len(r.tokens) > 0 {
					helped, said = false, beForms.has(w)
				}
				r.tense(w)
				if mark == "" && !relatives.has(before(in, i)) {
					under = "" // where in Rome do I
				}
				continue
			case "have":
				if next == "to" {
					r.modals = r.modals.with("must")
					continue
				}
				if i+1 < len(in) && (strings.HasSuffix(next, "ed") || next == "been" || next == "not" || l.irregular[next] != "") {
					r.tenses = r.tenses.with("perfect")
					continue
				}
				r.tenses = r.tenses.with("present")
			case "need":
				if next == "to" {
					r.modals = r.modals.with("must")
					continue
				}
			case "can", "could", "may", "might", "able":
				if r.modals, helped = r.modals.with("can"), true; mark == "" {
					under = ""
				}
				continue
			case "unable", "can not", "not able": // as phrases of the tables
				r.modals = r.modals.with("can")
				r.nots++
				r.afloat++
				negated = true
				continue
			case "must":
				r.modals = r.modals.with("must")
				continue
			case "should", "ought":
				r.modals = r.modals.with("should")
				continue
			case "going":
				if next == "to" {
					r.tenses = r.tenses.with("future")
					continue
				}
			case "used":
				if next == "to" && i > 0 && !l.isNominal(in[i-1].text) {
					r.tenses = r.tenses.with("past")
					continue
				}
			case "not", "never", "no":
				r.nots++
				if t.soft {
					r.afloat++
				}
				negated = true
				continue
			case "and", "or", "plus", "vs", "versus", "but", "&":
				if w == "or" {
					r.joins = r.joins.with("or")
				}
				r.versed = r.versed || w == "vs" || w == "versus"
				if w == "plus" {
					break
				}
				joined, conj = true, true
				continue
			case "then", "afterwards", "afterward":
				if len(r.tokens) > 0 && len(r.clauses) == 0 {
					joined, conj, then = true, true, true
				}
			case "if", "whether", "unless", "because", "although", "while", "whereas", "when", "once", "since":
				if w != "since" || i+1 < len(in) && (in[i+1].text == "i" || in[i+1].text == "the" || in[i+1].text == "my") {
					when := w
					if w == "since" && slices.Equal(r.asks, []string{"yesno"}) {
						when = "when"
					}
					switch w {
					case "if", "while", "once", "whereas":
						when = "when"
					}
					if w != "whether" {
						r.clauses = r.clauses.with(when)
					}
					mark, under, clause = "", "", w
					part++
					continue
				}
			case "to":
				if !l.direction(in, i) {
					after = true
					if i > 0 && !against.has(mark) {
						mark = ""
					}
					continue
				}
			}
			if w == "from" && next != "" && strings.HasSuffix(next, "ing") && l.isVerb(l.lemma(next)) {
				continue // stop it from running
			}
			// it keeps failing; but to keep running is not to run
			if (w == "keep" && slices.Contains(r.asks, "why") || w == "keeps" || w == "kept") && strings.HasSuffix(next, "ing") {
				continue
			}
			if prepositions[w] && !particle(w, next) && !(w == "down" && i > 0 && set{"is", "been", "was", "are"}.has(in[i-1].text)) {
				plain = false
				if against.has(mark) {
					continue // in cash rather than by card
				}
				if w == "of" && mark != "" && mark != "out" {
					continue // inside of, outside of
				}
				if mark == "without" && w == "using" {
					continue
				}
				if mark == "without" || mark == "except" {
					mark += " " + w
				} else if mark != "" && (mark == "out" || mark == "up" || mark == "off") {
					mark += " " + w
				} else {
					mark = w
				}
				if w == "'s" {
					// it marks the word before
					mark = ""
					if n := len(r.tokens); n > 0 {
						r.tokens[n-1].owner = true
						if r.tokens[n-1].mark == "" {
							r.tokens[n-1].mark = "'s"
						}
					}
				}
				continue
			}
			if l.dropped[w] && !(w == "given" && i > 0 && helpers[in[i-1].text]) && !(verbsToo.has(w) && (i == 0 || !determiners[in[i-1].text] && !beForms.has(in[i-1].text))) {
				continue
			}
		}
		if t.kind == symbol && w == "&" {
			joined, conj = true, true
			continue
		}
		if mark != "" {
			under = mark
		}
		t.under, t.clause, t.part, t.article, t.given = under, clause, part, article, given
		article, given = false, false
		if t.ends != none {
			if under = ""; !open || t.ends == stop {
				clause, open = "", false
			}
			part++
		}
		if t.kind == word && l.pastForm(w) && !(i == 0 && len(r.asks) > 0 && r.tenses.has("present") || i > 0 && passives.has(in[i-1].text) || i > 1 && passives.has(in[i-2].text) && (in[i-1].text == "not" || strings.HasSuffix(in[i-1].text, "ly"))) {
			r.tenses = r.tenses.with("past")
		}
		if t.kind == number && t.text == "2" && t.unit == "" && (mark == "between" || len(r.tokens) > 0 && pairs.has(r.tokens[len(r.tokens)-1].lemma) || len(r.tokens) > 0 && r.tokens[len(r.tokens)-1].lemma == "difference") {
			t.soft = true
		}
		t.mark, t.negated, t.joined = mark, negated, joined || i > 0 && in[i-1].ends == comma
		t.passive = be && !t.article && !(t.been && set(r.asks).has("yesno")) && l.participle(&t)
		be = be && t.ends == none && !t.passive && !strings.HasSuffix(w, "ing")
		t.conj, t.then, t.after, t.helped, t.someone, t.said = conj, then, after, helped, someone, said
		someone, said = false, false
		mark, negated, joined, conj, then, after, helped = "", false, false, false, false, false, false
		if t.kind == word && t.lemma == "" {
			t.lemma = l.lemma(w)
		}
		r.tokens = append(r.tokens, t)
	}
	if mark != "" && len(r.tokens) > 0 {
		// stranded: "the store I bought it in"
		r.note("order")
		r.stranded = mark
	}
}

// verbsToo are words that add nothing as adjectives, and are verbs as well: correct my essay.
var verbsToo = set{"correct", "appropriate"}

func before(in []token, i int) string {
	if i == 0 {
		return ""
	}
	return in[i-1].text
}

// relatives begin what is said of the word before.
var relatives = set{"who", "that", "which"}

// passives come before what has the form of a past and is none: is kept.
var passives = set{"be", "is", "are", "been", "being"}

// pairs is what is done with two things, said or not.
var pairs = set{"merge", "combine", "join", "swap", "compare", "concatenate"}

// pastForm tells an irregular form that is a past and no participle: wrote, not written.
func (l *lexicon) pastForm(w string) bool { return pasts[w] }

var pasts = map[string]bool{
	"ate": true, "began": true, "bit": true, "blew": true, "broke": true, "chose": true, "came": true, "did": true, "drank": true, "drew": true, "drove": true, "fell": true, "flew": true, "forgot": true, "froze": true,
	"gave": true, "got": true, "grew": true, "had": true, "hid": true, "knew": true, "rang": true, "rode": true, "rose": true, "sang": true, "sank": true, "saw": true, "shook": true, "spoke": true, "stole": true, "swam": true, "swore": true,
	"took": true, "threw": true, "tore": true, "woke": true, "wore": true, "went": true, "wrote": true,
	"won": true, "told": true, "said": true, "thought": true, "bought": true, "caught": true, "taught": true, "felt": true, "kept": true, "met": true, "sold": true, "sent": true, "slept": true, "spent": true, "stood": true, "understood": true,
}

// particle tells a word that belongs to its verb, where no preposition follows: give up,
// the time is up.
func particle(w, next string) bool {
	switch w {
	case "out", "off", "up", "down":
		return !prepositions[next]
	}
	return false
}

var timeNoun = map[string]bool{
	"week": true, "month": true, "year": true, "morning": true, "afternoon": true, "evening": true, "night": true, "weekend": true, "summer": true, "winter": true, "spring": true, "fall": true, "autumn": true,
	"quarter": true, "time": true, "century": true, "decade": true, "season": true, "semester": true, "term": true, "week's": true, "christmas": true, "easter": true, "hour": true, "minute": true,
	"monday": true, "tuesday": true, "wednesday": true, "thursday": true, "friday": true, "saturday": true, "sunday": true,
}

func weekdayOf(w string) string { return weekdays[w] }

// arithmetic tells a minus from a dash.
func arithmetic(in []token, i int) bool {
	for _, t := range in {
		if t.kind == symbol && t.text != "-" {
			return true
		}
	}
	return i > 0 && i+1 < len(in) && in[i-1].kind == number && in[i+1].kind == number
}

// against are prepositions that tell the one of two things from the other, whatever stands
// between.
var against = set{"than", "rather than", "instead of", "in place of"}

// turns are verbs behind which "to" says what something becomes.
var turns = set{"convert", "conversion", "cast", "transform", "translate", "export", "migrate", "redirect", "rename", "switch", "copy", "move", "merge", "map"}

// direction tells the "to" of a place or a person from the one before a verb.
func (l *lexicon) direction(in []token, i int) bool {
	if i+1 >= len(in) {
		return true // where to
	}
	t := in[i+1]
	if t.kind != word || determiners[t.text] {
		return true
	}
	for _, before := range in[:i] {
		if turns.has(before.lemma) || before.text == "from" {
			return true // convert int to string
		}
	}
	if t.name || l.names[t.text] != "" && !(l.isVerb(t.text) && t.raw == strings.ToLower(t.raw) && i+2 < len(in)) { // to go to
		return true
	}
	first, _, phrase := strings.Cut(t.lemma, " ")
	if phrase {
		return !l.isVerb(first)
	}
	return !l.isVerb(t.text)
}
