package main_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"github.com/sluice-gateway/sluice/internal/wasmhost"
)

// Small enough that every way of cutting them in three can be tried.
const (
	smallAsk    = `{"model":"gpt-4o","messages":[{"role":"user","content":"Grüß\n"}],"stream":true,"n":1}`
	smallChunk  = `data: {"choices":[{"index":0,"delta":{"content":"é"},"finish_reason":"stop"}]`
	smallStream = smallChunk + withNull + "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2}}\n\n" + streamDone
	smallHidden = smallChunk + without + streamDone
	smallAnswer = `{"choices":[{"message":{"content":"é"}}],"usage":{"prompt_tokens":3,"completion_tokens":2}}`
)

// However a request's body is cut into callbacks, the provider gets the same bytes and
// the budgets the same reservation.
func TestRequestCuts(t *testing.T) {
	for _, profile := range profiles {
		t.Run(profile.String(), func(t *testing.T) {
			m := startOn(t, profile, spine, untraced)
			whole := m.exchange(post(chat, smallAsk), events(smallStream))
			reserved := gjson.Get(record(t, whole), "budgets.0.reserved").Int()
			require.Positive(t, reserved)
			everyCut(len(smallAsk), 2, func(end ending, cuts ...int) {
				r := post(chat, "")
				r.Body, r.EndWithLast, r.Trailers = bytesOf(pieces(smallAsk, cuts...)), end.withLast, end.trailers
				s := m.exchange(r, events(smallStream))
				require.Equal(t, string(whole.Upstream().Body()), string(s.Upstream().Body()), "cut at %v, %s", cuts, end.name)
				require.Equal(t, end.trailers, s.Upstream().Trailers)
				require.Equal(t, smallHidden, visible(profile, s))
				require.Equal(t, reserved, gjson.Get(record(t, s), "budgets.0.reserved").Int())
			})
			require.Empty(t, m.warnings())
		})
	}
}

// However an answer is cut, the client gets the same bytes and pays the same.
func TestAnswerCuts(t *testing.T) {
	for _, answer := range []struct {
		name, ask, kind, upstream, client string
		step                              int
	}{
		{"stream", smallAsk, "text/event-stream", smallStream, smallHidden, 6},
		{"stream with CRLF", smallAsk, "text/event-stream", crlf(smallStream), crlf(smallHidden), 12},
		{"object", asksOne, "application/json", smallAnswer, smallAnswer, 2},
	} {
		for _, profile := range profiles {
			t.Run(profile.String()+"/"+answer.name, func(t *testing.T) {
				m := startOn(t, profile, spine, untraced)
				everyCut(len(answer.upstream), answer.step, func(end ending, cuts ...int) {
					s := m.exchange(post(chat, answer.ask), func(wasmhost.Message) wasmhost.Response {
						r := wasmhost.Response{Headers: wasmhost.Headers{{":status", "200"}, {"content-type", answer.kind}},
							Body: bytesOf(pieces(answer.upstream, cuts...)), EndWithLast: end.withLast, Trailers: end.trailers}
						if profile == kong && answer.kind == "application/json" && end.withLast {
							r.Headers = append(r.Headers, [2]string{"Content-Length", strconv.Itoa(len(answer.upstream))}) // then no end is told
						}
						return r
					})
					require.Equal(t, lineEnds(answer.client), lineEnds(visible(profile, s)), "cut at %v, %s", cuts, end.name)
					require.Equal(t, int64(5), gjson.Get(record(t, s), "budgets.0.settled").Int(), "cut at %v, %s", cuts, end.name)
					require.Equal(t, "complete", gjson.Get(record(t, s), "end").Str)
					require.Equal(t, end.trailers, s.Client().Trailers)
				})
				require.Empty(t, m.warnings())
			})
		}
	}
}

// ends are the ways in which a body is told to be over.
var ends = []ending{
	{name: "end with the last piece", withLast: true},
	{name: "end in a call of its own"},
	{name: "end with trailers", trailers: wasmhost.Headers{{"x-checksum", "1"}}},
}

type ending struct {
	name     string
	withLast bool
	trailers wasmhost.Headers
}

// everyCut tries every place for one cut with every ending, and pairs of places for two, of
// which the first is a multiple of step, with one ending each. In a long body the second is
// near the first: what straddles both has no other way to be reached, and two cuts that are
// far from each other are what one cut is, twice.
func everyCut(size, step int, try func(ending, ...int)) {
	near := size
	if size > 100 {
		near = 32
	}
	for i := 1; i < size; i++ {
		for _, end := range ends {
			try(end, i)
		}
		for j := i + 1; j < min(size, i+near) && i%step == 0; j++ {
			try(ends[(i+j)%len(ends)], i, j)
		}
	}
}

// visible is the body as a client's parser takes it: on Kong a piece that is taken out
// leaves a line end, which between events means nothing.
func visible(profile wasmhost.Profile, s *wasmhost.Stream) (body string) {
	for _, chunk := range s.Client().Chunks {
		if profile == kong && string(chunk) == "\n" {
			continue
		}
		body += string(chunk)
	}
	return body
}

func crlf(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }

// lineEnds writes a stream of CRLF as one of LF without blank lines in excess. Where CR
// and LF come apart, an event is over at the CR, and if it is not for the client the LF
// stays behind as a blank line, which means nothing.
func lineEnds(s string) string {
	if !strings.Contains(s, "\r") {
		return s
	}
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	return strings.TrimRight(strings.ReplaceAll(s, "\n\n\n", "\n\n"), "\n")
}
