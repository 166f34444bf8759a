package conformance

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/internal/mock"
	"github.com/sluice-gateway/sluice/internal/wasmhost"
)

// What a server writes is what comes, piece by piece, and how it ends.
func TestAsk(t *testing.T) {
	for _, row := range []struct {
		fault   string
		stream  bool
		pieces  func(n int) bool
		answer  wasmhost.Response // of which the flags and the trailers
		end     mock.End
		headers bool
	}{
		{"", false, func(n int) bool { return n == 1 }, wasmhost.Response{}, mock.EndComplete, true},
		{"", true, func(n int) bool { return n > 3 && n < 20 }, wasmhost.Response{}, mock.EndComplete, true},
		{"split_bytes: 1", true, func(n int) bool { return n > 500 }, wasmhost.Response{}, mock.EndComplete, true},
		{"trailers: {x-late: '1'}", true, func(n int) bool { return n > 3 }, wasmhost.Response{Trailers: wasmhost.Headers{{"x-late", "1"}}}, mock.EndComplete, true},
		{"cut: {after_events: 2, how: reset}", true, func(n int) bool { return n == 2 }, wasmhost.Response{Reset: true}, mock.EndFault, true},
		{"cut: {after_events: 0, how: close}", false, func(n int) bool { return n == 0 }, wasmhost.Response{Reset: true}, mock.EndFault, true},
		{"stall: {after_events: 2}", true, func(n int) bool { return n == 2 }, wasmhost.Response{Stalls: true}, mock.EndClientGone, true},
		{"delay: 1h", false, func(n int) bool { return n == 0 }, wasmhost.Response{Stalls: true}, mock.EndClientGone, false},
	} {
		t.Run(row.fault, func(t *testing.T) {
			server, err := mock.New(mock.Options{Script: says("Hi there", row.fault)})
			require.NoError(t, err)
			r := chat("gpt-4o", "?")
			if row.stream {
				r = chat("gpt-4o", "?", stream)
			}
			answer, end := ask(server, wasmhost.Message{Headers: wasmhost.Headers{{":method", "POST"}, {":path", r.Path}, {":authority", "alpha"}, {"x-a", "1"}, {"x-a", "2"}},
				Chunks: [][]byte{[]byte(r.Body[:5]), []byte(r.Body[5:])}, End: true})
			end()
			require.True(t, row.pieces(len(answer.Body)), "%d pieces", len(answer.Body))
			require.Equal(t, row.headers, answer.Headers.Get(":status") == "200")
			require.Equal(t, row.answer, wasmhost.Response{Reset: answer.Reset, Stalls: answer.Stalls, Trailers: answer.Trailers})
			if row.end == mock.EndComplete {
				require.Contains(t, string(bytes.Join(answer.Body, nil)), "there")
			}
			got := server.Requests()
			require.Len(t, got, 1)
			require.Equal(t, row.end, got[0].End)
			require.Equal(t, r.Body, string(got[0].Body))
			require.Equal(t, []string{"1", "2"}, got[0].Header.Values("x-a"))
			require.Equal(t, "alpha", got[0].Host)
		})
	}
}
