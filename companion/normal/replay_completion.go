package normal

// completion writes https://platform.openai.com/docs/api-reference/chat/object.
func (w *writer) completion() {
	w.completionHead("chat.completion")
	w.put(`,"choices":[{"index":0,"message":{"role":"assistant","content":`)
	w.content()
	w.put(`,"refusal":null,"annotations":[]`)
	for i, c := range w.a.Calls {
		w.put([2]string{`,"tool_calls":[`, `,`}[min(i, 1)])
		w.put(`{"id":`)
		w.id("call_", i+1, 24)
		w.put(`,"type":"function","function":{"name":`)
		w.quoted(c.Name)
		w.put(`,"arguments":`)
		w.quoted(c.Arguments)
		w.put("}}")
	}
	if len(w.a.Calls) > 0 {
		w.put("]")
	}
	w.put(`},"logprobs":null,"finish_reason":`)
	w.quoted(string(w.a.End))
	w.put("}]")
	w.completionUsage()
	w.put("}")
}

func (w *writer) completionHead(object string) {
	w.put(`{"id":`)
	w.id("chatcmpl-", 0, 29)
	w.put(`,"object":"`)
	w.put(object)
	w.member(`","created":`, w.fresh.Created.Unix())
	w.put(`,"model":`)
	w.quoted(w.a.Model)
}

// content writes the text, which is null where there are calls alone.
func (w *writer) content() {
	if w.a.Text == "" {
		w.put("null")
		return
	}
	w.quoted(w.a.Text)
}

func (w *writer) completionUsage() {
	u := w.a.Usage
	if !u.Known {
		return
	}
	w.member(`,"usage":{"prompt_tokens":`, u.Input)
	w.member(`,"completion_tokens":`, u.Output)
	w.member(`,"total_tokens":`, u.Input+u.Output)
	w.member(`,"prompt_tokens_details":{"cached_tokens":`, u.Cached)
	if u.Written > 0 {
		w.member(`,"cache_write_tokens":`, u.Written)
	}
	w.member(`,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":`, u.Reasoning)
	w.put(`,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}`)
}

// completionStream writes the chunks: the role, the text in pieces, of each call its name
// and then its arguments in pieces, the finish, and with includeUsage the usage, which all
// others then say that they do not have.
// https://platform.openai.com/docs/api-reference/chat-streaming
func (w *writer) completionStream(includeUsage bool) {
	const choice = `,"choices":[{"index":0,"delta":`
	w.put("data: ")
	w.completionHead("chat.completion.chunk")
	head := string(w.b) // of every chunk
	w.b = w.b[:0]
	end := `,"logprobs":null,"finish_reason":null}]}` + "\n\n"
	if includeUsage {
		end = `,"logprobs":null,"finish_reason":null}],"usage":null}` + "\n\n"
	}
	head += choice

	w.put(head)
	w.put(`{"role":"assistant","content":`)
	if w.a.Text == "" {
		w.put("null")
	} else {
		w.put(`""`)
	}
	w.put(`,"refusal":null}`)
	w.put(end)
	for _, piece := range pieces(w.a.Text) {
		w.put(head)
		w.put(`{"content":`)
		w.quoted(piece)
		w.put("}")
		w.put(end)
	}
	for i, c := range w.a.Calls {
		w.put(head)
		w.member(`{"tool_calls":[{"index":`, int64(i))
		w.put(`,"id":`)
		w.id("call_", i+1, 24)
		w.put(`,"type":"function","function":{"name":`)
		w.quoted(c.Name)
		w.put(`,"arguments":""}}]}`)
		w.put(end)
		for _, piece := range pieces(c.Arguments) {
			w.put(head)
			w.member(`{"tool_calls":[{"index":`, int64(i))
			w.put(`,"function":{"arguments":`)
			w.quoted(piece)
			w.put("}}]}")
			w.put(end)
		}
	}
	w.put(head)
	w.put(`{},"logprobs":null,"finish_reason":`)
	w.quoted(string(w.a.End))
	w.put("}]")
	if includeUsage {
		w.put(`,"usage":null`)
	}
	w.put("}\n\n")
	if includeUsage {
		w.put(head[:len(head)-len(choice)])
		w.put(`,"choices":[]`)
		w.completionUsage()
		w.put("}\n\n")
	}
	w.put("data: [DONE]\n\n")
}
