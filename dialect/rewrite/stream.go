package rewrite

import (
	"bytes"

	"github.com/sluice-gateway/sluice/dialect"
	"github.com/sluice-gateway/sluice/jsonscan"
	"github.com/sluice-gateway/sluice/sse"
)

// Stream rewrites a streamed answer, event by event.
type Stream struct {
	// Over is told of each choice that has said all it has to say, or of all (-1); nil = nobody
	// asks.
	Over func(choice int)
	// Bare leaves log probabilities out: their tokens tell what is held back of a text.
	Bare bool
	// Unsigned tells that no thought of the answer is signed. Else one is known to be so at
	// its end, and waits for that from where it would change.
	Unsigned bool

	op    dialect.Op
	open  Open
	read  *reader // nil where the answer has no text
	texts []channel

	head, tail []byte // OpenAI: what stands around the `choices` of a chunk
	kept       bool   // there was one
	inserted   int64  // events
	next       int64  // the number of the event at hand, as its provider counts
	typed      bool   // the events have a type beside their data

	before []byte
	out    []byte
	data   []byte
	edits  []jsonscan.Edit
}

// channel is a text that has begun and may go on.
type channel struct {
	shape uint8
	at    [3]int
	w     Writer // nil = it stays as it is
	half  rune   // of a character whose other half may come with the next piece; 0 = none
	let   bool   // what it held has been let go, for another began or its choice has finished

	// Responses: the last event of it.
	last                    []byte
	delta, number, logprobs span
}

// maxTexts bounds the texts that are known at once. Where there are more, those that hold
// nothing are forgotten, and if there are none, each piece is a text. OpenAI has at most 128
// choices.
const maxTexts = 256

// NewStream begins to rewrite a streamed answer to operation op.
func NewStream(op dialect.Op, open Open) *Stream {
	s := &Stream{op: op, open: open, head: []byte(`{"choices":`), tail: []byte(`}`)}
	if paths := pathsOf(op, true); paths != nil {
		s.read = newReader(paths)
	}
	return s
}

// Event takes the data of the next event, and typ, its SSE event type, empty when there is
// none. before is what is to be sent in front of it: whole events, with their framing.
// with is the data to put in place of its own (sse.AppendRewritten), nil where that stays.
// Both are valid until the next call.
//
// Data that is not a JSON object stays as it is, and so does what it should have brought.
func (s *Stream) Event(typ, data []byte) (before, with []byte) {
	s.before, s.out, s.edits = s.before[:0], reuse(s.out, usual), s.edits[:0]
	said := bytes.TrimSpace(data)
	switch {
	case s.read == nil || len(said) == 0:
		return nil, nil
	case string(said) == "[DONE]" && s.op != dialect.Messages:
		s.End()
		s.over(every)
		return s.before, nil
	case !s.read.read(data):
		return nil, nil
	}
	r := s.read
	s.typed = len(typ) > 0
	if len(r.kind) == 0 {
		r.kind = add(r.kind, typ[:min(len(typ), maxWord)])
	}
	s.next++
	if r.sequence >= 0 {
		s.next = r.sequence
	}
	switch s.op {
	case dialect.Messages:
		s.messageEvent()
	case dialect.Responses:
		s.responseEvent()
	default:
		s.chunk()
	}
	if r.failed || string(typ) == "error" {
		s.endAll()
	}
	return s.before, s.rewritten()
}

// End is what is to be sent where the stream ends here, after the last event that was
// taken: events with the texts that were held back.
func (s *Stream) End() []byte {
	s.before, s.out = s.before[:0], s.out[:0]
	if s.read != nil {
		s.read.texts = s.read.texts[:0] // they have been sent
		s.next++
		s.endAll()
		s.next--
	}
	return s.before
}

//go:noinline
func (s *Stream) over(choice int) {
	if s.Over != nil {
		s.Over(choice)
	}
}

// Held is how many bytes are held back. While it is 0 and nothing was Inserted, an event
// may be left out in which, as the caller knows, no text would change or be held.
func (s *Stream) Held() int {
	n := 0
	for i := range s.texts {
		n += s.texts[i].held()
	}
	return n
}

//go:noinline
func (c *channel) held() (n int) {
	if c.w != nil {
		n = c.w.Held()
		if c.half != 0 {
			n += len(alone)
		}
	}
	return n
}

// Inserted is how many events have been inserted so far: where events have numbers, by so
// much the client's are ahead of the provider's.
func (s *Stream) Inserted() int64 { return s.inserted }

// take rewrites the texts of the event at hand.
func (s *Stream) take() {
	for i := range s.read.texts {
		t := &s.read.texts[i]
		if t.role >= wholes {
			s.takeText(t, i)
		}
		if t.signed {
			s.endSigned(i+1, t.at)
		}
	}
}

// takeText rewrites one of them, the i-th.
func (s *Stream) takeText(t *text, i int) {
	said := t.said.of(s.read.said)
	c := s.channelOf(t, i)
	begin := len(s.out)
	if c == nil {
		s.out = s.open.all(t.channel(t.kind()), s.out, said)
	} else {
		if c.w == nil {
			s.out = add(s.out, said)
		} else {
			s.out = c.write(s.out, s.read, t)
		}
		if s.op == dialect.Responses {
			c.keep(s.read)
		}
	}
	t.now = span{begin, len(s.out)}
}

// endSigned ends a thought whose signature has come: it stays as it was.
//
//go:noinline
func (s *Stream) endSigned(n int, at [3]int) {
	s.end(n, which{shape: signed, choice: at[0], item: at[1], part: every})
}

// channelOf is the channel that a piece of text, the i-th of the event at hand, belongs to
// and begins where it is new. It is nil for what is a text by itself.
//
// What begins in a choice has what came before it there let go of what it holds: clients take
// the arguments of a call for complete when the next call begins. Texts of chats that go on all
// the same, whatever has come between, are one, as they are to who puts them together. They hold
// on from then to the end of the choice: else every event might have pieces of two texts, and
// nothing would be held.
func (s *Stream) channelOf(t *text, i int) *channel {
	if t.role < pieces {
		return nil
	}
	shape := uint8(t.role - pieces)
	for j := range s.texts {
		if c := &s.texts[j]; c.at == t.at && (c.shape == shape || c.shape|shape == contentPart) {
			c.shape = shape // content is a string or parts
			return c
		}
	}
	if t.said.start == t.said.end && (shape >= responses || !shapes[shape].call) {
		return nil
	}
	if shape <= completion {
		s.end(i, which{shape: unsigned, choice: t.at[0], item: every, part: every})
	}
	if len(s.texts) == maxTexts {
		return nil
	}
	w := s.open(t.channel(kindOf(shape)))
	if w != nil && isThought(shape) && !(s.Unsigned && shape == blockThought) {
		w = &thought{w: w}
	}
	s.texts = append(s.texts, channel{shape: shape, at: t.at, w: w})
	return &s.texts[len(s.texts)-1]
}

// which are the texts that end, by what they belong to.
type which struct {
	shape              uint8 // or several
	choice, item, part int   // or every
}

const every = -1

// Shapes of which there are several.
const (
	anyShape uint8 = 0   // that of content ends with its choice
	unsigned uint8 = 254 // all but those of thoughts: another text begins, and that ends none
	signed   uint8 = 255 // those of thoughts alone: a signature has come
)

//go:noinline
func (w which) has(c *channel) bool {
	of := c.shape
	if isThought(of) {
		of = signed
	} else if w.shape == unsigned {
		of = unsigned
	}
	return (w.shape == anyShape || w.shape == c.shape || w.shape == of) && (w.choice < 0 || w.choice == c.at[0]) &&
		(w.item < 0 || w.item == c.at[1]) && (w.part < 0 || w.part == c.at[2])
}

// end ends those texts. What they have held back goes behind their last
// piece, if that is one of the first n of the event at hand, and else into events in front
// of it. Those of chats that may go on are kept.
func (s *Stream) end(n int, these which) {
	left, full := 0, len(s.texts) == maxTexts
	for i := range s.texts {
		c := &s.texts[i]
		has := these.has(c)
		if has && c.w != nil && !(c.let && these.shape == unsigned) {
			s.letGo(n, c, these)
		}
		if (!has || c.shape <= completion) && !(full && c.let && c.held() == 0) {
			s.texts[left], s.texts[i] = s.texts[i], s.texts[left]
			left++
		}
	}
	clear(s.texts[left:])
	s.texts = s.texts[:left]
}

func (s *Stream) letGo(n int, c *channel, these which) {
	begin := len(s.out)
	c.let = true
	if t, ok := c.w.(*thought); ok && these.shape == signed {
		t.signed = true
	}
	if s.out = c.end(s.out); len(s.out) == begin {
		return
	}
	rest := span{begin, len(s.out)}
	if t := s.last(n, c); t != nil {
		t.more = rest
	} else {
		s.insert(c, string(rest.of(s.out)))
	}
}

//go:noinline
func (s *Stream) endAll() { s.end(len(s.read.texts), which{choice: every, item: every, part: every}) }

// last is the last of a channel's pieces among the first n texts of the event at hand.
func (s *Stream) last(n int, c *channel) *text {
	for i := n - 1; i >= 0; i-- {
		if t := &s.read.texts[i]; t.role == pieces+role(c.shape) && t.at == c.at {
			return t
		}
	}
	return nil
}

// insert puts an event with one more piece of a text in front of the event at hand.
func (s *Stream) insert(c *channel, rest string) {
	s.data = s.data[:0]
	typ := ""
	switch s.op {
	case dialect.Messages:
		typ = s.appendDelta(c, rest)
	case dialect.Responses:
		typ = s.appendLast(c, rest)
	default:
		s.appendChunk(c, rest)
	}
	if !s.typed {
		typ = ""
	}
	s.before = sse.AppendEvent(s.before, typ, s.data)
	s.inserted++
}

// strip leaves log probabilities out.
//
//go:noinline
func (s *Stream) strip(at span) {
	with := "null"
	if s.read.data[at.start] == '[' {
		with = "[]"
	}
	if at.end-at.start > len(with) {
		s.edits = place(s.edits, at, []byte(with))
	}
}

// rewritten is the data of the event at hand with its texts as they are to be, nil where
// they are so already.
func (s *Stream) rewritten() []byte {
	r := s.read
	for i := range r.texts {
		t := &r.texts[i]
		if t.role < wholes {
			if t.role == atLogprobs && s.Bare {
				s.strip(t.place)
			}
			continue
		}
		said, now := t.said.of(r.said), t.now.of(s.out)
		if t.more.start < t.more.end {
			now = add(add(nil, now), t.more.of(s.out))
		}
		s.edits = appendEdit(s.edits, t, said, now)
	}
	if s.inserted > 0 {
		s.edits = place(s.edits, r.sequenceAt, []byte(digits(r.sequence+s.inserted)))
	}
	if len(s.edits) == 0 {
		return nil
	}
	s.data = jsonscan.Apply(reuse(s.data, usual), r.data, s.edits)
	return s.data
}
