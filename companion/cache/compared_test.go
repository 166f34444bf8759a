package cache

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/companion/compare"
)

// Two prompts are compared once, and which is which matters.
func TestComparedOnce(t *testing.T) {
	times := map[string]int{}
	b := newBench(t, func(c *Config) {
		c.Compare = func(entry, asked string) compare.Verdict {
			times[entry+" / "+asked]++
			return compare.Verdict{Reason: entry + " / " + asked}
		}
	})
	for range 3 {
		require.Equal(t, "a / b", b.compare("a", "b").Reason)
		require.Equal(t, "b / a", b.compare("b", "a").Reason)
		require.Equal(t, "ab / ", b.compare("ab", "").Reason)
	}
	require.Equal(t, map[string]int{"a / b": 1, "b / a": 1, "ab / ": 1}, times)

	for i := range 3 * comparedKept {
		b.compare("a", fmt.Sprint(i))
		b.compare("a", "b")
	}
	require.LessOrEqual(t, len(b.compared.now)+len(b.compared.old), comparedKept)
	require.Equal(t, 1, times["a / b"], "what is asked for again stays")
	b.compare("b", "a")
	require.Equal(t, 2, times["b / a"], "and what is not goes")
}
