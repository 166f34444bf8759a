package gateway

// Sample is one addition to one metric.
type Sample struct {
	*Metric
	Value int64
}

// Metric is what samples of one name have in common. It is the gateway's for as long as that
// lives: labels are bounded, since a host keeps every name for ever.
type Metric struct {
	Name string // with its labels: name;label=value;label=value;
	Kind Kind

	// Host is for the adapter: the host's number of the metric once it has one.
	Host    uint32
	Defined bool

	_ [0]func() // not compared: Go makes code for that
}

// Kind is what a metric does with its samples.
type Kind uint8

// The kinds.
const (
	Counter   Kind = iota // adds them up
	Gauge                 // shows the last
	Histogram             // shows how they are spread
)

// failure is a failure mode that a request met. Each is decided in one place, has a
// setting or a stated rule, and is counted as sluice_failures_total{kind}.
type failure uint8

const (
	storeError       failure = iota + 1 // budget.on_store_error
	priceUnknown                        // budget.on_unknown_price
	bodyUnreadable                      // the host cannot show the body: refused
	unreadableAnswer                    // the answer's usage cannot be read: costs what was reserved
	answerTooLarge                      // over limits.response_body: costs what was reserved
	usageMissing                        // counted instead
	bodyOverdue                         // the host brought no body: refused
	panicked                            // answered 500, costs what was reserved
	hostMisrouted                       // an attempt that the host should not have made: refused
	guardError                          // a service of guards.external gave no word: its on_error
	headersCut                          // the host does not show all headers: refused
	companionError                      // a look-up failed or was not made: the request goes on without the cache
)

var failureNames = [...]string{"", "store_error", "price_unknown", "body_unreadable", "unreadable_answer", "answer_too_large", "usage_missing", "body_overdue", "panic", "misrouted", "guard_error", "headers_cut", "companion_error"}

func (f failure) String() string { return failureNames[f] }

// fail notes a failure mode. The first one is the one that is told.
func (r *Request) fail(f failure) {
	if r.failure == 0 {
		r.failure = f
	}
}

// samples are what a request adds to the metrics.
func (r *Request) samples() []Sample {
	out := r.g.samples[:0]
	add := func(n int64, name string, labels ...string) {
		if n > 0 {
			out = append(out, Sample{r.g.metric(name, labels...), n})
		}
	}
	s := &r.spend
	for _, a := range r.attempts {
		provider, model, team := a.target.provider.Name, r.g.label(a.target), r.g.teams.label(r.team())
		add(a.used.Input, "sluice_tokens_total", "direction", "input", "model", model, "provider", provider, "team", team)
		add(a.used.Output, "sluice_tokens_total", "direction", "output", "model", model, "provider", provider, "team", team)
		add(a.cost, "sluice_cost_microusd_total", "model", model, "provider", provider, "team", team)
		reason := a.reason
		if reason == "" {
			reason = "ok"
		}
		add(1, "sluice_attempts_total", "provider", provider, "reason", reason)
	}
	if r.target != nil && s.factor > 0 {
		add(s.factor, "sluice_estimate_permille", "model", r.g.label(r.target))
	}
	if r.routing.rule != "" {
		add(1, "sluice_rules_total", "rule", r.routing.rule)
	}
	add(1, "sluice_requests_total", "outcome", string(r.end))
	if s.refusal != nil {
		add(1, "sluice_budget_denied_total", "budget", s.rules[s.refusal.Claim].Name)
	}
	if s.reserved != nil {
		for i, h := range s.reserved.Held() {
			if h.Over != nil {
				add(1, "sluice_budget_shadow_denied_total", "budget", s.rules[i].Name)
			}
		}
	}
	for _, f := range r.guarding.found() {
		add(f.Count, "sluice_guard_total", "kind", f.Kind, "action", f.Action.Told(f.Shadow))
	}
	if served := r.caching.reply.Result.Served(); served || len(r.attempts) > 0 {
		add(1, "sluice_cache_total", "result", r.cacheMetric())
		if served {
			reply := &r.caching.reply
			model, team := r.g.modelLabel(reply.Model), r.g.teams.label(r.team())
			add(reply.Usage.Input, "sluice_cache_saved_tokens_total", "direction", "input", "model", model, "team", team)
			add(reply.Usage.Output, "sluice_cache_saved_tokens_total", "direction", "output", "model", model, "team", team)
			add(reply.Saved, "sluice_cache_saved_microusd_total", "model", model, "team", team)
		}
		add(r.caching.reply.Judged, "sluice_cache_judge_microusd_total")
	}
	if why := r.caching.given; why != 0 {
		add(1, "sluice_cache_not_kept_total", "reason", notKeptWords[why][1])
	}
	if o := r.g.companion.outbox; o != nil {
		add(o.Dropped(), "sluice_records_dropped_total")
	}
	if q := r.g.companion.queue; q != nil {
		add(q.evicted, "sluice_records_evicted_total")
		q.evicted = 0
	}
	add(r.g.notes.unshared, "sluice_unshared_total")
	r.g.notes.unshared = 0
	m := r.g.memo
	add(m.hits, "sluice_counted_bytes_total", "result", "hit")
	add(m.misses, "sluice_counted_bytes_total", "result", "miss")
	m.hits, m.misses = 0, 0
	if r.failure != 0 {
		add(1, "sluice_failures_total", "kind", r.failure.String())
	}
	if r.attempt != nil && r.attempt.firstToken > 0 {
		out = append(out, Sample{r.g.metric(firstToken), max(0, r.attempt.firstToken-r.began)})
	}
	r.g.samples = out
	return out
}

// metric finds a metric by its name and labels, each a name and a value.
func (g *Gateway) metric(name string, labels ...string) *Metric {
	key := appendName(g.name[:0], 0, name)
	for _, l := range labels {
		key = appendName(key, 0, l)
	}
	g.name = key
	m := g.metrics[string(key)]
	if m == nil {
		m = &Metric{Name: metricName(name, labels)}
		switch name {
		case "sluice_estimate_permille":
			m.Kind = Gauge
		case firstToken:
			m.Kind = Histogram
		}
		g.metrics[string(key)] = m
	}
	return m
}

const firstToken = "sluice_first_token_ms"

// metricName joins a metric's name and labels as the rendered configuration of the
// host takes them apart again: name;label=value;label=value;
func metricName(name string, labels []string) string {
	b := append(make([]byte, 0, 96), name...)
	for i := 0; i+1 < len(labels); i += 2 {
		b = append(b, ';')
		b = append(b, labels[i]...)
		b = append(b, '=')
		for _, c := range []byte(labels[i+1]) {
			if !inLabel(c) {
				c = '_'
			}
			b = append(b, c)
		}
	}
	if len(labels) > 0 {
		b = append(b, ';')
	}
	return string(b)
}

func inLabel(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
		c == '.' || c == '_' || c == ':' || c == '/' || c == '@' || c == '-'
}

// team is the identity part that metrics are told apart by.
func (r *Request) team() string {
	for i := range r.identity {
		if r.g.policy.Identity[i].Name == teamPart && r.identity[i].present {
			return r.identity[i].value
		}
	}
	return ""
}

const teamPart = "team"

// teams bounds the label values that a gateway makes of teams: a host keeps every one
// for ever, and a client may send a new one each time.
type teams struct{ known map[string]bool }

// MaxTeams is how many a machine tells apart.
const MaxTeams = 256

func (t *teams) label(team string) string {
	switch {
	case team == "":
		return "none"
	case len(team) > 64:
		return "other"
	case t.known[team]:
		return team
	case len(t.known) >= MaxTeams:
		return "other"
	}
	t.known[team] = true
	return team
}
