package main_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"github.com/sluice-gateway/sluice/internal/wasmhost"
)

const caching = spine + "cache: {scope: [team]}\nrecords: {companion: true, access_log: true}\n"

var (
	missed = wasmhost.CallAnswer{Headers: wasmhost.Headers{{":status", "200"}, {"x-sluice-cache", "miss"}, {"x-sluice-reason", "no entry"}}, Body: []byte(`{"key":"k"}`)}
	taken  = wasmhost.CallAnswer{Headers: wasmhost.Headers{{":status", "200"}}, Body: []byte(`{}`)}
)

// ticks lets time pass until there is a call, and returns it.
func (m *machine) ticks(path string) *wasmhost.Call {
	m.t.Helper()
	for range 10 {
		for _, c := range m.plugin.Calls() {
			if c.Headers.Get(":path") == path {
				return c
			}
		}
		m.now = m.now.Add(time.Duration(m.plugin.TickPeriod()) * time.Millisecond)
		require.NoError(m.t, m.plugin.Tick())
	}
	require.Fail(m.t, "no call to "+path)
	return nil
}

// A request is held while the companion is asked; what it then does is what it would have
// done without, and its answer is offered when the stream is gone.
func TestAsksTheCompanion(t *testing.T) {
	hit := wasmhost.CallAnswer{Body: []byte(chatAnswer), Headers: wasmhost.Headers{{":status", "200"}, {"content-type", "application/json"},
		{"x-sluice-cache", "semantic-hit"}, {"x-sluice-similarity", "0.9213"}, {"x-sluice-target", "openai/gpt-4o"}, {"x-sluice-usage", "input=1,output=2"}}}
	for _, row := range []struct {
		name     string
		request  wasmhost.Request
		upstream wasmhost.Upstream
		clusters []string
		answers  []wasmhost.CallAnswer
		result   string
		sent     string // the body that the provider gets; "" = none
		client   string
		offered  bool
	}{
		{"a miss", post(chat, asksOne), json200(chatAnswer), nil, []wasmhost.CallAnswer{missed}, "miss", asksOne, chatAnswer, true},
		{"a miss, body in pieces", inPieces(post(chat, asksOne)), json200(chatAnswer), nil, []wasmhost.CallAnswer{missed}, "miss", asksOne, chatAnswer, true},
		{"a miss, edited", post(chat, asksStream), events(chatStream), nil, []wasmhost.CallAnswer{missed}, "miss",
			`{"stream_options":{"include_usage":true},` + asksStream[1:], hiddenStream, true},
		{"a hit", post(chat, asksOne), nil, nil, []wasmhost.CallAnswer{hit}, "semantic-hit", "", chatAnswer, false},
		{"a wait, then a hit", post(chat, asksOne), nil, nil,
			[]wasmhost.CallAnswer{{Headers: wasmhost.Headers{{":status", "202"}, {"x-sluice-cache", "wait"}}}, hit}, "semantic-hit", "", chatAnswer, false},
		{"no answer", post(chat, asksOne), json200(chatAnswer), nil, []wasmhost.CallAnswer{{}}, "bypass", asksOne, chatAnswer, false},
		{"no cluster", post(chat, asksOne), json200(chatAnswer), []string{}, nil, "bypass", asksOne, chatAnswer, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			m := startOn(t, envoy, caching, func(o *wasmhost.Options) { o.Clusters = row.clusters })
			up := row.upstream
			if up == nil {
				up = nobody(t)
			}
			s := m.plugin.Exchange(row.request, nobody(t))
			for _, a := range row.answers {
				require.Empty(t, s.Upstream().Headers)
				require.Len(t, m.plugin.Calls(), 1)
				require.NoError(t, m.plugin.Calls()[0].Answer(a))
			}
			for range 3 {
				m.now = m.now.Add(time.Millisecond)
				require.NoError(t, m.plugin.Tick())
				s.Respond(up)
			}
			require.NoError(t, s.Trapped(), "%s", s.Trace())
			require.False(t, s.Hung(), "%s", s.Trace())
			require.Equal(t, row.client, string(s.Client().Body()))
			require.Equal(t, row.result, s.Client().Headers.Get("x-sluice-cache"))
			if row.sent != "" {
				require.Equal(t, row.sent, string(s.Upstream().Body()))
			}
			require.Equal(t, row.result, gjson.Get(record(t, s), "cache.result").Str)
			require.Equal(t, "complete", gjson.Get(record(t, s), "end").Str)
			if row.name == "no answer" {
				given := m.ticks("/v1/store")
				require.Equal(t, gjson.Get(record(t, s), "id").Str, gjson.GetBytes(given.Body, "lookup").Str)
				require.NoError(t, given.Answer(taken))
			}
			if row.offered {
				offer := m.ticks("/v1/store")
				require.Equal(t, row.client, gjson.GetBytes(offer.Body, "answer").Str)
				require.Equal(t, "k", gjson.GetBytes(offer.Body, "ticket.key").Str)
				require.NoError(t, offer.Answer(taken))
			}
			if row.clusters == nil {
				records := m.ticks("/v1/records")
				require.NoError(t, records.Answer(taken))
				require.Equal(t, record(t, s)+"\n", string(records.Body))
			}
			m.now = m.now.Add(time.Second)
			require.NoError(t, m.plugin.Tick())
			if row.clusters == nil {
				require.EqualValues(t, 5000, m.plugin.TickPeriod(), "nothing is left to do")
			}
			require.Empty(t, m.warnings())
		})
	}
}

// inPieces sends a body in pieces.
func inPieces(r wasmhost.Request) wasmhost.Request {
	whole := r.Body[0]
	r.Body = [][]byte{whole[:5], whole[5:30], whole[30:]}
	return r
}

// A client that leaves while the companion is asked costs nothing, and whatever the
// companion then says is for nobody.
func TestGoneWhileTheCompanionIsAsked(t *testing.T) {
	m := startOn(t, envoy, caching)
	s := m.plugin.Exchange(post(chat, asksOne), nobody(t))
	call := m.plugin.Calls()[0]
	s.Abort()
	require.NoError(t, call.Answer(missed))
	given := m.ticks("/v1/store")
	require.True(t, gjson.GetBytes(given.Body, "abandon").Bool(), "whoever waits for it waits no longer")
	require.Equal(t, gjson.Get(record(t, s), "id").Str, gjson.GetBytes(given.Body, "lookup").Str)
	require.Equal(t, "client_gone", gjson.Get(record(t, s), "end").Str)
	require.Equal(t, int64(0), gjson.Get(record(t, s), "budgets.0.settled").Int())
	require.Empty(t, m.warnings())
}

// A body that is read in slices is asked about when it has been read.
func TestAsksAboutALongBody(t *testing.T) {
	m := startOn(t, envoy, strings.Replace(caching, "cache: {", "cache: {max_request: 1MiB, ", 1))
	long := strings.Replace(asksOne, "Say", strings.Repeat("hello ", 50_000), 1)
	require.Greater(t, len(long), 200_000)
	s := m.plugin.Exchange(post(chat, long), nobody(t))
	lookup := m.ticks("/v1/lookup")
	require.Equal(t, long, gjson.GetBytes(lookup.Body, "request").Raw)
	require.NoError(t, lookup.Answer(missed))
	s.Respond(json200(chatAnswer))
	require.Equal(t, long, string(s.Upstream().Body()))
	require.Equal(t, chatAnswer, string(s.Client().Body()))
}

const beside = caching + "companion: {}\nguards: {external: [{name: ours, type: webhook, endpoint: 'http://hook'}]}\n"

func verdict(result string) wasmhost.CallAnswer {
	return wasmhost.CallAnswer{Headers: wasmhost.Headers{{":status", "200"}, {"content-type", "application/json"}},
		Body: []byte(`{"verdicts":[{"name":"ours","result":"` + result + `","spans":[],"kinds":[],"reason":"","ms":1}]}`)}
}

// Services and the look-up are under way at the same time. The stream goes on when both have
// answered, whichever does so first, and is answered at a block.
func TestAsksServicesBesideTheCache(t *testing.T) {
	hit := wasmhost.CallAnswer{Body: []byte(chatAnswer), Headers: wasmhost.Headers{{":status", "200"}, {"content-type", "application/json"},
		{"x-sluice-cache", "hit"}, {"x-sluice-target", "openai/gpt-4o"}, {"x-sluice-usage", "input=1,output=2"}}}
	none := wasmhost.CallAnswer{}
	for _, row := range []struct {
		name          string
		verdict, look wasmhost.CallAnswer
		status        int
		sent          bool
	}{
		{name: "a miss", verdict: verdict("clean"), look: missed, status: 200, sent: true},
		{name: "a hit", verdict: verdict("clean"), look: hit, status: 200},
		{name: "no look-up", verdict: verdict("clean"), look: none, status: 200, sent: true},
		{name: "a block, a miss", verdict: verdict("found"), look: missed, status: 400},
		{name: "a block, a hit", verdict: verdict("found"), look: hit, status: 400},
		{name: "neither", verdict: none, look: none, status: 503},
	} {
		for _, first := range []string{"/v1/guard", "/v1/lookup"} {
			t.Run(row.name+", first "+first, func(t *testing.T) {
				m := startOn(t, envoy, beside)
				s := m.plugin.Exchange(post(chat, asksOne), nobody(t))
				calls := m.plugin.Calls()
				require.Len(t, calls, 2)
				require.Equal(t, "/v1/guard", calls[0].Headers.Get(":path"))
				require.Equal(t, "/v1/lookup", calls[1].Headers.Get(":path"))
				answers := []wasmhost.CallAnswer{row.verdict, row.look}
				order := []int{0, 1}
				if first == "/v1/lookup" {
					order = []int{1, 0}
				}
				for i, at := range order {
					require.NoError(t, calls[at].Answer(answers[at]))
					m.now = m.now.Add(time.Millisecond)
					require.NoError(t, m.plugin.Tick())
					if i == 0 && !(at == 0 && row.status != 200) {
						require.Empty(t, s.Upstream().Headers)
						require.Empty(t, s.LocalReplies())
					}
				}
				if row.sent {
					s.Respond(json200(chatAnswer))
					require.Equal(t, asksOne, string(s.Upstream().Body()))
				}
				require.NoError(t, s.Trapped(), "%s", s.Trace())
				require.False(t, s.Hung(), "%s", s.Trace())
				require.Equal(t, row.status, s.Client().Status())
				require.Equal(t, row.sent, len(s.Upstream().Headers) > 0)
				if row.status != 200 {
					require.Len(t, s.LocalReplies(), 1)
					require.NotContains(t, string(s.Client().Body()), "choices")
					if row.name != "a block, a hit" || first == "/v1/guard" {
						require.True(t, gjson.GetBytes(m.ticks("/v1/store").Body, "abandon").Bool(), "whoever waits leads now")
					}
				}
				require.Empty(t, m.warnings())
			})
		}
	}
}
