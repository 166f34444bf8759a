package wasmhost

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

func defineMetric(c *hostCall) Status {
	c.trapIf(c.vm.before(8), "metrics are not available")
	kind, name := c.number(0), string(c.bytes(1))
	if kind >= uint32(len(metricKinds)) {
		return BadArgument
	}
	for i, metric := range c.vm.metrics {
		if metric.Name == name && metric.Kind == metricKinds[kind] {
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
	return nil
}

func incrementMetric(c *hostCall) Status {
	m, by := c.metric(), int64(c.wide(1))
	switch {
	case m == nil:
		return NotFound
	case m.Kind == "counter" && by <= 0, m.Kind == "histogram":
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
		return BadArgument
	case m.Kind == "histogram":
		m.Values = append(m.Values, c.wide(1))
	default:
		m.Value = int64(c.wide(1))
	}
	return OK
}

func getMetric(c *hostCall) Status {
	m := c.metric()
	if m == nil {
		return NotFound
	}
	return c.returnWide(uint64(m.Value))
}
