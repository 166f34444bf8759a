package normal

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/dialect/translate"
)

// TestTranslatedRequests: a request has the keys of its translation, both ways. The
// translator was written without any regard to this package.
func TestTranslatedRequests(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 1_000 {
		body, err := json.Marshal(conversation(r))
		require.NoError(t, err)
		there, err := translate.ChatToMessages(body, translate.Options{Model: "claude-3-5-haiku", OutputCap: 100})
		require.NoError(t, err, "%s", body)
		require.Empty(t, there.Dropped)
		back, err := translate.MessagesToChat(there.Body, translate.Options{Model: "claude-3-5-haiku"})
		require.NoError(t, err, "%s", there.Body)
		want := keysOf(t, Chat, string(body))
		require.Equal(t, want, keysOf(t, Messages, string(there.Body)), "%s\n%s", body, there.Body)
		require.Equal(t, want, keysOf(t, Chat, string(back.Body)), "%s\n%s", body, back.Body)
	}
}

type members = map[string]any

// conversation is a random one in OpenAI's API, of what is the same in Anthropic's: turns
// that alternate, tools of the one kind, no values that a translator leaves out.
func conversation(r *rand.Rand) members {
	words := func() string { return fmt.Sprintf("some words, %d \"of\" them\n", r.IntN(100)) }
	q := members{"model": "claude-3-5-haiku"}
	var list []any
	if r.IntN(2) == 0 {
		list = append(list, members{"role": "system", "content": words()})
	}
	content := func() any {
		if r.IntN(2) == 0 {
			return words()
		}
		parts := []any{members{"type": "text", "text": words()}}
		for range r.IntN(3) {
			if r.IntN(2) == 0 {
				parts = append(parts, members{"type": "text", "text": words()})
			} else {
				parts = append(parts, members{"type": "image_url", "image_url": members{"url": fmt.Sprintf("data:image/png;base64,iVBORw0KG%04d", r.IntN(9999))}})
			}
		}
		return parts
	}
	for range r.IntN(4) {
		list = append(list, members{"role": "user", "content": content()})
		if r.IntN(2) == 0 {
			list = append(list, members{"role": "assistant", "content": words()})
			continue
		}
		var calls, results []any
		for i := range 1 + r.IntN(3) {
			id := fmt.Sprintf("call_%d_%d", len(list), i)
			calls = append(calls, members{"id": id, "type": "function", "function": members{"name": "f", "arguments": fmt.Sprintf(`{"n": %d.50, "s":"\u00e9"}`, r.IntN(9))}})
			results = append(results, members{"role": "tool", "tool_call_id": id, "content": words()})
		}
		said := members{"role": "assistant", "tool_calls": calls}
		if r.IntN(2) == 0 {
			said["content"] = words()
		}
		list = append(append(list, said), results...)
		list = append(list, members{"role": "assistant", "content": words()})
	}
	q["messages"] = append(list, members{"role": "user", "content": content()})
	if r.IntN(2) == 0 {
		q["temperature"] = float64(r.IntN(9)) / 10
	}
	if r.IntN(2) == 0 {
		q["top_p"] = float64(r.IntN(9)) / 10
	}
	if r.IntN(2) == 0 {
		q["stop"] = []string{"a", "b"}[:1+r.IntN(2)]
	}
	if r.IntN(2) == 0 {
		tools := []any{}
		for _, name := range []string{"f", "g", "h"}[:1+r.IntN(3)] {
			tools = append(tools, members{"type": "function", "function": members{"name": name, "description": words(), "parameters": members{"type": "object", "properties": members{"n": members{"type": "number", "minimum": 0.5}}}}})
		}
		r.Shuffle(len(tools), func(i, j int) { tools[i], tools[j] = tools[j], tools[i] })
		q["tools"] = tools
		q["tool_choice"] = []any{"auto", "none", "required", members{"type": "function", "function": members{"name": "f"}}}[r.IntN(4)]
		if r.IntN(2) == 0 && q["tool_choice"] != "none" {
			q["parallel_tool_calls"] = false
		}
	}
	return q
}
