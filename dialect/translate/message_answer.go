package translate

import (
	"errors"

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
	if kindOf(content) != jsontree.Array {
		return out, errors.New("translate: an answer without content")
	}
	t := jsonText(out)
	t.or(`{"id":`, root.Get("id"), c.ID)
	t.number(`,"object":"chat.completion","created":`, c.Created)
	t.or(`,"model":`, root.Get("model"), c.Model)
	t.put(`,"choices":[{"index":0,"message":{"role":"assistant","content":`)

	// The blocks of one kind go together. Where there is no text but a call there is
	// no content, as at OpenAI.
	blocks, stop := elements(content), root.Get("stop_reason")
	calls := 0
	for _, b := range blocks {
		if memberIs(b, "type", "tool_use") {
			calls++
		}
	}
	if !t.joined("", blocks, "text") {
		if calls > 0 {
			t.put("null")
		} else {
			t.put(`""`)
		}
	}
	if why := memberOf(root, "stop_details", "explanation"); isText(why) && isWord(stop, "refusal") {
		t.raw(`,"refusal":`, why)
	} else {
		t.put(`,"refusal":null`)
	}

	// What the model thought is there in the two ways of LiteLLM: as a text to be read,
	// and as the blocks that Anthropic wants back.
	// https://docs.litellm.ai/docs/reasoning_content
	t.joined(`,"reasoning_content":`, blocks, "thinking")
	from := len(t)
	t.put(`,"thinking_blocks":[`)
	empty := len(t)
	for _, b := range blocks {
		t.thought(b, false)
	}
	if len(t) == empty {
		t = t[:from]
	} else {
		t.put("]")
	}

	if calls > 0 {
		t.put(`,"tool_calls":[`)
		for _, b := range blocks {
			if memberIs(b, "type", "tool_use") {
				t.object("{")
				t.call(b, true)
				t.put("}}")
			}
		}
		t.put("]")
	}
	t.quoted(`},"logprobs":null,"finish_reason":`, messageFinish(stop))
	t.put("}]")

	var u messageUsage
	u.read(root.Get("usage"))
	if u.known() {
		t.put(`,"usage":`)
		u.write(&t)
	}
	t.put("}")
	return t, nil
}

// joined writes a piece and the texts of the blocks of a type, which are members of the
// same name, as one string; where there is any.
func (t *jsonText) joined(piece string, blocks []jsontree.Value, typ string) bool {
	from := len(*t)
	t.put(piece)
	t.put(`"`)
	empty := len(*t)
	for _, b := range blocks {
		if memberIs(b, "type", typ) {
			t.inside("", b.Get(typ))
		}
	}
	if len(*t) == empty {
		*t = (*t)[:from]
		return false
	}
	t.put(`"`)
	return true
}

// call writes the members of a call of a tool, its function still open. The arguments
// are all there are, or for a stream none yet, unless the input is there already.
func (t *jsonText) call(b jsontree.Value, whole bool) (arguments bool) {
	t.or(`"id":`, b.Get("id"), "")
	t.or(`,"type":"function","function":{"name":`, b.Get("name"), "")
	input := b.Get("input")
	text := ""
	if elements(input) != nil {
		text = string(input.Raw())
	} else if whole {
		text = "{}"
	}
	t.quoted(`,"arguments":`, text)
	return text != ""
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
		if isWord(stop, f.stop) {
			return f.finish
		}
	}
	return "stop"
}
