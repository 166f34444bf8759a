package main_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"github.com/sluice-gateway/sluice/internal/wasmhost"
)

// aheadPolicy is one that an Istio WasmPlugin can have: nothing of a request's headers has
// to wait for its body.
const aheadPolicy = `
version: 1
providers:
  openai: {dialect: openai, endpoint: "https://api.openai.com/base", credential: {env: OPENAI_API_KEY}}
models:
  house: {targets: [{provider: openai, model: gpt-4o-mini}]}
default_provider: openai
identity:
  team: {header: x-team, verified: true}
budgets:
  - {name: team-month, per: [team], unit: tokens, limit: 100000, calendar: month, zone: UTC}
hold_headers: false
`

// A host that cannot hold headers without the body gets them before the body is read, with
// all that they need, and what is decided of the body is done to the body alone.
func TestHeadersAhead(t *testing.T) {
	m := startOn(t, envoy, aheadPolicy, func(o *wasmhost.Options) { o.StopsBody = true })
	ask := `{"model":"house","messages":[{"role":"user","content":"hi"}],"max_tokens":5}`
	s := m.exchange(post(chat, ask, "Content-Length", "76"), json200(`{"choices":[],"usage":{"prompt_tokens":8,"completion_tokens":2}}`))
	require.Equal(t, 200, s.Client().Status(), "%s", s.Client().Body())
	up := s.Upstream()
	require.Equal(t, "gpt-4o-mini", gjson.GetBytes(up.Body(), "model").Str)
	require.Equal(t, "Bearer sk-ours", up.Headers.Get("authorization"))
	require.Equal(t, "/base"+chat, up.Headers.Get(":path"))
	require.Equal(t, "gateway.example", up.Headers.Get(":authority"), "the route is the host's own")
	require.Equal(t, "identity", up.Headers.Get("accept-encoding"))
	require.Empty(t, up.Headers.Get("content-length"), "the body has become another one")
	for _, h := range up.Headers {
		require.False(t, strings.HasPrefix(h[0], "x-sluice-") || strings.HasPrefix(h[0], "x-envoy-"), h[0])
	}
	rec := record(t, s)
	require.Equal(t, "complete", gjson.Get(rec, "end").Str)
	require.Equal(t, "openai", gjson.Get(rec, "provider").Str)
	require.Equal(t, int64(10), gjson.Get(rec, "budgets.0.settled").Int())

	// What touches the headers comes before the body: behind it would be too late.
	_, inBody, found := strings.Cut(s.Trace(), "proxy_on_request_body")
	require.True(t, found, s.Trace())
	inBody, _, _ = strings.Cut(inBody, "proxy_on_response_headers")
	require.NotContains(t, inBody, "header_map_value")

	for _, row := range []struct {
		path, body, code string
		status           int
	}{
		{chat, `{"model":"house","messages":[],"max_tokens":200000}`, "budget_exceeded", 429},
		{chat, `{"model":`, "invalid_body", 400},
		{messages, `{"model":"house","messages":[],"max_tokens":2}`, "", 400},
	} {
		s := m.exchange(post(row.path, row.body), nobody(t))
		require.Equal(t, row.status, s.Client().Status(), "%s", s.Client().Body())
		require.Equal(t, row.code, gjson.GetBytes(s.Client().Body(), "error.code").Str, "%s", s.Client().Body())
	}
	require.EqualValues(t, limit-10, m.left())

	s = m.exchange(post("/v1/files", "x"), json200(`{}`))
	require.Equal(t, "/base/v1/files", s.Upstream().Headers.Get(":path"))
	require.Equal(t, "Bearer theirs", s.Upstream().Headers.Get("authorization"), "what is no call has no credential of ours")
	require.Empty(t, m.warnings())
}

// Without the key nothing is sent, not even the headers.
func TestHeadersAheadWithoutACredential(t *testing.T) {
	m := startOn(t, envoy, aheadPolicy, func(o *wasmhost.Options) { o.StopsBody, o.Env = true, nil })
	s := m.exchange(post(chat, `{"model":"house","messages":[]}`), nobody(t))
	require.Equal(t, 503, s.Client().Status())
	require.NotContains(t, s.Trace(), "proxy_on_request_body")
}

// Kong has the whole body before anything goes out, whatever the policy says.
func TestHeadersAheadOnKong(t *testing.T) {
	m := startOn(t, kong, aheadPolicy)
	ask := `{"model":"house","messages":[{"role":"user","content":"hi"}],"max_tokens":5}`
	s := m.exchange(post(chat, ask), json200(`{"choices":[],"usage":{"prompt_tokens":8,"completion_tokens":2}}`))
	require.Equal(t, 200, s.Client().Status())
	require.Equal(t, "Bearer sk-ours", s.Upstream().Headers.Get("authorization"))
	require.Empty(t, m.warnings())
}
