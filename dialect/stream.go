package dialect

import (
	"bytes"

	"github.com/sluice-gateway/sluice/jsonscan"
)

// Effect is what becomes of one event of a stream.
type Effect uint8

// The effects.
const (
	Pass      Effect = iota // it goes to the client as it came
	Drop                    // it is there only because we asked for it
	Rewritten               // its data is to be replaced by Stream.Data
	Failed                  // it is the upstream's error event; the stream is over
	Malformed               // its data is not a JSON object; the stream is broken
)

// Output receives the text of an answer, in the order in which it arrives.
type Output interface {
	// Delta is a piece of the text of one choice. Pieces of one choice that follow
	// each other are one text. p is valid until Delta returns.
	Delta(choice int, p []byte)
}

// Stream follows one streamed answer. It is fed the data of the events in order
// and knows after each what the answer has used so far, whether it has ended, and
// how to end it early.
type Stream struct {
	// HideUsage tells that the client did not ask for usage and must not see it.
	HideUsage bool
	// Choices is how many choices the answer is to have (Request.Choices); 0 = 1.
	// One of them may begin only when the others have finished.
	Choices int
	// Keeps is how many bytes are kept of what is said to the user, in Said: of a message's
	// texts together, of a stream of one choice, of a response of one text. Lost tells that
	// there was more, or that several texts were said.
	Keeps int
	Said  []byte
	Lost  bool
	// Filtered tells that an early end is for what the answer said, and not for its length.
	Filtered bool
	// Usage is what the provider has reported so far. See InputKnown, OutputKnown.
	Usage Usage
	// InputKnown and OutputKnown tell that the provider has reported the two. Until
	// the stream has finished Output may be no more than a first figure.
	InputKnown, OutputKnown bool
	// Began tells that content has been seen, and Finished that the answer has
	// come to its end: every choice has a finish reason, or the dialect's end came.
	Began, Finished bool
	// Ended tells that the dialect's own last event came.
	Ended bool
	// Data is the data to put in place of the event's, after Rewritten.
	Data []byte

	op                 Op
	scan               *jsonscan.Scanner
	out                Output
	id, model, created []byte  // created as written: a number
	open               []bool  // OpenAI: the choices seen; false once one has finished
	blocks             []int64 // Anthropic: the content blocks that are open

	// What End needs to leave out the event at hand, which the client has not seen.
	closed       []int   // the choices that it finished
	blocksBefore []int64 // the blocks that were open before it
	shown        shownResponse

	// The event at hand.
	isObject    bool
	kind        []byte
	failed      bool
	usage       usageFields
	usageMember Field // the member, from its key
	hasUsage    bool
	edits       []jsonscan.Edit
	choices     int
	index       int64
	finish      bool
	reason      []byte // of the last finish
	otherwise   bool   // it refused, or a choice finished for another reason than that there was no more to say
	text        []byte
	item        itemEvent // OpenAI responses
	parts       int       // the same: texts that have begun
}

// NewStream begins to follow an answer to operation op.
func NewStream(op Op) *Stream {
	s := &Stream{op: op}
	paths := openAIChunkPaths
	switch op {
	case Messages:
		paths = anthropicEventPaths
	case Responses:
		paths = responseEventPaths
	}
	s.scan = jsonscan.New(streamReader{s}, jsonscan.Options{Paths: paths})
	return s
}

// Event reads the next event. typ is the SSE event type, empty when there is none.
func (s *Stream) Event(typ, data []byte, out Output) Effect {
	s.Shown()
	switch said := bytes.TrimSpace(data); {
	case s.op == Responses && string(said) == "[DONE]":
		return Pass // OpenAI sends none there, others do; it ends nothing
	case s.op != Messages && string(said) == "[DONE]":
		s.Ended, s.Finished = true, true
		return Pass
	case len(said) == 0: // it keeps the connection alive
		return Pass
	}
	s.out = out
	s.isObject, s.kind, s.failed, s.hasUsage = false, s.kind[:0], false, false
	s.choices, s.index, s.finish, s.text = 0, 0, false, s.text[:0]
	s.item = itemEvent{sequence: -1, id: s.item.id[:0], kind: s.item.kind[:0], raw: s.item.raw[:0]}
	s.usage.clear()
	s.scan.Reset(streamReader{s})
	if s.scan.Write(data) != nil || s.scan.Close() != nil || !s.isObject {
		return Malformed
	}
	input, output := s.usage.into(s.op, &s.Usage)
	s.InputKnown = s.InputKnown || input
	if s.failed || string(typ) == "error" {
		return Failed
	}
	switch s.op {
	case Messages:
		return s.anthropicEvent(typ, output)
	case Responses:
		return s.responseEvent(typ, data, output)
	}
	return s.openAIChunk(data, output)
}

// Shown tells that the client has seen the last event: an early end comes behind it, and
// not in its place. Of a stream that is Filtered it sees no more.
func (s *Stream) Shown() {
	if s.Filtered {
		return
	}
	s.closed, s.blocksBefore = s.closed[:0], append(s.blocksBefore[:0], s.blocks...)
	s.showLast()
}

// endReason is why an early end is, in the dialect's words.
func (s *Stream) endReason() string {
	at := 0
	if s.Filtered {
		at = 1
	}
	switch s.op {
	case Messages:
		return [...]string{"max_tokens", "refusal"}[at]
	case Responses:
		return [...]string{"max_output_tokens", "content_filter"}[at]
	}
	return [...]string{"length", "content_filter"}[at]
}

// End is a valid end of the stream, in place of the event at hand, for a client that
// has to be cut off: usage is what the answer has used up to here.
func (s *Stream) End(usage Usage, wantsUsage bool) []byte {
	switch s.op {
	case Messages:
		return s.anthropicEnd(usage)
	case Responses:
		return s.responseEnd(usage)
	}
	return s.openAIEnd(usage, wantsUsage)
}

// handle is the scanner's handler while an event is read.
func (s *Stream) handle(e *jsonscan.Event) error {
	switch e.Path {
	case atAnswer:
		s.isObject = s.isObject || e.Kind == jsonscan.BeginObject
	case atID:
		s.id = once(s.id, e)
	case atAnswerModel:
		s.model = once(s.model, e)
	case atCreated:
		if e.Kind == jsonscan.Number {
			s.created = append(s.created[:0], e.Text...)
		}
	case atType:
		if e.Kind == jsonscan.StringChunk {
			s.kind = append(s.kind, e.Text...)
		}
	case atError:
		s.failed = s.failed || saysError(e)
	case atChoice:
		s.openAIChoice(e)
	case atIndex:
		s.index = tokens(e, s.index)
	case atFinish:
		if e.Kind == jsonscan.StringChunk { // "" is none
			s.reason = appendUpTo(s.reason[:0], e.Text, maxReason)
			s.finish = true
		}
	case atOutput, atSaid, atRefusal:
		if e.Kind == jsonscan.StringChunk {
			s.text = append(s.text, e.Text...)
			if e.Path == atSaid {
				s.say(e.Text)
			}
			s.otherwise = s.otherwise || e.Path == atRefusal
		}
	case atUsage:
		if e.End >= 0 {
			s.usageMember, s.hasUsage = Field{e.Kind, e.Member, e.End}, true
		}
		s.usage.read(e)
	case atSequence:
		s.item.sequence = tokens(e, s.item.sequence)
	case atContentIndex:
		s.item.content = tokens(e, s.item.content)
	case atItem:
		if e.Kind == jsonscan.EndObject {
			s.item.start, s.item.end = e.Start, e.End
		}
	case atItemID:
		s.item.id = once(s.item.id, e)
	case atItemType:
		s.item.kind = appendWord(s.item.kind, e)
	default:
		s.usage.read(e)
	}
	return nil
}

// say keeps a piece of what is said to the user.
//
//go:noinline
func (s *Stream) say(p []byte) {
	if s.Lost = s.Lost || s.Choices > 1 || len(s.Said)+len(p) > s.Keeps; s.Lost {
		s.Said = nil
		return
	}
	s.Said = append(s.Said, p...)
}

// maxReason bounds what is kept of a finish reason, in bytes.
const maxReason = 32

// deliver gives the text of a choice to the output.
func (s *Stream) deliver(choice int) {
	if len(s.text) > 0 {
		s.Began = true
		s.out.Delta(choice, s.text)
		s.text = s.text[:0]
	}
}

// saysError tells that the event is of an `error` that says something: many send null,
// false or "" where there was none.
func saysError(e *jsonscan.Event) bool {
	switch e.Kind {
	case jsonscan.BeginObject, jsonscan.BeginArray, jsonscan.StringChunk, jsonscan.Number, jsonscan.True:
		return true
	}
	return false
}

// once collects a string that is the same in every event, the first time.
//
//go:noinline
func once(have []byte, e *jsonscan.Event) []byte {
	switch e.Kind {
	case jsonscan.BeginString:
		return have[:0]
	case jsonscan.StringChunk:
		return appendUpTo(have, e.Text, maxModelName)
	}
	return have
}

// streamReader is a Stream as a jsonscan.Handler, whose method has the name of one of
// its own.
type streamReader struct{ *Stream }

func (r streamReader) Event(e *jsonscan.Event) error { return r.handle(e) }
