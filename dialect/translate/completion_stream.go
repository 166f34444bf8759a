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
// which one is open, the calls that wait for their turn, and the usage; of the text it
// keeps nothing.
type CompletionStream struct {
	c       Context
	begun   bool
	blocks  int64             // that have begun
	block   string            // the type of the one that is open, "" = none
	open    []*completionCall // the first is that of the block
	waiting int               // bytes of arguments
	calls   int64             // that have begun
	refused bool
	finish  string // "" = not yet
	usage   completionUsage
	ended   bool
}

// NewCompletionStream begins to translate a stream.
func NewCompletionStream(c Context) *CompletionStream { return &CompletionStream{c: c} }

// Event translates the next event, and appends what the client is to see of it, whole
// events or nothing, to out. An error means that the data is not JSON of that API, or
// that it cannot be told in Anthropic's.
func (s *CompletionStream) Event(out, typ, data []byte) ([]byte, error) {
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
	if kindOf(e) != jsontree.Object {
		return out, errors.New("translate: a chunk that is not an object")
	}
	t := jsonText(out)
	if failed := e.Get("error"); string(typ) == "error" || hasText(failed) || kindOf(failed) == jsontree.Object {
		s.ended = true
		t.put("event: error\ndata: ")
		t = completionError(t, 0, e)
		t.put("\n\n")
		return t, nil
	}
	reported := s.usage.read(e.Get("usage"))
	for _, choice := range elements(e.Get("choices")) {
		if index, ok := choice.Get("index").Int(); ok && index != 0 {
			continue // there is one message
		}
		s.begin(&t, e)
		said := completionSays(choice.Get("delta"))
		for _, text := range said.texts {
			s.text(&t, text.block, text.text)
		}
		s.refused = s.refused || said.refused
		for _, call := range said.calls {
			if err := s.piece(&t, call); err != nil {
				return t, err
			}
		}
		if why := choice.Get("finish_reason"); hasText(why) && s.finish == "" {
			s.stop(&t)
			s.finish = completionStop(why, s.calls > 0, s.refused)
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
	t := jsonText(out)
	s.stop(&t) // some say more behind the reason to finish
	t.quoted("event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":", s.finish)
	t.put(`,"stop_sequence":null},"usage":`)
	s.usage.write(&t)
	t.put("}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n")
	return t
}

// begin writes the first event.
func (s *CompletionStream) begin(t *jsonText, chunk jsontree.Value) {
	if s.begun {
		return
	}
	s.begun = true
	t.or("event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":", chunk.Get("id"), s.c.ID)
	t.or(`,"type":"message","role":"assistant","model":`, chunk.Get("model"), s.c.Model)
	t.put(`,"content":[],"stop_reason":null,"stop_sequence":null,"usage":`)
	u := s.usage
	u.completion, u.total, u.reasoning, u.hasOutput = 0, 0, 0, true // so far
	u.write(t)
	t.put("}}\n\n")
}

// start begins a block.
func (s *CompletionStream) start(t *jsonText, typ string) {
	s.block = typ
	t.number("event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":", s.blocks)
	s.blocks++
	t.quoted(`,"content_block":{"type":`, typ)
}

// stop ends the block that is open, and writes the calls that wait.
func (s *CompletionStream) stop(t *jsonText) {
	for len(s.open) > 0 {
		s.nextCall(t)
	}
	s.stopBlock(t)
}

func (s *CompletionStream) stopBlock(t *jsonText) {
	if s.block == "" {
		return
	}
	s.block = ""
	t.number("event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":", s.blocks-1)
	t.put("}\n\n")
}

// startDelta begins an event for the block that is open.
func (s *CompletionStream) startDelta(t *jsonText, typ string) {
	t.number("event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":", s.blocks-1)
	t.quoted(`,"delta":{"type":`, typ)
}

func (s *CompletionStream) text(t *jsonText, typ string, text jsontree.Value) {
	if !hasText(text) {
		return
	}
	if s.block != typ {
		s.stop(t)
		s.start(t, typ)
		if typ == "thinking" {
			t.put(`,"thinking":"","signature":""}}` + "\n\n")
		} else {
			t.put(`,"text":""}}` + "\n\n")
		}
	}
	s.startDelta(t, typ+"_delta")
	t.quoted(",", typ)
	t.raw(":", text)
	t.put("}}\n\n")
}
