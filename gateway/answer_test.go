package gateway_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"
)

const messages = "/v1/messages"

// transcript is a streamed answer and what has to become of it.
type transcript struct {
	name, path, request string
	upstream            string
	client              string // what the client gets; "" = what the upstream sent
	contains            []string
	lacks               []string
	end, source, reason string
	input, output       int64 // -1 = as counted, whatever that is
}

const (
	chunk1 = `data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"gpt-4o","choices":[{"index":0,"delta":{"role":"assistant","content":"Grüße"},"finish_reason":null}]`
	chunk2 = `data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"gpt-4o","choices":[{"index":0,"delta":{"content":" aus 東京"},"finish_reason":null}]`
	chunk3 = `data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"gpt-4o","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]`
	usage1 = `data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"gpt-4o","choices":[],"usage":{"prompt_tokens":11,"completion_tokens":7,"total_tokens":18,"prompt_tokens_details":{"cached_tokens":4}}}` + "\n\n"
	null   = `,"usage":null}` + "\n\n"
	end    = "}\n\n"
	done   = "data: [DONE]\n\n"

	asksNot = `{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"stream":true,"max_tokens":50}`
	asks    = `{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"stream":true,"max_tokens":50,"stream_options":{"include_usage":true}}`
	claude  = `{"model":"claude-haiku-4-5","messages":[{"role":"user","content":"hi"}],"stream":true,"max_tokens":50}`

	claudeStart = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m1\",\"model\":\"claude-haiku-4-5\",\"usage\":{\"input_tokens\":9,\"cache_read_input_tokens\":100,\"cache_creation_input_tokens\":20,\"output_tokens\":1}}}\n\n" +
		"event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n" +
		"event: ping\ndata: {\"type\": \"ping\"}\n\n"
	claudeText = "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Hello there\"}}\n\n"
	claudeEnd  = "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n" +
		"event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":5}}\n\n" +
		"event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"
)

var transcripts = []transcript{
	{
		name: "usage that the client did not ask for is taken out", path: chat, request: asksNot,
		upstream: chunk1 + null + chunk2 + null + chunk3 + null + usage1 + done,
		client:   chunk1 + end + chunk2 + end + chunk3 + end + done,
		end:      "complete", source: "provider", input: 11, output: 7,
	},
	{
		name: "usage that it asked for stays, framing included", path: chat, request: asks,
		upstream: strings.ReplaceAll(": hello\n\n"+chunk1+null+chunk3+null+usage1+done, "\n", "\r\n"),
		end:      "complete", source: "provider", input: 11, output: 7,
	},
	{
		name: "what is taken out has its whole line end with it", path: chat, request: asksNot,
		upstream: strings.ReplaceAll(chunk1+null+chunk3+null+usage1+done, "\n", "\r\n"),
		client:   strings.ReplaceAll(chunk1+end+chunk3+end+done, "\n", "\r\n"),
		end:      "complete", source: "provider", input: 11, output: 7,
	},
	{
		name: "no usage: counted", path: chat, request: asksNot,
		upstream: chunk1 + end + chunk2 + end + chunk3 + end + done,
		end:      "complete", source: "counted", input: -1, output: -1,
	},
	{
		name: "ends without a finish", path: chat, request: asksNot,
		upstream: chunk1 + null + chunk2 + null,
		contains: []string{"Grüße", "東京", `data: {"error":{"message":"the provider ended the stream before the answer was finished`},
		lacks:    []string{"[DONE]", `"finish_reason":"`}, end: "error", source: "counted", reason: "truncated", input: -1, output: -1,
	},
	{
		name: "ends in the middle of an event", path: chat, request: asksNot,
		upstream: chunk1 + null + chunk2[:60],
		contains: []string{"Grüße", `data: {"error":`},
		lacks:    []string{"[DONE]", "東京"}, end: "error", source: "counted", reason: "truncated", input: -1, output: -1,
	},
	{
		name: "an event that is not JSON", path: chat, request: asksNot,
		upstream: chunk1 + null + "data: {\"id\":\"c1\",\"choi\n\n" + chunk3 + null + done,
		contains: []string{"Grüße", `data: {"error":`},
		lacks:    []string{"[DONE]", "choi\n"}, end: "error", source: "counted", reason: "malformed_event", input: -1, output: -1,
	},
	{
		name: "the provider's own error event", path: chat, request: asksNot,
		upstream: chunk1 + null + "data: {\"error\":{\"message\":\"overloaded\",\"type\":\"server_error\"}}\n\n",
		contains: []string{"Grüße", "overloaded"},
		lacks:    []string{"[DONE]"}, end: "error", source: "counted", reason: "error_event", input: -1, output: -1,
	},
	{
		name: "Anthropic", path: messages, request: claude, upstream: claudeStart + claudeText + claudeEnd,
		end: "complete", source: "provider", input: 129, output: 5,
	},
	{
		name: "Anthropic broken off", path: messages, request: claude, upstream: claudeStart + claudeText,
		contains: []string{"Hello there", "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"api_error\""},
		lacks:    []string{"message_stop", "stop_reason"}, end: "error", source: "counted", reason: "truncated", input: 129, output: -1,
	},
}

// A stream gives the same result for every way of cutting its bytes.
func TestStreams(t *testing.T) {
	for _, row := range transcripts {
		t.Run(row.name, func(t *testing.T) {
			run := func(pieces ...string) (string, record) {
				w := newWorld(t, monthly)
				c := w.post(row.path, row.request).respond("200", "text/event-stream").stream(true, pieces...)
				return c.client.String(), c.done()
			}
			client, r := run(row.upstream)
			if row.contains == nil {
				want := row.client
				if want == "" {
					want = row.upstream
				}
				require.Equal(t, want, client)
			}
			for _, s := range row.contains {
				require.Contains(t, client, s)
			}
			for _, s := range row.lacks {
				require.NotContains(t, client, s)
			}
			require.Equal(t, row.end, r.End)
			require.Equal(t, row.source, r.Tokens.Source)
			require.Equal(t, row.reason, r.Attempts[0].Reason)
			if row.input >= 0 {
				require.Equal(t, row.input, r.Tokens.Input)
			}
			if row.output >= 0 {
				require.Equal(t, row.output, r.Tokens.Output)
			} else {
				require.Positive(t, r.Tokens.Output)
			}
			settled, err := r.Budgets[0].Settled.Int64()
			require.NoError(t, err)
			require.Equal(t, r.Tokens.Input+r.Tokens.Output, settled)

			same := func(pieces ...string) {
				gotClient, got := run(pieces...)
				require.Equal(t, client, gotClient)
				require.Equal(t, r.Tokens, got.Tokens)
				require.Equal(t, r.Budgets, got.Budgets)
				require.Equal(t, r.End, got.End)
			}
			same(strings.Split(row.upstream, "")...)
			step := 1
			if testing.Short() {
				step = 7
			}
			for at := 1; at < len(row.upstream); at += step {
				same(row.upstream[:at], row.upstream[at:])
			}
			same(row.upstream, "") // the end comes by itself
		})
	}
}

// Nothing is held back, and what needs no change is not copied back.
func TestNothingIsHeldBack(t *testing.T) {
	w := newWorld(t, monthly)
	c := w.post(chat, asks).respond("200", "text/event-stream")
	sent := ""
	for _, piece := range []string{chunk1 + null, chunk2 + null, chunk3 + null, usage1, done} {
		c.stream(false, piece)
		sent += piece
		require.Equal(t, sent, c.client.String())
	}
	c.stream(true, "")
	require.Zero(t, c.replaced)
}

// An error event in place of an answer costs what an error status costs.
func TestErrorEventFirst(t *testing.T) {
	for path, stream := range map[string][2]string{
		chat:     {asksNot, "data: {\"error\":{\"message\":\"overloaded\"}}\n\n"},
		messages: {claude, claudeStart + "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n"},
	} {
		w := newWorld(t, monthly)
		c := w.post(path, stream[0]).respond("200", "text/event-stream").stream(true, stream[1])
		require.Equal(t, stream[1], c.client.String())
		r := c.done()
		require.Equal(t, "error", r.End)
		require.Equal(t, "error_event", r.Attempts[0].Reason)
		require.Equal(t, "none", r.Tokens.Source)
		require.Equal(t, int64(100000), w.left())
	}
}

// A whole answer that its upstream breaks off costs its input and what came of it.
func TestAnswerBrokenOff(t *testing.T) {
	w := newWorld(t, monthly)
	c := w.post(chat, `{"model":"gpt-4o","messages":[],"max_tokens":50}`).respond("200", "application/json")
	c.stream(false, `{"choices":[{"message":{"content":"One two three four`)
	report := c.request.Done(w.now, true)
	require.EqualValues(t, 4, gjson.GetBytes(report.Record, "tokens.output").Int())
	require.Equal(t, "error", gjson.GetBytes(report.Record, "end").Str)
}

func TestCut(t *testing.T) {
	many := func(n int, chunk string) string { return strings.Repeat(chunk, n) }
	t.Run("OpenAI", func(t *testing.T) {
		w := newWorld(t, providers+"budgets: [{name: b, unit: tokens, limit: 60, calendar: month}]\n")
		c := w.post(chat, `{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"stream":true,"stream_options":{"include_usage":true}}`)
		c.respond("200", "text/event-stream").stream(false, many(100, chunk2+null))
		events := strings.Split(strings.TrimSpace(c.client.String()), "\n\n")
		last := events[len(events)-3:]
		require.Equal(t, "length", gjson.Get(last[0][6:], "choices.0.finish_reason").Str)
		require.Equal(t, "data: [DONE]", last[2])
		used := gjson.Get(last[1][6:], "usage")
		require.Positive(t, used.Get("completion_tokens").Int())
		require.LessOrEqual(t, used.Get("total_tokens").Int(), int64(60))
		before := c.client.String()

		c.stream(false, many(100, chunk2+null))
		require.Equal(t, before, c.client.String(), "what comes after the end is swallowed")
		require.False(t, c.closed)
		w.now += 5001
		c.stream(false, chunk2+null)
		require.True(t, c.closed, "but not for ever")
		r := c.done()
		require.Equal(t, "cut", r.End)
		require.NotNil(t, w.post(chat, asksNot).reply, "nothing is left")
	})
	t.Run("Anthropic", func(t *testing.T) {
		w := newWorld(t, providers+"budgets: [{name: b, unit: tokens, limit: 60, calendar: month}]\n")
		c := w.post(messages, `{"model":"claude-haiku-4-5","messages":[{"role":"user","content":"hi"}],"stream":true,"max_tokens":10}`)
		require.Nil(t, c.reply, c.replyBody())
		c.respond("200", "text/event-stream").stream(false, claudeStart+many(200, claudeText))
		require.True(t, strings.HasSuffix(c.client.String(), "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"))
		require.Contains(t, c.client.String(), `"stop_reason":"max_tokens"`)
		require.Contains(t, c.client.String(), "event: content_block_stop")
		c.stream(true, claudeText)
		require.Equal(t, "cut", c.done().End)
	})
	t.Run("an answer that runs over its cap goes on while there is budget", func(t *testing.T) {
		w := newWorld(t, monthly)
		c := w.post(chat, `{"model":"gpt-4o","messages":[],"stream":true,"max_tokens":5}`)
		c.respond("200", "text/event-stream").stream(true, many(300, chunk2+null), chunk3+null, done)
		require.NotContains(t, c.client.String(), "length")
		r := c.done()
		require.Equal(t, "complete", r.End)
		require.Equal(t, int64(100000)-r.Tokens.Input-r.Tokens.Output, w.left())
	})
	t.Run("cutoff: false", func(t *testing.T) {
		w := newWorld(t, providers+"budgets: [{name: b, unit: tokens, limit: 60, calendar: month}]\nbudget: {cutoff: false}\n")
		c := w.post(chat, `{"model":"gpt-4o","messages":[],"stream":true,"max_tokens":5}`)
		c.respond("200", "text/event-stream").stream(true, many(100, chunk2+null), chunk3+null, done)
		require.NotContains(t, c.client.String(), "length")
		require.Equal(t, "complete", c.done().End)
	})
}

func TestAnswers(t *testing.T) {
	const request = `{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"max_tokens":50}`
	for _, row := range []struct {
		why, status, contentType, encoding, body string
		end, source, reason, failure             string
		settled                                  int64 // -1 = what was reserved, -2 = as counted
		client                                   string
	}{
		{why: "usage", status: "200", body: `{"choices":[{"message":{"content":"Hi"}}],"usage":{"prompt_tokens":8,"completion_tokens":1}}`, end: "complete", source: "provider", settled: 9},
		{why: "zero means zero", status: "200", body: `{"choices":[{"message":{"content":"Hi"}}],"usage":{"prompt_tokens":0,"completion_tokens":0}}`, end: "complete", source: "provider", settled: 0},
		{why: "null", status: "200", body: `{"choices":[{"message":{"content":"Hi"}}],"usage":null}`, end: "complete", source: "counted", failure: "usage_missing", settled: -2},
		{why: "none", status: "200", body: `{"choices":[{"message":{"content":"Hi"}}]}`, end: "complete", source: "counted", failure: "usage_missing", settled: -2},
		{why: "not JSON", status: "200", body: `{"choices":`, end: "error", source: "reserved", reason: "invalid_output", failure: "unreadable_answer", settled: -1},
		{why: "an error under 200", status: "200", body: `{"error":{"message":"no"}}`, end: "error", source: "none", reason: "error_body", settled: 0},
		{why: "compressed after all", status: "200", encoding: "gzip", body: "\x1f\x8b", end: "complete", source: "reserved", failure: "unreadable_answer", settled: -1},
		{why: "of another type", status: "200", contentType: "text/html", body: "<p>", end: "complete", source: "reserved", failure: "unreadable_answer", settled: -1},
		{why: "400", status: "400", body: `{"error":{"message":"bad"}}`, end: "error", source: "none", reason: "rejected", settled: 0},
		{why: "429", status: "429", body: `{"error":{"message":"slow"}}`, end: "error", source: "none", reason: "rate_limited", settled: 0},
		{why: "500", status: "500", body: `{"error":{"message":"oops"}}`, end: "error", source: "none", reason: "unavailable", settled: 0},
		{why: "the proxy's own words", status: "503", contentType: "text/plain", body: "upstream connect error", end: "error", source: "none", reason: "unavailable", settled: 0,
			client: `{"error":{"message":"provider \"openai\" answered 503 (request id-1)","type":"server_error","param":null,"code":"upstream_unavailable"}}`},
		{why: "our own key refused", status: "401", body: `{"error":{"message":"Incorrect API key provided: sk-ours"}}`, end: "error", source: "none", reason: "rejected", settled: 0,
			client: `{"error":{"message":"provider \"openai\" refused the gateway's credential (request id-1)","type":"server_error","param":null,"code":"upstream_credential_refused"}}`},
	} {
		t.Run(row.why, func(t *testing.T) {
			for _, cut := range []int{0, 1, len(row.body) / 2} {
				w := newWorld(t, monthly)
				contentType := row.contentType
				if contentType == "" {
					contentType = "application/json; charset=utf-8"
				}
				c := w.post(chat, request).respond(row.status, contentType, "content-encoding", row.encoding)
				c.stream(true, row.body[:cut], row.body[cut:])
				want := row.client
				if want == "" {
					want = row.body
				}
				require.Equal(t, want, c.client.String())
				require.Equal(t, "id-1", c.seen["x-sluice-id"])
				require.Equal(t, "openai", c.seen["x-sluice-provider"])
				r := c.done()
				require.Equal(t, row.end, r.End)
				require.Equal(t, row.source, r.Tokens.Source)
				require.Equal(t, row.reason, r.Attempts[0].Reason)
				require.Equal(t, row.failure, r.Failure)
				settled, _ := r.Budgets[0].Settled.Int64()
				reserved, _ := r.Budgets[0].Reserved.Int64()
				switch row.settled {
				case -1:
					require.Equal(t, reserved, settled)
				case -2:
					require.Positive(t, settled)
					require.Less(t, settled, reserved)
				default:
					require.Equal(t, row.settled, settled)
				}
				require.Equal(t, 100000-settled, w.left())
			}
		})
	}
}

// An answer over the limit is passed on unread.
func TestAnswerTooLarge(t *testing.T) {
	w := newWorld(t, monthly+"limits: {response_body: 1KiB}\n")
	body := `{"text":"` + strings.Repeat("x", 2000) + `"}`
	c := w.post(chat, asksNot).respond("200", "application/json").stream(true, body[:500], body[500:1500], body[1500:])
	require.Equal(t, body, c.client.String())
	r := c.done()
	require.Equal(t, "answer_too_large", r.Failure)
	require.Equal(t, "reserved", r.Tokens.Source)
}
