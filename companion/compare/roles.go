package compare

import (
	"slices"
	"strings"
)

// Who does something stands before the verb and whom it is done to behind it. Two texts that
// have the two in each other's place ask two things, whatever else may have moved: no word
// of a name has to be known for that, and no capital.

// tradedWords finds in two texts of the very same words two that have changed sides of a
// verb. With the same words there is no passive that explains it. The texts are looked at as
// they were written, since reading takes a name like Will for a small word.
func tradedWords(a, b []token) (x, y string, found bool) {
	to := sameWords(a, b, false)
	if to == nil || slices.IsSorted(to) {
		return "", "", false
	}
	if x, y, found = acrossDeed(a, b, to); found {
		return x, y, true
	}
	return acrossDeed(a, b, sameWords(a, b, true)) // can Sue sue Mark
}

func acrossDeed(a, b []token, to []int) (x, y string, found bool) {
	for i := range a {
		for j := i + 2; j < len(a); j++ {
			if to[j] > to[i]-2 || !party(a, i) || !party(a, j) || toldApart(a, b, i, j, to) {
				continue
			}
			for k := i + 1; k < j; k++ {
				if to[k] > to[j] && to[k] < to[i] && a[k].kind == word && (helpers[a[k].text] || party(a, k)) && !articled(a, k) && !articled(b, to[k]) {
					return a[i].text, a[j].text, true
				}
			}
		}
	}
	return "", "", false
}

// articled tells that a word is a thing, not what is done: "my hotel".
func articled(in []token, k int) bool { return k > 0 && determiners[in[k-1].text] }

// sameWords gives where each token of a is in b, or nil where the texts have not the same
// tokens. Of one that is there more than once the first is the first, or,
// turned and twice in a row, the last.
func sameWords(a, b []token, turned bool) []int {
	if len(a) != len(b) {
		return nil
	}
	at := map[string][]int{}
	for j := range b {
		at[said(&b[j])] = append(at[said(&b[j])], j)
	}
	to := make([]int, len(a))
	for i := range a {
		left := at[said(&a[i])]
		if len(left) == 0 {
			return nil
		}
		twice := i > 0 && said(&a[i-1]) == said(&a[i]) || i+1 < len(a) && said(&a[i+1]) == said(&a[i])
		if turned && twice {
			to[i], at[said(&a[i])] = left[len(left)-1], left[:len(left)-1]
		} else {
			to[i], at[said(&a[i])] = left[0], left[1:]
		}
	}
	return to
}

// party tells what can do something or have it done to it. Will and May can.
func party(in []token, i int) bool {
	t := &in[i]
	if t.kind == symbol {
		return false
	}
	return t.kind != word || t.name || !determiners[t.text] && !prepositions[t.text] && !conjunctions[t.text] && !bystanders.has(t.text)
}

// bystanders are words that are asked with and move with what they ask for.
var bystanders = set{"what", "who", "whom", "whose", "when", "where", "why", "how", "not", "is", "are", "was", "were", "be", "do", "does", "did", "has", "have", "had", "i", "we", "you", "it", "there", "then", "please", "vs", "versus"}

// toldApart tells that each of two tokens has the same preposition, or none, in both texts,
// and not the other's: that is what it is, wherever it stands.
func toldApart(a, b []token, i, j int, to []int) bool {
	x, y := prepositionOf(a, i), prepositionOf(a, j)
	return x != y && x == prepositionOf(b, to[i]) && y == prepositionOf(b, to[j])
}

func prepositionOf(in []token, i int) string {
	for i--; i >= 0 && in[i].kind == word && in[i].ends == none; i-- {
		if prepositions[in[i].text] {
			return in[i].text
		}
		if in[i].text == "and" || in[i].text == "or" {
			i-- // for roads and bridges
			continue
		}
		if !determiners[in[i].text] {
			break
		}
	}
	return ""
}

// tradedRoles finds two tokens that have changed sides of a verb in texts of other words,
// where no preposition in either says what one of them is: not the passive's "by".
func (l *lexicon) tradedRoles(p *pairing) (i, j int, found bool) {
	bare := func(t *token) bool { return t.mark == "" || t.mark == "'s" }
	for i := range p.a {
		for j := i + 2; j < len(p.a); j++ {
			if p.to[i] < 0 || p.to[j] < 0 || p.to[j] > p.to[i]-2 || p.a[i].free || p.a[j].free {
				continue
			}
			if l.passive(p, i, j) || !bare(&p.a[i]) || !bare(&p.a[j]) || !bare(&p.b[p.to[i]]) || !bare(&p.b[p.to[j]]) {
				continue
			}
			for k := i + 1; k < j; k++ {
				if to := p.to[k]; to > p.to[j] && to < p.to[i] && l.mayBeVerb(&p.a[k]) && l.mayBeVerb(&p.b[to]) && bare(&p.a[k]) && bare(&p.b[to]) && !p.a[k].article && !p.b[to].article {
					return i, j, true
				}
			}
		}
	}
	return 0, 0, false
}

// callNames takes words that begin a sentence with a capital for names where either text has
// them as names, and Will and May where no helping verb stands: behind "by", before "was".
func (l *lexicon) callNames(a, b []token) {
	names := map[string]bool{}
	for _, side := range [...][]token{a, b} {
		for i := range side {
			if side[i].name && side[i].kind == word {
				names[side[i].text] = true
			}
		}
	}
	for _, side := range [...][]token{a, b} {
		for i := range side {
			t := &side[i]
			if t.kind != word {
				continue
			}
			if names[t.text] && t.raw != strings.ToLower(t.raw) {
				t.name = true
			}
			if (t.text == "will" || t.text == "may") && l.noHelper(side, i) {
				t.name, t.text = true, "mx "+t.text
				t.lemma = t.text // of which reading knows nothing
			}
		}
	}
}

func (l *lexicon) noHelper(in []token, i int) bool {
	if i > 0 && (in[i-1].text == "by" || in[i].text == "will" && prepositions[in[i-1].text]) {
		return true
	}
	if i > 0 && helpers[in[i-1].text] {
		return true // can May
	}
	if i+1 == len(in) || in[i].ends == stop {
		return in[i].text == "will"
	}
	next := in[i+1].text
	return i == 0 && (set{"is", "was", "has", "had", "does", "did"}.has(next) || pasts[next] || strings.HasSuffix(next, "ed") && l.isVerb(l.lemma(next)) || strings.HasSuffix(next, "s") && next != l.lemma(next) && l.isVerb(l.lemma(next)))
}

// otherSubject finds a verb before which each text has somebody else, and behind which the one
// has who does it in the other: the parent signs for the minor, the minor signs for a parent.
func (l *lexicon) otherSubject(a, b *reading, p *pairing) (i, j int, found bool) {
	sentences := len(a.tenses)+len(a.modals) > 0 && len(b.tenses)+len(b.modals) > 0
	subject := func(t []token, v int) int {
		if v == 0 || t[v].mark != "" || t[v].article || t[v].after || t[v].joined || t[v].negated || !l.mayBeVerb(&t[v]) {
			return -1
		}
		s := &t[v-1]
		if s.ends != none || s.part != t[v].part || s.mark != "" && (v < 2 || t[v-2].mark != "'s") || s.kind == word && (l.quality(s) && !(s.article && (s.helped || v == 1 && p.yesno)) || !s.article && !l.thing(s)) || s.free {
			return -1
		}
		return v - 1
	}
	for v, w := range p.to {
		if w < 0 || pastForm(&p.a[v]) != pastForm(&p.b[w]) || !sentences && !(l.deed(&p.a[v]) && l.deed(&p.b[w])) {
			continue
		}
		x, y := subject(p.a, v), subject(p.b, w)
		if x < 0 || y < 0 || p.to[x] == y || p.to[x] < 0 || !p.taken[y] || p.b[p.to[x]].under == "by" || p.a[sourceOf(p, y)].under == "by" {
			continue // a passive
		}
		if p.to[x] > w && p.b[p.to[x]].part == p.b[w].part || sourceOf(p, y) > v && p.a[sourceOf(p, y)].part == p.a[v].part {
			return x, v, true
		}
	}
	return 0, 0, false
}

// sourceOf is the token of a that b's j-th was found to be.
func sourceOf(p *pairing, j int) int {
	for i, to := range p.to {
		if to == j {
			return i
		}
	}
	return -1
}
