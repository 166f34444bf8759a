package gateway

import "github.com/sluice-gateway/sluice/cacheclient"

// questions are what the companion is asked about a request that is held, as far as it has not
// answered. Both calls go out at once, and the wait is that of the longer one:
//
//	            ┌─ services ─▶ clean ───────────┐
//	reserved ──▶┤    └─ block, or no word ─▶ refused at once
//	 (or room)  └─ look-up ──▶ hit, miss, … ────┴─▶ what is kept, or a provider
//
// What is kept goes to nobody before the services' word. Where a service may change the prompt
// it is asked before, by consult: what it replaces is no part of the cache's key.
type questions struct {
	services *Call
	lookup   *Call
}

func (q *questions) waits() bool { return q.services != nil || q.lookup != nil }

// ask asks the companion what has to be known before the request is sent. False tells that
// nothing is asked.
func (r *Request) ask(now int64, read Read) (Outcome, bool) {
	var services *Call
	if r.consultsBeside() || r.resumes && r.consults() && !r.inlineAsked() {
		var ok bool
		if services, ok = r.consultation(); !ok {
			return r.deny(now, r.noWord()), true
		}
	}
	if r.asking.services = services; services != nil && r.resumes { // and then looks it up
		r.phase = looking
		return Outcome{Action: Hold, Call: services}, true
	}
	out, looks := r.lookUp(now, read)
	if out.Reply != nil {
		return out, true
	}
	switch {
	case services == nil:
		return out, looks
	case looks:
		services.Also, out.Call = out.Call, services
	default:
		out = Outcome{Action: Hold, Call: services}
	}
	r.phase = looking
	return out, true
}

// answeredTo brings the companion's answer to one of the calls: headers are none where there is
// none.
func (r *Request) answeredTo(now int64, c *Call, h Headers, body []byte, read Read) Outcome {
	out := Outcome{Action: Hold}
	switch c {
	case r.asking.services:
		r.asking.services = nil
		e := r.heard(h, body)
		if e == nil && r.resumes {
			e = r.tooLateToRedact()
		}
		if e != nil {
			return r.deny(now, e)
		}
		if r.resumes {
			looked, looks := r.lookUp(now, read)
			if looks {
				looked.Set, r.armed.withheld = r.armed.withheld, nil
				return looked
			}
		}
	case r.asking.lookup:
		r.asking.lookup = nil
		if out = r.lookedUp(now, h, body, read); out.Reply != nil {
			return out
		}
	}
	if r.asking.waits() {
		return out
	}
	next := r.allowed(now, read).logging(out.Log)
	next.Tell = out.Tell
	return next
}

// forgetReply has nothing be told of what was found for a request that nobody was answered
// with it, but what a judge has cost.
func (r *Request) forgetReply() {
	r.caching.reply = cacheclient.Reply{Judged: r.caching.reply.Judged}
}

// allowed goes on with a request that may be sent, and of which it is known whether an answer
// to it is kept.
func (r *Request) allowed(now int64, read Read) Outcome {
	if r.caching.reply.Result.Served() {
		if e, rejected := r.rejectsKept(); !rejected {
			return r.hit(now, e)
		}
	}
	r.phase = waiting
	return r.release(now, read)
}
