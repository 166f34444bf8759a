package gateway

import (
	"github.com/sluice-gateway/sluice/budget"
	"github.com/sluice-gateway/sluice/dialect"
	"github.com/sluice-gateway/sluice/policy"
	"github.com/sluice-gateway/sluice/pricing"
)

// settlement is the rule by which a request is charged.
type settlement uint8

const (
	settleNothing  settlement = iota // an error before any content costs nothing
	settleUsed                       // what the provider reported, else what was counted
	settleReserved                   // nobody knows what was used
)

// settle turns the reservation into the cost. It happens once; the first call counts.
func (r *Request) settle(now int64, how settlement) {
	s := &r.spend
	if s.settled || r.phase == reading || r.target.provider == nil {
		return
	}
	s.settled = true
	switch how {
	case settleNothing:
		s.used, s.source = dialect.Usage{}, fromNothing
	case settleReserved:
		s.used, s.source = dialect.Usage{Input: s.input, Output: s.allowed}, fromReserve
	case settleUsed:
		s.used, s.source = r.usage()
		if s.counted > 0 && s.source == fromProvider && s.plain {
			r.g.learned.learn(r.target.model, s.counted, s.used.Input)
		}
	}
	if s.priced {
		s.cost = s.price.Cost(priced(s.used))
	}
	if s.reserved == nil {
		return
	}
	var err error
	if how == settleNothing {
		err = s.reserved.Cancel(now)
	} else {
		actual := make([]int64, len(s.rules))
		for i, b := range s.rules {
			switch b.Unit {
			case policy.Requests:
				actual[i] = 1
			case policy.USD:
				actual[i] = min(s.cost, budget.MaxAmount)
			default:
				actual[i] = min(s.used.Input+s.used.Output, budget.MaxAmount)
			}
		}
		err = s.reserved.Settle(now, actual)
	}
	if err != nil {
		// The hold stays and counts as spent until it expires.
		r.fail(storeError)
		s.settleFail = err
	}
}

func priced(u dialect.Usage) pricing.Usage {
	return pricing.Usage{Input: u.Input, Output: u.Output, CachedInput: u.Cached, CacheWrite: u.CacheWrite, CacheWriteLong: u.CacheWriteLong, Reasoning: u.Reasoning}
}
