package match

// detector is an automaton whose labels are the rules that have matched.
type detector struct {
	automaton
	sets [][]uint16 // by label
}

func (r *reader) detector(rules int) detector {
	d := detector{automaton: r.automaton()}
	d.sets = make([][]uint16, r.number(len(r.rest)))
	for i := range d.sets {
		for range r.number(len(r.rest)) {
			rule := r.number(rules - 1)
			d.sets[i] = append(d.sets[i], uint16(rule))
		}
	}
	for _, label := range d.label {
		if int(label) >= len(d.sets) {
			r.fail()
		}
	}
	return d
}

// run reads the bytes from state on, and tells of each new label at which byte it came. A byte shows what matched before it.
func (d *detector) run(state uint16, bytes []byte, found func(label uint16, at int)) uint16 {
	next, classes, labelled := d.next, d.classes, d.labelled
	for i, b := range bytes {
		state = next[uint(state)*classes+uint(d.class[b])]
		if uint(state) >= labelled {
			found(d.label[uint(state)-labelled], i)
		}
	}
	return state
}

func (d *detector) finish(state uint16, found func(label uint16, at int)) {
	state = d.next[uint(state)*d.classes+d.end]
	if uint(state) >= d.labelled {
		found(d.label[uint(state)-d.labelled], 0)
	}
}
