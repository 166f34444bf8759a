package gateway

import (
	"github.com/sluice-gateway/sluice/budget"
	"github.com/sluice-gateway/sluice/dialect"
	"github.com/sluice-gateway/sluice/policy"
	"github.com/sluice-gateway/sluice/pricing"
)

// settlement is the rule by which an attempt is charged.
type settlement uint8

const (
	settleNothing  settlement = iota // an error before any content costs nothing
	settleUsed                       // what the provider reported, else what was counted
	settleReserved                   // nobody knows what was used
)

// settle turns the reservation into the cost of the attempt at hand and of those that
// failed before it. It happens once; the first call counts.
func (r *Request) settle(now int64, how settlement) {
	s := &r.spend
	if s.settled || r.phase == reading || r.model == nil {
		return
	}
	s.settled = true
	r.countWithheld()
	s.used, s.cost, s.source = dialect.Usage{}, 0, fromNothing
	if r.attempt != nil { // else nothing was sent
		r.charge(r.attempt, how)
		s.source = r.attempt.source
	}
	for _, a := range r.charged() {
		s.used.Add(a.used)
		s.cost += a.cost
		if s.source == fromNothing {
			s.source = a.source
		}
	}
	if s.reserved == nil {
		return
	}
	var err error
	if s.source == fromNothing {
		err = s.reserved.Cancel(now)
	} else {
		err = s.reserved.Settle(now, r.amounts(s.used, s.cost, 1))
	}
	if err != nil {
		// The hold stays and counts as spent until it expires.
		r.fail(storeError)
		s.settleFail = err
	}
}

// charge works out what an attempt used and cost.
func (r *Request) charge(a *Attempt, how settlement) {
	if a.charged {
		return
	}
	a.charged = true
	t := a.target
	switch how {
	case settleNothing:
		a.used, a.source = dialect.Usage{}, fromNothing
	case settleReserved:
		a.used, a.source = dialect.Usage{Input: r.inputAt(t), Output: r.spend.allowed}, fromReserve
	case settleUsed:
		a.used, a.source = r.usage()
		if a.source == fromProvider && r.spend.plain && !t.family.Exact && !r.spend.bytes {
			r.g.learned.learn(t.model, r.spend.base, a.used.Input)
		}
	}
	a.cost = 0
	if t.priced {
		a.cost = t.price.Cost(priced(a.used))
	}
}

// charged are the attempts that count: those that were begun, or the one that stands for
// what the host has answered itself.
func (r *Request) charged() []*Attempt {
	if len(r.attempts) == 0 && r.attempt != nil {
		return []*Attempt{r.attempt}
	}
	return r.attempts
}

// amounts is a usage as each of the request's budgets counts it.
func (r *Request) amounts(u dialect.Usage, cost, requests int64) []int64 {
	amounts := make([]int64, len(r.spend.rules))
	for i, b := range r.spend.rules {
		switch b.Unit {
		case policy.Requests:
			amounts[i] = requests
		case policy.USD:
			amounts[i] = min(cost, budget.MaxAmount)
		default:
			amounts[i] = min(u.Input+u.Output, budget.MaxAmount)
		}
	}
	return amounts
}

func priced(u dialect.Usage) pricing.Usage {
	return pricing.Usage{Input: u.Input, Output: u.Output, CachedInput: u.Cached, CacheWrite: u.CacheWrite, CacheWriteLong: u.CacheWriteLong, Reasoning: u.Reasoning}
}
