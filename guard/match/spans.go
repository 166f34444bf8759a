package match

// spanner finds every place where a pattern matches: the leftmost, of those the longest, and then the next behind it. Reading
// backwards tells at which bytes matches begin, reading forwards from there where one ends, and longer whether to read on. So
// each byte is read once backwards, and once forwards if it is in a match.
type spanner struct {
	forward, backward *automaton
	longer            []byte // bits, by row and column
	columns           int
	row               []uint16 // by state of forward, from labelled on
	column            []uint16 // by state of backward
}

func (r *reader) spanner(rules int) *spanner {
	s := &spanner{forward: r.automaton(), backward: r.automaton()}
	rows, columns := r.number(1<<16-1), r.number(1<<16-1)
	s.columns = columns
	s.longer = r.bytes((rows*columns + 7) / 8)
	s.row = r.numbers(len(s.forward.label), rows-1)
	s.column = r.numbers(len(s.backward.next)/max(int(s.backward.classes), 1), columns-1)
	r.below(s.forward.label, rules+1)
	return s
}

// ahead reports whether the text goes on to a longer match, at a labelled state of forward and a state of backward.
func (s *spanner) ahead(label uint, state uint16) bool {
	bit := int(s.row[label])*s.columns + int(s.column[state])
	return s.longer[bit/8]>>(bit%8)&1 != 0
}

const (
	// MaxMatch is how many bytes of folded text a match may have to be told whole and as the longest, wherever it is. Of a longer
	// one as much is told as its windows show, which is at least the longest match within its first MaxMatch bytes.
	MaxMatch = 4 << 10
	// windowSize is how many bytes are looked at together.
	windowSize = 16 << 10
)

// window is the folded text that is not decided yet, and where it comes from.
type window struct {
	*spanner
	bytes      []byte
	start, end []uint32
	before     byte // what is before bytes
	begun      bool // there is something
	states     []uint16
	read       int
}

//go:noinline
func (w *window) add(b byte, start, end uint32) {
	w.bytes = append(w.bytes, b)
	w.start = append(w.start, start)
	w.end = append(w.end, end)
}

// decide finds what can be found in the window. Its last byte only shows what is beside the others, unless the text has ended.
func (w *window) decide(finds []Find, ended bool) []Find {
	size, right := len(w.bytes), uint(0)
	after := w.forward.end
	if !ended {
		size--
		right = beside(w.bytes[size])
		after = uint(w.forward.class[w.bytes[size]])
	}
	// states[i+1] is backward's at byte i, before it reads what is before i.
	w.states = append(w.states[:0], make([]uint16, size+2)...)
	back := w.backward
	state := back.starts[right]
	w.states[size+1] = state
	for i := size - 1; i >= 0; i-- {
		state = back.next[uint(state)*back.classes+uint(back.class[w.bytes[i]])]
		w.states[i+1] = state
	}
	first := back.end
	if w.begun {
		first = uint(back.class[w.before])
	}
	w.states[0] = back.next[uint(state)*back.classes+first]
	w.read += size + 1

	undecided := size
	if !ended {
		undecided = size - MaxMatch
	}
	at := 0
	for at < undecided {
		if uint(w.states[at]) < back.labelled {
			at++
			continue
		}
		rule, end := w.longest(at, size, after)
		if end == 0 { // only a program that was made to deceive tells of a match that is none
			at++
			continue
		}
		finds = append(finds, Find{Rule: rule, Start: int(w.start[at]), End: int(w.end[end-1])})
		at = end
	}
	w.drop(at)
	return finds
}

// longest reads forwards from at.
//
//go:noinline
func (w *window) longest(at, size int, after uint) (rule, end int) {
	a := w.forward
	left := uint(0)
	switch {
	case at > 0:
		left = beside(w.bytes[at-1])
	case w.begun:
		left = beside(w.before)
	}
	state := a.starts[left]
	for i := at; i <= size; i++ {
		class := after
		if i < size {
			class = uint(a.class[w.bytes[i]])
		}
		state = a.next[uint(state)*a.classes+class]
		w.read++
		if uint(state) < a.labelled {
			continue
		}
		n := uint(state) - a.labelled
		rule, end = int(a.label[n])-1, i
		if i == size || !w.ahead(n, w.states[i+2]) {
			break
		}
	}
	return rule, end
}

//go:noinline
func (w *window) drop(n int) {
	if n == 0 {
		return
	}
	w.before, w.begun = w.bytes[n-1], true
	w.bytes = append(w.bytes[:0], w.bytes[n:]...)
	w.start = append(w.start[:0], w.start[n:]...)
	w.end = append(w.end[:0], w.end[n:]...)
}

// beside is what a byte is to the conditions beside it: 0 would be the edge of the text.
func beside(b byte) uint {
	switch {
	case b == '\n':
		return 1
	case b == '_', b >= '0' && b <= '9', b >= 'A' && b <= 'Z', b >= 'a' && b <= 'z':
		return 2
	}
	return 3
}
