package translate

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/openai/openai-go/v3"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"github.com/sluice-gateway/sluice/dialect"
	"github.com/sluice-gateway/sluice/sse"
)

var messageContext = Context{Created: 1700000000, Model: "of-the-context", ID: "id-of-the-context"}

func TestMessageAnswers(t *testing.T) {
	goldens(t, "message_answers/*.json", func(t *testing.T, body []byte) string {
		out, err := MessageToCompletion([]byte("x"), body, messageContext)
		if err != nil {
			require.Equal(t, "x", string(out))
			return "error: " + err.Error() + "\n"
		}
		out = out[1:]
		var sdk openai.ChatCompletion
		require.NoError(t, json.Unmarshal(out, &sdk))
		require.Len(t, sdk.Choices, 1)
		for _, call := range sdk.Choices[0].Message.ToolCalls {
			require.True(t, gjson.Parse(call.Function.Arguments).IsObject())
		}
		require.Equal(t, sdk.Usage.TotalTokens, sdk.Usage.PromptTokens+sdk.Usage.CompletionTokens)
		sameUsage(t, readAnswer(t, dialect.Messages, body), readAnswer(t, dialect.ChatCompletions, out))
		return indented(t, out)
	})
}

// heard is an Output that keeps all text.
type heard struct{ bytes.Buffer }

func (h *heard) Delta(_ int, p []byte) { h.Write(p) }

func readAnswer(t testing.TB, op dialect.Op, body []byte) dialect.Answer {
	r := dialect.NewAnswerReader(op)
	require.NoError(t, r.Write(body))
	a, ok := r.Close(&heard{})
	require.True(t, ok)
	return a
}

func sameUsage(t testing.TB, want, got dialect.Answer) {
	want.Usage.CacheWriteLong = 0 // for which OpenAI has no place
	require.Equal(t, want.UsageKnown, got.UsageKnown)
	if want.UsageKnown {
		require.Equal(t, want.Usage, got.Usage)
	}
}

// A golden file has the translated stream.
func TestMessageStreams(t *testing.T) {
	goldens(t, "message_streams/*.sse", func(t *testing.T, stream []byte) string {
		out, err := translateStream(stream, len(stream))
		require.NoError(t, err)
		streamHolds(t, out)
		for size := range len(stream) {
			cut, err := translateStream(stream, size+1)
			require.NoError(t, err)
			require.Equal(t, string(out), string(cut), "cut every %d bytes", size+1)
		}
		sameStream(t, stream, out)
		return string(out)
	})
}

// translateStream gives a stream to the translation in chunks of that many bytes.
func translateStream(stream []byte, size int) (out []byte, err error) {
	r := sse.NewReader(0)
	s := NewMessageStream(messageContext)
	for len(stream) > 0 && err == nil {
		n := min(size, len(stream))
		r.Feed(stream[:n])
		stream = stream[n:]
		for ev, ok := r.Next(); ok && err == nil; ev, ok = r.Next() {
			out, err = s.Event(out, ev.Type, ev.Data)
		}
	}
	return out, err
}

// streamHolds checks what a client of OpenAI's rests on.
func streamHolds(t testing.TB, out []byte) {
	r := sse.NewReader(0)
	r.Feed(out)
	var acc openai.ChatCompletionAccumulator
	first, done, usage := true, false, false
	for ev, ok := r.Next(); ok; ev, ok = r.Next() {
		require.True(t, ev.HasData)
		require.Empty(t, ev.Type)
		require.False(t, done, "something behind [DONE]")
		if string(ev.Data) == "[DONE]" {
			require.True(t, usage, "[DONE] without a chunk for usage")
			done = true
			continue
		}
		require.True(t, json.Valid(ev.Data), "%s", ev.Data)
		data := gjson.ParseBytes(ev.Data)
		if data.Get("error").Exists() {
			require.NotEmpty(t, data.Get("error.message").String())
			continue
		}
		var chunk openai.ChatCompletionChunk
		require.NoError(t, json.Unmarshal(ev.Data, &chunk))
		require.True(t, acc.AddChunk(chunk))
		for _, member := range []string{"id", "object", "created", "model", "choices", "usage"} {
			require.True(t, data.Get(member).Exists(), "%s in %s", member, ev.Data)
		}
		if usage = data.Get("choices.#").Int() == 0; !usage {
			require.Equal(t, gjson.Null, data.Get("usage").Type)
		}
		require.Equal(t, first, data.Get("choices.0.delta.role").String() == "assistant")
		first = false
	}
	if done {
		require.NotEmpty(t, acc.Choices[0].FinishReason)
		for _, call := range acc.Choices[0].Message.ToolCalls {
			require.True(t, gjson.Parse(call.Function.Arguments).IsObject(), call.Function.Arguments)
		}
	}
}

// sameStream checks that a budget sees the same in the translated stream.
func sameStream(t testing.TB, stream, translated []byte) {
	follow := func(op dialect.Op, stream []byte) (*dialect.Stream, string, bool) {
		r, s, said, failed := sse.NewReader(0), dialect.NewStream(op), heard{}, false
		r.Feed(stream)
		for ev, ok := r.Next(); ok; ev, ok = r.Next() {
			effect := s.Event(ev.Type, ev.Data, &said)
			require.NotEqual(t, dialect.Malformed, effect, "%s", ev.Data)
			failed = failed || effect == dialect.Failed
		}
		return s, said.String(), failed
	}
	want, wantText, wantFailed := follow(dialect.Messages, stream)
	got, gotText, gotFailed := follow(dialect.ChatCompletions, translated)
	// There is none in the answer: what a tool of the server's was asked, what stands
	// for no arguments or for all at once, and why a refusal.
	switch {
	case bytes.Contains(stream, []byte("server_tool_use")):
	case bytes.Contains(stream, []byte(`"explanation"`)):
		require.Equal(t, wantText, strings.TrimSuffix(gotText, "That is harmful."))
	default:
		require.Equal(t, wantText, strings.TrimSuffix(strings.Replace(gotText, "{\"a\":\t[1, 2]}", "", 1), "{}"))
	}
	require.Equal(t, wantFailed, gotFailed)
	require.Equal(t, want.Finished, got.Finished)
	require.Equal(t, want.Ended, got.Ended)
	if !want.Ended {
		return // the usage is told at the end
	}
	require.Equal(t, want.InputKnown && want.OutputKnown, got.InputKnown && got.OutputKnown)
	if got.InputKnown {
		want.Usage.CacheWriteLong = 0
		require.Equal(t, want.Usage, got.Usage)
	}
}

// A whole answer and the same as a stream are one to a client.
func TestMessageStreamIsTheAnswer(t *testing.T) {
	block := `{"type":"tool_use","id":"toolu_1","name":"f","input":{}}`
	events := `data: {"type":"message_start","message":{"id":"msg_1","model":"m","usage":{"input_tokens":5}}}

data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":"a"}}

data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"b"}}

data: {"type":"content_block_stop","index":0}

data: {"type":"content_block_start","index":1,"content_block":` + block + `}

data: {"type":"content_block_stop","index":1}

data: {"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":7}}

data: {"type":"message_stop"}

`
	whole, err := MessageToCompletion(nil, []byte(`{"id":"msg_1","model":"m","content":[{"type":"text","text":"ab"},`+block+`],"stop_reason":"tool_use","usage":{"input_tokens":5,"output_tokens":7}}`), messageContext)
	require.NoError(t, err)
	var want openai.ChatCompletion
	require.NoError(t, json.Unmarshal(whole, &want))

	out, err := translateStream([]byte(events), 1)
	require.NoError(t, err)
	var got openai.ChatCompletionAccumulator
	r := sse.NewReader(0)
	r.Feed(out)
	for ev, ok := r.Next(); ok && string(ev.Data) != "[DONE]"; ev, ok = r.Next() {
		var chunk openai.ChatCompletionChunk
		require.NoError(t, json.Unmarshal(ev.Data, &chunk))
		require.True(t, got.AddChunk(chunk))
	}
	require.Equal(t, want.Choices[0].Message.Content, got.Choices[0].Message.Content)
	require.Equal(t, want.Choices[0].FinishReason, got.Choices[0].FinishReason)
	require.Equal(t, want.Choices[0].Message.ToolCalls[0].Function.Arguments, got.Choices[0].Message.ToolCalls[0].Function.Arguments)
	require.Equal(t, want.Usage.TotalTokens, got.Usage.TotalTokens)
	require.Equal(t, want.ID, got.ID)
}

// What the model thought goes back to Anthropic as it came, through a client that sends
// what it got, whole or put together from a stream.
func TestThinkingComesBack(t *testing.T) {
	answer := `{"id":"msg_1","model":"m","content":[{"type":"thinking","thinking":"Hm.","signature":"c2ln"},{"type":"redacted_thinking","data":"ZGF0YQ=="},` +
		`{"type":"text","text":"So:"},{"type":"tool_use","id":"toolu_1","name":"f","input":{"a":[1,"\u00e9"]}}],"stop_reason":"tool_use"}`
	out, err := MessageToCompletion(nil, []byte(answer), messageContext)
	require.NoError(t, err)
	q, err := ChatToMessages([]byte(`{"messages":[{"role":"user","content":"a"},`+gjson.GetBytes(out, "choices.0.message").Raw+`]}`), Options{Model: "m", OutputCap: 1})
	require.NoError(t, err)
	require.JSONEq(t, gjson.Get(answer, "content").Raw, gjson.GetBytes(q.Body, "messages.1.content").Raw)
}

func TestMessageStreamBadEvents(t *testing.T) {
	for _, data := range []string{`[]`, `null`, `{`, `[DONE]`, `{"type":"ping"} x`} {
		out, err := NewMessageStream(messageContext).Event([]byte("x"), []byte("message_start"), []byte(data))
		require.Error(t, err, data)
		require.Equal(t, "x", string(out))
	}
	for _, data := range []string{``, ` `, `{}`, `{"type":3}`, `{"type":"content_block_stop","index":7}`} {
		out, err := NewMessageStream(messageContext).Event(nil, nil, []byte(data))
		require.NoError(t, err, data)
		require.Empty(t, out)
	}
}

// A stream that opens blocks for ever is remembered no more than one that does not.
func TestMessageStreamKeepsLittle(t *testing.T) {
	s := NewMessageStream(messageContext)
	var out []byte
	for i := range 10_000 {
		var err error
		out, err = s.Event(out[:0], nil, fmt.Appendf(nil, `{"type":"content_block_start","index":%d,"content_block":{"type":"tool_use","id":"a","name":"b"}}`, i))
		require.NoError(t, err)
	}
	require.LessOrEqual(t, cap(s.open), 2*maxMessageBlocks)
	require.Contains(t, string(out), `"tool_calls":[{"index":9999,`)
	s = NewMessageStream(messageContext)
	_, err := s.Event(nil, nil, []byte(`{"type":"message_start","message":{"id":"`+strings.Repeat("é", 100_000)+`"}}`))
	require.NoError(t, err)
	require.Less(t, cap(s.head), 4096)
}

func TestMessageErrors(t *testing.T) {
	goldens(t, "message_errors/*.txt", func(t *testing.T, body []byte) string {
		var got strings.Builder
		for _, status := range []int{400, 429, 529} {
			out := ErrorToOpenAI(nil, status, body)
			require.True(t, json.Valid(out), "%s", out)
			var sdk openai.Error
			require.NoError(t, json.Unmarshal([]byte(gjson.GetBytes(out, "error").Raw), &sdk))
			require.NotEmpty(t, sdk.Message)
			require.NotEmpty(t, sdk.Type)
			fmt.Fprintf(&got, "%d %s\n", status, out)
		}
		return got.String()
	})
}

func seed(f *testing.F, pattern string) {
	files, _ := filepath.Glob(filepath.Join("testdata", pattern))
	for _, file := range files {
		body, err := os.ReadFile(file)
		require.NoError(f, err)
		f.Add(body)
	}
}

func FuzzMessageToCompletion(f *testing.F) {
	seed(f, "message_answers/*.json")
	f.Fuzz(func(t *testing.T, body []byte) {
		out, err := MessageToCompletion(nil, body, messageContext)
		if err == nil {
			require.True(t, json.Valid(out), "%s", out)
			require.Equal(t, "assistant", gjson.GetBytes(out, "choices.0.message.role").String())
		}
	})
}

func FuzzMessageStream(f *testing.F) {
	seed(f, "message_streams/*.sse")
	f.Fuzz(func(t *testing.T, stream []byte) {
		out, err := translateStream(stream, len(stream))
		again, errAgain := translateStream(stream, 7)
		require.Equal(t, err == nil, errAgain == nil)
		require.Equal(t, string(out), string(again))
		r := sse.NewReader(0)
		r.Feed(out)
		for ev, ok := r.Next(); ok; ev, ok = r.Next() {
			require.True(t, string(ev.Data) == "[DONE]" || json.Valid(ev.Data), "%s", ev.Data)
		}
		require.Zero(t, r.Held())
	})
}

func FuzzErrorToOpenAI(f *testing.F) {
	seed(f, "message_errors/*.txt")
	f.Fuzz(func(t *testing.T, body []byte) {
		out := ErrorToOpenAI(nil, 500, body)
		require.True(t, json.Valid(out), "%s", out)
		require.NotEmpty(t, gjson.GetBytes(out, "error.type").String())
	})
}
