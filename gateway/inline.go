package gateway

import (
	"strconv"
	"strings"

	"github.com/sluice-gateway/sluice/dialect"
	"github.com/sluice-gateway/sluice/jsonscan"
	"github.com/sluice-gateway/sluice/policy"
)

// mayCall tells whether the request's attempts may be calls of our own.
func (r *Request) mayCall() bool { return r.model.inline && !r.asked.Stream && !r.ahead }

// calls tells whether they are.
func (r *Request) calls() bool {
	first := r.routing.first()
	return r.mayCall() && (len(r.routing.order) > 1 || !r.nativeAt(first) || r.fixed && first.provider != r.routed(r.model))
}

// call makes the next attempt. read reads the client's body, which the host still holds.
func (r *Request) call(now int64, read Read) Outcome {
	t := r.routing.order[len(r.attempts)]
	a := r.begin(now, t)
	body := read(0, r.size)
	if len(body) != r.size {
		return r.refuseCall(now, r.hostTooSmall(r.size))
	}
	headers := r.headersTo(t)
	if a.native {
		if edits := r.editsFor(t); len(edits) > 0 {
			body = jsonscan.Apply(nil, body, edits)
		}
	} else {
		var e *dialect.Error
		if body, e = r.translatedFor(t, r.size, read); e != nil {
			return r.refuseCall(now, e)
		}
		r.foreignHeaders(t, &headers)
	}
	scheme := "http"
	if t.provider.Endpoint.TLS {
		scheme = "https"
	}
	out := [][2]string{{":method", "POST"}, {":scheme", scheme}}
	out = append(out, headers.Set[1:]...) // the cluster is no header here
	for _, name := range carried {
		if value, ok := r.headers.Get(name); ok && (a.native || !strings.HasPrefix(name, "anthropic-") && !strings.HasPrefix(name, "openai-")) {
			if !has(out, name) {
				out = append(out, [2]string{name, value})
			}
		}
	}
	out = append(out, contentLength(int64(len(body))))
	return Outcome{Action: Hold, Call: &Call{Cluster: t.provider.cluster, Target: hostAndPort(t.provider.Endpoint), Headers: out, Body: body, Timeout: r.perTry()}}
}

// refuseCall answers in place of a call that is not made.
func (r *Request) refuseCall(now int64, e *dialect.Error) Outcome {
	r.attempt.reason, r.attempt.charged = "rejected", true
	r.settle(now, settleNothing)
	return r.refuse(e)
}

// carried are the client's headers that a call of our own takes along.
var carried = [...]string{"accept", "content-type", "user-agent", "idempotency-key", "anthropic-version", "anthropic-beta", "openai-beta"}

func has(headers [][2]string, name string) bool {
	for i := range headers {
		if headers[i][0] == name {
			return true
		}
	}
	return false
}

// Called brings the answer to a call c: its headers, none where it failed, and its body.
// read is of the client's body.
func (r *Request) Called(now int64, c *Call, h Headers, body []byte, read Read) Outcome {
	_, read = r.bodyAsSent(0, read)
	if r.phase == consulting {
		return r.consulted(now, h, body, read)
	}
	if r.phase == looking {
		return r.answeredTo(now, c, h, body, read)
	}
	a := r.attempt
	if r.phase != waiting || a == nil {
		return Outcome{}
	}
	var out Outcome
	if len(h) == 0 {
		r.lost(now)
		r.again(now, a)
	} else if int64(len(body)) > r.g.policy.Limits.ResponseBody {
		r.fail(answerTooLarge)
		out = a.fail(now, "too_large", "")
	} else if out = a.ResponseHeaders(now, h, len(body) == 0); a.phase == whole {
		out = a.judge(now, body)
	} else if a.status < 300 && a.reason == "" {
		// An answer in a form that nobody asked for, and that cannot be read.
		out = a.fail(now, "unreadable", policy.InvalidOutput)
	}
	switch {
	case a.another:
		if wait := a.wait - now; wait > 0 {
			return Outcome{Action: Hold, After: wait}
		}
		return r.call(now, read)
	case a.reason != "":
		return r.calledInVain(now, h, body)
	case out.Replace:
		body = out.Body
	}
	r.settle(now, settleUsed)
	r.finish(now, EndComplete)
	e := r.unfitToSay(body, false)
	if e == nil {
		e = r.misshapen(body)
	}
	if e != nil {
		r.refused, r.end = e, EndBlocked
		return Outcome{Reply: replyWith(e, r.dialect(), r.answerHeaders())}
	}
	r.keep(body)
	if r.restores() {
		body = r.restoredWhole(body)
	}
	reply := &Reply{Status: a.status, Headers: passedOn(h), Body: body, Details: detailsPrefix + "inline"}
	reply.Headers = append(reply.Headers, r.answerHeaders()...)
	if r.spend.priced {
		reply.Headers = append(reply.Headers, [2]string{"x-sluice-cost-usd", dollars(r.spend.cost)})
	}
	return Outcome{Reply: reply}
}

// CallAgain goes on where Called had to wait.
func (r *Request) CallAgain(now int64, read Read) Outcome {
	if r.phase != waiting {
		return Outcome{}
	}
	_, read = r.bodyAsSent(0, read)
	return r.call(now, read)
}

// calledInVain answers with the last failure: the provider's own words about the client's
// mistake, else ours.
func (r *Request) calledInVain(now int64, h Headers, body []byte) Outcome {
	a := r.attempt
	r.settle(now, settleNothing)
	r.finish(now, r.endInVain())
	contentType, _ := h.Get("content-type")
	if a.class == "" && a.status >= 300 && isMediaType(contentType, "application/json") {
		if !a.native {
			body = a.errorBody(body)
		}
		return Outcome{Reply: &Reply{Status: a.status, Headers: append(passedOn(h), r.answerHeaders()...), Body: body, Details: detailsPrefix + "inline"}}
	}
	e := r.exhausted(a)
	if a.status >= 300 && a.status != 401 && a.status != 403 {
		e.Status = a.status
	}
	e.RetryAfter = max(0, a.alone-now+999) / 1000
	return Outcome{Reply: replyWith(e, r.dialect(), r.answerHeaders())}
}

// passedOn are the headers of a provider's answer that the client gets.
func passedOn(h Headers) [][2]string {
	var out [][2]string
	for i := range h {
		switch name := h[i][0]; {
		case strings.HasPrefix(name, ":"), isOurs(name), name == "content-length", name == "transfer-encoding", name == "connection",
			name == "content-encoding", name == "date", name == "server", name == "set-cookie":
		default:
			out = append(out, h[i])
		}
	}
	return out
}

// inlineStream refuses what calls of our own cannot do: a host hands over their answer
// whole.
func inlineStream(t *target) *dialect.Error {
	return &dialect.Error{
		Status: 400, Kind: dialect.InvalidRequest, Code: "dialect_mismatch", Param: "stream",
		Message: "provider " + strconv.Quote(t.provider.Name) + " speaks the " + string(t.provider.Dialect) +
			" API, and this model's failover is inline, which cannot translate a stream; ask without stream",
	}
}
