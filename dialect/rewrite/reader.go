package rewrite

import (
	"bytes"
	"strconv"

	"github.com/sluice-gateway/sluice/jsonscan"
)

// span is the bytes [start, end) of something.
type span struct{ start, end int }

//go:noinline
func (s span) of(b []byte) []byte { return b[s.start:s.end] }

// text is a string of the answer that may have to change.
type text struct {
	_ [0]func() // not compared: Go makes code for that

	role   role
	at     [3]int // choice, item, part
	place  span   // as written, quotes included
	said   span   // what it says, in reader.said
	now    span   // what it is to say, in Stream.out, or the like
	more   span   // and behind that
	signed bool   // it is a thought that has to stay as it is
}

func (t *text) channel(k Kind) Channel {
	return Channel{Kind: k, Choice: t.at[0], Item: t.at[1], Part: t.at[2]}
}

// kind is the kind of a text that is there as a whole, or taken so.
func (t *text) kind() Kind {
	switch {
	case t.role >= pieces:
		return kindOf(uint8(t.role - pieces))
	case t.role >= named:
		return Value
	}
	return Kind(t.role - wholes)
}

// reader finds the texts of one JSON text, in its order.
type reader struct {
	scan  *jsonscan.Scanner
	data  []byte
	texts []text
	said  []byte

	at    [3]int // where the reader is
	since [3]int // the texts since that element began: an index may stand behind them

	isObject bool
	failed   bool
	kind     []byte // the event's type
	partType []byte
	signed   bool  // the item at hand is
	choices  bool  // there is one at least
	finished []int // choices
	sequence int64 // -1 = it has no number
	// Where they stand; empty where they are absent.
	sequenceAt, choicesAt, usageAt, logprobsAt, deltaAt span
}

//go:noinline
func newReader(paths *jsonscan.Paths) *reader {
	r := new(reader)
	r.scan = jsonscan.New(r, jsonscan.Options{Paths: paths})
	return r
}

// usual is as much room as a buffer keeps for the next event, in bytes.
const usual = 32 << 10

// read reads a text, and tells whether it is an object.
func (r *reader) read(data []byte) bool {
	*r = reader{scan: r.scan, data: data, sequence: -1,
		texts: reuse(r.texts, usual/64), said: reuse(r.said, usual), kind: r.kind[:0], partType: r.partType[:0], finished: reuse(r.finished, usual/8)}
	r.scan.Reset(r)
	return r.scan.Write(data) == nil && r.scan.Close() == nil && r.isObject
}

// reuse empties a buffer, and lets it go where it has become too large to be kept.
func reuse[T any](b []T, most int) []T {
	if cap(b) > most {
		return nil
	}
	return b[:0]
}

// Event handles one event of the scanner: see jsonscan.Handler.
func (r *reader) Event(e *jsonscan.Event) error {
	here := role(e.Path)
	switch here {
	case atAnswer:
		r.isObject = r.isObject || e.Kind == jsonscan.BeginObject
	case atError:
		switch e.Kind { // many send null, false or "" where there was none
		case jsonscan.BeginObject, jsonscan.BeginArray, jsonscan.StringChunk, jsonscan.Number, jsonscan.True:
			r.failed = true
		}
	case atType:
		r.kind = word(r.kind, e)
	case atSequence:
		if n, ok := number(e); ok {
			r.sequence, r.sequenceAt = n, spanOf(e)
		}
	case atChoices:
		if e.Kind == jsonscan.EndArray {
			r.choicesAt = spanOf(e)
		}
	case atUsage:
		if e.End >= 0 {
			r.usageAt = spanOf(e)
		}
	case atLogprobs:
		if e.Kind == jsonscan.EndArray || e.Kind == jsonscan.EndObject {
			r.logprobsAt = spanOf(e)
			r.add(here, r.logprobsAt, len(r.said))
		}
	case atFinish:
		if e.Kind == jsonscan.StringChunk && (len(r.finished) == 0 || r.finished[len(r.finished)-1] >= 0) {
			r.finished = append(r.finished, -1) // which one, its end tells
		}
	case atChoice, atItem, atPart:
		r.element(int(here-atChoice), e)
	case atChoiceIndex, atItemIndex, atPartIndex:
		if n, ok := number(e); ok {
			r.index(int(here-atChoiceIndex), int(n))
		}
	case atPartType:
		if r.partType = word(r.partType, e); e.Kind == jsonscan.EndString && r.thinks() {
			for i := r.since[2]; i < len(r.texts); i++ {
				r.texts[i].think()
			}
		}
	case atSignature:
		if e.Kind == jsonscan.StringChunk && !r.signed {
			r.signed = true
			r.add(atNothing, span{}, len(r.said)) // it may stand beside no text
			for i := r.since[1]; i < len(r.texts); i++ {
				r.texts[i].signed = true
			}
		}
	default:
		r.text(here, e)
	}
	return nil
}

// element begins an element of an array, or ends it.
func (r *reader) element(level int, e *jsonscan.Event) {
	switch {
	case e.Kind == jsonscan.BeginObject:
		r.choices = r.choices || level == 0
		r.at[level], r.since[level] = e.Index, len(r.texts)
		for level++; level < len(r.at); level++ { // what is in it has not begun
			r.at[level], r.since[level] = 0, len(r.texts)
		}
		r.partType = r.partType[:0]
	case e.Kind == jsonscan.EndObject && level == 0:
		if n := len(r.finished); n > 0 && r.finished[n-1] < 0 {
			r.finished[n-1] = r.at[0]
		}
	case e.Kind == jsonscan.EndObject && level == 1:
		r.at[1], r.signed = 0, false // what stands behind it is none of its own
	}
}

// index says where the reader is, and was since the element began.
func (r *reader) index(level, n int) {
	r.at[level] = n
	for i := r.since[level]; i < len(r.texts); i++ {
		r.texts[i].at[level] = n
	}
}

// text takes what stands at the place of a text, if it is one.
func (r *reader) text(here role, e *jsonscan.Event) {
	switch e.Kind {
	case jsonscan.BeginString, jsonscan.BeginObject, jsonscan.BeginArray, jsonscan.Number, jsonscan.True, jsonscan.False, jsonscan.Null:
		if here == named && e.Key != nil {
			begin := len(r.said)
			r.said = add(r.said, e.Key)
			r.add(here, span{int(e.Member), nameEnd(r.data, int(e.Member))}, begin)
		}
		if e.Kind != jsonscan.BeginString {
			return
		}
		if here == result && noText(e.Key) {
			e.Skip()
			return
		}
		r.add(here, span{int(e.Start), -1}, len(r.said))
	case jsonscan.StringChunk:
		r.said = add(r.said, e.Text)
	case jsonscan.EndString:
		if here == result && noText(e.Key) {
			return
		}
		t := &r.texts[len(r.texts)-1]
		t.place.end, t.said.end = int(e.End), len(r.said)
		if here == typed {
			r.deltaAt = t.place
		}
	}
}

//go:noinline
func (r *reader) add(here role, place span, begin int) {
	t := text{role: here, at: r.at, place: place, said: span{begin, len(r.said)}, signed: r.signed}
	if r.thinks() {
		t.think()
	}
	r.texts = append(r.texts, t)
}

// thinks tells whether the part at hand is a thought.
func (r *reader) thinks() bool {
	return string(r.partType) == "reasoning_text" || string(r.partType) == "summary_text"
}

func (t *text) think() {
	if t.role == asContent {
		t.role = asReasoning
	}
}

// noTexts are members of results, by their names, that are no texts.
var noTexts = [...]string{"type", "id", "role", "status", "data", "media_type", "signature", "retrieved_at"}

//go:noinline
func noText(name []byte) bool {
	for _, n := range noTexts {
		if n == string(name) {
			return true
		}
	}
	return bytes.HasSuffix(name, []byte("_id")) || bytes.HasPrefix(name, []byte("encrypted_"))
}

// nameEnd is where the name of a member ends that begins with the quote at start.
func nameEnd(data []byte, start int) int {
	for i := start + 1; ; i++ {
		switch data[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
}

func spanOf(e *jsonscan.Event) span { return span{int(e.Start), int(e.End)} }

// maxWord bounds what is kept of a type, in bytes.
const maxWord = 64

// word collects a short string.
//
//go:noinline
func word(have []byte, e *jsonscan.Event) []byte {
	switch e.Kind {
	case jsonscan.BeginString:
		return have[:0]
	case jsonscan.StringChunk:
		return add(have, e.Text[:min(len(e.Text), maxWord-len(have))])
	}
	return have
}

// maxNumber bounds indexes and the numbers of events; what is larger is not told apart.
const maxNumber = 1 << 30

// number reads a whole number that is written in digits alone.
//
//go:noinline
func number(e *jsonscan.Event) (n int64, ok bool) {
	if e.Kind != jsonscan.Number {
		return 0, false
	}
	for _, c := range e.Text {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = min(n*10+int64(c-'0'), maxNumber)
	}
	return n, true
}

// add is append, which is 300 bytes of code wherever it stands.
//
//go:noinline
func add(out, p []byte) []byte { return append(out, p...) }

// fill appends the parts, one after the other.
//
//go:noinline
func fill(out []byte, parts ...string) []byte {
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

// digits is a number as it is written.
func digits(n int64) string { return strconv.FormatInt(n, 10) }
