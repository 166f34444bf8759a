package gateway

import (
	"bytes"
	"strings"

	"github.com/sluice-gateway/sluice/budget"
)

// Kong keeps its filters' metrics in 5 MiB that its workers share, unless nginx's metrics{} says
// otherwise, and frees none. One takes up to 2 KiB with 96 workers. A name has up to 256 bytes
// with pw, the filter's name and two dots.
const (
	// MostMetrics is how many metrics all workers of such a host have room for.
	MostMetrics = 2048
	// LongestFilterName is how long the filter's name may be there, in bytes.
	LongestFilterName = 20

	longestMetric = 256 - LongestFilterName - len("pw..")
)

// MergedMetric counts the metrics that go by another's name.
const MergedMetric = "sluice_metrics_merged_total"

// MetricName is the name under which a host that ends the machine over a metric too many can keep
// one: its own, with the end of its last label cut off where it is too long; or, once there are
// enough of them, one without its labels, but for a direction, which is the first.
func (g *Gateway) MetricName(own string) string {
	const end = longestMetric - 1
	name := own
	if len(own) > longestMetric {
		name = own[:end] + ";"
	}
	if strings.LastIndexByte(own, '=') < end && g.notes.hasRoom(name) {
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

// hasRoom tells whether a metric is one of those that the host has room for. All its workers have
// one list of them, of 8 bytes each: they meet different callers, and what one of them has
// defined costs the others nothing.
func (n *notes) hasRoom(metric string) bool {
	key, digest := budget.Place(ofMetrics, 0), budget.Key(metric, nil)
	for range 8 { // another worker may be faster
		list, version, ok := n.get(key)
		if bytes.Contains(list, digest[:8]) {
			return true
		}
		if !ok {
			continue // it is torn, or somebody else's
		}
		if len(list) >= 8*MostMetrics {
			break
		}
		if n.store.Set(key, budget.Seal(key, append(list, digest[:8]...)), version) == nil {
			return true
		}
	}
	return false
}
