package route_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/route"
)

// provider is how a target behaves at a time since the start.
type provider func(at int64) (firstToken int64, up bool)

func steady(firstToken int64) provider {
	return func(int64) (int64, bool) { return firstToken, true }
}

// world is requests that come at random times, of which each worker keeps its own view of
// the states for a while: what it writes back may undo what others have written.
type world struct {
	providers []provider
	strategy  route.Strategy
	every     int64   // ms between two requests
	lost      float64 // the part of the updates that are made of a state read some updates ago

	rng    *rand.Rand
	shared [][]byte
	stale  [][]byte
}

func newWorld(strategy route.Strategy, every int64, providers ...provider) *world {
	w := &world{providers: providers, strategy: strategy, every: every, rng: rand.New(rand.NewPCG(7, 8))}
	w.shared = make([][]byte, len(providers))
	w.stale = make([][]byte, len(providers))
	return w
}

// run is from one time to another; it returns the share of the requests that tried each
// target first, and the number of attempts that failed.
func (w *world) run(from, to int64) (first []float64, failures int) {
	first = make([]float64, len(w.providers))
	n := 0.
	for at := from; at < to; at += 1 + w.rng.Int64N(2*w.every) {
		now := t0 + at
		targets := make([]route.Target, len(w.providers))
		for i := range targets {
			targets[i] = route.Target{Fits: true, Weight: 1, State: route.ParseState(w.shared[i])}
		}
		n++
		for turn, i := range route.Order(nil, now, targets, route.Choice{Strategy: w.strategy, Sticky: -1, Random: w.rng.Uint64(), Output: 100}) {
			if turn == 0 {
				first[i]++
			}
			s := targets[i].State
			if w.rng.Float64() < w.lost {
				s = route.ParseState(w.stale[i])
			}
			if w.rng.IntN(5) == 0 {
				w.stale[i] = w.shared[i]
			}
			latency, up := w.providers[i](at)
			if up {
				s.Succeeded(now, latency*9/10+w.rng.Int64N(latency/5), 1000)
			} else {
				s.Failed(now, 0, coolDown)
				failures++
			}
			w.shared[i] = s.Append(nil)
			if up {
				break
			}
		}
	}
	for i := range first {
		first[i] /= n
	}
	return first, failures
}

const explored = 1. / route.ExploreShare

func TestLatencyFindsTheFastest(t *testing.T) {
	w := newWorld(route.Latency, 500, steady(900), steady(300), steady(600))
	first, failures := w.run(0, 30*minute)
	require.Zero(t, failures)
	require.InDelta(t, 1-explored, first[1], .01)
	require.Greater(t, first[0], explored/4, "the others are seen now and then")
	require.Greater(t, first[2], explored/4)
}

func TestLatencyLeavesWhatSlowsAndFindsItAgain(t *testing.T) {
	for _, lost := range []float64{0, .3} {
		w := newWorld(route.Latency, 200, steady(600), func(at int64) (int64, bool) {
			if 10*minute <= at && at < 20*minute {
				return 6000, true
			}
			return 300, true
		})
		w.lost = lost
		first, _ := w.run(0, 10*minute)
		require.InDelta(t, 1-explored, first[1], .02)
		first, _ = w.run(10*minute, 10*minute+15*second)
		require.Less(t, first[1], .5, "left within some ten answers")
		first, _ = w.run(11*minute, 20*minute)
		require.InDelta(t, 1-explored, first[0], .02)
		w.run(20*minute, 26*minute)
		first, _ = w.run(26*minute, 36*minute)
		require.InDelta(t, 1-explored, first[1], .02, "found again within minutes")
	}
}

// The first is down from the tenth to the fortieth minute.
func outage(at int64) (int64, bool) { return 300, at < 10*minute || at >= 40*minute }

func TestOutage(t *testing.T) {
	for strategy := range route.Latency + 1 {
		for _, lost := range []float64{0, .3} {
			w := newWorld(strategy, 100, outage, steady(600))
			w.lost = lost
			before, failures := w.run(0, 10*minute)
			require.Zero(t, failures)
			first, failures := w.run(10*minute, 40*minute)
			require.LessOrEqual(t, first[0], 1./route.TrialShare, "strategy %d", strategy)
			require.Less(t, failures, 60, "of 18,000: some before each cool-down, which is up to five minutes, not all of them known to all")
			w.run(40*minute, 46*minute)
			after, failures := w.run(46*minute, 56*minute)
			require.Zero(t, failures)
			require.InDelta(t, before[0], after[0], .05, "strategy %d: it has its share again", strategy)
		}
	}
}

// All are down: every request still has all of them to try.
func TestAllDown(t *testing.T) {
	w := newWorld(route.Ordered, 1000, outage, outage, outage)
	w.run(0, 10*minute)
	_, failures := w.run(10*minute, 11*minute)
	require.Greater(t, failures, 3*50)
	w.run(40*minute, 50*minute)
	first, failures := w.run(50*minute, 60*minute)
	require.Zero(t, failures)
	require.Equal(t, []float64{1, 0, 0}, first)
}

// Where there are few requests the trial ends by itself.
func TestFewRequests(t *testing.T) {
	w := newWorld(route.Ordered, 4*minute, outage, steady(600))
	w.run(0, 55*minute)
	first, failures := w.run(55*minute, 10*hour)
	require.Zero(t, failures)
	require.Equal(t, 1., first[0])
}

func TestCostPicksTheCheapest(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	for range 10_000 {
		targets := make([]route.Target, 4)
		for i := range targets {
			targets[i] = route.Target{Fits: rng.IntN(4) > 0, Cost: rng.Int64N(100) - 10}
		}
		order := route.Order(nil, t0, targets, route.Choice{Strategy: route.Cost, Sticky: -1, Random: rng.Uint64()})
		for i := 1; i < len(order); i++ {
			a, b := targets[order[i-1]].Cost, targets[order[i]].Cost
			require.True(t, b < 0 || 0 <= a && a <= b, "%v", targets)
		}
	}
}
