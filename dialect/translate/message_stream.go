package translate

import (
	"bytes"
	"errors"
	"strconv"

	"github.com/sluice-gateway/sluice/jsonscan"
	"github.com/sluice-gateway/sluice/jsontree"
)

// MessageStream translates a streamed answer of Anthropic's into chunks of a chat
// completion, event by event:
// https://platform.claude.com/docs/en/build-with-claude/streaming and
// https://platform.openai.com/docs/api-reference/chat-streaming.
//
//	message_start                      {"role":"assistant","content":""}
//	content_block_start, tool_use      {"tool_calls":[{"index":0,"id":…,"function":{"name":…,"arguments":""}}]}
//	content_block_delta, text          {"content":…}
//	                     input_json    {"tool_calls":[{"index":0,"function":{"arguments":…}}]}
//	                     thinking      {"reasoning_content":…,"thinking_blocks":[{"index":0,…}]}
//	message_delta                      {}, with finish_reason
//	message_stop                       a chunk with the usage, and [DONE]
//
// It keeps what every chunk repeats, the usage, and which blocks are open; of the text
// it keeps nothing.
type MessageStream struct {
	c        Context
	head     []byte // of every chunk, up to its choices; nil = no chunk has been written
	open     []messageBlock
	tools    int // how many calls have begun
	thoughts int // how many blocks of thinking
	usage    messageUsage
	finished bool // a finish reason has been written
	ended    bool // the last event has
}

// messageBlock is a block of content that is open and needs to be known: a call of a
// tool of the client's, or thinking.
type messageBlock struct {
	index    int64 // Anthropic's
	tool     bool
	at       int  // its place among the calls, or among the blocks of thinking
	anything bool // some of its arguments have been written
}

// maxMessageBlocks bounds the blocks that are open at once. They mostly come one after
// the other.
const maxMessageBlocks = 64

// maxMessageWord bounds what each chunk repeats of the provider's, in bytes.
const maxMessageWord = 256

// NewMessageStream begins to translate a stream.
func NewMessageStream(c Context) *MessageStream { return &MessageStream{c: c} }

// Event translates the next event, and appends what the client is to see of it, whole
// events or nothing, to out. An error means that the data is not JSON of that API.
func (s *MessageStream) Event(out, typ, data []byte) ([]byte, error) {
	if s.ended || len(bytes.TrimSpace(data)) == 0 { // it keeps the connection alive
		return out, nil
	}
	e, err := jsontree.Parse(data)
	if err != nil {
		return out, err
	}
	if e.Kind() != jsontree.Object {
		return out, errors.New("translate: an event that is not an object")
	}
	kind := e.Get("type").Text()
	if kind == "" {
		kind = string(typ)
	}
	if kind == "error" || string(typ) == "error" {
		s.ended = true
		out = messageError(append(out, "data: "...), 0, e)
		return append(out, "\n\n"...), nil
	}
	index, _ := e.Get("index").Int()
	switch kind {
	case "message_start":
		m := e.Get("message")
		s.readUsage(m.Get("usage"), false)
		out = s.begin(out, m)
	case "content_block_start":
		out = s.blockStart(s.begin(out, jsontree.Value{}), index, e.Get("content_block"))
	case "content_block_delta":
		out = s.blockDelta(s.begin(out, jsontree.Value{}), index, e.Get("delta"))
	case "content_block_stop":
		out = s.blockStop(out, index)
	case "message_delta":
		s.readUsage(e.Get("usage"), true)
		out = s.begin(out, jsontree.Value{})
		if why := e.Get("delta").Get("stop_reason"); why.Present() {
			if text := e.Get("delta").Get("stop_details").Get("explanation"); why.Is("refusal") && len(text.Inside()) > 0 {
				out = append(append(s.delta(out), `"refusal":`...), text.Raw()...)
				out = s.end(out)
			}
			out = s.finish(out, messageFinish(why))
		}
	case "message_stop":
		out = s.begin(out, jsontree.Value{})
		why := "stop"
		if s.tools > 0 {
			why = "tool_calls"
		}
		out = s.last(s.finish(out, why))
	}
	return out, nil
}

// readUsage takes a report. The output in message_start is only a first figure.
func (s *MessageStream) readUsage(v jsontree.Value, final bool) {
	had := s.usage.hasOutput
	s.usage.read(v)
	if !final {
		s.usage.hasOutput = had
	}
}

// begin writes the first chunk, which message_start has the id and model for.
func (s *MessageStream) begin(out []byte, message jsontree.Value) []byte {
	if s.head != nil {
		return out
	}
	s.head = append(s.head, `data: {"id":`...)
	s.head = messageWord(s.head, message.Get("id"), s.c.ID)
	s.head = append(s.head, `,"object":"chat.completion.chunk","created":`...)
	s.head = strconv.AppendInt(s.head, s.c.Created, 10)
	s.head = append(s.head, `,"model":`...)
	s.head = messageWord(s.head, message.Get("model"), s.c.Model)
	s.head = append(s.head, `,"choices":[`...)
	out = append(s.delta(out), `"role":"assistant","content":""`...)
	return s.end(out)
}

// messageWord is a string of bounded length, or another where there is none.
func messageWord(out []byte, v jsontree.Value, or string) []byte {
	if len(v.Inside()) > 0 {
		or = v.Text()
	}
	return jsonscan.AppendQuoted(out, or[:min(len(or), maxMessageWord)])
}

// delta opens a chunk, up to the members of its delta.
func (s *MessageStream) delta(out []byte) []byte {
	return append(append(out, s.head...), `{"index":0,"delta":{`...)
}

// end closes a chunk that is not the last of its choice.
func (s *MessageStream) end(out []byte) []byte {
	return append(out, "},\"logprobs\":null,\"finish_reason\":null}],\"usage\":null}\n\n"...)
}

func (s *MessageStream) blockStart(out []byte, index int64, b jsontree.Value) []byte {
	switch typ := b.Get("type"); {
	case typ.Is("text"):
		return s.text(out, `"content":`, b.Get("text"))
	case typ.Is("thinking"):
		s.note(messageBlock{index: index, at: s.thoughts})
		s.thoughts++
		return s.thought(out, s.thoughts-1, b)
	case typ.Is("redacted_thinking"):
		if b.Get("data").Kind() != jsontree.String {
			return out
		}
		s.thoughts++
		out = append(s.delta(out), `"thinking_blocks":[{"index":`...)
		out = strconv.AppendInt(out, int64(s.thoughts-1), 10)
		out = append(append(out, `,"type":"redacted_thinking","data":`...), b.Get("data").Raw()...)
		return s.end(append(out, '}', ']'))
	case typ.Is("tool_use"):
		// A server that does not stream the input has all of it here.
		input := b.Get("input")
		whole := input.Kind() == jsontree.Object && input.Len() > 0
		s.note(messageBlock{index: index, tool: true, at: s.tools, anything: whole})
		out = append(s.delta(out), `"tool_calls":[{"index":`...)
		out = strconv.AppendInt(out, int64(s.tools), 10)
		s.tools++
		out = append(messageCall(append(out, ','), b), `,"arguments":`...)
		text := ""
		if whole {
			text = string(input.Raw())
		}
		out = jsonscan.AppendQuoted(out, text)
		return s.end(append(out, '}', '}', ']'))
	}
	return out // what a tool of the server's is asked and says
}

// note remembers a block that is open.
func (s *MessageStream) note(b messageBlock) {
	if len(s.open) == maxMessageBlocks {
		s.open = s.open[:copy(s.open, s.open[1:])]
	}
	s.open = append(s.open, b)
}

// find is the last block that began under an index, nil if it is none that is noted.
func (s *MessageStream) find(index int64) *messageBlock {
	for i := len(s.open) - 1; i >= 0; i-- {
		if s.open[i].index == index {
			return &s.open[i]
		}
	}
	return nil
}

func (s *MessageStream) blockDelta(out []byte, index int64, d jsontree.Value) []byte {
	b := s.find(index)
	switch typ := d.Get("type"); {
	case typ.Is("text_delta"):
		return s.text(out, `"content":`, d.Get("text"))
	case typ.Is("input_json_delta") && b != nil && b.tool:
		part := d.Get("partial_json")
		if len(part.Inside()) > 0 {
			b.anything = true
			return s.arguments(out, b, part.Raw())
		}
	case (typ.Is("thinking_delta") || typ.Is("signature_delta")) && b != nil && !b.tool:
		return s.thought(out, b.at, d)
	}
	return out
}

func (s *MessageStream) blockStop(out []byte, index int64) []byte {
	for i := range s.open {
		if b := s.open[i]; b.index == index {
			s.open = append(s.open[:i], s.open[i+1:]...)
			if b.tool && !b.anything { // clients read the arguments as JSON
				out = s.arguments(out, &b, []byte(`"{}"`))
			}
			break
		}
	}
	return out
}

// text writes a delta with a string, where there is something in it.
func (s *MessageStream) text(out []byte, member string, text jsontree.Value) []byte {
	if len(text.Inside()) == 0 {
		return out
	}
	out = append(append(s.delta(out), member...), text.Raw()...)
	return s.end(out)
}

// thought writes a piece of a block of thinking, twice as messageThoughts does. It has
// the block's index, by which OpenAI's Python client puts lists together.
func (s *MessageStream) thought(out []byte, at int, d jsontree.Value) []byte {
	thinking, signature := d.Get("thinking"), d.Get("signature")
	if len(thinking.Inside())+len(signature.Inside()) == 0 {
		return out
	}
	out = s.delta(out)
	if len(thinking.Inside()) > 0 {
		out = append(append(append(out, `"reasoning_content":`...), thinking.Raw()...), ',')
	}
	out = append(out, `"thinking_blocks":[{"index":`...)
	out = strconv.AppendInt(out, int64(at), 10)
	out = append(out, `,"type":"thinking","thinking":`...)
	out = messageOr(out, thinking, "")
	if len(signature.Inside()) > 0 {
		out = append(append(out, `,"signature":`...), signature.Raw()...)
	}
	return s.end(append(out, '}', ']'))
}

// arguments writes a piece of a call's arguments, a JSON string.
func (s *MessageStream) arguments(out []byte, b *messageBlock, raw []byte) []byte {
	out = append(s.delta(out), `"tool_calls":[{"index":`...)
	out = strconv.AppendInt(out, int64(b.at), 10)
	out = append(append(out, `,"function":{"arguments":`...), raw...)
	return s.end(append(out, '}', '}', ']'))
}

// finish writes the reason, once.
func (s *MessageStream) finish(out []byte, why string) []byte {
	if s.finished {
		return out
	}
	s.finished = true
	out = append(append(s.delta(out), `},"logprobs":null,"finish_reason":"`...), why...)
	return append(out, "\"}],\"usage\":null}\n\n"...)
}

// last ends the stream. Where no usage was reported the chunk for it says so: 0 would
// be believed.
func (s *MessageStream) last(out []byte) []byte {
	s.ended = true
	out = append(append(out, s.head...), `],"usage":`...)
	if s.usage.known() {
		out = s.usage.append(out)
	} else {
		out = append(out, "null"...)
	}
	return append(out, "}\n\ndata: [DONE]\n\n"...)
}
