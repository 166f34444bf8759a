package compare

import (
	"slices"
	"strings"
)

// Words that say how far something goes belong to what they stand before: only admins can
// delete users, admins can only delete users; does every customer get a refund, does a customer
// get every refund. What belongs to what is seen before a text is read, as reading leaves some
// of these out.

// scopes are such words; those of one name are the same.
var scopes = map[string]string{
	"only": "only", "solely": "only", "exclusively": "only", "merely": "merely", "just": "just", "even": "even", "almost": "almost", "nearly": "almost", "also": "also", "still": "still", "already": "already", "exactly": "exactly",
	"every": "all", "each": "all", "all": "all", "any": "any", "some": "some", "both": "both", "most": "most", "many": "many", "few": "few", "half": "half", "no": "no",
}

// scoped is one such word, and the word it belongs to.
type scoped struct {
	name string
	of   token
}

func (l *lexicon) scopesOf(in []token) []scoped {
	var out []scoped
	for i, t := range in {
		name := scopes[t.text]
		if t.kind != word || name == "" || i > 0 && (in[i-1].text == "how" || in[i-1].text == "at") {
			continue // how many, at most
		}
		to := i + 1
		for to < len(in) && in[to-1].ends == none && in[to].kind == word && (determiners[in[to].text] || prepositions[in[to].text]) {
			to++
		}
		for to+1 < len(in) && in[to].ends == none && (in[to].kind == number || l.quality(&in[to]) || strings.HasSuffix(in[to].text, "ed")) {
			to++ // all stopped containers, all containers that are stopped
		}
		switch {
		case t.ends == none && to < len(in) && in[to-1].ends == none:
			out = append(out, scoped{name, in[to]})
		case i > 0: // for members only
			out = append(out, scoped{name, in[i-1]})
		}
	}
	return out
}

// otherScope finds a word that both texts have, and that belongs to another word in each.
func (l *lexicon) otherScope(a, b []scoped) string {
	for _, side := range [...][2][]scoped{{a, b}, {b, a}} {
		rest := slices.Clone(side[1])
		for _, s := range side[0] {
			named := func(o scoped) bool { return o.name == s.name }
			if !slices.ContainsFunc(rest, named) {
				continue // if it matters it is missed elsewhere
			}
			at := slices.IndexFunc(rest, func(o scoped) bool { return named(o) && l.same(&s.of, &o.of) != different })
			if at < 0 {
				return s.name + " " + s.of.text
			}
			rest = slices.Delete(rest, at, at+1)
		}
	}
	return ""
}

// otherManner finds an adverb of which the other text has the adjective before a thing that
// both have: privately allowed to see notes, allowed to see private notes.
func (l *lexicon) otherManner(p *pairing) string {
	of := func(t []token, i int) *token { // what an adjective is said of
		if i+1 < len(t) && t[i].ends == none && t[i+1].mark == "" && !t[i+1].joined && !t[i+1].after {
			return &t[i+1]
		}
		return nil
	}
	manners := 0
	for i, j := range p.to {
		if j < 0 || p.a[i].kind != word || p.b[j].kind != word {
			continue
		}
		x, y := &p.a[i], &p.b[j]
		_, adverbX := l.without(x.text, "ly")
		_, adverbY := l.without(y.text, "ly")
		if adverbX == adverbY || adverb(x.lemma) != adverb(y.lemma) {
			continue
		}
		if manners++; manners > 1 {
			return pairOf(x.text, y.text) // publicly known and private, privately known and public
		}
		t, other, at := p.a, p.b, i
		if adverbX {
			t, other, at = p.b, p.a, j
		}
		if thing := of(t, at); thing != nil && slices.ContainsFunc(other, func(o token) bool { return o.text == thing.text }) {
			return pairOf(x.text, y.text)
		}
	}
	return ""
}
