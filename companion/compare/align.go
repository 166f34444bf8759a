package compare

import (
	"slices"
	"strings"
)

// pairing is which token of b each of a's was found to be, -1 where none was.
type pairing struct {
	a, b  []token
	to    []int
	whole *bool // what wholeParts found, once asked
	taken []bool
	notes set
	// listed tells that both texts ask what there is, site that one says "your".
	listed, some, site bool
	// stranded is the preposition at the end of one text: sew a button on.
	stranded string
	// sought tells that one text is search terms, which have no prepositions.
	sought bool
	// what both ask for, a suggestion, where, who or whether, and that both say "not".
	where, who, yesno, suggested, denied bool
	// asksWho tells that what is asked is who or which, or whether it is so: a name before a
	// verb is not one behind it.
	asksWho bool
	// asksOne tells that both ask what or who.
	asksOne bool
}

// strength is how surely two tokens are the same: the surest are paired first.
type strength uint8

const (
	different strength = iota
	otherWord          // another word for it
	sameVerb           // the verb and the noun of doing it
	otherForm          // another form of the word
	identical
)

// align pairs the tokens one to one, the surest first and of these the nearest in place.
func (l *lexicon) align(a, b []token) *pairing {
	p := &pairing{a: a, b: b, to: make([]int, len(a)), taken: make([]bool, len(b))}
	for i := range p.to {
		p.to[i] = -1
	}
	type candidate struct {
		i, j     int
		how      strength
		distance int
	}
	var found []candidate
	how := make([]strength, len(a)*len(b))
	for i := range a {
		for j := range b {
			how[i*len(b)+j] = l.same(&a[i], &b[j])
		}
	}
	alike := func(i, j int) bool { // what is next to two tokens is the same as well
		return i >= 0 && j >= 0 && i < len(a) && j < len(b) && how[i*len(b)+j] >= otherForm
	}
	for i := range a {
		for j := range b {
			how := how[i*len(b)+j]
			if how == different {
				continue
			}
			d := i*len(b) - j*len(a)
			d = max(d, -d)
			if !alike(i+1, j+1) && !alike(i-1, j-1) {
				d += 4 * len(a) * len(b)
				if a[i].mark != b[j].mark {
					d *= 2
				}
			}
			found = append(found, candidate{i, j, how, d})
		}
	}
	slices.SortStableFunc(found, func(x, y candidate) int {
		if x.how != y.how {
			return int(y.how) - int(x.how)
		}
		if x.distance != y.distance {
			return x.distance - y.distance
		}
		return x.i + x.j - y.i - y.j
	})
	for _, c := range found {
		if p.to[c.i] >= 0 || p.taken[c.j] {
			continue
		}
		p.to[c.i], p.taken[c.j] = c.j, true
		switch {
		case c.how == otherWord || c.how == sameVerb:
			p.notes = p.notes.with("synonym")
		case c.how == otherForm:
			p.notes = p.notes.with("form")
		}
	}
	return p
}

// same tells how one token is the other.
func (l *lexicon) same(a, b *token) strength {
	switch {
	case a.kind == passage || b.kind == passage:
		if a.kind == b.kind && a.text == b.text {
			return identical
		}
		return different
	case a.kind == number && b.kind == number:
		if sameQuantity(*a, *b) {
			return identical
		}
		return different
	case a.kind == quoted && b.kind == quoted:
		if a.raw == b.raw {
			return identical
		}
		return different
	case a.kind == quoted || b.kind == quoted:
		if a.text == b.text || strings.EqualFold(a.raw, b.raw) {
			return identical
		}
		return different
	case a.kind == number && b.lemma == "single" && a.text == "1" || b.kind == number && a.lemma == "single" && b.text == "1":
		return otherWord
	case a.kind != b.kind:
		return different
	case a.kind != word:
		if a.text == b.text {
			return identical
		}
		return different
	case a.text == b.text:
		return identical
	case a.lemma == b.lemma:
		if a.name && b.name && l.names[a.lemma] != "day" {
			return different // Alien and Aliens
		}
		return otherForm
	}
	if inflects(a.text, b.text) || inflects(b.text, a.text) {
		return otherForm
	}
	x, y := a.lemma, b.lemma
	if l.parted(x, y) != "" {
		return different
	}
	if share(l.classes[x], l.classes[y]) || share(l.classes[a.text], l.classes[b.text]) || share(l.classes[x], l.classes[b.text]) || share(l.classes[a.text], l.classes[y]) {
		return otherWord
	}
	if slices.Contains(l.nouns[x], y) || slices.Contains(l.nouns[y], x) || l.nounOf(x, y) || l.nounOf(y, x) {
		return sameVerb
	}
	if bx, by := adverb(x), adverb(y); (bx != x || by != y) && bx == by {
		return otherForm
	}
	if l.names[x] != "" || l.names[y] != "" {
		return different
	}
	if share(l.synsets[x], l.synsets[y]) {
		return otherWord
	}
	// the quickest and the fastest, more cheaply and less expensively
	for _, end := range [...]string{"est", "er", "ly"} {
		bx, okx := l.without(x, end)
		by, oky := l.without(y, end)
		if okx && oky && l.parted(bx, by) == "" && (share(l.classes[bx], l.classes[by]) || share(l.synsets[bx], l.synsets[by])) {
			return otherWord
		}
	}
	return different
}

// inflects tells that a form can be of a word, where another word could be what it is of:
// bathed of bathe and of bath.
func inflects(w, form string) bool {
	if len(w) < 3 || len(form) <= len(w)-1 || len(form) > len(w)+4 || form[0] != w[0] {
		return false
	}
	bare := strings.TrimSuffix(w, "e")
	switch form {
	case w + "ed", bare + "ed", bare + "ing", w + "ing", w + w[len(w)-1:] + "ed", w + w[len(w)-1:] + "ing":
		return true
	}
	return false
}

// nounOf finds what a phrase of other words for the verb has the noun of.
func (l *lexicon) nounOf(noun, verb string) bool {
	for _, v := range l.nouns[noun] {
		if (share(l.classes[v], l.classes[verb]) || share(l.synsets[v], l.synsets[verb])) && l.parted(v, verb) == "" {
			return true
		}
	}
	return false
}

func (l *lexicon) without(w, end string) (string, bool) {
	base, ok := strings.CutSuffix(w, end)
	if !ok || len(base) < 3 {
		return "", false
	}
	for _, try := range [...]string{base, base + "e", strings.TrimSuffix(base, "i") + "y", base[:len(base)-1]} {
		if strings.Contains(l.parts(try), "a") {
			return try, true
		}
	}
	return "", false
}

func adverb(w string) string {
	if base, ok := strings.CutSuffix(w, "ically"); ok && len(base) > 2 {
		return base + "ic"
	}
	if base, ok := strings.CutSuffix(w, "ly"); ok && len(base) > 3 {
		return strings.TrimSuffix(base, "i")
	}
	return strings.TrimSuffix(w, "y")
}

func share(a, b []int32) bool {
	for _, x := range a {
		if slices.Contains(b, x) {
			return true
		}
	}
	return false
}

// parted gives the kind of a difference that the tables know to matter: of two words that
// are apart, or two names of one kind.
func (l *lexicon) parted(a, b string) string {
	if a == b || share(l.classes[a], l.classes[b]) {
		return ""
	}
	for _, g := range l.apart[a] {
		if slices.Contains(l.apart[b], g) {
			return l.apartOf[g]
		}
	}
	if k := l.names[a]; k != "" && k == l.names[b] {
		switch k {
		case "speech", "code":
			return "language"
		case "day", "month":
			return "date"
		}
		return k
	}
	for _, prefix := range [...]string{"un", "in", "im", "dis", "de", "non", "mis", "re", "ir", "il", "over", "under", "pre", "post", "anti"} {
		if base, ok := strings.CutPrefix(a, prefix); ok && base == b && len(b) > 2 {
			return "opposite"
		}
		if base, ok := strings.CutPrefix(b, prefix); ok && base == a && len(a) > 2 {
			return "opposite"
		}
	}
	return ""
}
