package translate

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/openai/openai-go/v3"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"github.com/sluice-gateway/sluice/dialect"
)

var update = flag.Bool("update", false, "write the golden files")

// goldens compares what check makes of each file in testdata with its golden file.
func goldens(t *testing.T, pattern string, check func(t *testing.T, content []byte) string) {
	files, err := filepath.Glob(filepath.Join("testdata", pattern))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			content, err := os.ReadFile(file)
			require.NoError(t, err)
			got := check(t, content)
			golden := strings.TrimSuffix(file, filepath.Ext(file)) + ".golden"
			if *update {
				require.NoError(t, os.WriteFile(golden, []byte(got), 0o644))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			require.Equal(t, string(want), got)
		})
	}
}

func indented(t testing.TB, body []byte) string {
	var out bytes.Buffer
	require.True(t, json.Valid(body), "%s", body)
	require.NoError(t, json.Indent(&out, body, "", "  "))
	return out.String() + "\n"
}

func dropAll(string) bool { return true }

func TestChatRequests(t *testing.T) {
	requests(t, "chat_requests/*.json", ChatToMessages, Options{OutputCap: 4096}, chatRequestHolds)
}

// requests has golden files of what becomes of a request where nothing may be dropped, and
// if that is an error, where everything may.
func requests(t *testing.T, pattern string, translate func([]byte, Options) (Request, error), o Options, holds func(testing.TB, []byte)) {
	goldens(t, pattern, func(t *testing.T, body []byte) string {
		o := o
		o.Model = gjson.GetBytes(body, "model").String()
		var got strings.Builder
		for _, may := range []func(string) bool{nil, dropAll} {
			o.Drop = may
			q, err := translate(body, o)
			if err != nil {
				var field *dialect.FieldError
				require.True(t, errors.As(err, &field))
				fmt.Fprintf(&got, "error: %v\n", err)
				continue
			}
			if len(q.Dropped) > 0 {
				fmt.Fprintf(&got, "without: %s\n", strings.Join(q.Dropped, ", "))
			}
			got.WriteString(indented(t, q.Body))
			holds(t, q.Body)
			break
		}
		return got.String()
	})
}

// chatRequestHolds checks what Anthropic asks of every request, with its own types.
func chatRequestHolds(t testing.TB, body []byte) {
	var params anthropic.MessageNewParams
	require.NoError(t, json.Unmarshal(body, &params), "%s", body)
	require.NotEmpty(t, params.Messages)
	for i, m := range params.Messages {
		require.NotEmpty(t, m.Content)
		if i > 0 {
			require.NotEqual(t, params.Messages[i-1].Role, m.Role)
		}
		text := false
		for _, b := range m.Content {
			if b.OfToolResult != nil {
				require.False(t, text, "a result behind other content")
			}
			text = text || b.OfText != nil
			if b.OfText != nil {
				require.NotEmpty(t, strings.TrimSpace(b.OfText.Text))
			}
		}
	}
	for _, tool := range params.Tools {
		require.NotNil(t, tool.OfTool)
	}
	if params.Thinking.OfEnabled != nil {
		require.Less(t, params.Thinking.OfEnabled.BudgetTokens, params.MaxTokens)
		require.GreaterOrEqual(t, params.Thinking.OfEnabled.BudgetTokens, int64(1024))
	}
	require.Equal(t, gjson.ValidBytes(body), true)
}

func TestChatErrors(t *testing.T) {
	const rest = `"model":"m","max_tokens":9`
	for _, c := range []struct{ body, at string }{
		{``, ""}, {`[]`, ""}, {`{"a":`, ""},
		{`{"model":"m"}`, "max_tokens"},
		{`{"max_tokens":1.5}`, "max_tokens"},
		{`{"max_completion_tokens":"9"}`, "max_completion_tokens"},
		{`{` + rest + `}`, "messages"},
		{`{` + rest + `,"messages":{}}`, "messages"},
		{`{` + rest + `,"messages":[]}`, "messages"},
		{`{` + rest + `,"messages":[3]}`, "messages[0]"},
		{`{` + rest + `,"messages":[{"role":"user","content":"a"},{"role":"critic","content":"a"}]}`, "messages[1].role"},
		{`{` + rest + `,"messages":[{"role":"user","content":3}]}`, "messages[0].content"},
		{`{` + rest + `,"messages":[{"role":"user","content":[{"type":"text","text":"a"},"b"]}]}`, "messages[0].content[1]"},
		{`{` + rest + `,"messages":[{"role":"user","content":[{"type":"text"}]}]}`, "messages[0].content[0].text"},
		{`{` + rest + `,"messages":[{"role":"user","content":[{"type":"file","file":{}}]}]}`, "messages[0].content[0].file"},
		{`{` + rest + `,"messages":[{"role":"user","content":[{"type":"file","file":{"file_data":"JVBER"}}]}]}`, "messages[0].content[0].file.file_data"},
		{`{` + rest + `,"messages":[{"role":"user","content":[{"type":"image_url","image_url":"https://x"}]}]}`, "messages[0].content[0].image_url"},
		{`{` + rest + `,"messages":[{"role":"user","content":[{"type":"text","text":"x","cache_control":"yes"}]}]}`, "messages[0].content[0].cache_control"},
		{`{` + rest + `,"messages":[{"role":"system","content":"x","cache_control":1}]}`, "messages[0].cache_control"},
		{`{` + rest + `,"messages":[{"role":"tool","content":"x"}]}`, "messages[0].tool_call_id"},
		{`{` + rest + `,"messages":[{"role":"function","name":"f","content":"x"}]}`, "messages[0]"},
		{`{` + rest + `,"messages":[{"role":"assistant","tool_calls":[{"function":{"name":"f"}}]}]}`, "messages[0].tool_calls[0].id"},
		{`{` + rest + `,"messages":[{"role":"assistant","tool_calls":[{"id":"a","function":{"arguments":"{}"}}]}]}`, "messages[0].tool_calls[0].function.name"},
		{`{` + rest + `,"messages":[{"role":"assistant","tool_calls":[{"id":"a","function":{"name":"f","arguments":{}}}]}]}`, "messages[0].tool_calls[0].function.arguments"},
		{`{` + rest + `,"messages":[{"role":"assistant","thinking_blocks":{}}]}`, "messages[0].thinking_blocks"},
		{`{` + rest + `,"messages":[{"role":"user","content":"a"}],"tools":{}}`, "tools"},
		{`{` + rest + `,"messages":[{"role":"user","content":"a"}],"tools":[{"type":"function"}]}`, "tools[0].function.name"},
		{`{` + rest + `,"messages":[{"role":"user","content":"a"}],"tools":[{"type":"function","function":{"name":"f","parameters":[]}}]}`, "tools[0].function.parameters"},
		{`{` + rest + `,"messages":[{"role":"user","content":"a"}],"response_format":{"type":"json_schema","json_schema":{"name":"x"}}}`, "response_format.json_schema.schema"},
		{`{` + rest + `,"messages":[{"role":"user","content":"a"}],"stream":1}`, "stream"},
		{`{` + rest + `,"messages":[{"role":"user","content":"a"}],"stream_options":1}`, "stream_options"},
		{`{` + rest + `,"messages":[{"role":"user","content":"a"}],"stop":["a",1]}`, "stop[1]"},
		{`{` + rest + `,"messages":[{"role":"user","content":"a"}],"user":1}`, "user"},
		{`{` + rest + `,"messages":[{"role":"user","content":"a"}],"temperature":"1"}`, "temperature"},
		{`{` + rest + `,"messages":[{"role":"user","content":"a"}],"temperature":2.1}`, "temperature"},
		{`{` + rest + `,"messages":[{"role":"user","content":"a"}],"top_p":1.1}`, "top_p"},
	} {
		_, err := ChatToMessages([]byte(c.body), Options{Model: "m", Drop: dropAll})
		var field *dialect.FieldError
		require.ErrorAs(t, err, &field, c.body)
		require.Equal(t, c.at, field.Field, c.body)
	}
}

// What a client says in one message or in several, and in a string or in parts, is one
// to Anthropic.
func TestChatSameRequest(t *testing.T) {
	one := func(messages string) string {
		q, err := ChatToMessages([]byte(`{"max_tokens":1,"messages":`+messages+`}`), Options{Model: "m"})
		require.NoError(t, err)
		return string(q.Body)
	}
	require.Equal(t, one(`[{"role":"user","content":"a"},{"role":"user","content":"b"}]`),
		one(`[{"role":"user","content":[{"type":"text","text":"a"},{"text":"b","type":"text"}]}]`))
	require.Equal(t, one(`[{"role":"system","content":"s"},{"role":"user","content":"a"}]`),
		one(`[{"role":"user","content":"a"},{"role":"developer","content":[{"type":"text","text":"s"}]}]`))
}

// Every request that OpenAI's own client writes is understood.
func TestChatFromTheSDK(t *testing.T) {
	params := openai.ChatCompletionNewParams{
		Model:     "x",
		MaxTokens: openai.Int(100),
		Messages: []openai.ChatCompletionMessageParamUnion{
			openai.SystemMessage("s"), openai.UserMessage("u"), openai.AssistantMessage("a"), openai.ToolMessage("r", "id"), openai.DeveloperMessage("d"),
		},
		Tools: []openai.ChatCompletionToolUnionParam{openai.ChatCompletionFunctionTool(openai.FunctionDefinitionParam{Name: "f"})},
	}
	body, err := json.Marshal(params)
	require.NoError(t, err)
	q, err := ChatToMessages(body, Options{Model: "claude-opus-4-6"})
	require.NoError(t, err)
	chatRequestHolds(t, q.Body)
	require.Equal(t, "s\n\nd", gjson.GetBytes(q.Body, "system").String())
}

func FuzzChatToMessages(f *testing.F) {
	files, _ := filepath.Glob("testdata/chat_requests/*.json")
	for _, file := range files {
		body, err := os.ReadFile(file)
		require.NoError(f, err)
		f.Add(body, "claude-opus-4-6")
	}
	f.Fuzz(func(t *testing.T, body []byte, model string) {
		for _, may := range []func(string) bool{nil, dropAll} {
			q, err := ChatToMessages(body, Options{Model: model, OutputCap: 100, Drop: may})
			if err != nil {
				var field *dialect.FieldError
				require.ErrorAs(t, err, &field)
				continue
			}
			require.True(t, json.Valid(body))
			require.True(t, json.Valid(q.Body), "%s", q.Body)
			require.True(t, may != nil || len(q.Dropped) == 0)
			require.NotEmpty(t, gjson.GetBytes(q.Body, "messages.0.content.0.type").String())
		}
	})
}
