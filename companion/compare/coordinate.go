package compare

import "slices"

// What "and", "or" and commas join may change places, as wholes: a verb keeps its object,
// and what stands behind a preposition keeps the thing it is said of. The order of the words of
// the one text in the other is taken apart into blocks of which two have changed places, again
// and again. Where that can not be done, or one of the exchanges has no reason, a word of one
// side has gone to the other: "lock the gate and open the door", "open the gate and lock the
// door".

// coordination is the pairing without what has no place and what is in one text only.
type coordination struct {
	l    *lexicon
	a, b []*token // b by its own order
	to   []int    // place in b of each of a's
	back []int
	// tries is how many blocks were looked at. A text of which every half can be turned round
	// in many ways is not worth all of them.
	tries int
}

const mostTries = 2000

// scattered finds two tokens that were exchanged across "and" without what belongs to them,
// where one of the texts joins anything.
func (l *lexicon) scattered(p *pairing) (x, y *token, found bool) {
	listed := func(t token) bool { return t.joined }
	if !slices.ContainsFunc(p.a, listed) && !slices.ContainsFunc(p.b, listed) {
		return nil, nil, false
	}
	c := &coordination{l: l}
	var places []int
	for i, j := range p.to {
		if j >= 0 && !p.a[i].free && !p.b[j].free {
			c.a, places = append(c.a, &p.a[i]), append(places, j)
		}
	}
	order := slices.Clone(places)
	slices.Sort(order)
	c.back = make([]int, len(order))
	for i, j := range places {
		at, _ := slices.BinarySearch(order, j)
		c.to = append(c.to, at)
		c.back[at] = i
	}
	for _, j := range order {
		c.b = append(c.b, &p.b[j])
	}
	from, to, ok := c.explained(0, len(c.a))
	if ok {
		return nil, nil, false
	}
	return c.a[from], c.a[to], true
}

// explained takes [from, to) of a, which is one run of b, apart. Where it can not it gives two
// tokens that are to blame.
func (c *coordination) explained(from, to int) (int, int, bool) {
	if to-from < 2 {
		return 0, 0, true
	}
	low, high := c.run(from, to)
	if c.tries++; c.tries > mostTries {
		return c.back[low], c.back[high], false
	}
	most, least := -1, len(c.to)
	lower := make([]int, to+1) // the least place from k on
	lower[to] = len(c.to)
	for k := to - 1; k >= from; k-- {
		lower[k] = min(lower[k+1], c.to[k])
	}
	upper := make([]int, to+1)
	upper[to] = -1
	for k := to - 1; k >= from; k-- {
		upper[k] = max(upper[k+1], c.to[k])
	}
	for k := from + 1; k < to; k++ {
		most, least = max(most, c.to[k-1]), min(least, c.to[k-1])
		if most < lower[k] { // as they were
			if i, j, ok := c.explained(from, k); !ok {
				return i, j, false
			}
			return c.explained(k, to)
		}
	}
	// two that have changed places; where there are more ways to see it, one of them has to do
	least = len(c.to)
	for k := from + 1; k < to; k++ {
		least = min(least, c.to[k-1])
		if least < upper[k] || !c.commute(from, k, to) {
			continue
		}
		if _, _, ok := c.explained(from, k); !ok {
			continue
		}
		if _, _, ok := c.explained(k, to); ok {
			return 0, 0, true
		}
	}
	return c.back[low], c.back[high], false
}

// run is where [from, to) of a begins and ends in b.
func (c *coordination) run(from, to int) (low, high int) {
	return slices.Min(c.to[from:to]), slices.Max(c.to[from:to])
}

// commute tells that the blocks [from, k) and [k, to) may have changed places.
func (c *coordination) commute(from, k, to int) bool {
	firstLow, _ := c.run(from, k)
	secondLow, secondHigh := c.run(k, to)
	inA, inB := c.a[k], c.b[firstLow] // each the second block of its text
	// what the one and the other block begin with in either text
	x, y := [2]*token{c.a[from], inB}, [2]*token{inA, c.b[secondLow]}
	if inA.joined && inB.joined && c.conjuncts(c.a, from, k, to) && c.conjuncts(c.b, secondLow, firstLow, firstLow+k-from) {
		return secondHigh < firstLow
	}
	if inA.conj || inB.conj {
		return false
	}
	led := func(t [2]*token) bool { return c.to[c.at(t[0])] == c.atB(t[1]) }
	if !led(x) || !led(y) {
		return c.list(from, k) || c.list(k, to)
	}
	for _, t := range [...][2]*token{x, y} {
		o := x
		if t == x {
			o = y
		}
		clause := t[0].clause != "" && t[0].clause == t[1].clause
		marked := t[0].mark != "" && c.l.sameMark(t[0].mark, t[1].mark) || weak(t[0].mark) && weak(t[1].mark) && t[0].mark+t[1].mark != ""
		genitive := t[0].mark == "'s" || t[1].mark == "'s" || o[0].mark == "'s" || o[1].mark == "'s"
		if clause || marked && (o[0].mark == o[1].mark || genitive) || c.clauses(c.a, from, k, to) && c.clauses(c.b, secondLow, firstLow, firstLow+k-from) {
			return true
		}
		if t[0].under == "by" && t[1].under == "" || t[1].under == "by" && t[0].under == "" {
			return true // a passive
		}
	}
	return c.list(from, k) || c.list(k, to)
}

// clauses tells that [from, k) and [k, to) are clauses of their own.
func (c *coordination) clauses(t []*token, from, k, to int) bool {
	ends := func(i int) bool { return i == 0 || i == len(t) || t[i-1].part != t[i].part }
	return ends(from) && ends(k) && ends(to)
}

func (c *coordination) at(t *token) int  { return slices.Index(c.a, t) }
func (c *coordination) atB(t *token) int { return slices.Index(c.b, t) }

// list tells a block that is a whole list of single words, before or behind which its verb or
// noun may stand: baking bread and cakes, bread and cakes, how are they baked.
func (c *coordination) list(from, to int) bool {
	if to-from < 2 || from > 0 && c.a[from].joined || to < len(c.a) && c.a[to].joined {
		return false
	}
	for k := from + 1; k < to; k++ {
		if !c.a[k].joined {
			return false
		}
	}
	low, high := c.run(from, to)
	for k := low + 1; k <= high; k++ {
		if !c.b[k].joined {
			return false
		}
	}
	return true
}

// conjuncts tells that [from, k) and [k, to) are all that is joined on either side: nothing
// beside them belongs to the one or the other alone.
func (c *coordination) conjuncts(t []*token, from, k, to int) bool {
	if t[k].then {
		return false // one after the other
	}
	before := from
	for before > 0 && !t[before].joined {
		before--
	}
	behind := to
	for behind < len(t) && !t[behind].joined {
		behind++
	}
	left, right := before < from, to < behind
	verbs := c.mayBeVerb(t[from]) || c.mayBeVerb(t[k])
	if right {
		switch {
		case t[to].mark == "" && verbs && (left || k-from != to-k), t[to].after: // it may be what the second is done to
			return false
		case !weak(t[to].mark) || t[to].mark == "with" || t[to].mark == "of" || t[to].mark == "'s":
			return false // it may be said of the second only
		}
	}
	// with flour and cream with eggs
	for i := k + 1; i < behind; i++ {
		if t[i].mark == "" {
			continue
		}
		for j := before; j < k; j++ {
			if t[j].mark == t[i].mark && (i >= to || j <= from) {
				return false
			}
		}
	}
	return true
}

// mayBeVerb tells a word that can be one, or that no list has.
func (c *coordination) mayBeVerb(t *token) bool {
	if t.kind != word || t.name {
		return false
	}
	parts := c.l.parts(t.lemma)
	return parts == "" || c.l.mayBeVerb(t)
}
