package sse_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/sse"
)

func TestAppendEvent(t *testing.T) {
	for _, v := range []struct{ eventType, data, want string }{
		{"", "[DONE]", "data: [DONE]\n\n"},
		{"message_stop", `{"type":"message_stop"}`, "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"},
		{"", "", "data: \n\n"},
		{"", "a\nb\r\nc\rd", "data: a\ndata: b\ndata: c\ndata: d\n\n"},
		{"", "a\n", "data: a\ndata: \n\n"},
		{"a\nb\rc", "x", "event: abc\ndata: x\n\n"},
	} {
		require.Equal(t, "before "+v.want, string(sse.AppendEvent([]byte("before "), v.eventType, []byte(v.data))))
	}
}

func TestAppendRewritten(t *testing.T) {
	for _, v := range []struct{ note, raw, data, want string }{
		{"one line", "data: a\n\n", "b", "data: b\n\n"},
		{"no space", "data:a\r\n\r\n", "b", "data:b\r\n\r\n"},
		{"other lines stay where they are", "event: e\ndata: a\nid: 1\ndata: c\n: note\nx: y\n\n", "b", "event: e\ndata: b\nid: 1\n: note\nx: y\n\n"},
		{"several lines in its own line ends", "id: 1\rdata: a\r\r", "b\nc", "id: 1\rdata: b\rdata: c\r\r"},
		{"data that begins with a space", "data:a\n\n", " b\nc", "data:  b\ndata:c\n\n"},
		{"empty", "data: a\n\n", "", "data: \n\n"},
		{"data without a colon", "data\n\n", "b", "data: b\n\n"},
		{"no data before", "event: e\r\n\r\n", "b", "event: e\r\ndata: b\r\n\r\n"},
		{"byte order mark", "\uFEFFdata:a\n\n", "b", "\uFEFFdata:b\n\n"},
		{"mixed line ends: CR before the blank line's LF", ": c\rdata: x\n\n", "y", ": c\rdata: y\r\n\n"},
		{"incomplete", "event: e\ndata: a", "b", "event: e\ndata: b\n"},
		{"incomplete without data", "event: e", "b", "event: e\ndata: b\n"},
	} {
		r := sse.NewReader(0)
		r.Feed([]byte(v.raw))
		ev, ok := r.Next()
		if !ok {
			ev, ok = r.Close()
		}
		require.True(t, ok, v.note)
		require.Equal(t, "> "+v.want, string(sse.AppendRewritten([]byte("> "), ev, []byte(v.data))), v.note)
	}
}

// The LF of the CRLF that ended the event before stays where it is.
func TestAppendRewrittenAfterSplitCRLF(t *testing.T) {
	r := sse.NewReader(0)
	r.Feed([]byte("data: a\r\n\r"))
	_, ok := r.Next()
	require.True(t, ok)
	r.Feed([]byte("\ndata: b\r\n\r\n"))
	ev, ok := r.Next()
	require.True(t, ok)
	require.Equal(t, "\ndata: c\r\n\r\n", string(sse.AppendRewritten(nil, ev, []byte("c"))))
}

// What was too large to be read is not rewritten.
func TestAppendRewrittenOversize(t *testing.T) {
	r := sse.NewReader(10)
	r.Feed([]byte("data: 0123456789\n\n"))
	ev, ok := r.Next()
	require.True(t, ok)
	require.True(t, ev.Oversize)
	require.Equal(t, "data: 0123456789\n\n", string(sse.AppendRewritten(nil, ev, []byte("x"))))
}
