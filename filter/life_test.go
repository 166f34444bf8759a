package main_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"github.com/sluice-gateway/sluice/internal/wasmhost"
)

// step is one event of a stream.
type step struct {
	name string
	do   func(*wasmhost.Stream)
}

// steps are a streamed call from its first event to its last but one.
func steps() []step {
	return []step{
		{"request headers", func(s *wasmhost.Stream) { s.RequestHeaders(post(chat, asksStream).Headers, false) }},
		{"part of the request", func(s *wasmhost.Stream) { s.RequestBody([]byte(asksStream[:30]), false) }},
		{"the request", func(s *wasmhost.Stream) { s.RequestBody([]byte(asksStream[30:]), true) }},
		{"response headers", func(s *wasmhost.Stream) { s.ResponseHeaders(events()(wasmhost.Message{}).Headers, false) }},
		{"an event", func(s *wasmhost.Stream) { s.ResponseBody([]byte(streamHead+withNull), false) }},
		{"half an event", func(s *wasmhost.Stream) { s.ResponseBody([]byte(streamTail[:50]), false) }},
		{"the finish", func(s *wasmhost.Stream) { s.ResponseBody([]byte(streamTail[50:]+withNull), false) }},
		{"usage and the end", func(s *wasmhost.Stream) { s.ResponseBody([]byte(streamUsage+streamDone), false) }},
	}
}

// The client hangs up after any event: the stream is settled once, by the policy's rule,
// recorded once, and the machine serves on.
func TestClientGone(t *testing.T) {
	for _, profile := range profiles {
		for _, rule := range []string{"counted", "reserved"} {
			m := startOn(t, profile, spine+"budget: {settle_on_disconnect: "+rule+"}\n")
			spent := int64(0)
			all := steps()
			for n := range all {
				t.Run(profile.String()+"/"+rule+"/after "+all[n].name, func(t *testing.T) {
					s := m.plugin.NewStream(nil)
					for _, step := range all[:n+1] {
						step.do(s)
					}
					s.Abort()
					require.NoError(t, s.Trapped())
					rec := record(t, s)
					reserved, settled := gjson.Get(rec, "budgets.0.reserved").Int(), gjson.Get(rec, "budgets.0.settled").Int()
					spent += settled
					require.Equal(t, limit-spent, m.left())
					switch {
					case n < 2: // nothing was asked of anyone
						require.Equal(t, "client_gone", gjson.Get(rec, "end").Str)
						require.Zero(t, settled)
					case n >= 7: // with its usage
						require.Equal(t, "complete", gjson.Get(rec, "end").Str)
						require.Positive(t, settled)
					case rule == "reserved":
						require.Equal(t, "client_gone", gjson.Get(rec, "end").Str)
						require.Equal(t, reserved, settled)
					default:
						require.Equal(t, "client_gone", gjson.Get(rec, "end").Str)
						require.Equal(t, "counted", gjson.Get(rec, "tokens.source").Str)
						require.Less(t, settled, reserved)
						require.Equal(t, n >= 4, gjson.Get(rec, "tokens.output").Int() > 0)
					}
				})
			}
			require.Equal(t, 1, m.vm.Starts())
			require.Empty(t, m.warnings())
		}
	}
}

// The upstream breaks: before its headers that is an error like any of its own, after
// them the client's connection breaks too, and never looks whole.
func TestUpstreamReset(t *testing.T) {
	// Envoy says in a property who broke a stream off; Kong does not.
	const upstreamReset = "\x10\x00\x00\x00\x00\x00\x00\x00" // UPSTREAM_REMOTE_RESET, StreamInfo::CoreResponseFlag 4
	for _, profile := range profiles {
		t.Run(profile.String(), func(t *testing.T) {
			m := startOn(t, profile, spine+"budget: {settle_on_disconnect: reserved}\n")
			s := m.exchange(post(chat, asksStream), func(wasmhost.Message) wasmhost.Response { return wasmhost.Response{Reset: true} })
			require.Contains(t, string(s.Client().Body()), `"code":"upstream_unavailable"`)
			require.True(t, s.Client().End)
			require.Equal(t, "error", gjson.Get(record(t, s), "end").Str)
			require.Equal(t, int64(limit), m.left())

			r := post(chat, asksStream)
			if profile == envoy {
				r.Properties = map[string]string{"response.flags": upstreamReset}
			}
			s = m.exchange(r, func(wasmhost.Message) wasmhost.Response {
				answer := events(streamHead + withNull)(wasmhost.Message{})
				answer.Reset = true
				return answer
			})
			require.True(t, s.Client().Reset)
			require.NotContains(t, string(s.Client().Body()), "[DONE]")
			rec := record(t, s)
			if profile == envoy {
				require.Equal(t, "error", gjson.Get(rec, "end").Str)
				require.Equal(t, "counted", gjson.Get(rec, "tokens.source").Str)
			} else { // taken for the client, and so settled by the rule for that
				require.Equal(t, "client_gone", gjson.Get(rec, "end").Str)
				require.Equal(t, "reserved", gjson.Get(rec, "tokens.source").Str)
			}
			require.Equal(t, limit-gjson.Get(rec, "budgets.0.settled").Int(), m.left())
		})
	}
}

// The claims of a token are those of Envoy's jwt_authn, by hand or by Istio.
func TestClaims(t *testing.T) {
	m := startOn(t, envoy, strings.Replace(spine, "team: {header: x-team, verified: true}", "team: {claim: team}", 1))
	for _, key := range []string{"jwt", "payload"} {
		r := post(chat, asksOne)
		r.Properties = map[string]string{"metadata.filter_metadata.envoy.filters.http.jwt_authn." + key + ".team": "of " + key}
		s := m.exchange(r, json200(chatAnswer))
		require.Equal(t, "of "+key, gjson.Get(record(t, s), "identity.team").Str)
	}
}

// A stream that ends in trailers before it is finished cannot be given an error event
// any more, so that it is broken off.
func TestBrokenWithTrailers(t *testing.T) {
	m := startOn(t, envoy, spine)
	s := m.exchange(post(chat, asksStream), func(wasmhost.Message) wasmhost.Response {
		r := events(streamHead + withNull)(wasmhost.Message{})
		r.Trailers = wasmhost.Headers{{"x-checksum", "1"}}
		return r
	})
	require.True(t, s.Client().Reset)
	require.False(t, s.Client().End)
	require.Equal(t, "truncated", gjson.Get(record(t, s), "attempts.0.reason").Str)
	require.Empty(t, m.warnings())
}

// A provider that does not keep to its cap is cut off where the budget ends. The client
// has a valid end, sees nothing of what still comes, and is let go at last.
func TestCut(t *testing.T) {
	policy := strings.Replace(spine, "limit: 100000", "limit: 64", 1)
	long := `data: {"choices":[{"index":0,"delta":{"content":"` + strings.Repeat(" one two three", 20) + `"},"finish_reason":null}]` + withNull
	for _, profile := range profiles {
		t.Run(profile.String(), func(t *testing.T) {
			m := startOn(t, profile, policy)
			s := m.plugin.NewStream(nil)
			for _, step := range steps()[:5] {
				step.do(s)
			}
			s.ResponseBody([]byte(long), false)
			require.Contains(t, string(s.Client().Body()), `"finish_reason":"length"`)
			require.True(t, strings.HasSuffix(string(s.Client().Body()), streamDone))
			cut := strings.TrimSpace(string(s.Client().Body()))

			s.ResponseBody([]byte(long), false)
			m.now = m.now.Add(6 * time.Second)
			s.ResponseBody([]byte(long), false)
			if profile == envoy {
				require.True(t, s.Client().Reset, "the host cannot end it before its upstream does")
			} else {
				s.ResponseBody([]byte(long), false)
				s.ResponseBody([]byte(streamUsage+streamDone), false)
				s.ResponseBody(nil, true)
				require.True(t, s.Client().End)
			}
			require.Equal(t, cut, strings.TrimSpace(string(s.Client().Body())))
			require.NoError(t, s.Trapped())
			rec := record(t, s)
			require.Equal(t, "cut", gjson.Get(rec, "end").Str)
			require.Greater(t, gjson.Get(rec, "budgets.0.settled").Int(), int64(64), "what the provider went on to write is paid for")
			require.Empty(t, m.warnings())
		})
	}
}

// A request whose body the host does not bring is answered, so that nothing waits for
// ever; the log names the likely cause, once a request.
func TestBodyOverdue(t *testing.T) {
	m := startOn(t, envoy, spine, func(o *wasmhost.Options) { o.StopsBody = true })
	s := m.plugin.NewStream(nil)
	s.RequestHeaders(post(chat, asksOne).Headers, false)
	s.RequestBody([]byte(asksOne), true)
	require.True(t, s.Hung())
	require.NoError(t, m.plugin.Tick())
	require.Empty(t, s.LocalReplies(), "it may be on its way")
	m.now = m.now.Add(time.Minute)
	require.NoError(t, m.plugin.Tick())
	require.NoError(t, m.plugin.Tick())
	require.Len(t, s.LocalReplies(), 1)
	require.Equal(t, 408, s.Client().Status())
	require.True(t, s.Client().End)
	require.Equal(t, "body_overdue", gjson.Get(record(t, s), "failure").Str)
	require.Len(t, m.warnings(), 1)
	require.Contains(t, m.warnings()[0], "allow_on_headers_stop_iteration")
}

// On Kong no request waits for its body, whose callback is left out when it is empty.
func TestNothingOverdueOnKong(t *testing.T) {
	m := startOn(t, kong, spine)
	s := m.plugin.NewStream(nil)
	s.RequestHeaders(post(chat, "").Headers, false)
	s.RequestBody(nil, true)
	s.ResponseHeaders(json200()(wasmhost.Message{}).Headers, false)
	m.now = m.now.Add(time.Hour)
	require.NoError(t, m.plugin.Tick())
	require.Empty(t, s.LocalReplies(), "the answer has begun: a reply would end the worker's machine")
	require.Empty(t, m.warnings())
}

// A body over Envoy's own buffer is refused by Envoy, past the filter: it is recorded as
// an error of nobody's making, and nothing was held for it.
func TestHostRefusesTheBody(t *testing.T) {
	m := startOn(t, envoy, spine, func(o *wasmhost.Options) { o.BufferLimit = 50 })
	s := m.exchange(post(chat, asksOne), nobody(t))
	require.Equal(t, 413, s.Client().Status())
	require.Empty(t, s.LocalReplies(), "the filter had no part in it")
	require.Equal(t, "error", gjson.Get(record(t, s), "end").Str)
	require.Zero(t, m.shared.Len())
	require.Empty(t, m.warnings())
}

// A body of several megabytes is read as it arrives, each byte once, and edited once.
func TestLargeBody(t *testing.T) {
	const size = 3 << 20
	m := startOn(t, envoy, spine, func(o *wasmhost.Options) { o.BufferLimit = 8 << 20 })
	ask := strings.Replace(asksStream, "Say", strings.Repeat("word ", size/5), 1)
	r := post(chat, "")
	for from := 0; from < len(ask); from += 64 << 10 {
		r.Body = append(r.Body, []byte(ask[from:min(from+64<<10, len(ask))]))
	}
	m.plugin = m.configure(strings.NewReplacer("limit: 100000", "limit: 900000000",
		"models:\n", "models:\n  gpt-4o: {targets: [{provider: openai, model: gpt-4o, context_window: 10000000}]}\n").Replace(spine))
	s := m.exchange(r, events(chatStream))
	require.Equal(t, hiddenStream, string(s.Client().Body()))
	require.Equal(t, `{"stream_options":{"include_usage":true},`+ask[1:], string(s.Upstream().Body()))
	require.Greater(t, gjson.Get(record(t, s), "budgets.0.reserved").Int(), int64(size/5))
	require.Equal(t, len(r.Body)+1, strings.Count(s.Trace(), "proxy_get_buffer_bytes(request_body"), "each piece, and all for the edit")
	t.Logf("memory: %.1f MiB", mebibytes(m))
	require.LessOrEqual(t, m.vm.MemoryBytes(), mostMemory)
}
