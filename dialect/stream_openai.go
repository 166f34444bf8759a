package dialect

import "github.com/sluice-gateway/sluice/jsonscan"

// openAIChunk judges a chunk of a chat completion or a completion:
// https://platform.openai.com/docs/api-reference/chat-streaming
func (s *Stream) openAIChunk(data []byte, reported bool) Effect {
	if s.usage.present {
		s.OutputKnown = s.OutputKnown || reported
		// One that has choices as well was sent so whether we asked or not: those
		// who honour the question put it in a chunk of its own, and that is ours.
		if s.HideUsage && s.choices == 0 {
			return Drop
		}
		return Pass
	}
	if s.HideUsage && s.hasUsage && s.usageMember.Kind == jsonscan.Null {
		if s.Finished && s.choices == 0 {
			return Drop // the chunk for the usage, from one that has none to tell
		}
		s.edits = jsonscan.AppendRemoval(s.edits[:0], data, s.usageMember.Start, s.usageMember.End, nil)
		s.Data = jsonscan.Apply(s.Data[:0], data, s.edits)
		return Rewritten
	}
	return Pass
}

// openAIChoice begins and ends a choice. Its text waits for the end, since its index
// may stand behind it.
func (s *Stream) openAIChoice(e *jsonscan.Event) {
	switch e.Kind {
	case jsonscan.BeginObject:
		s.choices++
		s.index, s.finish, s.text = 0, false, s.text[:0]
	case jsonscan.EndObject:
		index := int(min(s.index, maxChoices-1))
		s.deliver(index)
		for len(s.open) <= index {
			s.open = append(s.open, true)
		}
		if s.finish && s.open[index] {
			s.open[index] = false
			s.closed = append(s.closed, index)
			s.otherwise = s.otherwise || !ordinaryEnd(string(s.reason))
			s.Finished = s.Finished || s.allFinished()
		}
	}
}

func (s *Stream) allFinished() bool {
	if len(s.open) < min(s.Choices, maxChoices) {
		return false
	}
	for _, open := range s.open {
		if open {
			return false
		}
	}
	return true
}

// maxChoices bounds the choices that are told apart; n is at most 128 there:
// https://platform.openai.com/docs/api-reference/chat/create
const maxChoices = 1024

// openAIEnd ends every choice that is still open, or has not begun, as if its own cap
// had been reached, then the stream.
func (s *Stream) openAIEnd(u Usage, wantsUsage bool) []byte {
	var out []byte
	for _, index := range s.closed {
		s.open[index] = true
	}
	for len(s.open) < max(1, min(s.Choices, maxChoices)) {
		s.open = append(s.open, true)
	}
	for index, open := range s.open {
		if !open {
			continue
		}
		out = s.appendChunk(out)
		content, usage := `"text":""`, ""
		if s.op == ChatCompletions {
			content = `"delta":{}`
		}
		if wantsUsage {
			usage = `,"usage":null`
		}
		out = fill(out, `"choices":[{"index":$,$,"logprobs":null,"finish_reason":"$"}]$}`+"\n\n", digits(int64(index)), content, s.endReason(), usage)
	}
	if wantsUsage {
		out = s.appendChunk(out)
		out = fill(out, `"choices":[],"usage":{"prompt_tokens":$,"completion_tokens":$,"total_tokens":$}}`+"\n\n", digits(u.Input), digits(u.Output), digits(u.Input+u.Output))
	}
	return fill(out, "data: [DONE]\n\n")
}

// appendChunk opens an event and its object, up to the comma before `choices`.
func (s *Stream) appendChunk(out []byte) []byte {
	object, created := "text_completion", "0"
	if s.op == ChatCompletions {
		object = "chat.completion.chunk"
	}
	if len(s.created) > 0 {
		created = string(s.created)
	}
	return fill(out, `data: {"id":$,"object":"$","created":$,"model":$,`, quoted(string(s.id)), object, created, quoted(string(s.model)))
}
