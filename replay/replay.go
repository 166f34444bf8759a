package replay

import (
	"cmp"
	"container/heap"
	"slices"

	"github.com/sluice-gateway/sluice/dialect"
	"github.com/sluice-gateway/sluice/gateway"
	"github.com/sluice-gateway/sluice/policy"
)

// Options are what a replay may be asked for.
type Options struct {
	By  string // the identity part that spending is told by; "" = team
	Top int    // how many of those who are refused most are told; 0 = 10
}

// simulation is a replay on its way.
type simulation struct {
	policy  *policy.Policy
	gateway *gateway.Gateway
	rules   map[string]standing
	by      string
	report  *Report
	usual   map[string]*usual // by the model asked for
	ending  endings
	number  int

	byBudget map[string]*Budget
	byRule   map[string]*Rule
	byCaller map[string]*Caller
	spending [3]map[string]*Spend
	unserved map[string]*Unserved
}

// usual is what requests of a model mostly come to: what is assumed of those that were
// refused, of which nobody knows.
type usual struct{ requests, input, output int64 }

// ending is a request that is under way.
type ending struct {
	at       int64
	number   int // of two at one moment the earlier one ends first
	record   *record
	replayed *gateway.Replayed
	used     []gateway.PastAttempt
	assumed  bool
	spoilt   bool
}

// endings is a heap, the next one first.
type endings []*ending

func (e endings) Len() int { return len(e) }
func (e endings) Less(i, j int) bool {
	return e[i].at < e[j].at || e[i].at == e[j].at && e[i].number < e[j].number
}
func (e endings) Swap(i, j int) { e[i], e[j] = e[j], e[i] }

// Push and Pop make it a heap.
func (e *endings) Push(one any) { *e = append(*e, one.(*ending)) }

// Pop takes the last.
func (e *endings) Pop() any {
	last := len(*e) - 1
	one := (*e)[last]
	*e = (*e)[:last]
	return one
}

// Run replays what was read.
func Run(p *policy.Policy, in *Input, o Options) (*Report, error) {
	if o.By == "" {
		o.By = "team"
	}
	if o.Top <= 0 {
		o.Top = 10
	}
	g, err := gateway.New(p, gateway.Options{Store: store{}, Env: func(string) string { return "none" }})
	if err != nil {
		return nil, err
	}
	s := &simulation{
		policy: p, gateway: g, rules: rules(p), by: o.By, usual: map[string]*usual{},
		report:   &Report{Lines: in.Lines, Records: len(in.records), Duplicates: in.Duplicates, Bad: in.Bad, By: o.By},
		byBudget: map[string]*Budget{}, byRule: map[string]*Rule{}, byCaller: map[string]*Caller{}, unserved: map[string]*Unserved{},
	}
	for i := range s.spending {
		s.spending[i] = map[string]*Spend{}
	}
	for _, b := range p.Budgets {
		line := &Budget{Name: b.Name, Unit: string(b.Unit), Mode: "enforce"}
		if b.Shadow {
			line.Mode = "shadow"
		}
		s.byBudget[b.Name] = line
		s.report.Budgets = append(s.report.Budgets, line)
	}
	records := slices.Clone(in.records)
	slices.SortStableFunc(records, func(a, b *record) int { return cmp.Compare(a.began, b.began) })
	for _, r := range records {
		s.learn(r)
	}
	for _, r := range records {
		s.endBefore(r.began)
		s.come(r)
	}
	s.endBefore(1<<63 - 1)
	if err := s.captured(in.captures); err != nil {
		return nil, err
	}
	s.finish(records, o.Top)
	return s.report, nil
}

// learn takes in what a request came to.
func (s *simulation) learn(r *record) {
	if r.Tokens.Source != "provider" && r.Tokens.Source != "counted" || len(r.paid()) != 1 {
		return
	}
	for _, name := range []string{r.ModelAsked, ""} {
		u := s.usual[name]
		if u == nil {
			u = &usual{}
			s.usual[name] = u
		}
		u.requests++
		u.input += r.Tokens.Input
		u.output += r.Tokens.Output
	}
}

// usually is what a request of that model mostly comes to; of one that nobody was answered
// about, what all do.
func (s *simulation) usually(model string) (input, output int64) {
	u := s.usual[model]
	if u == nil {
		u = s.usual[""]
	}
	if u == nil {
		return 0, 0
	}
	return u.input / u.requests, u.output / u.requests
}

// endBefore ends what ended up to a moment.
func (s *simulation) endBefore(now int64) {
	for len(s.ending) > 0 && s.ending[0].at <= now {
		e := heap.Pop(&s.ending).(*ending)
		s.end(e)
	}
}

// come lets a request come again.
func (s *simulation) come(r *record) {
	t := &s.report.Then
	t.Requests++
	t.count(r)
	s.then(r)
	now := &s.report.Now
	now.Requests++
	if s.stays(r) {
		now.RefusedOther++
		return
	}
	refused, spoilt := s.judge(r)
	if refused != "" {
		now.Blocked++
		return
	}
	input, output := s.usually(r.ModelAsked)
	wasRefused := r.End == "refused" || r.End == "blocked" && len(r.Attempts) == 0
	past := &gateway.Past{
		Now: r.began, ID: r.ID, Op: r.op(), Model: r.ModelAsked, Stream: r.Stream, Rule: r.Rule, Cap: -1,
		Identity: func(name string) (string, bool) { value, ok := r.Identity[name]; return value, ok },
		Looked:   r.hit() && s.policy.Cache != nil && s.policy.Cache.Enabled,
	}
	switch {
	case r.Asked != nil:
		past.Input, past.Choices = r.Asked.Input, r.Asked.Choices
		if r.Asked.Cap != nil {
			past.Cap = *r.Asked.Cap
		}
	case wasRefused:
		past.Input = input
	default:
		s.report.Unknown.Asked++
		past.Input = r.Tokens.Input / int64(max(1, len(r.paid())))
		past.Cap = max(r.reservedTokens()-past.Input, r.Tokens.Output)
	}
	for _, a := range r.Attempts {
		past.Order = append(past.Order, [2]string{a.Provider, a.Model})
	}
	replayed := s.gateway.Replay(past)
	if e := replayed.Refused; e != nil {
		s.refused(r, replayed)
		return
	}
	e := &ending{at: r.ended, record: r, replayed: replayed, spoilt: spoilt != ""}
	s.number++
	e.number = s.number
	switch {
	case r.hit() && past.Looked:
		now.Cached++
	case r.hit():
		e.used = []gateway.PastAttempt{s.at(replayed, dialect.Usage{Input: min(past.Input, r.Cache.SavedTokens), Output: max(0, r.Cache.SavedTokens-past.Input)})}
	case wasRefused:
		e.assumed = true
		now.Readmitted++
		if past.Cap >= 0 {
			output = min(output, past.Cap*max(1, past.Choices))
		}
		e.used = []gateway.PastAttempt{s.at(replayed, dialect.Usage{Input: past.Input, Output: output})}
	default:
		e.used = s.used(r)
	}
	if e.spoilt {
		now.Spoilt++
	}
	heap.Push(&s.ending, e)
}

// at is a usage at the first target.
func (s *simulation) at(r *gateway.Replayed, u dialect.Usage) gateway.PastAttempt {
	first := r.Targets()[0]
	return gateway.PastAttempt{Provider: first[0], Model: first[1], Usage: u}
}

// stays tells whether a request was refused for what no policy changes: what the client did.
func (s *simulation) stays(r *record) bool {
	if len(r.Attempts) > 0 || r.hit() {
		return false
	}
	switch r.Code {
	case "budget_exceeded", "model_not_found", "price_unknown", "blocked_by_guard":
		return false
	}
	return r.End == "refused" || r.End == "blocked" || r.Asked == nil
}

// used is what a request's attempts used. Where several did, the record has their tokens by
// attempt and the kinds of tokens for all: each has its share.
func (s *simulation) used(r *record) []gateway.PastAttempt {
	paid := r.paid()
	if len(paid) == 0 {
		return nil
	}
	total := int64(0)
	for _, i := range paid {
		total += r.Attempts[i].Tokens
	}
	if len(paid) > 1 {
		s.report.Unknown.Split++
	}
	t := &r.Tokens
	left := dialect.Usage{Input: t.Input, Output: t.Output, Cached: t.Cached, CacheWrite: t.CacheWrite, CacheWriteLong: t.CacheWriteLong, Reasoning: t.Reasoning}
	var all []gateway.PastAttempt
	for n, i := range paid {
		a := &r.Attempts[i]
		part := left
		if n < len(paid)-1 {
			share := func(n int64) int64 { return int64(float64(n) * float64(a.Tokens) / float64(total)) }
			part = dialect.Usage{Input: share(t.Input), Cached: share(t.Cached), CacheWrite: share(t.CacheWrite), CacheWriteLong: share(t.CacheWriteLong), Reasoning: share(t.Reasoning)}
			part.Output = a.Tokens - part.Input
		}
		left.Input -= part.Input
		left.Output -= part.Output
		left.Cached -= part.Cached
		left.CacheWrite -= part.CacheWrite
		left.CacheWriteLong -= part.CacheWriteLong
		left.Reasoning -= part.Reasoning
		all = append(all, gateway.PastAttempt{Provider: a.Provider, Model: a.Model, Usage: part})
	}
	return all
}

// end ends a request, and takes in what it came to.
func (s *simulation) end(e *ending) {
	r, now := e.record, &s.report.Now
	settled := e.replayed.Settle(e.at, e.used)
	for _, name := range settled.Shadow {
		s.byBudget[name].WouldRefuse++
	}
	if settled.Short {
		now.Short++
	}
	now.Input += settled.Usage.Input
	now.Output += settled.Usage.Output
	now.Cost += Dollars(settled.Cost)
	if !settled.Priced {
		now.Unpriced++
	}
	if e.assumed {
		s.report.Unknown.Assumed += Dollars(settled.Cost)
	}
	if len(e.used) > 0 {
		now.Sent++
	}
	targets := e.replayed.Targets()
	for i, a := range e.used {
		at := [2]string{a.Provider, a.Model}
		if !slices.Contains(targets, at) {
			at = targets[0]
			s.report.Now.Moved++
		}
		for kind, name := range []string{at[1], at[0], s.who(r)} {
			line := s.spend(kind, name)
			if i == len(e.used)-1 {
				line.Requests++
			}
			line.Now += Dollars(settled.Attempts[i])
		}
	}
}

// refused takes in a request that the policy does not serve.
func (s *simulation) refused(r *record, p *gateway.Replayed) {
	now := &s.report.Now
	switch {
	case p.Budget != "":
		now.RefusedBudget++
		s.byBudget[p.Budget].Refused++
		caller := s.caller(p.Budget, r)
		caller.Refused++
		s.report.RefusedIDs = append(s.report.RefusedIDs, r.ID)
	default:
		now.RefusedModel++
		line := s.unserved[r.ModelAsked+" "+p.Refused.Code]
		if line == nil {
			line = &Unserved{Model: r.ModelAsked, Code: p.Refused.Code}
			s.unserved[r.ModelAsked+" "+p.Refused.Code] = line
		}
		line.Requests++
	}
}

// who is the identity part that spending is told by.
func (s *simulation) who(r *record) string {
	if value, ok := r.Identity[s.by]; ok {
		return value
	}
	return "none"
}

func (s *simulation) spend(kind int, name string) *Spend {
	line := s.spending[kind][name]
	if line == nil {
		line = &Spend{Name: name}
		s.spending[kind][name] = line
	}
	return line
}
