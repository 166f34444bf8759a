package main_test

import (
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"github.com/sluice-gateway/sluice/internal/wasmhost"
	"github.com/sluice-gateway/sluice/internal/wasmhost/hosttest"
)

// Several plugins in one machine: each has its own policy, the streams are told apart,
// and budgets of one name and key are one.
func TestPluginsInOneMachine(t *testing.T) {
	for _, profile := range profiles {
		t.Run(profile.String(), func(t *testing.T) {
			m := startOn(t, profile, spine)
			one := m.plugin
			other := m.configure(strings.NewReplacer("limit: 100000", "limit: 40", "team-month", "tight").Replace(spine))

			a, b := one.NewStream(nil), other.NewStream(nil)
			for _, s := range []*wasmhost.Stream{a, b} {
				s.RequestHeaders(post(chat, asksOne).Headers, false)
			}
			b.RequestBody([]byte(asksOne), true)
			a.RequestBody([]byte(asksOne), true)
			require.Equal(t, 429, b.Client().Status())
			require.True(t, a.Upstream().End)
			a.Respond(json200(chatAnswer))
			require.Equal(t, chatAnswer, string(a.Client().Body()))
			require.Equal(t, int64(limit-used), m.left())
		})
	}
}

// Envoy gives a plugin that is configured anew a new context. Its streams see the new
// policy at once, those that were open keep theirs, and what was spent stays spent.
func TestReconfigured(t *testing.T) {
	m := startOn(t, envoy, spine)
	open := m.plugin.NewStream(nil)
	open.RequestHeaders(post(chat, asksOne).Headers, false)
	m.exchange(post(chat, asksOne), json200(chatAnswer))

	m.plugin = m.configure(strings.Replace(spine, "limit: 100000", "limit: 200", 1))
	require.Equal(t, int64(200-used), m.left())
	open.RequestBody([]byte(asksOne), true)
	open.Respond(json200(chatAnswer))
	require.Equal(t, "100000", open.Client().Headers.Get("x-ratelimit-limit-tokens"))
	require.Equal(t, int64(200-2*used), m.left())
}

// A machine that traps takes its open streams with it. The next has nothing but the
// shared data: what those streams held counts as spent until the holds expire, and then
// comes back but for what was settled.
func TestRestartAfterTrap(t *testing.T) {
	for _, profile := range profiles {
		t.Run(profile.String(), func(t *testing.T) {
			m := startModule(t, hosttest.Compile(t, "./filter", "sluicepanic"), profile, spine)
			m.exchange(post(chat, asksOne), json200(chatAnswer))

			open := m.plugin.NewStream(nil)
			open.RequestHeaders(post(chat, asksOne).Headers, false)
			open.RequestBody([]byte(asksOne), true)
			require.True(t, open.Upstream().End)
			trapped := post(chat, asksOne)
			trapped.EndWithLast = true
			trapped.Properties = map[string]string{"sluice.panic": "trap"}
			s := m.plugin.Exchange(trapped, nobody(t))
			require.Error(t, s.Trapped())
			require.Contains(t, m.vm.Output(), "fatal error: sync: unlock of unlocked mutex")

			s = m.plugin.Exchange(post(chat, asksOne), json200(chatAnswer))
			require.Equal(t, chatAnswer, string(s.Client().Body()))
			require.Equal(t, 2, m.vm.Starts())
			hold := gjson.Get(record(t, s), "budgets.0.reserved").Int()
			require.Equal(t, limit-2*used-2*hold, m.left())

			open.ResponseHeaders(json200()(wasmhost.Message{}).Headers, false)
			require.Error(t, open.Trapped(), "it is no stream of the new machine's")

			m.now = m.now.Add(21 * time.Minute)
			require.Equal(t, int64(limit-2*used), m.left(), "the hold of budget.hold, 20 minutes, has expired")
		})
	}
}

// A clock that goes back gives nothing back and loses nothing: neither while a request is
// open nor between two.
func TestClockGoesBack(t *testing.T) {
	bucket := strings.Replace(spine, "calendar: month, zone: UTC", "every: 1m", 1)
	for _, profile := range profiles {
		for name, policy := range map[string]string{"month": spine, "bucket": bucket} {
			t.Run(profile.String()+"/"+name, func(t *testing.T) {
				m := startOn(t, profile, policy)
				m.exchange(post(chat, asksOne), json200(chatAnswer))
				s := m.plugin.NewStream(nil)
				s.RequestHeaders(post(chat, asksOne).Headers, false)
				m.now = m.now.Add(-48 * time.Hour)
				s.RequestBody([]byte(asksOne), true)
				m.now = m.now.Add(-10 * 24 * time.Hour)
				s.Respond(json200(chatAnswer))
				require.Equal(t, chatAnswer, string(s.Client().Body()))
				require.Equal(t, int64(limit-2*used), m.left())
				require.GreaterOrEqual(t, gjson.Get(record(t, s), "total_ms").Int(), int64(0))
				m.now = begin
				require.Equal(t, int64(limit-2*used), m.left())
				require.Empty(t, m.warnings())
			})
		}
	}
}

// Workers are machines of their own on one store. At a budget's limit they admit no more
// than it has, and when all is settled the store holds what was used to the token.
func TestWorkersShareABudget(t *testing.T) {
	const workers, each = 4, 150
	for _, profile := range profiles {
		t.Run(profile.String(), func(t *testing.T) {
			// Each request holds 63 tokens or so and uses 20: at this limit most are
			// refused for a while because of what others hold, and later for good.
			const limit = 2000
			policy := strings.Replace(spine, "limit: 100000", "limit: "+strconv.Itoa(limit), 1)
			shared := wasmhost.NewSharedData(profile)
			if profile == kong {
				shared.TearReads(10) // a reader may see half of what was written there
			}
			machines := make([]*machine, workers)
			for i := range machines {
				machines[i] = startOn(t, profile, policy, sharing(shared), untraced)
			}
			var admitted, refused, gone [workers]int64
			var together sync.WaitGroup
			for i, m := range machines {
				together.Go(func() {
					var open []*wasmhost.Stream
					for n := range each {
						s := m.plugin.NewStream(nil)
						s.RequestHeaders(post(chat, asksOne).Headers, false)
						s.RequestBody([]byte(asksOne), true)
						if s.Upstream().End {
							admitted[i]++
							open = append(open, s)
						} else if s.Client().Status() == 429 {
							refused[i]++
						}
						if n%3 == 2 { // some wait for others to be refused
							for k, s := range open {
								if k == 1 {
									s.Respond(answers("500", "application/json", `{"error":{}}`))
									gone[i]++
									continue
								}
								s.Respond(json200(chatAnswer))
							}
							open = nil
						}
					}
				})
			}
			together.Wait()
			var sum, free, no int64
			for i := range workers {
				sum, free, no = sum+admitted[i], free+gone[i], no+refused[i]
			}
			require.Equal(t, int64(workers*each), sum+no, "every request was admitted or refused")
			require.Positive(t, no)
			spent := (sum - free) * used
			require.LessOrEqual(t, spent, int64(limit))
			require.Greater(t, spent, int64(limit-100), "it was used up")
			// Nothing is held any more: what is left is what was not spent, and a
			// request that is refused is told so.
			m := machines[0]
			s := m.exchange(post(chat, strings.Replace(asksOne, `"max_tokens":50`, `"max_tokens":5000`, 1)), nobody(t))
			require.Equal(t, strconv.FormatInt(limit-spent, 10), s.Client().Headers.Get("x-ratelimit-remaining-tokens"))
			for _, m := range machines {
				require.Empty(t, m.warnings())
			}
		})
	}
}
