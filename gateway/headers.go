package gateway

import (
	"strconv"
	"strings"

	"github.com/sluice-gateway/sluice/budget"
	"github.com/sluice-gateway/sluice/cacheclient"
	"github.com/sluice-gateway/sluice/policy"
)

// answerHeaders are the headers that an answer gets from us.
func (r *Request) answerHeaders() [][2]string {
	provider, model := r.answers()
	out := append(make([][2]string, 0, usualHeaders),
		[2]string{"x-sluice-id", r.id},
		[2]string{"x-sluice-provider", provider},
		[2]string{"x-sluice-model", model},
		[2]string{"x-sluice-attempts", strconv.Itoa(len(r.attempts))},
		[2]string{"x-sluice-cache", r.cacheResult()})
	if reply := &r.caching.reply; reply.Result == cacheclient.SemanticHit {
		out = append(out, [2]string{"x-sluice-similarity", reply.Similarity})
	}
	if r.routing.rule != "" {
		out = append(out, [2]string{"x-sluice-rule", r.routing.rule})
	}
	if dropped := r.leftOut(); len(dropped) > 0 {
		out = append(out, [2]string{"x-sluice-dropped", strings.Join(dropped, ", ")})
	}
	if r.spend.reserved == nil {
		return out
	}
	held := r.spend.reserved.Held()
	var room [4]budget.State
	states := room[:0]
	for i := range held {
		states = append(states, held[i].State)
	}
	return r.limitHeaders(out, states)
}

// usualHeaders is how many headers a message mostly gets from us, at most.
const usualHeaders = 8

// answers tells whose answer the client gets, or whose it is to be: the policy's name of
// the provider, and its name of the model. Of an answer that was kept it is who gave it.
func (r *Request) answers() (provider, model string) {
	if reply := &r.caching.reply; reply.Result.Served() {
		return reply.Provider, reply.Model
	}
	return r.target.provider.Name, r.target.model
}

// leftOut are the request's fields that the target at hand did not get.
func (r *Request) leftOut() []string {
	if r.target == nil {
		return nil
	}
	return r.routing.dropped[r.target]
}

// refusalHeaders are the headers of an answer that we give ourselves.
func (r *Request) refusalHeaders() [][2]string {
	out := [][2]string{{"x-sluice-id", r.id}, {"x-sluice-attempts", "0"}, {"x-sluice-cache", r.cacheResult()}}
	if r.routing.rule != "" {
		out = append(out, [2]string{"x-sluice-rule", r.routing.rule})
	}
	if r.target != nil {
		out = append(out, [2]string{"x-sluice-provider", r.target.provider.Name}, [2]string{"x-sluice-model", r.target.model})
	}
	f := r.spend.refusal
	if f == nil {
		return out
	}
	return r.limitHeaders(out, f.States)
}

// limitHeaders appends OpenAI's rate-limit headers for the tightest budget in tokens:
// the enforced one that has the least left.
// https://platform.openai.com/docs/guides/rate-limits#rate-limits-in-headers
func (r *Request) limitHeaders(out [][2]string, states []budget.State) [][2]string {
	var tightest *budget.State
	for i := range states {
		if r.spend.rules[i].Unit != policy.Tokens || r.spend.rules[i].Shadow {
			continue
		}
		if tightest == nil || states[i].Remaining < tightest.Remaining {
			tightest = &states[i]
		}
	}
	if tightest == nil {
		return out
	}
	return append(out,
		[2]string{"x-ratelimit-limit-tokens", strconv.FormatInt(tightest.Limit.Max, 10)},
		[2]string{"x-ratelimit-remaining-tokens", strconv.FormatInt(max(0, tightest.Remaining), 10)},
		[2]string{"x-ratelimit-reset-tokens", span(tightest.Reset)})
}

// span writes milliseconds as OpenAI does in its reset headers: 17ms, 1.5s, 6m0s.
func span(ms int64) string {
	if ms < 1000 {
		return strconv.FormatInt(max(0, ms), 10) + "ms"
	}
	out := ""
	if ms >= 3_600_000 {
		out = strconv.FormatInt(ms/3_600_000, 10) + "h"
	}
	if ms >= 60_000 {
		out += strconv.FormatInt(ms/60_000%60, 10) + "m"
	}
	out += strconv.FormatInt(ms/1000%60, 10)
	if part := ms % 1000; part != 0 {
		digits := strconv.FormatInt(1000+part, 10)[1:]
		for digits[len(digits)-1] == '0' {
			digits = digits[:len(digits)-1]
		}
		out += "." + digits
	}
	return out + "s"
}
