package compile

import (
	"encoding/binary"
	"errors"
	"slices"
)

var errTooLarge = errors.New("match: too many states")

// automaton is deterministic. It reads classes of bytes, and at the end of the text the last class. A match shows one step late, in
// the state after the byte that follows it, since only then all of its conditions are known.
type automaton struct {
	class   [256]int
	classes int // the end of the text included
	next    []int32
	starts  [neighbours]int32 // by what is before the first byte that is read
	label   []int32           // by state, what has matched before the last byte: 0 for nothing

	sets    [][]int   // by label, the rules: of a detector
	kernels [][]int32 // by state, the nodes that the last byte led to
	before  []beside  // by state, what the last byte was; other when no condition asks
}

func (a *automaton) states() int { return len(a.label) }

// reading is how a graph is to be read.
type reading struct {
	graph     *graph
	backwards bool // left is what comes next
	anywhere  bool // a match may begin at each byte
	limit     int  // of states
	label     func(rules []int) int32
}

// determine makes the automaton, by subsets.
func determine(r reading) (*automaton, error) {
	a := &automaton{}
	kinds := a.divide(r.graph)
	d := &determiner{reading: r, a: a, known: map[string]int32{}, mark: make([]uint32, len(r.graph.jumps))}
	for kind := range beside(neighbours) {
		from := kind
		if !r.graph.conditions {
			from = other
		}
		a.starts[kind] = d.state(r.graph.starts, from, nil)
	}
	lists := make([][]int32, a.classes)
	for s := int32(0); int(s) < len(a.kernels); s++ {
		if len(a.kernels) > r.limit {
			return nil, errTooLarge
		}
		row := make([]int32, a.classes)
		var done [neighbours]bool
		for class := range a.classes {
			kind := kinds[class]
			if r.graph.conditions && done[kind] {
				continue
			}
			done[kind] = true
			nodes, rules := d.close(a.kernels[s], a.before[s], kind)
			for i := range lists {
				lists[i] = lists[i][:0]
			}
			for _, node := range nodes {
				for _, step := range r.graph.steps[node] {
					for c := a.class[step.lo]; c <= a.class[step.hi]; c++ {
						lists[c] = append(lists[c], step.to)
					}
				}
			}
			for c, same := 0, -1; c < a.classes; c++ {
				if r.graph.conditions && kinds[c] != kind {
					continue
				}
				if same >= 0 && c < a.classes-1 && slices.Equal(lists[c], lists[same]) { // most neighbours are alike
					row[c] = row[same]
					continue
				}
				same = c
				to := lists[c]
				if r.anywhere && c < a.classes-1 {
					to = append(to, r.graph.starts...)
				}
				from := other
				if r.graph.conditions {
					from = kinds[c]
				}
				row[c] = d.state(to, from, rules)
			}
			if !r.graph.conditions {
				break
			}
		}
		a.next = append(a.next, row...)
	}
	return a, nil
}

// divide makes classes of bytes that no step and no condition tells apart, and says what each is to a condition. Each is one range
// of bytes here, so that a step reads a range of classes.
func (a *automaton) divide(g *graph) []beside {
	var begins [257]bool
	for _, steps := range g.steps {
		for _, s := range steps {
			begins[s.lo], begins[int(s.hi)+1] = true, true
		}
	}
	for b := 1; b < 256 && g.conditions; b++ {
		begins[b] = begins[b] || besideOf(b) != besideOf(b-1)
	}
	kinds := []beside{besideOf(0)}
	for b := 1; b < 256; b++ {
		if begins[b] {
			kinds = append(kinds, besideOf(b))
		}
		a.class[b] = len(kinds) - 1
	}
	a.classes = len(kinds) + 1
	return append(kinds, edge)
}

type determiner struct {
	reading
	a      *automaton
	known  map[string]int32
	mark   []uint32 // the round in which a node was last reached
	round  uint32
	kernel []int32
	key    []byte
}

func (d *determiner) state(kernel []int32, from beside, rules []int) int32 {
	d.round++
	d.kernel = d.kernel[:0]
	for _, node := range kernel {
		if d.mark[node] != d.round {
			d.mark[node] = d.round
			d.kernel = append(d.kernel, node)
		}
	}
	slices.Sort(d.kernel)
	label := int32(0)
	if len(rules) > 0 {
		label = d.label(rules)
	}
	d.key = append(d.key[:0], byte(from), byte(label), byte(label>>8), byte(label>>16))
	for _, node := range d.kernel {
		d.key = binary.LittleEndian.AppendUint32(d.key, uint32(node))
	}
	id, ok := d.known[string(d.key)]
	if !ok {
		id = int32(len(d.a.kernels))
		d.known[string(d.key)] = id
		d.a.kernels = append(d.a.kernels, slices.Clone(d.kernel))
		d.a.before = append(d.a.before, from)
		d.a.label = append(d.a.label, label)
	}
	return id
}

// close follows the jumps from the kernel, between the byte that was read and the one that is next.
func (d *determiner) close(kernel []int32, was, next beside) (nodes []int32, rules []int) {
	left, right := was, next
	if d.backwards {
		left, right = next, was
	}
	d.round++
	nodes = d.graph.closure(kernel, left, right, d.mark, d.round)
	for _, node := range nodes {
		if rule, ok := d.graph.ends[node]; ok {
			rules = append(rules, rule)
		}
	}
	slices.Sort(rules)
	return nodes, slices.Compact(rules)
}

func (g *graph) closure(kernel []int32, left, right beside, mark []uint32, round uint32) []int32 {
	nodes := slices.Clone(kernel)
	for _, node := range nodes {
		mark[node] = round
	}
	for i := 0; i < len(nodes); i++ {
		for _, j := range g.jumps[nodes[i]] {
			if mark[j.to] != round && j.when.holds(left, right) {
				mark[j.to] = round
				nodes = append(nodes, j.to)
			}
		}
	}
	return nodes
}
