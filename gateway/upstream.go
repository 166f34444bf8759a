package gateway

import (
	"strconv"
	"strings"

	"github.com/sluice-gateway/sluice/dialect"
	"github.com/sluice-gateway/sluice/policy"
)

// send lets a request go, to the one place that it may go to or to the first of several.
func (r *Request) send(now int64, read Read) Outcome {
	order := r.routing.order
	if r.model.inline || r.fixed {
		order = order[:1] // nobody but the host's own chain could follow it up
	}
	if r.fixed && !r.nativeAt(order[0]) {
		return r.sendTranslated(now, order[0], read)
	}
	if len(order) == 1 && r.nativeAt(order[0]) {
		t := order[0]
		r.begin(now, t).decided = true
		var out Outcome
		if !r.ahead { // they have gone
			out = r.headersTo(t)
		}
		out.Edits = r.editsFor(t)
		if r.sent.hasLength && (len(out.Edits) > 0 || r.guarding.body != nil) {
			out.Set = append(out.Set, contentLength(r.edited(out.Edits)))
		}
		return out
	}
	// The host makes the attempts, one after the other, and the provider role gives each
	// what it needs: see Attempt.
	providers := make([]string, len(order))
	for i, t := range order {
		providers[i] = t.provider.Name
	}
	out := Outcome{
		Follow: true,
		Set: [][2]string{
			{ClusterHeader, AttemptsCluster(providers) + r.g.machine},
			{"accept-encoding", "identity"},
		},
	}
	if r.sent.hasLength && r.guarding.body != nil {
		out.Set = append(out.Set, contentLength(r.asked.Size))
	}
	if len(order) > 1 {
		out.Set = append(out.Set,
			[2]string{"x-envoy-retry-on", "retriable-headers,reset,connect-failure,refused-stream"},
			[2]string{"x-envoy-retriable-header-names", RetryHeader},
			[2]string{"x-envoy-max-retries", strconv.Itoa(len(order) - 1)})
	}
	if limit := r.perTry(); limit > 0 && r.model.retries() {
		out.Set = append(out.Set, [2]string{"x-envoy-upstream-rq-per-try-timeout-ms", strconv.FormatInt(limit, 10)})
	}
	return out
}

// RetryHeader is the header of an answer by which the provider role tells the host that
// another attempt is to be made. Nobody else sees it.
const RetryHeader = "x-sluice-retry"

// perTry is how long an attempt may take until its answer is let go, in milliseconds; 0
// is as long as the stream.
func (r *Request) perTry() int64 {
	if r.asked.Stream {
		return r.model.retry.firstToken
	}
	return r.model.retry.perTry
}

// headersTo are the headers of a request to a target: where to, and as whom. They replace
// whatever an earlier attempt has left there.
func (r *Request) headersTo(t *target) Outcome {
	v := t.provider
	out := Outcome{Set: append(make([][2]string, 0, usualHeaders),
		[2]string{ClusterHeader, v.cluster},
		[2]string{":authority", v.authority},
		// What the upstream compresses for the client nobody on the way can read.
		[2]string{"accept-encoding", "identity"})}
	// A path that is as it has to be is left alone: on Kong it may be the route's doing.
	if path := r.pathTo(t); path != r.path || len(r.attempts) > 1 || r.calls() {
		out.Set = append(out.Set, [2]string{":path", path})
	}
	// What an earlier attempt has put there is another provider's.
	for _, earlier := range r.routing.order {
		if name := earlier.provider.CredentialHeader; name != "" && name != v.CredentialHeader && !contains(out.Remove, name) {
			out.Remove = append(out.Remove, name)
		}
	}
	if v.CredentialEnv == "" && r.model.ownKeys() {
		// The client's credential is for one of several providers, and nobody knows for which.
		for _, h := range r.sent.secrets {
			if !contains(out.Remove, h[0]) {
				out.Remove = append(out.Remove, h[0])
			}
		}
		return out
	}
	if v.CredentialEnv == "" {
		out.Set = append(out.Set, r.sent.secrets...) // edits remove first
		return out
	}
	// With a credential of ours none of the client's goes out: it is the gateway's
	// business, not the provider's.
	for _, h := range r.sent.secrets {
		if h[0] != v.CredentialHeader && !contains(out.Remove, h[0]) {
			out.Remove = append(out.Remove, h[0])
		}
	}
	out.Set = append(out.Set, [2]string{v.CredentialHeader, v.credential()})
	return out
}

func contains(names []string, name string) bool {
	for _, n := range names {
		if n == name {
			return true
		}
	}
	return false
}

// foreignHeaders are the headers that a translated request needs or must not have.
func (r *Request) foreignHeaders(t *target, out *Outcome) {
	out.Set = append(out.Set, [2]string{"content-type", "application/json"})
	if t.provider.Dialect == policy.Anthropic {
		out.Set = append(out.Set, [2]string{"anthropic-version", "2023-06-01"})
		return
	}
	out.Remove = append(out.Remove, versionHeaders[:]...)
}

// pathTo is the path of the call at a target: the client's, with what the policy says of
// the provider.
func (r *Request) pathTo(t *target) string {
	v := t.provider
	path, query, _ := strings.Cut(r.path, "?")
	if op := r.opAt(t); op != r.op {
		path, query = op.Path(), "" // what the query says is of the other API
	}
	path = v.Endpoint.BasePath + strings.ReplaceAll(v.APIPath, "{model}", escaped(t.model)) + strings.TrimPrefix(path, "/v1")
	for _, p := range v.Query {
		if query != "" {
			query += "&"
		}
		query += escaped(p.Name) + "=" + escaped(p.Value)
	}
	if query != "" {
		path += "?" + query
	}
	return path
}

// escaped percent-encodes all but the unreserved characters (RFC 3986, section 2.3).
func escaped(s string) string {
	plain := true
	for i := range len(s) {
		plain = plain && unreserved(s[i])
	}
	if plain {
		return s
	}
	const digits = "0123456789ABCDEF"
	out := make([]byte, 0, 3*len(s))
	for i := range len(s) {
		if c := s[i]; unreserved(c) {
			out = append(out, c)
		} else {
			out = append(out, '%', digits[c>>4], digits[c&15])
		}
	}
	return string(out)
}

func unreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '.' || c == '_' || c == '~'
}

// editsFor are the edits of the client's body that a target of its own dialect needs.
func (r *Request) editsFor(t *target) []Edit {
	return r.asked.Edits(dialect.Rewrite{Model: t.model, OutputCap: r.capFor(t), AskUsage: true, LegacyCap: t.provider.OldOutputCap})
}

// edited is the length of the client's body with these edits.
func (r *Request) edited(edits []Edit) int64 {
	length := r.asked.Size
	for _, e := range edits {
		length += int64(len(e.With)) - (e.End - e.Start)
	}
	return length
}

func contentLength(n int64) [2]string { return [2]string{"content-length", strconv.FormatInt(n, 10)} }
