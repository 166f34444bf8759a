//go:build wasip1

package main

import (
	"github.com/sluice-gateway/sluice/filter/internal/abi"
	"github.com/sluice-gateway/sluice/gateway"
)

// metricTable finds metrics by name. The gateway bounds the names.
type metricTable map[string]abi.Metric

// kinds is what the host calls the gateway's kinds.
var kinds = [...]abi.MetricKind{gateway.Counter: abi.Counter, gateway.Gauge: abi.Gauge, gateway.Histogram: abi.Histogram}

// add adds a sample. A metric that the host does not take costs nothing but itself.
func (t metricTable) add(s gateway.Sample) {
	m, ok := t[s.Name]
	if !ok {
		var status abi.Status
		if m, status = abi.DefineMetric(kinds[s.Kind], s.Name); status != abi.OK {
			return
		}
		t[s.Name] = m
	}
	if s.Kind == gateway.Counter {
		m.Add(s.Value)
		return
	}
	m.Record(uint64(s.Value))
}
