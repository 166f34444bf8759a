package e2e

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestCrowd has 64 clients make 10,000 requests of what is left of one budget, which has
// room for a part of them. What the provider would bill never exceeds the limit, and what the
// budget has lost is what the provider bills, to the token.
func TestCrowd(t *testing.T) {
	const clients, requests = 64, 10_000
	more := []string{
		``, `"max_tokens":5`, `"max_completion_tokens":30`, `"max_tokens":3,"max_completion_tokens":9`,
		`"n":2`, `"n":3,"max_tokens":12`, `"n":2,"max_completion_tokens":100`,
	}
	eachGateway(t, monthly, func(t *testing.T, g *gateway) {
		key := "sk-" + newName(t)
		g.spend(t, openAI, key, 20_000)
		var next, admitted, refused atomic.Int64
		var crowd sync.WaitGroup
		for range clients {
			crowd.Go(func() {
				for i := next.Add(1); i <= requests && !t.Failed(); i = next.Add(1) {
					stream := i%2 == 0
					a := g.send(t, request{path: openAI.path, key: key, body: openAI.body("One of many.", stream, more[i%int64(len(more))])})
					switch {
					case a.err != nil:
						t.Errorf("request %d: %v", i, a.err)
					case a.status == 200 && stream && !readStream(a.body).done:
						t.Errorf("request %d: a stream without an end: %s", i, a.body)
					case a.status == 200:
						admitted.Add(1)
					case a.status == 429:
						refused.Add(1)
					default:
						t.Errorf("request %d: %d %s", i, a.status, a.body)
					}
				}
			})
		}
		crowd.Wait()
		input, output := g.bill(t, key)
		t.Logf("%d admitted, %d refused, %d tokens of %d", admitted.Load(), refused.Load(), input+output, monthlyLimit)
		require.EqualValues(t, requests, admitted.Load()+refused.Load())
		require.LessOrEqual(t, input+output, int64(monthlyLimit), "overspent")
		require.Greater(t, input+output, int64(monthlyLimit*99/100), "a budget that is not used up proves nothing")
		require.Positive(t, refused.Load())
		g.charged(t, openAI, key, input+output)
	})
}
