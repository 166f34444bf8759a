package pii

// incomparable is in the types that a scanner is made of: else the module has code that compares them,
// of more than 1 KB.
type incomparable [0]func()

// pending holds candidates until no later one can overlap them.
type pending struct {
	_          incomparable
	n          int
	start, end int // of all of them
	floor      int // where the last find that was returned ends
	list       [64]candidate
}

type candidate struct {
	_ incomparable
	Find
}

// add takes a candidate of the look at s.pos, which has positions in the window.
//
//go:noinline
func (s *Scanner) add(f *Find) {
	f.Start += s.text.base
	f.End += s.text.base
	if f.Start > s.mistyped.start && f.End <= s.mistyped.end {
		f.Score -= min(f.Score, 45) // digits of something else
	}
	s.keep(f)
}

// keep takes a candidate.
func (s *Scanner) keep(f *Find) {
	if f.Score < s.minScore || !s.kinds.Has(f.Kind) || f.End <= f.Start {
		return
	}
	p := &s.pending
	// A later look's find starts at s.pos-behind or after. That a chain of overlapping
	// candidates is cut when the list is full depends on the text alone.
	if p.n > 0 && (p.end <= min(s.pos-behind, f.Start) || p.n == len(p.list)) {
		s.flush()
	}
	if f.Start < p.floor {
		return
	}
	if p.n == 0 {
		p.start, p.end = f.Start, f.End
	}
	p.start, p.end = min(p.start, f.Start), max(p.end, f.End)
	p.list[p.n].Find = *f
	p.n++
}

// better is the order of preference among finds that overlap: the score, then the length,
// then the earlier start, then the kind's order. Of finds that are equal in all of these
// the one that was seen first stays.
func better(a, b *Find) bool {
	switch {
	case a.Score != b.Score:
		return a.Score > b.Score
	case a.End-a.Start != b.End-b.Start:
		return a.End-a.Start > b.End-b.Start
	case a.Start != b.Start:
		return a.Start < b.Start
	}
	return a.Kind < b.Kind
}

// flush decides among the candidates. The best one stays and those that overlap it go,
// then the best one of the rest, and so on.
func (s *Scanner) flush() {
	p := &s.pending
	var order [len(p.list)]uint8
	for i := range p.n { // insertion: there are few, and equal ones keep their order
		j := i
		for ; j > 0 && better(&p.list[i&63].Find, &p.list[order[(j-1)&63]&63].Find); j-- {
			order[j&63] = order[(j-1)&63]
		}
		order[j&63] = uint8(i)
	}
	first := len(s.found)
candidates:
	for i := range p.n {
		f := &p.list[order[i&63]&63].Find
		at := len(s.found)
		for j := first; j < len(s.found); j++ {
			if f.Start < s.found[j].End && s.found[j].Start < f.End {
				continue candidates
			}
			if s.found[j].Start > f.Start && at == len(s.found) {
				at = j
			}
		}
		s.found = append(s.found, *f)
		copy(s.found[at+1:], s.found[at:])
		s.found[at] = *f
	}
	if n := len(s.found); n > first {
		p.floor = s.found[n-1].End
	}
	p.n = 0
}
