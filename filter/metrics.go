//go:build wasip1

package main

import (
	"github.com/sluice-gateway/sluice/filter/internal/abi"
	"github.com/sluice-gateway/sluice/gateway"
)

// kinds is what the host calls the gateway's kinds.
var kinds = [...]abi.MetricKind{gateway.Counter: abi.Counter, gateway.Gauge: abi.Gauge, gateway.Histogram: abi.Histogram}

// count adds to the metrics, where the host has any. A metric that Envoy does not take costs
// nothing but itself. Kong ends the machine over one that it cannot keep, so that it is asked
// for none of those.
func (p *plugin) count(samples []gateway.Sample) {
	if !p.host.hasMetrics {
		return
	}
	for _, s := range samples {
		if !s.Defined {
			name := s.Name
			if p.host.fewMetrics {
				name = p.gateway.MetricName(name)
			}
			m, status := abi.DefineMetric(kinds[s.Kind], name)
			if status != abi.OK {
				continue
			}
			s.Host, s.Defined = uint32(m), true
			if name != s.Name {
				if m, status := abi.DefineMetric(abi.Counter, gateway.MergedMetric); status == abi.OK {
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
