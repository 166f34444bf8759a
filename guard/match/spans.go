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

// window is the folded text that is not decided yet.
type window struct {
	*spanner
	text   []place
	before int16 // the byte before text; -1 when that is the text's beginning
	states []uint16
	found  []Find // decided; the Matcher takes them
	read   int
}

// place is a byte and where it comes from.
type place struct {
	start, end uint32
	byte       byte
}

// class is what an automaton reads at a place of the text; at its end, that it ends.
func (w *window) class(a *automaton, i int) uint {
	if uint(i) < uint(len(w.text)) {
		return uint(a.class[w.text[i].byte])
	}
	return a.end
}

// besides is what stands at a place, for what is beside it.
func (w *window) besides(i int) uint8 {
	switch {
	case i < 0 && w.before >= 0:
		return beside(byte(w.before))
	case i < 0:
		return edge
	case i < len(w.text):
		return beside(w.text[i].byte)
	}
	return edge
}

// decide finds what can be found in the window. Its last byte only shows what is beside the others, unless the text has ended.
func (w *window) decide(ended bool) {
	size, undecided := len(w.text), len(w.text)
	if !ended {
		size--
		undecided = size - MaxMatch
	}
	// states[i] is backward's behind byte i-1, before it reads that; labelled is one that has read it and found a beginning at i.
	w.states = append(w.states[:0], make([]uint16, size+1)...)
	back := w.backward
	state := back.starts[w.besides(size)]
	for i := size; i > 0; i-- {
		w.states[i] = state
		state = back.next[uint(state)*back.classes+w.class(back, i-1)]
	}
	w.states[0] = state
	w.read += size + 1
	at := 0
	for at < undecided {
		if end := w.longest(at, size); end > at {
			at = end
		} else {
			at++
		}
	}
	if at > 0 {
		w.before = int16(w.text[at-1].byte)
		w.text = append(w.text[:0], w.text[at:]...)
	}
}

// begins reports whether a match begins at byte i: backward shows it once it has read the byte before.
func (w *window) begins(i int) bool {
	if i > 0 {
		return uint(w.states[i-1]) >= w.backward.labelled
	}
	back := w.backward
	class := back.end
	if w.before >= 0 {
		class = uint(back.class[byte(w.before)])
	}
	return uint(back.next[uint(w.states[0])*back.classes+class]) >= back.labelled
}

// longest adds the match that begins at a byte, and returns its end; 0 when none begins.
func (w *window) longest(at, size int) (end int) {
	if !w.begins(at) {
		return 0
	}
	a := w.forward
	rule := 0
	state := a.starts[w.besides(at-1)]
	for i := at; i <= size; i++ {
		state = a.next[uint(state)*a.classes+w.class(a, i)]
		w.read++
		if uint(state) < a.labelled {
			continue
		}
		n := uint(state) - a.labelled
		rule, end = int(a.label[n])-1, i
		if i >= size || !w.ahead(n, w.states[i+1]) {
			break
		}
	}
	if end > at { // another only in a program that was made to deceive
		w.found = append(w.found, Find{Rule: rule, Start: int(w.text[at].start), End: int(w.text[end-1].end)})
	}
	return end
}

// edge is what is beside a text's first and last byte; beside tells of others.
const edge = 0

func beside(b byte) uint8 {
	switch {
	case b == '\n':
		return 1
	case b == '_', b >= '0' && b <= '9', b >= 'A' && b <= 'Z', b >= 'a' && b <= 'z':
		return 2
	}
	return 3
}
