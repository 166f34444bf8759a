package compile

import "slices"

// graph is a nondeterministic automaton over bytes. It can be read in both directions: every way through it, from a start to an
// end, is a match written forwards.
type graph struct {
	jumps      [][]jump // ways that read nothing
	steps      [][]step // ways that read one byte
	starts     []int32
	ends       map[int32]int // each end's rule
	conditions bool          // there is a jump that looks at its neighbours
}

type jump struct {
	to   int32
	when condition
}

type step struct {
	lo, hi byte
	to     int32
}

// condition is what must be true where a jump is taken; 0 is always.
type condition uint8

const (
	beginLine condition = 1 + iota
	endLine
	beginText
	endText
	wordEdge
	noWordEdge
)

// beside is what a condition can know of a neighbouring byte.
type beside uint8

const (
	edge beside = iota // there is none: the text begins or ends here
	line
	word
	other
	neighbours = 4
)

func besideOf(b int) beside {
	switch {
	case b < 0:
		return edge
	case b == '\n':
		return line
	case b == '_', b >= '0' && b <= '9', b >= 'A' && b <= 'Z', b >= 'a' && b <= 'z': // RE2's \w is ASCII
		return word
	}
	return other
}

func (c condition) holds(left, right beside) bool {
	switch c {
	case beginLine:
		return left == edge || left == line
	case endLine:
		return right == edge || right == line
	case beginText:
		return left == edge
	case endText:
		return right == edge
	case wordEdge:
		return (left == word) != (right == word)
	case noWordEdge:
		return (left == word) == (right == word)
	}
	return true
}

// union is the graph of all patterns. Each has an end of its own.
func union(patterns []pattern) (*graph, error) {
	b := newBuilder(0)
	b.graph.ends = map[int32]int{}
	for _, p := range patterns {
		b.fold = p.fold
		from, to := b.node(), b.node()
		if err := b.add(p.re, from, to); err != nil {
			return nil, errTooLarge
		}
		b.graph.starts = append(b.graph.starts, from)
		b.graph.ends[to] = p.rule
	}
	return &b.graph, nil
}

// flipped reads every way backwards. All its ends are rule 0.
func (g *graph) flipped() *graph {
	f := &graph{jumps: make([][]jump, len(g.jumps)), steps: make([][]step, len(g.steps)), ends: map[int32]int{}, conditions: g.conditions}
	for from := range g.jumps {
		for _, j := range g.jumps[from] {
			f.jumps[j.to] = append(f.jumps[j.to], jump{int32(from), j.when})
		}
		for _, s := range g.steps[from] {
			f.steps[s.to] = append(f.steps[s.to], step{s.lo, s.hi, int32(from)})
		}
	}
	for end := range g.ends {
		f.starts = append(f.starts, end)
	}
	slices.Sort(f.starts)
	for _, start := range g.starts {
		f.ends[start] = 0
	}
	return f
}

// reachable reports whether there may be a way that reads nothing.
func (g *graph) reachable(from, to int32) bool {
	seen := map[int32]bool{from: true}
	for queue := []int32{from}; len(queue) > 0; queue = queue[1:] {
		for _, j := range g.jumps[queue[0]] {
			if !seen[j.to] {
				seen[j.to] = true
				queue = append(queue, j.to)
			}
		}
	}
	return seen[to]
}
