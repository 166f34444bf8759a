package dialect

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/anthropics/anthropic-sdk-go"
	anthropicoption "github.com/anthropics/anthropic-sdk-go/option"
	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/sse"
)

// serve answers every request with the same bytes.
func serve(t *testing.T, status int, headers [][2]string, body []byte) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for _, h := range headers {
			w.Header().Set(h[0], h[1])
		}
		w.WriteHeader(status)
		_, _ = w.Write(body)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

var eventStream = [][2]string{{"content-type", "text/event-stream"}}

func openAIClient(url string) openai.Client {
	return openai.NewClient(option.WithBaseURL(url+"/v1/"), option.WithAPIKey("k"), option.WithMaxRetries(0))
}

func anthropicClient(url string) anthropic.Client {
	return anthropic.NewClient(anthropicoption.WithBaseURL(url), anthropicoption.WithAPIKey("k"), anthropicoption.WithMaxRetries(0))
}

func chatStream(t *testing.T, body []byte) (*openai.ChatCompletionAccumulator, int, error) {
	client := openAIClient(serve(t, 200, eventStream, body))
	stream := client.Chat.Completions.NewStreaming(context.Background(), openai.ChatCompletionNewParams{
		Model: "gpt-4o", Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage("hi")},
	})
	acc, chunks := &openai.ChatCompletionAccumulator{}, 0
	for stream.Next() {
		chunks++
		require.True(t, acc.AddChunk(stream.Current()), "%s", body)
	}
	return acc, chunks, stream.Err()
}

func messageStream(t *testing.T, body []byte) (anthropic.Message, error) {
	client := anthropicClient(serve(t, 200, eventStream, body))
	stream := client.Messages.NewStreaming(context.Background(), anthropic.MessageNewParams{
		Model: "claude-haiku-4-5", MaxTokens: 64, Messages: []anthropic.MessageParam{anthropic.NewUserMessage(anthropic.NewTextBlock("hi"))},
	})
	message := anthropic.Message{}
	for stream.Next() {
		require.NoError(t, message.Accumulate(stream.Current()), "%s", body)
	}
	return message, stream.Err()
}

// cut follows a stream until after `seen` events, and puts an end in the place of the
// next one, as the gateway does. It returns what the client gets.
func cut(t *testing.T, s *Stream, stream []byte, seen int, used Usage, wantsUsage bool) []byte {
	var out []byte
	r := sse.NewReader(0)
	r.Feed(stream)
	for i := 0; ; i++ {
		ev, ok := r.Next()
		require.True(t, ok)
		require.Equal(t, Pass, s.Event(ev.Type, ev.Data, said{}))
		if i == seen {
			return append(out, s.End(used, wantsUsage)...)
		}
		out = append(out, ev.Raw...)
	}
}

func openAIChunks(choices ...string) []byte {
	var out []byte
	for _, c := range choices {
		out = fmt.Appendf(out, "data: {\"id\":\"chatcmpl-9\",\"object\":\"chat.completion.chunk\",\"created\":1700000001,\"model\":\"gpt-4o\",\"choices\":[%s]}\n\n", c)
	}
	return append(out, "data: [DONE]\n\n"...)
}

// OpenAI's own client takes a stream that was cut for one that reached its cap.
func TestOpenAIStreamCut(t *testing.T) {
	one := openAIChunks(
		`{"index":0,"delta":{"role":"assistant","content":""}}`,
		`{"index":0,"delta":{"content":"one"}}`,
		`{"index":0,"delta":{"content":" two"}}`,
		`{"index":0,"delta":{"content":" three"},"finish_reason":"stop"}`, // with its finish in the event that is not sent
	)
	two := openAIChunks(
		`{"index":0,"delta":{"role":"assistant","content":"a"}}`,
		`{"index":1,"delta":{"role":"assistant","content":"b"}}`,
		`{"index":1,"delta":{},"finish_reason":"stop"}`,
		`{"index":0,"delta":{"content":"c"}}`,
	)
	for _, c := range []struct {
		stream   []byte
		choices  int
		seen     int
		contents []string
		reasons  []string
	}{
		{one, 0, 0, []string{""}, []string{"length"}},
		{one, 1, 1, []string{""}, []string{"length"}},
		{one, 1, 2, []string{"one"}, []string{"length"}},
		{one, 1, 3, []string{"one two"}, []string{"length"}},
		{two, 2, 0, []string{"", ""}, []string{"length", "length"}},
		{two, 2, 1, []string{"a", ""}, []string{"length", "length"}},
		{two, 2, 2, []string{"a", "b"}, []string{"length", "length"}},
		{two, 2, 3, []string{"a", "b"}, []string{"length", "stop"}},
	} {
		for _, wantsUsage := range []bool{false, true} {
			s := NewStream(ChatCompletions)
			s.Choices = c.choices
			body := cut(t, s, c.stream, c.seen, Usage{Input: 11, Output: 22}, wantsUsage)
			acc, _, err := chatStream(t, body)
			require.NoError(t, err, "%s", body)
			require.Len(t, acc.Choices, len(c.contents), "%s", body)
			for i := range c.contents {
				require.Equal(t, c.contents[i], acc.Choices[i].Message.Content, "%s", body)
				require.Equal(t, c.reasons[i], string(acc.Choices[i].FinishReason), "%s", body)
			}
			require.Equal(t, "chatcmpl-9", acc.ID)
			require.Equal(t, "gpt-4o", acc.Model)
			require.EqualValues(t, 1700000001, acc.Created)
			if wantsUsage {
				require.EqualValues(t, 11, acc.Usage.PromptTokens)
				require.EqualValues(t, 22, acc.Usage.CompletionTokens)
				require.EqualValues(t, 33, acc.Usage.TotalTokens)
			} else {
				require.NotContains(t, string(body), "usage")
			}
			requireWellEnded(t, ChatCompletions, body)
		}
	}
}

func TestCompletionStreamCut(t *testing.T) {
	stream := []byte("data: {\"id\":\"cmpl-9\",\"object\":\"text_completion\",\"created\":17,\"model\":\"m\",\"choices\":[{\"text\":\" upon\",\"index\":0}]}\n\n" +
		"data: {\"choices\":[{\"text\":\" a time\",\"index\":0}]}\n\n")
	body := cut(t, NewStream(Completions), stream, 1, Usage{Input: 1, Output: 2}, true)
	client := openAIClient(serve(t, 200, eventStream, body))
	got := client.Completions.NewStreaming(context.Background(), openai.CompletionNewParams{Model: "m"})
	text, finish, total := "", "", int64(0)
	for got.Next() {
		chunk := got.Current()
		require.Equal(t, "cmpl-9", chunk.ID)
		require.Equal(t, "text_completion", string(chunk.Object))
		for _, choice := range chunk.Choices {
			text += choice.Text
			finish += string(choice.FinishReason)
		}
		total = max(total, chunk.Usage.TotalTokens)
	}
	require.NoError(t, got.Err())
	require.Equal(t, " upon", text)
	require.Equal(t, "length", finish)
	require.EqualValues(t, 3, total)
}

// Anthropic's own client does too.
func TestAnthropicStreamCut(t *testing.T) {
	stream := []byte(`event: message_start
data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude-haiku-4-5","content":[],"stop_reason":null,"usage":{"input_tokens":10,"output_tokens":1}}}

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"one"}}

event: content_block_stop
data: {"type":"content_block_stop","index":0}

event: content_block_start
data: {"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"toolu_1","name":"get","input":{}}}

event: content_block_delta
data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{}"}}

event: content_block_stop
data: {"type":"content_block_stop","index":1}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":9}}

`)
	for seen, blocks := range []int{1: 0, 2: 1, 3: 1, 4: 1, 5: 2, 6: 2, 7: 2} {
		if seen == 0 {
			continue // the first event has no text that could go over a budget
		}
		body := cut(t, NewStream(Messages), stream, seen, Usage{Input: 10, Output: 7}, false)
		message, err := messageStream(t, body)
		require.NoError(t, err, "%s", body)
		require.Equal(t, anthropic.StopReasonMaxTokens, message.StopReason, "%s", body)
		require.Len(t, message.Content, blocks, "%s", body)
		require.EqualValues(t, 10, message.Usage.InputTokens)
		require.EqualValues(t, 7, message.Usage.OutputTokens)
		requireWellEnded(t, Messages, body)
		requireBlocksPaired(t, body)
	}
}

// requireBlocksPaired checks that each content block which was opened is closed, and
// no other: the client of today does not mind, yet others do.
func requireBlocksPaired(t *testing.T, body []byte) {
	open := map[int64]bool{}
	s := NewStream(Messages)
	r := sse.NewReader(0)
	r.Feed(body)
	for ev, ok := r.Next(); ok; ev, ok = r.Next() {
		s.Event(ev.Type, ev.Data, said{})
		switch string(ev.Type) {
		case "content_block_start":
			require.False(t, open[s.index], "%s", body)
			open[s.index] = true
		case "content_block_stop":
			require.True(t, open[s.index], "%s", body)
			delete(open, s.index)
		}
	}
	require.Empty(t, open, "%s", body)
}

// An error's event ends a stream for either client as an error, and what came before
// it has reached the caller.
func TestErrorEvents(t *testing.T) {
	e := &Error{Kind: Internal, Code: "upstream_broken", Message: "the provider \"p\" broke off\nhere"}

	started := openAIChunks(`{"index":0,"delta":{"content":"one"}}`)
	started = started[:len(started)-len("data: [DONE]\n\n")]
	acc, chunks, err := chatStream(t, append(started, e.Event(ChatCompletions, 0)...))
	require.ErrorContains(t, err, `the provider \"p\" broke off\nhere`)
	require.Equal(t, 1, chunks)
	require.Equal(t, "one", acc.Choices[0].Message.Content)
	require.Empty(t, acc.Choices[0].FinishReason)

	start := []byte("event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"content\":[],\"usage\":{\"input_tokens\":1,\"output_tokens\":1}}}\n\n")
	message, err := messageStream(t, append(start, e.Event(Messages, 0)...))
	var api *anthropic.Error
	require.ErrorAs(t, err, &api)
	require.Equal(t, "api_error", string(api.Type()))
	require.Contains(t, api.RawJSON(), `the provider \"p\" broke off\nhere`)
	require.Empty(t, message.StopReason)

	for _, op := range []Op{ChatCompletions, Completions, Messages, Responses} {
		r := sse.NewReader(0)
		r.Feed(e.Event(op, 9))
		ev, ok := r.Next()
		require.True(t, ok)
		require.Equal(t, Failed, NewStream(op).Event(ev.Type, ev.Data, said{}), "we read our own errors as errors")
	}
}
