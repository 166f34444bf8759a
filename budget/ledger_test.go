package budget_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/budget"
	"github.com/sluice-gateway/sluice/budget/storetest"
)

const (
	second = int64(1000)
	minute = 60 * second
	hour   = 60 * minute
	day    = 24 * hour
)

// t0 is Monday, 23 November 2026, 00:00 UTC.
var t0 = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC).UnixMilli()

// hosts are the stores that every behaviour is tested on.
var hosts = []struct {
	name string
	make func() budget.Store
}{
	{"envoy", func() budget.Store { return budget.NewSharedStore(storetest.NewEnvoy(), budget.EnvoyRules) }},
	{"kong", func() budget.Store { return budget.NewSharedStore(storetest.NewKong(), budget.KongRules) }},
	{"kong 3.6", func() budget.Store { return budget.NewSharedStore(inPlace(), budget.Kong36Rules) }},
}

func inPlace() *storetest.Kong {
	k := storetest.NewKong()
	k.InPlace = true
	return k
}

func onEachHost(t *testing.T, test func(t *testing.T, store budget.Store)) {
	for _, h := range hosts {
		t.Run(h.name, func(t *testing.T) { test(t, h.make()) })
	}
}

func bucket(name string, limit, every int64) *budget.Limit {
	return &budget.Limit{Name: name, Max: limit, Every: every}
}

func quota(name string, limit int64, period budget.Period) *budget.Limit {
	return &budget.Limit{Name: name, Max: limit, Period: period}
}

func claim(l *budget.Limit, who string, amount int64) budget.Claim {
	return budget.Claim{Limit: l, Key: budget.Key(l.Name, []budget.Part{{Name: "user", Value: who, Present: true}}), Amount: amount}
}

func remaining(t testing.TB, lg *budget.Ledger, now int64, l *budget.Limit, who string) int64 {
	t.Helper()
	states, err := lg.Peek(nil, now, []budget.Claim{claim(l, who, 0)})
	require.NoError(t, err)
	return states[0].Remaining
}

func reserve(t testing.TB, lg *budget.Ledger, now int64, claims ...budget.Claim) *budget.Reservation {
	t.Helper()
	r, refusal, err := lg.Reserve(now, claims)
	require.NoError(t, err)
	require.Nil(t, refusal)
	require.NotNil(t, r)
	return r
}

func refused(t testing.TB, lg *budget.Ledger, now int64, claims ...budget.Claim) *budget.Refusal {
	t.Helper()
	r, refusal, err := lg.Reserve(now, claims)
	require.NoError(t, err)
	require.Nil(t, r)
	require.NotNil(t, refusal)
	return refusal
}

func TestRefusalNamesTheLimitToWaitLongestFor(t *testing.T) {
	onEachHost(t, func(t *testing.T, store budget.Store) {
		lg := budget.New(store, budget.Options{})
		m, d, wide := bucket("minute", 100, minute), quota("day", 100, budget.Day), bucket("wide", 1000, minute)
		reserve(t, lg, t0, claim(m, "a", 60), claim(d, "a", 60), claim(wide, "a", 60))

		f := refused(t, lg, t0, claim(wide, "a", 50), claim(m, "a", 50), claim(d, "a", 50))
		require.Same(t, d, f.Limit)
		require.Equal(t, 2, f.Claim)
		require.Equal(t, []int64{50, 40, day}, []int64{f.Asked, f.Remaining, f.RetryAfter})
		require.False(t, f.Never)
		require.Equal(t, []budget.State{
			{Limit: wide, Remaining: 940, Reset: 3600},
			{Limit: m, Remaining: 40, Reset: 36_000},
			{Limit: d, Remaining: 40, Reset: day},
		}, f.States)

		f = refused(t, lg, t0, claim(d, "a", 50), claim(m, "a", 101))
		require.Same(t, m, f.Limit, "what never fits comes first, however short the wait")
		require.True(t, f.Never)
		require.Equal(t, 36*second, f.RetryAfter, "until it is full")

		require.EqualValues(t, 940, remaining(t, lg, t0, wide, "a"), "a refused request holds nothing")
	})
}

func TestKeysHaveBudgetsOfTheirOwn(t *testing.T) {
	onEachHost(t, func(t *testing.T, store budget.Store) {
		lg := budget.New(store, budget.Options{})
		l := bucket("l", 10, minute)
		reserve(t, lg, t0, claim(l, "a", 10))
		reserve(t, lg, t0, claim(l, "b", 9))
		require.EqualValues(t, 0, remaining(t, lg, t0, l, "a"))
		require.EqualValues(t, 1, remaining(t, lg, t0, l, "b"))
		require.EqualValues(t, 10, remaining(t, lg, t0, l, "c"))
	})
}

// The same budget claimed twice in one request must fit as a whole.
func TestOneBudgetTwiceInOneRequest(t *testing.T) {
	onEachHost(t, func(t *testing.T, store budget.Store) {
		lg := budget.New(store, budget.Options{})
		l := bucket("l", 10, minute)
		f := refused(t, lg, t0, claim(l, "a", 6), claim(l, "a", 6))
		require.Equal(t, 1, f.Claim)
		require.EqualValues(t, 10, remaining(t, lg, t0, l, "a"), "the first was put back")
		r := reserve(t, lg, t0, claim(l, "a", 6), claim(l, "a", 4))
		require.NoError(t, r.Settle(t0, []int64{5, 1}))
		require.EqualValues(t, 4, remaining(t, lg, t0, l, "a"))
	})
}

func TestChangedLimits(t *testing.T) {
	onEachHost(t, func(t *testing.T, store budget.Store) {
		lg := budget.New(store, budget.Options{})
		old := bucket("l", 1000, minute)
		r := reserve(t, lg, t0, claim(old, "a", 600))
		larger, smaller, slower := bucket("l", 10_000, minute), bucket("l", 10, minute), bucket("l", 1000, hour)
		for range 3 { // while a policy is replaced the old and the new one take turns
			require.EqualValues(t, 4000, remaining(t, lg, t0, larger, "a"), "the same part is left")
			require.EqualValues(t, 4, remaining(t, lg, t0, smaller, "a"))
			require.EqualValues(t, 400, remaining(t, lg, t0, slower, "a"))
			require.EqualValues(t, 400, remaining(t, lg, t0, old, "a"))
		}
		reserve(t, lg, t0, claim(smaller, "a", 1))
		require.NoError(t, r.Settle(t0, []int64{100}))
		require.EqualValues(t, 800, remaining(t, lg, t0, old, "a"), "700 of 1,000 were spent; 500 came back")

		// Of time that had passed before the change, the old definition decides.
		reserve(t, lg, t0+minute, claim(old, "b", 1000))
		require.EqualValues(t, 500, remaining(t, lg, t0+minute+30*second, slower, "b"))

		// A fraction of the old one's token is nothing in the new one.
		coarse, fine := bucket("f", 7, 11*second), bucket("f", 7, 7)
		reserve(t, lg, t0, claim(coarse, "a", 7))
		reserve(t, lg, t0+1600, claim(coarse, "a", 1)) // and 200 of 11,000 parts of the next
		reserve(t, lg, t0+1601, claim(fine, "a", 0))
		require.EqualValues(t, 0, remaining(t, lg, t0+1601, fine, "a"))
		require.EqualValues(t, 1, remaining(t, lg, t0+1602, fine, "a"))

		// A quota's spending is a number and stays that number.
		q := quota("q", 100, budget.Day)
		require.NoError(t, reserve(t, lg, t0, claim(q, "a", 80)).Settle(t0, []int64{80}))
		require.EqualValues(t, 120, remaining(t, lg, t0, quota("q", 200, budget.Day), "a"))
		require.EqualValues(t, -30, remaining(t, lg, t0, quota("q", 50, budget.Day), "a"))

		// In another zone it is another day: what was spent today stays spent.
		tokyo := quota("q", 100, budget.Day)
		tokyo.Zone = &budget.Zone{At: []int64{0}, Offset: []int64{9 * 3600}}
		require.EqualValues(t, 20, remaining(t, lg, t0+hour, tokyo, "a"))
		s := reserve(t, lg, t0+hour, claim(tokyo, "a", 10))
		require.EqualValues(t, 10, remaining(t, lg, t0+hour, q, "a"))
		require.NoError(t, s.Cancel(t0+hour))
		require.EqualValues(t, 20, remaining(t, lg, t0+hour, q, "a"))
		require.EqualValues(t, 100, remaining(t, lg, t0+15*hour, tokyo, "a"), "until its own midnight")

		// A limit of another kind is another limit.
		require.EqualValues(t, 100, remaining(t, lg, t0, quota("q", 100, budget.Month), "a"))
		require.EqualValues(t, 100, remaining(t, lg, t0, bucket("q", 100, minute), "a"))
	})
}

func TestBadCalls(t *testing.T) {
	lg := budget.New(hosts[0].make(), budget.Options{})
	l := bucket("l", 10, minute)
	for _, amount := range []int64{-1, budget.MaxAmount + 1} {
		_, _, err := lg.Reserve(t0, []budget.Claim{claim(l, "a", amount)})
		require.ErrorIs(t, err, budget.ErrAmount)
	}
	r := reserve(t, lg, t0, claim(l, "a", 1))
	require.ErrorIs(t, r.Settle(t0, nil), budget.ErrCount)
	require.ErrorIs(t, r.Settle(t0, []int64{-1}), budget.ErrAmount)
	_, err := r.Extend(t0, nil)
	require.ErrorIs(t, err, budget.ErrCount)
	_, err = r.Extend(t0, []int64{budget.MaxAmount})
	require.ErrorIs(t, err, budget.ErrAmount)
	require.EqualValues(t, 9, remaining(t, lg, t0, l, "a"))
	require.Empty(t, reserve(t, lg, t0).Held(), "no claims, no refusal")

	for _, c := range []struct {
		limit budget.Limit
		want  string
	}{
		{budget.Limit{Name: "a", Max: 0, Every: 1}, `budget: limit "a": max is 0, want 1 to 1000000000000000`},
		{budget.Limit{Max: budget.MaxAmount + 1, Every: 1}, "max is 1000000000000001"},
		{budget.Limit{Max: 1}, "refills over 0 ms"},
		{budget.Limit{Max: 1, Every: 1 << 60}, "want 1 ms to 100 years"},
		{budget.Limit{Max: 1, Every: 1, Period: budget.Day}, "choose one"},
		{budget.Limit{Max: 1, Period: 9}, "unknown period 9"},
	} {
		require.ErrorContains(t, c.limit.Validate(), c.want)
	}
}
