package dialect

import "github.com/sluice-gateway/sluice/jsonscan"

// Answer is what a whole, non-streaming answer says of itself.
type Answer struct {
	Usage      Usage
	UsageKnown bool // false: no usage in it, or null, or not all of it
	Failed     bool // an error object under a status that says success
	Empty      bool // it has come to its end in good order and says nothing
}

// AnswerReader reads a non-streaming answer while it arrives. The zero value is ready for
// Reset.
type AnswerReader struct {
	op       Op
	scan     *jsonscan.Scanner // for the paths of op
	answer   Answer
	usage    usageFields
	isObject bool
	status   []byte // of a response

	// The text is kept, and only counted where there turns out to be no usage.
	text   []byte
	pieces []piece
	choice int
	reason []byte // the last finish reason
}

// piece is the text of one choice up to a place in AnswerReader.text.
type piece struct{ choice, end int }

// NewAnswerReader begins to read an answer to operation op.
func NewAnswerReader(op Op) *AnswerReader {
	r := new(AnswerReader)
	r.Reset(op)
	return r
}

// Reset begins to read another answer. Nothing is kept of the one before but buffers of the
// usual size.
func (r *AnswerReader) Reset(op Op) {
	if r.scan == nil || r.op != op {
		r.scan = jsonscan.New(r, jsonscan.Options{Paths: answerPaths(op)})
	} else {
		r.scan.Reset(r)
	}
	*r = AnswerReader{op: op, scan: r.scan, status: r.status[:0], reason: r.reason[:0], text: r.text[:0]}
	if cap(r.text) > usualText {
		r.text = nil
	}
	r.usage.clear()
}

// usualText is as much room as a reader keeps for the next answer's text, in bytes.
const usualText = 8 << 10

func answerPaths(op Op) *jsonscan.Paths {
	switch op {
	case Messages:
		return anthropicAnswerPaths
	case Responses:
		return responseAnswerPaths
	}
	return openAIAnswerPaths
}

// Write reads the next chunk. An error means that nothing can be known from the
// answer; there is no need to write on.
func (r *AnswerReader) Write(chunk []byte) error { return r.scan.Write(chunk) }

// Whole tells whether the JSON text is complete: there can be nothing more but space.
func (r *AnswerReader) Whole() bool { return r.scan.Complete() }

// Close ends the answer. ok is false where it was not a JSON object. The text goes to
// out only when there is no usage, since only then has anybody to count it.
func (r *AnswerReader) Close(out Output) (a Answer, ok bool) {
	if r.scan.Close() != nil || !r.isObject {
		return Answer{}, false
	}
	r.answer.Failed = r.answer.Failed || string(r.status) == "failed"
	input, output := r.usage.into(r.op, &r.answer.Usage)
	r.answer.UsageKnown = input && (output || !r.op.Generates())
	r.answer.Empty = r.op.Generates() && !r.answer.Failed && len(r.text) == 0 && ordinaryEnd(string(r.reason))
	if !r.answer.UsageKnown {
		r.Text(out)
	}
	return r.answer, true
}

// Text gives the text up to here, of an answer that will not come to its end.
func (r *AnswerReader) Text(out Output) {
	start := 0
	for _, p := range r.pieces {
		out.Delta(p.choice, r.text[start:p.end])
		start = p.end
	}
}

// Event handles one event of the scanner: see jsonscan.Handler.
func (r *AnswerReader) Event(e *jsonscan.Event) error {
	switch e.Path {
	case atAnswer:
		r.isObject = r.isObject || e.Kind == jsonscan.BeginObject
	case atError:
		r.answer.Failed = r.answer.Failed || saysError(e)
	case atChoice:
		r.choice = min(e.Index, maxChoices-1)
	case atOutputRaw:
		if e.Kind == jsonscan.BeginObject {
			e.Raw()
		}
		r.keep(e)
	case atFinish:
		if e.Kind == jsonscan.StringChunk {
			r.reason = appendUpTo(r.reason[:0], e.Text, maxReason)
		}
	case atOutput, atSaid, atRefusal:
		r.keep(e)
	case atStatus:
		r.status = appendWord(r.status, e)
	default:
		r.usage.read(e)
	}
	return nil
}

func (r *AnswerReader) keep(e *jsonscan.Event) {
	if e.Kind != jsonscan.StringChunk && e.Kind != jsonscan.RawChunk {
		return
	}
	r.text = append(r.text, e.Text...)
	if n := len(r.pieces); n > 0 && r.pieces[n-1].choice == r.choice {
		r.pieces[n-1].end = len(r.text)
		return
	}
	r.pieces = append(r.pieces, piece{r.choice, len(r.text)})
}
