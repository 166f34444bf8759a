package gateway

import (
	"strconv"

	"github.com/sluice-gateway/sluice/policy"
)

// A host that cannot hold an answer, Kong, shows each piece of it once. The pieces can be
// taken out until the answer is whole, and then all of it goes with the last. Which that is
// the host does not always say: the JSON text's own end tells, or the announced length. The
// status has gone by then.

// gathers tells whether an answer is to be seen as a whole on such a host: before the client
// sees any of it, or, where rules only note, beside what the client sees.
func (r *Request) gathers() bool {
	s := &r.guarding
	checks, misshapen := r.checks(), r.onInvalid()
	shaped := misshapen != "" && r.schemas(true) != nil
	s.notes = !r.foreign() && r.caching.ticket == nil && !r.restores() && !(checks && s.answer.Enforces) && !(shaped && misshapen != policy.GuardFlag && !r.g.shape.Shadow)
	return !r.holds && (!s.notes || checks || shaped)
}

// gather begins to gather an answer with these headers.
func (r *Request) gather(h Headers, out *Outcome) {
	s := &r.guarding
	length, _ := h.Get("content-length")
	s.gathering = true
	if s.length, _ = strconv.Atoi(length); s.notes {
		return
	}
	out.Remove = append(out.Remove, "content-length")
}

// gathered takes the next piece.
func (r *Request) gathered(now int64, chunk []byte, end bool) Outcome {
	s := &r.guarding
	s.whole = append(s.whole, chunk...)
	out := Outcome{Replace: !s.notes}
	why := ""
	switch {
	case int64(len(s.whole)) > r.g.policy.Limits.ResponseBody:
		r.fail(answerTooLarge)
		why = "too_large"
	case r.answer.Write(chunk) != nil:
		why = "unreadable"
	case end || r.answer.Whole() || s.length > 0 && len(s.whole) >= s.length:
	default:
		return out
	}
	switch {
	case r.foreign() || r.attempt.status >= 300:
		r.reworded(now, why, &out)
		return out
	case why == "too_large":
		out = r.unread(now, end)
	case why != "":
		out = r.noAnswer(now, end)
	default:
		out = r.wholeAnswer(now)
		r.letGo(&out, s.whole)
	}
	if !out.Replace && !s.notes {
		out.Body, out.Replace = s.whole, true
	}
	s.whole = nil
	return out
}

// noAnswer lets an answer pass that is no JSON.
func (r *Request) noAnswer(now int64, end bool) Outcome {
	r.attempt.reason = "invalid_output"
	r.fail(unreadableAnswer)
	return r.unread(now, end)
}

// unread lets an answer pass that cannot be read.
func (r *Request) unread(now int64, end bool) Outcome {
	r.phase, r.guarding.gathering = relaying, false
	return r.relayed(now, end)
}
