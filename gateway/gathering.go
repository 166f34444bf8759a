package gateway

import "strconv"

// A host that cannot hold an answer, Kong, shows each piece of it once. The pieces can be
// taken out until the answer is whole, and then all of it goes with the last. Which that is
// the host does not always say: the JSON text's own end tells, or the announced length. The
// status has gone by then.

// gathers tells whether an answer is to be seen as a whole before the client sees any of it,
// on such a host.
func (r *Request) gathers() bool {
	return !r.holds && (r.foreign() || r.caching.ticket != nil || r.restores() || r.checks() || r.onInvalid() != "" && r.schemas() != nil)
}

// gather begins to gather an answer with these headers.
func (r *Request) gather(h Headers, out *Outcome) {
	s := &r.guarding
	length, _ := h.Get("content-length")
	s.gathering = true
	s.length, _ = strconv.Atoi(length)
	out.Remove = append(out.Remove, "content-length")
}

// gathered takes the next piece.
func (r *Request) gathered(now int64, chunk []byte, end bool) Outcome {
	s := &r.guarding
	s.whole = append(s.whole, chunk...)
	out := Outcome{Replace: true}
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
	case r.foreign():
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
	if !out.Replace {
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
