package translate

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"github.com/sluice-gateway/sluice/dialect"
	"github.com/sluice-gateway/sluice/sse"
)

func TestCompletionAnswers(t *testing.T) {
	goldens(t, "completion_answers/*.json", func(t *testing.T, body []byte) string {
		out, err := CompletionToMessage([]byte("x"), body, messageContext)
		if err != nil {
			require.Equal(t, "x", string(out))
			return "error: " + err.Error() + "\n"
		}
		out = out[1:]
		var sdk anthropic.Message
		require.NoError(t, json.Unmarshal(out, &sdk))
		require.NotEmpty(t, sdk.StopReason)
		if want := readAnswer(t, dialect.ChatCompletions, body); want.UsageKnown {
			got := readAnswer(t, dialect.Messages, out)
			require.Equal(t, want.Usage, got.Usage)
		}
		return indented(t, out)
	})
}

// A golden file has the translated stream, and the error that ended it if one did.
func TestCompletionStreams(t *testing.T) {
	goldens(t, "completion_streams/*.sse", func(t *testing.T, stream []byte) string {
		out, err := completionStream(stream, len(stream))
		for size := range len(stream) {
			cut, cutErr := completionStream(stream, size+1)
			require.Equal(t, err, cutErr)
			require.Equal(t, string(out), string(cut), "cut every %d bytes", size+1)
		}
		messageStreamHolds(t, out)
		if err != nil {
			return string(out) + "error: " + err.Error() + "\n"
		}
		sameCompletion(t, stream, out)
		return string(out)
	})
}

// completionStream gives a stream to the translation in chunks of that many bytes.
func completionStream(stream []byte, size int) (out []byte, err error) {
	r := sse.NewReader(0)
	s := NewCompletionStream(messageContext)
	for len(stream) > 0 && err == nil {
		n := min(size, len(stream))
		r.Feed(stream[:n])
		stream = stream[n:]
		for ev, ok := r.Next(); ok && err == nil; ev, ok = r.Next() {
			if ev.HasData {
				out, err = s.Event(out, ev.Type, ev.Data)
			}
		}
	}
	if err == nil {
		out = s.End(out)
	}
	return out, err
}

// messageStreamHolds checks what a client of Anthropic's rests on: blocks that begin and
// end, one after the other, and an end that comes once and last.
func messageStreamHolds(t testing.TB, out []byte) {
	r := sse.NewReader(0)
	r.Feed(out)
	var message anthropic.Message
	open, next, ended := int64(-1), int64(0), false
	for ev, ok := r.Next(); ok; ev, ok = r.Next() {
		require.False(t, ended, "something behind the end")
		require.True(t, json.Valid(ev.Data), "%s", ev.Data)
		data := gjson.ParseBytes(ev.Data)
		require.Equal(t, string(ev.Type), data.Get("type").Str)
		switch index := data.Get("index").Int(); string(ev.Type) {
		case "content_block_start":
			require.Equal(t, int64(-1), open)
			require.Equal(t, next, index)
			open, next = index, next+1
		case "content_block_delta":
			require.Equal(t, open, index)
		case "content_block_stop":
			require.Equal(t, open, index)
			open = -1
		case "message_delta":
			require.Equal(t, int64(-1), open)
		case "message_stop", "error":
			ended = true
			if string(ev.Type) == "error" {
				require.NotEmpty(t, data.Get("error.message").Str)
				continue
			}
		}
		var event anthropic.MessageStreamEventUnion
		require.NoError(t, json.Unmarshal(ev.Data, &event))
		require.NoError(t, message.Accumulate(event))
	}
	if ended && message.StopReason != "" {
		for _, b := range message.Content {
			if b.Type == "tool_use" {
				require.True(t, gjson.ParseBytes(b.Input).IsObject(), "%s", b.Input)
			}
		}
	}
}

// sameCompletion checks that a budget sees the same in the translated stream.
func sameCompletion(t testing.TB, stream, translated []byte) {
	follow := func(op dialect.Op, stream []byte) (*dialect.Stream, string) {
		r, s, said := sse.NewReader(0), dialect.NewStream(op), heard{}
		r.Feed(stream)
		for ev, ok := r.Next(); ok; ev, ok = r.Next() {
			if ev.HasData {
				s.Event(ev.Type, ev.Data, first{&said})
			}
		}
		return s, said.String()
	}
	want, wantText := follow(dialect.ChatCompletions, stream)
	got, gotText := follow(dialect.Messages, translated)
	if bytes.HasPrefix(stream, []byte(": in turns")) { // calls one after the other are in another order
		want, got := strings.Split(wantText, ""), strings.Split(gotText, "")
		require.ElementsMatch(t, want, got)
	} else {
		require.Equal(t, wantText, gotText)
	}
	if want.Finished && want.OutputKnown {
		require.True(t, got.Finished)
		require.Equal(t, want.Usage, got.Usage)
	}
	// What has not finished must not look as if it had; [DONE] alone is no finish.
	require.Equal(t, wantsEnd(stream), got.Ended)
}

// first hears the first choice alone.
type first struct{ *heard }

func (f first) Delta(choice int, p []byte) {
	if choice == 0 {
		f.heard.Delta(0, p)
	}
}

func wantsEnd(stream []byte) bool {
	finished := false
	r := sse.NewReader(0)
	r.Feed(stream)
	for ev, ok := r.Next(); ok; ev, ok = r.Next() {
		finished = finished || gjson.GetBytes(ev.Data, "choices.0.finish_reason").Str != "" && gjson.GetBytes(ev.Data, "choices.0.index").Int() == 0
	}
	return finished
}

func FuzzCompletionStream(f *testing.F) {
	files, _ := filepath.Glob("testdata/completion_streams/*.sse")
	for _, file := range files {
		stream, err := os.ReadFile(file)
		require.NoError(f, err)
		f.Add(stream)
	}
	f.Fuzz(func(t *testing.T, stream []byte) {
		out, err := completionStream(stream, max(1, len(stream)))
		one, oneErr := completionStream(stream, 1)
		require.Equal(t, string(out), string(one))
		require.Equal(t, err == nil, oneErr == nil)
		r := sse.NewReader(0)
		r.Feed(out)
		open := false
		for ev, ok := r.Next(); ok; ev, ok = r.Next() {
			require.True(t, json.Valid(ev.Data), "%s", ev.Data)
			switch string(ev.Type) {
			case "content_block_start":
				require.False(t, open)
				open = true
			case "content_block_stop":
				require.True(t, open)
				open = false
			case "message_delta":
				require.False(t, open, "the message ends before its last block")
			}
		}
	})
}

// Calls wait for their turn up to a bound; then they are told as if they were whole, and
// all of what they ask is.
func TestCompletionStreamKeepsLittle(t *testing.T) {
	s := NewCompletionStream(messageContext)
	var out []byte
	piece := strings.Repeat("Z", 1000)
	for i := range 100 {
		for range 10 {
			var err error
			out, err = s.Event(out, nil, fmt.Appendf(nil, `{"choices":[{"delta":{"tool_calls":[{"index":%d,"id":"c%d","function":{"name":"f","arguments":%q}}]}}]}`, i, i, piece))
			require.NoError(t, err)
			require.LessOrEqual(t, s.waiting, maxWaiting)
			require.LessOrEqual(t, len(s.open), maxWaitingCalls)
		}
	}
	out, err := s.Event(out, nil, []byte(`{"choices":[{"delta":{},"finish_reason":"stop"}]}`))
	require.NoError(t, err)
	require.Zero(t, s.waiting)
	require.Equal(t, 1_000_000, bytes.Count(out, []byte("Z")))
	require.Equal(t, 100, bytes.Count(out, []byte(`"type":"content_block_stop"`)))
}
