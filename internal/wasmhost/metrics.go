package wasmhost

import (
	"fmt"
	"hash/crc32"
)

// Metric is a metric that the module defined.
type Metric struct {
	Name   string
	Kind   string // counter, gauge or histogram
	Value  int64
	Values []uint64 // a histogram's observations
}

// Metrics are the defined metrics by name.
func (vm *VM) Metrics() map[string]Metric {
	m := map[string]Metric{}
	for _, metric := range vm.metrics {
		m[metric.Name] = *metric
	}
	return m
}

var metricKinds = [...]string{"counter", "gauge", "histogram"}

// slab is the memory that Kong's workers have for their metrics. What is there stays, and what
// does not fit ends the machine that defines it.
type slab struct {
	room    int // bytes
	workers int // each has a place in every metric
	used    int
	known   map[uint32]bool
}

// Kong's defaults: NGX_WA_METRICS_DEFAULT_SLAB_SIZE, and of a name's length
// NGX_WA_METRICS_DEFAULT_MAX_NAME_LEN. nginx keeps some of the slab for itself.
const (
	metricsSlab    = 5 << 20
	metricsNameLen = 256
)

// metricsPrefix begins the names of a filter's metrics on Kong: pw, and the filter's name.
const metricsPrefix = "pw.sluice."

// MetricsRoom bounds the memory for metrics of a Kong with so many workers, in place of 5 MiB
// and of 8 workers.
func (d *SharedData) MetricsRoom(bytes, workers int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.metrics.room, d.metrics.workers = bytes, workers
}

// MetricsDefined is how many metrics Kong's workers have defined.
func (d *SharedData) MetricsDefined() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.metrics.known)
}

// define makes room for a metric that is not there yet.
func (d *SharedData) define(id uint32, name string, histogram bool) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	m := &d.metrics
	if m.known[id] {
		return true
	}
	const type_, place, bins = 8, 16, 256 // ngx_wa_metric_t, ngx_wa_metric_val_t, a histogram that has grown
	size := nodeSize(len(name) + type_ + place*m.workers)
	if histogram {
		size += bins * m.workers
	}
	if m.used+size > m.room {
		return false
	}
	m.used += size
	m.known[id] = true
	return true
}

func defineMetric(c *hostCall) Status {
	c.trapIf(c.vm.before(8), "metrics are not available")
	kind, name := c.number(0), string(c.bytes(1))
	if kind >= uint32(len(metricKinds)) {
		c.trapIf(!c.vm.rules.metricsRefused, "unknown type of metric")
		return BadArgument
	}
	same := func(m *Metric) bool { return m.Name == name && m.Kind == metricKinds[kind] }
	if !c.vm.rules.metricsRefused {
		whole := metricsPrefix + name
		c.trapIf(len(whole) > metricsNameLen, fmt.Sprintf("a name of %d bytes, of at most %d", len(whole), metricsNameLen))
		id := crc32.ChecksumIEEE([]byte(whole)) // by which alone it is known
		c.trapIf(!c.vm.shared.define(id, whole, metricKinds[kind] == "histogram"), "no memory")
		same = func(m *Metric) bool { return crc32.ChecksumIEEE([]byte(metricsPrefix+m.Name)) == id }
	}
	for i, metric := range c.vm.metrics {
		if same(metric) {
			return c.returnWord(uint32(i))
		}
	}
	c.vm.metrics = append(c.vm.metrics, &Metric{Name: name, Kind: metricKinds[kind]})
	return c.returnWord(uint32(len(c.vm.metrics) - 1))
}

func (c *hostCall) metric() *Metric {
	c.trapIf(c.vm.before(8), "metrics are not available")
	if id := c.number(0); id < uint32(len(c.vm.metrics)) {
		return c.vm.metrics[id]
	}
	c.trapIf(!c.vm.rules.metricsRefused, "no such metric")
	return nil
}

// wrongKind is what becomes of a call that a metric of its kind does not have.
func (c *hostCall) wrongKind() Status {
	c.trapIf(!c.vm.rules.metricsRefused, "not of this kind of metric")
	return BadArgument
}

func incrementMetric(c *hostCall) Status {
	m, by := c.metric(), int64(c.wide(1))
	switch {
	case m == nil:
		return NotFound
	case m.Kind == "histogram", m.Kind == "gauge" && !c.vm.rules.metricsRefused:
		return c.wrongKind()
	case m.Kind == "counter" && by <= 0 && c.vm.rules.metricsRefused:
		return BadArgument
	}
	m.Value += by
	return OK
}

func recordMetric(c *hostCall) Status {
	m := c.metric()
	switch {
	case m == nil:
		return NotFound
	case m.Kind == "counter":
		return c.wrongKind()
	case m.Kind == "histogram":
		m.Values = append(m.Values, c.wide(1))
	default:
		m.Value = int64(c.wide(1))
	}
	return OK
}

func getMetric(c *hostCall) Status {
	m := c.metric()
	switch {
	case m == nil:
		return NotFound
	case m.Kind == "histogram" && !c.vm.rules.metricsRefused:
		return c.wrongKind()
	}
	return c.returnWide(uint64(m.Value))
}
