package budget_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/budget"
)

// A client that takes all it can get, on a machine whose clock is now and then read wrong.
// What it gets is checked against real time, which the ledger does not know.
func TestOneWrongReadingIsTakenBack(t *testing.T) {
	const limit, every = 600, minute
	for seed := range uint64(300) {
		rng := rand.New(rand.NewPCG(seed, 9))
		lg := budget.New(hosts[seed%2].make(), budget.Options{})
		l := bucket("l", limit, every)
		got := int64(0)
		take := func(reading int64) {
			left := max(remaining(t, lg, reading, l, "a"), 0)
			r, refusal, err := lg.Reserve(reading, []budget.Claim{claim(l, "a", max(left, 1))})
			require.NoError(t, err)
			if refusal == nil {
				got += max(left, 1)
				require.NoError(t, r.Settle(reading, []int64{max(left, 1)}))
			}
		}
		wrongAt := 1 + rng.Int64N(200)
		ahead := rng.Int64N(1000 * day)
		if seed%3 == 0 {
			ahead = -rng.Int64N(1000 * day)
		}
		for i := range int64(400) {
			real := i * second
			reading := t0 + 2000*day + real
			if i == wrongAt {
				reading += ahead
			}
			take(reading)
			most := limit + real*limit/every
			if i >= wrongAt && i <= wrongAt+every/second {
				most += limit // early, and for no longer than it takes to earn it
			}
			require.LessOrEqual(t, got, most, "seed %d: %d ms ahead at %d s, now %d s", seed, ahead, wrongAt, i)
		}
		// Nor does it cost more than a reading that far ahead gave, and one refill.
		require.GreaterOrEqual(t, got, 399*second*limit/every-limit, "seed %d", seed)
	}
}

// A clock that keeps jumping between two times gives no more than the two together.
func TestAFlappingClockGivesOnce(t *testing.T) {
	lg := budget.New(hosts[0].make(), budget.Options{})
	l := bucket("l", 60, minute)
	q := quota("q", 60, budget.Day)
	got := int64(0)
	for i := range int64(100) {
		for _, at := range []int64{t0, t0 + 300*day} {
			reading := at + i
			for _, c := range []budget.Claim{claim(l, "a", 60), claim(q, "a", 60)} {
				if r, _, err := lg.Reserve(reading, []budget.Claim{c}); r != nil {
					got += 60
				} else {
					require.NoError(t, err)
				}
			}
		}
	}
	require.EqualValues(t, 4*60, got, "one bucket and one day here, one of each there")
}
