package budget_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/budget"
)

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
	timeline(t, &budget.Limit{Name: "25 hours", Max: 10, Period: budget.Day, Zone: budget.NewZone(berlin, time.Unix(0, 0), time.Unix(1<<32, 0))}, []step{
		{summer - 1, 10, true, 0, 0, ""},
		{summer, 10, true, 0, 0, "a new day"},
		{summer + 24*hour, 1, false, 0, hour, "is 25 hours long"},
		{summer + 25*hour, 10, true, 0, 0, ""},
	})
}
