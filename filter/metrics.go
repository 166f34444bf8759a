//go:build wasip1

package main

import (
	"github.com/sluice-gateway/sluice/filter/internal/abi"
	"github.com/sluice-gateway/sluice/gateway"
)

// metricTable finds metrics by name. The gateway bounds the names.
type metricTable map[string]abi.Metric

// add adds a sample. A metric that the host does not take costs nothing but itself.
func (t metricTable) add(s gateway.Sample) {
	m, ok := t[s.Name]
	if !ok {
		kind := abi.Counter
		if s.Histogram {
			kind = abi.Histogram
		}
		var status abi.Status
		if m, status = abi.DefineMetric(kind, s.Name); status != abi.OK {
			return
		}
		t[s.Name] = m
	}
	if s.Histogram {
		m.Record(uint64(s.Value))
		return
	}
	m.Add(s.Value)
}
