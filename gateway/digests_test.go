package gateway

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/budget"
	"github.com/sluice-gateway/sluice/policy"
)

// What is remembered is what would be worked out, for callers that look alike too, and
// however many there have been.
func TestDigests(t *testing.T) {
	g := &Gateway{}
	b := &rule{key: "month/usd", digests: digests{}}
	callers := [][]budget.Part{{}, {{Name: "a"}}, {{Name: "a", Present: true}}}
	for _, values := range [][2]string{{"", "xy"}, {"x", "y"}, {"xy", ""}, {"x\x00", "y"}, {"x", "\x00y"}, {"\x01\x01\x00", ""}, {strings.Repeat("x", 300), "y"}} {
		for i := range 4 {
			callers = append(callers, []budget.Part{{Name: "a", Value: values[0], Present: i&1 == 0}, {Name: "b", Value: values[1], Present: i&2 == 0}})
		}
	}
	for i := range 2 * mostDigests {
		callers = append(callers, []budget.Part{{Name: "a", Value: strconv.Itoa(i), Present: true}})
	}
	for range 2 {
		for _, parts := range callers {
			for i := range parts {
				if !parts[i].Present {
					parts[i].Value = "" // as a request has it
				}
			}
			for range 2 {
				require.Equal(t, budget.Key(b.key, parts), g.digest(b, parts), "%v", parts)
			}
			require.LessOrEqual(t, len(b.digests), mostDigests)
		}
	}
	for name := range b.digests {
		require.LessOrEqual(t, len(name), longestCaller)
	}
}

// A metric is one for as long as its gateway is, so that the host's number of it is found
// without its name.
func TestMetricIsOne(t *testing.T) {
	g := &Gateway{metrics: map[string]*Metric{}}
	m := g.metric("n_total", "model", "gpt-4o", "team", "red; blue")
	require.Equal(t, "n_total;model=gpt-4o;team=red__blue;", m.Name)
	require.Same(t, m, g.metric("n_total", "model", "gpt-4o", "team", "red; blue"))
	require.NotSame(t, m, g.metric("n_total", "model", "gpt-4o;team", "red; blue"))
	require.Equal(t, "n_total", g.metric("n_total").Name) // and no ; behind it
	require.Equal(t, Histogram, g.metric(firstToken).Kind)
	require.Equal(t, Gauge, g.metric("sluice_estimate_permille", "model", "m").Kind)
}

// Of the models that clients name and the policy does not, few are remembered.
func TestOtherModels(t *testing.T) {
	g := &Gateway{fallback: &provider{Provider: policy.Provider{Name: "openai"}}, others: map[string]*model{}}
	one, e := g.resolve("gpt-4o-mini")
	require.Nil(t, e)
	again, _ := g.resolve("gpt-4o-mini")
	require.Same(t, one, again)
	for i := range 3 * mostOthers {
		m, e := g.resolve(strings.Repeat("x", i))
		require.Nil(t, e)
		require.Equal(t, strings.Repeat("x", i), m.targets[0].model)
		require.LessOrEqual(t, len(g.others), mostOthers)
	}
	for name := range g.others {
		require.LessOrEqual(t, len(name), longestOther)
	}
}

// Times are written as the standard library writes them, whichever was written before.
func TestStamp(t *testing.T) {
	var s stamp
	for _, ms := range []int64{0, 999, 1000, 1_795_000_000_000, 1_795_000_000_007, 1_795_000_000_999, 1_795_000_001_000, 1_795_000_000_010, 951_782_400_000, 253_402_300_799_999} {
		want := time.UnixMilli(ms).UTC().Format(`"2006-01-02T15:04:05.000Z"`)
		require.Equal(t, "x"+want, string(s.append([]byte("x"), ms)))
	}
}
