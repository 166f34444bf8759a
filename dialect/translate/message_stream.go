package translate

import (
	"bytes"
	"errors"

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
	head     jsonText // of every chunk, up to its choices; nil = no chunk has been written
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
	if kindOf(e) != jsontree.Object {
		return out, errors.New("translate: an event that is not an object")
	}
	kind := e.Get("type").Text()
	if kind == "" {
		kind = string(typ)
	}
	t := jsonText(out)
	if kind == "error" || string(typ) == "error" {
		s.ended = true
		t.put("data: ")
		t = messageError(t, 0, e)
		t.put("\n\n")
		return t, nil
	}
	index, _ := e.Get("index").Int()
	message, delta := e.Get("message"), e.Get("delta")
	switch kind {
	case "message_start":
		s.readUsage(message.Get("usage"), false)
		s.begin(&t, message)
	case "content_block_start":
		s.begin(&t, jsontree.Value{})
		s.blockStart(&t, index, e.Get("content_block"))
	case "content_block_delta":
		s.begin(&t, jsontree.Value{})
		s.blockDelta(&t, index, delta)
	case "content_block_stop":
		s.blockStop(&t, index)
	case "message_delta":
		s.begin(&t, jsontree.Value{})
		s.readUsage(e.Get("usage"), true)
		if why := delta.Get("stop_reason"); isPresent(why) {
			if isWord(why, "refusal") {
				s.text(&t, `"refusal":`, memberOf(delta, "stop_details", "explanation"))
			}
			s.finish(&t, messageFinish(why))
		}
	case "message_stop":
		s.begin(&t, jsontree.Value{})
		if s.tools > 0 {
			s.finish(&t, "tool_calls")
		}
		s.finish(&t, "stop")
		s.last(&t)
	}
	return t, nil
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
func (s *MessageStream) begin(t *jsonText, message jsontree.Value) {
	if s.head != nil {
		return
	}
	s.head.quoted(`data: {"id":`, messageWord(message.Get("id"), s.c.ID))
	s.head.number(`,"object":"chat.completion.chunk","created":`, s.c.Created)
	s.head.quoted(`,"model":`, messageWord(message.Get("model"), s.c.Model))
	s.head.put(`,"choices":[`)
	s.delta(t, `"role":"assistant","content":""`)
	s.end(t)
}

// messageWord is a text of bounded length, or another where there is none.
func messageWord(v jsontree.Value, or string) string {
	if hasText(v) {
		or = v.Text()
	}
	return or[:min(len(or), maxMessageWord)]
}

// delta opens a chunk, and begins the members of its delta.
func (s *MessageStream) delta(t *jsonText, members string) {
	t.bytes("", s.head)
	t.put(`{"index":0,"delta":{`)
	t.put(members)
}

// end closes a chunk that is not the last of its choice.
func (s *MessageStream) end(t *jsonText) {
	t.put("},\"logprobs\":null,\"finish_reason\":null}],\"usage\":null}\n\n")
}

func (s *MessageStream) blockStart(t *jsonText, index int64, b jsontree.Value) {
	typ := b.Get("type")
	switch {
	case isWord(typ, "text"):
		s.text(t, `"content":`, b.Get("text"))
	case isWord(typ, "thinking"):
		s.note(messageBlock{index: index, at: s.thoughts})
		s.thought(t, s.thoughts, b)
		s.thoughts++
	case isWord(typ, "redacted_thinking") && isText(b.Get("data")):
		s.delta(t, `"thinking_blocks":[{"index":`)
		t.number("", int64(s.thoughts))
		t.raw(`,"type":"redacted_thinking","data":`, b.Get("data"))
		t.put("}]")
		s.end(t)
		s.thoughts++
	case isWord(typ, "tool_use"):
		s.delta(t, `"tool_calls":[{"index":`)
		t.number("", int64(s.tools))
		t.put(",")
		// A server that does not stream the input has all of it here.
		whole := t.call(b, false)
		t.put("}}]")
		s.end(t)
		s.note(messageBlock{index: index, tool: true, at: s.tools, anything: whole})
		s.tools++
	}
	// All else is what a tool of the server's is asked and says.
}

// note remembers a block that is open.
func (s *MessageStream) note(b messageBlock) {
	if len(s.open) == maxMessageBlocks {
		s.open = s.open[:copy(s.open, s.open[1:])]
	}
	s.open = append(s.open, b)
}

// find is the place of the last block that began under an index, -1 if it is none that
// is noted.
func (s *MessageStream) find(index int64) int {
	for i := len(s.open) - 1; i >= 0; i-- {
		if s.open[i].index == index {
			return i
		}
	}
	return -1
}

func (s *MessageStream) blockDelta(t *jsonText, index int64, d jsontree.Value) {
	typ := d.Get("type")
	if isWord(typ, "text_delta") {
		s.text(t, `"content":`, d.Get("text"))
		return
	}
	i := s.find(index)
	if i < 0 {
		return
	}
	b := &s.open[i]
	switch {
	case b.tool && isWord(typ, "input_json_delta"):
		if part := d.Get("partial_json"); hasText(part) {
			b.anything = true
			s.arguments(t, b.at)
			t.raw("", part)
			t.put("}}]")
			s.end(t)
		}
	case !b.tool && (isWord(typ, "thinking_delta") || isWord(typ, "signature_delta")):
		s.thought(t, b.at, d)
	}
}

func (s *MessageStream) blockStop(t *jsonText, index int64) {
	i := s.find(index)
	if i < 0 {
		return
	}
	b := s.open[i]
	s.open = append(s.open[:i], s.open[i+1:]...)
	if b.tool && !b.anything { // clients read the arguments as JSON
		s.arguments(t, b.at)
		t.put(`"{}"}}]`)
		s.end(t)
	}
}

// text writes a delta with a string, where there is something in it.
func (s *MessageStream) text(t *jsonText, member string, text jsontree.Value) {
	if hasText(text) {
		s.delta(t, member)
		t.raw("", text)
		s.end(t)
	}
}

// thought writes a piece of a block of thinking, as text and as the block that it is a
// piece of. That has an index, by which OpenAI's Python client puts lists together.
func (s *MessageStream) thought(t *jsonText, at int, d jsontree.Value) {
	thinking, signature := d.Get("thinking"), d.Get("signature")
	if !hasText(thinking) && !hasText(signature) {
		return
	}
	s.delta(t, "")
	if hasText(thinking) {
		t.raw(`"reasoning_content":`, thinking)
		t.put(",")
	}
	t.number(`"thinking_blocks":[{"index":`, int64(at))
	t.or(`,"type":"thinking","thinking":`, thinking, "")
	if hasText(signature) {
		t.raw(`,"signature":`, signature)
	}
	t.put("}]")
	s.end(t)
}

// arguments opens a chunk with a piece of a call's arguments.
func (s *MessageStream) arguments(t *jsonText, at int) {
	s.delta(t, `"tool_calls":[{"index":`)
	t.number("", int64(at))
	t.put(`,"function":{"arguments":`)
}

// finish writes the reason, once.
func (s *MessageStream) finish(t *jsonText, why string) {
	if s.finished {
		return
	}
	s.finished = true
	s.delta(t, "")
	t.quoted(`},"logprobs":null,"finish_reason":`, why)
	t.put("}],\"usage\":null}\n\n")
}

// last ends the stream. Where no usage was reported the chunk for it says so: 0 would
// be believed.
func (s *MessageStream) last(t *jsonText) {
	s.ended = true
	t.bytes("", s.head)
	t.put(`],"usage":`)
	if s.usage.known() {
		s.usage.write(t)
	} else {
		t.put("null")
	}
	t.put("}\n\ndata: [DONE]\n\n")
}
