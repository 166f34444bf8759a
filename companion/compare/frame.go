package compare

import (
	"slices"
	"strings"
)

// readFrames reads `what is asked +a word put in: pattern` lines.
func (l *lexicon) readFrames() {
	l.frames = frames{prefix: patterns{}, suffix: patterns{}, back: patterns{}, idle: patterns{}}
	for w := range contractions {
		if !strings.Contains(w, "'") && len(w) > 3 {
			l.frameWords[w] = true
		}
	}
	entries(framesText, func(head, rest string) {
		for w := range strings.FieldsFuncSeq(rest, func(r rune) bool { return r == ' ' || r == '(' || r == '|' || r == ')' }) {
			if len(w) > 3 {
				l.frameWords[w] = true
			}
		}
		if head == "idle" {
			l.frames.idle.add(rest, head)
		} else if back, ok := strings.CutPrefix(head, "back"); ok {
			l.frames.back.add(rest, strings.TrimSpace(back))
		} else if strings.HasPrefix(head, "end") {
			l.frames.suffix.add(rest, head)
		} else {
			l.frames.prefix.add(rest, head)
		}
	})
}

// unframe takes the frames off the clauses of a text, and notes what each asks.
func (l *lexicon) unframe(in []token, r *reading) []token {
	out := make([]token, 0, len(in))
	for len(in) > 0 {
		n := 0
		for n < len(in)-1 && in[n].ends == none && in[n].kind != passage {
			n++
		}
		for k := 1; k+1 <= n; k++ {
			if questions[in[k].text] && helpers[in[k+1].text] && !prepositions[in[k-1].text] && !l.saidOf(in, k) || in[k-1].text == "-" && in[k-1].kind == symbol && questions[in[k].text] {
				n = k - 1
				in[n].ends = comma
				break
			}
		}
		clause := in[:n+1]
		in = in[n+1:]
		ends := clause[n].ends
		if len(out) > 0 && l.looksBack(clause, r) {
			r.told = true
			continue
		}
		signed := clause[len(clause)-1].text == "regards" || clause[len(clause)-1].text == "sincerely"
		if head, n := l.frames.suffix.longest(clause); n == len(clause) {
			if what := strings.TrimPrefix(head, "end"); what != "" {
				r.ask(what)
			}
			clause = nil // what now?
			r.told = r.told || len(out) > 0
		}
		before := len(r.asks)
		clause = l.offEnd(l.offStart(clause, r), r)
		if len(out) > 0 && len(r.asks) > before {
			out[len(out)-1].ends = stop // no list: …, how do I
			r.told = r.told || before == 0
		}
		if signed && len(clause) == 0 && isSignature(in) {
			in = nil
		}
		if len(clause) == 0 {
			if len(out) > 0 {
				out[len(out)-1].ends = max(out[len(out)-1].ends, ends)
			}
			continue
		}
		out = append(out, clause...)
		out[len(out)-1].ends = ends
	}
	r.wished()
	return out
}

// saidOf tells that what begins there is said of the thing before it: people who are rich.
func (l *lexicon) saidOf(in []token, k int) bool {
	before, next := &in[k-1], in[k+1].text
	if in[k].text != "who" && in[k].text != "which" || before.kind != word || k+2 >= len(in) {
		return false
	}
	return (beForms.has(next) || next == "have" || next == "has" || next == "do" || next == "did") && strings.HasPrefix(l.parts(before.lemma), "n") && !subjects.has(in[k+2].text) && !determiners[in[k+2].text]
}

// looksBack takes off a clause that only asks about the one before it: "I need to change the
// name on my ticket, can I do that?".
func (l *lexicon) looksBack(clause []token, r *reading) bool {
	head, n := l.frames.back.longest(clause)
	if n < len(clause) {
		return false
	}
	what, modal, _ := strings.Cut(head, "+")
	if what == "mend" {
		what, r.mended = "howto", true
	}
	if what != "" {
		r.ask(what)
	}
	if modal != "" {
		r.modals = r.modals.with(modal)
	}
	return true
}

// isSignature tells a name of one or two words.
func isSignature(in []token) bool {
	for _, t := range in {
		if t.kind != word || t.raw == "" || t.raw[0] < 'A' || t.raw[0] > 'Z' {
			return false
		}
	}
	return len(in) < 3
}

// A question may follow without a comma: "my dog is ill what can i do".
var questions = map[string]bool{"what": true, "how": true, "why": true, "where": true, "when": true, "which": true, "who": true}

var helpers = map[string]bool{"do": true, "does": true, "did": true, "is": true, "are": true, "was": true, "were": true, "can": true, "could": true, "should": true, "would": true, "will": true, "must": true, "has": true, "have": true}

func (l *lexicon) offStart(clause []token, r *reading) []token {
	asked, how := false, false
	told := false
	defer func() {
		if told && !asked {
			r.ask("what")
		}
	}()
	for len(clause) > 0 {
		head, n := l.frames.prefix.longest(clause)
		if n == 0 {
			return clause
		}
		if n == len(clause) && head == "how" {
			head = "howto" // "…, how?"
		}
		r.some = r.some || slices.ContainsFunc(clause[:n], func(t token) bool { return t.text == "some" })
		what, put, _ := strings.Cut(head, " +")
		what, modal, _ := strings.Cut(what, "+")
		if asked && what == "none" && courtesies.has(clause[0].text) {
			return clause // is "many thanks" polite
		}
		if asked && what != "none" && !((what == "howto" || what == "want") && how) {
			return clause // "what is", "how do I check whether"
		}
		switch what {
		case "none":
			r.note("politeness")
			if clause[0].text == "can" && n == 2 && clause[1].text == "you" {
				r.canYou = true
			}
		case "tell":
			told = true
			r.suggested = r.suggested || slices.ContainsFunc(clause[:n], func(t token) bool { return t.text == "recommend" || t.text == "suggest" || t.text == "propose" })
			r.explained = r.explained || slices.ContainsFunc(clause[:n], func(t token) bool { return t.text == "explain" || t.text == "define" })
		case "any":
			r.any = true
			r.tense("do")
			r.ask("what")
			asked = true
		case "want", "way", "howto":
			if what == "want" {
				r.wish = true
			} else {
				r.ask("howto")
				r.way = what == "way"
			}
			asked, how = true, true
		default:
			about := slices.IndexFunc(clause[:n], func(t token) bool { return t.text == "if" || t.text == "whether" })
			for i, t := range clause[:n] {
				if i > about { // not the "was" of "I was wondering whether"
					r.tense(t.text)
				}
				r.doYou = r.doYou || what == "yesno" && t.text == "you" && clause[0].text == "do"
				if what == "yesno" && (t.text == "i" || t.text == "we") {
					r.objects = r.objects.with("i")
				}
			}
			r.ask(what)
			asked = true
		}
		if modal != "" {
			r.modals = r.modals.with(modal)
		}
		r.permitted = r.permitted || slices.ContainsFunc(clause[:n], func(t token) bool { return t.text == "allowed" || t.text == "permitted" })
		ends := clause[n-1].ends
		if n < len(clause) && slices.ContainsFunc(clause[:n], func(t token) bool { return beForms.has(t.text) }) {
			clause[n].been = true
		}
		if put != "" {
			clause[n-1] = token{text: put, lemma: put, raw: put, ends: ends, free: true}
			n--
			return clause[n:]
		}
		clause = clause[n:]
	}
	return clause
}

// courtesies are words that one may ask about as well.
var courtesies = set{"thanks", "thank", "many", "best", "kind", "warm", "hello", "hi", "hey", "good", "dear", "sorry", "cheers", "excuse", "yours", "sincerely", "please", "kindly", "ok", "okay"}

// offEnd takes off what a clause may end with, as in "reset my password please".
func (l *lexicon) offEnd(clause []token, r *reading) []token {
	for again := true; again && len(clause) > 1; {
		again = false
		for from := max(1, len(clause)-8); from < len(clause); from++ {
			head, n := l.frames.suffix.longest(clause[from:])
			if n == 0 || from+n != len(clause) || n == 1 && helpers[clause[from-1].text] || speaking.has(clause[from-1].text) || prepositions[clause[from-1].text] {
				continue // "…, right?", but not "is it right?", "how do I say please?"
			}
			if what := strings.TrimPrefix(head, "end"); what != "" {
				r.ask(what)
				r.defined = r.defined || clause[from].text == "mean" && clause[from-1].kind == word
			} else {
				r.note("politeness")
			}
			clause = clause[:from]
			again = true
			break
		}
	}
	return clause
}
