package e2e

import (
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/internal/mock"
)

// crowded are models of the policy routed whose first provider is killed.
const crowded = `
  crowd:
    targets: [{provider: delta, model: gpt-4o-mini}, {provider: gamma-ant, model: claude-haiku-4-5}]
    retry: {attempts: 2}
    cooldown: {after: 3, base: 200ms, max: 1s}
`

// TestCrowdFailover has 200 clients of both APIs stream at the same time while the first of
// two providers is killed, is away and comes back.
func TestCrowdFailover(t *testing.T) {
	const clients = 200
	eachGateway(t, routed, func(t *testing.T, g *gateway) {
		first, second := g.others["delta"], g.others["gamma"]
		over := make(chan struct{})
		var mu sync.Mutex
		var all []answer
		var by []dialect
		var crowd sync.WaitGroup
		for i := range clients {
			crowd.Go(func() {
				d := []dialect{openAI, anthropic}[i%2]
				for {
					a, _ := g.call(t, call{client: d, model: "crowd", stream: true, at: map[string]string{"delta": "paced", "gamma": "paced"}})
					mu.Lock()
					all, by = append(all, a), append(by, d)
					mu.Unlock()
					select {
					case <-over:
						return
					default:
					}
				}
			})
		}
		came := func(s *mock.Server) (n int) {
			for _, r := range s.Requests() {
				if strings.Contains(string(r.Body), marker("delta", "paced")) {
					n++
				}
			}
			return n
		}
		var back *mock.Server
		func() {
			defer close(over)
			soon(t, func() bool { return came(first) >= clients/2 }, "requests at the first provider")
			require.NoError(t, first.Close())
			soon(t, func() bool { return came(second) >= clients/2 }, "requests at the second provider")
			var err error
			back, err = mock.Start(mock.Options{Keep: 20_000, Script: otherScript("delta"), Listen: first.Addr()})
			require.NoError(t, err)
			soon(t, func() bool { return came(back) >= clients/10 }, "requests at the first provider, that is back")
		}()
		crowd.Wait()
		t.Cleanup(func() { _ = back.Close() })

		billed := map[string]int64{} // by a request's name, of the answers that came to their end
		for _, server := range []*mock.Server{first, second, back} {
			for _, r := range server.Requests() {
				if r.End == mock.EndComplete {
					billed[r.Header.Get("X-Case")] = r.Bill.Input + r.Bill.Output
				}
			}
		}
		ends := map[string]int{}
		for i, a := range all {
			require.Equal(t, 200, a.status, "%s %v", a.body, a.err)
			r := g.record(t, a.name)
			s := readStream(a.body)
			switch {
			case s.done:
				server := strings.TrimSuffix(r.Provider, "-ant")
				checkAnswer(t, by[i], a, true, says(server))
				require.Equal(t, "complete", r.End)
				require.Equal(t, billed[a.name], r.Attempts[len(r.Attempts)-1].Tokens)
				ends[server]++
			default: // it had begun
				require.Equal(t, "error", r.End)
				require.Equal(t, []string{"delta/gpt-4o-mini truncated"}, attemptsOf(r))
				require.NotNil(t, r.FirstTokenMS, "another provider could have answered it")
				require.True(t, a.err != nil || s.failed != "", "it looks whole: %s", a.body)
				require.True(t, strings.HasPrefix(says("delta"), s.text), s.text)
				require.Empty(t, s.finish)
				ends["broken"]++
			}
			checkBudget(t, g, r)
		}
		t.Logf("%d streams: %v", len(all), ends)
		require.Positive(t, ends["delta"])
		require.Positive(t, ends["gamma"])
		require.LessOrEqual(t, ends["broken"], clients)
	})
}
