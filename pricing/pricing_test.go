package pricing_test

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/sluice-gateway/sluice/pricing"
	"github.com/stretchr/testify/require"
)

func model(t testing.TB, name string) pricing.Model {
	t.Helper()
	m, ok := pricing.Lookup(name)
	require.True(t, ok, name)
	return m
}

// Worked by hand from the published price lists.
func TestCost(t *testing.T) {
	for _, c := range []struct {
		model string
		usage pricing.Usage
		want  int64
		why   string
	}{
		{"gpt-4o-mini", pricing.Usage{Input: 1_000_000}, 150_000, "USD 0.15 a million"},
		{"gpt-4o-mini", pricing.Usage{Output: 1_000_000}, 600_000, "USD 0.60 a million"},
		{"gpt-4o-mini", pricing.Usage{Input: 1}, 1, "0.15 micro-dollars, rounded up"},
		{"gpt-4o-mini", pricing.Usage{}, 0, "nothing used, nothing paid"},
		{"gpt-4o-mini", pricing.Usage{Input: 100, Output: 50}, 45, "15 + 30"},
		{"gpt-4o-mini", pricing.Usage{Input: 1000, CachedInput: 1000}, 75, "all cached: USD 0.075"},
		{"gpt-4o", pricing.Usage{Input: 2006, CachedInput: 1920, Output: 300}, 5615, "86 × 2.5 + 1920 × 1.25 + 300 × 10 = 215 + 2400 + 3000"},
		{"gpt-4o-2024-05-13", pricing.Usage{Input: 1000, Output: 1000}, 20_000, "that snapshot kept the older price, 5 and 15"},
		{"o3", pricing.Usage{Input: 10, Output: 1186, Reasoning: 1024}, 9508, "reasoning is inside output: 10 × 2 + 1186 × 8"},
		{"text-embedding-3-small", pricing.Usage{Input: 50_000}, 1000, "USD 0.02 a million"},
		{"gpt-6.2-sol", pricing.Usage{Input: 272_000, Output: 1000}, 554_000, "at the threshold still short: 544,000 + 10,000"},
		{"gpt-6.2-sol", pricing.Usage{Input: 272_001, Output: 1000}, 1_103_004, "one more doubles all input and adds half to output: 1,088,004 + 15,000"},
		{"gpt-6.2-sol", pricing.Usage{Input: 3000, CachedInput: 1000, CacheWrite: 2000, CacheWriteLong: 500}, 6350, "1000 × 0.1 + 1500 × 2.5 + 500 × 5"},

		{"claude-sonnet-4-5", pricing.Usage{Input: 1000, Output: 1000}, 18_000, "3 + 15"},
		{"claude-sonnet-4-5", pricing.Usage{Input: 1000, CacheWrite: 1000}, 3750, "5 minutes: 1.25 times"},
		{"claude-sonnet-4-5", pricing.Usage{Input: 1000, CacheWrite: 1000, CacheWriteLong: 1000}, 6000, "1 hour: twice"},
		{"claude-sonnet-4-5", pricing.Usage{Input: 1000, CachedInput: 1000}, 300, "read: a tenth"},
		{"claude-opus-4-1", pricing.Usage{Input: 10_050, CachedInput: 8000, CacheWrite: 2000, Output: 393}, 79_725, "50 × 15 + 8000 × 1.5 + 2000 × 18.75 + 393 × 75 = 750 + 12000 + 37500 + 29475"},
		{"claude-haiku-5-5", pricing.Usage{Input: 100_000, Output: 1000}, 10_500, "USD 0.10 and 0.50 up to 100k"},
		{"claude-haiku-5-5", pricing.Usage{Input: 100_001, CachedInput: 100_001, Output: 1000}, 7501, "cache reads count towards the 100k: 5000.05 + 2500"},
		{"claude-3-haiku", pricing.Usage{Input: 1_000_000, CachedInput: 400_000, CacheWrite: 600_000}, 192_000, "0.03 and 0.30"},
	} {
		require.Equal(t, c.want, model(t, c.model).Cost(c.usage), "%s %+v: %s", c.model, c.usage, c.why)
	}
}

// A report whose parts do not fit its whole is never charged less than its parts.
func TestCostOfInconsistentUsage(t *testing.T) {
	m := model(t, "claude-sonnet-4-5")
	require.Equal(t, m.Cost(pricing.Usage{Input: 700, CachedInput: 500, CacheWrite: 200}), m.Cost(pricing.Usage{Input: 10, CachedInput: 500, CacheWrite: 200}))
	require.Equal(t, m.Cost(pricing.Usage{Output: 90}), m.Cost(pricing.Usage{Output: 5, Reasoning: 90}))
	require.Equal(t, m.Cost(pricing.Usage{Input: 40, CacheWrite: 40, CacheWriteLong: 40}), m.Cost(pricing.Usage{CacheWriteLong: 40}))
	require.Zero(t, m.Cost(pricing.Usage{Input: -5, Output: -1, CachedInput: -9, CacheWrite: -2, CacheWriteLong: -4, Reasoning: -3}))
	require.Equal(t, m.Cost(pricing.Usage{Input: 10}), m.Cost(pricing.Usage{Input: 10, CachedInput: -1 << 63}))
}

func TestCostSaturates(t *testing.T) {
	const most = math.MaxInt64
	dear := pricing.Model{Input: most, Output: most, CachedInput: most, CacheWrite: most, CacheWriteLong: most}
	require.EqualValues(t, most, dear.Cost(pricing.Usage{Input: most, Output: most}))
	require.EqualValues(t, most, dear.Cost(pricing.Usage{Input: most, CachedInput: most, CacheWrite: most, CacheWriteLong: most, Output: most}))
	require.EqualValues(t, most, dear.MaxCost(most, most))
	require.EqualValues(t, most, pricing.Model{Input: 1_000_000}.Cost(pricing.Usage{Input: most}), "the largest that fits")
	require.EqualValues(t, most-1, pricing.Model{Input: 1_000_000}.Cost(pricing.Usage{Input: most - 1}))
	require.Zero(t, pricing.Model{Input: -1}.Cost(pricing.Usage{Input: most}), "a negative price is no income")
}

// Against arbitrary precision.
func TestCostIsExact(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	wide := func() int64 { return random.Int64() >> random.IntN(63) }
	for range 200_000 {
		m := pricing.Model{Input: wide(), Output: wide(), CachedInput: wide(), CacheWrite: wide(), CacheWriteLong: wide()}
		u := pricing.Usage{CachedInput: wide() / 4, CacheWriteLong: wide() / 8, Output: wide()}
		u.CacheWrite = u.CacheWriteLong + wide()/8
		u.Input = u.CachedInput + u.CacheWrite + wide()/4
		sum := new(big.Int)
		for _, part := range [][2]int64{
			{u.Input - u.CachedInput - u.CacheWrite, m.Input},
			{u.CachedInput, m.CachedInput},
			{u.CacheWrite - u.CacheWriteLong, m.CacheWrite},
			{u.CacheWriteLong, m.CacheWriteLong},
			{u.Output, m.Output},
		} {
			sum.Add(sum, new(big.Int).Mul(big.NewInt(part[0]), big.NewInt(part[1])))
		}
		want, rest := new(big.Int).QuoRem(sum, big.NewInt(1_000_000), new(big.Int))
		if rest.Sign() > 0 {
			want.Add(want, big.NewInt(1))
		}
		if !want.IsInt64() {
			want.SetInt64(math.MaxInt64)
		}
		require.Equal(t, want.Int64(), m.Cost(u), "%+v %+v", m, u)
	}
}

// Whatever the usage turns out to be, the reservation covers it.
func TestMaxCostBoundsCost(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for _, name := range []string{"gpt-4o", "gpt-4", "gpt-6.2-sol", "gpt-5.5", "claude-sonnet-4-5", "claude-haiku-5-5", "claude-3-haiku", "text-embedding-3-small"} {
		m := model(t, name)
		for range 20_000 {
			input, output := random.Int64N(1_000_000), random.Int64N(200_000)
			u := pricing.Usage{Input: input, Output: random.Int64N(output + 1)}
			u.CachedInput = random.Int64N(input + 1)
			noWrite := u
			u.CacheWrite = random.Int64N(input - u.CachedInput + 1)
			u.CacheWriteLong = random.Int64N(u.CacheWrite + 1)
			require.LessOrEqual(t, m.Cost(u), m.MaxCost(input, output), "%s %+v", name, u)
			require.LessOrEqual(t, m.Cost(noWrite), m.MaxCostNoWrite(input, output), "%s %+v", name, u)
		}
	}
	sonnet := model(t, "claude-sonnet-4-5")
	require.EqualValues(t, 21_000, sonnet.MaxCost(1000, 1000), "1000 × 6 + 1000 × 15: every input token might be written for an hour")
	require.EqualValues(t, 18_000, sonnet.MaxCostNoWrite(1000, 1000))
	sol := model(t, "gpt-6.2-sol")
	require.Equal(t, sol.MaxCost(1000, 0), sol.MaxCostNoWrite(1000, 0), "OpenAI writes unasked")
	require.Zero(t, sonnet.MaxCost(-1, -1))
}
