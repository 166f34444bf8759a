package mock

import "net/http"

// messages answers Anthropic's one operation that generates.
func (t *task) messagesReply() *reply {
	all, bill := t.answers()
	a := &all[0]
	r := &reply{status: http.StatusOK, header: http.Header{}, stream: t.stream, bill: bill, whole: bill.Output, base: a.reasoning}
	if t.stream {
		r.header.Set("Content-Type", "text/event-stream; charset=utf-8")
		r.header.Set("Cache-Control", "no-cache")
		r.events = t.messageStream(a, bill)
		return r
	}
	r.header.Set("Content-Type", "application/json")
	b := append(t.messageHead(nil), `"content":[`...)
	for i := range a.thoughts {
		th := &a.thoughts[i]
		b = append(append(b, th.block(th.Text, th.signature())...), ',')
	}
	if len(a.calls) == 0 {
		b = append(appendJSON(append(b, `{"type":"text","text":`...), a.text()), '}')
	}
	for i := range a.calls {
		if i > 0 {
			b = append(b, ',')
		}
		input := join(a.calls[i].arguments)
		if input == "" || a.end == stopLength && i == len(a.calls)-1 {
			input = "{}" // cut off arguments are no JSON
		}
		b = append(append(append(b, `{"type":"tool_use","id":"`...), t.toolUseID(i)...), `","name":`...)
		b = append(append(appendJSON(b, a.calls[i].name), `,"input":`...), input...)
		b = append(b, '}')
	}
	b = t.appendStop(append(b, "],"...), a)
	b = append(t.appendMessageUsage(b, bill, true), '}')
	r.events = []event{{data: b, used: bill.Output - r.base}}
	return r
}

// messageHead is how a message begins, up to its content.
func (t *task) messageHead(b []byte) []byte {
	b = appendJSON(append(b, `{"model":`...), t.model)
	b = append(append(b, `,"id":"`...), identifier("msg_01", t.id, 22)...)
	return append(b, `","type":"message","role":"assistant",`...)
}

func (t *task) toolUseID(i int) string {
	return identifier("toolu_01", mix(t.id+1+uint64(i)), 22)
}

// appendStop appends stop_reason and stop_sequence.
func (t *task) appendStop(b []byte, a *answer) []byte {
	reason := "end_turn"
	switch a.end {
	case stopLength:
		reason = "max_tokens"
	case stopSequence:
		reason = "stop_sequence"
	case stopTools:
		reason = "tool_use"
	}
	if t.say.Finish != "" {
		reason = t.say.Finish
	}
	b = appendJSON(append(b, `"stop_reason":`...), reason)
	b = append(b, `,"stop_sequence":`...)
	if a.end != stopSequence {
		return append(b, "null"...)
	}
	return appendJSON(b, a.sequence)
}

// appendMessageUsage appends the usage member, comma first. Anthropic counts what the
// cache read and wrote beside input_tokens and not inside.
func (t *task) appendMessageUsage(b []byte, bill Tokens, all bool) []byte {
	b, bill, stated := t.stated(b, bill)
	if !stated {
		return b
	}
	b = appendInt(b, `,"usage":{"input_tokens":`, bill.Input-bill.Cached-bill.CacheWrite)
	b = appendInt(b, `,"cache_creation_input_tokens":`, bill.CacheWrite)
	b = appendInt(b, `,"cache_read_input_tokens":`, bill.Cached)
	if all {
		b = appendInt(b, `,"cache_creation":{"ephemeral_5m_input_tokens":`, bill.CacheWrite)
		b = append(b, `,"ephemeral_1h_input_tokens":0}`...)
	}
	b = appendInt(b, `,"output_tokens":`, bill.Output)
	if all {
		b = append(b, `,"service_tier":"standard"`...)
	}
	return append(b, '}')
}

// messageStream is the answer as Anthropic's sequence of events:
//
//	message_start, (content_block_start, ping?, content_block_delta…,
//	content_block_stop)…, message_delta, message_stop
func (t *task) messageStream(a *answer, bill Tokens) []event {
	events := make([]event, 0, len(a.pieces)+8)
	add := func(kind eventKind, used int64, name string, data []byte) {
		b := make([]byte, 0, len(name)+len(data)+18)
		b = append(append(append(b, "event: "...), name...), "\ndata: "...)
		b = append(append(b, data...), "\n\n"...)
		events = append(events, event{data: b, kind: kind, used: used})
	}
	first := bill
	first.Output = min(1, bill.Output) // what the API reports before it has generated
	start := t.messageHead([]byte(`{"type":"message_start","message":`))
	start = append(start, `"content":[],"stop_reason":null,"stop_sequence":null`...)
	add(eventFrame, 0, "message_start", append(t.appendMessageUsage(start, first, true), "}}"...))

	used := a.reasoning
	block := func(index int, begin, delta, member string, pieces []piece, signature string) {
		b := append(appendInt(nil, `{"type":"content_block_start","index":`, int64(index)), `,"content_block":`...)
		add(eventFrame, 0, "content_block_start", append(append(b, begin...), '}'))
		if index == 0 {
			add(eventFrame, 0, "ping", []byte(`{"type":"ping"}`))
		}
		for _, p := range pieces {
			b := appendInt(nil, `{"type":"content_block_delta","index":`, int64(index))
			b = append(append(append(b, `,"delta":{"type":"`...), delta...), `","`...)
			b = appendJSON(append(append(b, member...), `":`...), p.text)
			add(eventContent, p.upto-used, "content_block_delta", append(b, "}}"...))
			used = p.upto
		}
		if signature != "" {
			b := appendInt(nil, `{"type":"content_block_delta","index":`, int64(index))
			b = appendJSON(append(b, `,"delta":{"type":"signature_delta","signature":`...), signature)
			add(eventContent, 0, "content_block_delta", append(b, "}}"...))
		}
		add(eventFrame, 0, "content_block_stop", append(appendInt(nil, `{"type":"content_block_stop","index":`, int64(index)), '}'))
	}
	for i := range a.thoughts {
		th := &a.thoughts[i]
		var pieces []piece
		for _, text := range parts(th.Text) {
			pieces = append(pieces, piece{text, used}) // counted before
		}
		block(i, string(th.block("", "")), "thinking_delta", "thinking", pieces, th.signature())
	}
	n := len(a.thoughts)
	if len(a.calls) == 0 {
		block(n, `{"type":"text","text":""}`, "text_delta", "text", a.pieces, "")
	}
	for i := range a.calls {
		begin := append(append([]byte(`{"type":"tool_use","id":"`), t.toolUseID(i)...), `","name":`...)
		begin = append(appendJSON(begin, a.calls[i].name), `,"input":{}}`...)
		block(n+i, string(begin), "input_json_delta", "partial_json", a.calls[i].arguments, "")
	}
	b := t.appendStop([]byte(`{"type":"message_delta","delta":{`), a)
	add(eventFinish, 0, "message_delta", append(t.appendMessageUsage(append(b, '}'), bill, false), '}'))
	add(eventDone, 0, "message_stop", []byte(`{"type":"message_stop"}`))
	return events
}
