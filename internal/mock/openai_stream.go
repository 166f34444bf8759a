package mock

// chatStream is the answer as chat.completion.chunk events. With several answers
// their pieces come in turn, as from the API.
func (t *task) chatStream(all []answer, bill Tokens) []event {
	n := 0
	for i := range all {
		n += len(all[i].pieces) + 3
	}
	s := stream{task: t, events: make([]event, 0, n+2)}
	s.before = t.head(nil, "chatcmpl-", "chat.completion.chunk")
	s.before = append(s.before, `,"service_tier":"default","system_fingerprint":"`...)
	s.before = append(append(s.before, t.fingerprint()...), `","choices":[`...)
	for i := range all {
		content := `""`
		if len(all[i].calls) > 0 {
			content = "null"
		}
		s.delta(eventFrame, 0, i, `{"role":"assistant","content":`+content+`,"refusal":null}`, "")
	}
	for i := range all {
		s.thoughts(i, all[i].thoughts)
	}
	for round, more := 0, true; more; round++ {
		more = false
		for i := range all {
			if round < len(all[i].pieces) {
				more = true
				s.text(i, all[i].pieces, round, all[i].reasoning)
			}
		}
	}
	for i := range all {
		s.calls(i, &all[i])
	}
	for i := range all {
		s.delta(eventFinish, 0, i, "{}", t.finish(&all[i]))
	}
	s.end(bill)
	return s.events
}

// stream builds the events of OpenAI's streams.
type stream struct {
	*task
	before []byte // of each event, up to its choices
	events []event
}

// delta appends an event with one choice.
func (s *stream) delta(kind eventKind, used int64, index int, delta, finish string) {
	b := make([]byte, 0, len(s.before)+len(delta)+96)
	b = append(b, "data: "...)
	b = append(b, s.before...)
	b = appendInt(b, `{"index":`, int64(index))
	b = append(append(b, `,"delta":`...), delta...)
	b = append(b, `,"logprobs":null,"finish_reason":`...)
	if finish == "" {
		b = append(b, "null}]"...)
	} else {
		b = append(appendJSON(b, finish), "}]"...)
	}
	s.close(b, kind, used)
}

// close ends an event that is not the one with the usage. When the client asked for
// usage every one of them says that it has none.
func (s *stream) close(b []byte, kind eventKind, used int64) {
	if s.includeUsage && s.fault.Usage != usageMissing {
		b = append(b, `,"usage":null`...)
	}
	s.events = append(s.events, event{data: append(b, "}\n\n"...), kind: kind, used: used})
}

func (s *stream) text(index int, pieces []piece, i int, before int64) {
	if i > 0 {
		before = pieces[i-1].upto
	}
	b := make([]byte, 0, 64)
	b = append(b, `{"content":`...)
	b = append(appendJSON(b, pieces[i].text), '}')
	s.delta(eventContent, pieces[i].upto-before, index, string(b), "")
}

// thoughts sends what is thought, piece by piece; a signature comes behind its text.
func (s *stream) thoughts(index int, thoughts []Thought) {
	form := detailed(thoughts)
	send := func(at int, th Thought) {
		b := appendReasoning([]byte("{"), []Thought{th}, at, form)
		b[len(b)-1] = '}'
		s.delta(eventContent, 0, index, string(b), "")
	}
	for at, th := range thoughts {
		for _, text := range parts(th.Text) {
			send(at, Thought{Text: text})
		}
		if th.Sealed != "" {
			send(at, th)
		}
		if th.Signed {
			b := appendJSON([]byte(`{"reasoning_details":[{"type":"reasoning.text","signature":`), th.signature())
			b = appendInt(b, `,"format":"anthropic-claude-v1","index":`, int64(at))
			s.delta(eventContent, 0, index, string(append(b, "}]}"...)), "")
		}
	}
}

// calls sends the tool calls one after the other: the name first, then the arguments
// in fragments.
func (s *stream) calls(index int, a *answer) {
	used := a.reasoning
	for i := range a.calls {
		c := &a.calls[i]
		b := appendInt(nil, `{"tool_calls":[{"index":`, int64(i))
		b = append(append(append(b, `,"id":"`...), s.callID(i)...), `","type":"function","function":{"name":`...)
		b = append(appendJSON(b, c.name), `,"arguments":""}}]}`...)
		s.delta(eventContent, 0, index, string(b), "")
		for _, p := range c.arguments {
			b := appendInt(nil, `{"tool_calls":[{"index":`, int64(i))
			b = append(appendJSON(append(b, `,"function":{"arguments":`...), p.text), "}}]}"...)
			s.delta(eventContent, p.upto-used, index, string(b), "")
			used = p.upto
		}
	}
}

// end appends the event with the usage, when the client asked for it, and [DONE].
func (s *stream) end(bill Tokens) {
	if s.includeUsage && s.fault.Usage != usageMissing {
		b := append([]byte("data: "), s.before...)
		b = s.appendUsage(append(b, ']'), bill)
		s.events = append(s.events, event{data: append(b, "}\n\n"...), kind: eventUsage})
	}
	s.events = append(s.events, event{data: sseData([]byte("[DONE]")), kind: eventDone})
}
