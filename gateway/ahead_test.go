package gateway_test

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/gateway"
)

// Where headers are not held, all that they need is said before the body, however it is cut,
// and nothing of them behind it.
func TestHeadersAhead(t *testing.T) {
	const ahead = `
version: 1
providers:
  openai: {dialect: openai, endpoint: "https://api.openai.com/base", api_path: /v2, query: {a: b}, credential: {env: OPENAI_API_KEY}}
models:
  house: {targets: [{provider: openai, model: gpt-4o-mini}]}
default_provider: openai
identity:
  tenant: {header: x-tenant, verified: true}
  key: {header: authorization, verified: true}
budgets:
  - {name: month, per: [tenant], unit: tokens, limit: 100000, calendar: month, zone: UTC}
hold_headers: false
`
	const body = `{"model":"house","messages":[{"role":"user","content":"hi"}],"stream":true,"max_tokens":50}`
	for cut := range len(body) {
		w := newWorld(t, ahead)
		r, out := w.gateway.Begin(gateway.Arrival{
			Now: w.now, ID: "id-1", HoldsAnswers: true,
			Headers: gateway.Headers{{":method", "POST"}, {":path", chat}, {"authorization", "Bearer theirs"}, {"api-key", "theirs"},
				{"content-length", strconv.Itoa(len(body))}, {"x-sluice-cluster", "elsewhere"}, {"x-tenant", "red"}},
			Property: func([]string) (string, bool) { return "", false },
		})
		require.Equal(t, gateway.Continue, out.Action)
		require.ElementsMatch(t, [][2]string{
			{"accept-encoding", "identity"}, {":path", "/base/v2/chat/completions?a=b"}, {"authorization", "Bearer sk-ours"},
		}, out.Set)
		require.ElementsMatch(t, []string{"x-sluice-cluster", "x-tenant", "api-key", "content-length"}, out.Remove)
		read := func(from, size int) []byte { return []byte(body)[from : from+size] }
		if cut > 0 {
			out = r.Body(w.now, cut, false, read)
			require.Equal(t, gateway.Outcome{Action: gateway.Hold}, out)
		}
		out = r.Body(w.now, len(body), true, read)
		require.Equal(t, gateway.Continue, out.Action)
		require.Empty(t, out.Set)
		require.Empty(t, out.Remove)
		require.NotEmpty(t, out.Edits, "the model's name and the usage that is asked for")
		require.Equal(t, gateway.Continue, r.ResponseHeaders(w.now, gateway.Headers{{":status", "200"}, {"content-type", "application/json"}}, false).Action,
			"an answer cannot be held either")
		require.NotEmpty(t, r.Done(w.now, false).Record)
	}
}

// A route of the host's own leads to one provider, whatever a call would need at it.
func TestHeadersAheadRefused(t *testing.T) {
	w := newWorld(t, "version: 1\nproviders: {a: {dialect: openai, endpoint: \"https://a.example\", credential: {env: NOT_SET}}}\ndefault_provider: a\nhold_headers: false\n")
	for path, code := range map[string]string{chat: "credential_missing", "/v1/messages": "error"} {
		_, out := w.gateway.Begin(gateway.Arrival{Now: w.now, ID: "id-1", Headers: gateway.Headers{{":method", "POST"}, {":path", path}},
			Property: func([]string) (string, bool) { return "", false }})
		require.NotNil(t, out.Reply)
		require.Contains(t, string(out.Reply.Body), code)
	}
	_, out := w.gateway.Begin(gateway.Arrival{Now: w.now, ID: "id-1", Headers: gateway.Headers{{":method", "GET"}, {":path", "/v1/files"}},
		Property: func([]string) (string, bool) { return "", false }})
	require.Nil(t, out.Reply)
	require.Empty(t, out.Set, "what is no call goes where the route says")
}

// A request whose headers have gone is no more one for calls of our own.
func TestHeadersAheadInline(t *testing.T) {
	w := newWorld(t, `
version: 1
providers:
  openai: {dialect: openai, endpoint: "https://api.openai.com", credential: {env: OPENAI_API_KEY}}
models:
  house: {targets: [{provider: openai, model: gpt-4o-mini}, {provider: openai, model: gpt-4o}], failover: inline, retry: {attempts: 2}}
default_provider: openai
hold_headers: false
`)
	c := w.post(chat, `{"model":"house","messages":[{"role":"user","content":"hi"}]}`)
	require.Nil(t, c.reply, c.replyBody())
	require.Nil(t, c.asks)
	require.Contains(t, c.sent, "gpt-4o-mini")
	require.Len(t, c.done().Attempts, 1)
}
