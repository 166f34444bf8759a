package gateway

import (
	"github.com/sluice-gateway/sluice/dialect"
	"github.com/sluice-gateway/sluice/guard"
	"github.com/sluice-gateway/sluice/guardclient"
)

// consult asks the services of the policy about the prompt, through the companion. false
// tells that nobody is asked, or that there is nothing to ask about.
func (r *Request) consult(now int64) (Outcome, bool) {
	p := r.guarding.prompt
	if p == nil || len(r.g.policy.Guards.External) == 0 {
		return Outcome{}, false
	}
	body, within, ok := p.Call()
	if !ok {
		r.fail(guardError)
		return r.refuseUnheard(), true
	}
	if body == nil {
		return Outcome{}, false
	}
	r.phase = consulting
	return Outcome{Action: Hold, Call: r.g.toCompanion(guardclient.Path, body, within+guardGrace)}, true
}

// guardGrace is how much longer than its services the companion may take, in milliseconds.
const guardGrace = 50

// consulted brings the services' word: headers are none where the companion gave none.
func (r *Request) consulted(now int64, h Headers, body []byte, read Read) Outcome {
	status, _ := h.Get(":status")
	r.phase = reading
	if !r.guarding.prompt.Answered(status, body) {
		r.fail(guardError)
		return r.refuseUnheard()
	}
	if r.unheard() {
		r.fail(guardError)
	}
	if e := r.mayBeSent(); e != nil {
		return r.block(e)
	}
	r.redact(read)
	return r.understood(now, r.size, read)
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

// refuseUnheard answers in place of a guard that could not be asked.
func (r *Request) refuseUnheard() Outcome {
	return r.refuse(&dialect.Error{Status: 503, Kind: dialect.Unavailable, Code: "guard_unavailable",
		Message: "a guard that the gateway's policy wants to see every prompt could not be asked; try again (request " + r.id + ")"})
}
