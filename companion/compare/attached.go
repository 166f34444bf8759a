package compare

// Words that stand side by side without a preposition are one thing: the largest country, the
// parent company. Two texts that have the same words in other such things ask of other things:
// the capital of the largest country, the largest capital of the country.

// run gives where the words that stand side by side with the i-th begin and end.
func run(in []token, i int) (from, to int) {
	breaks := func(k int) bool { // before the k-th
		t, before := &in[k], &in[k-1]
		return t.mark != "" && t.mark != "'s" || before.owner || t.joined || t.article || t.after || t.helped || before.ends != none || t.part != before.part
	}
	from, to = i, i+1
	for from > 0 && !breaks(from) {
		from--
	}
	for to < len(in) && !breaks(to) {
		to++
	}
	return from, to
}

// reattached finds a word that is beside one word in the one text and beside another in the
// other, where both texts have all three, and each pair stands apart in the other text.
func (l *lexicon) reattached(p *pairing) (x, y *token, found bool) {
	verb := func(t *token) bool {
		_, most := l.without(t.text, "est")
		return !most && !l.quality(t) && (l.deed(t) || l.action(t))
	}
	for i := range p.a {
		if p.to[i] < 0 || p.a[i].free || p.b[p.to[i]].free || verb(&p.a[i]) || verb(&p.b[p.to[i]]) {
			continue
		}
		fromA, toA := run(p.a, i)
		fromB, toB := run(p.b, p.to[i])
		lost, gained := -1, -1
		for k := fromA; k < toA; k++ {
			if j := p.to[k]; k != i && j >= 0 && (j < fromB || j >= toB) && !verb(&p.a[k]) && !verb(&p.b[j]) && !p.a[k].free && !p.b[j].free {
				lost = k
			}
		}
		for k, j := range p.to {
			if j >= fromB && j < toB && k != i && (k < fromA || k >= toA) && !verb(&p.a[k]) && !verb(&p.b[j]) && !p.a[k].free && !p.b[j].free {
				gained = k
			}
		}
		if lost >= 0 && gained >= 0 {
			return &p.a[lost], &p.a[gained], true
		}
	}
	return nil, nil, false
}

// otherHolder finds a "who owns it" beside "its owner" that only says of what something else is:
// who owns the parent company, the parent company of the owner.
func (p *pairing) otherHolder() (t *token, found bool) {
	for i, j := range p.to {
		if j < 0 || p.a[i].free == p.b[j].free {
			continue
		}
		side, at, others := p.a, i, p.to
		if p.a[i].free {
			side, at, others = p.b, j, nil
		}
		if at == 0 || side[at].mark != "of" || side[at-1].ends != none {
			continue
		}
		if others == nil && p.taken[at-1] || others != nil && others[at-1] >= 0 {
			return &side[at], true
		}
	}
	return nil, false
}
