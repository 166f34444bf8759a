package gateway

import (
	"strconv"
	"strings"

	"github.com/sluice-gateway/sluice/budget"
	"github.com/sluice-gateway/sluice/dialect"
	"github.com/sluice-gateway/sluice/policy"
)

// part is one part of the caller's identity, as this request has it.
type part struct {
	value   string
	present bool
}

// identify finds out who is calling. A part that the policy wants hashed is hashed
// here, and never held in any other form.
func (r *Request) identify(h Headers, property func([]string) (string, bool)) {
	r.identity = make([]part, len(r.g.policy.Identity))
	for i := range r.g.policy.Identity {
		source := &r.g.policy.Identity[i]
		p := &r.identity[i]
		switch {
		case source.Header != "":
			p.value, p.present = h.Get(source.Header)
		case source.Claim != "":
			p.value, p.present = property(append(claimPath[:len(claimPath):len(claimPath)], source.Claim))
		default:
			p.value, p.present = property(source.Property)
		}
		if p.present && (source.Header == "authorization" || source.Header == "proxy-authorization") {
			p.value = credentials(p.value)
		}
		if source.Hash && p.present {
			p.value = hashed(source.Name, p.value)
		}
	}
}

// credentials gives an authorization header the one spelling of the many that mean the
// same: the scheme is case-insensitive, and any number of spaces may follow it (RFC 9110,
// section 11.4). Else each spelling would have a budget of its own.
func credentials(value string) string {
	scheme, rest, found := strings.Cut(strings.TrimSpace(value), " ")
	if !found {
		return value
	}
	return strings.ToLower(scheme) + " " + strings.TrimSpace(rest)
}

// claimPath is where Envoy's JWT authentication leaves the claims of a token that it
// has verified, with `payload_in_metadata: jwt`.
var claimPath = []string{"metadata", "filter_metadata", "envoy.filters.http.jwt_authn", "jwt"}

func hashed(name, value string) string {
	const digits = "0123456789abcdef"
	d := budget.Key("identity", []budget.Part{{Name: name, Value: value, Present: true}})
	out := make([]byte, 0, 2*len(d))
	for _, b := range d {
		out = append(out, digits[b>>4], digits[b&15])
	}
	return string(out)
}

// clientHeaders are the request's headers that steps after the first depend on.
type clientHeaders struct {
	encoding  string
	length    int64
	hasLength bool
	badLength bool
	secrets   []string // the headers that carry the client's own credential
}

// credentialHeaders are the headers in which clients of either API send their keys.
var credentialHeaders = [...]string{"authorization", "x-api-key", "api-key", "proxy-authorization", "cookie",
	"openai-organization", "openai-project"} // of the client's account, not ours

func (c *clientHeaders) read(h Headers) {
	c.encoding, _ = h.Get("content-encoding")
	if v, ok := h.Get("content-length"); ok {
		n, err := strconv.ParseInt(v, 10, 64)
		c.length, c.hasLength, c.badLength = n, true, err != nil || n < 0
	}
	for _, name := range credentialHeaders {
		if _, ok := h.Get(name); ok {
			c.secrets = append(c.secrets, name)
		}
	}
}

// unreadable says why a request cannot be read, if its headers tell already.
func (r *Request) unreadable(endOfStream bool) *dialect.Error {
	switch {
	case r.sent.encoding != "" && r.sent.encoding != "identity":
		// To inflate it here would be to hold an unknown number of bytes for
		// every client that asks; to let it by would be to let it by uncounted.
		return &dialect.Error{Status: 415, Kind: dialect.InvalidRequest, Code: "unsupported_content_encoding",
			Message: "send the body without content-encoding: " + strconv.Quote(r.sent.encoding) + " cannot be counted"}
	case r.sent.badLength:
		return &dialect.Error{Status: 400, Kind: dialect.InvalidRequest, Code: "bad_content_length", Message: "content-length is not a number of bytes"}
	case r.sent.hasLength && r.sent.length > r.g.policy.Limits.RequestBody:
		return r.tooLarge(r.sent.length)
	case endOfStream || r.sent.hasLength && r.sent.length == 0: // Kong tells no end with the headers
		return &dialect.Error{Status: 400, Kind: dialect.InvalidRequest, Code: "empty_body", Message: "the body is empty; a JSON object is wanted"}
	}
	return nil
}

func (r *Request) tooLarge(size int64) *dialect.Error {
	return &dialect.Error{Status: 413, Kind: dialect.TooLarge, Code: "request_too_large",
		Message: "the body has at least " + strconv.FormatInt(size, 10) + " bytes; the gateway takes " +
			strconv.FormatInt(r.g.policy.Limits.RequestBody, 10) + " (limits.request_body)"}
}

// hostTooSmall is Kong's way to say that a body outgrew nginx's buffer: it cannot be
// read at all then.
func (r *Request) hostTooSmall(size int) *dialect.Error {
	r.fail(bodyUnreadable)
	return &dialect.Error{Status: 413, Kind: dialect.TooLarge, Code: "request_too_large",
		Message: "the body of " + strconv.Itoa(size) + " bytes is larger than the gateway's own buffer; raise it to limits.request_body (Kong: nginx_http_client_body_buffer_size)"}
}

func badRequest(err error) *dialect.Error {
	e := &dialect.Error{Status: 400, Kind: dialect.InvalidRequest, Code: "invalid_body", Message: err.Error()}
	if f, ok := err.(*dialect.FieldError); ok {
		e.Code, e.Param = "invalid_field", f.Field
	}
	return e
}

// send is the request as it leaves: where to, as whom, and what in it is changed.
func (r *Request) send() Outcome {
	v := r.target.provider
	rewrite := dialect.Rewrite{Model: r.target.model, OutputCap: r.spend.putCap, AskUsage: true}
	out := Outcome{
		Edits: r.asked.Edits(rewrite),
		Set: [][2]string{
			{ClusterHeader, v.cluster},
			{":authority", v.authority},
			// What the upstream compresses for the client nobody on the way can read.
			{"accept-encoding", "identity"},
		},
	}
	if v.Endpoint.BasePath != "" {
		out.Set = append(out.Set, [2]string{":path", v.Endpoint.BasePath + r.path})
	}
	if v.CredentialEnv != "" {
		// With a credential of ours none of the client's goes out: it is the
		// gateway's business, not the provider's.
		for _, name := range r.sent.secrets {
			if name != v.credentialHeader() {
				out.Remove = append(out.Remove, name)
			}
		}
		out.Set = append(out.Set, [2]string{v.credentialHeader(), v.credential()})
	}
	if r.sent.hasLength && len(out.Edits) > 0 {
		length := r.asked.Size
		for _, e := range out.Edits {
			length += int64(len(e.With)) - (e.End - e.Start)
		}
		out.Set = append(out.Set, [2]string{"content-length", strconv.FormatInt(length, 10)})
	}
	return out
}

func (v *provider) credentialHeader() string {
	if v.Dialect == policy.Anthropic {
		return "x-api-key"
	}
	return "authorization"
}

func (v *provider) credential() string {
	if v.Dialect == policy.Anthropic {
		return v.key
	}
	return "Bearer " + v.key
}
