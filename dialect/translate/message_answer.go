package translate

import (
	"errors"
	"strconv"

	"github.com/sluice-gateway/sluice/jsonscan"
	"github.com/sluice-gateway/sluice/jsontree"
)

// MessageToCompletion translates a whole answer of Anthropic's into a chat completion,
// which it appends to out:
// https://platform.openai.com/docs/api-reference/chat/object.
// An error means that the body is no answer of that API.
func MessageToCompletion(out, body []byte, c Context) ([]byte, error) {
	root, err := jsontree.Parse(body)
	if err != nil {
		return out, err
	}
	content := root.Get("content")
	if content.Kind() != jsontree.Array {
		return out, errors.New("translate: an answer without content")
	}
	out = append(out, `{"id":`...)
	out = messageOr(out, root.Get("id"), c.ID)
	out = append(out, `,"object":"chat.completion","created":`...)
	out = strconv.AppendInt(out, c.Created, 10)
	out = append(out, `,"model":`...)
	out = messageOr(out, root.Get("model"), c.Model)
	out = append(out, `,"choices":[{"index":0,"message":{"role":"assistant"`...)

	// The blocks of one kind go together. Where there is no text but a call there is
	// no content, as at OpenAI.
	text := messageInside(nil, content, "text", "text")
	calls := 0
	for _, b := range content.Elements() {
		if b.Get("type").Is("tool_use") {
			calls++
		}
	}
	if len(text) == 0 && calls > 0 {
		out = append(out, `,"content":null`...)
	} else {
		out = append(append(append(out, `,"content":"`...), text...), '"')
	}
	out = append(out, `,"refusal":`...)
	if why := root.Get("stop_details").Get("explanation"); why.Kind() == jsontree.String && root.Get("stop_reason").Is("refusal") {
		out = append(out, why.Raw()...)
	} else {
		out = append(out, "null"...)
	}
	out = messageThoughts(out, content)
	if calls > 0 {
		out = append(out, `,"tool_calls":[`...)
		for _, b := range content.Elements() {
			if b.Get("type").Is("tool_use") {
				out = append(messageCall(append(chatComma(out), '{'), b), `,"arguments":`...)
				input := b.Get("input").Raw()
				if input == nil {
					input = []byte("{}")
				}
				out = append(jsonscan.AppendQuoted(out, string(input)), '}', '}')
			}
		}
		out = append(out, ']')
	}
	out = append(out, `},"logprobs":null,"finish_reason":"`...)
	out = append(append(out, messageFinish(root.Get("stop_reason"))...), `"}]`...)

	var u messageUsage
	u.read(root.Get("usage"))
	if u.known() {
		out = u.append(append(out, `,"usage":`...))
	}
	return append(out, '}'), nil
}

// messageOr is a string as written, or another where there is none.
func messageOr(out []byte, v jsontree.Value, or string) []byte {
	if len(v.Inside()) > 0 {
		return append(out, v.Raw()...)
	}
	return jsonscan.AppendQuoted(out, or)
}

// messageInside joins a member of the blocks of a type.
func messageInside(out []byte, content jsontree.Value, typ, member string) []byte {
	for _, b := range content.Elements() {
		if b.Get("type").Is(typ) {
			out = append(out, b.Get(member).Inside()...)
		}
	}
	return out
}

// messageThoughts writes what the model thought in the two ways of LiteLLM: as a text
// to be read, and as the blocks that Anthropic wants back.
// https://docs.litellm.ai/docs/reasoning_content
func messageThoughts(out []byte, content jsontree.Value) []byte {
	if text := messageInside(nil, content, "thinking", "thinking"); len(text) > 0 {
		out = append(append(append(out, `,"reasoning_content":"`...), text...), '"')
	}
	n := 0
	for _, b := range content.Elements() {
		thinking, signature, data := b.Get("thinking"), b.Get("signature"), b.Get("data")
		kind := 0
		switch {
		case b.Get("type").Is("thinking") && thinking.Kind() == jsontree.String:
			kind = 1
		case b.Get("type").Is("redacted_thinking") && data.Kind() == jsontree.String:
			kind = 2
		default:
			continue
		}
		if n == 0 {
			out = append(out, `,"thinking_blocks":[`...)
		}
		n++
		out = chatComma(out)
		if kind == 2 {
			out = append(append(out, `{"type":"redacted_thinking","data":`...), data.Raw()...)
		} else {
			out = append(append(out, `{"type":"thinking","thinking":`...), thinking.Raw()...)
			if signature.Kind() == jsontree.String {
				out = append(append(out, `,"signature":`...), signature.Raw()...)
			}
		}
		out = append(out, '}')
	}
	if n > 0 {
		out = append(out, ']')
	}
	return out
}

// messageCall writes the members of a call of a tool, up to the comma before its arguments.
func messageCall(out []byte, b jsontree.Value) []byte {
	out = append(out, `"id":`...)
	out = messageOr(out, b.Get("id"), "")
	out = append(out, `,"type":"function","function":{"name":`...)
	return messageOr(out, b.Get("name"), "")
}

// messageFinishes are Anthropic's reasons to stop and OpenAI's to finish:
// https://platform.claude.com/docs/en/build-with-claude/handling-stop-reasons.
var messageFinishes = [...]struct{ stop, finish string }{
	{"end_turn", "stop"},
	{"stop_sequence", "stop"},
	{"max_tokens", "length"},
	{"model_context_window_exceeded", "length"},
	{"tool_use", "tool_calls"},
	{"refusal", "content_filter"},
	{"pause_turn", "stop"},
}

func messageFinish(stop jsontree.Value) string {
	for _, f := range messageFinishes {
		if stop.Is(f.stop) {
			return f.finish
		}
	}
	return "stop"
}
