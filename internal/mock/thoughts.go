package mock

import (
	"encoding/base64"
	"encoding/json"
	"hash/fnv"
	"strconv"
	"strings"

	"github.com/sluice-gateway/sluice/tokenizer"
)

// Thought is a block of what the model thinks. Anthropic has it as a block of its content. A chat
// has one that is neither signed nor sealed as `reasoning_content`, as DeepSeek and vLLM have it,
// and others as OpenRouter's `reasoning` and `reasoning_details`
// (https://openrouter.ai/docs/use-cases/reasoning-tokens).
type Thought struct {
	Text   string `script:"text"`
	Signed bool   `script:"signed"` // by sign
	Sealed string `script:"sealed"` // in place of a text: what only the provider can read
}

// thoughtTokens is what the thoughts of a script come to.
func thoughtTokens(model string, thoughts []Thought) (n int64) {
	for _, t := range thoughts {
		n += int64(tokenizer.ForModel(model).Encoding.CountString(t.Text))
	}
	return n
}

// sign is the signature under a text, by which a provider knows its own again.
func sign(text string) string {
	h := fnv.New128a()
	h.Write([]byte("signed: " + text))
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}

func (th *Thought) signature() string {
	if !th.Signed {
		return ""
	}
	return sign(th.Text)
}

// block is a thought as Anthropic has it, with this much of its text.
func (th *Thought) block(text, signature string) []byte {
	if th.Sealed != "" {
		return append(appendJSON([]byte(`{"type":"redacted_thinking","data":`), th.Sealed), '}')
	}
	b := appendJSON([]byte(`{"type":"thinking","thinking":`), text)
	return append(appendJSON(append(b, `,"signature":`...), signature), '}')
}

// detailed tells whether thoughts take OpenRouter's form.
func detailed(thoughts []Thought) bool {
	for _, th := range thoughts {
		if th.Signed || th.Sealed != "" {
			return true
		}
	}
	return false
}

// appendReasoning appends the members of a chat's message, or of a delta, that have these
// thoughts, of which the first is the from-th; the comma stands behind each.
func appendReasoning(b []byte, thoughts []Thought, from int, form bool) []byte {
	var text strings.Builder
	for _, th := range thoughts {
		text.WriteString(th.Text)
	}
	if !form {
		return append(appendJSON(append(b, `"reasoning_content":`...), text.String()), ',')
	}
	b = append(appendJSON(append(b, `"reasoning":`...), text.String()), `,"reasoning_details":[`...)
	for i, th := range thoughts {
		if i > 0 {
			b = append(b, ',')
		}
		if th.Sealed != "" {
			b = appendJSON(append(b, `{"type":"reasoning.encrypted","data":`...), th.Sealed)
		} else {
			b = appendJSON(append(b, `{"type":"reasoning.text","text":`...), th.Text)
			if th.Signed {
				b = appendJSON(append(b, `,"signature":`...), th.signature())
			}
		}
		b = append(appendInt(b, `,"format":"anthropic-claude-v1","index":`, int64(from+i)), '}')
	}
	return append(b, "],"...)
}

// taken holds the blocks of a turn against what Anthropic takes back: a signed thought as it was,
// something in each message, and something else behind a thought.
func taken(at int, role string, last bool, content json.RawMessage) *problem {
	var blocks []struct{ Type, Thinking, Signature string }
	if json.Unmarshal(content, &blocks) != nil {
		return nil // a string
	}
	path := "messages." + strconv.Itoa(at)
	for i, b := range blocks {
		if b.Signature != "" && b.Signature != sign(b.Thinking) {
			return badRequest("", path+".content."+strconv.Itoa(i)+": Invalid `signature` in `thinking` block")
		}
	}
	switch n := len(blocks); {
	case n == 0 && !(last && role == "assistant"):
		return badRequest("", path+": all messages must have non-empty content except for the optional final assistant message")
	case n > 0 && role == "assistant" && blocks[n-1].Type == "thinking":
		return badRequest("", path+": The final block in an assistant message cannot be `thinking`.")
	}
	return nil
}
