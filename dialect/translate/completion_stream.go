package translate

import (
	"bytes"
	"errors"

	"github.com/sluice-gateway/sluice/jsontree"
)

// CompletionStream translates a streamed chat completion into the events of a message,
// chunk by chunk:
//
//	the first                  message_start
//	content                    content_block_start, text; content_block_delta, text_delta
//	reasoning_content          … thinking; thinking_delta
//	tool_calls                 … tool_use; input_json_delta
//	finish_reason              content_block_stop
//	usage, or [DONE]           message_delta with both, message_stop
//
// Blocks come one after the other: the end of one is the beginning of the next. It keeps
// which one is open, and the usage; of the text it keeps nothing.
type CompletionStream struct {
	c      Context
	begun  bool
	blocks int64  // that have begun
	open   string // the type of the block that is open, "" = none
	call   int64  // its index among the calls, of a tool_use
	calls  int64  // the largest index of a call so far, and one
	finish string // "" = not yet
	usage  completionUsage
	ended  bool
}

// NewCompletionStream begins to translate a stream.
func NewCompletionStream(c Context) *CompletionStream { return &CompletionStream{c: c} }

// Event translates the next event, and appends what the client is to see of it, whole
// events or nothing, to out. An error means that the data is not JSON of that API, or
// that it cannot be told in Anthropic's.
func (s *CompletionStream) Event(out, _, data []byte) ([]byte, error) {
	switch said := bytes.TrimSpace(data); {
	case s.ended || len(said) == 0:
		return out, nil
	case string(said) == "[DONE]":
		return s.End(out), nil
	}
	e, err := jsontree.Parse(data)
	if err != nil {
		return out, err
	}
	if chatKind(e) != jsontree.Object {
		return out, errors.New("translate: a chunk that is not an object")
	}
	t := chatText(out)
	if failed := e.Get("error"); chatString(failed) || chatKind(failed) == jsontree.Object {
		s.ended = true
		t.put("event: error\ndata: ")
		t = completionError(t, 0, e)
		t.put("\n\n")
		return t, nil
	}
	reported := s.usage.read(e.Get("usage"))
	for _, choice := range chatList(e.Get("choices")) {
		if index, ok := choice.Get("index").Int(); ok && index != 0 {
			continue // there is one message
		}
		s.begin(&t, e)
		delta := choice.Get("delta")
		s.text(&t, "thinking", thoughtOf(delta))
		content := delta.Get("content")
		s.text(&t, "text", content)
		for _, part := range chatList(content) {
			s.text(&t, "text", part.Get("text"))
		}
		s.text(&t, "text", delta.Get("refusal"))
		for at, call := range chatList(delta.Get("tool_calls")) {
			if err := s.toolCall(&t, call, int64(at)); err != nil {
				return t, err
			}
		}
		if why := choice.Get("finish_reason"); chatFull(why) && s.finish == "" {
			s.stop(&t)
			s.finish = why.Text()
			if s.calls > 0 && s.finish == "stop" {
				s.finish = "tool_calls"
			}
		}
	}
	if reported && s.finish != "" {
		return s.End(t), nil
	}
	return t, nil
}

// End tells that the upstream has ended. It ends the message where that has come to its
// end; one that has not must not look whole.
func (s *CompletionStream) End(out []byte) []byte {
	if s.ended || s.finish == "" {
		return out
	}
	s.ended = true
	t := chatText(out)
	t.quoted("event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":", completionStop(s.finish))
	t.put(`,"stop_sequence":null},"usage":`)
	s.usage.write(&t)
	t.put("}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n")
	return t
}

// begin writes the first event.
func (s *CompletionStream) begin(t *chatText, chunk jsontree.Value) {
	if s.begun {
		return
	}
	s.begun = true
	t.or("event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":", chunk.Get("id"), s.c.ID)
	t.or(`,"type":"message","role":"assistant","model":`, chunk.Get("model"), s.c.Model)
	t.put(`,"content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":0,"output_tokens":0}}}` + "\n\n")
}

// start begins a block, and ends the one before.
func (s *CompletionStream) start(t *chatText, typ string) {
	s.stop(t)
	s.open = typ
	t.number("event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":", s.blocks)
	s.blocks++
	t.quoted(`,"content_block":{"type":`, typ)
}

// stop ends the block that is open.
func (s *CompletionStream) stop(t *chatText) {
	if s.open == "" {
		return
	}
	s.open = ""
	t.number("event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":", s.blocks-1)
	t.put("}\n\n")
}

// delta writes a piece of the block that is open, a string as written.
func (s *CompletionStream) delta(t *chatText, typ, member string, text jsontree.Value) {
	t.number("event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":", s.blocks-1)
	t.quoted(`,"delta":{"type":`, typ)
	t.quoted(",", member)
	t.raw(":", text)
	t.put("}}\n\n")
}

func (s *CompletionStream) text(t *chatText, typ string, text jsontree.Value) {
	if !chatFull(text) {
		return
	}
	if s.open != typ {
		s.start(t, typ)
		if typ == "thinking" {
			t.put(`,"thinking":"","signature":""}}` + "\n\n")
		} else {
			t.put(`,"text":""}}` + "\n\n")
		}
	}
	s.delta(t, typ+"_delta", typ, text)
}

// toolCall writes a piece of a call. Its id and name come with the first one. Servers
// that give calls no index send each whole.
func (s *CompletionStream) toolCall(t *chatText, call jsontree.Value, at int64) error {
	index, ok := call.Get("index").Int()
	if !ok {
		index = s.calls
	}
	function := call.Get("function")
	if s.open != "tool_use" || s.call != index {
		if index < s.calls {
			return errors.New("translate: pieces of several calls in turns")
		}
		s.call, s.calls = index, index+1
		s.start(t, "tool_use")
		t.or(`,"id":`, call.Get("id"), "")
		t.or(`,"name":`, function.Get("name"), "")
		t.put(`,"input":{}}}` + "\n\n")
	}
	if arguments := function.Get("arguments"); chatFull(arguments) {
		s.delta(t, "input_json_delta", "partial_json", arguments)
	}
	return nil
}
