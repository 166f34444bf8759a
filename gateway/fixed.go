package gateway

import (
	"strconv"

	"github.com/sluice-gateway/sluice/dialect"
	"github.com/sluice-gateway/sluice/jsontree"
	"github.com/sluice-gateway/sluice/policy"
)

// On a host whose own route says where a request goes, Kong, there is no filter chain in
// front of a provider. What the provider role does elsewhere for one attempt in another
// dialect, the edge role does there in place: it cannot hold the answer, so that what it has
// let go, the status first of all, stays as it is.

// routed is the provider that the host's route leads to: the one that the plugin's
// configuration names, else the model's first.
func (r *Request) routed(m *model) *provider {
	if r.g.routed != nil {
		return r.g.routed
	}
	return m.targets[0].provider
}

// firstOf is the target of a model that a request is counted for before it is routed.
func (r *Request) firstOf(m *model) *target {
	if r.fixed {
		for _, t := range m.targets {
			if t.provider == r.routed(m) {
				return t
			}
		}
	}
	return m.targets[0]
}

// elsewhere refuses a provider that is not at the end of the route: its credential would go
// to somebody else.
func (r *Request) elsewhere(v *provider) *dialect.Error {
	return &dialect.Error{Status: 400, Kind: dialect.InvalidRequest, Code: "provider_fixed", Param: "model",
		Message: "this gateway's route leads to provider " + strconv.Quote(r.routed(r.model).Name) + ", and this request is for " + strconv.Quote(v.Name) +
			"; send it by the route of that provider"}
}

// foreign tells whether the answer at hand is in another dialect than the client's, and to be
// translated here.
func (r *Request) foreign() bool { return r.fixed && r.attempt != nil && !r.attempt.native }

// sendTranslated lets a request go in its target's dialect.
func (r *Request) sendTranslated(now int64, t *target, read Read) Outcome {
	a := r.begin(now, t)
	a.decided = true
	body, e := r.translatedFor(t, r.size, read)
	if e != nil {
		return r.refuseCall(now, e)
	}
	out := r.headersTo(t)
	r.foreignHeaders(t, &out)
	out.Request = body
	if r.sent.hasLength {
		out.Set = append(out.Set, contentLength(int64(len(out.Request))))
	}
	return out
}

// untranslatable answers in place of an answer in a form that nobody asked for.
func (r *Request) untranslatable(now int64) Outcome {
	r.attempt.reason, r.attempt.class = "unreadable", policy.InvalidOutput
	r.failedAt(now, r.attempt, 0)
	r.settle(now, settleNothing) // it has been charged
	return r.refuse(r.exhausted(r.attempt))
}

// reworded makes out what the client gets of an answer that was gathered, in its own dialect:
// all of it, or an error where why says that it cannot be read. What still comes of it is
// dropped.
func (r *Request) reworded(now int64, why string, out *Outcome) {
	a, s := r.attempt, &r.guarding
	body := s.whole
	s.whole, s.gathering = nil, false
	a.phase = whole
	if why == "too_large" {
		body = nil
	}
	switch {
	case a.native: // an error, or it would not have been taken out
		if root, _ := jsontree.Parse(body); !root.Get("error").Present() {
			body = r.upstreamError("")
		}
		out.Body = body
	case a.status >= 300:
		out.Body = a.errorBody(body)
	case why == "":
		out.Body = a.judge(now, body).Body
	default:
		out.Body = a.fail(now, why, "").Body // there is no other attempt, and the target is well
	}
	if a.reason != "" {
		r.settle(now, settleNothing) // it has been charged
		r.phase = replacing
		return
	}
	r.settle(now, settleUsed)
	r.finish(now, EndComplete)
	r.letGo(out, out.Body)
}
