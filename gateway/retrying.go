package gateway

import (
	"strconv"

	"github.com/sluice-gateway/sluice/budget"
	"github.com/sluice-gateway/sluice/dialect"
	"github.com/sluice-gateway/sluice/policy"
	"github.com/sluice-gateway/sluice/route"
)

// lost notes that the attempt at hand came to nothing without the provider role having
// seen why: no connection, a connection that broke, or the host's patience ran out.
func (r *Request) lost(now int64) {
	a := r.attempt
	if a == nil || a.decided {
		return
	}
	if a.ended == 0 {
		a.ended = now
	}
	a.reason, a.class, a.unseen = policy.Unavailable, policy.Unavailable, true
	// The host began to count before, by as much as it was busy meanwhile.
	if limit := r.perTry(); limit > 0 && a.ended-a.began >= limit-limit/8 {
		a.reason, a.class = policy.Timeout, policy.Timeout
		if a.answered > 0 {
			a.reason, a.class = policy.Stalled, policy.Stalled
		}
	}
	how := settleNothing
	if a.class != policy.Unavailable || a.answered > 0 && a.status < 300 {
		// It was at work: like for a client that has hung up, nobody will ever say on what.
		how = r.onDisconnect()
	}
	r.close(now, a, how, 0)
}

// failedAt notes why an attempt failed, and tells whether another one is to be made.
func (r *Request) failedAt(now int64, a *Attempt, retryAfter int64) bool {
	how := settleNothing
	switch {
	case r.reported.output, a.stream != nil && (a.stream.Began || a.stream.OutputKnown):
		how = settleUsed
	case a.reason == "unreadable" || a.reason == "too_large":
		how = settleReserved // as where it is not tried again: see relayed
	case a.class == policy.InvalidOutput:
		how = settleUsed
	}
	r.close(now, a, how, retryAfter)
	return r.again(now, a)
}

// close charges a failed attempt and tells the others of it.
func (r *Request) close(now int64, a *Attempt, how settlement, retryAfter int64) {
	a.decided = true
	if a.ended == 0 {
		a.ended = now
	}
	r.charge(a, how)
	switch a.class {
	case "", policy.InvalidOutput: // the target is well
	case policy.RateLimited:
		if a.target.provider.CredentialEnv == "" {
			break // the limit is this client's own
		}
		fallthrough
	default:
		r.g.health.change(a.target, func(h *health) { h.Failed(now, retryAfter, r.model.cooling) })
	}
	a.alone = now + retryAfter
}

// again decides whether another attempt follows one that has failed, and from when on.
func (r *Request) again(now int64, a *Attempt) bool {
	order, retry := r.routing.order, &r.model.retry
	class, ok := retry.classes[a.class]
	if !ok || len(r.attempts) >= len(order) {
		return false
	}
	failures, cost := 0, int64(0)
	for _, earlier := range r.attempts {
		if earlier.class == a.class {
			failures++
		}
		cost += earlier.cost
	}
	if failures >= class.attempts || retry.maxCost >= 0 && cost > 0 && cost >= retry.maxCost {
		return false
	}
	wait, ok := r.waitFor(now, order[len(r.attempts)], class)
	if !ok || now+wait-r.attempts[0].began > retry.total || r.resumes && wait > 0 {
		return false
	}
	if !r.affordsAnother(now, a) {
		return false
	}
	a.wait, a.another = now+wait, true
	return true
}

// waitFor is how long a target is to be left alone before it is asked again: not at all
// where it has not been asked yet.
func (r *Request) waitFor(now int64, t *target, c class) (wait int64, ok bool) {
	times := 0
	for _, a := range r.attempts {
		if a.target == t {
			times++
			if asked := a.alone - now; asked > r.model.retry.patience {
				return 0, false
			} else {
				wait = max(wait, asked)
			}
		}
	}
	if times == 0 {
		return 0, true
	}
	backoff := c.backoff
	for ; times > 1 && backoff < c.longest; times-- {
		backoff *= 2
	}
	backoff = min(backoff, c.longest)
	if half := backoff / 2; half > 0 {
		backoff -= int64(r.g.random.Next() % uint64(half+1))
	}
	return max(wait, backoff), true
}

// affordsAnother makes the reservation large enough for another attempt beside what the
// failed one has cost.
func (r *Request) affordsAnother(now int64, a *Attempt) bool {
	s := &r.spend
	if s.reserved == nil || a.source == fromNothing {
		return true
	}
	refusal, err := s.reserved.Extend(now, r.amounts(a.used, a.cost, 0))
	if err != nil {
		r.fail(storeError)
		return r.g.policy.Budget.OnStoreError == policy.Allow
	}
	return refusal == nil
}

// notRetried is an answer that was to be followed by another attempt, which the host has
// not made: its limit on retries is reached. What it shows is none of the client's.
func (r *Request) notRetried(now int64, out Outcome, endOfStream bool) Outcome {
	e := r.exhausted(r.attempt)
	r.settle(now, settleNothing)
	out.Set = append(out.Set, [2]string{":status", strconv.Itoa(e.Status)})
	out.Remove = append(out.Remove, RetryHeader, "content-encoding")
	if endOfStream { // there is no body to put an error in
		r.finish(now, r.endInVain())
		return out
	}
	r.out = e.Body(r.op.Dialect())
	out.Set = append(append(out.Set, contentLength(int64(len(r.out)))), e.Headers()...)
	r.phase = replacing
	return out
}

// exhausted is the error of a request for which there is nothing left to try.
func (r *Request) exhausted(last *Attempt) *dialect.Error {
	if last.rule != "" {
		if r.refused == nil {
			r.refused = blockedAnswer(last.rule)
			r.guarding.over.Add(last.rule, policy.GuardBlock, false)
		}
		return r.refused
	}
	e := &dialect.Error{Status: 502, Kind: dialect.Unavailable, Code: "upstream_" + last.reason}
	switch last.class {
	case policy.RateLimited:
		e.Status, e.Kind = 429, dialect.RateLimited
	case policy.Timeout, policy.Stalled:
		e.Status = 504
	}
	e.Message = "provider " + strconv.Quote(last.target.provider.Name) + " " + failureWords(last.reason)
	if n := len(r.attempts); n > 1 {
		e.Message += "; it was the last of " + strconv.Itoa(n) + " attempts"
	}
	e.Message += " (request " + r.id + ")"
	return e
}

// endInVain is how a request ends whose last attempt has failed.
func (r *Request) endInVain() End {
	if a := r.attempt; a != nil && a.rule != "" { // a call may have failed before there was any
		return EndBlocked
	}
	return EndError
}

// failureWords is what happened, for people.
func failureWords(reason string) string {
	for _, w := range [...][2]string{
		{"credential_refused", "refused the gateway's credential"},
		{policy.RateLimited, "limits the gateway's requests"},
		{policy.Unavailable, "could not be reached or broke off"},
		{policy.Timeout, "did not answer in time"},
		{policy.Stalled, "began to answer and sent no content in time"},
		{"empty", "sent an answer without content"},
		{"truncated", "sent an answer that is cut short"},
		{"unreadable", "sent an answer that cannot be read"},
		{"schema", "sent an answer that is not of the JSON schema that was asked for"},
		{"malformed_event", "sent an event that is not JSON"},
		{"error_event", "sent an error in place of an answer"},
		{"error_body", "sent an error in place of an answer"},
		{"too_large", "sent an answer that is larger than limits.response_body"},
	} {
		if w[0] == reason {
			return w[1]
		}
	}
	return "failed"
}

// succeeded tells the others that a target has answered, and how fast.
func (r *Request) succeeded(now int64) {
	a := r.attempt
	if a == nil || a.reason != "" || a.status == 0 || a.status >= 300 {
		return
	}
	first, perToken := int64(0), int64(0)
	begun := a.began
	if a.firstToken > 0 {
		first, begun = max(1, a.firstToken-a.began), a.firstToken
	}
	if output := a.used.Output; output > 1 {
		perToken = max(1, (now-begun)*1000/output)
	}
	r.g.health.change(a.target, func(h *health) {
		h.Succeeded(now, first, perToken)
		if r.spend.choices > 0 && a.used.Output > 0 {
			h.learn(a.used.Output / r.spend.choices)
		}
	})
	if r.model.affinity > 0 && r.routing.conversation != (budget.Digest{}) {
		r.g.affinity.remember(now, r.routing.conversation, a.target)
	}
}

// broke tells the others that a target broke off an answer that it had begun.
func (r *Request) broke(now int64) {
	if r.attempt != nil {
		r.g.health.change(r.attempt.target, func(h *health) { h.Failed(now, 0, r.model.cooling) })
	}
}

// limited takes in a provider's word, on a good answer, that it was the last for a while.
func (r *Request) limited(now int64, t *target, h Headers) {
	if t.health == "" || t.provider.CredentialEnv == "" {
		return
	}
	for _, of := range [...][2]string{
		// https://platform.openai.com/docs/guides/rate-limits#rate-limits-in-headers
		{"x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"},
		{"x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"},
		// https://docs.anthropic.com/en/api/rate-limits#response-headers
		{"anthropic-ratelimit-requests-remaining", "anthropic-ratelimit-requests-reset"},
		{"anthropic-ratelimit-tokens-remaining", "anthropic-ratelimit-tokens-reset"},
	} {
		remaining, ok := h.Get(of[0])
		if !ok || remaining != "0" {
			continue
		}
		reset, _ := h.Get(of[1])
		if ms, ok := route.ParseWait(now, reset); ok && ms > 0 {
			r.g.health.change(t, func(h *health) { h.Limited(now, ms, r.model.cooling) })
		}
	}
}
