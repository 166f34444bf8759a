package main_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"github.com/sluice-gateway/sluice/internal/wasmhost"
)

// five is an answer of 3 input and 2 output tokens.
const five = `{"id":"c","object":"chat.completion","model":"x","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}`

// ofTeam is a request of a team's.
func ofTeam(team, body string) wasmhost.Request {
	r := post(chat, body)
	for i := range r.Headers {
		if r.Headers[i][0] == "X-Team" {
			r.Headers[i][1] = team
		}
	}
	return r
}

// added is the sum of all counters of a name whose labels begin so.
func added(vm *wasmhost.VM, begin string) (n int64) {
	for name, m := range vm.Metrics() {
		if strings.HasPrefix(name, begin) {
			n += m.Value
		}
	}
	return n
}

// A metric whose name Kong would not take has one that it does: the longest names that a policy
// can have, with callers of the longest.
func TestKongLongMetrics(t *testing.T) {
	const arn = "arn:aws:bedrock:eu-central-1:123456789012:inference-profile/eu.anthropic.claude-sonnet-4-5-20250929-v1:0"
	for _, model := range []string{arn, strings.Repeat("m", 250)} {
		provider := strings.Repeat("p", 60)
		policy := strings.NewReplacer("based:  ", provider+": ", "provider: based", "provider: "+provider,
			"model: gpt-4o}]}\ndefault", "model: \""+model+"\"}]}\ndefault").Replace(spine)
		m := startRoute(t, provider, policy)
		for range 2 {
			m.exchange(ofTeam(strings.Repeat("t", 64), strings.Replace(asksOne, "gpt-4o", "local", 1)), json200(five))
		}
		require.EqualValues(t, 6, added(m.vm, "sluice_tokens_total;direction=input;"))
		require.EqualValues(t, 4, added(m.vm, "sluice_tokens_total;direction=output;"))
		require.Positive(t, m.vm.Metrics()["sluice_metrics_merged_total"].Value)
		for name := range m.vm.Metrics() {
			require.LessOrEqual(t, len(name), 232)
		}
	}
}

// Workers that meet ever other callers define no more metrics than Kong keeps; what is over is
// counted together.
func TestKongManyMetrics(t *testing.T) {
	shared := wasmhost.NewSharedData(kong)
	shared.MetricsRoom(5<<20, 96)
	policy := strings.Replace(spine, "limit: 100000", "limit: 100000000", 1)
	for worker := range 4 {
		m := startRoute(t, "openai", policy, sharing(shared), untraced)
		for i := range 250 {
			m.exchange(ofTeam(fmt.Sprint("team-", worker, "-", i), asksOne), json200(five))
		}
		require.EqualValues(t, 750, added(m.vm, "sluice_tokens_total;direction=input;"))
		require.EqualValues(t, 250, added(m.vm, "sluice_requests_total;"))
		if worker == 3 {
			require.EqualValues(t, 750, m.vm.Metrics()["sluice_tokens_total;direction=input;"].Value, "all of the last worker's teams")
			require.Positive(t, m.vm.Metrics()["sluice_metrics_merged_total"].Value)
		}
	}
	require.InDelta(t, 2048, shared.MetricsDefined(), 32)
}

// A client cannot hide a header behind a hundred others: what Kong does not show is not guessed.
func TestKongManyHeaders(t *testing.T) {
	junk := func(r wasmhost.Request, n int) wasmhost.Request {
		own := r.Headers[4:] // behind :method and the like
		h := append(wasmhost.Headers{}, r.Headers[:4]...)
		for i := range n - len(own) {
			h = append(h, [2]string{fmt.Sprint("A", i), "1"})
		}
		r.Headers = append(h, own...)
		return r
	}
	policy := strings.Replace(spine, "header: x-team", "header: x-consumer-username", 1)
	for _, row := range []struct {
		profile wasmhost.Profile
		path    string
		ask     string
		headers int
		status  int
		code    string
	}{
		{kong, chat, asksOne, 96, 200, ""},
		{kong, chat, asksOne, 97, 431, "error.code"},
		{kong, chat, asksOne, 300, 431, "error.code"},
		{kong, messages, asksClaude, 97, 431, "error.type"},
		{kong, "/v1/files", "{}", 97, 431, "error.code"},
		{envoy, chat, asksOne, 300, 200, ""},
	} {
		m := startOn(t, row.profile, policy)
		up := json200(five)
		if row.status != 200 {
			up = nobody(t)
		}
		s := m.exchange(junk(post(row.path, row.ask, "X-Consumer-Username", "red"), row.headers), up)
		require.Equal(t, row.status, s.Client().Status(), "%+v", row)
		if row.status != 200 {
			require.NotEmpty(t, gjson.GetBytes(s.Client().Body(), row.code).Str, "%s", s.Client().Body())
			require.Contains(t, string(s.Client().Body()), "send fewer")
			require.EqualValues(t, 1, added(m.vm, "sluice_failures_total;kind=headers_cut;"))
			continue
		}
		require.Equal(t, "red", gjson.Get(record(t, s), "identity.team").Str)
	}
}

// Before 3.8 no two of a worker's calls are under way in a tick's name, and none is lost.
func TestKongTellsOneAfterTheOther(t *testing.T) {
	for _, v := range []string{"3.4.2", "3.6.1", "3.7.1"} {
		m := startRoute(t, "openai", caching, version(v))
		for range 3 {
			s := m.plugin.Exchange(post(chat, asksOne), nobody(t))
			require.NoError(t, m.plugin.Calls()[0].Answer(missed))
			s.Respond(json200(chatAnswer))
			require.NoError(t, s.Trapped())
		}
		m.now = m.now.Add(time.Second)
		require.NoError(t, m.plugin.Tick())
		var told []string
		for len(told) < 4 {
			require.Len(t, m.plugin.Calls(), 1, "after %v", told)
			call := m.plugin.Calls()[0]
			told = append(told, call.Headers.Get(":path"))
			if len(told) != 2 {
				require.NoError(t, call.Answer(wasmhost.CallAnswer{Headers: wasmhost.Headers{{":status", "200"}}}))
				continue
			}
			// One that failed, of which nobody tells: the next waits until it is given up.
			require.NoError(t, call.Answer(wasmhost.CallAnswer{}))
			require.Empty(t, m.plugin.Calls())
			for ticks := 0; len(m.plugin.Calls()) == 0; ticks++ {
				require.Less(t, ticks, 120)
				m.now = m.now.Add(time.Second)
				require.NoError(t, m.plugin.Tick())
			}
		}
		require.ElementsMatch(t, []string{"/v1/store", "/v1/store", "/v1/store", "/v1/records"}, told)
		require.Empty(t, m.plugin.Calls())
		require.Equal(t, 1, m.vm.Starts())
	}
}
