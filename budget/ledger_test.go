package budget_test

import (
	"errors"
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

// step is one line of a timeline: at a time, spend an amount at once.
type step struct {
	at     int64 // after t0
	amount int64
	ok     bool
	left   int64 // after it
	retry  int64 // if refused
	why    string
}

func timeline(t *testing.T, l *budget.Limit, steps []step) {
	t.Helper()
	require.NoError(t, l.Validate())
	onEachHost(t, func(t *testing.T, store budget.Store) {
		lg := budget.New(store, budget.Options{})
		for i, s := range steps {
			now := t0 + s.at
			r, refusal, err := lg.Reserve(now, []budget.Claim{claim(l, "a", s.amount)})
			require.NoError(t, err, "step %d", i)
			if s.ok {
				require.NotNil(t, r, "step %d: %s", i, s.why)
				require.Equal(t, s.left, r.Held()[0].State.Remaining, "step %d, left: %s", i, s.why)
				require.NoError(t, r.Settle(now, []int64{s.amount}))
			} else {
				require.NotNil(t, refusal, "step %d: %s", i, s.why)
				require.Equal(t, s.left, refusal.Remaining, "step %d, left: %s", i, s.why)
				require.Equal(t, s.retry, refusal.RetryAfter, "step %d, retry after: %s", i, s.why)
			}
			require.Equal(t, s.left, remaining(t, lg, now, l, "a"), "step %d, peek: %s", i, s.why)
		}
	})
}

func TestBucket(t *testing.T) {
	timeline(t, bucket("b", 60, minute), []step{
		{0, 60, true, 0, 0, "begins full"},
		{0, 1, false, 0, 1000, "one a second"},
		{999, 1, false, 0, 1, "not yet"},
		{1000, 1, true, 0, 0, "now"},
		{31_000, 30, true, 0, 0, "30 s are 30"},
		{40_000, 10, false, 9, 1000, "all or nothing of one claim"},
		{40_000, 9, true, 0, 0, ""},
		{40_000, 61, false, 0, 60_000, "never: until it is full"},
		{10 * minute, 60, true, 0, 0, "never more than full"},
		{10 * minute, 0, true, 0, 0, "nothing fits into nothing"},
	})
}

func TestBucketKeepsFractions(t *testing.T) {
	timeline(t, bucket("b", 3, 10*second), []step{ // one in 3,333 1/3 ms
		{0, 3, true, 0, 0, ""},
		{3333, 1, false, 0, 1, "a third of a millisecond is missing"},
		{3334, 1, true, 0, 0, ""},
		{6666, 1, false, 0, 1, ""},
		{6667, 1, true, 0, 0, ""},
		{9999, 1, false, 0, 1, ""},
		{10_000, 1, true, 0, 0, "the thirds have come to one"},
	})
	timeline(t, bucket("fast", 1_000_000, second), []step{
		{0, 1_000_000, true, 0, 0, ""},
		{1, 1000, true, 0, 0, "1,000 a millisecond"},
		{1, 1, false, 0, 1, ""},
	})
	year := 366 * day
	timeline(t, bucket("slow", budget.MaxAmount, 100*year), []step{
		{0, budget.MaxAmount, true, 0, 0, ""},
		{50 * year, budget.MaxAmount / 2, true, 0, 0, "half of the time, exactly half"},
		{50*year + 1, 317, false, 316, 1, "10^15 in 3,162,240,000,000 ms is 316.2 a millisecond"},
		{50*year + 5, 1581, true, 0, 0, "5 * 316.23"},
	})
}

func TestBucketClock(t *testing.T) {
	timeline(t, bucket("back a little", 60, minute), []step{
		{30_000, 60, true, 0, 0, ""},
		{20_000, 1, false, 0, 11_000, "10 s back: nothing until the clock has caught up, and then a second"},
		{30_000, 1, false, 0, 1000, "caught up: what has passed once does not count again"},
		{31_000, 1, true, 0, 0, ""},
	})
	timeline(t, bucket("one reading far ahead", 60, minute), []step{
		{0, 60, true, 0, 0, ""},
		{1000 * day, 60, true, 0, 0, "the wrong reading fills it, once"},
		{1, 1, false, 0, 61_000, "takes it back: nothing for a minute"},
		{30_000, 1, false, 0, 31_001, "from the first right reading on"},
		{60_001, 1, false, 0, 1000, "the minute is over: as at the start, nothing given twice"},
		{61_001, 1, true, 0, 0, "and it goes on"},
		{1000 * day, 60, false, 0, 60_000, "the wrong reading again gives nothing"},
		{1000*day + 1000, 1, true, 0, 0, "the days have passed: it goes on"},
	})
	timeline(t, bucket("two clocks", 60, minute), []step{
		{0, 60, true, 0, 0, ""},
		{hour, 60, true, 0, 0, "an hour ahead"},
		{1000, 1, false, 0, 61_000, ""},
		{hour + 1000, 1, true, 0, 0, "a second is a second"},
		{2000, 1, false, 0, 61_000, "the lower clock gives nothing"},
		{hour + 2000, 2, false, 1, 1000, "nor the upper one more than one clock gives"},
	})
	timeline(t, bucket("one reading of 1970", 60, minute), []step{
		{0, 60, true, 0, 0, ""},
		{-t0, 1, false, 0, 61_000, ""},
		{1000, 1, true, 0, 0, "the clock is right again, and nothing is lost"},
		{1000, 1, false, 0, 1000, ""},
	})
	timeline(t, bucket("set back for good", 60, minute), []step{
		{hour, 60, true, 0, 0, ""},
		{0, 1, false, 0, 61_000, "an hour back is not an hour without budget, but a minute"},
		{61_000, 1, true, 0, 0, ""},
		{120_000, 59, true, 0, 0, ""},
		{hour + minute, 60, true, 0, 0, ""},
	})
}

func TestQuota(t *testing.T) {
	timeline(t, quota("d", 100, budget.Day), []step{
		{0, 60, true, 40, 0, ""},
		{hour, 41, false, 40, 23 * hour, "until midnight"},
		{hour, 101, false, 40, 23 * hour, "never, all the same"},
		{day - 1, 40, true, 0, 0, ""},
		{day - 1, 1, false, 0, 1, ""},
		{day, 100, true, 0, 0, "the next day"},
		{3 * day, 100, true, 0, 0, "a day nobody came"},
	})
	timeline(t, quota("clock back over midnight", 100, budget.Day), []step{
		{day - 1, 70, true, 30, 0, ""},
		{day, 80, true, 20, 0, ""},
		{day - 1, 31, false, 30, 1, "yesterday is yesterday's"},
		{day - 1, 30, true, 0, 0, ""},
		{day, 21, false, 20, day, "and today today's"},
	})
	timeline(t, quota("one reading far ahead", 100, budget.Month), []step{
		{0, 70, true, 30, 0, ""},
		{1000 * day, 100, true, 0, 0, ""},
		{1, 31, false, 30, 8*day - 1, "the month goes on as it was"},
		{1, 30, true, 0, 0, ""},
		{8 * day, 100, true, 0, 0, "so does the next one: 1 December"},
		{1000 * day, 1, false, 0, 13 * day, "and the one read too early has been spent"},
	})
	timeline(t, quota("two wrong readings", 100, budget.Day), []step{
		{0, 50, true, 50, 0, ""},
		{10 * day, 10, true, 90, 0, ""},
		{5 * day, 20, true, 80, 0, ""},
		{0, 81, false, 80, 6 * day, "today is forgotten, so the earliest day remembered has to do"},
		{0, 80, true, 0, 0, ""},
		{0, 1, false, 0, 6 * day, "never another budget"},
	})
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	summer := time.Date(2026, 10, 25, 0, 0, 0, 0, berlin).UnixMilli() - t0
	timeline(t, &budget.Limit{Name: "25 hours", Max: 10, Period: budget.Day, Zone: berlin}, []step{
		{summer - 1, 10, true, 0, 0, ""},
		{summer, 10, true, 0, 0, "a new day"},
		{summer + 24*hour, 1, false, 0, hour, "is 25 hours long"},
		{summer + 25*hour, 10, true, 0, 0, ""},
	})
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

func TestSettleAndCancel(t *testing.T) {
	for _, l := range []*budget.Limit{bucket("bucket", 100, 1000*day), quota("quota", 100, budget.Month)} {
		onEachHost(t, func(t *testing.T, store budget.Store) {
			lg := budget.New(store, budget.Options{})
			left := func(want int64, why string) {
				t.Helper()
				require.Equal(t, want, remaining(t, lg, t0, l, "a"), why)
			}
			r := reserve(t, lg, t0, claim(l, "a", 60))
			left(40, "charged when reserved")
			require.NoError(t, r.Settle(t0, []int64{25}))
			left(75, "what was not used is given back")
			require.Equal(t, []int64{60, 25, 75}, []int64{r.Held()[0].Reserved, r.Held()[0].Settled, r.Held()[0].State.Remaining})
			require.NoError(t, r.Settle(t0, []int64{50}))
			require.NoError(t, r.Cancel(t0))
			left(75, "once")

			r = reserve(t, lg, t0, claim(l, "a", 70))
			require.NoError(t, r.Cancel(t0))
			left(75, "cancelled: all of it")
			require.NoError(t, r.Settle(t0, []int64{70}))
			left(75, "and that is that")

			r = reserve(t, lg, t0, claim(l, "a", 75))
			require.NoError(t, r.Settle(t0, []int64{95}))
			left(-20, "more than was reserved is a debt")
			require.EqualValues(t, -20, refused(t, lg, t0, claim(l, "a", 0)).Remaining, "in debt not even nothing fits")
			_, err := r.Extend(t0, []int64{1})
			require.ErrorIs(t, err, budget.ErrClosed)
		})
	}
}

func TestExtend(t *testing.T) {
	onEachHost(t, func(t *testing.T, store budget.Store) {
		lg := budget.New(store, budget.Options{})
		a, b := bucket("a", 100, 1000*day), quota("b", 50, budget.Month)
		r := reserve(t, lg, t0, claim(a, "x", 10), claim(b, "x", 10))
		f, err := r.Extend(t0, []int64{20, 5})
		require.NoError(t, err)
		require.Nil(t, f)
		require.EqualValues(t, 70, remaining(t, lg, t0, a, "x"))
		require.EqualValues(t, 35, remaining(t, lg, t0, b, "x"))

		f, err = r.Extend(t0, []int64{20, 36})
		require.NoError(t, err)
		require.Same(t, b, f.Limit)
		require.Equal(t, []int64{36, 35}, []int64{f.Asked, f.Remaining})
		require.EqualValues(t, 70, remaining(t, lg, t0, a, "x"), "all or none")
		require.EqualValues(t, 30, r.Held()[0].Reserved)

		f, err = r.Extend(t0, []int64{0, 35})
		require.NoError(t, err)
		require.Nil(t, f)
		require.NoError(t, r.Settle(t0, []int64{30, 50}))
		require.EqualValues(t, 70, remaining(t, lg, t0, a, "x"))
		require.EqualValues(t, 0, remaining(t, lg, t0, b, "x"))
	})
}

func TestHoldsEnd(t *testing.T) {
	const hold = 16 * minute
	for _, l := range []*budget.Limit{bucket("bucket", 100, 1000*day), quota("quota", 100, budget.Day)} {
		onEachHost(t, func(t *testing.T, store budget.Store) {
			lg := budget.New(store, budget.Options{Hold: hold})
			start := t0 + 30*second // in the middle of a slot
			crashed := reserve(t, lg, start, claim(l, "a", 60))
			require.EqualValues(t, 40, remaining(t, lg, start+hold-1, l, "a"), "not early")
			require.EqualValues(t, 100, remaining(t, lg, start+hold+hold/16, l, "a"), "and not for ever")

			end := start + hold + hold/16
			require.NoError(t, crashed.Settle(end, []int64{70}))
			require.EqualValues(t, 30, remaining(t, lg, end, l, "a"), "it had not crashed: charged what it came to")

			late := reserve(t, lg, end, claim(l, "a", 10))
			require.NoError(t, late.Cancel(end+2*hold))
			require.EqualValues(t, 30, remaining(t, lg, end+2*hold, l, "a"), "given back once, not twice")

			// A stream that grows renews its hold, also when it had ended.
			at := end + 3*hold
			stream := reserve(t, lg, at, claim(l, "a", 10))
			for i, extra := range []int64{1, 2, 3} {
				at += hold - minute
				_, err := stream.Extend(at, []int64{extra})
				require.NoError(t, err)
				require.Equal(t, []int64{19, 17, 14}[i], remaining(t, lg, at, l, "a"))
			}
			at += 2 * hold
			require.EqualValues(t, 30, remaining(t, lg, at, l, "a"))
			_, err := stream.Extend(at, []int64{1})
			require.NoError(t, err)
			require.EqualValues(t, 13, remaining(t, lg, at, l, "a"), "16 held before and 1 more")
			require.NoError(t, stream.Settle(at, []int64{20}))
			require.EqualValues(t, 10, remaining(t, lg, at, l, "a"))
		})
	}
}

func TestAReservationBelongsToItsWindow(t *testing.T) {
	onEachHost(t, func(t *testing.T, store budget.Store) {
		lg := budget.New(store, budget.Options{})
		l := quota("l", 100, budget.Day)
		night := t0 + day - minute
		a, b, c := reserve(t, lg, night, claim(l, "a", 50)), reserve(t, lg, night, claim(l, "a", 20)), reserve(t, lg, night, claim(l, "a", 10))
		morning := t0 + day + minute
		reserve(t, lg, morning, claim(l, "a", 5))
		require.NoError(t, a.Settle(morning, []int64{90}))
		require.NoError(t, b.Cancel(morning))
		require.EqualValues(t, 95, remaining(t, lg, morning, l, "a"), "the new day knows nothing of it")
		require.EqualValues(t, 0, remaining(t, lg, night, l, "a"), "the old one does: 90 + 10 held")
		_, err := c.Extend(morning, []int64{1})
		require.NoError(t, err)
		require.EqualValues(t, 95, remaining(t, lg, morning, l, "a"))
		reserve(t, lg, morning+day, claim(l, "a", 1))
		require.NoError(t, c.Settle(morning+day, []int64{30}))
		require.EqualValues(t, 99, remaining(t, lg, morning+day, l, "a"), "a day that is forgotten is not settled")
	})
}

func TestShadow(t *testing.T) {
	onEachHost(t, func(t *testing.T, store budget.Store) {
		lg := budget.New(store, budget.Options{})
		shadow, real := bucket("shadow", 10, minute), bucket("real", 100, minute)
		shadow.Shadow = true
		r := reserve(t, lg, t0, claim(shadow, "a", 8), claim(real, "a", 8))
		require.Nil(t, r.Held()[0].Over)
		require.NoError(t, r.Settle(t0, []int64{9, 9}))
		require.EqualValues(t, 1, remaining(t, lg, t0, shadow, "a"))

		r = reserve(t, lg, t0, claim(shadow, "a", 8), claim(real, "a", 8))
		over := r.Held()[0].Over
		require.NotNil(t, over, "it would have been refused")
		require.Equal(t, []int64{8, 1, 42_000}, []int64{over.Asked, over.Remaining, over.RetryAfter})
		require.NoError(t, r.Settle(t0, []int64{9, 9}))
		require.EqualValues(t, 1, remaining(t, lg, t0, shadow, "a"), "and then it would not have spent anything")
		require.EqualValues(t, 82, remaining(t, lg, t0, real, "a"))

		r = reserve(t, lg, t0, claim(shadow, "a", 1), claim(real, "a", 1))
		f, err := r.Extend(t0, []int64{1, 1})
		require.NoError(t, err)
		require.Nil(t, f, "growing is not refused either")
		require.NotNil(t, r.Held()[0].Over)
		require.EqualValues(t, 80, remaining(t, lg, t0, real, "a"))

		broken := budget.New(failing{store}, budget.Options{})
		r = reserve(t, broken, t0, claim(shadow, "a", 1))
		require.ErrorIs(t, r.Held()[0].Err, errStore)
		_, _, err = broken.Reserve(t0, []budget.Claim{claim(real, "a", 1)})
		require.ErrorIs(t, err, errStore)
		require.ErrorContains(t, err, `budget: reserve of limit "real", state sluice/b1/`)
		require.EqualValues(t, 2, broken.Stats().Failed)
	})
}

var errStore = errors.New("no shared data")

type failing struct{ budget.Store }

func (failing) Get(string) ([]byte, budget.Version, error) { return nil, budget.Absent, errStore }

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

		// A quota's spending is a number and stays that number.
		q := quota("q", 100, budget.Day)
		require.NoError(t, reserve(t, lg, t0, claim(q, "a", 80)).Settle(t0, []int64{80}))
		require.EqualValues(t, 120, remaining(t, lg, t0, quota("q", 200, budget.Day), "a"))
		require.EqualValues(t, -30, remaining(t, lg, t0, quota("q", 50, budget.Day), "a"))

		// In another zone it is another day: what was spent today stays spent.
		tokyo := quota("q", 100, budget.Day)
		tokyo.Zone = time.FixedZone("tokyo", 9*3600)
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
