package compare

import (
	"slices"
	"strings"
)

// named are questions that have a noun for their answer: who wrote it, the author of it.
var named = []struct{ ask, verb, ask2, noun string }{
	{"where", "bear", "what", "birthplace"}, {"when", "bear", "what", "birthday"},
	{"who", "write", "what", "author"}, {"who", "found", "what", "founder"}, {"who", "invent", "what", "inventor"}, {"who", "direct", "what", "director"},
	{"who", "paint", "what", "painter"}, {"who", "compose", "what", "composer"}, {"who", "own", "what", "owner"}, {"who", "discover", "what", "discoverer"}, {"who", "create", "what", "creator"}, {"who", "produce", "what", "producer"}, {"who", "win", "what", "winner"},
	{"how", "differ", "what", "difference"}, {"howmany", "inhabitant", "what", "population"}, {"howmany", "resident", "what", "population"},
	{"howmuch", "cost", "what", "price"}, {"howmuch", "weigh", "what", "weight"}, {"howmuch", "earn", "what", "salary"}, {"howmuch", "charge", "what", "price"},
}

// rename puts a question by its noun, where it has one.
func (r *reading) rename() {
	if len(r.asks) != 1 {
		if len(r.asks) == 2 && slices.Contains(r.asks, "who") && slices.Contains(r.asks, "what") {
			r.asks = []string{"who"}
		}
		if len(r.asks) != 1 {
			return
		}
	}
	if r.asks[0] == "who" && len(r.tokens) > 0 {
		for _, n := range named {
			if slices.ContainsFunc(r.tokens, func(t token) bool { return t.lemma == n.noun }) && n.ask == "who" {
				r.asks = []string{"what"} // who is the author of
				return
			}
		}
	}
	if r.asks[0] == "howmany" && len(r.tokens) > 1 && r.tokens[0].lemma == "people" && r.tokens[1].lemma == "live" {
		r.asks, r.tokens[0].text, r.tokens[0].lemma = []string{"what"}, "population", "population"
		r.tokens = slices.Delete(r.tokens, 1, 2)
		return
	}
	for _, n := range named {
		if n.ask != r.asks[0] {
			continue
		}
		i := slices.IndexFunc(r.tokens, func(t token) bool { return t.kind == word && t.lemma == n.verb })
		if i < 0 {
			continue
		}
		if t := &r.tokens[i]; n.ask == "who" && n.verb != "own" && !pastForm(t) && !r.tenses.has("past") {
			continue // who writes it, not who wrote it
		}
		r.asks = []string{n.ask2}
		r.tokens[i].text, r.tokens[i].lemma, r.tokens[i].raw, r.tokens[i].free = n.noun, n.noun, n.noun, true
		if n.ask == "who" || n.verb == "bear" {
			r.tenses = nil
		}
		return
	}
}

// wished takes a wish for a question of how it is come by, where nothing else is asked.
func (r *reading) wished() {
	if r.wish && len(r.asks) == 0 {
		r.ask("howto")
	}
}

// requests are verbs that ask for a text to be made, whatever the verb.
var requests = set{"write", "give", "create", "generate", "make", "show", "provide", "produce", "draft", "compose", "need", "build", "get", "suggest", "recommend", "propose", "plan", "do", "craft", "prepare", "share", "come up with", "return", "want"}

// texts are what such a request is for.
var texts = set{"poem", "story", "essay", "query", "function", "script", "code", "email", "letter", "list", "summary", "recipe", "joke", "example", "regex", "haiku", "speech", "outline", "description", "title", "slogan", "tweet", "post", "program", "paragraph", "message", "song", "sentence", "table", "article", "template", "caption", "headline", "snippet", "class", "method", "dockerfile", "config", "review", "report", "limerick", "riddle", "quiz", "toast", "bio", "agenda", "itinerary", "menu", "lesson plan", "cover letter", "workout", "plan"}

// generative takes the verb off a request for a text, where both texts are one: write a
// poem, give me a poem, a poem.
func (l *lexicon) generative(a, b *reading) {
	is := func(r *reading) int {
		if r.explained || len(r.asks) > 1 || len(r.asks) == 1 && r.asks[0] != "what" && r.asks[0] != "howto" || len(r.tokens) == 0 {
			return -1
		}
		at := slices.IndexFunc(r.tokens[:min(len(r.tokens), 6)], func(t token) bool {
			return texts.has(t.lemma) || texts.has(t.lemma[strings.LastIndexByte(t.lemma, ' ')+1:])
		})
		if at < 0 {
			return -1
		}
		if requests.has(r.tokens[0].lemma) && !r.tokens[0].negated {
			return 1
		}
		return 0
	}
	x, y := is(a), is(b)
	if x < 0 || y < 0 || slices.Contains(a.asks, "howto") && y == 0 || slices.Contains(b.asks, "howto") && x == 0 {
		return
	}
	drop := func(r *reading, n int) {
		if n == 1 {
			r.tokens = r.tokens[1:]
		}
		if n == 1 || len(r.asks) == 1 && r.asks[0] == "what" {
			r.asks = nil
		}
	}
	drop(a, x)
	drop(b, y)
}

// mend takes "fix" away where a text says what is wrong, since that is why it says so.
func (l *lexicon) mend(r *reading) {
	wrong := l.trouble(r) || slices.ContainsFunc(r.tokens, func(t token) bool { return t.kind == quoted })
	if len(r.tokens) < 2 || !wrong || len(r.asks) > 0 && !slices.Equal(r.asks, []string{"howto"}) {
		return
	}
	ordered := len(r.asks) == 0
	mends := set{"fix", "resolve", "solve", "troubleshoot", "repair", "solution"}
	if len(r.tokens) > 2 && mends.has(r.tokens[0].lemma) {
		r.tokens, r.asks, r.mends, r.mendIt = r.tokens[1:], nil, true, ordered
	} else if last := len(r.tokens) - 1; last > 1 && mends.has(r.tokens[last].lemma) && r.tokens[last].mark == "" && !r.tokens[last].negated {
		r.tokens, r.asks, r.mends = r.tokens[:last], nil, true
	}
	if r.mended {
		r.asks = nil
	}
}

// otherThanMend finds what the one text wants done to what the other wants mended: find the errors,
// fix the errors.
func otherThanMend(a, b *reading, left, right []token) string {
	if a.mends == b.mends {
		return ""
	}
	if b.mends {
		a, b, left, right = b, a, right, left
	}
	if a.mendIt && (b.explained || set(b.asks).has("what")) {
		return "what" // show the errors
	}
	for _, t := range right {
		if t.mark == "" && finds.has(t.lemma) {
			return t.text
		}
	}
	return ""
}

var finds = set{"find", "find out", "spot", "identify", "locate", "detect", "show", "list", "check", "check for", "look for", "see", "tell", "point out", "highlight", "mark", "explain", "describe"}

// instead makes one of substitute a for b, replace b with a, use a instead of b.
func (l *lexicon) instead(r *reading) {
	for v, t := range r.tokens {
		if t.lemma != "substitute" && t.lemma != "replace" && t.lemma != "swap" || v+1 >= len(r.tokens) || t.negated {
			continue
		}
		if n := &r.tokens[v+1]; t.lemma == "substitute" && n.mark == "for" && set(r.asks).has("what") && len(r.modals) > 0 {
			r.tokens[v].lemma, r.tokens[v].text, n.mark, n.under = "use", "use", "instead of", "instead of" // what can I substitute for it
			return
		}
		if n := &r.tokens[v+1]; t.lemma == "replace" && t.passive && v > 0 && r.tokens[v-1].mark == "" && (n.mark == "with" || n.mark == "by") {
			n.mark, n.under, n.joined = "", "", false
			from, _ := run(r.tokens, v-1)
			for k := from; k < v; k++ {
				r.tokens[k].under = "instead of"
			}
			r.tokens[from].mark = "instead of"
			r.tokens = slices.Delete(r.tokens, v, v+1)
			return
		}
		for i := v + 2; i < len(r.tokens); i++ {
			switch m := r.tokens[i].mark; {
			case t.lemma == "substitute" && m == "for":
				r.tokens[i].mark, r.tokens[i].under = "instead of", "instead of"
			case (t.lemma == "replace" || t.lemma == "swap" && m != "by") && (m == "with" || m == "by" || m == "for"):
				r.tokens[i].mark, r.tokens[i].under = "", ""
				r.tokens[v+1].mark, r.tokens[v+1].under = "instead of", "instead of"
			default:
				continue
			}
			r.tokens = slices.Delete(r.tokens, v, v+1)
			return
		}
	}
}

// allowed takes "is it allowed", "is it possible" for a can.
func (l *lexicon) allowed(r *reading) {
	if len(r.modals) > 0 || r.nots > 0 || !slices.Equal(r.asks, []string{"yesno"}) {
		return
	}
	for i, t := range r.tokens {
		if t.kind == word && (t.lemma == "allow" || t.lemma == "permit" || t.text == "allowed" || t.text == "permitted" || t.text == "possible" || t.text == "ok" || t.text == "okay" || t.text == "fine" || t.text == "acceptable" || t.text == "alright") && !t.negated && len(r.tokens) > 1 && t.text != "permit" && t.text != "allow" {
			r.permitted = r.permitted || t.text == "allowed" || t.text == "permitted"
			r.modals, r.tokens = r.modals.with("can"), slices.Delete(r.tokens, i, i+1)
			return
		}
	}
}

// ages makes one of 10 years old, ten-year-old, aged 10, 10 years of age.
func (l *lexicon) ages(r *reading) {
	for i := 0; i < len(r.tokens); i++ {
		t := &r.tokens[i]
		if t.kind != number || t.unit != "year" && t.unit != "" {
			continue
		}
		switch {
		case t.unit == "year" && i+1 < len(r.tokens) && (r.tokens[i+1].text == "old" || r.tokens[i+1].text == "age"):
			t.unit, t.ends = "age", r.tokens[i+1].ends
			r.tokens = slices.Delete(r.tokens, i+1, i+2)
		case i > 0 && (r.tokens[i-1].text == "aged" || r.tokens[i-1].text == "age" && t.mark != "by"):
			t.unit, t.mark = "age", ""
			r.tokens = slices.Delete(r.tokens, i-1, i)
			i--
		}
	}
}

// needs takes what is needed, where it is asked what that is, for a must.
func (l *lexicon) needs(r *reading) {
	asked := slices.Contains(r.asks, "what") || slices.Contains(r.asks, "which")
	if !asked && len(r.asks) > 0 {
		return
	}
	r.tokens = slices.DeleteFunc(r.tokens, func(t token) bool {
		if !asked && t.lemma != "requirement" {
			return false
		}
		if t.kind == word && !t.negated && (t.lemma == "need" || t.lemma == "require" || t.lemma == "requirement" || t.text == "needed" || t.text == "required" || t.text == "necessary") {
			r.modals = r.modals.with("must")
			return true
		}
		return false
	})
}

// convert makes one of the ways to ask for another unit: convert 5 miles to km, 5 miles in
// km, how many km are 5 miles.
func (l *lexicon) convert(r *reading) {
	quantity, unit, more := -1, -1, -1
	for i, t := range r.tokens {
		switch {
		case t.kind == number && quantity >= 0 && i == quantity+1 && t.mark == "":
			more = i // 5 ft 10
		case t.kind == number && t.unit != "" && t.unit != "ordinal":
			quantity = i
		case t.kind == word && units[t.lemma] != "":
			unit = i
		case t.kind == word && (t.lemma == "convert" || t.lemma == "change" || t.lemma == "conversion" || t.lemma == "number"):
		default:
			return
		}
	}
	if quantity < 0 || unit < 0 || len(r.asks) > 0 && r.asks[0] != "what" && r.asks[0] != "howmany" && r.asks[0] != "howto" && r.asks[0] != "howmuch" {
		return
	}
	q, u := r.tokens[quantity], r.tokens[unit]
	q.mark, u.mark, q.under, u.under, q.joined, u.joined = "", "to", "", "to", false, false
	out := []token{q}
	if more >= 0 {
		out = append(out, r.tokens[more])
		out[1].mark, out[1].under, out[1].joined = "", "", false
	}
	r.tokens, r.asks = append(out, u), []string{"what"}
}

// translation makes one of translate "x" to German, what is "x" in German, how do you say
// "x" in German.
func (l *lexicon) translation(r *reading) {
	speech, said := -1, false
	for i, t := range r.tokens {
		switch {
		case t.kind == quoted:
			said = true
		case l.names[t.lemma] == "speech" && (t.mark == "to" || t.mark == "into" || t.mark == "in") && speech < 0:
			speech = i
		case t.lemma == "english" && t.mark == "" && speech < 0: // the English word "…"
		case t.kind == word && (t.lemma == "translate" || t.lemma == "say" || t.lemma == "word" || t.lemma == "phrase" || t.lemma == "sentence" || t.lemma == "call" || t.lemma == "mean" || t.lemma == "translation"):
		default:
			return
		}
	}
	if speech < 0 || !said || r.nots > 0 || len(r.asks) == 1 && r.asks[0] != "what" && r.asks[0] != "howto" || len(r.asks) > 1 {
		return
	}
	r.tokens[speech].mark, r.tokens[speech].under, r.tokens[speech].free = "to", "to", true
	r.asks = []string{"what"}
	r.tokens = slices.DeleteFunc(r.tokens, func(t token) bool { return t.kind == word && !t.free })
}

// symmetric takes the prepositions off two things that are compared, which are in no order.
func (l *lexicon) symmetric(r *reading) {
	for i := range r.tokens {
		if t := &r.tokens[i]; t.lemma == "difference" || t.lemma == "differ" {
			t.free = true
		}
	}
	if !slices.ContainsFunc(r.tokens, func(t token) bool {
		return t.lemma == "difference" || t.lemma == "distance" || t.lemma == "differ" || t.lemma == "distinguish" || t.lemma == "compare"
	}) {
		return
	}
	for i := range r.tokens {
		switch t := &r.tokens[i]; t.mark {
		case "from", "between", "with", "to", "and":
			if t.mark != "between" {
				t.joined = true
			}
			t.mark, t.under = "", ""
		}
	}
}
