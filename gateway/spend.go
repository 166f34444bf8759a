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
	prices      []pricing.Model // of the targets that may be tried; none where one has no price
	priced      bool
	writesCache bool // the request asks for its prompt to be cached, which costs extra

	base     int64 // tokens: counted in encoding, or (counting: lazy, far from any limit) the bytes
	bytes    bool  // base is the bytes, and so more than the tokens
	encoding *tokenizer.Encoding
	plain    bool  // of a request that is text and nothing else
	input    int64 // tokens, by the dearest of the targets that may be tried
	exact    bool  // false where the count is an estimate, for the target at hand
	factor   int64 // what base is multiplied by for it, in per mille; 0 = exact

	choices    int64 // answers that the request pays for
	cap        int64 // output tokens reserved for each of them
	capped     bool  // the client set the cap itself
	rules      []*rule
	reserved   *budget.Reservation
	looked     bool  // reserved holds nothing: it was only seen that there is room
	allowed    int64 // output tokens that are reserved, all choices together
	refusal    *budget.Refusal
	used       dialect.Usage // of all attempts
	source     source
	cost       int64 // micro-dollars, of all attempts
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

// reserve takes the request's largest cost from every budget that it falls under. look: it
// only sees that there is room, and refuses where there is none.
func (r *Request) reserve(now int64, look bool) (Outcome, bool) {
	s := &r.spend
	s.looked, s.unlimited = look, false
	r.plan(r.routing.order)
	claims := r.claims()
	if len(claims) == 0 {
		s.unlimited, s.looked = true, false
		return Outcome{}, true
	}
	ask := r.g.ledger.Reserve
	if look {
		ask = r.g.ledger.Look
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
		reservation, refusal, err := ask(now, claims)
		if err != nil {
			return r.storeFailed(err)
		}
		if refusal != nil {
			if !s.capped && s.cap > r.op.LeastCap() && try < 8 {
				continue
			}
			s.refusal, s.reserved = refusal, nil // a look that holds nothing says nothing any more
			return r.refuse(r.overBudget(refusal)), false
		}
		s.reserved = reservation
		s.allowed = s.choices * s.cap
		return Outcome{}, true
	}
}

// roomy tells whether a request fits in every budget that it falls under when its bytes
// are taken for its tokens, with room for all the output that it allows.
func (r *Request) roomy(now int64) bool {
	r.plan(r.model.targets)
	claims := r.claims()
	states, err := r.g.ledger.Peek(nil, now, claims)
	if err != nil {
		return false
	}
	s := &r.spend
	input := r.input.tokens + r.asked.TokenIDs + r.overhead(r.model.targets[0].family)
	for i, b := range s.rules {
		if !b.Shadow && r.amount(b, input, s.choices*s.cap) > states[i].Remaining {
			return false
		}
	}
	return true
}

// plan works out what a request may cost at the dearest of these targets, before any
// budget has a say.
func (r *Request) plan(targets []*target) {
	s := &r.spend
	s.writesCache = r.asked.WritesCache
	r.planOutput()
	s.prices, s.priced, s.input = s.prices[:0], true, 0
	for i, t := range targets {
		if tried(targets[:i], t) {
			continue
		}
		s.priced = s.priced && t.priced
		s.prices = append(s.prices, t.price)
		s.input = max(s.input, r.inputAt(t))
		if !s.capped {
			s.cap = max(s.cap, r.capAt(t))
		}
	}
}

// planOutput takes in how many answers the request wants and how long they may be.
func (r *Request) planOutput() {
	s := &r.spend
	s.cap, s.choices, s.capped = r.asked.OutputCap()
	if !r.op.Generates() {
		s.cap, s.choices, s.capped = 0, 1, true
	}
}

// tried tells whether a target is among those of earlier attempts.
func tried(earlier []*target, t *target) bool {
	for _, e := range earlier {
		if e == t {
			return true
		}
	}
	return false
}

// inputAt is what the request's input comes to at a target, in tokens.
func (r *Request) inputAt(t *target) int64 {
	if r.spend.bytes {
		return r.spend.base
	}
	return scale(r.spend.base, r.factorAt(t))
}

// otherEncoding is what a text that was counted in one of OpenAI's encodings is taken to
// have in the other, in per mille: more than English and code do.
const otherEncoding = 1150

// factorAt is what the count is multiplied by for a target, in per mille; 0 = it is the
// target's own.
func (r *Request) factorAt(t *target) int64 {
	f := &t.family
	switch {
	case !f.Exact:
		return int64(r.g.learned.correction(t.model).Factor(f.Factor))
	case r.spend.encoding != nil && f.Encoding != r.spend.encoding:
		return otherEncoding
	}
	return 0
}

// outputAt is the most output that one choice may have at a target.
func (r *Request) outputAt(t *target) int64 {
	if limit, _, capped := r.asked.OutputCap(); capped || !r.op.Generates() {
		return limit
	}
	return r.capAt(t)
}

// capAt is the most output of one choice at a target, where the client has set no cap.
func (r *Request) capAt(t *target) int64 {
	if limit := t.provider.DefaultMaxTokens; limit > 0 && t.provider.Dialect == policy.Anthropic {
		return limit // which is what the request will be sent with
	}
	if t.price.MaxOutput > 0 {
		return t.price.MaxOutput
	}
	return unknownMaxOutput
}

// capFor is the cap that is put on the request at a target: the one reserved where that is
// less than the model's own, or where the dialect wants one; 0 = none.
func (r *Request) capFor(t *target) int64 {
	s := &r.spend
	if !r.op.Generates() {
		return 0
	}
	if _, _, capped := r.asked.OutputCap(); capped {
		return 0
	}
	clamped := s.reserved != nil && r.g.policy.Budget.Clamp && (t.price.MaxOutput == 0 || s.cap < t.price.MaxOutput)
	switch {
	case r.op == dialect.Completions:
		// Such a request ends after 16 tokens by itself; a larger cap would make
		// its answer longer than the client asked for.
		if clamped && s.cap < defaultCompletion {
			return s.cap
		}
		return 0
	case t.provider.Dialect == policy.Anthropic && (t.provider.DefaultMaxTokens > 0 || !r.nativeAt(t)):
		if clamped {
			return min(s.cap, r.capAt(t))
		}
		return r.capAt(t)
	case clamped:
		return s.cap
	}
	return 0
}

// unpriced refuses a target whose price is not known and that a budget in dollars is for.
func (r *Request) unpriced(t *target) *dialect.Error {
	if t.priced {
		return nil
	}
	for i := range r.g.budgets {
		b := &r.g.budgets[i]
		if b.Unit != policy.USD {
			continue
		}
		r.fail(priceUnknown)
		if r.g.policy.Budget.OnUnknownPrice == policy.Deny && !b.Shadow {
			return &dialect.Error{Status: 400, Kind: dialect.InvalidRequest, Code: "price_unknown", Param: "model",
				Message: "budget " + strconv.Quote(b.Name) + " is in usd, and the gateway knows no price of model " + strconv.Quote(t.model) +
					"; add it to the policy's prices, or set budget.on_unknown_price: allow"}
		}
	}
	return nil
}

// claims are one claim for each budget that the request falls under, amounts not yet
// set.
func (r *Request) claims() []budget.Claim {
	claims := r.g.claims[:0] // the ledger keeps none
	r.spend.rules = make([]*rule, 0, len(r.g.budgets))
	for i := range r.g.budgets {
		b := &r.g.budgets[i]
		if b.Unit == policy.USD && !r.spend.priced {
			continue // see unpriced
		}
		claims = append(claims, r.claim(b))
		r.spend.rules = append(r.spend.rules, b)
	}
	r.g.claims = claims
	return claims
}

// claim is the request's claim on a budget, its amount not yet set.
func (r *Request) claim(b *rule) budget.Claim {
	var room [4]budget.Part
	parts := room[:0]
	for j, at := range b.parts {
		part := budget.Part{Name: policy.ModelPart, Value: r.asked.ModelName, Present: true}
		if at != theModel {
			part = budget.Part{Name: b.Per[j], Value: r.identity[at].value, Present: r.identity[at].present}
		}
		parts = append(parts, part)
	}
	return budget.Claim{Limit: b.limit, Key: r.g.digest(b, parts)}
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

// maxCost is the most that so many tokens can cost in this request, wherever it goes.
func (s *spend) maxCost(input, output int64) int64 {
	most := int64(0)
	for i := range s.prices {
		if s.writesCache {
			most = max(most, s.prices[i].MaxCost(input, output))
		} else {
			most = max(most, s.prices[i].MaxCostNoWrite(input, output))
		}
	}
	return most
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
		return Outcome{Log: "budgets are not enforced on request " + r.id + ": " + err.Error()}, true
	}
	out := r.refuse(budgetUnavailable)
	out.Log = "request " + r.id + ": " + err.Error()
	return out, false
}

var budgetUnavailable = &dialect.Error{Status: 503, Kind: dialect.Unavailable, Code: "budget_unavailable",
	Message: "the gateway cannot read its budgets and lets nothing by uncounted; try again"}
