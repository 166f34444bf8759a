package normal

import "github.com/sluice-gateway/sluice/sse"

// message writes https://platform.claude.com/docs/en/api/messages.
func (w *writer) message() {
	w.messageHead()
	w.put(`,"content":[`)
	if w.a.Text != "" {
		w.put(`{"type":"text","text":`)
		w.quoted(w.a.Text)
		w.put("}")
	}
	for i, c := range w.a.Calls {
		if i > 0 || w.a.Text != "" {
			w.put(",")
		}
		w.toolUse(i, c.Arguments)
	}
	w.put("],")
	w.stopReason()
	w.messageUsage(w.a.Usage.Output)
	w.put("}")
}

func (w *writer) messageHead() {
	w.put(`{"id":`)
	w.id("msg_01", 0, 22)
	w.put(`,"type":"message","role":"assistant","model":`)
	w.quoted(w.a.Model)
}

func (w *writer) toolUse(i int, input string) {
	w.put(`{"type":"tool_use","id":`)
	w.id("toolu_01", i+1, 22)
	w.put(`,"name":`)
	w.quoted(w.a.Calls[i].Name)
	w.put(`,"input":`)
	w.put(input)
	w.put("}")
}

func (w *writer) stopReason() {
	reason := "end_turn"
	switch {
	case len(w.a.Calls) > 0:
		reason = "tool_use"
	case w.a.StopSequence != "":
		reason = "stop_sequence"
	}
	w.put(`"stop_reason":"`)
	w.put(reason)
	w.put(`","stop_sequence":`)
	if w.a.StopSequence == "" {
		w.put("null")
	} else {
		w.quoted(w.a.StopSequence)
	}
}

func (w *writer) messageUsage(output int64) {
	u := w.a.Usage
	if !u.Known {
		return
	}
	w.member(`,"usage":{"input_tokens":`, u.Input-u.Cached-u.Written)
	w.member(`,"cache_creation_input_tokens":`, u.Written)
	w.member(`,"cache_read_input_tokens":`, u.Cached)
	w.member(`,"output_tokens":`, output)
	if u.Reasoning > 0 && output == u.Output {
		w.member(`,"output_tokens_details":{"thinking_tokens":`, u.Reasoning)
		w.put("}")
	}
	w.put("}")
}

// messageStream writes the events: message_start, of each block its start, its pieces and
// its stop, message_delta, message_stop.
// https://platform.claude.com/docs/en/build-with-claude/streaming
func (w *writer) messageStream() {
	out := w.b
	w.b = make([]byte, 0, 512)
	send := func(name string) {
		out = sse.AppendEvent(out, name, w.b)
		w.b = w.b[:0]
	}
	w.put(`{"type":"message_start","message":`)
	w.messageHead()
	w.put(`,"content":[],"stop_reason":null,"stop_sequence":null`)
	w.messageUsage(min(1, w.a.Usage.Output)) // as the API says before it has generated
	w.put("}}")
	send("message_start")

	block := int64(0)
	start := func() {
		w.member(`{"type":"content_block_start","index":`, block)
		w.put(`,"content_block":`)
	}
	rest := func(kind, member, text string) {
		w.put("}")
		send("content_block_start")
		if block == 0 {
			w.put(`{"type":"ping"}`)
			send("ping")
		}
		for _, piece := range pieces(text) {
			w.member(`{"type":"content_block_delta","index":`, block)
			w.put(`,"delta":{"type":"`)
			w.put(kind)
			w.put(`","`)
			w.put(member)
			w.put(`":`)
			w.quoted(piece)
			w.put("}}")
			send("content_block_delta")
		}
		w.member(`{"type":"content_block_stop","index":`, block)
		w.put("}")
		send("content_block_stop")
		block++
	}
	if w.a.Text != "" {
		start()
		w.put(`{"type":"text","text":""}`)
		rest("text_delta", "text", w.a.Text)
	}
	for i, c := range w.a.Calls {
		start()
		w.toolUse(i, "{}")
		rest("input_json_delta", "partial_json", c.Arguments)
	}
	w.put(`{"type":"message_delta","delta":{`)
	w.stopReason()
	w.put("}")
	w.messageUsage(w.a.Usage.Output)
	w.put("}")
	send("message_delta")
	w.put(`{"type":"message_stop"}`)
	send("message_stop")
	w.b = out
}
