package gateway_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"github.com/sluice-gateway/sluice/gateway"
)

// several is a policy of models with several targets, each with retries of its own.
const several = `
version: 1
providers:
  first:  {dialect: openai, endpoint: "https://first.example", credential: {env: OPENAI_API_KEY}}
  second: {dialect: openai, endpoint: "https://second.example/base", credential: {env: SECOND_API_KEY, header: api-key}}
  theirs: {dialect: openai, endpoint: "http://theirs.example:8080"}
  claude: {dialect: anthropic, endpoint: "https://claude.example", credential: {env: ANTHROPIC_API_KEY}}
models:
  pair:
    targets: [{provider: first, model: gpt-4o}, {provider: second, model: gpt-4o-mini}]
    retry: {attempts: 2, max_retry_after: 10s}
  own:
    targets: [{provider: theirs, model: gpt-4o}, {provider: second, model: gpt-4o-mini}]
    retry: {attempts: 2}
  long:
    targets: [{provider: first, model: gpt-4o}, {provider: second, model: gpt-4o-mini}]
    retry: {attempts: 6, total: 30s, max_retry_after: 10s, classes: {rate_limited: {attempts: 5, backoff: 100ms, max_backoff: 300ms}, unavailable: {attempts: 3, backoff: 100ms, max_backoff: 300ms}}}
  frugal:
    targets: [{provider: first, model: gpt-4o}, {provider: second, model: gpt-4o-mini}]
    retry: {attempts: 6, max_cost: 0.000001}
  mixed:
    targets: [{provider: claude, model: claude-haiku-4-5}, {provider: first, model: gpt-4o}, {provider: theirs, model: gpt-4o}]
    retry: {attempts: 3}
  messages:
    targets: [{provider: first, model: gpt-4o}, {provider: claude, model: claude-haiku-4-5}]
    retry: {attempts: 2}
  claude: {targets: [{provider: claude, model: claude-haiku-4-5}]}
  four: {targets: [{provider: first, model: gpt-4o}]}
default_provider: first
budgets: [{name: b, unit: tokens, limit: 100000, calendar: month}]
`

// asksFor is a chat about a model of the policy above.
func asksFor(model string, stream bool) string {
	s := `{"model":"` + model + `","messages":[{"role":"user","content":"hi"}],"max_tokens":50`
	if stream {
		s += `,"stream":true`
	}
	return s + "}"
}

const (
	goodBody  = `{"id":"c","object":"chat.completion","created":1,"model":"gpt-4o","choices":[{"index":0,"message":{"role":"assistant","content":"Hello"},"finish_reason":"stop"}],"usage":{"prompt_tokens":11,"completion_tokens":7,"total_tokens":18}}`
	emptyBody = `{"choices":[{"index":0,"message":{"role":"assistant","content":""},"finish_reason":"stop"}],"usage":{"prompt_tokens":11,"completion_tokens":3}}`
	roleOnly  = `data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"gpt-4o","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}` + "\n\n"
	goodText  = chunk1 + null + chunk2 + null + chunk3 + null + usage1 + done
	seenText  = chunk1 + end + chunk2 + end + chunk3 + end + done
	ourError  = `{"error":{"message":"busy","type":"server_error"}}`
)

// failure is one way for an attempt to fail before the client has seen any of it.
type failure struct {
	name   string
	answer answer
	reason string
	tokens int64 // that it costs; -1 = some, -2 = what was reserved
	status int   // what the client sees where nothing is left to try
	once   bool  // it is not tried again
}

func failures(stream bool) []failure {
	all := []failure{
		{name: "429", answer: jsonAnswer("429", ourError), reason: "rate_limited", status: 429},
		{name: "429 with retry-after", answer: jsonAnswer("429", ourError, "retry-after", "3"), reason: "rate_limited", status: 429},
		{name: "500", answer: jsonAnswer("500", ourError), reason: "unavailable", status: 500},
		{name: "529", answer: jsonAnswer("529", ourError), reason: "unavailable", status: 529},
		{name: "408", answer: jsonAnswer("408", ourError), reason: "timeout", status: 408},
		{name: "401", answer: jsonAnswer("401", ourError), reason: "credential_refused", status: 401},
		{name: "402", answer: jsonAnswer("402", ourError), reason: "credential_refused", status: 402},
		{name: "403", answer: jsonAnswer("403", ourError), reason: "credential_refused", status: 403},
		{name: "400", answer: jsonAnswer("400", ourError), reason: "rejected", status: 400, once: true},
		{name: "500 without a body", answer: answer{status: "500"}, reason: "unavailable", status: 500},
		{name: "no connection", answer: answer{refused: true}, reason: "unavailable", status: 503},
		{name: "silent", answer: answer{silent: true}, reason: "timeout", tokens: -1, status: 504},
		{name: "broken before the headers", answer: answer{status: "200", kind: "application/json", resets: true}, reason: "unavailable", tokens: -1, status: 503},
		{name: "HTML", answer: answer{status: "200", kind: "text/html", pieces: []string{"<html>"}}, reason: "unreadable", tokens: -2, status: 502},
		{name: "gzip", answer: jsonAnswer("200", "\x1f\x8b", "content-encoding", "gzip"), reason: "unreadable", tokens: -2, status: 502},
		{name: "no body", answer: answer{status: "200", kind: "application/json"}, reason: "empty", tokens: -1, status: 502},
		{name: "error body", answer: jsonAnswer("200", ourError), reason: "error_body", status: 502},
		{name: "error body that says what it cost", answer: jsonAnswer("200", ourError[:len(ourError)-1]+`,"usage":{"prompt_tokens":11,"completion_tokens":3}}`), reason: "error_body", tokens: 14, status: 502},
		{name: "empty", answer: jsonAnswer("200", emptyBody), reason: "empty", tokens: 14, status: 502},
		{name: "truncated", answer: jsonAnswer("200", goodBody[:len(goodBody)/2]), reason: "truncated", tokens: -1, status: 502},
		{name: "truncated behind its usage", answer: jsonAnswer("200", `{"usage":{"prompt_tokens":11,"completion_tokens":3},"choices":[`), reason: "truncated", tokens: -1, status: 502},
		{name: "stalled", answer: answer{status: "200", kind: "application/json", pieces: []string{goodBody[:20]}, stalls: true}, reason: "stalled", tokens: -1, status: 504},
	}
	if !stream {
		return all
	}
	return append(all, []failure{
		{name: "error event", answer: streamAnswer("data: " + ourError + "\n\n"), reason: "error_event", status: 502},
		{name: "error event after a role", answer: streamAnswer(roleOnly, "data: "+ourError+"\n\n"), reason: "error_event", status: 502},
		{name: "error event after usage", answer: streamAnswer(roleOnly + usage1 + "data: " + ourError + "\n\n"), reason: "error_event", tokens: 18, status: 502},
		{name: "malformed event", answer: streamAnswer(roleOnly, "data: {\"id\n\n"), reason: "malformed_event", tokens: -1, status: 502},
		{name: "nothing", answer: streamAnswer(""), reason: "truncated", tokens: -1, status: 502},
		{name: "empty in order", answer: streamAnswer(roleOnly + chunk3 + null + usage1 + done), reason: "empty", tokens: 18, status: 502},
		{name: "empty without usage", answer: streamAnswer(roleOnly + chunk3 + null + done), reason: "empty", tokens: -1, status: 502},
		{name: "empty without an end", answer: streamAnswer(roleOnly + chunk3 + null), reason: "empty", tokens: -1, status: 502},
		{name: "only an end", answer: streamAnswer(done), reason: "empty", tokens: -1, status: 502},
		{name: "truncated stream", answer: streamAnswer(roleOnly, chunk1[:30]), reason: "truncated", tokens: -1, status: 502},
		{name: "broken stream", answer: answer{status: "200", kind: "text/event-stream", pieces: []string{roleOnly}, resets: true}, reason: "unavailable", tokens: -1, status: 503},
		{name: "stalled stream", answer: answer{status: "200", kind: "text/event-stream", pieces: []string{roleOnly}, stalls: true}, reason: "stalled", tokens: -1, status: 504},
	}...)
}

// good is the answer that a client is to get in the end, and what it sees of it.
func good(stream bool) (answer, string) {
	if stream {
		return streamAnswer(goodText), seenText
	}
	return jsonAnswer("200", goodBody), goodBody
}

func number(t testing.TB, n interface{ Int64() (int64, error) }) int64 {
	v, err := n.Int64()
	require.NoError(t, err)
	return v
}

// settled checks that a request's budget has what its attempts have cost and no more.
func settled(t testing.TB, w *world, r record) {
	sum := int64(0)
	for _, a := range r.Attempts {
		sum += a.Tokens
	}
	require.Equal(t, sum, r.Tokens.Input+r.Tokens.Output)
	require.Equal(t, sum, number(t, r.Budgets[0].Settled))
	if r.Provider != "claude" { // whose answers in these tests report more than was asked
		require.GreaterOrEqual(t, number(t, r.Budgets[0].Reserved), sum, "nothing was used that was not reserved before")
	}
	require.Equal(t, 100000-sum, number(t, r.Budgets[0].Remaining))
	metered := int64(0)
	for name, value := range r.samples {
		if strings.HasPrefix(name, "sluice_tokens_total;") {
			metered += value
		}
	}
	require.Equal(t, sum, metered)
}

// An attempt that fails before its first content is followed by another, and the client
// sees nothing of it; what it cost is charged.
func TestFailedThenGood(t *testing.T) {
	for _, stream := range []bool{false, true} {
		for _, f := range failures(stream) {
			t.Run(f.name+"/stream="+strconv.FormatBool(stream), func(t *testing.T) {
				w := newWorld(t, several)
				c := w.post(chat, asksFor("pair", stream), "content-length", strconv.Itoa(len(asksFor("pair", stream))), "authorization", "Bearer theirs")
				last, want := good(stream)
				if f.once {
					c.follow(f.answer)
					require.Equal(t, strconv.Itoa(f.status), c.seen[":status"])
					require.Equal(t, f.answer.pieces[0], c.client.String())
					r := c.done()
					require.Equal(t, f.reason, r.Attempts[0].Reason)
					settled(t, w, r)
					return
				}
				c.follow(f.answer, last)
				require.Equal(t, "200", c.seen[":status"])
				require.Equal(t, want, c.client.String())
				require.Equal(t, "second", c.seen["x-sluice-provider"])
				require.Equal(t, "gpt-4o-mini", c.seen["x-sluice-model"])
				require.Equal(t, "2", c.seen["x-sluice-attempts"])
				require.NotContains(t, c.seen, gateway.RetryHeader)

				second := c.tries[len(c.tries)-1]
				require.Equal(t, "second.example", second.headers[":authority"])
				require.Equal(t, "/base/v1/chat/completions", second.headers[":path"])
				require.Equal(t, "key-second", second.headers["api-key"])
				require.NotContains(t, second.headers, "authorization")
				require.Equal(t, "gpt-4o-mini", gjson.Get(second.body, "model").Str)
				require.Zero(t, second.waited, "it was not asked before")
				if !f.answer.refused {
					require.Equal(t, "first.example", c.tries[0].headers[":authority"])
					require.Equal(t, "Bearer sk-ours", c.tries[0].headers["authorization"])
					require.NotContains(t, c.tries[0].headers, "api-key")
					require.Equal(t, "gpt-4o", gjson.Get(c.tries[0].body, "model").Str)
				}
				for _, one := range c.tries {
					for name := range one.headers {
						require.NotEqual(t, gateway.ClusterHeader, name)
					}
				}

				r := c.done()
				require.Equal(t, "complete", r.End)
				require.Equal(t, "provider", r.Tokens.Source)
				require.Len(t, r.Attempts, 2)
				require.Equal(t, f.reason, r.Attempts[0].Reason)
				require.Equal(t, "first", r.Attempts[0].Provider)
				require.Equal(t, "", r.Attempts[1].Reason)
				require.Equal(t, int64(18), r.Attempts[1].Tokens)
				f.costs(t, r.Attempts[0].Tokens)
				settled(t, w, r)
				require.Equal(t, int64(1), r.samples["sluice_attempts_total;provider=first;reason="+f.reason+";"])
				require.Equal(t, int64(1), r.samples["sluice_attempts_total;provider=second;reason=ok;"])
			})
		}
	}
}

func (f *failure) costs(t testing.TB, tokens int64) {
	switch f.tokens {
	case -1:
		require.Positive(t, tokens)
		require.Less(t, tokens, int64(50))
	case -2:
		require.Greater(t, tokens, int64(50))
	default:
		require.Equal(t, f.tokens, tokens)
	}
}

// Where nothing is left to try the client gets an error in its dialect, never a status
// that says success; so too from a host that does not do as it was asked.
func TestFailedForGood(t *testing.T) {
	for _, stream := range []bool{false, true} {
		for _, f := range failures(stream) {
			if f.once {
				continue
			}
			refuses := f.answer
			refuses.refuses = true
			for name, answers := range map[string][]answer{"twice": {f.answer, f.answer}, "not retried": {refuses}} {
				t.Run(f.name+"/"+name+"/stream="+strconv.FormatBool(stream), func(t *testing.T) {
					w := newWorld(t, several)
					c := w.post(chat, asksFor("pair", stream)).follow(answers...)
					status, err := strconv.Atoi(c.seen[":status"])
					require.NoError(t, err)
					require.GreaterOrEqual(t, status, 400)
					if name == "twice" {
						require.Equal(t, f.status, status)
					}
					require.NotContains(t, c.seen, gateway.RetryHeader)
					if body := c.client.String(); body != "" {
						require.True(t, gjson.Valid(body), body)
						require.NotEmpty(t, gjson.Get(body, "error.message").Str, body)
						if length, ok := c.seen["content-length"]; ok {
							require.Equal(t, strconv.Itoa(len(body)), length)
						}
						require.Equal(t, "application/json", c.seen["content-type"])
					}
					r := c.done()
					require.Equal(t, "error", r.End)
					if f.answer.refused {
						require.Empty(t, r.Attempts, "nobody was asked, and the host does not say whom it tried")
						return
					}
					require.Len(t, r.Attempts, len(answers))
					for _, a := range r.Attempts {
						require.Equal(t, f.reason, a.Reason)
						f.costs(t, a.Tokens)
					}
					settled(t, w, r)
				})
			}
		}
	}
}
