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
		return r.deny(now, r.noWord()), true
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
		r.noteUnheard()
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
	if e := r.heard(h, body); e != nil {
		return r.deny(now, e)
	}
	return r.everywhere(now, r.size, read)
}

// heard takes the services' word, and returns why the request may not be sent; nil = it may.
func (r *Request) heard(h Headers, body []byte) *dialect.Error {
	status, _ := h.Get(":status")
	if !r.guarding.prompt.Answered(status, body) {
		return r.noWord()
	}
	r.noteUnheard()
	return r.mayBeSent()
}

// noteUnheard notes where a service gave no word.
func (r *Request) noteUnheard() {
	for _, f := range r.guarding.prompt.Found {
		if len(f.Kind) > len(guard.ErrorKind) && f.Kind[:len(guard.ErrorKind)] == guard.ErrorKind {
			r.failGuard()
		}
	}
}

// failGuard notes that a guard failed, which is told also where the look-up failed sooner: it
// may have cost the answer.
func (r *Request) failGuard() { r.failure = guardError }

// deny refuses what may not be sent, and gives up what was begun for it. The lead of its
// look-up, if it has one, is given up when the stream is over.
func (r *Request) deny(now int64, e *dialect.Error) Outcome {
	r.settle(now, settleNothing)
	r.forgetReply()
	out := r.refuse(e)
	if e.Status < 500 {
		r.end = EndBlocked
	}
	return out
}

// noWord is why nothing is sent that services could not be asked about.
//
//go:noinline
func (r *Request) noWord() *dialect.Error {
	r.failGuard()
	return &dialect.Error{Status: 503, Kind: dialect.Unavailable, Code: "guard_unavailable",
		Message: "a guard that the gateway's policy wants to see every prompt gave no verdict; try again (request " + r.id + ")"}
}
