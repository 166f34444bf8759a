package dialect

// Reading says how a request line is to be understood.
type Reading uint8

// The readings of a request line.
const (
	// Other is no LLM call: it passes untouched.
	Other Reading = iota
	// Call is an LLM call.
	Call
	// Disguised is a path that is not the name of an LLM call, yet that an upstream
	// may take for one after it has decoded or normalised the path. To let it
	// pass would let it by uncounted, so it is refused.
	Disguised
	// Unbuilt spends tokens, but this version cannot count it yet.
	Unbuilt
)

var paths = []struct {
	path string
	op   Op
}{
	{"/v1/chat/completions", ChatCompletions},
	{"/v1/completions", Completions},
	{"/v1/embeddings", Embeddings},
	{"/v1/messages", Messages},
	{"/v1/responses", NoOp},
	{"/v1/messages/batches", NoOp},
}

// Classify reads a request line: the method and the path with its query, as the
// client sent them.
func Classify(method, path string) (Op, Reading) {
	if method != "POST" {
		return NoOp, Other
	}
	for i := range path {
		if path[i] == '?' || path[i] == '#' {
			path = path[:i]
			break
		}
	}
	if op, r := lookUp(path, Call); r != Other {
		return op, r
	}
	return lookUp(string(normalise(path)), Disguised)
}

func lookUp(path string, found Reading) (Op, Reading) {
	for _, p := range paths {
		if p.path != path {
			continue
		}
		if p.op == NoOp {
			return NoOp, Unbuilt
		}
		return p.op, found
	}
	return NoOp, Other
}

// normalise gives the reading that the most lenient upstream could give a path:
// percent-decoded until nothing is left to decode, back-slashes turned, parameters
// (`;x`) dropped, dot segments resolved, slashes merged, the last one dropped,
// ASCII letters lower. It never makes a path longer.
func normalise(path string) []byte {
	b := []byte(path)
	for range 4 { // each round undoes one layer of encoding
		d := percentDecode(b)
		if len(d) == len(b) {
			break
		}
		b = d
	}
	out := b[:0]
	for i := 0; i < len(b); {
		for i < len(b) && isSlash(b[i]) {
			i++
		}
		start := i
		for i < len(b) && !isSlash(b[i]) {
			i++
		}
		segment := b[start:i]
		for j := range segment {
			if segment[j] == ';' {
				segment = segment[:j]
				break
			}
		}
		switch string(segment) {
		case "", ".":
		case "..":
			for len(out) > 0 {
				last := out[len(out)-1]
				out = out[:len(out)-1]
				if last == '/' {
					break
				}
			}
		default:
			// What is written never overtakes what is read: each segment had at
			// least one slash before it, or is the first of a path without one.
			if start == 0 {
				return nil // a path that does not begin with a slash names nothing
			}
			out = append(out, '/')
			for _, c := range segment {
				if 'A' <= c && c <= 'Z' {
					c += 'a' - 'A'
				}
				out = append(out, c)
			}
		}
	}
	return out
}

func isSlash(c byte) bool { return c == '/' || c == '\\' }

func percentDecode(b []byte) []byte {
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); i++ {
		if b[i] == '%' && i+2 < len(b) {
			hi, lo := unhex(b[i+1]), unhex(b[i+2])
			if hi >= 0 && lo >= 0 {
				out = append(out, byte(hi<<4|lo))
				i += 2
				continue
			}
		}
		out = append(out, b[i])
	}
	return out
}

func unhex(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}
