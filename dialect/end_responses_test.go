package dialect

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/openai/openai-go/v3/responses"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"github.com/sluice-gateway/sluice/sse"
)

// responseStream is what OpenAI's own client makes of a stream: its events, and the text
// that it collects.
func responseStream(t *testing.T, body []byte) (events []responses.ResponseStreamEventUnion, text string) {
	client := openAIClient(serve(t, 200, eventStream, body))
	stream := client.Responses.NewStreaming(context.Background(), responses.ResponseNewParams{Model: "gpt-4.1"})
	for stream.Next() {
		event := stream.Current()
		if event.Type == "response.output_text.delta" {
			text += event.Delta
		}
		events = append(events, event)
	}
	require.NoError(t, stream.Err(), "%s", body)
	return events, text
}

// Wherever a response is cut, OpenAI's own client takes it for one that reached its cap:
// its numbers go up, what is opened is closed, and the last event has the items, the text
// and the usage.
func TestResponseStreamCut(t *testing.T) {
	for _, name := range []string{"plain", "reasoning_and_tools", "refusal", "incomplete"} {
		stream, err := os.ReadFile(filepath.Join("testdata/streams/responses", name+".sse"))
		require.NoError(t, err)
		for seen := 1; seen < countEvents(stream); seen++ {
			body := cut(t, NewStream(Responses), stream, seen, Usage{Input: 11, Output: 22, Cached: 4}, false)
			events, text := responseStream(t, body)
			open := map[string]bool{}
			for i, event := range events {
				require.EqualValues(t, i, event.SequenceNumber, "%s", body)
				item := gjson.Get(event.RawJSON(), "item")
				switch event.Type {
				case "response.output_item.added":
					open[item.Get("id").Str] = item.Get("type").Str == "message"
				case "response.output_item.done":
					delete(open, item.Get("id").Str)
				case "response.content_part.added":
					open[event.ItemID+" part"] = event.Part.Type == "output_text"
				case "response.content_part.done":
					delete(open, event.ItemID+" part")
				}
			}
			for what, isText := range open {
				require.False(t, isText, "%s is left open: %s", what, body)
			}
			last := events[len(events)-1]
			require.Equal(t, "response.incomplete", last.Type)
			require.Equal(t, "resp_1", last.Response.ID)
			require.Equal(t, "gpt-4.1-2025-04-14", last.Response.Model)
			require.EqualValues(t, 1741290958, last.Response.CreatedAt)
			require.EqualValues(t, "incomplete", last.Response.Status)
			require.Equal(t, "max_output_tokens", last.Response.IncompleteDetails.Reason)
			require.EqualValues(t, 11, last.Response.Usage.InputTokens)
			require.EqualValues(t, 22, last.Response.Usage.OutputTokens)
			require.EqualValues(t, 33, last.Response.Usage.TotalTokens)
			require.EqualValues(t, 4, last.Response.Usage.InputTokensDetails.CachedTokens)
			require.Equal(t, text, last.Response.OutputText(), "%s", body)
			for _, item := range last.Response.Output {
				require.True(t, item.Type != "function_call" || gjson.Valid(item.Arguments.OfString), "half a call: %s", body)
			}
			requireWellEnded(t, Responses, body)
		}
	}
}

func countEvents(stream []byte) (n int) {
	r := sse.NewReader(0)
	r.Feed(stream)
	for _, ok := r.Next(); ok; _, ok = r.Next() {
		n++
	}
	return n
}

// The end of an answer that is too long to be kept has no items, and is an end.
func TestLongResponseStreamCut(t *testing.T) {
	s := NewStream(Responses)
	long := make([]byte, maxShown)
	for i := range long {
		long[i] = 'x'
	}
	require.Equal(t, Pass, s.Event(nil, []byte(`{"type":"response.output_item.added","item":{"type":"message","id":"msg_1"}}`), said{}))
	for range 2 {
		require.Equal(t, Pass, s.Event(nil, append(append([]byte(`{"type":"response.output_text.delta","delta":"`), long...), `"}`...), said{}))
	}
	require.Equal(t, Pass, s.Event(nil, []byte(`{"type":"ping"}`), said{}))
	end := s.End(Usage{Output: 9}, false)
	require.Less(t, len(end), 1000)
	requireWellEnded(t, Responses, end)
}

// An error in a stream reaches the client's caller as OpenAI's own would: as an event.
func TestResponseErrorEvent(t *testing.T) {
	s := NewStream(Responses)
	e := &Error{Kind: Internal, Code: "upstream_broken", Message: "the provider \"p\" broke off\nhere"}
	stream := []byte("data: {\"type\":\"response.created\",\"sequence_number\":0,\"response\":{\"id\":\"resp_1\"}}\n\n")
	r := sse.NewReader(0)
	r.Feed(stream)
	ev, _ := r.Next()
	require.Equal(t, Pass, s.Event(ev.Type, ev.Data, said{}))
	events, _ := responseStream(t, append(stream, e.Event(Responses, s.Sequence())...))
	require.Len(t, events, 2)
	require.Equal(t, "error", events[1].Type)
	require.Equal(t, e.Message, events[1].Message)
	require.Equal(t, e.Code, events[1].Code)
	require.EqualValues(t, 1, events[1].SequenceNumber)
}
