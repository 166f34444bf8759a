package route_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/route"
)

func measured(now, firstToken, perToken int64) (s route.State) {
	s.Succeeded(now, firstToken, perToken)
	return s
}

func failed(now, wait int64) (s route.State) {
	s.Failed(now, wait, coolDown)
	return s
}

// An order that depends on nothing that is random: of a hundred requests the most frequent.
func TestOrder(t *testing.T) {
	good := route.Target{Fits: true, Cost: -1}
	with := func(s route.State) route.Target { return route.Target{Fits: true, State: s, Cost: -1} }
	costs := func(costs ...int64) (targets []route.Target) {
		for _, c := range costs {
			targets = append(targets, route.Target{Fits: true, Cost: c})
		}
		return targets
	}
	for _, c := range []struct {
		why      string
		strategy route.Strategy
		sticky   int
		output   int64
		targets  []route.Target
		want     []int
	}{
		{"as the policy says", route.Ordered, -1, 0, []route.Target{good, good, good}, []int{0, 1, 2}},
		{"none", route.Ordered, -1, 0, nil, nil},
		{"none fits", route.Ordered, 0, 0, []route.Target{{}, {}}, nil},
		{"what does not fit is never chosen", route.Ordered, 0, 0, []route.Target{{}, good, good}, []int{1, 2}},
		{"a warm cache", route.Ordered, 2, 0, []route.Target{good, good, good}, []int{2, 0, 1}},
		{"a warm cache that is not there", route.Ordered, 3, 0, []route.Target{good, good, good}, []int{0, 1, 2}},
		{"a warm cache of a target that is down", route.Ordered, 1, 0, []route.Target{good, with(failed(t0, minute)), good}, []int{0, 2, 1}},
		{"and that is on trial", route.Ordered, 1, 0, []route.Target{good, with(failed(t0-minute, minute)), good}, []int{0, 2, 1}},
		{"the one that is back soonest", route.Ordered, -1, 0,
			[]route.Target{with(failed(t0, minute)), with(failed(t0, second)), with(failed(t0-hour, second)), with(failed(t0-minute, minute))}, []int{2, 3, 1, 0}},
		{"one that is down is tried if it is the last", route.Ordered, -1, 0, []route.Target{with(failed(t0, minute)), {}}, []int{0}},
		{"the cheapest", route.Cost, -1, 0, costs(3, 1, 2), []int{1, 2, 0}},
		{"equal and unknown prices as the policy says", route.Cost, -1, 0, costs(-1, 5, -9, 5, 0), []int{4, 1, 3, 0, 2}},
		{"weights of nothing as the policy says", route.Weighted, -1, 0, []route.Target{{Fits: true}, {Fits: true, Weight: -3}, {Fits: true}}, []int{0, 1, 2}},
		{"the quickest start", route.Latency, -1, 0, []route.Target{with(measured(t0, 900, 10)), with(measured(t0, 500, 5000))}, []int{1, 0}},
		{"the quickest end", route.Latency, -1, 1000, []route.Target{with(measured(t0, 900, 10)), with(measured(t0, 500, 5000))}, []int{0, 1}},
		{"never measured", route.Latency, -1, 0, []route.Target{with(measured(t0, 10, 1)), good}, []int{1, 0}},
		{"figures that are old", route.Latency, -1, 0, []route.Target{with(measured(t0, 10, 1)), with(measured(t0-hour, 900, 1))}, []int{1, 0}},
		{"answered but not measured, and failed", route.Latency, -1, 0,
			[]route.Target{with(failed(t0, 0)), with(measured(t0, 0, 0)), with(measured(t0, 9000, 90))}, []int{2, 1, 0}},
		{"no token was measured: the first decides", route.Latency, -1, 1000,
			[]route.Target{with(measured(t0, 900, 0)), with(measured(t0, 800, 1000))}, []int{1, 0}},
		{"a warm cache before a quick start", route.Latency, 1, 0, []route.Target{with(measured(t0, 100, 0)), with(measured(t0, 500, 0))}, []int{1, 0}},
	} {
		seen := map[string]int{}
		for random := range uint64(100) {
			order := route.Order(nil, t0, c.targets, route.Choice{Strategy: c.strategy, Sticky: c.sticky, Output: c.output, Random: random})
			seen[fmt.Sprint(order)]++
		}
		require.Greater(t, seen[fmt.Sprint(c.want)], 60, "%s: %v", c.why, seen)
	}
	require.Equal(t, []int{7, 0, 1}, route.Order([]int{7}, t0, []route.Target{good, good}, route.Choice{Sticky: -1}), "appended")
}

// The order is one of all targets that fit, those that are cooling down are last, and
// the order of the states' places in it does not depend on the strategy.
func TestOrderIsAPermutation(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 20_000 {
		targets := make([]route.Target, rng.IntN(12))
		var fit []int
		for i := range targets {
			targets[i] = route.Target{Weight: rng.IntN(5) - 1, Cost: rng.Int64N(5) - 1, Fits: rng.IntN(4) > 0}
			switch s := &targets[i].State; rng.IntN(5) {
			case 0:
				s.Failed(t0-rng.Int64N(2*minute), rng.Int64N(2*minute), coolDown)
			case 1:
				s.Succeeded(t0-rng.Int64N(hour), rng.Int64N(3), rng.Int64N(3))
			case 2:
				s.Limited(t0, rng.Int64N(minute), coolDown)
			}
			if targets[i].Fits {
				fit = append(fit, i)
			}
		}
		c := route.Choice{Strategy: route.Strategy(rng.IntN(4)), Random: rng.Uint64(), Sticky: rng.IntN(14) - 1, Output: rng.Int64N(1000)}
		order := route.Order(nil, t0, targets, c)
		require.ElementsMatch(t, fit, order)
		cooling := func(i int) int64 {
			if s := targets[i].State; s.Cooling(t0) {
				return s.Until()
			}
			return 0
		}
		require.True(t, slices.IsSortedFunc(order, func(a, b int) int { return int(cooling(a) - cooling(b)) }), "%v of %v", order, targets)
	}
}

func TestWeightedShares(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	const n = 100_000
	shares := func(targets []route.Target) (first, second []float64) {
		first, second = make([]float64, len(targets)), make([]float64, len(targets))
		for range n {
			order := route.Order(nil, t0, targets, route.Choice{Strategy: route.Weighted, Sticky: -1, Random: rng.Uint64()})
			first[order[0]] += 1. / n
			second[order[1]] += 1. / n
		}
		return first, second
	}
	targets := []route.Target{{Fits: true, Weight: 70}, {Fits: true, Weight: 20}, {Fits: true, Weight: 10}, {Fits: true}}
	first, second := shares(targets)
	require.InDeltaSlice(t, []float64{.7, .2, .1, 0}, first, .005)
	require.InDeltaSlice(t, []float64{.2*.7/.8 + .1*.7/.9, .7*.2/.3 + .1*.2/.9, .7*.1/.3 + .2*.1/.8, 0}, second, .005, "by weight among the rest")

	targets[0].State = failed(t0, minute)
	first, second = shares(targets)
	require.InDeltaSlice(t, []float64{0, .2 / .3, .1 / .3, 0}, first, .005, "one that is down leaves its share to the others, by weight")
	require.InDeltaSlice(t, []float64{0, .1 / .3, .2 / .3, 0}, second, .005)
	targets[0].State = failed(t0-minute, minute)
	first, _ = shares(targets)
	require.InDelta(t, .7/route.TrialShare, first[0], .005, "on trial")
}

func BenchmarkOrder(b *testing.B) {
	targets := make([]route.Target, 4)
	for i := range targets {
		targets[i] = route.Target{Fits: true, Weight: i, State: measured(t0, int64(100+i), 10)}
	}
	dst := make([]int, 0, 4)
	for strategy := range route.Latency + 1 {
		b.Run(fmt.Sprint(strategy), func(b *testing.B) {
			b.ReportAllocs()
			for i := range uint64(b.N) {
				dst = route.Order(dst[:0], t0, targets, route.Choice{Strategy: strategy, Random: i, Sticky: -1, Output: 500})
			}
		})
	}
}
