package gateway

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/budget"
	"github.com/sluice-gateway/sluice/budget/storetest"
)

// Two workers keep so many metrics together as their host has room for, each its own; what is
// over is counted by its name alone, and by its direction.
func TestMetricNames(t *testing.T) {
	zone := storetest.NewKong()
	workers := []*Gateway{new(Gateway), new(Gateway)}
	for _, g := range workers {
		g.notes.store = budget.NewSharedStore(zone, budget.KongRules)
	}
	named := func(n int) string { return fmt.Sprintf("sluice_tokens_total;direction=input;team=%d;", n) }
	for n := range MostMetrics {
		require.Equal(t, named(n), workers[n%2].MetricName(named(n)))
	}
	for n := range MostMetrics {
		require.Equal(t, named(n), workers[1-n%2].MetricName(named(n)), "the other's are known")
	}
	for own, name := range map[string]string{
		named(MostMetrics):                   "sluice_tokens_total;direction=input;",
		"sluice_requests_total;outcome=cut;": "sluice_requests_total;",
		"sluice_records_dropped_total":       "sluice_records_dropped_total",
	} {
		require.Equal(t, name, workers[0].MetricName(own))
	}
}

func TestLongMetricNames(t *testing.T) {
	g := new(Gateway)
	g.notes.store = budget.NewSharedStore(storetest.NewKong(), budget.KongRules)
	const head = "sluice_cost_microusd_total;provider=openai;model="
	for room, want := range map[int]string{
		longestMetric - len(head) - 1: head + strings.Repeat("m", longestMetric-len(head)-1) + ";",
		longestMetric - len(head):     head + strings.Repeat("m", longestMetric-len(head)-1) + ";",
		300:                           head + strings.Repeat("m", longestMetric-len(head)-1) + ";",
	} {
		require.Equal(t, want, g.MetricName(head+strings.Repeat("m", room)+";"), room)
	}
	// Nothing would be left of the last label.
	require.Equal(t, "sluice_cost_microusd_total;", g.MetricName("sluice_cost_microusd_total;provider="+strings.Repeat("p", longestMetric)+";model=m;"))
}

// A list that is somebody else's is left alone.
func TestMetricNamesOfAnother(t *testing.T) {
	zone := storetest.NewKong()
	g := new(Gateway)
	g.notes.store = budget.NewSharedStore(zone, budget.KongRules)
	place := budget.Place(ofMetrics, 0)
	require.NoError(t, zone.Set(place, []byte("another's"), 0))
	require.Equal(t, "sluice_requests_total;", g.MetricName("sluice_requests_total;outcome=cut;"))
	value, _, _, _ := zone.Get(place)
	require.Equal(t, "another's", string(value))
	require.Positive(t, g.notes.unshared)
}
