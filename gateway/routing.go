package gateway

import (
	"math/bits"
	"strconv"

	"github.com/sluice-gateway/sluice/budget"
	"github.com/sluice-gateway/sluice/dialect"
	"github.com/sluice-gateway/sluice/dialect/translate"
	"github.com/sluice-gateway/sluice/policy"
	"github.com/sluice-gateway/sluice/route"
)

// routing is where a request goes, and what that was decided from.
type routing struct {
	order        []*target // one for each attempt, in their order
	rule         string    // the rule that matched; "" = none
	conversation budget.Digest
	dropped      map[*target][]string // fields that a translation leaves out
	translated   translated           // what the first attempt is likely to send
}

// translated is a request in a target's dialect. To find out whether it can be translated
// is to translate it, and a long one takes milliseconds.
type translated struct {
	to   *target
	cap  int64
	body translate.Request
}

// first is the target of the first attempt, nil before the request is routed.
func (o *routing) first() *target {
	if len(o.order) == 0 {
		return nil
	}
	return o.order[0]
}

// route decides which targets are tried, and in which order. The body has been read and
// counted by now.
func (r *Request) route(now int64, read Read) *dialect.Error {
	m := r.model
	r.planOutput() // what fits and what it costs depends on it
	candidates, e := r.candidates(now)
	if e != nil {
		return e
	}
	if candidates, e = r.usable(candidates, read); e != nil {
		return e
	}
	order := candidates
	if len(candidates) > 1 {
		order = r.ordered(now, candidates, read)
	}
	if r.routing.translated.to != order[0] {
		r.routing.translated = translated{}
	}
	attempts := m.retry.attempts
	if r.fixed && !r.mayCall() {
		attempts = 1
	}
	r.routing.order = make([]*target, attempts)
	for n := range attempts {
		r.routing.order[n] = order[n%len(order)]
	}
	return nil
}

// candidates are the targets that the model's rules allow.
func (r *Request) candidates(now int64) ([]*target, *dialect.Error) {
	m := r.model
	for i := range m.rules {
		rule := &m.rules[i]
		matches, e := r.matches(now, &rule.When)
		if e != nil {
			return nil, e
		}
		if !matches {
			continue
		}
		r.routing.rule = rule.Name
		chosen := make([]*target, len(rule.Targets))
		for j, place := range rule.Targets {
			chosen[j] = m.targets[place]
		}
		return chosen, nil
	}
	return m.targets, nil
}

// matches tells whether a request is as a rule wants it.
func (r *Request) matches(now int64, c *policy.Condition) (bool, *dialect.Error) {
	q := r.asked
	switch {
	case c.InputOver >= 0 && r.spend.input <= c.InputOver,
		c.Tools != nil && *c.Tools != q.HasTools,
		c.Images != nil && *c.Images != (q.Pictures > 0):
		return false, nil
	}
	for _, h := range c.Headers {
		if value, ok := r.headers.Get(h.Name); !ok || value != h.Value {
			return false, nil
		}
	}
	for _, part := range c.Identity {
		if value, ok := r.identityPart(part.Name); !ok || value != part.Value {
			return false, nil
		}
	}
	if c.Budget == "" {
		return true, nil
	}
	for i := range r.g.budgets {
		b := &r.g.budgets[i]
		if b.Name != c.Budget {
			continue
		}
		states, err := r.g.ledger.Peek(nil, now, []budget.Claim{r.claim(b)})
		if err != nil {
			r.fail(storeError)
			if r.g.policy.Budget.OnStoreError == policy.Allow {
				return false, nil
			}
			return false, budgetUnavailable
		}
		high, low := bits.Mul64(uint64(max(0, states[0].Remaining)), 100)
		below, lowest := bits.Mul64(uint64(b.Limit), uint64(c.BudgetBelow))
		return high < below || high == below && low < lowest, nil
	}
	return false, nil
}

// usable leaves out the targets that cannot take the request, and says why where none
// is left: what the client can mend comes before what it cannot.
func (r *Request) usable(candidates []*target, read Read) ([]*target, *dialect.Error) {
	var able []*target
	var why *dialect.Error
	for _, t := range candidates {
		e := r.unable(t, read)
		if e == nil {
			able = append(able, t)
		} else if why == nil || e.Status == 400 && why.Status != 400 {
			why = e
		}
	}
	if len(able) == 0 {
		r.routing.order = candidates[:1] // for the record
		return nil, why
	}
	return able, nil
}

// unable says why a target cannot take the request.
func (r *Request) unable(t *target, read Read) *dialect.Error {
	v := t.provider
	if !v.serves() {
		return credentialMissing(v)
	}
	if r.fixed && v != r.routed(r.model) && !r.mayCall() {
		return r.elsewhere(v)
	}
	if e := r.unpriced(t); e != nil {
		return e
	}
	if !r.fits(t) {
		return &dialect.Error{
			Status: 400, Kind: dialect.InvalidRequest, Code: "context_length_exceeded", Param: "messages",
			Message: "this request has about " + strconv.FormatInt(r.spend.base, 10) + " input tokens and asks for up to " + strconv.FormatInt(r.outputAt(t), 10) +
				" output tokens, and " + strconv.Quote(t.model) + " takes " + strconv.FormatInt(t.window, 10) + " in all; shorten the prompt or lower the output cap",
		}
	}
	if r.nativeAt(t) {
		return nil
	}
	if r.model.inline && r.asked.Stream && !r.fixed {
		return inlineStream(t)
	}
	if !r.holds && !r.fixed {
		return translationRefused(r.op, t, "and this host cannot hold an answer to translate it")
	}
	body := read(0, r.size)
	if len(body) != r.size {
		return r.hostTooSmall(r.size)
	}
	sent, e := r.translate(t, body)
	if e != nil {
		return e
	}
	r.leaveOut(t, sent.Dropped)
	if r.routing.translated.to == nil {
		r.routing.translated = translated{t, r.capFor(t), sent}
	}
	return nil
}

// translatedFor is the request's body in the dialect of a target that it is about to be sent to.
func (r *Request) translatedFor(t *target, size int, read Read) ([]byte, *dialect.Error) {
	known := r.routing.translated
	r.routing.translated = translated{}
	if known.to != t || known.cap != r.capFor(t) {
		body := read(0, size)
		if len(body) != size {
			return nil, r.hostTooSmall(size)
		}
		var e *dialect.Error
		if known.body, e = r.translate(t, body); e != nil {
			return nil, e
		}
		r.leaveOut(t, known.body.Dropped)
	}
	return known.body.Body, nil
}

// leaveOut notes which fields a target does not get.
func (r *Request) leaveOut(t *target, fields []string) {
	if len(fields) == 0 {
		return
	}
	if r.routing.dropped == nil {
		r.routing.dropped = map[*target][]string{}
	}
	r.routing.dropped[t] = fields
}

// fits tells whether the request is within a target's context window. An estimate errs
// upwards, so that where there is one it is not used: a provider can still refuse.
func (r *Request) fits(t *target) bool {
	s := &r.spend
	if t.window == 0 || s.bytes || !r.op.Generates() {
		return true
	}
	need := s.base + 1
	if limit, _, capped := r.asked.OutputCap(); capped {
		need = s.base + limit
	}
	return need <= t.window
}

// nativeAt tells whether a target speaks the client's own dialect.
func (r *Request) nativeAt(t *target) bool { return t.provider.Dialect == r.op.Dialect() }

// opAt is the operation as the target's API has it.
func (r *Request) opAt(t *target) dialect.Op {
	switch {
	case r.nativeAt(t):
		return r.op
	case t.provider.Dialect == policy.Anthropic:
		return dialect.Messages
	}
	return dialect.ChatCompletions
}

// translate gives a request's body the dialect of a target.
func (r *Request) translate(t *target, body []byte) (translate.Request, *dialect.Error) {
	o := translate.Options{Model: t.model, OutputCap: r.capFor(t), AskUsage: true, LegacyCap: t.provider.OldOutputCap}
	if len(r.model.drop) > 0 {
		o.Drop = r.model.mayDrop
	}
	var translated translate.Request
	var err error
	switch {
	case r.op == dialect.ChatCompletions && t.provider.Dialect == policy.Anthropic:
		translated, err = translate.ChatToMessages(body, o)
	case r.op == dialect.Messages && t.provider.Dialect == policy.OpenAI:
		translated, err = translate.MessagesToChat(body, o)
	default:
		return translated, translationRefused(r.op, t, "and nothing there is like it")
	}
	if err == nil {
		return translated, nil
	}
	e := badRequest(err)
	e.Code = "untranslatable_field"
	e.Message += " (model " + strconv.Quote(r.asked.ModelName) + " is served by " + strconv.Quote(t.provider.Name) + ", which speaks the " +
		string(t.provider.Dialect) + " API; the gateway's policy can allow to leave such fields out: models.*.drop)"
	return translated, e
}

func translationRefused(op dialect.Op, t *target, why string) *dialect.Error {
	return &dialect.Error{
		Status: 400, Kind: dialect.InvalidRequest, Code: "dialect_mismatch", Param: "model",
		Message: "this call is of the " + string(op.Dialect()) + " API, provider " + strconv.Quote(t.provider.Name) + " speaks the " +
			string(t.provider.Dialect) + " API, " + why + "; ask for a model that another provider serves",
	}
}

// ordered puts targets in the order in which they are to be tried.
func (r *Request) ordered(now int64, candidates []*target, read Read) []*target {
	m := r.model
	choice := route.Choice{Strategy: m.strategy, Random: r.g.random.Next(), Sticky: -1, Output: r.expected(candidates[0])}
	sticky := -1
	if m.affinity > 0 {
		if digest, ok := r.conversation(read); ok {
			r.routing.conversation = digest
			sticky = r.g.affinity.find(now, m, digest)
		}
	}
	_, choices, _ := r.asked.OutputCap()
	known := make([]route.Target, len(candidates))
	expected, answers := int64(0), int64(0) // of output, at the targets that have answered before
	for i, t := range candidates {
		if t.place == sticky {
			choice.Sticky = i
		}
		h := r.g.health.of(t)
		known[i] = route.Target{Weight: t.weight, Cost: -1, Fits: true, State: h.State}
		if m.strategy == route.Cost && t.priced {
			output := h.output(r.outputAt(t)) * choices
			known[i].Cost = t.price.Cost(priced(dialect.Usage{Input: r.inputAt(t), Output: output}))
		}
		if h.tokens > 0 {
			expected, answers = expected+h.output(r.outputAt(t)), answers+1
		}
	}
	if answers > 0 {
		choice.Output = expected / answers
	}
	ordered := make([]*target, 0, len(candidates))
	for _, i := range route.Order(nil, now, known, choice) {
		ordered = append(ordered, candidates[i])
	}
	return ordered
}

// expected is how many output tokens an answer of the target is expected to have.
func (r *Request) expected(t *target) int64 {
	h := r.g.health.of(t)
	return h.output(r.outputAt(t))
}

// identityPart is one part of the caller's identity by its name.
func (r *Request) identityPart(name string) (value string, ok bool) {
	for i := range r.identity {
		if r.g.policy.Identity[i].Name == name {
			return r.identity[i].value, r.identity[i].present
		}
	}
	return "", false
}

// conversation tells a conversation from others: who has it, about which model, and the
// messages up to its first one of the user's, which every turn sends again.
func (r *Request) conversation(read Read) (budget.Digest, bool) {
	from, end := r.asked.FirstTurn()
	if end <= from || end-from > maxOpening {
		return budget.Digest{}, false
	}
	opening := read(int(from), int(end-from))
	if int64(len(opening)) != end-from {
		return budget.Digest{}, false
	}
	parts := make([]budget.Part, 0, len(r.identity)+1)
	for i := range r.identity {
		parts = append(parts, budget.Part{Name: r.g.policy.Identity[i].Name, Value: r.identity[i].value, Present: r.identity[i].present})
	}
	parts = append(parts, budget.Part{Name: "opening", Value: string(opening), Present: true})
	return budget.Key("conversation/"+r.asked.ModelName, parts), true
}

// maxOpening bounds what a conversation is told apart by, in bytes.
const maxOpening = 256 << 10
