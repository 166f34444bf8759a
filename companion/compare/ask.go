package compare

import "slices"

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
		r.asks = []string{n.ask2}
		r.tokens[i].text, r.tokens[i].lemma, r.tokens[i].raw = n.noun, n.noun, n.noun
		r.tenses = nil
		return
	}
}
