package translate

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/openai/openai-go/v3"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"github.com/sluice-gateway/sluice/dialect"
)

func TestMessagesRequests(t *testing.T) {
	requests(t, "messages_requests/*.json", MessagesToChat, Options{AskUsage: true}, chatHolds)
}

// chatHolds checks what OpenAI asks of every request, with its own types: a result of a
// tool stands directly behind the call, and every call has one.
func chatHolds(t testing.TB, body []byte) {
	var params openai.ChatCompletionNewParams
	require.NoError(t, json.Unmarshal(body, &params), "%s", body)
	require.NotEmpty(t, params.Messages)
	open := map[string]bool{}
	gjson.GetBytes(body, "messages").ForEach(func(_, m gjson.Result) bool {
		if role := m.Get("role").Str; role == "tool" {
			require.True(t, open[m.Get("tool_call_id").Str], "a result of no call: %s", m.Raw)
			delete(open, m.Get("tool_call_id").Str)
		} else {
			require.Empty(t, open, "a call without its result before %s", m.Raw)
		}
		m.Get("tool_calls").ForEach(func(_, c gjson.Result) bool {
			open[c.Get("id").Str] = true
			require.True(t, gjson.Parse(c.Get("function.arguments").Str).IsObject())
			return true
		})
		return true
	})
	require.LessOrEqual(t, gjson.GetBytes(body, "stop.#").Int(), int64(4))
}

func TestMessagesOptions(t *testing.T) {
	body := []byte(`{"model":"x","messages":[{"role":"user","content":"a"}],"stream":true}`)
	q, err := MessagesToChat(body, Options{Model: "m", OutputCap: 7, LegacyCap: true, AskUsage: true})
	require.NoError(t, err)
	require.Equal(t, `{"model":"m","max_tokens":7,"messages":[{"role":"user","content":"a"}],"stream":true,"stream_options":{"include_usage":true}}`, string(q.Body))
	q, err = MessagesToChat(body, Options{Model: "m"})
	require.NoError(t, err)
	require.Equal(t, `{"model":"m","messages":[{"role":"user","content":"a"}],"stream":true}`, string(q.Body))
}

func TestMessagesErrors(t *testing.T) {
	const rest = `"model":"m","max_tokens":9`
	user := func(content string) string {
		return `{` + rest + `,"messages":[{"role":"user","content":` + content + `}]}`
	}
	for _, c := range []struct{ body, at string }{
		{``, ""}, {`[]`, ""}, {`{"a":`, ""},
		{`{"max_tokens":1.5,"messages":[]}`, "max_tokens"},
		{`{` + rest + `}`, "messages"},
		{`{"max_tokens":0,"messages":[{"role":"user","content":"a"}]}`, "max_tokens"},
		{`{` + rest + `,"messages":[{"role":"user","content":"a"}],"tools":[{"type":"bash_20250124","name":"bash"}],"tool_choice":{"type":"any"}}`, "tool_choice"},
		{`{` + rest + `,"messages":{}}`, "messages"},
		{`{` + rest + `,"messages":[3]}`, "messages[0]"},
		{`{` + rest + `,"messages":[{"role":"critic","content":"a"}]}`, "messages[0].role"},
		{`{` + rest + `,"messages":[]}`, "messages"},
		{user(`3`), "messages[0].content"},
		{user(`[{"type":"tool_result","content":"r"}]`), "messages[0].content[0].tool_use_id"},
		{user(`[{"type":"tool_result","tool_use_id":"a","content":[{"type":"text"}]}]`), "messages[0].content[0].content.text"},
		{user(`[{"type":"image","source":{"type":"base64","data":"eA=="}}]`), "messages[0].content[0].source.media_type"},
		{user(`[{"type":"document","source":{"type":"base64","media_type":"application/pdf"}}]`), "messages[0].content[0].source.data"},
		{`{` + rest + `,"messages":[{"role":"assistant","content":[{"type":"tool_use","name":"f","input":{}}]}]}`, "messages[0].content[0].id"},
		{`{` + rest + `,"messages":[{"role":"assistant","content":[{"type":"tool_use","id":"a","input":{}}]}]}`, "messages[0].content[0].name"},
		{`{` + rest + `,"messages":[{"role":"user","content":"a"}],"tools":[{"input_schema":{}}]}`, "tools[0].name"},
		{`{` + rest + `,"messages":[{"role":"user","content":"a"}],"tools":[{"name":"f"}],"tool_choice":{"type":"tool"}}`, "tool_choice.name"},
		{`{` + rest + `,"messages":[{"role":"user","content":"a"}],"thinking":{"type":"enabled"}}`, "thinking.budget_tokens"},
		{user(`[{"type":"text","text":"a"},"b"]`), "messages[0].content[1]"},
		{user(`[{"type":"text"}]`), "messages[0].content[0].text"},
		{`{` + rest + `,"messages":[{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":3}]}]}`, "messages[0].content[0].input"},
		{`{` + rest + `,"messages":[{"role":"user","content":"a"}],"tools":{}}`, "tools"},
		{`{` + rest + `,"messages":[{"role":"user","content":"a"}],"tools":[{"name":"f"}],"tool_choice":{"type":"all"}}`, "tool_choice.type"},
		{`{` + rest + `,"messages":[{"role":"user","content":"a"}],"stop_sequences":["a",1]}`, "stop_sequences[1]"},
		{`{` + rest + `,"messages":[{"role":"user","content":"a"}],"temperature":1.1}`, "temperature"},
		{`{` + rest + `,"messages":[{"role":"user","content":"a"}],"thinking":{"type":"much"}}`, "thinking.type"},
		{`{` + rest + `,"messages":[{"role":"user","content":"a"}],"output_config":{"format":{"type":"xml"}}}`, "output_config.format"},
		{`{` + rest + `,"messages":[{"role":"user","content":"a"}],"service_tier":"fast"}`, "service_tier"},
		{`{` + rest + `,"messages":[{"role":"user","content":"a"}],"stream":"yes"}`, "stream"},
	} {
		_, err := MessagesToChat([]byte(c.body), Options{Model: "m", Drop: dropAll})
		var field *dialect.FieldError
		require.ErrorAs(t, err, &field, c.body)
		require.Equal(t, c.at, field.Field, c.body)
	}
}

// Every request that Anthropic's own client writes is understood.
func TestMessagesFromTheSDK(t *testing.T) {
	params := anthropic.MessageNewParams{
		Model: "claude-haiku-4-5", MaxTokens: 100, System: []anthropic.TextBlockParam{{Text: "s"}},
		Messages: []anthropic.MessageParam{
			anthropic.NewUserMessage(anthropic.NewTextBlock("u"), anthropic.NewImageBlockBase64("image/png", "iVBORw0K")),
			anthropic.NewAssistantMessage(anthropic.NewToolUseBlock("a", map[string]any{"q": 1}, "get")),
			anthropic.NewUserMessage(anthropic.NewToolResultBlock("a", "r", false)),
		},
		Tools: []anthropic.ToolUnionParam{{OfTool: &anthropic.ToolParam{Name: "get"}}},
	}
	body, err := json.Marshal(params)
	require.NoError(t, err)
	q, err := MessagesToChat(body, Options{Model: "gpt-4o"})
	require.NoError(t, err)
	chatHolds(t, q.Body)
	require.Equal(t, "r", gjson.GetBytes(q.Body, "messages.3.content.0.text").String())
}

// There and back: what both APIs can say is the same when it comes home.
func TestThereAndBack(t *testing.T) {
	for _, body := range []string{
		`{"model":"m","max_tokens":9,"messages":[{"role":"user","content":[{"type":"text","text":"a"}]}]}`,
		`{"model":"m","max_tokens":9,"messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBORw0K"}}]}],"system":"s","stop_sequences":["x"],"stream":true}`,
		`{"model":"m","max_tokens":9,"messages":[{"role":"user","content":[{"type":"text","text":"a"}]},{"role":"assistant","content":[{"type":"text","text":"b"},{"type":"tool_use","id":"i","name":"f","input":{"q":"é"}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"i","content":"r"}]}],"tools":[{"name":"f","input_schema":{"type":"object"}}]}`,
	} {
		there, err := MessagesToChat([]byte(body), Options{Model: "m"})
		require.NoError(t, err)
		back, err := ChatToMessages(there.Body, Options{Model: "m"})
		require.NoError(t, err)
		var want, got anthropic.MessageNewParams
		require.NoError(t, json.Unmarshal([]byte(body), &want))
		require.NoError(t, json.Unmarshal(back.Body, &got))
		w, err := json.Marshal(want)
		require.NoError(t, err)
		g, err := json.Marshal(got)
		require.NoError(t, err)
		require.JSONEq(t, string(w), string(g))
	}
}

func FuzzMessagesToChat(f *testing.F) {
	files, _ := filepath.Glob("testdata/messages_requests/*.json")
	for _, file := range files {
		body, err := os.ReadFile(file)
		require.NoError(f, err)
		f.Add(body, "gpt-4o")
	}
	f.Fuzz(func(t *testing.T, body []byte, model string) {
		for _, may := range []func(string) bool{nil, dropAll} {
			q, err := MessagesToChat(body, Options{Model: model, Drop: may, AskUsage: true})
			if err != nil {
				var field *dialect.FieldError
				require.ErrorAs(t, err, &field)
				continue
			}
			require.True(t, json.Valid(body))
			require.True(t, json.Valid(q.Body), "%s", q.Body)
			require.True(t, may != nil || len(q.Dropped) == 0)
		}
	})
}

func FuzzCompletionToMessage(f *testing.F) {
	files, _ := filepath.Glob("testdata/completion_answers/*.json")
	for _, file := range files {
		body, err := os.ReadFile(file)
		require.NoError(f, err)
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		out, err := CompletionToMessage(nil, body, messageContext)
		if err == nil {
			require.True(t, json.Valid(out), "%s", out)
		}
		require.True(t, json.Valid(ErrorToAnthropic(nil, 500, body)))
		require.True(t, bytes.HasPrefix(ErrorToAnthropic([]byte("x"), 0, body), []byte(`x{"type":"error"`)))
	})
}
