package main_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"github.com/sluice-gateway/sluice/internal/wasmhost"
)

// What was redacted comes back, and what must not be said is not said, on either host and
// however the answer is cut. Kong cannot hold an answer that is no stream: what has come of it
// is taken out until it is whole, and its status stays.
func TestGuardedAnswerCuts(t *testing.T) {
	const (
		guards = spine + "guards:\n  pii: {kinds: [email]}\n  answers: [{name: code, deny: [launch code], window: 12}]\n"
		ask    = `{"model":"gpt-4o","messages":[{"role":"user","content":"I am ann@example.com"}]`
	)
	object := func(text, finish string) string {
		return `{"id":"1","choices":[{"index":0,"message":{"content":` + text + `},"finish_reason":"` + finish + `"}],"usage":{"prompt_tokens":3,"completion_tokens":2}}`
	}
	stream := func(pieces ...string) (s string) {
		for _, p := range pieces {
			s += `data: {"choices":[{"index":0,"delta":{"content":"` + p + `"},"finish_reason":null}]}` + "\n\n"
		}
		return s + `data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2}}` + "\n\n" + streamDone
	}
	for _, answer := range []struct {
		name, ask, kind, upstream, says, finish string
		step                                    int
	}{
		{"object", ask + `}`, "application/json", object(`"For [EMAIL_1]."`, "stop"), "For ann@example.com.", "stop", 5},
		{"object of a rule", ask + `}`, "application/json", object(`"A launch code"`, "stop"), "", "content_filter", 5},
		{"stream", ask + `,"stream":true}`, "text/event-stream", stream("For [EMA", "IL_1]."), "For ann@example.com.", "stop", 20},
		{"stream of a rule", ask + `,"stream":true}`, "text/event-stream", stream("A launch", " code it is"), "A ", "content_filter", 20},
	} {
		for _, profile := range profiles {
			t.Run(profile.String()+"/"+answer.name, func(t *testing.T) {
				m := startOn(t, profile, guards, untraced)
				everyCut(len(answer.upstream), answer.step, func(end ending, cuts ...int) {
					s := m.exchange(post(chat, answer.ask), func(up wasmhost.Message) wasmhost.Response {
						require.Equal(t, "I am [EMAIL_1]", gjson.GetBytes(up.Body(), "messages.0.content").Str)
						r := wasmhost.Response{Headers: wasmhost.Headers{{":status", "200"}, {"content-type", answer.kind}},
							Body: bytesOf(pieces(answer.upstream, cuts...)), EndWithLast: end.withLast, Trailers: end.trailers}
						if profile == kong && end.withLast {
							r.Headers = append(r.Headers, [2]string{"Content-Length", strconv.Itoa(len(answer.upstream))}) // then no end is told
						}
						return r
					})
					body := visible(profile, s)
					said, finish := "", ""
					for line := range strings.Lines(body) {
						data := strings.TrimPrefix(line, "data: ")
						said += gjson.Get(data, "choices.0.message.content").Str + gjson.Get(data, "choices.0.delta.content").Str
						finish += gjson.Get(data, "choices.0.finish_reason").Str
					}
					rule := answer.finish == "content_filter"
					if rule && profile == envoy && answer.kind == "application/json" {
						require.Equal(t, 400, s.Client().Status())
						require.Equal(t, "blocked_by_guard", gjson.Get(body, "error.code").Str, body)
						finish = "content_filter"
					} else {
						require.Equal(t, 200, s.Client().Status())
					}
					if rule {
						require.True(t, strings.HasPrefix(answer.says, said), said)
					} else {
						require.Equal(t, answer.says, said, "cut at %v, %s: %s", cuts, end.name, body)
					}
					require.Equal(t, answer.finish, finish, "cut at %v, %s: %s", cuts, end.name, body)
					if length := s.Client().Headers.Get("content-length"); length != "" {
						require.Equal(t, strconv.Itoa(len(s.Client().Body())), length)
					}
					r := record(t, s)
					require.Equal(t, map[bool]string{true: "blocked", false: "complete"}[rule], gjson.Get(r, "end").Str)
					require.Equal(t, int64(5), gjson.Get(r, "budgets.0.settled").Int(), "cut at %v, %s", cuts, end.name)
				})
				require.Empty(t, m.warnings())
			})
		}
	}
}
