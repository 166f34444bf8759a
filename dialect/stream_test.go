package dialect

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/sse"
)

// said is an Output that keeps the text of each choice.
type said map[int]string

func (s said) Delta(choice int, p []byte) { s[choice] += string(p) }

// deaf is an Output that keeps nothing, and allocates nothing.
type deaf struct{}

func (deaf) Delta(int, []byte) {}

var effectNames = [...]string{Pass: "pass", Drop: "drop", Rewritten: "rewritten", Failed: "failed", Malformed: "malformed"}

// transcript follows a stream and writes down, for each event, what becomes of it and
// what is known after it.
func transcript(t testing.TB, s *Stream, stream []byte) string {
	var out strings.Builder
	r := sse.NewReader(0)
	r.Feed(stream)
	for ev, ok := r.Next(); ok; ev, ok = r.Next() {
		heard := said{}
		effect := s.Event(ev.Type, ev.Data, heard)
		fmt.Fprint(&out, effectNames[effect])
		for choice := range maxChoices {
			if text, ok := heard[choice]; ok {
				fmt.Fprintf(&out, " %d:%q", choice, text)
			}
		}
		if effect == Rewritten {
			require.True(t, json.Valid(s.Data), "%s", s.Data)
			fmt.Fprintf(&out, " as %s", s.Data)
		}
		for _, state := range []struct {
			on   bool
			name string
		}{{s.Began, "began"}, {s.Finished, "finished"}, {s.Ended, "ended"}} {
			if state.on {
				fmt.Fprint(&out, ", ", state.name)
			}
		}
		if s.InputKnown || s.OutputKnown || s.Usage != (Usage{}) {
			u := s.Usage
			fmt.Fprintf(&out, ", used %d (known %t, cached %d, written %d, for long %d) + %d (known %t, reasoning %d)",
				u.Input, s.InputKnown, u.Cached, u.CacheWrite, u.CacheWriteLong, u.Output, s.OutputKnown, u.Reasoning)
		}
		fmt.Fprintln(&out)
		if effect == Failed || effect == Malformed {
			break
		}
	}
	return out.String()
}

// A transcript's golden file has it twice: as the client sees it that asked for usage,
// and as the one does that did not.
func TestStreams(t *testing.T) {
	files, err := filepath.Glob("testdata/streams/*/*.sse")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		stream, err := os.ReadFile(file)
		require.NoError(t, err)
		op := opOfFolder[filepath.Base(filepath.Dir(file))]
		var got strings.Builder
		for _, hide := range []bool{false, true} {
			if hide && !op.AsksUsage() {
				break
			}
			s := NewStream(op)
			s.HideUsage = hide
			if strings.HasSuffix(file, "two_choices.sse") {
				s.Choices = 2
			}
			fmt.Fprintf(&got, "hide usage %t\n%s", hide, transcript(t, s, stream))
		}
		golden := strings.TrimSuffix(file, ".sse") + ".golden"
		if *update {
			require.NoError(t, os.WriteFile(golden, []byte(got.String()), 0o644))
		}
		want, err := os.ReadFile(golden)
		require.NoError(t, err)
		require.Equal(t, string(want), got.String(), file)
	}
}

// One event each, on a stream that has seen nothing yet.
func TestStreamEvents(t *testing.T) {
	for _, c := range []struct {
		op       Op
		typ      string
		data     string
		effect   Effect
		finished bool
	}{
		{ChatCompletions, "", "[DONE]", Pass, true},
		{ChatCompletions, "", " [DONE] ", Pass, true},
		{Completions, "", "[DONE]\n", Pass, true},
		{Messages, "", "[DONE]", Malformed, false},
		{ChatCompletions, "", "[DONE", Malformed, false},
		{ChatCompletions, "", `"[DONE]"`, Malformed, false},
		{ChatCompletions, "", "", Pass, false},
		{ChatCompletions, "", "  ", Pass, false},
		{Messages, "ping", "", Pass, false},
		{ChatCompletions, "", "null", Malformed, false},
		{ChatCompletions, "", "[]", Malformed, false},
		{ChatCompletions, "", "{", Malformed, false},
		{ChatCompletions, "", `{"choices":[{}]`, Malformed, false},
		{ChatCompletions, "", `{"choices":[]} trailing`, Malformed, false},
		{ChatCompletions, "", `{"x":` + strings.Repeat("[", 100000), Malformed, false},
		{ChatCompletions, "", "{\"choices\":[{\"delta\":{\"content\":\"\xff\"}}]}", Malformed, false},
		{ChatCompletions, "", `{}`, Pass, false},

		{ChatCompletions, "", `{"error":{"message":"overloaded"}}`, Failed, false},
		{ChatCompletions, "", `{"error":"overloaded"}`, Failed, false},
		{ChatCompletions, "error", `{"message":"overloaded"}`, Failed, false},
		{ChatCompletions, "error", `overloaded`, Malformed, false},
		{ChatCompletions, "", `{"error":null,"choices":[]}`, Pass, false},
		{ChatCompletions, "", `{"error":"","choices":[]}`, Pass, false},
		{ChatCompletions, "", `{"error":false,"choices":[]}`, Pass, false},
		{Messages, "error", `{"type":"error","error":{"type":"overloaded_error","message":"x"}}`, Failed, false},
		{Messages, "", `{"type":"error","error":{"type":"overloaded_error","message":"x"}}`, Failed, false},
		{Messages, "error", `{}`, Failed, false},
		{Messages, "", `{"type":"error"}`, Failed, false},

		{ChatCompletions, "", `{"choices":[{"finish_reason":"stop"}]}`, Pass, true},
		{ChatCompletions, "", `{"choices":[{"finish_reason":null}]}`, Pass, false},
		{ChatCompletions, "", `{"choices":[{"finish_reason":""}]}`, Pass, false},
		{ChatCompletions, "", `{"choices":null}`, Pass, false},
		{ChatCompletions, "", `{"choices":[{"finish_reason":"stop","index":-4}]}`, Pass, true},
		{ChatCompletions, "", `{"choices":[{"finish_reason":"stop","index":1e99}]}`, Pass, false}, // where are the other 1023?
		{Responses, "", "[DONE]", Pass, false},
		{Responses, "", `{"type":"error","code":null,"message":"x","param":null,"sequence_number":3}`, Failed, false},
		{Responses, "error", `{"message":"x"}`, Failed, false},
		{Responses, "", `{"error":{"message":"x"}}`, Failed, false},
		{Responses, "", `{"type":"response.failed","response":{"status":"failed","error":{"code":"server_error","message":"x"},"usage":null}}`, Failed, false},
		{Responses, "response.failed", `{"response":{}}`, Failed, false},
		{Responses, "", `{"type":"response.completed","response":{"error":null}}`, Pass, true},
		{Responses, "response.incomplete", `{"response":{}}`, Pass, true},
		{Responses, "", `{"type":"response.output_item.done"}`, Pass, false},
		{Responses, "", `{"type":"response.output_item.done","item":"x"}`, Pass, false},
		{Responses, "", `{"type":"response.novel","delta":{"x":1}}`, Pass, false},
		{Responses, "", `{"type":"response.output_text.delta","delta":`, Malformed, false},
		{Messages, "message_stop", `{}`, Pass, true},
		{Messages, "", `{"type":"message_stop"}`, Pass, true},
		{Messages, "message_delta", `{"delta":{"stop_reason":"end_turn"}}`, Pass, true},
		{Messages, "message_delta", `{"delta":{"stop_reason":null}}`, Pass, false},
		{Messages, "novel_event", `{"type":"novel_event","x":1}`, Pass, false},
	} {
		s := NewStream(c.op)
		require.Equal(t, effectNames[c.effect], effectNames[s.Event([]byte(c.typ), []byte(c.data), said{})], "%.80s", c.data)
		require.Equal(t, c.finished, s.Finished, "%.80s", c.data)
	}
}

// The null that our question caused goes, wherever it stands, and nothing else does.
func TestUsageNullIsTakenOut(t *testing.T) {
	for _, c := range [][2]string{
		{`{"usage":null,"id":"1","choices":[]}`, `{"id":"1","choices":[]}`},
		{`{"id":"1","usage":null,"choices":[]}`, `{"id":"1","choices":[]}`},
		{`{"id":"1","choices":[{"delta":{"usage":null}}],"usage":null}`, `{"id":"1","choices":[{"delta":{"usage":null}}]}`},
		{"{ \"id\" : \"1\" , \"us\\u0061ge\" : null }", "{ \"id\" : \"1\"  }"},
		{`{"usage":null}`, `{}`},
	} {
		s := NewStream(ChatCompletions)
		s.HideUsage = true
		require.Equal(t, Rewritten, s.Event(nil, []byte(c[0]), said{}), c[0])
		require.Equal(t, c[1], strings.Replace(string(s.Data), `"1" }`, `"1"  }`, 1), c[0])
		s.HideUsage = false
		require.Equal(t, Pass, s.Event(nil, []byte(c[0]), said{}), c[0])
	}
}

// An answer of several choices is finished when all of them are, also those that have
// not begun.
func TestFinishOfSeveralChoices(t *testing.T) {
	chunk := func(index int, finish string) []byte {
		return fmt.Appendf(nil, `{"choices":[{"index":%d,"delta":{"content":"x"},"finish_reason":%s}]}`, index, finish)
	}
	s := NewStream(ChatCompletions)
	s.Choices = 2
	for _, c := range []struct {
		data     []byte
		finished bool
	}{
		{chunk(0, "null"), false},
		{chunk(0, `"stop"`), false}, // the other one is still to come
		{chunk(1, "null"), false},
		{chunk(0, `"stop"`), false}, // said twice
		{chunk(1, `"length"`), true},
		{chunk(1, "null"), true},
	} {
		s.Event(nil, c.data, said{})
		require.Equal(t, c.finished, s.Finished, "%s", c.data)
	}

	// With n unknown to the stream those that are seen decide.
	s = NewStream(ChatCompletions)
	s.Event(nil, chunk(1, `"stop"`), said{})
	require.False(t, s.Finished)
	s.Event(nil, chunk(0, `"stop"`), said{})
	require.True(t, s.Finished)
}

// Memory stays bounded whatever a provider sends.
func TestStreamBounds(t *testing.T) {
	s := NewStream(ChatCompletions)
	s.Event(nil, []byte(`{"id":"`+strings.Repeat("i", 1<<20)+`","model":"`+strings.Repeat("m", 1<<20)+`"}`), said{})
	require.LessOrEqual(t, len(s.id)+len(s.model), 2*maxModelName)
	for i := range 3000 {
		s.Event(nil, fmt.Appendf(nil, `{"choices":[{"index":%d,"delta":{"content":"x"}}]}`, i), said{})
	}
	require.LessOrEqual(t, len(s.open), maxChoices)

	s = NewStream(Responses)
	for range 20 {
		s.Event(nil, []byte(`{"type":"response.output_text.delta","delta":"`+strings.Repeat("x", 50000)+`"}`), said{})
		s.Event(nil, []byte(`{"type":"response.output_item.done","item":{"id":"`+strings.Repeat("x", 50000)+`"}}`), said{})
	}
	s.Event(nil, []byte(`{"type":"response.output_item.done","item":{"id":"`+strings.Repeat("x", 1<<20)+`"}}`), said{})
	require.LessOrEqual(t, len(s.shown.items)+len(s.shown.text)+len(s.item.raw), 2*maxShown)

	s = NewStream(Messages)
	for i := range 3000 {
		s.Event(nil, fmt.Appendf(nil, `{"type":"content_block_start","index":%d}`, i), said{})
	}
	require.LessOrEqual(t, len(s.blocks), maxBlocks)
}

func TestStreamAllocatesNothing(t *testing.T) {
	for _, c := range []struct {
		op   Op
		hide bool
		data string
	}{
		{ChatCompletions, false, `{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"gpt-4o","choices":[{"index":0,"delta":{"content":" word"},"finish_reason":null}],"usage":null}`},
		{ChatCompletions, true, `{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"gpt-4o","choices":[{"index":0,"delta":{"content":" word"},"finish_reason":null}],"usage":null}`},
		{ChatCompletions, true, `{"choices":[],"usage":{"prompt_tokens":10,"completion_tokens":20,"total_tokens":30,"prompt_tokens_details":{"cached_tokens":5}}}`},
		{Completions, false, `{"choices":[{"index":0,"text":" word"}]}`},
		{Responses, false, `{"type":"response.function_call_arguments.delta","item_id":"fc_1","output_index":1,"delta":" word","sequence_number":7}`},
		{Messages, false, `{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}`},
		{Messages, false, `{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" word"}}`},
		{Messages, false, `{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":15}}`},
	} {
		s := NewStream(c.op)
		s.HideUsage = c.hide
		data := []byte(c.data)
		s.Event(nil, data, deaf{}) // the buffers grow
		require.Zero(t, testing.AllocsPerRun(100, func() { s.Event(nil, data, deaf{}) }), c.data)
	}
}

func BenchmarkStreamEvent(b *testing.B) {
	data := []byte(`{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"gpt-4o","choices":[{"index":0,"delta":{"content":" word"},"finish_reason":null}],"usage":null}`)
	s := NewStream(ChatCompletions)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		s.Event(nil, data, deaf{})
	}
}

func FuzzStream(f *testing.F) {
	files, err := filepath.Glob("testdata/streams/*/*.sse")
	require.NoError(f, err)
	for _, file := range files {
		stream, err := os.ReadFile(file)
		require.NoError(f, err)
		f.Add(uint8(opOfFolder[filepath.Base(filepath.Dir(file))]), true, stream)
	}
	f.Fuzz(func(t *testing.T, kind uint8, hide bool, stream []byte) {
		op := ChatCompletions + (Op(kind)+4)%5
		s := NewStream(op)
		s.HideUsage = hide
		s.Choices = int(kind) % 3
		r := sse.NewReader(0)
		r.Feed(stream)
		for ev, ok := r.Next(); ok; ev, ok = r.Next() {
			data := bytes.Clone(ev.Data)
			finished := s.Finished
			effect := s.Event(ev.Type, ev.Data, said{})
			require.Equal(t, data, ev.Data, "what was read stays as it was")
			require.False(t, finished && !s.Finished, "a finish is not taken back")
			u := s.Usage
			for _, n := range []int64{u.Cached + u.CacheWrite, u.CacheWriteLong, u.Reasoning} {
				require.True(t, 0 <= n && n <= max(u.Input, u.Output), "%+v", u)
			}
			if effect == Rewritten {
				var before, after map[string]any
				require.NoError(t, json.Unmarshal(data, &before))
				require.NoError(t, json.Unmarshal(s.Data, &after))
				delete(before, "usage")
				require.Equal(t, before, after)
			}
			if effect == Failed || effect == Malformed {
				break
			}
		}
		requireWellEnded(t, op, s.End(u(5, 7), true))
		requireWellEnded(t, op, s.End(u(5, 7), false))
	})
}

func u(input, output int64) Usage { return Usage{Input: input, Output: output} }

// requireWellEnded reads an end of a stream as a stream: it finishes an answer.
func requireWellEnded(t *testing.T, op Op, end []byte) {
	t.Helper()
	s := NewStream(op)
	r := sse.NewReader(0)
	r.Feed(end)
	for ev, ok := r.Next(); ok; ev, ok = r.Next() {
		require.Equal(t, Pass, s.Event(ev.Type, ev.Data, said{}), "%s", end)
	}
	_, left := r.Close()
	require.False(t, left, "%s", end)
	require.True(t, s.Finished && s.Ended, "%s", end)
}
