package gateway_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"
)

const (
	respond = "/v1/responses"

	asksResponse = `{"model":"gpt-4o","input":"hi","stream":true,"max_output_tokens":50}`

	respCreated = "event: response.created\ndata: {\"type\":\"response.created\",\"sequence_number\":0,\"response\":{\"id\":\"resp_1\",\"created_at\":17,\"model\":\"gpt-4o\",\"status\":\"in_progress\",\"error\":null,\"usage\":null}}\n\n" +
		"event: response.output_item.added\ndata: {\"type\":\"response.output_item.added\",\"sequence_number\":1,\"output_index\":0,\"item\":{\"id\":\"msg_1\",\"type\":\"message\",\"status\":\"in_progress\",\"role\":\"assistant\",\"content\":[]}}\n\n"
	respText   = "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"sequence_number\":2,\"item_id\":\"msg_1\",\"output_index\":0,\"content_index\":0,\"delta\":\"Hello there\"}\n\n"
	respDone   = "event: response.completed\ndata: {\"type\":\"response.completed\",\"sequence_number\":3,\"response\":{\"id\":\"resp_1\",\"status\":\"completed\",\"error\":null,\"usage\":" + respUsage + "}}\n\n"
	respFailed = "event: response.failed\ndata: {\"type\":\"response.failed\",\"sequence_number\":3,\"response\":{\"id\":\"resp_1\",\"status\":\"failed\",\"error\":{\"code\":\"server_error\",\"message\":\"m\"},\"usage\":null}}\n\n"
	respUsage  = `{"input_tokens":8,"input_tokens_details":{"cached_tokens":4},"output_tokens":5,"output_tokens_details":{"reasoning_tokens":2},"total_tokens":13}`
)

func init() {
	transcripts = append(transcripts,
		transcript{
			name: "a response", path: respond, request: asksResponse,
			upstream: respCreated + respText + respDone,
			end:      "complete", source: "provider", input: 8, output: 5,
		},
		transcript{
			name: "a response that reached its cap", path: respond, request: asksResponse,
			upstream: respCreated + respText + strings.ReplaceAll(respDone, "completed", "incomplete"),
			end:      "complete", source: "provider", input: 8, output: 5,
		},
		transcript{
			name: "a response without usage", path: respond, request: asksResponse,
			upstream: respCreated + respText + strings.Replace(respDone, respUsage, "null", 1),
			end:      "complete", source: "counted", input: 8, output: -1,
		},
		transcript{
			name: "a response that ends before it is complete", path: respond, request: asksResponse,
			upstream: respCreated + respText,
			contains: []string{"Hello there", "event: error\ndata: {\"type\":\"error\",\"code\":\"upstream_broken\",\"message\":\"the provider ended the stream before the answer was finished", `"param":null,"sequence_number":3}`},
			lacks:    []string{"response.incomplete", "[DONE]", `"error":{`},
			end:      "error", source: "counted", reason: "truncated", input: -1, output: -1,
		},
		transcript{
			name: "[DONE] does not complete a response", path: respond, request: asksResponse,
			upstream: respCreated + respText + done,
			contains: []string{"upstream_broken"},
			end:      "error", source: "counted", reason: "truncated", input: -1, output: -1,
		},
		transcript{
			name: "a response that fails", path: respond, request: asksResponse,
			upstream: respCreated + respText + respFailed,
			end:      "error", source: "counted", reason: "error_event", input: -1, output: -1,
		},
	)
}

func TestResponse(t *testing.T) {
	t.Run("whole", func(t *testing.T) {
		w := newWorld(t, monthly)
		c := w.post(respond, `{"model":"house","input":"hi","max_output_tokens":50}`)
		require.Equal(t, `{"model":"gpt-4o-mini","input":"hi","max_output_tokens":50}`, c.sent)
		body := `{"id":"resp_1","status":"completed","error":null,"output":[],"usage":` + respUsage + `}`
		c.respond("200", "application/json").stream(true, body[:20], body[20:])
		require.Equal(t, body, c.client.String())
		require.NotEmpty(t, c.seen["x-sluice-cost-usd"])
		r := c.done()
		require.Equal(t, "chat", r.Operation)
		require.Equal(t, "openai", r.Dialect)
		require.Equal(t, "complete", r.End)
		require.Equal(t, "provider", r.Tokens.Source)
		require.Equal(t, int64(4), r.Tokens.Cached)
		require.Equal(t, int64(2), r.Tokens.Reasoning)
		require.Equal(t, "58", r.Budgets[0].Reserved.String(), "8 tokens of input and the cap")
		require.Equal(t, int64(100000-13), w.left())
	})
	t.Run("failed", func(t *testing.T) {
		for usage, cost := range map[string]int64{"null": 0, respUsage: 13} {
			w := newWorld(t, monthly)
			body := `{"id":"resp_1","status":"failed","error":{"code":"server_error","message":"m"},"output":[],"usage":` + usage + `}`
			c := w.post(respond, asksResponse).respond("200", "application/json").stream(true, body)
			require.Equal(t, body, c.client.String())
			r := c.done()
			require.Equal(t, "error", r.End)
			require.Equal(t, "error_body", r.Attempts[0].Reason)
			require.Equal(t, 100000-cost, w.left())
		}
	})
	t.Run("failed before any content", func(t *testing.T) {
		for usage, cost := range map[string]int64{"null": 0, respUsage: 13} {
			w := newWorld(t, monthly)
			stream := respCreated + strings.Replace(respFailed, `"usage":null`, `"usage":`+usage, 1)
			c := w.post(respond, asksResponse).respond("200", "text/event-stream").stream(true, stream)
			require.Equal(t, stream, c.client.String())
			require.Equal(t, "error", c.done().End)
			require.Equal(t, 100000-cost, w.left())
		}
	})
	t.Run("refused", func(t *testing.T) {
		w := newWorld(t, monthly)
		c := w.post(respond, `{"model":"gpt-4o","input":"hi","max_output_tokens":100000}`)
		require.Equal(t, 429, c.reply.Status)
		require.Equal(t, "budget_exceeded", gjson.Get(c.replyBody(), "error.code").Str)
		c = w.post(respond, `{"model":"gpt-4o","input":"hi","background":true}`)
		require.Equal(t, 400, c.reply.Status)
		require.Equal(t, "background", gjson.Get(c.replyBody(), "error.param").Str)
		require.Equal(t, int64(100000), w.left())
	})
	t.Run("no cap", func(t *testing.T) {
		uncapped := `{"model":"gpt-4o","input":"hi"}`
		w := newWorld(t, strings.Replace(monthly, "100000", "108", 1))
		require.Equal(t, `{"max_output_tokens":100,"model":"gpt-4o","input":"hi"}`, w.post(respond, uncapped).sent)
		w = newWorld(t, strings.Replace(monthly, "100000", "24", 1))
		require.Equal(t, `{"max_output_tokens":16,"model":"gpt-4o","input":"hi"}`, w.post(respond, uncapped).sent)
		w = newWorld(t, strings.Replace(monthly, "100000", "23", 1))
		require.Equal(t, 429, w.post(respond, uncapped).reply.Status, "the provider takes no cap below 16")
	})
	t.Run("cut", func(t *testing.T) {
		w := newWorld(t, strings.Replace(monthly, "100000", "60", 1))
		c := w.post(respond, asksResponse).respond("200", "text/event-stream").stream(false, respCreated)
		for range 40 {
			c.stream(false, respText)
		}
		got := c.client.String()
		require.Contains(t, got, `"type":"response.output_item.done"`)
		last := got[strings.LastIndex(got, "data: ")+6:]
		require.Equal(t, "response.incomplete", gjson.Get(last, "type").Str)
		require.Equal(t, "max_output_tokens", gjson.Get(last, "response.incomplete_details.reason").Str)
		shown := strings.Count(got, `"delta":"Hello there"`)
		require.Equal(t, strings.Repeat("Hello there", shown), gjson.Get(last, "response.output.0.content.0.text").Str)
		c.stream(true, respDone)
		require.Equal(t, got, c.client.String())
		require.Equal(t, "cut", c.done().End)
	})
}

// What the provider keeps of the input is settled by what it reports, and teaches nothing
// about words.
func TestInputElsewhere(t *testing.T) {
	w := newWorld(t, monthly)
	body := `{"model":"mistral-large","input":"` + strings.Repeat("word ", 300) + `","max_output_tokens":20,"previous_response_id":"resp_0"}`
	first := reservedFor(t, w, respond, body)
	for range 30 {
		c := w.post(respond, body).respond("200", "application/json")
		c.stream(true, `{"status":"completed","output":[],"usage":{"input_tokens":3000,"output_tokens":5,"total_tokens":3005}}`)
		r := c.done()
		require.Equal(t, int64(3000), r.Tokens.Input)
		require.Equal(t, "3005", r.Budgets[0].Settled.String())
	}
	require.Equal(t, first, reservedFor(t, w, respond, body))
}

func TestModels(t *testing.T) {
	get := func(w *world, path string, more ...string) *call {
		return w.begin(path, append(more, ":method", "GET")...)
	}
	w := newWorld(t, monthly)
	names := []string{"claude-haiku-4-5", "claude-sonnet-4-5", "house", "local"}

	c := get(w, "/v1/models")
	require.Equal(t, 200, c.reply.Status)
	require.Equal(t, "list", gjson.Get(c.replyBody(), "object").Str)
	for i, m := range gjson.Get(c.replyBody(), "data").Array() {
		require.Equal(t, names[i], m.Get("id").Str, "in the policy's order")
		require.Equal(t, "model", m.Get("object").Str)
	}
	require.EqualValues(t, len(names), gjson.Get(c.replyBody(), "data.#").Int())
	require.NotContains(t, c.replyBody(), "gpt-4o", "the provider's names are its own")
	require.Equal(t, "id-1", c.replyHeader("x-sluice-id"))
	require.Nil(t, c.request.Done(w.now, false).Record)

	c = get(w, "/v1/models?limit=1000", "anthropic-version", "2023-06-01")
	require.Equal(t, names[3], gjson.Get(c.replyBody(), "last_id").Str)
	require.Equal(t, "house", gjson.Get(get(w, "/v1/models/house").replyBody(), "id").Str)
	c = get(w, "/v1/models/gpt-4o-mini")
	require.Equal(t, 404, c.reply.Status)
	require.Equal(t, "model_not_found", gjson.Get(c.replyBody(), "error.code").Str)
	c = get(w, "/v1/models/gpt-4o-mini", "anthropic-version", "2023-06-01")
	require.Equal(t, "not_found_error", gjson.Get(c.replyBody(), "error.type").Str)

	at := strings.Index(monthly, "models:")
	end := strings.Index(monthly, "default_provider:")
	w = newWorld(t, monthly[:at]+monthly[end:])
	c = get(w, "/v1/models")
	require.Nil(t, c.reply, "with no models in the policy they are the default provider's")
	require.Equal(t, "api.openai.com", c.headers[":authority"])
}
