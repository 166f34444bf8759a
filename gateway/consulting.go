package gateway

import (
	"github.com/sluice-gateway/sluice/dialect"
	"github.com/sluice-gateway/sluice/guard"
	"github.com/sluice-gateway/sluice/guardclient"
)

// consults tells whether the policy has services that are to see the prompt.
func (r *Request) consults() bool {
	return r.guarding.prompt != nil && len(r.g.policy.Guards.External) > 0
}

// consultsBeside tells whether they are asked beside the look-up, since none of them may change
// what is looked up.
func (r *Request) consultsBeside() bool { return r.consults() && !r.g.guards.ServicesRedact() }

// consult asks the services of the policy about the prompt before all else, where they may
// change it. False tells that nobody is asked, or that there is nothing to ask about.
func (r *Request) consult(now int64) (Outcome, bool) {
	if !r.consults() || r.consultsBeside() || r.resumes && !r.inlineAsked() {
		return Outcome{}, false
	}
	call, ok := r.consultation()
	if !ok {
		return r.refuseUnheard(now), true
	}
	if call == nil {
		return Outcome{}, false
	}
	r.phase = consulting
	return Outcome{Action: Hold, Call: call}, true
}

// consultation is the call that asks the services, through the companion; nil where there is
// nothing to ask about. False tells that they cannot be asked, and that the policy lets nothing
// by that they have not seen.
func (r *Request) consultation() (*Call, bool) {
	body, within, ok := r.guarding.prompt.Call()
	if body == nil {
		return nil, ok
	}
	return r.g.toCompanion(guardclient.Path, body, within+guardGrace), true
}

// guardGrace is how much longer than its services the companion may take, in milliseconds.
const guardGrace = 50

// consulted brings the word of services that may change the prompt: headers are none where the
// companion gave none.
func (r *Request) consulted(now int64, h Headers, body []byte, read Read) Outcome {
	r.phase = reading
	if refused, ok := r.heard(now, h, body); !ok {
		return refused
	}
	r.redact(read)
	return r.understood(now, r.size, read)
}

// heard takes the services' word. False tells that the request is refused.
func (r *Request) heard(now int64, h Headers, body []byte) (Outcome, bool) {
	status, _ := h.Get(":status")
	if !r.guarding.prompt.Answered(status, body) {
		return r.refuseUnheard(now), false
	}
	if r.unheard() {
		r.failGuard()
	}
	if e := r.mayBeSent(); e != nil {
		r.deny(now)
		return r.block(e), false
	}
	return Outcome{}, true
}

// unheard tells whether a service gave no word.
func (r *Request) unheard() bool {
	for _, f := range r.guarding.prompt.Found {
		if len(f.Kind) > len(guard.ErrorKind) && f.Kind[:len(guard.ErrorKind)] == guard.ErrorKind {
			return true
		}
	}
	return false
}

// failGuard notes that a guard failed, which is told also where the look-up failed sooner: it
// may have cost the answer.
func (r *Request) failGuard() { r.failure = guardError }

// deny gives up what was begun for a request that may not be sent. The lead of its look-up, if
// it has one, is given up when the stream is over.
func (r *Request) deny(now int64) {
	r.settle(now, settleNothing)
	r.forgetReply()
}

// refuseUnheard answers in place of a guard that could not be asked.
func (r *Request) refuseUnheard(now int64) Outcome {
	r.failGuard()
	r.deny(now)
	return r.refuse(&dialect.Error{Status: 503, Kind: dialect.Unavailable, Code: "guard_unavailable",
		Message: "a guard that the gateway's policy wants to see every prompt could not be asked; try again (request " + r.id + ")"})
}
