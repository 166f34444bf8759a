package main_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"github.com/sluice-gateway/sluice/internal/wasmhost"
)

// sharing what workers share: budgets, how targets fare, what estimates were off by, and
// conversations.
const sharedPolicy = `
version: 1
providers:
  openai: {dialect: openai, endpoint: "https://api.openai.com"}
models:
  several: {targets: [{provider: openai, model: gpt-4o}, {provider: openai, model: gpt-4o-mini}], strategy: latency, affinity: 1h}
  guessed: {targets: [{provider: openai, model: mistral-large}]}
default_provider: openai
identity:
  team: {header: x-team, verified: true}
budgets:
  - {name: team-month, per: [team], unit: tokens, limit: 500, calendar: month, zone: UTC}
`

func asksAs(team, model string) wasmhost.Request {
	r := post(chat, `{"model":"`+model+`","messages":[{"role":"user","content":"Say"}],"max_tokens":20}`)
	for i := range r.Headers {
		if r.Headers[i][0] == "X-Team" {
			r.Headers[i][1] = team
		}
	}
	return r
}

// keysOf are the keys of shared data in a stream's trace.
func keysOf(s *wasmhost.Stream) map[string]bool {
	keys := map[string]bool{}
	for line := range strings.Lines(s.Trace()) {
		if _, rest, ok := strings.Cut(line, `_shared_data("`); ok {
			key, _, _ := strings.Cut(rest, `"`)
			keys[key] = true
		}
	}
	return keys
}

// Kong finds a key by its CRC-32, and so does whoever else writes to the zone. All of our keys
// differ within 32 bits in a row, so that none of ours is another's (budget.Place); and what
// stands there and is not ours is left as it is. Of a budget that is an error, of the rest nothing.
func TestSharedDataIsLeftAlone(t *testing.T) {
	for _, profile := range profiles {
		t.Run(profile.String(), func(t *testing.T) {
			m := startOn(t, profile, sharedPolicy)
			keys := map[string]bool{}
			for range 2 {
				for _, model := range []string{"several", "guessed"} {
					for key := range keysOf(m.exchange(asksAs("red", model), json200(chatAnswer))) {
						keys[key] = true
					}
				}
			}
			require.Len(t, keys, map[wasmhost.Profile]int{envoy: 5, kong: 6}[profile], "a page, two targets, a conversation, an estimate, on Kong a list of metrics: %v", keys)
			const theirs = "what somebody else has put there, who has a key with this CRC-32"
			pages := 0
			for key := range keys {
				require.True(t, strings.HasPrefix(key, "sluice/b1/") && len(key) == len("sluice/b1/0000"), key)
				if strings.IndexByte("0123456789abcdef", key[len("sluice/b1/")]) >= 0 {
					pages++
					continue
				}
				_, cas, _ := m.shared.Get(key)
				require.True(t, m.shared.Set(key, []byte(theirs), cas))
			}
			require.Equal(t, 1, pages)
			for _, model := range []string{"several", "guessed", "several"} {
				s := m.exchange(asksAs("red", model), json200(chatAnswer))
				require.Equal(t, 200, s.Client().Status())
				require.EqualValues(t, used, gjson.Get(record(t, s), "budgets.0.settled").Int())
			}
			for key := range keys {
				value, _, _ := m.shared.Get(key)
				require.Equal(t, strings.IndexByte("0123456789abcdef", key[len("sluice/b1/")]) < 0, string(value) == theirs, key)
			}
			require.Positive(t, m.vm.Metrics()["sluice_unshared_total"].Value)
			require.Empty(t, m.warnings())
		})
	}
}

// Two workers on one zone, whose reads are torn and which drops keys where it is too small.
// Without an eviction no budget is overspent; each eviction begins one anew, and no more.
func TestBudgetsInAKongZone(t *testing.T) {
	for name, room := range map[string]int{"large enough": 0, "full": 1 << 10} {
		t.Run(name, func(t *testing.T) {
			shared := wasmhost.NewSharedData(kong)
			shared.TearReads(3)
			shared.Room(room)
			var admitted, refused atomic.Int64
			var workers sync.WaitGroup
			for worker := range 2 {
				m := startRoute(t, "openai", sharedPolicy, sharing(shared), untraced)
				workers.Go(func() {
					for i := range 160 {
						team := "red"
						if room > 0 && i%4 > 0 { // so many pages that none stays
							team = string(rune('a'+i%26)) + string(rune('a'+worker))
						}
						s := m.plugin.Exchange(asksAs(team, "several"), json200(chatAnswer))
						if !assert.NoError(t, s.Trapped()) {
							return
						}
						switch status := s.Client().Status(); {
						case status == 200 && team == "red":
							admitted.Add(gjson.Get(s.FilterState()["kong.ctx.shared.sluice_record"], "budgets.0.settled").Int())
						case status == 429 && team == "red":
							refused.Add(1)
						case status != 200 && status != 429:
							assert.Equal(t, "budget_unavailable", gjson.GetBytes(s.Client().Body(), "error.code").Str, "%s", s.Client().Body())
						}
					}
				})
			}
			workers.Wait()
			t.Logf("%d tokens of 500, %d refused, %d evicted", admitted.Load(), refused.Load(), shared.Evicted())
			require.LessOrEqual(t, admitted.Load(), int64(500*(1+shared.Evicted())))
			require.Equal(t, room > 0, shared.Evicted() > 0)
			require.Equal(t, room > 0, admitted.Load() > 500)
			if room == 0 {
				require.Positive(t, refused.Load())
			}
		})
	}
}
