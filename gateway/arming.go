package gateway

import (
	"github.com/sluice-gateway/sluice/dialect"
	"github.com/sluice-gateway/sluice/policy"
)

// Kong lets a request go by itself when a call of it is over. The body can be read and changed
// before the call and never after, and of a call that failed it tells nothing before 3.9: up to
// 3.7 it answers 500, and 3.8 just goes on. So a request is made ready before its first call,
// as it may go out if nobody ever answers:
//
//	body callback       route, reserve, edit ─▶ arm ─▶ first call
//	answer to a call    reply, or the next call, or goes: headers at the most
//	answer's headers    wentOn, where a call has had no answer
//
// What must not go out unheard goes without its credential. What our own calls bring to a
// provider goes as an empty object: nobody serves that, and its answer is not shown.
type armed struct {
	done     bool
	withheld [][2]string // the headers that it gets when it may go
}

// void is the body of a request that goes out by our own calls, or not at all.
const void = "{}"

// arm makes a request ready whose first call is to be made.
func (r *Request) arm(now int64, call *Call, read Read) Outcome {
	body := r.guarding.body
	if body == nil {
		body = append(body, read(0, r.size)...)
	}
	var out Outcome
	if r.inlineAsked() {
		out.Request = []byte(void)
		if r.sent.hasLength {
			out.Set = [][2]string{contentLength(int64(len(void)))}
		}
		r.withhold(&out)
	} else {
		if out = r.release(now, read); out.Reply != nil {
			return out
		}
		r.attempts, r.attempt = nil, nil // it has not begun
		if r.asking.services != nil && r.denies() {
			r.armed.withheld = out.Set
			r.withhold(&out)
		}
	}
	r.armed.done, r.guarding.body = true, body
	out.Action, out.Call = Hold, call
	return out
}

// withhold takes all credentials from a request that may not go yet.
func (r *Request) withhold(out *Outcome) {
	set := out.Set
	out.Set = nil
	for i := range set {
		if set[i][0] == "content-length" {
			out.Set = set[i : i+1 : i+1]
		}
	}
	for i := range r.sent.secrets {
		out.Remove = append(out.Remove, r.sent.secrets[i][0])
	}
}

// inlineAsked tells whether the request goes to its providers by calls of our own.
func (r *Request) inlineAsked() bool {
	m, e := r.g.resolve(r.asked.ModelName)
	return e == nil && m.inline && !r.asked.Stream
}

// denies tells whether the policy lets nothing by that some service has not seen.
func (r *Request) denies() bool {
	for i := range r.g.policy.Guards.External {
		if e := &r.g.policy.Guards.External[i]; e.OnError == policy.DenyOnError && !e.Shadow {
			return true
		}
	}
	return false
}

// tooLateToRedact refuses what a service would have taken out of a body that can be changed no
// more.
func (r *Request) tooLateToRedact() *dialect.Error {
	if len(r.guarding.prompt.Edits) == 0 {
		return nil
	}
	r.guarding.prompt.Edits = nil
	return blocked("a service found in it what the gateway's policy has taken out, which this host can do only for models with failover: inline, and without stream")
}

// goes lets a request go that is ready, with these headers.
func (r *Request) goes(now int64) (set [][2]string) {
	r.phase = waiting
	r.begin(now, r.routing.first()).decided = true
	set, r.armed.withheld, r.guarding.body = r.armed.withheld, nil, nil
	return set
}

// calling tells whether a call of the request has had no answer.
func (r *Request) calling() bool {
	switch r.phase {
	case consulting, looking:
		return true
	case waiting:
		return r.attempt != nil && !r.attempt.decided
	}
	return false
}

// wentOn takes the answer to a request that the host has let go, or has answered itself, since
// a call of it has failed.
func (r *Request) wentOn(now int64, h Headers, endOfStream bool) Outcome {
	var e *dialect.Error
	log := ""
	switch {
	case r.phase == consulting || r.asking.services != nil:
		r.asking.services = nil
		e = r.heard(nil, nil)
	case r.phase == looking: // its lead is given up when the stream is over
		r.waitsNoMore()
		log = r.notFound(now, r.whyNot(now, nil, nil)).Log
	default:
		r.lost(now)
	}
	if e == nil && !r.breaks && !r.inlineAsked() {
		r.goes(now)
		out := r.ResponseHeaders(now, h, endOfStream)
		out.Log += log
		return out
	}
	if e == nil {
		e = &dialect.Error{Status: 502, Kind: dialect.Unavailable, Code: "call_failed",
			Message: "a call of the gateway's own failed, to the companion or to a provider (request " + r.id + ")"}
	}
	if r.breaks {
		e.Status = 500 // which has gone, and only the body can be another
	}
	out := r.deny(now, e)
	out.Log = log
	if r.breaks {
		r.phase, r.out = replacing, out.Reply.Body
		out.Set, out.Remove, out.Reply = out.Reply.Headers, []string{"content-length", "content-encoding"}, nil
	}
	return out
}

// hostAndPort is an endpoint as a host without clusters is told it.
func hostAndPort(e policy.Endpoint) string {
	target := e.Authority()
	switch { // which leaves these out
	case e.TLS && e.Port == 443:
		target += ":443"
	case !e.TLS && e.Port == 80:
		target += ":80"
	}
	return target
}
