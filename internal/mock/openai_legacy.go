package mock

import "net/http"

// completions answers the legacy operation: n choices for each prompt, and best_of
// answers are generated, and billed, for each n that is given.
func (t *task) completions() *reply {
	var all []answer
	bill := Tokens{Input: t.input, Cached: min(t.say.Cached, t.input)}
	given := t.n
	for i := range t.inputs {
		one := *t.query
		one.inputs = t.inputs[i : i+1]
		for j := range max(t.bestOf, given) {
			a := compose(&one, t.say, t.fault.IgnoreMaxTokens, t.seed+uint64(i)<<8, j)
			bill.Output += a.tokens
			bill.Reasoning += a.reasoning
			if j < given {
				if t.echo {
					a.pieces = append([]piece{{text: t.inputs[i].text, upto: a.reasoning}}, a.pieces...)
				}
				all = append(all, a)
			}
		}
	}
	r := &reply{status: http.StatusOK, header: http.Header{}, stream: t.stream, bill: bill, whole: bill.Output, base: reasoningOf(all)}
	if t.stream {
		r.header.Set("Content-Type", "text/event-stream; charset=utf-8")
		r.header.Set("Cache-Control", "no-cache")
		r.events = t.completionStream(all, bill)
		return r
	}
	r.header.Set("Content-Type", "application/json")
	b := append(t.head(nil, "cmpl-", "text_completion"), `,"choices":[`...)
	for i := range all {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendJSON(append(b, `{"text":`...), all[i].text())
		b = appendInt(b, `,"index":`, int64(i))
		b = append(append(b, `,"logprobs":null,"finish_reason":"`...), t.finish(&all[i])...)
		b = append(b, `"}`...)
	}
	b = append(t.appendUsage(append(b, ']'), bill), '}')
	r.events = []event{{data: b, used: bill.Output - r.base}}
	return r
}

func (t *task) completionStream(all []answer, bill Tokens) []event {
	s := stream{task: t}
	s.before = append(t.head(nil, "cmpl-", "text_completion"), `,"choices":[`...)
	choice := func(kind eventKind, used int64, index int, text, finish string) {
		b := append([]byte("data: "), s.before...)
		b = appendJSON(append(b, `{"text":`...), text)
		b = appendInt(b, `,"index":`, int64(index))
		b = append(b, `,"logprobs":null,"finish_reason":`...)
		if finish == "" {
			b = append(b, "null}]"...)
		} else {
			b = append(appendJSON(b, finish), "}]"...)
		}
		s.close(b, kind, used)
	}
	for i := range all {
		used := all[i].reasoning
		for _, p := range all[i].pieces {
			choice(eventContent, p.upto-used, i, p.text, "")
			used = p.upto
		}
	}
	for i := range all {
		choice(eventFinish, 0, i, "", t.finish(&all[i]))
	}
	s.end(bill)
	return s.events
}
