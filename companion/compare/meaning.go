package compare

import "strings"

// meaning leaves the words that have to be found in the other text, and notes what the
// small ones say.
func (l *lexicon) meaning(in []token, r *reading) {
	r.tokens = make([]token, 0, len(in))
	mark, negated, joined, article := "", false, false, false
	under, clause := "", ""
	plain, part := true, 0
	defer func() { r.fragment = plain && len(r.asks) == 0 && len(r.persons) == 0 }()
	for i, t := range in {
		next := ""
		if i+1 < len(in) {
			next = in[i+1].text
		}
		w := t.text
		if t.kind == symbol && w == "-" && !arithmetic(in, i) {
			continue
		}
		if t.kind == word {
			r.some = r.some || w == "some"
			switch w {
			case "a", "an", "the", "my", "your", "our", "his", "her", "their", "some", "any", "i", "me", "we", "us", "you", "he", "she", "him", "they", "them", "myself", "yourself", "that", "those", "these":
				if (w == "a" || w == "i") && (t.ends != none || next == "") && i > 0 {
					break // the letter
				}
				plain = false
				article = determiners[w]
				if w == "that" || w == "those" {
					mark = ""
				}
				continue
			case "this":
				if !timeNoun[next] && weekdayOf(next) == "" {
					continue
				}
			case "following", "below":
				if !timeNoun[next] && weekdayOf(next) == "" && !(w == "below" && next != "") {
					continue // the text that is given
				}
			case "is", "are", "was", "were", "be", "been", "being", "do", "does", "did", "has", "had", "will", "would", "shall", "am":
				plain = false
				r.tense(w)
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
				r.modals = r.modals.with("can")
				continue
			case "unable":
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
				if w == "plus" {
					break
				}
				joined = true
				continue
			case "if", "whether", "unless", "because", "although", "while", "whereas", "when", "once", "since":
				if w != "since" || i+1 < len(in) && (in[i+1].text == "i" || in[i+1].text == "the" || in[i+1].text == "my") {
					when := w
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
					if i > 0 {
						mark = ""
					}
					continue
				}
			}
			if w == "from" && next != "" && strings.HasSuffix(next, "ing") && l.isVerb(l.lemma(next)) {
				continue // stop it from running
			}
			if (w == "keep" || w == "keeps" || w == "kept") && strings.HasSuffix(next, "ing") {
				continue
			}
			if prepositions[w] && !particle(w, next) && !(w == "down" && i > 0 && (in[i-1].text == "is" || in[i-1].text == "been" || in[i-1].text == "was" || in[i-1].text == "are")) {
				plain = false
				if w == "of" && mark != "" && mark != "out" {
					continue // inside of, outside of
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
						if r.tokens[n-1].mark == "" {
							r.tokens[n-1].mark = "'s"
						}
					}
				}
				continue
			}
			if l.dropped[w] {
				continue
			}
		}
		if t.kind == symbol && w == "&" {
			joined = true
			continue
		}
		if mark != "" {
			under = mark
		}
		t.under, t.clause, t.part, t.article = under, clause, part, article
		article = false
		if t.ends != none {
			under, clause = "", ""
			part++
		}
		if t.kind == word && pasts[w] {
			r.tenses = r.tenses.with("past")
		}
		if t.kind == number && t.text == "2" && mark == "between" {
			t.soft = true
		}
		t.mark, t.negated, t.joined = mark, negated, joined || i > 0 && in[i-1].ends == comma
		mark, negated, joined = "", false, false
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

var determiners = map[string]bool{
	"a": true, "an": true, "the": true, "my": true, "your": true, "our": true, "his": true, "her": true, "their": true, "its": true, "some": true, "any": true,
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

// pasts are irregular forms that are a past and no participle: wrote, not written.
var pasts = map[string]bool{
	"ate": true, "began": true, "bit": true, "blew": true, "broke": true, "chose": true, "came": true, "did": true, "drank": true, "drew": true, "drove": true, "fell": true, "flew": true, "forgot": true, "froze": true,
	"gave": true, "got": true, "grew": true, "had": true, "hid": true, "knew": true, "rang": true, "rode": true, "rose": true, "sang": true, "sank": true, "saw": true, "shook": true, "spoke": true, "stole": true, "swam": true, "swore": true,
	"took": true, "threw": true, "tore": true, "woke": true, "wore": true, "went": true, "wrote": true,
}

// particle tells a word that belongs to its verb, where no preposition follows: give up,
// the time is up.
func particle(w, next string) bool {
	switch w {
	case "out", "off", "up", "down":
		return !prepositions[next]
	case "in":
		return next == ""
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

// direction tells the "to" of a place or a person from the one before a verb.
func (l *lexicon) direction(in []token, i int) bool {
	if i+1 >= len(in) {
		return true // where to
	}
	t := in[i+1]
	if t.kind != word || determiners[t.text] {
		return true
	}
	if t.name || l.names[t.text] != "" {
		return true
	}
	first, _, phrase := strings.Cut(t.lemma, " ")
	if phrase {
		return !l.isVerb(first)
	}
	return !l.isVerb(t.text)
}
