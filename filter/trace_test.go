package main_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/internal/wasmhost"
)

// kind is a kind of request whose host calls are reviewed.
type kind struct {
	name     string
	policy   string
	request  wasmhost.Request
	upstream wasmhost.Upstream
}

var tight = strings.Replace(spine, "limit: 100000", "limit: 40", 1)

var kinds = []kind{
	{"openai", spine, post(chat, asksOne), json200(chatAnswer)},
	{"stream", spine, post(chat, asksStream), events(streamHead+withNull, streamTail[:40], streamTail[40:]+withNull, streamUsage+streamDone)},
	{"stream-untouched", spine, post(chat, asksUsage), events(streamHead+withNull, streamTail+withNull, streamUsage+streamDone)},
	{"anthropic", spine, post(messages, asksClaude), json200(claudeAnswer)},
	{"anthropic-stream", spine, post(messages, streClaude), events(claudeHead, claudeTail)},
	{"uncapped", spine, post(chat, uncapped), json200(chatAnswer)},
	{"refused", tight, post(chat, asksOne), nil},
	{"provider-error", spine, post(chat, asksOne), answers("429", "application/json", `{"error":{}}`)},
	{"passing", spine, post("/v1/files", "a=b"), answers("200", "text/plain", "as it is")},
	{"no-budget", spine[:strings.Index(spine, "budgets:")], post(chat, asksOne), json200(chatAnswer)},
}

// warm runs a kind of request twice and returns the second: the first makes metrics
// known to the host and finds out which one that is.
func (k kind) warm(t *testing.T, profile wasmhost.Profile) *wasmhost.Stream {
	up := k.upstream
	if up == nil {
		up = nobody(t)
	}
	m := startOn(t, profile, k.policy)
	m.exchange(k.request, up)
	return m.exchange(k.request, up)
}

// Every callback and host call of the usual requests, to be read: each line costs.
func TestTraces(t *testing.T) {
	for _, row := range []struct {
		profile wasmhost.Profile
		kinds   []string
	}{
		{envoy, []string{"openai", "stream", "stream-untouched", "anthropic-stream", "refused", "passing"}},
		{kong, []string{"openai", "stream", "refused"}},
	} {
		for _, k := range kinds {
			if slices.Contains(row.kinds, k.name) {
				t.Run(row.profile.String()+"/"+k.name, func(t *testing.T) {
					golden(t, k.name+"."+row.profile.String()+".golden", anonymous(k.warm(t, row.profile).Trace()))
				})
			}
		}
	}
}

// How many host calls a request takes, by kind and function. A change that makes it more
// has to say so here.
func TestHostCalls(t *testing.T) {
	var table strings.Builder
	for _, profile := range profiles {
		for _, k := range kinds {
			calls := map[string]int{}
			sum := 0
			for _, call := range hostCall.FindAllStringSubmatch(k.warm(t, profile).Trace(), -1) {
				calls[call[1]]++
				sum++
			}
			fmt.Fprintf(&table, "%s %s: %d\n", profile, k.name, sum)
			for _, name := range slices.Sorted(maps.Keys(calls)) {
				fmt.Fprintf(&table, "  %3d %s\n", calls[name], name)
			}
		}
	}
	golden(t, "calls.golden", table.String())
}

// A stream costs one host call for each piece that it passes on unchanged, however many
// there are.
func TestHostCallsOfAPiece(t *testing.T) {
	for _, profile := range profiles {
		m := startOn(t, profile, spine)
		count := func(n int) int {
			body := []string{streamHead + withNull}
			for range n {
				body = append(body, streamHead+withNull)
			}
			ask := strings.Replace(asksUsage, `"max_tokens":50`, `"max_tokens":5000`, 1)
			s := m.exchange(post(chat, ask), events(append(body, streamTail+withNull, streamUsage+streamDone)...))
			return len(hostCall.FindAllString(s.Trace(), -1))
		}
		count(1) // defines the metrics
		require.Equal(t, 100, count(110)-count(10))
	}
}

var hostCall = regexp.MustCompile(`(?m)^  (proxy_[a-z_]+)\(`)

var uuid = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`)

var state = regexp.MustCompile(`(shared_data\("[^"]*"(?:, |\) = ok ))"(?:[^"\\]|\\.)*"(?:…\(\d+\))?`)

// anonymous leaves out what is random, and the bytes of a budget's state, which are
// package budget's own affair.
func anonymous(trace string) string {
	return state.ReplaceAllString(uuid.ReplaceAllString(trace, "<id>"), "$1<state>")
}
