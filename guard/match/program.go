package match

// reader takes the parts of a program off its front. What is missing, or larger than it may be, makes it bad, and it then reads zeros.
type reader struct {
	rest []byte
	bad  bool
}

// open decodes base64url without padding, and checks the sum at the end.
func open(text string) (*reader, bool) {
	if len(text)%4 == 1 {
		return nil, false
	}
	out := make([]byte, 0, len(text)/4*3+2)
	bits, n := uint32(0), 0
	for i := range len(text) {
		b, value := text[i], byte(0)
		switch {
		case b >= 'A' && b <= 'Z':
			value = b - 'A'
		case b >= 'a' && b <= 'z':
			value = b - 'a' + 26
		case b >= '0' && b <= '9':
			value = b - '0' + 52
		case b == '-':
			value = 62
		case b == '_':
			value = 63
		default:
			return nil, false
		}
		bits = bits<<6 | uint32(value)
		if n += 6; n >= 8 {
			n -= 8
			out = append(out, byte(bits>>n))
		}
	}
	if len(out) < 4 {
		return nil, false
	}
	body, end := out[:len(out)-4], out[len(out)-4:]
	sum := uint32(2166136261) // FNV-1a
	for _, b := range body {
		sum = (sum ^ uint32(b)) * 16777619
	}
	same := sum == uint32(end[0])<<24|uint32(end[1])<<16|uint32(end[2])<<8|uint32(end[3])
	return &reader{rest: body}, same
}

// number reads one of at most most. It and the like stay calls: inlined, the module's code would be twice what it is.
//
//go:noinline
func (r *reader) number(most int) int {
	value := uint(0)
	for shift := 0; shift < 28 && shift/7 < len(r.rest); shift += 7 {
		b := r.rest[shift/7]
		value |= uint(b&0x7f) << shift
		if b < 0x80 {
			if int(value) > most {
				break
			}
			r.rest = r.rest[shift/7+1:]
			return int(value)
		}
	}
	r.fail()
	return 0
}

//go:noinline
func (r *reader) bytes(n int) []byte {
	if n > len(r.rest) {
		r.fail()
		return nil
	}
	taken := r.rest[:n]
	r.rest = r.rest[n:]
	return taken
}

func (r *reader) fail() { r.bad, r.rest = true, nil }

// numbers reads n numbers, each of at most most.
func (r *reader) numbers(n, most int) []uint16 {
	if n > len(r.rest) { // each takes a byte at least
		r.fail()
		n = 0
	}
	out := make([]uint16, n)
	for i := range out {
		out[i] = uint16(r.number(most))
	}
	return out
}

// automaton is a deterministic one over classes of bytes. What matched before a byte is told by the state after it.
type automaton struct {
	class    [256]uint8
	classes  uint
	end      uint // the class of the end of the text
	next     []uint16
	starts   []uint16 // by beside; empty in a bad program
	labelled uint     // states from here on have a label
	label    []uint16
}

const mostTable = 1 << 21

func (r *reader) automaton() *automaton {
	a := &automaton{classes: uint(r.number(257))}
	a.end = a.classes - 1
	for b := 0; b < 256; {
		class, n := r.number(int(a.end)-1), r.number(256-b)
		if n == 0 {
			r.fail()
			return a
		}
		for end := b + n; b < end; b++ {
			a.class[b] = uint8(class)
		}
	}
	states := r.number(1<<16 - 1)
	if states == 0 || states > len(r.rest) || states*int(a.classes) > mostTable { // each state takes a byte at least
		r.fail()
		return a
	}
	labels := r.number(states)
	a.labelled = uint(states - labels)
	a.starts = r.numbers(4, states-1)
	a.label = r.numbers(labels, 1<<16-1)
	size := int(a.classes)
	a.next = make([]uint16, states*size)
	for state := 0; state < states && !r.bad; state++ {
		row := a.next[state*size:][:size]
		copy(row, a.next[(state-r.number(state))*size:]) // itself is all zero yet
		for range r.number(size) {
			row = row[r.number(len(row)):]
			n, to := r.number(len(row)), r.number(states-1)
			for i := range row[:n] {
				row[i] = uint16(to)
			}
			row = row[n:]
		}
	}
	return a
}
