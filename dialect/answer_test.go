package dialect

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func readAnswer(op Op, pieces ...[]byte) (Answer, said, bool) {
	r, out := NewAnswerReader(op), said{}
	for _, p := range pieces {
		if r.Write(bytes.Clone(p)) != nil {
			break
		}
	}
	a, ok := r.Close(out)
	return a, out, ok
}

func TestAnswers(t *testing.T) {
	const chat = `{"id":"c","object":"chat.completion","choices":[` +
		`{"index":0,"message":{"role":"assistant","content":"Héllo","refusal":"no","reasoning_content":"hm"},"finish_reason":"stop"},` +
		`{"index":1,"message":{"content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"get","arguments":"{\"q\":1}"}}]}}]`
	const message = `{"id":"msg_1","type":"message","role":"assistant","model":"m","stop_reason":"end_turn","content":[` +
		`{"type":"thinking","thinking":"hm","signature":"EqQB"},{"type":"text","text":"Hi"},{"type":"tool_use","id":"toolu_1","name":"get","input":{ "q":[1] }}]`
	const response = `{"id":"resp_1","object":"response","created_at":17,"error":null,"model":"m","output":[` +
		`{"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"hm"}]},` +
		`{"type":"message","id":"msg_1","status":"completed","role":"assistant","content":[{"type":"output_text","annotations":[],"text":"Hi"},{"type":"refusal","refusal":"no"}]},` +
		`{"type":"function_call","id":"fc_1","call_id":"call_1","name":"get","arguments":"{\"q\":1}"},` +
		`{"type":"code_interpreter_call","id":"ci_1","code":"print(1)"}]`
	chatText := said{0: "Héllonohm", 1: `get{"q":1}`}
	messageText := said{0: `hmHiget{ "q":[1] }`}
	none := said{}
	for _, c := range []struct {
		note string
		op   Op
		body string
		want Answer
		text said
	}{
		{"usage", ChatCompletions, chat + `,"usage":{"prompt_tokens":9,"completion_tokens":12,"total_tokens":21,"prompt_tokens_details":{"cached_tokens":4,"cache_write_tokens":2},"completion_tokens_details":{"reasoning_tokens":3}}}`,
			Answer{Usage: Usage{Input: 9, Output: 12, Cached: 4, CacheWrite: 2, Reasoning: 3}, UsageKnown: true}, none},
		{"usage before the text", ChatCompletions, `{"usage":{"completion_tokens":2,"prompt_tokens":1},"choices":[{"message":{"content":"x"}}]}`,
			Answer{Usage: Usage{Input: 1, Output: 2}, UsageKnown: true}, none},
		{"zero means zero", ChatCompletions, chat + `,"usage":{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}}`, Answer{UsageKnown: true}, none},
		{"reasoning beside the completion", ChatCompletions, chat + `,"usage":{"prompt_tokens":10120,"completion_tokens":1499,"total_tokens":14428,"completion_tokens_details":{"reasoning_tokens":2809}}}`,
			Answer{Usage: Usage{Input: 10120, Output: 4308, Reasoning: 2809}, UsageKnown: true}, none},
		{"a total that is too small", ChatCompletions, chat + `,"usage":{"prompt_tokens":5,"completion_tokens":7,"total_tokens":3}}`,
			Answer{Usage: Usage{Input: 5, Output: 7}, UsageKnown: true}, none},
		{"no usage", ChatCompletions, chat + `}`, Answer{}, chatText},
		{"usage null", ChatCompletions, chat + `,"usage":null}`, Answer{}, chatText},
		{"usage empty", ChatCompletions, chat + `,"usage":{}}`, Answer{}, chatText},
		{"usage of nulls", ChatCompletions, chat + `,"usage":{"prompt_tokens":null,"completion_tokens":null}}`, Answer{}, chatText},
		{"usage of strings", ChatCompletions, chat + `,"usage":{"prompt_tokens":"1","completion_tokens":"2"}}`, Answer{}, chatText},
		{"half a usage is not one", ChatCompletions, chat + `,"usage":{"prompt_tokens":9}}`, Answer{Usage: Usage{Input: 9}}, chatText},
		{"nor is the other half", ChatCompletions, chat + `,"usage":{"completion_tokens":9}}`, Answer{Usage: Usage{Output: 9}}, chatText},
		{"nor is a list", ChatCompletions, chat + `,"usage":[{"prompt_tokens":9,"completion_tokens":9}]}`, Answer{}, chatText},
		{"usage elsewhere", ChatCompletions, chat + `,"x":{"usage":{"prompt_tokens":9,"completion_tokens":9}}}`, Answer{}, chatText},
		{"absurd", ChatCompletions, chat + `,"usage":{"prompt_tokens":-5,"completion_tokens":1e300}}`, Answer{Usage: Usage{Output: 1 << 30}, UsageKnown: true}, none},
		{"more cached than read", ChatCompletions, chat + `,"usage":{"prompt_tokens":5,"completion_tokens":1,"prompt_tokens_details":{"cached_tokens":9},"completion_tokens_details":{"reasoning_tokens":9}}}`,
			Answer{Usage: Usage{Input: 5, Output: 1, Cached: 5, Reasoning: 1}, UsageKnown: true}, none},
		{"error", ChatCompletions, `{"error":{"message":"m","type":"server_error"}}`, Answer{Failed: true}, none},
		{"error as a string", ChatCompletions, `{"error":"m"}`, Answer{Failed: true}, none},
		{"error null", ChatCompletions, chat + `,"error":null,"usage":{"prompt_tokens":1,"completion_tokens":2}}`, Answer{Usage: Usage{Input: 1, Output: 2}, UsageKnown: true}, none},
		{"completion", Completions, `{"choices":[{"text":" upon","index":0},{"text":" a","index":1},{"text":" time","index":2}]}`, Answer{}, said{0: " upon", 1: " a", 2: " time"}},
		{"embedding", Embeddings, `{"object":"list","data":[{"embedding":[0.1,-2e-3]}],"usage":{"prompt_tokens":8,"total_tokens":8}}`, Answer{Usage: Usage{Input: 8}, UsageKnown: true}, none},
		{"embedding without", Embeddings, `{"object":"list","data":[]}`, Answer{}, none},

		{"response", Responses, response + `,"status":"completed","usage":{"input_tokens":75,"input_tokens_details":{"cached_tokens":32,"cache_write_tokens":5},"output_tokens":1186,"output_tokens_details":{"reasoning_tokens":1024},"total_tokens":1261}}`,
			Answer{Usage: Usage{Input: 75, Output: 1186, Cached: 32, CacheWrite: 5, Reasoning: 1024}, UsageKnown: true}, none},
		{"response without", Responses, response + `,"status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"usage":null}`, Answer{}, said{0: "hmHinoget{\"q\":1}print(1)"}},
		{"a failed response", Responses, `{"id":"resp_1","object":"response","status":"failed","error":{"code":"server_error","message":"m"},"output":[],"usage":null}`, Answer{Failed: true}, none},
		{"one that says so in its status", Responses, `{"id":"resp_1","status":"failed","output":[{"status":"completed"}]}`, Answer{Failed: true}, none},
		{"message", Messages, message + `,"usage":{"input_tokens":10,"cache_read_input_tokens":30,"cache_creation_input_tokens":20,"cache_creation":{"ephemeral_5m_input_tokens":15,"ephemeral_1h_input_tokens":5},"output_tokens":7,"output_tokens_details":{"thinking_tokens":2}}}`,
			Answer{Usage: Usage{Input: 60, Output: 7, Cached: 30, CacheWrite: 20, CacheWriteLong: 5, Reasoning: 2}, UsageKnown: true}, none},
		{"message with nulls", Messages, message + `,"usage":{"input_tokens":10,"cache_read_input_tokens":null,"cache_creation_input_tokens":null,"output_tokens":7}}`,
			Answer{Usage: Usage{Input: 10, Output: 7}, UsageKnown: true}, none},
		{"message without", Messages, message + `}`, Answer{}, messageText},
		{"message, half", Messages, message + `,"usage":{"input_tokens":10}}`, Answer{Usage: Usage{Input: 10}}, messageText},
		{"error of Anthropic's", Messages, `{"type":"error","error":{"type":"overloaded_error","message":"m"}}`, Answer{Failed: true}, none},
	} {
		body := []byte(c.body)
		for i := 0; i <= len(body); i++ {
			a, text, ok := readAnswer(c.op, body[:i], body[i:])
			require.True(t, ok, c.note)
			require.Equal(t, c.want, a, c.note)
			require.Equal(t, c.text, text, c.note)
		}
		var bytewise [][]byte
		for i := range body {
			bytewise = append(bytewise, body[i:i+1])
		}
		a, text, ok := readAnswer(c.op, bytewise...)
		require.True(t, ok, c.note)
		require.Equal(t, c.want, a, c.note)
		require.Equal(t, c.text, text, c.note)

		// What breaks off is no answer.
		for i := range body {
			_, text, ok := readAnswer(c.op, body[:i])
			require.False(t, ok, "%s: %s", c.note, body[:i])
			require.Empty(t, text)
		}
	}
}

func TestAnswersThatAreNone(t *testing.T) {
	for _, body := range []string{``, ` `, `null`, `[]`, `"usage"`, `{"usage":}`, `<html>`, `{"usage":{"prompt_tokens":1,"prompt_tokens":2}}`, strings.Repeat(`{"a":`, 1000)} {
		for _, op := range []Op{ChatCompletions, Completions, Embeddings, Messages} {
			a, text, ok := readAnswer(op, []byte(body))
			require.False(t, ok, body)
			require.Equal(t, Answer{}, a)
			require.Empty(t, text)
		}
	}
}

func FuzzAnswer(f *testing.F) {
	f.Add(uint8(0), []byte(`{"choices":[{"index":1,"message":{"content":"x"}}],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":9}}`), uint16(20))
	f.Add(uint8(3), []byte(`{"content":[{"text":"a"},{"name":"f","input":{"a":[1]}}],"usage":{"input_tokens":1,"cache_read_input_tokens":3}}`), uint16(9))
	f.Fuzz(func(t *testing.T, kind uint8, body []byte, cut uint16) {
		op := ChatCompletions + Op(kind)%4
		a, text, ok := readAnswer(op, body)
		at := int(cut) % (len(body) + 1)
		b, text2, ok2 := readAnswer(op, body[:at], body[at:])
		require.Equal(t, a, b)
		require.Equal(t, text, text2)
		require.Equal(t, ok, ok2)
		require.True(t, !a.UsageKnown || len(text) == 0)
		u := a.Usage
		require.True(t, 0 <= u.Cached && 0 <= u.CacheWriteLong && u.CacheWriteLong <= u.CacheWrite && u.Cached+u.CacheWrite <= u.Input && u.Reasoning <= u.Output, "%+v", u)
	})
}
