package normal

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/internal/mock"
)

// A whole answer and a stream in each API, that are taken; tests of refusals edit them.
const (
	chatWhole = `{"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"gpt-4o-2024-08-06","choices":[{"index":0,"message":{"role":"assistant","content":"Hello there","refusal":null,"annotations":[]},"logprobs":null,"finish_reason":"stop"}],` +
		`"usage":{"prompt_tokens":9,"completion_tokens":7,"total_tokens":16,"prompt_tokens_details":{"cached_tokens":4,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":5}},"service_tier":"default","system_fingerprint":"fp_1"}`
	chatEvents = `data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"","choices":[],"prompt_filter_results":[{"prompt_index":0}]}

data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"gpt-4o-2024-08-06","choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"xyz"}

data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"gpt-4o-2024-08-06","choices":[{"index":0,"delta":{"content":"Hello"},"logprobs":null,"finish_reason":null}],"usage":null}

: keep-alive

data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"gpt-4o-2024-08-06","choices":[{"index":0,"delta":{"content":" there"},"logprobs":null,"finish_reason":null}],"usage":null}

data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"gpt-4o-2024-08-06","choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}],"usage":null}

data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"gpt-4o-2024-08-06","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":7,"total_tokens":16,"prompt_tokens_details":{"cached_tokens":4},"completion_tokens_details":{"reasoning_tokens":5}}}

data: [DONE]

`
	messageWhole = `{"id":"msg_1","type":"message","role":"assistant","model":"claude-haiku-4-5-20251001","content":[{"type":"text","text":"Hello there","citations":null},{"type":"tool_use","id":"toolu_1","name":"f","input":{ "a": 1.50 },"caller":{"type":"direct"}}],` +
		`"stop_reason":"tool_use","stop_sequence":null,"stop_details":null,"container":null,"usage":{"input_tokens":3,"cache_creation_input_tokens":2,"cache_read_input_tokens":4,"output_tokens":7,"output_tokens_details":{"thinking_tokens":5},"service_tier":"standard"}}`
	messageEventList = `event: message_start
data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude-haiku-4-5-20251001","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":3,"cache_creation_input_tokens":2,"cache_read_input_tokens":4,"output_tokens":1}}}

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

event: ping
data: {"type": "ping"}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hello"}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" there"}}

event: content_block_stop
data: {"type":"content_block_stop","index":0}

event: content_block_start
data: {"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"toolu_1","name":"f","input":{}}}

event: content_block_delta
data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":""}}

event: content_block_delta
data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"a\": 1."}}

event: content_block_delta
data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"50}"}}

event: content_block_stop
data: {"type":"content_block_stop","index":1}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":7,"output_tokens_details":{"thinking_tokens":5}}}

event: message_stop
data: {"type":"message_stop"}

`
	asJSON   = "application/json; charset=utf-8"
	asStream = "text/event-stream"
)

func TestReadAnswer(t *testing.T) {
	hello := Answer{Model: "gpt-4o-2024-08-06", Text: "Hello there", End: Stop, Usage: Usage{Known: true, Input: 9, Output: 7, Cached: 4, Reasoning: 5}}
	call := Answer{Model: "claude-haiku-4-5-20251001", Text: "Hello there", Calls: []Call{{"f", `{"a":1.50}`}}, End: ToolCalls,
		Usage: Usage{Known: true, Input: 9, Output: 7, Cached: 4, Written: 2, Reasoning: 5}}
	for _, row := range []struct {
		api  API
		as   string
		body string
		want Answer
	}{
		{Chat, asJSON, chatWhole, hello}, {Chat, asStream, chatEvents, hello},
		{Chat, asStream, strings.ReplaceAll(chatEvents, "\n", "\r\n"), hello}, {Chat, asStream, "\ufeff" + strings.ReplaceAll(chatEvents, "data: ", "data:"), hello},
		{Messages, asJSON, messageWhole, call}, {Messages, asStream, messageEventList, call},
	} {
		a, err := ReadAnswer(row.api, row.as, []byte(row.body))
		require.NoError(t, err, row.body)
		require.Equal(t, &row.want, a)
	}
	// Nobody asked for the usage, and it is not known.
	a, err := ReadAnswer(Chat, asStream, []byte(without(t, chatEvents, `"choices":[],"usage":{`)))
	require.NoError(t, err)
	require.Equal(t, Usage{}, a.Usage)
	_, err = a.Marshal()
	require.Equal(t, NoUsage, reasonOf(t, err))
	// The output that message_start tells is the first token's.
	a, err = ReadAnswer(Messages, asStream, []byte(strings.Replace(messageEventList, `"usage":{"output_tokens":7,"output_tokens_details":{"thinking_tokens":5}}`, `"usage":{}`, 1)))
	require.NoError(t, err)
	require.Equal(t, Usage{}, a.Usage)
	// Reasoning that is in the total alone is output.
	a, err = ReadAnswer(Chat, asJSON, []byte(strings.Replace(chatWhole, `"total_tokens":16`, `"total_tokens":116`, 1)))
	require.NoError(t, err)
	require.EqualValues(t, 107, a.Usage.Output)
	// A call that takes nothing may have no arguments.
	a, err = ReadAnswer(Messages, asStream, []byte(without(t, without(t, messageEventList, `{\"a\"`), `50}`)))
	require.NoError(t, err)
	require.Equal(t, "{}", a.Calls[0].Arguments)
}

// without is a stream without the one event that has a text.
func without(t *testing.T, stream, text string) string {
	t.Helper()
	var out string
	events := strings.SplitAfter(stream, "\n\n")
	for _, ev := range events {
		if !strings.Contains(ev, text) {
			out += ev
		}
	}
	require.Len(t, strings.SplitAfter(out, "\n\n"), len(events)-1, text)
	return out
}

// TestRefusedAnswers edits an answer that is taken, once each.
func TestRefusedAnswers(t *testing.T) {
	seen := map[Reason]bool{NoUsage: true} // TestReadAnswer
	refused := func(want Reason, api API, as, body string) {
		t.Helper()
		a, err := ReadAnswer(api, as, []byte(body))
		require.Error(t, err, body)
		require.Nil(t, a)
		require.Equal(t, want, reasonOf(t, err), "%v: %s", err, body)
		seen[want] = true
	}
	for _, as := range []string{"", "text/html", "text/plain", "application/jsonx", ";"} {
		refused(ContentType, Chat, as, chatWhole)
	}
	refused(Malformed, Chat, asJSON, chatEvents)
	refused(Incomplete, Chat, asStream, chatWhole)
	refused(Incomplete, Chat, asStream, "")
	refused(Incomplete, Chat, asStream, chatEvents+"data: {")
	refused(Incomplete, Messages, asStream, messageEventList+"event: error")

	edit := func(api API, as, body string, edits [][3]string) {
		t.Helper()
		for _, e := range edits {
			require.Equal(t, 1, strings.Count(body, e[1]), e[1])
			refused(Reason(e[0]), api, as, strings.Replace(body, e[1], e[2], 1))
		}
	}
	edit(Chat, asJSON, chatWhole, [][3]string{
		{"error", `{"id"`, `{"error":{"message":"no"},"id"`}, {"malformed", `"object"`, `"id":"2","object"`}, {"malformed", `"model":"gpt-4o-2024-08-06",`, ``}, {"malformed", `"gpt-4o-2024-08-06"`, `7`},
		{"choices", `"choices":[{`, `"choices":[{"index":1},{`}, {"choices", `"choices":`, `"choiced":`}, {"malformed", `"message":{`, `"msg":{`},
		{"malformed", `"role":"assistant"`, `"role":"user"`}, {"refusal", `"refusal":null`, `"refusal":"I cannot"`}, {"unknown_content", `"annotations":[]`, `"annotations":[{"type":"url_citation"}]`}, {"unknown_content", `"annotations":[]`, `"audio":{"id":"a"}`},
		{"unknown_content", `"annotations":[]`, `"reasoning_content":"hm"`}, {"unknown_content", `"annotations":[]`, `"function_call":{"name":"f"}`}, {"unknown_content", `"annotations":[]`, `"unheard_of":1`},
		{"unknown_content", `"Hello there"`, `[{"type":"text","text":"Hello there"}]`}, {"unknown_content", `"logprobs":null`, `"logprobs":{"content":[{}]}`}, {"unknown_content", `"service_tier"`, `"citations":["https://example.com"],"service_tier"`},
		{"length", `"finish_reason":"stop"`, `"finish_reason":"length"`}, {"refusal", `"finish_reason":"stop"`, `"finish_reason":"content_filter"`}, {"finish", `"finish_reason":"stop"`, `"finish_reason":"function_call"`}, {"finish", `"finish_reason":"stop"`, `"finish_reason":"tool_calls"`},
		{"error", `"finish_reason":"stop"`, `"finish_reason":"error"`}, {"incomplete", `"finish_reason":"stop"`, `"finish_reason":null`}, {"empty", `"Hello there"`, `""`}, {"empty", `"Hello there"`, `" \n"`}, {"empty", `"Hello there"`, `null`},
		{"arguments", `"annotations":[]`, `"tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{\"a\":"}}]`}, {"arguments", `"annotations":[]`, `"tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"[]"}}]`},
		{"arguments", `"annotations":[]`, `"tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{\"a\":1,\"a\":2}"}}]`}, {"unknown_content", `"annotations":[]`, `"tool_calls":[{"id":"1","type":"custom","custom":{"name":"f","input":"x"}}]`},
		{"malformed", `"annotations":[]`, `"tool_calls":[{"id":"1","type":"function","function":{"arguments":"{}"}}]`}, {"malformed", `"annotations":[]`, `"tool_calls":{"a":1}`}, {"malformed", `"Hello there"`, `"\ud800"`}, {"malformed", `"prompt_tokens":9`, `"prompt_tokens":-9`},
		{"malformed", `"completion_tokens":7`, `"completion_tokens":1e9999`},
	})
	edit(Chat, asStream, chatEvents, [][3]string{
		{"incomplete", "data: [DONE]\n\n", ""}, {"incomplete", "data: [DONE]\n\n", "data: [DONE]\n"}, {"malformed", "data: [DONE]\n\n", "data: [DONE]\n\ndata: {}\n\n"}, {"incomplete", `"finish_reason":"stop"`, `"finish_reason":null`},
		{"malformed", ": keep-alive", `data: {"choices":`}, {"error", ": keep-alive", `data: {"error":{"message":"overloaded"}}`}, {"error", ": keep-alive", "event: error\ndata: {\"message\":\"overloaded\"}"}, {"choices", ": keep-alive", `data: {"choices":[{"index":1,"delta":{"content":"b"}}]}`},
		{"choices", ": keep-alive", `data: {"choices":[{"index":0,"delta":{}},{"index":0,"delta":{}}]}`}, {"unknown_content", ": keep-alive", `data: {"choices":[{"index":0,"delta":{"reasoning":"hm"}}]}`}, {"malformed", ": keep-alive", `data: {"choices":[{"index":0,"delta":{"role":"tool"}}]}`},
		{"malformed", ": keep-alive", `data: {"choices":[{"index":0,"delta":"x"}]}`}, {"malformed", ": keep-alive", `data: []`}, {"malformed", `"delta":{"content":" there"},"logprobs":null,"finish_reason":null`, `"delta":{"content":" there"},"logprobs":null,"finish_reason":"tool_calls"`},
	})
	edit(Chat, asStream, chatEvents, [][3]string{
		{"length", `"finish_reason":"stop"`, `"finish_reason":"length"`},
		{"malformed", ": keep-alive", `data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"1","function":{"name":"f","arguments":""}}]}}]}`},
		{"malformed", ": keep-alive", `data: {"choices":[{"index":0,"delta":{"tool_calls":[{"id":"1","function":{"name":"f","arguments":""}}]}}]}`},
		{"unknown_content", ": keep-alive", `data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"1","function":{"name":"f","arguments":""}}]}}]}`}, // a text follows
		{"malformed", ": keep-alive", `data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"1","function":{"name":"f","arguments":""}},{"index":0,"function":{"name":"g"}}]}}]}`},
		{"malformed", ": keep-alive", `data: {"x":"` + strings.Repeat("x", 2<<20) + `"}`},
		{"malformed", `"finish_reason":"stop"}],"usage":null}`, `"finish_reason":"stop"}],"usage":null}` + "\n\n" + `data: {"choices":[{"index":0,"delta":{"content":"!"}}]}`},
		{"malformed", `"finish_reason":"stop"}],"usage":null}`, `"finish_reason":"stop"}],"usage":null}` + "\n\n" + `data: {"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}`},
	})
	edit(Messages, asJSON, messageWhole, [][3]string{
		{"error", `"type":"message"`, `"type":"error"`}, {"malformed", `"type":"message"`, `"type":"letter"`}, {"malformed", `"role":"assistant"`, `"role":"user"`}, {"malformed", `"content":[`, `"content2":[`}, {"unknown_content", `"container":null`, `"container":{"id":"c"}`},
		{"unknown_content", `{"type":"text",`, `{"type":"thinking","thinking":"hm","signature":"x"},{"type":"text",`}, {"unknown_content", `{"type":"text",`, `{"type":"server_tool_use","id":"s"},{"type":"text",`}, {"unknown_content", `"citations":null`, `"citations":[{}]`},
		{"unknown_content", `{"type":"tool_use"`, `{"type":"text","text":"more"},{"type":"tool_use"`}, {"unknown_content", `"caller":{"type":"direct"}}`, `"caller":{"type":"code_execution_20250825"}}`}, {"unknown_content", `"caller":{"type":"direct"}}`, `"toolset_name":"x"}`},
		{"unknown_content", `"caller":{"type":"direct"}}`, `"caller":{"type":"direct"}},{"type":"text","text":"more"}`}, {"arguments", `{ "a": 1.50 }`, `[]`}, {"malformed", `"name":"f"`, `"name":""`}, {"malformed", `"text":"Hello there"`, `"text":null`}, {"malformed", `{"type":"text",`, `{"type":null},{"type":"text",`},
		{"length", `"stop_reason":"tool_use"`, `"stop_reason":"max_tokens"`}, {"length", `"stop_reason":"tool_use"`, `"stop_reason":"model_context_window_exceeded"`}, {"refusal", `"stop_reason":"tool_use"`, `"stop_reason":"refusal"`}, {"finish", `"stop_reason":"tool_use"`, `"stop_reason":"pause_turn"`},
		{"finish", `"stop_reason":"tool_use"`, `"stop_reason":"end_turn"`}, {"incomplete", `"stop_reason":"tool_use"`, `"stop_reason":null`}, {"malformed", `"output_tokens":7`, `"output_tokens":"7"`},
	})
	stop := "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"
	edit(Messages, asStream, messageEventList, [][3]string{
		{"incomplete", stop, ""}, {"incomplete", stop, stop[:len(stop)-1]}, {"malformed", stop, stop + stop}, {"error", stop, "event: error\ndata: {\"type\":\"error\",\"error\":{}}\n\n"}, {"error", "event: ping\ndata: {\"type\": \"ping\"}", "data: {\"type\":\"error\"}"},
		{"malformed", "event: ping\ndata: {\"type\": \"ping\"}", "event: ping\ndata: {\"type\":\"message_stop\"}"}, {"unknown_content", "event: ping\ndata: {\"type\": \"ping\"}", "event: unheard_of\ndata: {}"}, {"malformed", "event: ping\ndata: {\"type\": \"ping\"}", "event: message_stop\ndata: {}"},
		{"unknown_content", `{"type":"text_delta","text":" there"}`, `{"type":"citations_delta","citation":{}}`}, {"unknown_content", `{"type":"text_delta","text":" there"}`, `{"type":"input_json_delta","partial_json":"{}"}`}, {"malformed", `"index":0,"delta":{"type":"text_delta","text":" there"}`, `"index":1,"delta":{"type":"text_delta","text":" there"}`},
		{"malformed", `"index":1,"content_block"`, `"index":2,"content_block"`}, {"unknown_content", `"content_block":{"type":"text","text":""}`, `"content_block":{"type":"thinking","thinking":""}`}, {"unknown_content", `"name":"f","input":{}`, `"name":"f","input":{"b":1}`},
		{"arguments", `50}"`, `50"`}, {"length", `"stop_reason":"tool_use"`, `"stop_reason":"max_tokens"`}, {"malformed", `"content":[],`, `"content":[{"type":"text","text":"x"}],`}, {"malformed", "data: {\"type\":\"content_block_stop\",\"index\":0}\n\n", "data: {\"type\":\"content_block_stop\",\"index\":0}\n\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n"},
	})
	for _, r := range reasons {
		require.Equal(t, r.of != "request", seen[r.reason], r.reason)
	}
}

// TestCutAnswers: no beginning of an answer is taken for the answer.
func TestCutAnswers(t *testing.T) {
	for _, row := range []struct {
		api      API
		as, body string
	}{{Chat, asJSON, chatWhole}, {Chat, asStream, chatEvents}, {Messages, asJSON, messageWhole}, {Messages, asStream, messageEventList}} {
		for n := range len(row.body) {
			_, err := ReadAnswer(row.api, row.as, []byte(row.body[:n]))
			require.Error(t, err, "%s up to byte %d", row.as, n)
		}
	}
}

// TestDeliveries: what the mock provider says is read as the same, whole or streamed, in
// the one API or the other.
func TestDeliveries(t *testing.T) {
	for name, answer := range map[string]string{
		"words": `{tokens: 40, reasoning: 3, cached: 2}`,
		"text":  `{text: "Zürich lies — as 漢字 do — in\n\nmany lines; \"quoted\" \\ and 😀.", cache_write: 3}`,
		"calls": `{tools: [{name: get_weather, arguments: {city: Zürich, days: 1.50}}, {name: get_time, arguments: {}}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			provider, err := mock.New(mock.Options{Script: "defaults: {pace: {}}\nrules: [{answer: " + answer + "}]"})
			require.NoError(t, err)
			var all []*Answer
			for _, stream := range []string{"false", "true"} {
				for api, body := range map[API]string{
					Chat:     `{"model":"m","messages":[{"role":"user","content":"hello"}],"stream":` + stream + `,"stream_options":{"include_usage":true},"tools":[{"type":"function","function":{"name":"get_weather"}},{"type":"function","function":{"name":"get_time"}}]}`,
					Messages: `{"model":"m","max_tokens":1000,"messages":[{"role":"user","content":"hello"}],"stream":` + stream + `,"tools":[{"name":"get_weather","input_schema":{"type":"object"}},{"name":"get_time","input_schema":{"type":"object"}}]}`,
				} {
					path := "/v1/chat/completions"
					if api == Messages {
						path = "/v1/messages"
					} else if stream == "false" {
						body = strings.Replace(body, `,"stream_options":{"include_usage":true}`, "", 1)
					}
					q := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(body))
					q.Header.Set("authorization", "Bearer k")
					q.Header.Set("x-api-key", "k")
					q.Header.Set("anthropic-version", "2023-06-01")
					w := httptest.NewRecorder()
					provider.ServeHTTP(w, q)
					got, err := io.ReadAll(w.Result().Body)
					require.NoError(t, err)
					require.Equal(t, http.StatusOK, w.Code, "%s", got)
					a, err := ReadAnswer(api, w.Header().Get("content-type"), got)
					require.NoError(t, err, "%s", got)
					require.True(t, a.Usage.Known)
					a.Usage.Reasoning = 0 // the mock's messages do not say it
					a.Usage.Input = 0     // and it counts their requests, which are two
					a.Usage.Cached, a.Usage.Written = 0, 0
					all = append(all, a)
				}
			}
			for _, a := range all[1:] {
				require.Equal(t, all[0], a)
			}
		})
	}
}

// TestPieces: the cuts are in front of spaces, or within what has none, and never in a
// character.
func TestPieces(t *testing.T) {
	require.Equal(t, []string{"The", " answer", " is", "\n\n42."}, pieces("The answer is\n\n42."))
	require.Equal(t, []string{"  a", " \u00a0"}, pieces("  a \u00a0"))
	require.Equal(t, []string{"漢字漢字漢字漢字", "漢字"}, pieces("漢字漢字漢字漢字漢字"))
	require.Empty(t, pieces(""))
}
