//go:build wasip1

package abi

import "unsafe"

//go:wasmimport env proxy_define_metric
func proxyDefineMetric(metricType uint32, name unsafe.Pointer, nameSize uint32, id *uint32) uint32

//go:wasmimport env proxy_increment_metric
func proxyIncrementMetric(id uint32, offset int64) uint32

//go:wasmimport env proxy_record_metric
func proxyRecordMetric(id uint32, value uint64) uint32

//go:wasmimport env proxy_get_metric
func proxyGetMetric(id uint32, value *uint64) uint32

// MetricKind is what a metric does with the numbers it is given.
type MetricKind uint32

// The kinds of the ABI.
const (
	Counter   MetricKind = 0
	Gauge     MetricKind = 1
	Histogram MetricKind = 2
)

// Metric is a defined metric's number at the host.
type Metric uint32

// DefineMetric registers a metric; a name that is known already gives the same Metric.
// The SDK's functions panic when the host refuses, these return its status. On Kong
// before 3.8 any metric call traps.
func DefineMetric(kind MetricKind, name string) (Metric, Status) {
	out.word = 0
	status := proxyDefineMetric(uint32(kind), text(name), uint32(len(name)), &out.word)
	return Metric(out.word), Status(status)
}

// Add adds to a counter or a gauge. Envoy takes only positive numbers for a counter.
func (m Metric) Add(n int64) Status { return Status(proxyIncrementMetric(uint32(m), n)) }

// Record sets a gauge or adds one observation to a histogram.
func (m Metric) Record(value uint64) Status { return Status(proxyRecordMetric(uint32(m), value)) }

func (*host) ProxyDefineMetric(metricType uint32, name *byte, nameSize int, id *uint32) uint32 {
	out.word = 0
	status := proxyDefineMetric(metricType, unsafe.Pointer(name), uint32(nameSize), &out.word)
	*id = out.word
	return status
}

func (*host) ProxyIncrementMetric(id uint32, offset int64) uint32 {
	return proxyIncrementMetric(id, offset)
}

func (*host) ProxyRecordMetric(id uint32, value uint64) uint32 { return proxyRecordMetric(id, value) }

func (*host) ProxyGetMetric(id uint32, value *uint64) uint32 {
	out.wide = 0
	status := proxyGetMetric(id, &out.wide)
	*value = out.wide
	return status
}
