package rewrite

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/dialect"
	"github.com/sluice-gateway/sluice/jsonscan"
)

// In answers with all that a dialect has, the texts are written with x, which becomes X,
// and all else without.
func TestWhole(t *testing.T) {
	for _, c := range []struct {
		name string
		op   dialect.Op
		body string
	}{
		{"chat", dialect.ChatCompletions, `{"id":"1","choices":[
			{"index":0,"message":{"role":"assistant","content":"x é \ud83d\ude00 \"x\"","refusal":null,"reasoning_content":"x","thinking_blocks":[{"type":"thinking","thinking":"x not","signature":"no"},{"type":"thinking","thinking":"x"},{"type":"redacted_thinking","data":"no"}],"annotations":[]},"logprobs":{"content":[{"token":"no"}]},"finish_reason":"stop"},
			{"index":1,"message":{"role":"assistant","content":[{"type":"text","text":"x"},{"type":"thinking","thinking":[{"type":"text","text":"x"}]}],"refusal":"x","reasoning":"x","audio":{"id":"a","data":"no","transcript":"x"},"reasoning_details":[
				{"type":"reasoning.text","text":"x not","signature":"no","id":"no","format":"no","index":0},{"type":"reasoning.text","text":"x","index":1},{"type":"reasoning.summary","summary":"x","index":2},{"type":"reasoning.encrypted","data":"no"}]}},
			{"index":2,"message":{"thinking_blocks":[{"type":"thinking","thinking":"x not","signature":"no"},{"type":"thinking","thinking":"x"}],"content":"x","reasoning_content":"x"}},
			{"index":3,"message":{"thinking_blocks":[{"type":"thinking","thinking":"x"},{"type":"thinking","thinking":"x not","signature":"no"}],"content":"x","refusal":"x"}},
			{"message":{"content":null,"function_call":{"name":"no","arguments":"{\"x\":\"\\u0078\"}"},"tool_calls":[
				{"id":"c","type":"function","function":{"name":"no","arguments":"x"}},{"id":"d","type":"custom","custom":{"name":"no","input":"x"}}]}}],"usage":{"no":1}}`},
		{"completion", dialect.Completions, `{"id":"no","choices":[{"text":"x","index":0,"logprobs":null},{"text":"x x","index":1}]}`},
		{"message", dialect.Messages, `{"id":"no","type":"message","content":[
			{"type":"thinking","thinking":"x not","signature":"no"},{"signature":"no","thinking":"x not","type":"thinking"},
			{"type":"thinking","thinking":"x","signature":""},{"type":"thinking","thinking":"x"},{"type":"redacted_thinking","data":"no"},
			{"type":"text","text":"x","citations":[{"type":"no","cited_text":"x","document_title":"x","file_id":"no","encrypted_index":"no"}]},
			{"type":"tool_use","id":"no","name":"no","input":{"x":"x","0":["x",{"\"x":1},[{"x":null}]],"xx":true}},
			{"type":"server_tool_use","id":"no","name":"no","input":"x"},
			{"type":"web_search_tool_result","tool_use_id":"no","content":[{"type":"no","title":"x","url":"x","encrypted_content":"no"}]},
			{"type":"mcp_tool_result","content":"x"},
			{"type":"bash_tool_result","content":{"type":"no","stdout":"x","content":[{"file_id":"no","type":"no"}]}}],"stop_reason":"refusal","stop_details":{"type":"refusal","category":"no","explanation":"x"}}`},
		{"response", dialect.Responses, `{"id":"no","instructions":"x","output":[
			{"type":"reasoning","summary":[{"type":"summary_text","text":"x"}],"content":[{"type":"reasoning_text","text":"x"}],"encrypted_content":"no"},
			{"type":"message","id":"no","content":[{"type":"output_text","text":"x","annotations":[{"title":"no"}],"logprobs":[]},{"type":"refusal","refusal":"x"}]},
			{"type":"function_call","name":"no","arguments":"x","call_id":"no"},{"type":"custom_tool_call","name":"no","input":"x"},
			{"type":"code_interpreter_call","code":"x","outputs":[{"type":"logs","logs":"x"}]},{"type":"mcp_call","arguments":"x","output":"x","name":"no"},
			{"type":"web_search_call","action":{"type":"no","query":"x"}},{"type":"file_search_call","queries":["x"]},
			{"type":"tool_search_call","arguments":{"x":["x"]}},{"type":"apply_patch_call","operation":{"type":"no","diff":"x"}},
			{"type":"shell_call_output","output":[{"stdout":"x","stderr":"x","outcome":{"type":"timeout"}}]},
			{"type":"mcp_call","output":null,"error":"x"},{"type":"file_search_call","results":[{"file_id":"no","filename":"x","score":1,"text":"x","attributes":{"a":"x"}}]},
			{"type":"computer_call","pending_safety_checks":[{"id":"no","code":"no","message":"x"}]},
			{"type":"image_generation_call","result":"no","revised_prompt":"x"}],"tools":[{"name":"no"}]}`},
		{"response to a conversation", dialect.Responses, `{"instructions":[{"type":"no","role":"no","content":[{"type":"no","text":"x"}]}],"output":[]}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			edits, err := Whole(c.op, []byte(c.body), loudly(100))
			require.NoError(t, err)
			want := strings.NewReplacer("text", "text", "x not", "x not", "expl", "expl", "index", "index", "x", "X", `\\u0078`, `\\U0078`, "é", "É", `\ud83d\ude00`, "😀").Replace(c.body)
			got := string(jsonscan.Apply(nil, []byte(c.body), edits))
			require.Equal(t, want, got)

			for _, open := range []Open{func(Channel) Writer { return nil }, func(Channel) Writer { return same{} }} {
				edits, err = Whole(c.op, []byte(c.body), open)
				require.NoError(t, err)
				require.Empty(t, edits)
			}
		})
	}
}

func TestWholeKnowsItsChannels(t *testing.T) {
	for _, c := range []struct {
		op   dialect.Op
		body string
		want []Channel
	}{
		{dialect.ChatCompletions, `{"choices":[{"message":{"content":"a","reasoning":"b"},"index":4},{"message":{"tool_calls":[{"function":{"arguments":"c"}},{"custom":{"input":"d"}}]}}]}`,
			[]Channel{{Content, 4, 0, 0}, {Reasoning, 4, 0, 0}, {Arguments, 1, 0, 0}, {Input, 1, 1, 0}}},
		{dialect.Messages, `{"content":[{"text":"a"},{"input":{"b":"c"}}]}`, []Channel{{Content, 0, 0, 0}, {Value, 0, 1, 0}, {Value, 0, 1, 0}}},
		{dialect.Responses, `{"output":[{"content":[{"text":"a","type":"reasoning_text"},{"type":"output_text","text":"b"}]},{"arguments":"c"}]}`,
			[]Channel{{Reasoning, 0, 0, 0}, {Content, 0, 0, 1}, {Arguments, 0, 1, 0}}},
	} {
		var got []Channel
		_, err := Whole(c.op, []byte(c.body), func(ch Channel) Writer {
			got = append(got, ch)
			return nil
		})
		require.NoError(t, err)
		require.Equal(t, c.want, got)
	}
}

func TestWhatIsNoAnswer(t *testing.T) {
	for _, body := range []string{"", "null", "[]", `"x"`, "{", `{"choices":[{"message":{"content":"x"}}]`, "{\"a\":\"\xff\"}"} {
		_, err := Whole(dialect.ChatCompletions, []byte(body), loudly(0))
		require.EqualError(t, err, "rewrite: the answer is not a JSON object", body)
		before, with := NewStream(dialect.ChatCompletions, loudly(0)).Event(nil, []byte(body))
		require.Empty(t, before)
		require.Nil(t, with)
	}
	for _, body := range []string{`{}`, `{"error":{"message":"x"}}`, `{"choices":null}`, `{"choices":[{"message":"x"},3,{"message":{"content":3}}]}`} {
		edits, err := Whole(dialect.ChatCompletions, []byte(body), loudly(0))
		require.NoError(t, err)
		require.Empty(t, edits)
	}
	for _, op := range []dialect.Op{dialect.Embeddings, dialect.NoOp} {
		edits, err := Whole(op, []byte(`{"choices":[{"text":"x"}]}`), loudly(0))
		require.NoError(t, err)
		require.Empty(t, edits)
		s := NewStream(op, loudly(0))
		_, with := s.Event(nil, []byte(`{"choices":[{"text":"x"}]}`))
		require.Nil(t, with)
		require.Empty(t, s.End())
	}
}
