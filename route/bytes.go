package route

// StateSize is the length of a state as bytes:
//
//	version    1 byte, 1
//	failures   1 byte
//	failed     6 bytes
//	answered   6 bytes
//	cool       until 6 bytes, length 4 bytes
//	limit      the same
//	first      value 4 bytes, weight 1 byte, at 6 bytes
//	token      the same
//
// Numbers have their lowest byte first; times are milliseconds since the Unix epoch.
const StateSize = 2 + 2*6 + 2*10 + 2*11

const version = 1

var sizes = [...]uint8{1, 6, 6, 6, 4, 6, 4, 4, 1, 6, 4, 1, 6}

// numbers are a state's numbers in the order of the bytes.
//
//go:noinline
func (s *State) numbers() [len(sizes)]*int64 {
	return [...]*int64{
		&s.failures, &s.failed, &s.answered,
		&s.cool.until, &s.cool.length, &s.limit.until, &s.limit.length,
		&s.first.value, &s.first.weight, &s.first.at, &s.token.value, &s.token.weight, &s.token.at,
	}
}

// Append appends the state as bytes.
func (s State) Append(dst []byte) []byte {
	dst = append(dst, version)
	for i, n := range s.numbers() {
		for at := range sizes[i] {
			dst = append(dst, byte(*n>>(8*at)))
		}
	}
	return dst
}

// ParseState reads what Append wrote. What cannot be read, also what another version
// wrote, is nothing known.
func ParseState(b []byte) State {
	var s State
	if len(b) != StateSize || b[0] != version {
		return s
	}
	b = b[1:]
	for i, n := range s.numbers() {
		for at := range sizes[i] {
			*n |= int64(b[at]) << (8 * at)
		}
		b = b[sizes[i]:]
	}
	if s.first.weight > most || s.token.weight > most {
		return State{}
	}
	return s
}
