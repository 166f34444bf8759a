package match

// detector is an automaton whose labels are the rules that have matched.
type detector struct {
	*automaton
	sets [][]uint16 // by label
}

func (r *reader) detector(rules int) detector {
	d := detector{automaton: r.automaton()}
	d.sets = make([][]uint16, r.number(len(r.rest)))
	for i := range d.sets {
		d.sets[i] = r.numbers(r.number(len(r.rest)), rules-1)
	}
	r.below(d.label, len(d.sets))
	return d
}

// below makes the program bad if one of the numbers is not.
func (r *reader) below(numbers []uint16, most int) {
	for _, n := range numbers {
		if int(n) >= most {
			r.fail()
		}
	}
}

// run reads the bytes from state on, up to one that shows a label: of what ended before it. n is how many it has read.
//
//go:noinline
func (d *detector) run(state uint16, bytes []byte) (to uint16, n int) {
	next, classes, labelled := d.next, d.classes, d.labelled
	for i, b := range bytes {
		state = next[uint(state)*classes+uint(d.class[b])]
		if uint(state) >= labelled {
			return state, i + 1
		}
	}
	return state, len(bytes)
}

// rules are those that a state shows.
func (d *detector) rules(state uint16) []uint16 {
	if uint(state) < d.labelled {
		return nil
	}
	return d.sets[d.label[uint(state)-d.labelled]]
}
