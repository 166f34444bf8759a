package gateway

import (
	"strconv"

	"github.com/sluice-gateway/sluice/cacheclient"
	"github.com/sluice-gateway/sluice/dialect"
	"github.com/sluice-gateway/sluice/dialect/rewrite"
)

// checks tells whether the policy has rules for what answers say.
func (r *Request) checks() bool {
	if r.g.guards == nil || !r.g.guards.LooksAtAnswers() || !r.op.Generates() {
		return false
	}
	if r.guarding.answer == nil {
		r.guarding.answer = r.g.guards.Answer()
	}
	return true
}

// said begins to look at one text of the answer.
func (r *Request) said(rewrite.Channel) rewrite.Writer { return r.guarding.answer.Said() }

// checked passes on what may be passed of a stream: the first that sees it, so that what is
// not to be said is neither metered as said nor kept. blocked tells that the stream is to
// end here.
func (r *Request) checked(chunk []byte, end bool) (out []byte, blocked bool) {
	s := r.guarding.checking
	if s == nil {
		s = newRewriting(r.op, r.said)
		r.guarding.checking = s
	}
	s.out = s.out[:0]
	s.events.Feed(chunk)
	for event, ok := s.events.Next(); ok; event, ok = s.events.Next() {
		before := len(s.out)
		if s.pass(event); r.guarding.answer.Blocking() != "" {
			return s.out[:before], true
		}
	}
	if end {
		before := len(s.out)
		if s.end(); r.guarding.answer.Blocking() != "" {
			return s.out[:before], true
		}
	}
	return s.out, false
}

// filter ends a stream as the dialect ends one for what it says. The client has all that
// went before, and the answer costs what it has used.
func (r *Request) filter(now int64, out *Outcome) {
	used, _ := r.usage()
	r.stream.Shown()
	r.stream.Filtered = true
	out.Body = append(out.Body[:len(out.Body):len(out.Body)], r.stream.End(used, r.asked.WantsUsage)...)
	out.Replace = true
	r.phase = cutting
	r.end = EndBlocked
	r.cutAt = now
	r.spend.used = used
}

// unfitToSay is the error in place of an answer that breaks a rule, or nil.
func (r *Request) unfitToSay(body []byte) *dialect.Error {
	if !r.checks() {
		return nil
	}
	_, _ = rewrite.Whole(r.op, body, r.said) // what cannot be read says nothing that can
	if rule := r.guarding.answer.Blocking(); rule != "" {
		return blockedAnswer(rule)
	}
	return nil
}

func blockedAnswer(rule string) *dialect.Error {
	return &dialect.Error{Status: 400, Kind: dialect.InvalidRequest, Code: "blocked_by_guard",
		Message: "the answer was blocked: it says what the gateway's policy lets no answer say (" + rule + ")"}
}

// replaceAnswer puts an error in the place of an answer of which the client has seen nothing;
// where it has seen the status, an answer that says nothing.
func (r *Request) replaceAnswer(e *dialect.Error, body []byte) Outcome {
	r.refused, r.end = e, EndBlocked
	if !r.holds {
		return Outcome{Body: dialect.Withheld(r.op, body), Replace: true}
	}
	with := e.Body(r.op.Dialect())
	return Outcome{Body: with, Replace: true, Set: [][2]string{
		{":status", strconv.Itoa(e.Status)}, {"content-type", "application/json"}, contentLength(int64(len(with)))}}
}

// unfitKept is the same for an answer that was kept, under rules that may have been others.
func (r *Request) unfitKept(reply *cacheclient.Reply) *dialect.Error {
	if !reply.Stream || !r.checks() {
		return r.unfitToSay(reply.Body)
	}
	if _, blocked := r.checked(reply.Body, true); !blocked {
		return nil
	}
	return r.unfitToSay(nil)
}
