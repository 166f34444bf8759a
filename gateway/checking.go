package gateway

import (
	"strconv"

	"github.com/sluice-gateway/sluice/cacheclient"
	"github.com/sluice-gateway/sluice/dialect"
	"github.com/sluice-gateway/sluice/dialect/rewrite"
	"github.com/sluice-gateway/sluice/guard"
	"github.com/sluice-gateway/sluice/policy"
	"github.com/sluice-gateway/sluice/sse"
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

// newChecking begins to hold a stream to rules.
func newChecking(op dialect.Op, a *guard.Answer) *rewriting {
	s := newRewriting(op, a.Said)
	s.stream.Over, s.stream.Bare = a.Over, a.Enforces
	return s
}

// checked passes on what may be passed of a stream: the first that sees it, so that what is
// not to be said is neither metered as said nor kept. blocked tells that the stream is to
// end here. What is not passed on stays behind it in the buffer.
func (r *Request) checked(chunk []byte, end bool) (out []byte, blocked bool) {
	s, answer := r.guarding.checking, r.guarding.answer
	if s == nil {
		s = newChecking(r.op, answer)
		r.guarding.checking = s
	}
	s.out = s.out[:copy(s.out, s.out[s.gone:])]
	s.gone = 0
	s.events.Feed(chunk)
	for event, ok := s.events.Next(); ok; event, ok = s.events.Next() {
		if s.pass(event); answer.Blocking() != "" {
			return s.out[:s.gone], true
		}
		if !answer.Undecided(guard.Every, false) || len(s.out)-s.gone > maxWaiting {
			s.gone = len(s.out)
		}
	}
	if end {
		if s.end(); answer.Blocking() != "" {
			return s.out[:s.gone], true
		}
		s.gone = len(s.out)
	}
	return s.out[:s.gone], false
}

// maxWaiting bounds the events, in bytes, that wait for the end of an answer which has said
// nothing of what a rule allows.
const maxWaiting = 64 << 10

// filter ends a stream as the dialect ends one for what it says. The client has all that
// went before, and the answer costs what it has used.
func (r *Request) filter(now int64, out *Outcome) {
	r.stream.Shown()
	r.stream.Filtered = true
	r.countWithheld()
	used, _ := r.usage()
	out.Body = add(out.Body[:len(out.Body):len(out.Body)], r.stream.End(used, r.asked.WantsUsage))
	out.Replace = true
	r.phase = cutting
	r.end = EndBlocked
	r.cutAt = now
	r.spend.used = used
}

// countWithheld counts what rules hold back of a stream that ends before they have let it go: its
// provider has said it all the same.
func (r *Request) countWithheld() {
	s := r.guarding.checking
	if s == nil || r.stream == nil { // a kept answer has been heard
		return
	}
	withheld := sse.NewReader(0) // it may have the usage
	withheld.Feed(s.out[s.gone:])
	s.gone = len(s.out)
	r.readOn(withheld)
	r.guarding.answer.Withheld(&r.output)
}

// unfitToSay is the error in place of an answer that breaks a rule, or nil. A stream is one that
// was kept, under rules that may have been others.
func (r *Request) unfitToSay(body []byte, stream bool) *dialect.Error {
	if !r.checks() {
		return nil
	}
	if stream {
		_, _ = r.checked(body, true)
	} else {
		lookAt(r.guarding.answer, r.op, body)
	}
	if rule := r.guarding.answer.Blocking(); rule != "" {
		return blockedAnswer(rule)
	}
	return nil
}

// lookAt looks at a whole answer that is no stream. What cannot be read says nothing that can.
func lookAt(a *guard.Answer, op dialect.Op, body []byte) {
	_, _ = rewrite.Whole(op, body, a.Said)
	a.Over(guard.Every)
}

// rejectsKept takes a kept answer for none that breaks a rule which wants another attempt: there
// has been none for this request. e is the error in place of one that is to be blocked.
func (r *Request) rejectsKept() (e *dialect.Error, rejected bool) {
	s, reply := &r.guarding, &r.caching.reply
	if !r.checks() {
		return nil, false
	}
	s.answer.Draft = true
	e = r.unfitToSay(reply.Body, reply.Stream)
	rule := s.answer.Rejected()
	if rule == "" {
		return e, false
	}
	s.answer, s.checking = nil, nil
	s.over.Add(rule, policy.GuardRetry, false)
	r.forgetReply()
	reply.Result, reply.Reason = cacheclient.Miss, "the kept answer breaks a rule of guards.answers"
	return nil, true
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
