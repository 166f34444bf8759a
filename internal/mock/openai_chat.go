package mock

import "net/http"

// answers composes all n of them, and the bill.
func (t *task) answers() ([]answer, Tokens) {
	all := make([]answer, t.n)
	bill := Tokens{Input: t.input, Cached: min(t.say.Cached, t.input)}
	bill.CacheWrite = min(t.say.CacheWrite, t.input-bill.Cached)
	for i := range all {
		all[i] = compose(t.query, t.say, t.fault.IgnoreMaxTokens, t.seed, i)
		bill.Output += all[i].tokens
		bill.Reasoning += all[i].reasoning
	}
	return all, bill
}

// reasoningOf is what the answers have used before their first piece.
func reasoningOf(all []answer) (sum int64) {
	for i := range all {
		sum += all[i].reasoning
	}
	return sum
}

func (t *task) chat() *reply {
	all, bill := t.answers()
	r := &reply{status: http.StatusOK, header: http.Header{}, stream: t.stream, bill: bill, whole: bill.Output, base: reasoningOf(all)}
	if t.stream {
		r.header.Set("Content-Type", "text/event-stream; charset=utf-8")
		r.header.Set("Cache-Control", "no-cache")
		r.events = t.chatStream(all, bill)
		return r
	}
	r.header.Set("Content-Type", "application/json")
	b := t.head(nil, "chatcmpl-", "chat.completion")
	b = append(b, `,"choices":[`...)
	for i := range all {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendInt(b, `{"index":`, int64(i))
		b = t.appendMessage(append(b, `,"message":`...), &all[i])
		b = append(b, `,"logprobs":null,"finish_reason":"`...)
		b = append(append(b, t.finish(&all[i])...), `"}`...)
	}
	b = append(b, ']')
	b = t.appendUsage(b, bill)
	b = append(b, `,"service_tier":"default","system_fingerprint":"`...)
	b = append(append(b, t.fingerprint()...), `"}`...)
	r.events = []event{{data: b, used: bill.Output - r.base}}
	return r
}

// head is how every OpenAI object begins, without its closing brace.
func (t *task) head(b []byte, idPrefix, object string) []byte {
	b = append(b, `{"id":"`...)
	b = append(b, identifier(idPrefix, t.id, 29)...)
	b = append(b, `","object":"`...)
	b = append(b, object...)
	b = appendInt(b, `","created":`, t.created)
	return appendJSON(append(b, `,"model":`...), t.model)
}

// fingerprint belongs to the model: it stays the same between requests.
func (t *task) fingerprint() string {
	var h uint64
	for _, c := range []byte(t.model) {
		h = mix(h ^ uint64(c))
	}
	return identifier("fp_", h, 10)
}

func (t *task) finish(a *answer) string {
	if t.say.Finish != "" {
		return t.say.Finish
	}
	switch a.end {
	case stopLength:
		return "length"
	case stopTools:
		return "tool_calls"
	}
	return "stop"
}

func (t *task) appendMessage(b []byte, a *answer) []byte {
	b = append(b, `{"role":"assistant",`...)
	if len(a.thoughts) > 0 {
		b = appendReasoning(b, a.thoughts, 0, detailed(a.thoughts))
	}
	b = append(b, `"content":`...)
	if len(a.calls) == 0 {
		b = appendJSON(b, a.text())
	} else {
		b = append(b, "null"...)
	}
	b = append(b, `,"refusal":null,"annotations":[]`...)
	for i := range a.calls {
		b = append(b, [2]string{`,"tool_calls":[`, `,`}[min(i, 1)]...)
		b = append(b, `{"id":"`...)
		b = append(b, t.callID(i)...)
		b = appendJSON(append(b, `","type":"function","function":{"name":`...), a.calls[i].name)
		b = appendJSON(append(b, `,"arguments":`...), join(a.calls[i].arguments))
		b = append(b, "}}"...)
	}
	if len(a.calls) > 0 {
		b = append(b, ']')
	}
	return append(b, '}')
}

func (t *task) callID(i int) string {
	return identifier("call_", mix(t.id+1+uint64(i)), 24)
}

// stated is the bill as the fault has the answer state it. Where it has none stated, b is
// what stands in its place.
func (t *task) stated(b []byte, bill Tokens) (out []byte, as Tokens, ok bool) {
	switch t.fault.Usage {
	case usageMissing:
		return b, bill, false
	case usageNull:
		return append(b, `,"usage":null`...), bill, false
	case usageZero:
		bill = Tokens{}
	}
	return b, bill, true
}

// appendUsage appends the usage member, comma first, or what the fault leaves of it.
func (t *task) appendUsage(b []byte, bill Tokens) []byte {
	b, bill, stated := t.stated(b, bill)
	if !stated {
		return b
	}
	b = appendInt(b, `,"usage":{"prompt_tokens":`, bill.Input)
	if t.op == opEmbeddings {
		return append(appendInt(b, `,"total_tokens":`, bill.Input), '}')
	}
	b = appendInt(b, `,"completion_tokens":`, bill.Output)
	b = appendInt(b, `,"total_tokens":`, bill.Input+bill.Output)
	b = appendInt(b, `,"prompt_tokens_details":{"cached_tokens":`, bill.Cached)
	if bill.CacheWrite > 0 {
		b = appendInt(b, `,"cache_write_tokens":`, bill.CacheWrite)
	}
	b = append(b, `,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":`...)
	b = appendInt(b, "", bill.Reasoning)
	return append(b, `,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}`...)
}
