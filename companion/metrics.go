package companion

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/sluice-gateway/sluice/companion/cache"
	"github.com/sluice-gateway/sluice/companion/guard"
	"github.com/sluice-gateway/sluice/companion/ledger"
	"github.com/sluice-gateway/sluice/companion/store"
)

// metrics are what GET /metrics shows. No label has a value that comes from a request.
type metrics struct {
	registry *prometheus.Registry
	handler  http.Handler

	lookups     *prometheus.CounterVec
	duration    *prometheus.HistogramVec
	steps       *prometheus.HistogramVec
	failures    *prometheus.CounterVec
	refused     *prometheus.CounterVec
	stores      *prometheus.CounterVec
	invalidated prometheus.Counter
	saved       prometheus.Counter
	waits       prometheus.Counter
	judged      *prometheus.CounterVec
	judgeCost   prometheus.Counter
	recordsIn   *prometheus.CounterVec
	guards      *prometheus.CounterVec
	guardTime   *prometheus.HistogramVec

	log    *slog.Logger
	mu     sync.Mutex
	logged map[string]time.Time // by place
}

// buckets are of seconds, from what a memo takes to what a slow server does.
var buckets = []float64{.00025, .0005, .001, .002, .003, .005, .0075, .012, .025, .05, .1, .25, .5, 1, 2.5, 10, 60}

func newMetrics(s *Server) *metrics {
	counter := func(name, help string) prometheus.CounterOpts {
		return prometheus.CounterOpts{Name: "sluice_companion_" + name, Help: help}
	}
	m := &metrics{
		log: s.log, logged: map[string]time.Time{},
		registry: prometheus.NewRegistry(),
		lookups:  prometheus.NewCounterVec(counter("lookups_total", "Look-ups by result: hit, semantic-hit, miss, bypass, wait."), []string{"result"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "sluice_companion_lookup_seconds",
			Help: "Time of look-ups that did not wait, by result.", Buckets: buckets}, []string{"result"}),
		steps: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "sluice_companion_step_seconds",
			Help: "Time of the steps: get, embed, nearest, put, used, delete, judge.", Buckets: buckets}, []string{"step"}),
		failures:    prometheus.NewCounterVec(counter("errors_total", "What failed, by place, and how."), []string{"place", "reason"}),
		refused:     prometheus.NewCounterVec(counter("refused_total", "Calls that were refused: busy, unauthorized, or a look-up that failed."), []string{"reason"}),
		stores:      prometheus.NewCounterVec(counter("stores_total", "Answers by what became of them: stored, refused, abandoned."), []string{"result"}),
		invalidated: prometheus.NewCounter(counter("invalidated_total", "Entries that were deleted by a call.")),
		saved:       prometheus.NewCounter(counter("saved_microusd_total", "Micro-dollars that hits did not cost.")),
		waits:       prometheus.NewCounter(counter("waits_total", "Look-ups that waited for the same question under way.")),
		judged:      prometheus.NewCounterVec(counter("judged_total", "Answers of the judge: same, different, failed."), []string{"verdict"}),
		judgeCost:   prometheus.NewCounter(counter("judge_microusd_total", "Micro-dollars that the judge has cost.")),
		recordsIn:   prometheus.NewCounterVec(counter("records_total", "Decision records: accepted, repeat, bad, folded (of the accepted)."), []string{"result"}),
	}
	m.guards = prometheus.NewCounterVec(counter("guard_total", "Verdicts of external guards: clean, found, error."), []string{"guard", "result"})
	m.guardTime = prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "sluice_companion_guard_seconds",
		Help: "Time of external guards, whatever they came to.", Buckets: buckets}, []string{"guard"})
	for _, name := range s.c.Guards.Names() {
		for _, result := range []guard.Result{guard.Clean, guard.Found, guard.Error} {
			m.guards.WithLabelValues(name, string(result))
		}
	}
	for _, result := range []cache.Outcome{cache.Hit, cache.SemanticHit, cache.Miss, cache.Bypass, cache.Wait} {
		m.lookups.WithLabelValues(string(result)) // so that a rate has a zero to begin with
	}
	m.registry.MustRegister(m.lookups, m.duration, m.steps, m.failures, m.refused, m.stores, m.invalidated, m.saved, m.waits,
		m.judged, m.judgeCost, m.recordsIn, m.guards, m.guardTime, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), &gauges{s: s})
	m.handler = promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4, Timeout: 10 * time.Second})
	return m
}

// logEvery is how often each place's errors are logged. The counter has all of them.
const logEvery = 10 * time.Second

// Failed counts what failed, and logs what was said (cache.Observer). A caller that has gone
// is none of our failures.
func (m *metrics) Failed(place, why string, err error) {
	m.failures.WithLabelValues(place, why).Inc()
	if err == nil || errors.Is(err, context.Canceled) {
		return
	}
	m.mu.Lock()
	due := time.Since(m.logged[place]) >= logEvery
	if due {
		m.logged[place] = time.Now()
	}
	m.mu.Unlock()
	if due {
		m.log.Warn("failed", "place", place, "why", why, "error", err)
	}
}

// Took times a step (cache.Observer).
func (m *metrics) Took(step string, d time.Duration) {
	m.steps.WithLabelValues(step).Observe(d.Seconds())
}

// Judged counts what a judge said (cache.Observer).
func (m *metrics) Judged(verdict string, cost int64) {
	m.judged.WithLabelValues(verdict).Inc()
	m.judgeCost.Add(float64(cost))
}

func (m *metrics) looked(r *cache.Result, took time.Duration, waited bool) {
	m.lookups.WithLabelValues(string(r.Outcome)).Inc()
	m.saved.Add(float64(max(0, r.Saves)))
	if waited {
		m.waits.Inc()
		return
	}
	m.duration.WithLabelValues(string(r.Outcome)).Observe(took.Seconds())
}

func (m *metrics) recorded(a ledger.Added, bad int) {
	for result, n := range map[string]int{"accepted": a.New, "repeat": a.Repeats, "folded": a.Folded, "bad": bad} {
		m.recordsIn.WithLabelValues(result).Add(float64(n))
	}
}

// guarded counts a guard's verdict. One that is not known has no name of its own here: that
// came with the request.
func (m *metrics) guarded(v *guard.Verdict) {
	if v.Err != nil {
		m.Failed("guard", string(v.Err.Cause), fmt.Errorf("guard %.64q: %w", v.Name, v.Err))
		if v.Err.Cause == guard.Unknown {
			return
		}
	}
	m.guards.WithLabelValues(v.Name, string(v.Result)).Inc()
	m.guardTime.WithLabelValues(v.Name).Observe(v.Took.Seconds())
}

// prometheus answers GET /metrics.
func (s *Server) prometheus(w http.ResponseWriter, r *http.Request) {
	s.metrics.handler.ServeHTTP(w, r)
}

// gauges are read when somebody looks.
type gauges struct{ s *Server }

var (
	entriesGauge  = prometheus.NewDesc("sluice_companion_store_entries", "Entries in the store.", nil, nil)
	bytesGauge    = prometheus.NewDesc("sluice_companion_store_bytes", "Size of the store.", nil, nil)
	evictedGauge  = prometheus.NewDesc("sluice_companion_store_evicted_total", "Entries removed for want of room since the start.", nil, nil)
	damagedGauge  = prometheus.NewDesc("sluice_companion_store_damaged_total", "Places in the store's files that cannot be read and were passed over since the start.", nil, nil)
	capacityGauge = prometheus.NewDesc("sluice_companion_store_capacity", "Most entries that are kept.", nil, nil)
	flyingGauge   = prometheus.NewDesc("sluice_companion_flying", "Questions whose answer is awaited.", nil, nil)
	waitingGauge  = prometheus.NewDesc("sluice_companion_waiting", "Look-ups that wait for one.", nil, nil)
	ledgerGauge   = prometheus.NewDesc("sluice_companion_ledger_bytes", "Size of the ledger.", nil, nil)
)

// Describe names the gauges.
func (g *gauges) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{entriesGauge, bytesGauge, evictedGauge, damagedGauge, capacityGauge, flyingGauge, waitingGauge, ledgerGauge} {
		to <- d
	}
}

// Collect reads them. What a store cannot say is not there, which is better than a zero.
func (g *gauges) Collect(to chan<- prometheus.Metric) {
	set := func(d *prometheus.Desc, kind prometheus.ValueType, n int64) {
		if n >= 0 {
			to <- prometheus.MustNewConstMetric(d, kind, float64(n))
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), readyWithin)
	defer cancel()
	stats, err := g.s.store.Stats(ctx)
	if err != nil {
		g.s.metrics.Failed("stats", "failed", err)
		stats = store.Stats{Entries: -1, Bytes: -1, Evicted: -1, Damaged: -1, Capacity: -1}
	}
	set(entriesGauge, prometheus.GaugeValue, stats.Entries)
	set(bytesGauge, prometheus.GaugeValue, stats.Bytes)
	set(evictedGauge, prometheus.CounterValue, stats.Evicted)
	set(damagedGauge, prometheus.CounterValue, stats.Damaged)
	set(capacityGauge, prometheus.GaugeValue, stats.Capacity)
	flying, waiting := g.s.engine.Waiting()
	set(flyingGauge, prometheus.GaugeValue, int64(flying))
	set(waitingGauge, prometheus.GaugeValue, int64(waiting))
	if g.s.ledger != nil {
		set(ledgerGauge, prometheus.GaugeValue, g.s.ledger.Size())
	}
}
