package main_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"github.com/sluice-gateway/sluice/internal/wasmhost"
)

// dialects is a policy with a model that is served in two dialects.
var dialects = strings.Replace(several, `second: {dialect: openai`, `second: {dialect: anthropic`, 1)

const smallClaude = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m1\",\"model\":\"x\",\"usage\":{\"input_tokens\":3,\"output_tokens\":1}}}\n\n" +
	"event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n" +
	"event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"é\"}}\n\n" +
	"event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n" +
	"event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":2}}\n\n" +
	"event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"

// The second provider speaks another dialect than the client and the first. However its
// answer is cut, the client gets the same, in its own.
func TestFailoverToAnotherDialect(t *testing.T) {
	for _, row := range []struct{ name, ask, contentType, good string }{
		{"stream", asksStream, "text/event-stream", smallClaude},
		{"whole", asksOne, "application/json", `{"id":"m1","type":"message","role":"assistant","model":"x","content":[{"type":"text","text":"é"}],"stop_reason":"end_turn","usage":{"input_tokens":3,"output_tokens":2}}`},
	} {
		t.Run(row.name, func(t *testing.T) {
			var good wasmhost.Response
			c := startChain(t, dialects, map[string]wasmhost.Upstream{
				"first":  answers("500", "application/json", `{"error":{}}`),
				"second": func(wasmhost.Message) wasmhost.Response { return good },
			}, untraced)
			whole := ""
			try := func(end ending, cuts ...int) {
				good = wasmhost.Response{Headers: wasmhost.Headers{{":status", "200"}, {"content-type", row.contentType}},
					Body: bytesOf(pieces(row.good, cuts...)), EndWithLast: end.withLast, Trailers: end.trailers}
				c.asked = nil
				x := c.router.Exchange(post(chat, row.ask))
				require.Len(t, c.asked, 2)
				sent := c.asked[1]
				require.Equal(t, "/base/v1/messages", sent.Headers.Get(":path"))
				require.Equal(t, "sk-ant-ours", sent.Headers.Get("x-api-key"))
				require.False(t, sent.Headers.Has("authorization"))
				require.Equal(t, "2023-06-01", sent.Headers.Get("anthropic-version"))
				require.EqualValues(t, len(sent.Body()), gjson.Parse(sent.Headers.Get("content-length")).Int())
				require.True(t, gjson.ValidBytes(sent.Body()))
				require.Equal(t, 200, x.Edge.Client().Status(), "%s", x.Edge.Client().Body())
				require.True(t, x.Edge.Client().End, "cut at %v, %s", cuts, end.name)
				id := x.Edge.Client().Headers.Get("x-sluice-id")
				body := strings.ReplaceAll(string(x.Edge.Client().Body()), id, "ID")
				if whole == "" {
					whole = body
				}
				require.Equal(t, whole, body, "cut at %v, %s", cuts, end.name)
				rec := record(t, x.Edge)
				require.Equal(t, int64(5), gjson.Get(rec, "budgets.0.settled").Int(), rec)
				require.Equal(t, "complete", gjson.Get(rec, "end").Str)
			}
			try(ends[0])
			require.Contains(t, whole, `"content":"é"`)
			everyCut(len(row.good), 20, try)
			require.Empty(t, c.warnings())
		})
	}
}
