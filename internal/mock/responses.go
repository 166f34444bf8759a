package mock

import "net/http"

// responsesReply answers OpenAI's newer operation that generates.
func (t *task) responsesReply() *reply {
	all, bill := t.answers()
	a := &all[0]
	r := &reply{status: http.StatusOK, header: http.Header{}, stream: t.stream, bill: bill, whole: bill.Output, base: a.reasoning}
	status, last := "completed", "response.completed"
	if a.end == stopLength || t.say.Finish == "length" {
		status, last = "incomplete", "response.incomplete"
	}
	if t.stream {
		r.header.Set("Content-Type", "text/event-stream; charset=utf-8")
		r.header.Set("Cache-Control", "no-cache")
		r.events = t.responseStream(a, bill, status, last)
		return r
	}
	r.header.Set("Content-Type", "application/json")
	r.events = []event{{data: t.response(nil, status, t.items(a, status), &bill), used: bill.Output - r.base}}
	return r
}

// response appends a response object.
func (t *task) response(b []byte, status string, items [][]byte, bill *Tokens) []byte {
	b = append(append(b, `{"id":"`...), identifier("resp_", t.id, 48)...)
	b = appendInt(b, `","object":"response","created_at":`, t.created)
	b = append(append(b, `,"status":"`...), status...)
	b = append(b, `","background":false,"error":null,"incomplete_details":`...)
	if status == "incomplete" {
		b = append(b, `{"reason":"max_output_tokens"}`...)
	} else {
		b = append(b, "null"...)
	}
	b = append(b, `,"instructions":null,"max_output_tokens":`...)
	if t.limit == noLimit {
		b = append(b, "null"...)
	} else {
		b = appendInt(b, "", t.limit)
	}
	b = appendJSON(append(b, `,"model":`...), t.model)
	b = append(b, `,"output":[`...)
	for i, item := range items {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, item...)
	}
	b = append(b, `],"parallel_tool_calls":true,"previous_response_id":null,"reasoning":{"effort":null,"summary":null},"store":true,"temperature":1.0,"text":{"format":{"type":"text"}},"tool_choice":"auto","tools":[],"top_p":1.0,"truncation":"disabled"`...)
	if bill == nil {
		return append(b, `,"usage":null,"user":null,"metadata":{}}`...)
	}
	return append(t.appendResponseUsage(b, *bill), `,"user":null,"metadata":{}}`...)
}

// appendResponseUsage appends the usage member, comma first, or what the fault leaves
// of it.
func (t *task) appendResponseUsage(b []byte, bill Tokens) []byte {
	b, bill, stated := t.stated(b, bill)
	if !stated {
		return b
	}
	b = appendInt(b, `,"usage":{"input_tokens":`, bill.Input)
	b = appendInt(b, `,"input_tokens_details":{"cached_tokens":`, bill.Cached)
	b = appendInt(b, `,"cache_write_tokens":`, bill.CacheWrite)
	b = appendInt(b, `},"output_tokens":`, bill.Output)
	b = appendInt(b, `,"output_tokens_details":{"reasoning_tokens":`, bill.Reasoning)
	b = appendInt(b, `},"total_tokens":`, bill.Input+bill.Output)
	return append(b, '}')
}

func (t *task) itemID(prefix string, i int) string {
	return identifier(prefix, mix(t.id+9+uint64(i)), 48)
}

// messageItem is a message with this text; of one that has just begun it has no content.
func (t *task) messageItem(i int, status, content string) []byte {
	b := append(append([]byte(`{"id":"`), t.itemID("msg_", i)...), `","type":"message","status":"`...)
	b = append(append(b, status...), `","role":"assistant","content":[`...)
	return append(append(b, content...), "]}"...)
}

func (t *task) callItem(i, n int, c *call, status, arguments string) []byte {
	b := append(append([]byte(`{"id":"`), t.itemID("fc_", i)...), `","type":"function_call","status":"`...)
	b = append(append(append(b, status...), `","call_id":"`...), t.callID(n)...)
	b = appendJSON(append(b, `","name":`...), c.name)
	return append(appendJSON(append(b, `,"arguments":`...), arguments), '}')
}

func (t *task) reasoningItem() []byte {
	return append(append([]byte(`{"id":"`), t.itemID("rs_", 0)...), `","type":"reasoning","summary":[]}`...)
}

// textPart is a part of a message's content.
func textPart(text string) string {
	return string(append(appendJSON([]byte(`{"type":"output_text","annotations":[],"logprobs":[],"text":`), text), '}'))
}

// items is the whole output: thoughts, then a message or calls of tools.
func (t *task) items(a *answer, status string) (items [][]byte) {
	if a.reasoning > 0 {
		items = append(items, t.reasoningItem())
	}
	if len(a.calls) == 0 && a.tokens > a.reasoning {
		items = append(items, t.messageItem(len(items), status, textPart(a.text())))
	}
	for n := range a.calls {
		items = append(items, t.callItem(len(items), n, &a.calls[n], status, join(a.calls[n].arguments)))
	}
	return items
}

// responseStream is the answer as the sequence of events of a response:
//
//	response.created, response.in_progress, (response.output_item.added,
//	response.content_part.added?, deltas, …done, response.output_item.done)…,
//	response.completed or response.incomplete
//
// That last one is its finish, its usage and its end.
func (t *task) responseStream(a *answer, bill Tokens, status, last string) []event {
	var events []event
	add := func(kind eventKind, used int64, name string, rest []byte) {
		b := append(append([]byte("event: "), name...), "\ndata: {\"type\":\""...)
		b = appendInt(append(b, name...), `","sequence_number":`, int64(len(events)))
		b = append(append(append(b, ','), rest...), "}\n\n"...)
		events = append(events, event{data: b, kind: kind, used: used})
	}
	for _, name := range []string{"response.created", "response.in_progress"} {
		add(eventFrame, 0, name, t.response([]byte(`"response":`), "in_progress", nil, nil))
	}
	item := func(name string, index int, item []byte) {
		b := append(appendInt(nil, `"output_index":`, int64(index)), `,"item":`...)
		add(eventFrame, 0, "response.output_item."+name, append(b, item...))
	}
	used, index := a.reasoning, 0
	if a.reasoning > 0 {
		item("added", index, t.reasoningItem())
		item("done", index, t.reasoningItem())
		index++
	}
	place := func(id, more string) []byte {
		b := appendInt([]byte(`"item_id":"`+id+`","output_index":`), "", int64(index))
		return append(b, more...)
	}
	if len(a.calls) == 0 && a.tokens > a.reasoning {
		id := t.itemID("msg_", index)
		item("added", index, t.messageItem(index, "in_progress", ""))
		add(eventFrame, 0, "response.content_part.added", append(place(id, `,"content_index":0,"part":`), textPart("")...))
		for _, p := range a.pieces {
			add(eventContent, p.upto-used, "response.output_text.delta", appendJSON(place(id, `,"content_index":0,"logprobs":[],"delta":`), p.text))
			used = p.upto
		}
		add(eventFrame, 0, "response.output_text.done", appendJSON(place(id, `,"content_index":0,"logprobs":[],"text":`), a.text()))
		add(eventFrame, 0, "response.content_part.done", append(place(id, `,"content_index":0,"part":`), textPart(a.text())...))
		item("done", index, t.messageItem(index, status, textPart(a.text())))
	}
	for n := range a.calls {
		c := &a.calls[n]
		id, whole := t.itemID("fc_", index), join(c.arguments)
		item("added", index, t.callItem(index, n, c, "in_progress", ""))
		for _, p := range c.arguments {
			add(eventContent, p.upto-used, "response.function_call_arguments.delta", appendJSON(place(id, `,"delta":`), p.text))
			used = p.upto
		}
		add(eventFrame, 0, "response.function_call_arguments.done", appendJSON(place(id, `,"arguments":`), whole))
		item("done", index, t.callItem(index, n, c, status, whole))
		index++
	}
	add(eventFinish, 0, last, t.response([]byte(`"response":`), status, t.items(a, status), &bill))
	return events
}
