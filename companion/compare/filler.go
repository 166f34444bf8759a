package compare

import "slices"

// idle tells a clause that is there for company: "my roommate and I were talking about it",
// "I have searched for hours and can not find anything". It has a word of talking or
// searching in it, and none but everyday ones beside it.
func (l *lexicon) idle(clause, rest []token) bool {
	if _, n := l.frames.idle.longest(clause); n > 0 && len(clause) < 12 && spoken(clause[n:], rest) {
		return true
	}
	talk, about, me, more, mine, told := false, false, false, false, false, false
	for i, t := range clause {
		mine = mine || t.text == "i" || t.text == "we"
		told = told || i > 0 && (t.text == "me" || t.text == "us")
		switch {
		case t.kind == symbol && t.text == "-":
		case t.kind != word:
			return false
		case talking.has(t.text):
			talk = true
		case stirred.has(t.text):
			about = true
		case set{"this", "it", "that", "here"}.has(t.text):
			me = true
		case moreCompany.has(t.text):
			more = true
		case !company[t.text]:
			return false
		}
	}
	if kin := slices.IndexFunc(clause, func(t token) bool { return t.text == "my" || t.text == "our" }); kin == 0 && !mine && !told {
		return false // my mother has been talking to nobody
	}
	return (talk && !more || about && me) && l.asksItself(rest)
}

// asksItself tells a question that has things of its own to ask of: not "what do I say?".
func (l *lexicon) asksItself(rest []token) bool {
	n := 0
	for _, t := range rest {
		if t.kind != word || !company[t.text] && !moreCompany.has(t.text) && !stirred.has(t.text) && !helpers[t.text] && !questions[t.text] && !determiners[t.text] && !prepositions[t.text] && !conjunctions[t.text] && !l.light[t.text] && !l.dropped[t.text] {
			n++
		}
	}
	return n > 1
}

// moreCompany may stand beside them where the clause is about "this".
var moreCompany = set{
	"probably", "should", "used", "many", "much", "else", "need", "needed", "want", "wanted", "tried", "trying", "read", "sounds", "obvious", "simple", "basic", "everyone", "nobody", "anyone", "think", "thought", "news", "radio", "tv", "podcast",
	"came", "up", "hope", "quick", "one", "more", "from", "if", "before", "again", "how", "why", "circles", "round", "around", "saw", "something", "own", "myself",
}

// spoken tells that all of the words are in the rest as well:
// "I have a question about my bill", beside what is asked of a bill.
func spoken(words, rest []token) bool {
	for _, t := range words {
		if determiners[t.text] || slices.ContainsFunc(rest, func(o token) bool { return o.kind == word && o.text == t.text }) {
			continue
		}
		return false
	}
	return true
}

// talking are words of which one makes a clause idle, stirred such that need a "this" or "here".
var (
	talking = set{"searching", "searched", "googled", "googling", "wondering", "wondered", "talking", "chatting", "discussing", "debating", "telling", "question", "curious"}
	stirred = set{"know", "knew", "understand", "understood", "forgetting", "remember", "heard", "mentioned", "confused", "stuck", "mad", "crazy", "nuts", "insane", "arguing", "lost", "struggling", "asked", "asking", "looking", "looked", "bugging", "bothering", "puzzling", "puzzled"}
)

// company is what may stand beside them.
var company = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range []string{
		"i", "we", "me", "us", "my", "our", "you", "a", "an", "the", "and", "but", "so", "or", "is", "am", "are", "was", "were", "be", "been", "being", "have", "has", "had", "do", "does", "did", "can", "could", "not", "would", "will", "to", "of", "for", "in", "on", "at", "about", "with", "over", "because", "who", "what", "all", "some", "just", "really", "always", "never", "still", "already", "also", "honestly", "kind", "sort", "very", "quite", "pretty", "totally", "completely", "driving", "going", "getting", "got", "get", "keep", "keeps", "kept",
		"friend", "friends", "roommate", "flatmate", "colleague", "colleagues", "coworker", "coworkers", "girlfriend", "boyfriend", "wife", "husband", "partner", "brother", "sister", "mother", "father", "mom", "mum", "dad", "son", "daughter", "kid", "kids", "family", "neighbor", "cousin", "uncle", "aunt", "buddy", "mate", "team", "everyone", "everybody", "someone", "somebody", "people", "nobody",
		"hour", "hours", "ages", "age", "day", "days", "week", "weeks", "while", "long", "time", "forever", "night", "last", "yesterday", "today", "morning", "evening", "dinner", "lunch", "other", "recently", "lately", "now",
		"everywhere", "anywhere", "online", "google", "internet", "web", "find", "found", "anything", "nothing", "answer", "answers", "something", "otherwise", "different", "things", "old", "thing", "head", "mind", "topic", "subject", "bit", "little", "lot", "silly", "dumb", "stupid", "weird", "random", "luck", "no", "without",
	} {
		m[w] = true
	}
	return m
}()

// unidle takes idle clauses off, where another follows that speaks of none of them.
func (l *lexicon) unidle(in []token) []token {
	if slices.ContainsFunc(in, func(t token) bool {
		return t.kind == word && set{"he", "she", "they", "him", "her", "them", "his", "their"}.has(t.text)
	}) {
		return in
	}
	for from := 0; from < len(in); {
		to := from
		for to < len(in)-1 && in[to].ends == none {
			to++
		}
		if in[to].ends == none || to == len(in)-1 {
			return in // the last says what it is about
		}
		if !l.idle(in[from:to+1], in[to+1:]) {
			from = to + 1
			continue
		}
		in = slices.Delete(slices.Clone(in), from, to+1)
	}
	return in
}
