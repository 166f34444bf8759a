package budget_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/budget"
)

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
			require.EqualValues(t, 40, remaining(t, lg, t0+17*minute-1, l, "a"), "a hold ends with a sixteenth of it")
			require.EqualValues(t, 100, remaining(t, lg, t0+17*minute, l, "a"), "and is not for ever")

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
		_, err = broken.Peek(nil, t0, []budget.Claim{claim(real, "a", 0)})
		require.ErrorIs(t, err, errStore)
		require.EqualValues(t, 10, remaining(t, broken, t0, shadow, "a"), "it stops nobody")
	})
}

var errStore = errors.New("no shared data")

type failing struct{ budget.Store }

func (failing) Get(string) ([]byte, budget.Version, error) { return nil, budget.Absent, errStore }

// A look refuses what a reservation would, and holds and writes nothing.
func TestLook(t *testing.T) {
	for _, l := range []*budget.Limit{bucket("bucket", 100, 1000*day), quota("quota", 100, budget.Month)} {
		onEachHost(t, func(t *testing.T, store budget.Store) {
			counted := &writes{Store: store}
			lg := budget.New(counted, budget.Options{})
			shadow := quota("try", 10, budget.Month)
			shadow.Shadow = true
			claims := func(n int64) []budget.Claim { return []budget.Claim{claim(l, "a", n), claim(shadow, "a", n)} }
			reserve(t, lg, t0, claim(l, "a", 30))
			before := counted.n

			r, f, err := lg.Look(t0, claims(70))
			require.NoError(t, err)
			require.Nil(t, f)
			require.Zero(t, r.Held()[0].Reserved)
			require.EqualValues(t, 70, r.Held()[0].State.Remaining)
			require.NotNil(t, r.Held()[1].Over, "what a shadow would have refused is told")
			require.NoError(t, r.Cancel(t0))
			require.NoError(t, r.Settle(t0, []int64{70, 70}))
			require.Equal(t, before, counted.n)
			require.EqualValues(t, 70, remaining(t, lg, t0, l, "a"))

			looked, f, err := lg.Look(t0, claims(71))
			require.NoError(t, err)
			require.Nil(t, looked)
			reserved, g, err := lg.Reserve(t0, claims(71))
			require.NoError(t, err)
			require.Nil(t, reserved)
			require.Equal(t, g, f)

			_, _, err = lg.Look(t0, claims(-1))
			require.ErrorIs(t, err, budget.ErrAmount)
		})
	}
}

// writes counts them.
type writes struct {
	budget.Store
	n int
}

func (w *writes) Set(key string, value []byte, v budget.Version) error {
	w.n++
	return w.Store.Set(key, value, v)
}
