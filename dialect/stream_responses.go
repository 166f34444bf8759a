package dialect

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
	case "response.content_part.added":
		s.parts++
	case "response.output_text.delta":
		s.Lost = s.Lost || s.parts > 1
		s.say(s.text)
	case "response.refusal.delta":
		s.otherwise = true
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
			r.id, r.text = appendUpTo(r.id[:0], e.id, maxModelName), r.text[:0]
		}
	case "response.content_part.added":
		r.part, r.content = opened, e.content
	case "response.output_text.delta":
		if r.part == absent {
			r.part, r.content = opened, e.content
		}
		r.text = r.keep(r.text, s.text)
	case "response.output_text.done":
		r.part = written
	case "response.content_part.done":
		r.part = absent
	case "response.output_item.done":
		if r.message == opened && r.index == s.index {
			r.message, r.text = absent, r.text[:0]
		}
		if len(r.items) > 0 && len(e.raw) > 0 {
			r.items = append(r.items, ',')
		}
		r.items = r.keep(r.items, e.raw)
	}
	s.kind = s.kind[:0]
}

// keep appends to the items or the text, as long as there is room for both.
func (r *shownResponse) keep(to, more []byte) []byte {
	if r.lost = r.lost || len(r.items)+len(r.text)+len(more) > maxShown; r.lost {
		r.items, r.text = nil, nil
		return nil
	}
	return append(to, more...)
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
	items := string(r.items)
	if r.message == opened && !r.lost {
		id, text := quoted(string(r.id)), quoted(string(r.text))
		place := string(fill(nil, `"output_index":$,"item_id":$,"content_index":$`, digits(r.index), id, digits(r.content)))
		part := string(fill(nil, `{"type":"output_text","annotations":[],"logprobs":[],"text":$}`, text))
		item := string(fill(nil, `{"id":$,"type":"message","status":"incomplete","role":"assistant","content":[$]}`, id, part))
		if r.part == opened {
			out = r.event(out, "output_text.done", `$,"logprobs":[],"text":$`, place, text)
		}
		if r.part != absent {
			out = r.event(out, "content_part.done", `$,"part":$`, place, part)
		}
		out = r.event(out, "output_item.done", `"output_index":$,"item":$`, digits(r.index), item)
		if items != "" {
			items += ","
		}
		items += item
	}
	created := string(s.created)
	if created == "" {
		created = "0"
	}
	return r.event(out, "incomplete", `"response":{"id":$,"object":"response","created_at":$,"status":"incomplete","error":null,`+
		`"incomplete_details":{"reason":"`+s.endReason()+`"},"instructions":null,"metadata":{},"model":$,"output":[$],`+
		`"parallel_tool_calls":true,"temperature":null,"tool_choice":"auto","tools":[],"top_p":null,`+
		`"usage":{"input_tokens":$,"input_tokens_details":{"cached_tokens":$},"output_tokens":$,"output_tokens_details":{"reasoning_tokens":$},"total_tokens":$}}`,
		quoted(string(s.id)), created, quoted(string(s.model)), items,
		digits(u.Input), digits(u.Cached), digits(u.Output), digits(u.Reasoning), digits(u.Input+u.Output))
}

// event appends the next event, whose members behind its type and number are a template.
func (r *shownResponse) event(out []byte, kind, members string, values ...string) []byte {
	out = fill(out, "event: response.$\ndata: {\"type\":\"response.$\",\"sequence_number\":$,", kind, kind, digits(r.next))
	r.next++
	out = fill(out, members, values...)
	return append(out, "}\n\n"...)
}
