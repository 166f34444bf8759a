//go:build wasip1

package main

import (
	"bytes"
	"strings"

	"github.com/sluice-gateway/sluice/budget"
	"github.com/sluice-gateway/sluice/filter/internal/abi"
	"github.com/sluice-gateway/sluice/gateway"
)

// kinds is what the host calls the gateway's kinds.
var kinds = [...]abi.MetricKind{gateway.Counter: abi.Counter, gateway.Gauge: abi.Gauge, gateway.Histogram: abi.Histogram}

// count adds to the metrics, where the host has any. A metric that Envoy does not take costs
// nothing but itself. Kong ends the machine over one that it cannot keep, so that it is asked
// for none of those: see kept.
func (p *plugin) count(samples []gateway.Sample) {
	if !p.host.hasMetrics {
		return
	}
	for _, s := range samples {
		if !s.Defined {
			name := s.Name
			if p.host.fewMetrics {
				name = kept(name)
			}
			m, status := abi.DefineMetric(kinds[s.Kind], name)
			if status != abi.OK {
				continue
			}
			s.Host, s.Defined = uint32(m), true
			if name != s.Name {
				if m, status := abi.DefineMetric(abi.Counter, mergedMetric); status == abi.OK {
					m.Add(1)
				}
			}
		}
		if m := abi.Metric(s.Host); s.Kind == gateway.Counter {
			m.Add(s.Value)
		} else {
			m.Record(uint64(s.Value))
		}
	}
}

// mergedMetric counts the metrics that go by another's name.
const mergedMetric = "sluice_metrics_merged_total"

// Kong keeps its filters' metrics in 5 MiB that its workers share, unless nginx's metrics{} says
// otherwise, and frees none. One takes up to 1 KiB with 32 workers, and up to 2 KiB with 96:
// render.KongMetrics has the sum. A name has up to 256 bytes with pw, the filter's name, of up
// to 20 bytes, and two dots; see render.KongMetricName.
const (
	mostMetrics   = 2048
	longestMetric = 256 - 20 - len("pw..")
)

// kept is the name under which the host can keep a metric: its own, with the end of its last
// label cut off where it is too long; or, once there are enough of them, one without its labels,
// but for a direction, which is the first.
func kept(own string) string {
	const end = longestMetric - 1
	name := own
	if len(own) > longestMetric {
		name = own[:end] + ";"
	}
	if strings.LastIndexByte(own, '=') < end && place(name) {
		return name
	}
	n := strings.IndexByte(own, ';') + 1
	if strings.HasPrefix(own[n:], "direction") {
		n += strings.IndexByte(own[n:], ';') + 1
	}
	if n == 0 {
		return own
	}
	return own[:n]
}

// place tells whether a metric is one of those that the host has room for. All its workers have
// one list of them, in the shared data, of 8 bytes each: they meet different callers, and what
// one of them has defined costs the others nothing.
func place(name string) bool {
	key := budget.Place('X', 0) // no other place has this letter: see package gateway's notes
	digest := budget.Key(name, nil)
	for range 8 { // another worker may be faster
		sealed, cas, status := abi.SharedData(nil, key)
		list, ok := budget.Unseal(key, sealed)
		if bytes.Contains(list, digest[:8]) {
			return true
		}
		if !ok && status == abi.OK {
			continue // it is torn, or somebody else's
		}
		if len(list) >= 8*mostMetrics {
			break
		}
		if abi.SetSharedData(key, budget.Seal(key, append(list, digest[:8]...)), cas) == abi.OK { // a cas of 0 inserts
			return true
		}
	}
	return false
}
