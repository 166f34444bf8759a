package gateway

import (
	"strconv"

	"github.com/sluice-gateway/sluice/budget"
	"github.com/sluice-gateway/sluice/dialect"
	"github.com/sluice-gateway/sluice/policy"
	"github.com/sluice-gateway/sluice/pricing"
	"github.com/sluice-gateway/sluice/tokenizer"
)

// spend is what a request may cost, and what it did.
type spend struct {
	price       pricing.Model
	priced      bool
	writesCache bool  // the request asks for its prompt to be cached, which costs extra
	maxOutput   int64 // the model's largest output for one choice

	input      int64 // tokens: counted, or (counting: lazy, far from any limit) the bytes
	bytes      bool  // input is the bytes, and so more than the tokens
	exact      bool  // false where the count is an estimate
	counted    int64 // the count that the estimate was made from
	plain      bool  // of a request that is text and nothing else
	factor     int64 // what it was multiplied by, in per mille; 0 = exact
	choices    int64 // answers that the request pays for
	cap        int64 // output tokens reserved for each of them
	capped     bool  // the client set the cap itself
	putCap     int64 // the cap that is put on the request; 0 = none
	rules      []*rule
	reserved   *budget.Reservation
	allowed    int64 // output tokens that are reserved, all choices together
	refusal    *budget.Refusal
	used       dialect.Usage
	source     source
	cost       int64 // micro-dollars
	settled    bool
	unlimited  bool // no budget depends on the output
	settleFail error
}

// source says where the figures of a usage come from.
type source string

const (
	fromProvider source = "provider"
	fromCount    source = "counted"
	fromReserve  source = "reserved"
	fromNothing  source = "none"
)

// unknownMaxOutput is the largest output that a model is taken to have when nothing is
// known of it. The cap is then sent upstream, so that it is the largest.
const unknownMaxOutput = 32768

// defaultCompletion is what a completion without max_tokens is answered with at most:
// https://platform.openai.com/docs/api-reference/completions/create#completions-create-max_tokens
const defaultCompletion = 16

// reserve takes the request's largest cost from every budget that it falls under.
func (r *Request) reserve(now int64) (Outcome, bool) {
	s := &r.spend
	r.plan()
	claims, e := r.claims()
	if e != nil {
		return r.refuse(e), false
	}
	if len(claims) == 0 {
		s.unlimited = true
		r.putCap(0)
		return Outcome{}, true
	}
	// A cap of our own making may be lowered until it fits. Between the look and the
	// reservation others may have taken what was there, so it may take more than one.
	for try := 0; ; try++ {
		if !s.capped && r.op.Generates() {
			if err := r.lower(now, claims); err != nil {
				return r.storeFailed(err)
			}
		}
		r.setAmounts(claims, s.input, s.choices*s.cap)
		reservation, refusal, err := r.g.ledger.Reserve(now, claims)
		if err != nil {
			return r.storeFailed(err)
		}
		if refusal != nil {
			if !s.capped && s.cap > r.op.LeastCap() && try < 8 {
				continue
			}
			s.refusal = refusal
			return r.refuse(r.overBudget(refusal)), false
		}
		s.reserved = reservation
		s.allowed = s.choices * s.cap
		r.putCap(s.cap)
		return Outcome{}, true
	}
}

// roomy tells whether a request fits in every budget that it falls under when its bytes
// are taken for its tokens, with room for all the output that it allows.
func (r *Request) roomy(now int64, family tokenizer.Family) bool {
	r.plan()
	claims, e := r.claims()
	if e != nil {
		return false
	}
	states, err := r.g.ledger.Peek(nil, now, claims)
	if err != nil {
		return false
	}
	s := &r.spend
	input := r.input.tokens + r.asked.TokenIDs + r.overhead(family)
	for i, b := range s.rules {
		if !b.Shadow && r.amount(b, input, s.choices*s.cap) > states[i].Remaining {
			return false
		}
	}
	return true
}

// plan works out what a request costs and how much output it allows, before any budget
// has a say.
func (r *Request) plan() {
	s, op := &r.spend, r.op
	s.price, s.priced = r.g.prices.Lookup(r.target.model)
	s.maxOutput = s.price.MaxOutput
	s.writesCache = r.asked.WritesCache
	s.cap, s.choices, s.capped = r.asked.OutputCap()
	if !op.Generates() {
		s.cap, s.choices, s.capped = 0, 1, true
	}
	if s.capped {
		return
	}
	s.cap = s.maxOutput
	if s.cap == 0 {
		s.cap = unknownMaxOutput
	}
	if limit := r.target.provider.DefaultMaxTokens; op == dialect.Messages && limit > 0 {
		s.cap = limit // which is what the request will be sent with
	}
}

// putCap decides whether a cap has to be put on a request that has none, given what was
// reserved for each choice; 0 means that no budget cares.
func (r *Request) putCap(reserved int64) {
	s := &r.spend
	if s.capped || !r.op.Generates() {
		return
	}
	clamped := reserved > 0 && r.g.policy.Budget.Clamp && (s.maxOutput == 0 || reserved < s.maxOutput)
	switch {
	case r.op == dialect.Completions:
		// Such a request ends after 16 tokens by itself; a larger cap would make
		// its answer longer than the client asked for.
		if clamped && reserved < defaultCompletion {
			s.putCap = reserved
		}
	case r.op == dialect.Messages && r.target.provider.DefaultMaxTokens > 0:
		s.putCap = r.target.provider.DefaultMaxTokens
		if clamped {
			s.putCap = min(s.putCap, reserved)
		}
	case clamped:
		s.putCap = reserved
	}
}

// claims are one claim for each budget that the request falls under, amounts not yet
// set.
func (r *Request) claims() ([]budget.Claim, *dialect.Error) {
	var claims []budget.Claim
	r.spend.rules = r.spend.rules[:0]
	for i := range r.g.budgets {
		b := &r.g.budgets[i]
		if b.Unit == policy.USD && !r.spend.priced {
			r.fail(priceUnknown)
			if r.g.policy.Budget.OnUnknownPrice == policy.Deny && !b.Shadow {
				return nil, &dialect.Error{Status: 400, Kind: dialect.InvalidRequest, Code: "price_unknown", Param: "model",
					Message: "budget " + strconv.Quote(b.Name) + " is in usd, and the gateway knows no price of model " + strconv.Quote(r.target.model) +
						"; add it to the policy's prices, or set budget.on_unknown_price: allow"}
			}
			continue
		}
		parts := make([]budget.Part, len(b.parts))
		for j, at := range b.parts {
			if at == theModel {
				parts[j] = budget.Part{Name: policy.ModelPart, Value: r.asked.ModelName, Present: true}
				continue
			}
			parts[j] = budget.Part{Name: b.Per[j], Value: r.identity[at].value, Present: r.identity[at].present}
		}
		claims = append(claims, budget.Claim{Limit: b.limit, Key: budget.Key(b.Name+"/"+string(b.Unit), parts)})
		r.spend.rules = append(r.spend.rules, b)
	}
	return claims, nil
}

// setAmounts sets the claims' amounts for so many input and output tokens.
func (r *Request) setAmounts(claims []budget.Claim, input, output int64) {
	for i := range claims {
		claims[i].Amount = r.amount(r.spend.rules[i], input, output)
	}
}

func (r *Request) amount(b *rule, input, output int64) int64 {
	switch b.Unit {
	case policy.Requests:
		return 1
	case policy.USD:
		return min(r.spend.maxCost(input, output), budget.MaxAmount)
	}
	return min(input+output, budget.MaxAmount)
}

// lower lowers a cap of our own making to what the tightest budget has left for each
// choice. It leaves the least that the API takes: whether that fits is for the reservation.
func (r *Request) lower(now int64, claims []budget.Claim) error {
	s := &r.spend
	states, err := r.g.ledger.Peek(nil, now, claims)
	if err != nil {
		return err
	}
	for i, b := range s.rules {
		if b.Shadow {
			continue
		}
		left := states[i].Remaining
		switch b.Unit {
		case policy.Tokens:
			left -= s.input
		case policy.USD:
			left = s.affordable(left)
		default:
			continue
		}
		s.cap = max(r.op.LeastCap(), min(s.cap, left/s.choices))
	}
	return nil
}

// maxCost is the most that so many tokens can cost in this request.
func (s *spend) maxCost(input, output int64) int64 {
	if s.writesCache {
		return s.price.MaxCost(input, output)
	}
	return s.price.MaxCostNoWrite(input, output)
}

// affordable is the most output tokens, up to what the request allows, that money pays
// for besides the input. The cost only grows with the output, so that halving finds it
// whatever the price list looks like.
func (s *spend) affordable(money int64) int64 {
	low, high := int64(0), s.choices*s.cap
	for low < high {
		middle := low + (high-low+1)/2
		if s.maxCost(s.input, middle) <= money {
			low = middle
		} else {
			high = middle - 1
		}
	}
	return low
}

// extend reserves more output for an answer that is longer than was reserved for it,
// and tells whether there was any left.
func (r *Request) extend(now, output int64) bool {
	s := &r.spend
	if s.reserved == nil || s.unlimited {
		return true
	}
	// A little more than is needed, so that not every token asks the store.
	for _, more := range [...]int64{output - s.allowed + 256, output - s.allowed} {
		extra := make([]int64, len(s.rules))
		for i, b := range s.rules {
			if b.Unit != policy.Requests {
				extra[i] = r.amount(b, s.input, s.allowed+more) - r.amount(b, s.input, s.allowed)
			}
		}
		refusal, err := s.reserved.Extend(now, extra)
		if err != nil {
			r.fail(storeError)
			return r.g.policy.Budget.OnStoreError == policy.Allow
		}
		if refusal == nil {
			s.allowed += more
			return true
		}
	}
	return false
}

func (r *Request) storeFailed(err error) (Outcome, bool) {
	r.fail(storeError)
	r.spend.reserved, r.spend.unlimited = nil, true
	if r.g.policy.Budget.OnStoreError == policy.Allow {
		r.putCap(0)
		return Outcome{Log: "budgets are not enforced on request " + r.id + ": " + err.Error()}, true
	}
	out := r.refuse(&dialect.Error{Status: 503, Kind: dialect.Unavailable, Code: "budget_unavailable",
		Message: "the gateway cannot read its budgets and lets nothing by uncounted; try again"})
	out.Log = "request " + r.id + ": " + err.Error()
	return out, false
}
