package normal

import (
	"bytes"

	"github.com/sluice-gateway/sluice/jsontree"
)

// message reads a whole answer of Anthropic's.
func (s *said) message(body []byte) {
	root, no := s.json.object(body)
	if no != nil {
		s.no = no
		return
	}
	if root.Get("type").Is("error") || !isEmpty(root.Get("error")) {
		s.refuse(Failed, "an error in place of an answer")
		return
	}
	s.messageHead(root)
	content := root.Get("content")
	if content.Kind() != jsontree.Array {
		s.wrong("content")
	}
	for _, b := range content.Elements() {
		s.block(b)
		if b.Get("type").Is("tool_use") && s.no == nil {
			s.calls[len(s.calls)-1].arguments = b.Get("input").Raw()
		}
	}
	var u messageUsage
	u.read(s, root.Get("usage"))
	s.answer.Usage = u.usage()
	s.stopped(root)
}

// messageHead reads what a message is. What else is there is about the very request.
func (s *said) messageHead(v jsontree.Value) {
	if !v.Get("type").Is("message") || !v.Get("role").Is("assistant") {
		s.wrong("the message")
	}
	if !isEmpty(v.Get("container")) {
		s.refuse(UnknownContent, "`container` cannot be replayed")
	}
	s.named(v.Get("model"))
}

// block reads a block of content, or the beginning of one.
func (s *said) block(v jsontree.Value) {
	switch kind := v.Get("type").Text(); kind {
	case "text":
		// Two texts, or one behind calls, would be joined by OpenAI's API.
		if s.text.Len() > 0 || len(s.calls) > 0 {
			s.refuse(UnknownContent, "a second text, or one behind calls")
			return
		}
		s.none(v, "text", "type", "text")
		if v.Get("text").Kind() != jsontree.String {
			s.wrong("content[].text")
		}
		s.text.WriteString(v.Get("text").Text())
	case "tool_use":
		if caller := v.Get("caller"); caller.Present() && !(caller.Get("type").Is("direct") && caller.Len() == 1) {
			s.refuse(UnknownContent, "a call that is not the model's own")
		}
		s.none(v, "tool_use", "type", "id", "name", "input", "caller")
		if v.Get("input").Kind() != jsontree.Object {
			s.refuse(Arguments, "the input is not an object")
		}
		s.calls = append(s.calls, heard{name: s.string(v.Get("name"), "content[].name")})
	case "":
		s.wrong("content[].type")
	default:
		s.refuse(UnknownContent, "a block of type "+quoted(kind))
	}
}

// stopped reads how a message ended:
// https://platform.claude.com/docs/en/build-with-claude/handling-stop-reasons.
func (s *said) stopped(v jsontree.Value) {
	sequence := s.string(v.Get("stop_sequence"), "stop_sequence")
	switch word := s.string(v.Get("stop_reason"), "stop_reason"); word {
	case "":
		s.refuse(Incomplete, "no stop_reason")
	case "end_turn", "stop_sequence":
		s.answer.End = Stop
		if len(s.calls) > 0 {
			s.refuse(Finish, quoted(word)+" with calls")
		}
		if word == "stop_sequence" {
			s.answer.StopSequence = sequence
		}
	case "tool_use":
		s.answer.End = ToolCalls
	case "max_tokens", "model_context_window_exceeded":
		s.refuse(Length, quoted(word))
	case "refusal":
		s.refuse(Refusal, quoted(word))
	default:
		s.refuse(Finish, quoted(word))
	}
}

// messageStream reads a streamed message:
//
//	message_start, (content_block_start, content_block_delta…, content_block_stop)…,
//	message_delta, message_stop; ping anywhere
func (s *said) messageStream(body []byte) {
	m := messageEvents{said: s, block: -1}
	s.events(body, m.event)
	if m.state != "message_stop" {
		s.refuse(Incomplete, "the stream has no message_stop")
	}
	s.answer.Usage = m.usage.usage()
}

type messageEvents struct {
	*said
	state string // the last event, but for those of blocks and ping
	block int64  // the one that is open, -1 = none
	next  int64
	kind  string // of the one that is open
	usage messageUsage
}

func (m *messageEvents) event(typ, data []byte) {
	if len(bytes.TrimSpace(data)) == 0 {
		return
	}
	v, no := m.json.object(data)
	if no != nil {
		m.no = no
		return
	}
	kind := v.Get("type").Text()
	if kind == "" {
		kind = string(typ)
	}
	if len(typ) > 0 && kind != string(typ) {
		m.refuse(Malformed, "an event with two types")
		return
	}
	in := func(state string, open bool) {
		if m.state != state || open != (m.block >= 0) {
			m.refuse(Malformed, "an event in a place where it cannot be: "+quoted(kind))
		}
	}
	switch kind {
	case "ping":
	case "error":
		m.refuse(Failed, "an error event")
	case "message_start":
		in("", false)
		m.start(v.Get("message"))
	case "content_block_start":
		in("message_start", false)
		m.blockStart(v)
	case "content_block_delta":
		in("message_start", true)
		m.blockDelta(v)
	case "content_block_stop":
		in("message_start", true)
		m.at(v, m.block)
		m.block = -1
	case "message_delta":
		in("message_start", false)
		m.state = kind
		m.usage.read(m.said, v.Get("usage"))
		m.none(v.Get("delta"), "delta", "stop_reason", "stop_sequence")
		m.stopped(v.Get("delta"))
	case "message_stop":
		in("message_delta", false)
		m.state = kind
	default:
		m.refuse(UnknownContent, "an event of type "+quoted(kind))
	}
}

func (m *messageEvents) start(message jsontree.Value) {
	m.state = "message_start"
	m.messageHead(message)
	if content := message.Get("content"); content.Kind() != jsontree.Array || content.Len() > 0 {
		m.wrong("message_start.message.content")
	}
	m.usage.read(m.said, message.Get("usage"))
	m.usage.hasOutput = false // this is only the first: the total is in message_delta
}

// at checks that an event is of the block that it has to be of.
func (m *messageEvents) at(v jsontree.Value, block int64) {
	if index, whole := v.Get("index").Int(); !whole || index != block {
		m.refuse(Malformed, "an event of another block than is open")
	}
}

func (m *messageEvents) blockStart(v jsontree.Value) {
	m.at(v, m.next)
	m.block = m.next
	m.next++
	block := v.Get("content_block")
	m.said.block(block)
	m.kind = block.Get("type").Text()
	if block.Get("input").Len() > 0 { // where there are pieces, which is the input?
		m.refuse(UnknownContent, "a call whose input is there before its pieces")
	}
}

func (m *messageEvents) blockDelta(v jsontree.Value) {
	m.at(v, m.block)
	delta := v.Get("delta")
	switch kind := delta.Get("type").Text(); {
	case m.no != nil:
	case kind == "text_delta" && m.kind == "text":
		m.none(delta, "delta", "type", "text")
		m.text.WriteString(m.string(delta.Get("text"), "delta.text"))
	case kind == "input_json_delta" && m.kind == "tool_use":
		m.none(delta, "delta", "type", "partial_json")
		c := &m.calls[len(m.calls)-1]
		c.arguments = append(c.arguments, m.string(delta.Get("partial_json"), "delta.partial_json")...)
	default:
		m.refuse(UnknownContent, "a piece of type "+quoted(kind))
	}
}

// messageUsage is a usage of Anthropic's: what the cache of prompts read and wrote is
// beside the input.
// https://platform.claude.com/docs/en/build-with-claude/prompt-caching#tracking-cache-performance
type messageUsage struct {
	input, output, cached, written, reasoning int64
	hasInput, hasOutput                       bool
}

// read takes a report. In a stream a later one has the totals up to there, and what it
// leaves out stands.
func (u *messageUsage) read(s *said, v jsontree.Value) {
	input := s.tokens(v.Get("input_tokens"), &u.input)
	output := s.tokens(v.Get("output_tokens"), &u.output)
	s.tokens(v.Get("cache_read_input_tokens"), &u.cached)
	s.tokens(v.Get("cache_creation_input_tokens"), &u.written)
	s.tokens(v.Get("output_tokens_details").Get("thinking_tokens"), &u.reasoning)
	u.hasInput, u.hasOutput = u.hasInput || input, u.hasOutput || output
}

func (u *messageUsage) usage() Usage {
	if !u.hasInput || !u.hasOutput {
		return Usage{}
	}
	return Usage{Input: u.input + u.cached + u.written, Output: u.output, Cached: u.cached, Written: u.written, Reasoning: u.reasoning}.bounded()
}
