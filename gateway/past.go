package gateway

import (
	"github.com/sluice-gateway/sluice/dialect"
	"github.com/sluice-gateway/sluice/jsonscan"
	"github.com/sluice-gateway/sluice/policy"
)

// Past is what a decision record says of a request that is over, for what replays it under
// this policy. Nothing in a module uses it.
type Past struct {
	Now      int64 // when it came
	ID       string
	Op       dialect.Op
	Model    string // as the client asked for it
	Stream   bool
	Identity func(name string) (value string, present bool)
	Rule     string // of the model's, that matched then; "" = none

	Input   int64 // tokens
	Choices int64
	Cap     int64 // output tokens of each; -1 = the client set none

	Looked bool // an answer was kept, so that nothing had to be reserved
	// Order is where it went, one target for each attempt.
	Order [][2]string // provider and the model there
}

// Replayed is a past request under this policy.
type Replayed struct {
	r *Request

	Refused *dialect.Error // nil: it goes on
	Budget  string         // the budget that refused it; "" = none did
	Rule    string         // of the model's, that matches
}

// Replay lets a past request come again, up to where it would be sent. What the record does
// not say, such as a request's headers, is taken not to be there.
func (g *Gateway) Replay(p *Past) *Replayed {
	r := &Request{g: g, id: p.ID, began: p.Now, op: p.Op, end: EndError, holds: true, phase: waiting}
	r.identity = make([]part, len(g.policy.Identity))
	for i := range r.identity {
		r.identity[i].value, r.identity[i].present = p.Identity(g.policy.Identity[i].Name)
	}
	r.asked = &dialect.Request{Op: p.Op, ModelName: p.Model, Stream: p.Stream}
	number := func(n int64) dialect.Int {
		return dialect.Int{Field: dialect.Field{Kind: jsonscan.Number}, Value: n}
	}
	if p.Choices > 1 {
		r.asked.N = number(p.Choices)
	}
	if p.Cap >= 0 {
		r.asked.MaxTokens = number(p.Cap)
	}
	// As counted then, for whatever target: no vocabulary is known of a text that is gone.
	r.spend.base, r.spend.input, r.spend.bytes = p.Input, p.Input, true

	out := &Replayed{r: r}
	var e *dialect.Error
	if r.model, e = g.resolve(p.Model); e == nil {
		e = r.routeAgain(p)
	}
	out.Rule = r.routing.rule
	if e != nil {
		out.Refused = e
		return out
	}
	r.target = r.routing.first()
	if reply, ok := r.reserve(p.Now, p.Looked); !ok {
		if out.Refused = r.refused; out.Refused == nil || reply.Reply == nil {
			out.Refused = budgetUnavailable
		}
		if f := r.spend.refusal; f != nil {
			out.Budget = r.spend.rules[f.Claim].Name
		}
	}
	return out
}

// routeAgain sends a past request where it went, as far as it may still go there.
func (r *Request) routeAgain(p *Past) *dialect.Error {
	candidates := r.model.targets
	known := false
	for i := range r.model.rules {
		if rule := &r.model.rules[i]; p.Rule != "" && rule.Name == p.Rule {
			r.routing.rule, known = rule.Name, true
			candidates = nil
			for _, place := range rule.Targets {
				candidates = append(candidates, r.model.targets[place])
			}
		}
	}
	if !known {
		var e *dialect.Error
		if candidates, e = r.candidates(p.Now); e != nil {
			return e
		}
	}
	var able []*target
	var why *dialect.Error
	for _, t := range candidates {
		e := r.unpriced(t)
		switch {
		case e != nil:
		case r.nativeAt(t), r.op == dialect.ChatCompletions, r.op == dialect.Messages:
			able = append(able, t)
			continue
		default:
			e = translationRefused(r.op, t, "and nothing there is like it")
		}
		if why == nil {
			why = e
		}
	}
	if len(able) == 0 {
		return why
	}
	var order []*target
	for _, at := range p.Order {
		for _, t := range able {
			if t.provider.Name == at[0] && t.model == at[1] {
				order = append(order, t)
				break
			}
		}
	}
	for _, t := range able {
		if !tried(order, t) {
			order = append(order, t)
		}
	}
	for n := range max(r.model.retry.attempts, len(p.Order)) {
		r.routing.order = append(r.routing.order, order[n%len(order)])
	}
	return nil
}

// Targets are where it may go, in the order in which they are tried.
func (p *Replayed) Targets() (all [][2]string) {
	for _, t := range p.r.routing.order {
		all = append(all, [2]string{t.provider.Name, t.model})
	}
	return all
}

// PastAttempt is what an attempt used.
type PastAttempt struct {
	Provider, Model string
	Usage           dialect.Usage
}

// Settled is what a past request comes to.
type Settled struct {
	Attempts []int64 // what each costs, in micro-dollars
	Priced   bool    // every attempt's model has a price
	Cost     int64
	Usage    dialect.Usage
	Short    bool // the answer would have ended for want of a budget

	Shadow []string // the shadow budgets that would have refused it
}

// Settle ends it: these attempts used something, and were of this model where the policy has
// it. Without any it costs nothing.
func (p *Replayed) Settle(now int64, attempts []PastAttempt) Settled {
	r := p.r
	out := Settled{Priced: true}
	for i := range attempts {
		a := &attempts[i]
		t := r.routing.first()
		for _, other := range r.routing.order {
			if other.provider.Name == a.Provider && other.model == a.Model {
				t = other
			}
		}
		used := a.Usage
		if last := i == len(attempts)-1; last && used.Output > r.spend.allowed && !r.spend.unlimited && (r.asked.Stream || !r.spend.capped) {
			if r.g.policy.Budget.Cutoff && !r.extend(now, used.Output) {
				used.Output, out.Short = r.spend.allowed, true
				used.Reasoning = min(used.Reasoning, used.Output)
			}
		}
		one := &Attempt{r: r, target: t, used: used, source: fromProvider, charged: true}
		if t.priced {
			one.cost = t.price.Cost(priced(used))
		}
		out.Priced = out.Priced && t.priced
		out.Attempts = append(out.Attempts, one.cost)
		r.attempts = append(r.attempts, one)
		r.attempt = one
	}
	r.settle(now, settleNothing)
	out.Cost, out.Usage = r.spend.cost, r.spend.used
	if held := r.spend.reserved; held != nil {
		for i, h := range held.Held() {
			if h.Over != nil {
				out.Shadow = append(out.Shadow, r.spend.rules[i].Name)
			}
		}
	}
	return out
}

// Guards is a copy of a policy that has nothing but its guards: what a captured request is
// held against where nobody can be asked and nothing is to be spent.
func Guards(p *policy.Policy) *policy.Policy {
	only := *p
	only.Budgets, only.Cache, only.Companion = nil, nil, policy.Companion{}
	only.Records = policy.Records{AccessLog: true}
	if p.Guards != nil {
		guards := *p.Guards
		guards.External = nil
		only.Guards = &guards
	}
	return &only
}
