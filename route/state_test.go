package route_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/route"
)

const (
	t0     = int64(1_800_000_000_000)
	second = int64(1000)
	minute = 60 * second
	hour   = 60 * minute
)

var coolDown = route.CoolDown{After: 3, Base: 10 * second, Max: 5 * minute}

// Events of a timeline.
const (
	look = iota
	fails
	answers
	limited
)

// step is one event and whether the target is cooling down after it, and until when.
type step struct {
	at    int64
	event int
	wait  int64 // the provider's own
	until int64 // 0: not cooling down
	why   string
}

func timeline(t *testing.T, name string, c route.CoolDown, steps []step) {
	t.Helper()
	var s route.State
	for i, step := range steps {
		now := t0 + step.at
		switch step.event {
		case fails:
			s.Failed(now, step.wait, c)
		case answers:
			s.Succeeded(now, 100, 0)
		case limited:
			s.Limited(now, step.wait, c)
		}
		s = route.ParseState(s.Append(nil))
		require.Equal(t, step.until != 0, s.Cooling(now), "%s, step %d: %s", name, i, step.why)
		if step.until != 0 {
			require.Equal(t, t0+step.until, s.Until(), "%s, step %d: %s", name, i, step.why)
		}
	}
}

func TestCoolDown(t *testing.T) {
	timeline(t, "failures", coolDown, []step{
		{0, fails, 0, 0, "one is none"},
		{10, fails, 0, 0, ""},
		{20, fails, 0, 20 + 10*second, "three in a row"},
		{30, fails, 0, 20 + 10*second, "sent before: the same outage"},
		{20 + 10*second, look, 0, 0, "over"},
		{11 * second, fails, 0, 31 * second, "on trial one failure is enough, and it doubles"},
		{31 * second, fails, 0, 71 * second, "and doubles"},
		{71 * second, fails, 0, 151 * second, ""},
		{151 * second, fails, 0, 311 * second, ""},
		{311 * second, fails, 0, 611 * second, "never more than five minutes"},
		{400 * second, answers, 0, 0, "an answer ends it"},
		{401 * second, fails, 0, 0, "and the count"},
	})
	timeline(t, "not in a row", coolDown, []step{
		{0, fails, 0, 0, ""},
		{1, fails, 0, 0, ""},
		{2, answers, 0, 0, ""},
		{3, fails, 0, 0, ""},
		{4, fails, 0, 0, ""},
		{5 + route.Forget, fails, 0, 0, "the others are forgotten"},
	})
	timeline(t, "the provider's own wait", coolDown, []step{
		{0, fails, 25 * second, 25 * second, "at once"},
		{1 * second, fails, 30 * second, 31 * second, "a later end counts"},
		{2 * second, fails, 5 * second, 31 * second, "an earlier one does not"},
		{31 * second, fails, 2 * hour, 331 * second, "bounded"},
		{331 * second, fails, 0, 371 * second, "the third cool-down in a row"},
		{371*second + route.Forget + 1, fails, 0, 0, "forgotten: it counts as new"},
	})
	timeline(t, "limited", coolDown, []step{
		{0, limited, 20 * second, 20 * second, ""},
		{1, answers, 0, 20 * second, "the answer whose head said so"},
		{2, limited, 5 * second, 20 * second, "of two limits the longer"},
		{20 * second, look, 0, 0, ""},
		{21 * second, fails, 0, 0, "it was no failure"},
		{22 * second, limited, hour, 322 * second, "bounded"},
		{23 * second, fails, hour, 323 * second, "of both the longer"},
		{24 * second, answers, 0, 322 * second, ""},
	})
	timeline(t, "at once", route.CoolDown{After: 0, Base: second, Max: second}, []step{
		{0, fails, 0, second, ""},
		{second, fails, 0, 2 * second, ""},
	})
	timeline(t, "none", route.CoolDown{}, []step{
		{0, fails, 0, 0, ""},
		{0, fails, minute, 0, ""},
		{0, limited, minute, 0, ""},
	})
	timeline(t, "longer at first than at most", route.CoolDown{After: 1, Base: minute, Max: second}, []step{
		{0, fails, 0, second, ""},
	})
}

func TestCoolDownClock(t *testing.T) {
	timeline(t, "back a little", coolDown, []step{
		{0, fails, 10 * second, 10 * second, ""},
		{-9 * second, look, 0, 10 * second, "19 s ahead are believed"},
		{-11 * second, look, 0, 0, "and 21 s are not"},
	})
	timeline(t, "a reading far ahead", coolDown, []step{
		{1000 * hour, fails, minute, 1000*hour + minute, ""},
		{0, look, 0, 0, ""},
		{1, fails, 0, 0, "what will be is forgotten like what was"},
		{2, fails, minute, minute + 2, ""},
		{1000 * hour, look, 0, 0, ""},
	})
	timeline(t, "a reading of 1970", coolDown, []step{
		{0, fails, minute, minute, ""},
		{-t0, look, 0, 0, ""},
		{1, look, 0, minute, ""},
		{-2 * t0, fails, 0, 0, "or before"},
	})
}

// Whatever happens at whatever readings of the clock, a cool-down is believed for no longer
// than twice the bound, and a target has at most two of them.
func TestCoolDownIsBounded(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		var s route.State
		for range 30 {
			now := t0 + rng.Int64N(2*hour) - rng.Int64N(2)*rng.Int64N(hour)
			switch rng.IntN(8) {
			case 0:
				s.Succeeded(now, rng.Int64N(5000), rng.Int64N(1000))
			case 1:
				s.Limited(now, rng.Int64N(hour), coolDown)
			case 2:
				s.Failed(now, rng.Int64N(hour), coolDown)
			default:
				s.Failed(now, 0, coolDown)
			}
			require.Equal(t, s, route.ParseState(s.Append(nil)))
			cooling := int64(0)
			for at := t0 - 2*hour; at < t0+4*hour; at += minute {
				if s.Cooling(at) {
					cooling += minute
				}
			}
			require.LessOrEqual(t, cooling, 4*coolDown.Max)
		}
	}
}

func TestStateBytes(t *testing.T) {
	var s route.State
	require.Equal(t, route.State{}, route.ParseState(nil))
	require.Len(t, s.Append(nil), route.StateSize)
	require.Equal(t, s, route.ParseState(s.Append(nil)))
	s.Failed(t0, minute, coolDown)
	b := s.Append([]byte("before"))[len("before"):]
	require.Equal(t, s, route.ParseState(b))
	require.Equal(t, route.State{}, route.ParseState(b[1:]))
	require.Equal(t, route.State{}, route.ParseState(append(b, 0)))
	b[0]++
	require.Equal(t, route.State{}, route.ParseState(b), "another version")
	s = route.State{}
	s.Succeeded(1<<62, 1<<62, 1<<62)
	require.Equal(t, s, route.ParseState(s.Append(nil)), "as much as there is room for")
}

// Whatever the bytes are: nothing panics, what was read is written as it was, and a target
// is never lost.
func FuzzState(f *testing.F) {
	var s route.State
	f.Add(s.Append(nil), t0, int64(5))
	s.Succeeded(t0, 500, 9000)
	s.Failed(t0, minute, coolDown)
	s.Limited(t0, hour, coolDown)
	f.Add(s.Append(nil), t0, int64(5))
	f.Add([]byte{}, int64(-1), int64(-1))
	f.Fuzz(func(t *testing.T, b []byte, now, n int64) {
		s := route.ParseState(b)
		if s != (route.State{}) {
			require.Equal(t, b, s.Append(nil))
		}
		targets := []route.Target{{Fits: true, State: s}, {Fits: true}, {State: s}}
		for strategy := range route.Latency + 1 {
			require.ElementsMatch(t, []int{0, 1}, route.Order(nil, now, targets, route.Choice{Strategy: strategy, Random: uint64(n), Output: n}))
		}
		c := route.CoolDown{After: int(n), Base: n, Max: n}
		for range 3 {
			s.Failed(now, n, c)
			s.Failed(now, 0, c)
			s.Succeeded(now, n, n)
			s.Limited(now, n, c)
			require.Equal(t, s, route.ParseState(s.Append(nil)))
		}
	})
}
