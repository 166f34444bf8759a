package gateway

import (
	"strconv"

	"github.com/sluice-gateway/sluice/dialect"
)

// Where the policy says hold_headers: false, a request's headers go to the provider before
// its body has been read, since the host cannot hold the ones without the other: an Istio
// WasmPlugin is like that. Whatever headers have to say is said here, then, of the policy's
// one provider. Which address that is, is the host's own route's business. Such a host cannot
// hold an answer's headers either.

// aheadModel is the policy's one provider, for requests whose model is not yet known; nil
// where headers are held.
func (g *Gateway) aheadModel() *model {
	if g.policy.HoldHeaders || len(g.policy.Providers) != 1 {
		return nil
	}
	return &model{targets: []*target{{provider: g.providers[g.policy.Providers[0].Name]}}}
}

// goAhead lets the headers of a call go, without those that are not to be heard.
func (r *Request) goAhead(unheard []string) Outcome {
	t := r.g.ahead.targets[0]
	var e *dialect.Error
	if !r.nativeAt(t) {
		e = translationRefused(r.op, t, "and its headers are sent before it could be translated (hold_headers: false)")
	} else if !t.provider.serves() {
		e = credentialMissing(t.provider)
	}
	if e != nil {
		return r.refuse(e)
	}
	r.model = r.g.ahead
	out := r.headersTo(t)
	r.model = nil
	out.Set = out.Set[2:] // but where to, which is said first
	out.Remove = append(out.Remove, unheard...)
	if r.sent.hasLength {
		// The body may become another one: it is framed by the host.
		out.Remove = append(out.Remove, "content-length")
		r.sent.hasLength = false
	}
	return out
}

// endsHere tells a header that the gateway's authentication has set, which is no provider's
// business. Where headers are held the rendered route takes it off, and here the route may be
// anybody's. A credential has to arrive.
func (g *Gateway) endsHere(header string) bool {
	for i := range g.policy.Identity {
		if p := &g.policy.Identity[i]; p.Verified && p.Header == header {
			return header != "authorization" && header != "x-api-key" && header != "api-key"
		}
	}
	return false
}

func credentialMissing(v *provider) *dialect.Error {
	return &dialect.Error{
		Status: 503, Kind: dialect.Unavailable, Code: "credential_missing", Final: true,
		Message: "provider " + strconv.Quote(v.Name) + " has no credential: " + v.CredentialEnv + " was not set when the gateway started",
	}
}
