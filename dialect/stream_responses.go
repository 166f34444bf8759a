package dialect

import "strconv"

// itemEvent is what an event of a response says beside its text.
type itemEvent struct {
	sequence   int64 // -1 = it has no number
	content    int64 // content_index
	start, end int64 // of its `item`
	id, kind   []byte
	raw        []byte // the item as written, once it is done
}

// shownResponse is what the client has seen of a response so far, from which an early
// end is made: what has been opened has to be closed, and the last event has all items.
type shownResponse struct {
	next  int64  // the number of the next event
	items []byte // the items that are done, as written
	lost  bool   // they, and the text, were too long to be kept

	message state // the last message of the output, and its part
	part    state
	index   int64 // output_index of the message
	content int64 // content_index of the part
	id      []byte
	text    []byte
}

// state is how far a message or a part of it is.
type state uint8

const (
	absent state = iota
	opened
	written // the event that has all its text has been shown
)

// maxShown bounds what is kept of an answer for its early end, in bytes. The end of a
// longer answer has no items in it: its clients have the deltas.
const maxShown = 128 << 10

// responseEvent judges an event of a response:
// https://platform.openai.com/docs/api-reference/responses-streaming
//
// Nothing is ever hidden there: usage is part of the dialect.
func (s *Stream) responseEvent(typ, data []byte, reported bool) Effect {
	if len(s.kind) == 0 {
		s.kind = append(s.kind, typ...)
	}
	switch string(s.kind) {
	case "error":
		return Failed
	case "response.failed":
		s.OutputKnown = s.OutputKnown || reported
		return Failed
	case "response.completed", "response.incomplete":
		s.OutputKnown = s.OutputKnown || reported
		s.Finished, s.Ended = true, true
		return Pass
	case "response.output_item.done":
		s.item.raw = appendUpTo(s.item.raw, data[s.item.start:s.item.end], maxShown+1)
		return Pass // its name has been counted when it was added
	case "response.audio.delta": // in base64
		return Pass
	}
	if len(s.text) > 0 { // it stays for showLast
		s.Began = true
		s.out.Delta(0, s.text)
	}
	return Pass
}

// showLast takes the event before, which the client has seen by now, into what has been
// shown.
func (s *Stream) showLast() {
	if s.op != Responses || len(s.kind) == 0 {
		return
	}
	r, e := &s.shown, &s.item
	r.next = max(r.next, e.sequence) + 1
	switch string(s.kind) {
	case "response.output_item.added":
		if string(e.kind) == "message" {
			r.message, r.part, r.index = opened, absent, s.index
			r.id, r.text = append(r.id[:0], e.id...), r.text[:0]
		}
	case "response.content_part.added":
		r.part, r.content = opened, e.content
	case "response.output_text.delta":
		if r.part == absent {
			r.part, r.content = opened, e.content
		}
		if r.keep(len(s.text)) {
			r.text = append(r.text, s.text...)
		}
	case "response.output_text.done":
		r.part = written
	case "response.content_part.done":
		r.part = absent
	case "response.output_item.done":
		if r.message == opened && r.index == s.index {
			r.message, r.text = absent, r.text[:0]
		}
		if r.keep(len(e.raw)) {
			if len(r.items) > 0 && len(e.raw) > 0 {
				r.items = append(r.items, ',')
			}
			r.items = append(r.items, e.raw...)
		}
	}
	s.kind = s.kind[:0]
}

// keep tells whether n bytes more can be kept.
func (r *shownResponse) keep(n int) bool {
	if r.lost = r.lost || len(r.items)+len(r.text)+n > maxShown; r.lost {
		r.items, r.text = nil, nil
	}
	return !r.lost
}

// Sequence is the number of an event that follows those that the client has seen, where
// the dialect numbers them.
func (s *Stream) Sequence() int64 {
	s.showLast()
	return s.shown.next
}

// responseEnd closes the message that is open, then the response, as one that has
// reached its cap. A call of a tool that is open is not closed: nobody shall make half a
// call.
func (s *Stream) responseEnd(u Usage) []byte {
	r := &s.shown
	var out []byte
	items := r.items
	if r.message == opened && !r.lost {
		place := append([]byte(`,"output_index":`), strconv.FormatInt(r.index, 10)...)
		part := append([]byte(`{"type":"output_text","annotations":[],"logprobs":[],"text":`), appendString(nil, string(r.text))...)
		part = append(part, '}')
		inPart := append(append([]byte(`,"item_id":`), appendString(nil, string(r.id))...), place...)
		inPart = append(append(inPart, `,"content_index":`...), strconv.FormatInt(r.content, 10)...)
		if r.part == opened {
			out = r.begin(out, "response.output_text.done")
			out = append(out, inPart...)
			out = append(out, `,"logprobs":[],"text":`...)
			out = appendString(out, string(r.text))
			out = append(out, "}\n\n"...)
		}
		if r.part != absent {
			out = r.begin(out, "response.content_part.done")
			out = append(out, inPart...)
			out = append(append(out, `,"part":`...), part...)
			out = append(out, "}\n\n"...)
		}
		item := append([]byte(`{"id":`), appendString(nil, string(r.id))...)
		item = append(item, `,"type":"message","status":"incomplete","role":"assistant","content":[`...)
		item = append(append(item, part...), "]}"...)
		out = r.begin(out, "response.output_item.done")
		out = append(append(out, place...), `,"item":`...)
		out = append(append(out, item...), "}\n\n"...)
		if len(items) > 0 {
			items = append(items[:len(items):len(items)], ',')
		}
		items = append(items[:len(items):len(items)], item...)
	}
	out = r.begin(out, "response.incomplete")
	out = append(out, `,"response":{"id":`...)
	out = appendString(out, string(s.id))
	out = append(out, `,"object":"response","created_at":`...)
	if len(s.created) == 0 {
		out = append(out, '0')
	}
	out = append(out, s.created...)
	out = append(out, `,"status":"incomplete","error":null,"incomplete_details":{"reason":"max_output_tokens"},"instructions":null,"metadata":{},"model":`...)
	out = appendString(out, string(s.model))
	out = append(append(out, `,"output":[`...), items...)
	out = append(out, `],"parallel_tool_calls":true,"temperature":null,"tool_choice":"auto","tools":[],"top_p":null,"usage":`...)
	out = appendResponseUsage(out, u)
	return append(out, "}}\n\n"...)
}

// begin opens an event and its object.
func (r *shownResponse) begin(out []byte, kind string) []byte {
	out = append(append(out, "event: "...), kind...)
	out = append(append(out, "\ndata: {\"type\":\""...), kind...)
	out = append(out, `","sequence_number":`...)
	out = strconv.AppendInt(out, r.next, 10)
	r.next++
	return out
}

func appendResponseUsage(out []byte, u Usage) []byte {
	out = append(out, `{"input_tokens":`...)
	out = strconv.AppendInt(out, u.Input, 10)
	out = append(out, `,"input_tokens_details":{"cached_tokens":`...)
	out = strconv.AppendInt(out, u.Cached, 10)
	out = append(out, `},"output_tokens":`...)
	out = strconv.AppendInt(out, u.Output, 10)
	out = append(out, `,"output_tokens_details":{"reasoning_tokens":`...)
	out = strconv.AppendInt(out, u.Reasoning, 10)
	out = append(out, `},"total_tokens":`...)
	out = strconv.AppendInt(out, u.Input+u.Output, 10)
	return append(out, '}')
}
