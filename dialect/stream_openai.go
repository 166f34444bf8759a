package dialect

import (
	"strconv"

	"github.com/sluice-gateway/sluice/jsonscan"
)

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
		s.edits = jsonscan.AppendRemoval(s.edits[:0], data, s.usageMember.Start, s.usageMember.End)
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
		out = append(out, `"choices":[{"index":`...)
		out = strconv.AppendInt(out, int64(index), 10)
		if s.op == ChatCompletions {
			out = append(out, `,"delta":{}`...)
		} else {
			out = append(out, `,"text":""`...)
		}
		out = append(out, `,"logprobs":null,"finish_reason":"`...)
		out = append(out, s.endReason()...)
		out = append(out, `"}]`...)
		if wantsUsage {
			out = append(out, `,"usage":null`...)
		}
		out = append(out, "}\n\n"...)
	}
	if wantsUsage {
		out = s.appendChunk(out)
		out = append(out, `"choices":[],"usage":`...)
		out = appendOpenAIUsage(out, u)
		out = append(out, "}\n\n"...)
	}
	return append(out, "data: [DONE]\n\n"...)
}

// appendChunk opens an event and its object, up to the comma before `choices`.
func (s *Stream) appendChunk(out []byte) []byte {
	out = append(out, `data: {"id":`...)
	out = appendString(out, string(s.id))
	if s.op == ChatCompletions {
		out = append(out, `,"object":"chat.completion.chunk","created":`...)
	} else {
		out = append(out, `,"object":"text_completion","created":`...)
	}
	if len(s.created) == 0 {
		out = append(out, '0')
	}
	out = append(out, s.created...)
	out = append(out, `,"model":`...)
	out = appendString(out, string(s.model))
	return append(out, ',')
}

func appendOpenAIUsage(out []byte, u Usage) []byte {
	out = append(out, `{"prompt_tokens":`...)
	out = strconv.AppendInt(out, u.Input, 10)
	out = append(out, `,"completion_tokens":`...)
	out = strconv.AppendInt(out, u.Output, 10)
	out = append(out, `,"total_tokens":`...)
	out = strconv.AppendInt(out, u.Input+u.Output, 10)
	return append(out, '}')
}
