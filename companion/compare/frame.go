package compare

import "strings"

// readFrames reads `what is asked +a word put in: pattern` lines.
func (l *lexicon) readFrames() {
	entries(framesText, func(head, rest string) {
		trie := &l.frames.prefix
		if strings.HasPrefix(head, "end") {
			trie = &l.frames.suffix
		}
		for _, p := range expand(rest) {
			words := strings.Fields(p)
			if len(words) == 0 {
				continue
			}
			for _, w := range words {
				if len(w) > 3 {
					l.frameWords[w] = true
				}
			}
			trie.add(words, head)
		}
	})
}

// unframe takes the frames off the clauses of a text, and notes what each asks.
func (l *lexicon) unframe(in []token, r *reading) []token {
	out := in[:0:0]
	for len(in) > 0 {
		n := 0
		for n < len(in)-1 && in[n].ends == none && in[n].kind != passage {
			n++
		}
		clause := in[:n+1]
		in = in[n+1:]
		ends := clause[n].ends
		clause = l.offEnd(l.offStart(clause, r), r)
		if len(clause) == 0 {
			if len(out) > 0 {
				out[len(out)-1].ends = max(out[len(out)-1].ends, ends)
			}
			continue
		}
		out = append(out, clause...)
		out[len(out)-1].ends = ends
	}
	return out
}

func (l *lexicon) offStart(clause []token, r *reading) []token {
	asked := false
	for len(clause) > 0 {
		head, n := l.frames.prefix.longest(clause)
		if n == 0 {
			return clause
		}
		what, put, _ := strings.Cut(head, " +")
		what, modal, _ := strings.Cut(what, "+")
		if what == "none" || what == "howto" {
			if n == len(clause) && what == "howto" && !asked {
				what = "howto" // "how?" alone
			}
		} else {
			for _, t := range clause[:n] {
				r.tense(t.text)
			}
		}
		if what == "yesno" && asked {
			return clause // "what is", "who has": only the tense was to be noted
		}
		if what != "none" {
			r.ask(what)
			asked = what != "howto"
		} else {
			r.note("politeness")
		}
		if modal != "" {
			r.modals = r.modals.with(modal)
		}
		ends := clause[n-1].ends
		if put != "" {
			clause[n-1] = token{text: put, lemma: put, raw: put, ends: ends}
			n--
			return clause[n:]
		}
		clause = clause[n:]
	}
	return clause
}

// offEnd takes off what a clause may end with, as in "reset my password please".
func (l *lexicon) offEnd(clause []token, r *reading) []token {
	for again := true; again && len(clause) > 1; {
		again = false
		for from := max(1, len(clause)-8); from < len(clause); from++ {
			head, n := l.frames.suffix.longest(clause[from:])
			if n == 0 || from+n != len(clause) {
				continue
			}
			if what := strings.TrimPrefix(head, "end"); what != "" {
				r.ask(what)
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

// longest finds the longest entry at the beginning of the tokens, by their text.
func (t *trie) longest(in []token) (value string, n int) {
	for i := range in {
		if in[i].kind != word && in[i].kind != number {
			return value, n
		}
		w := in[i].text
		if in[i].kind == number {
			w = strings.ToLower(in[i].raw)
		}
		if t = t.next[w]; t == nil {
			return value, n
		}
		if t.ends {
			value, n = t.value, i+1
		}
	}
	return value, n
}
