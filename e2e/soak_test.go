package e2e

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// soaking skips a test that takes minutes, unless they were asked for.
func soaking(t *testing.T) {
	t.Helper()
	if os.Getenv("SLUICE_SOAK") == "" {
		t.Skip("SLUICE_SOAK is not set: `make soak` sets it")
	}
}

// TestSoakSilence has streams that are silent for six minutes, which is longer than any
// default of Envoy's, and then go on.
func TestSoakSilence(t *testing.T) {
	soaking(t)
	eachGateway(t, monthly, func(t *testing.T, g *gateway) {
		patient := client(http1Only)
		patient.Timeout = 0
		for _, d := range []dialect{openAI, anthropic} {
			t.Run(d.name, func(t *testing.T) {
				t.Parallel()
				a := g.send(t, request{path: d.path, body: d.body("Think.", true, ""), client: patient, header: map[string]string{
					"x-mock-fault": "{stall: {after_events: 5, for: 6m}}", "x-mock-answer": "{tokens: 20}",
				}})
				require.NoError(t, a.err)
				s := readStream(a.body)
				require.True(t, s.done)
				require.Empty(t, s.failed)
				r := g.record(t, a.name)
				require.Equal(t, "complete", r.End)
				require.EqualValues(t, 20, r.Tokens.Output)
				require.Greater(t, r.TotalMS, int64(6*60_000-1))
			})
		}
	})
}

// unlimited is a policy that refuses nothing and writes nothing.
const unlimited = providers + `
default_provider: openai
budgets:
  - {name: all, unit: tokens, limit: 1000000000000, every: 1h}
records: {access_log: false}
`

// TestSoakMemory makes 200,000 requests, and holds that the memory of the process is
// then what it was after the first 50,000.
func TestSoakMemory(t *testing.T) {
	soaking(t)
	const each = 50_000
	eachGateway(t, unlimited, func(t *testing.T, g *gateway) {
		burst := func() {
			var clients sync.WaitGroup
			var next atomic.Int64
			for range 16 {
				clients.Go(func() {
					for i := next.Add(1); i <= each && !t.Failed(); i = next.Add(1) {
						d := []dialect{openAI, anthropic}[i%2]
						a := g.send(t, request{path: d.path, key: "sk-soak", body: d.body(fmt.Sprint("Again: ", i), i%4 < 2, `"max_tokens":20`)})
						if a.err != nil || a.status != 200 {
							t.Errorf("request %d: %d %v %s", i, a.status, a.err, short(a.body))
						}
					}
				})
			}
			clients.Wait()
			g.mock.Reset()
		}
		burst()
		first := g.resident(t)
		for range 3 {
			burst()
		}
		last := g.resident(t)
		t.Logf("resident: %d KB after %d requests, %d KB after %d", first, each, last, 4*each)
		require.Less(t, float64(last), float64(first)*1.1+10_000)
	})
}

// resident is the memory of Envoy's process, in KB.
func (g *gateway) resident(t *testing.T) (kb int64) {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", g.envoy.Pid()))
	if err != nil {
		t.Skipf("no /proc on this system: %v", err)
	}
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	_, err = fmt.Sscan(rest, &kb)
	require.NoError(t, err)
	return kb
}
