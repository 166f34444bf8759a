package translate

import (
	"encoding/json"
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"github.com/sluice-gateway/sluice/sse"
)

// An answer is the same message to a client, whole or as a stream, whichever way a server
// cuts it: its texts into pieces, its calls into pieces that come in turns.
func TestCompletionStreamIsTheAnswer(t *testing.T) {
	files, err := filepath.Glob("testdata/completion_answers/*.json")
	require.NoError(t, err)
	for _, file := range files {
		body, err := os.ReadFile(file)
		require.NoError(t, err)
		whole, err := CompletionToMessage(nil, body, messageContext)
		if err != nil {
			continue
		}
		var want anthropic.Message
		require.NoError(t, json.Unmarshal(whole, &want))
		for seed := range int64(20) {
			stream := streamOf(body, rand.New(rand.NewSource(seed)))
			out, err := completionStream(stream, len(stream))
			require.NoError(t, err, "%s: %s", file, stream)
			got := accumulated(t, out)
			require.Equal(t, want.ID, got.ID)
			require.Equal(t, want.Model, got.Model)
			require.Equal(t, want.StopReason, got.StopReason, "%s: %s", file, stream)
			require.Equal(t, want.Usage.InputTokens, got.Usage.InputTokens)
			require.Equal(t, want.Usage.OutputTokens, got.Usage.OutputTokens)
			require.Equal(t, said(want), said(got), "%s: %s", file, stream)
		}
	}
}

// streamOf is an answer as a server may stream it.
func streamOf(body []byte, random *rand.Rand) []byte {
	var out []byte
	answer := gjson.ParseBytes(body)
	chunk := func(delta map[string]any, rest string) {
		text, _ := json.Marshal(delta)
		out = fmt.Appendf(out, `data: {"id":%s,"model":%s,"choices":[{"index":0,"delta":%s%s}]}`+"\n\n",
			orNull(answer.Get("id")), orNull(answer.Get("model")), text, rest)
	}
	message := answer.Get("choices.0.message")
	chunk(map[string]any{"role": "assistant", "content": ""}, `,"finish_reason":null`)
	for _, member := range []string{"reasoning_content", "reasoning", "content", "refusal"} {
		if member == "reasoning" && message.Get("reasoning_content").Str != "" {
			continue
		}
		v := message.Get(member)
		if v.IsArray() {
			chunk(map[string]any{member: json.RawMessage(v.Raw)}, "")
		}
		for _, piece := range pieces(v.Str, random) {
			chunk(map[string]any{member: piece}, "")
		}
	}
	type call struct {
		index int
		rest  []string
	}
	var open []call
	for i, c := range message.Get("tool_calls").Array() {
		first := map[string]any{"index": i, "id": c.Get("id").Value(), "function": map[string]any{"name": c.Get("function.name").Value(), "arguments": ""}}
		if random.Intn(2) == 0 {
			delete(first["function"].(map[string]any), "arguments")
		}
		chunk(map[string]any{"tool_calls": []any{first}}, "")
		arguments := c.Get("function.arguments")
		text := arguments.Str
		if arguments.IsObject() {
			text = arguments.Raw
		}
		open = append(open, call{i, pieces(text, random)})
	}
	for len(open) > 0 {
		at := random.Intn(len(open))
		if len(open[at].rest) == 0 {
			open = append(open[:at], open[at+1:]...)
			continue
		}
		piece := map[string]any{"index": open[at].index, "function": map[string]any{"arguments": open[at].rest[0]}}
		open[at].rest = open[at].rest[1:]
		chunk(map[string]any{"tool_calls": []any{piece}}, "")
	}
	if f := message.Get("function_call"); f.Exists() {
		chunk(map[string]any{"function_call": json.RawMessage(f.Raw)}, "")
	}
	finish := answer.Get("choices.0.finish_reason").Str
	if finish == "" {
		finish = "stop"
	}
	chunk(map[string]any{}, fmt.Sprintf(`,"finish_reason":%q`, finish))
	if u := answer.Get("usage"); u.Exists() {
		var compact map[string]any
		_ = json.Unmarshal([]byte(u.Raw), &compact)
		text, _ := json.Marshal(compact)
		out = fmt.Appendf(out, "data: {\"choices\":[],\"usage\":%s}\n\n", text)
	}
	return append(out, "data: [DONE]\n\n"...)
}

func orNull(v gjson.Result) string {
	if v.Raw == "" {
		return "null"
	}
	return v.Raw
}

// pieces cuts a text between characters.
func pieces(text string, random *rand.Rand) (cut []string) {
	rest := []rune(text)
	for len(rest) > 0 {
		n := 1 + random.Intn(len(rest))
		cut, rest = append(cut, string(rest[:n])), rest[n:]
	}
	return cut
}

func accumulated(t *testing.T, stream []byte) (message anthropic.Message) {
	r := sse.NewReader(0)
	r.Feed(stream)
	for ev, ok := r.Next(); ok; ev, ok = r.Next() {
		var event anthropic.MessageStreamEventUnion
		require.NoError(t, json.Unmarshal(ev.Data, &event))
		require.NoError(t, message.Accumulate(event))
	}
	return message
}

// said is what a message says, with the texts that follow each other as one: a whole answer
// has a block of text for each part, and a stream one for all that comes together.
func said(m anthropic.Message) []string {
	var all []string
	for _, b := range m.Content {
		is := b.Type + ": " + b.Text + b.Thinking + b.ID + b.Name
		if b.Type == "tool_use" {
			is += gjson.Get(string(b.Input), "@ugly").Raw
		}
		if n := len(all); n > 0 && b.Type == "text" && strings.HasPrefix(all[n-1], "text: ") {
			all[n-1] += b.Text
			continue
		}
		all = append(all, is)
	}
	return all
}
