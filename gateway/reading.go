package gateway

import (
	"strconv"
	"strings"

	"github.com/sluice-gateway/sluice/budget"
	"github.com/sluice-gateway/sluice/dialect"
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
	d := budget.Key("identity", []budget.Part{{Name: name, Value: value, Present: true}})
	return hexadecimal(d[:])
}

// clientHeaders are the request's headers that steps after the first depend on.
type clientHeaders struct {
	encoding  string
	length    int64
	hasLength bool
	badLength bool
	secrets   [][2]string // the headers that carry the client's own credential
	versions  [][2]string // those that a translation takes away
}

// credentialHeaders are the headers in which clients of either API send their keys.
var credentialHeaders = [...]string{"authorization", "x-api-key", "api-key", "proxy-authorization", "cookie",
	"openai-organization", "openai-project"} // of the client's account, not ours

// versionHeaders are headers of Anthropic's API, which a provider of the other has no use for.
var versionHeaders = [...]string{"anthropic-version", "anthropic-beta"}

func (c *clientHeaders) read(h Headers) {
	c.encoding, _ = h.Get("content-encoding")
	if v, ok := h.Get("content-length"); ok {
		n, err := strconv.ParseInt(v, 10, 64)
		c.length, c.hasLength, c.badLength = n, true, err != nil || n < 0
	}
	for _, name := range credentialHeaders {
		if value, ok := h.Get(name); ok {
			c.secrets = append(c.secrets, [2]string{name, value})
		}
	}
	for _, name := range versionHeaders {
		if value, ok := h.Get(name); ok {
			c.versions = append(c.versions, [2]string{name, value})
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

// tooManyHeaders refuses what the host does not show: among it may be who the caller is, a
// credential of the client's own, or that the body is compressed.
func (r *Request) tooManyHeaders() *dialect.Error {
	r.fail(headersCut)
	return &dialect.Error{Status: 431, Kind: dialect.InvalidRequest, Code: "too_many_headers",
		Message: "the request has more headers than the gateway's host shows a filter (Kong: 96, with those of its plugins); send fewer"}
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
