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

// goAhead lets the headers of a call go. out is what is done with them already.
func (r *Request) goAhead(out Outcome) Outcome {
	t := r.g.ahead.targets[0]
	if !r.nativeAt(t) {
		return r.refuse(translationRefused(r.op, t, "and its headers are sent before it could be translated (hold_headers: false)"))
	}
	if !t.provider.serves() {
		return r.refuse(credentialMissing(t.provider))
	}
	r.model = r.g.ahead
	sent := r.headersTo(t)
	r.model = nil
	out.Remove = append(out.Remove, sent.Remove...)
	for _, h := range sent.Set {
		if h[0] != ClusterHeader && h[0] != ":authority" {
			out.Set = append(out.Set, h)
		}
	}
	if r.sent.hasLength {
		// The body may become another one: it is framed by the host.
		out.Remove = append(out.Remove, "content-length")
	}
	return out
}

func credentialMissing(v *provider) *dialect.Error {
	return &dialect.Error{
		Status: 503, Kind: dialect.Unavailable, Code: "credential_missing", Final: true,
		Message: "provider " + strconv.Quote(v.Name) + " has no credential: " + v.CredentialEnv + " was not set when the gateway started",
	}
}
