package dialect

import (
	"strings"

	"github.com/sluice-gateway/sluice/jsonscan"
)

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
	{"/v1/responses", Responses},
	{"/v1/responses/compact", NoOp},
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

// prompting are the last segments of paths at which a model's server takes what people say:
// OpenAI's and Anthropic's APIs, their older forms, Azure's, vLLM's, llama.cpp's, Ollama's,
// Bedrock's and Google's. Files, batches, pictures and speech are not among them.
const prompting = " batchembedcontents chat complete completion completions conversations converse converse-stream count_tokens counttokens embed embedcontent embeddings generate generatecontent infill input_tokens invoke invoke-with-response-stream items messages moderations predict rawpredict realtime rerank responses runs score streamgeneratecontent streamrawpredict threads tokenize "

// Prompts tells whether a request that is no LLM call is one that has a prompt in it all the
// same, by where its path ends: /openai/deployments/NAME/chat/completions, /models/NAME:generateContent.
func Prompts(path string) bool {
	p := string(normalise(path))
	last, _, _ := strings.Cut(p[strings.LastIndexAny(p, "/:")+1:], ".") // a form: completions.json
	return strings.Contains(prompting, " "+last+" ")
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
// percent-decoded until nothing is left to decode, cut where a query, a fragment,
// white space or a control character begins, back-slashes turned, parameters (`;x`)
// dropped, dot segments resolved, slashes merged, the last one dropped, ASCII
// letters lower. It never makes a path longer.
func normalise(path string) []byte {
	b := percentDecode(path)
	for i, c := range b {
		if c == '?' || c == '#' || c <= ' ' || c == 0x7F {
			b = b[:i]
			break
		}
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

// percentDecode undoes every layer of percent-encoding, in one pass: what one layer
// decodes to may complete an escape of the layer above.
func percentDecode(path string) []byte {
	out := make([]byte, 0, len(path))
	for i := range len(path) {
		out = append(out, path[i])
		for n := len(out); n >= 3 && out[n-3] == '%'; n = len(out) {
			hi, ok := jsonscan.HexDigit(out[n-2])
			lo, alsoOK := jsonscan.HexDigit(out[n-1])
			if !ok || !alsoOK {
				break
			}
			out = append(out[:n-3], byte(hi<<4|lo))
		}
	}
	return out
}
