package dialect

import (
	"strconv"

	"github.com/sluice-gateway/sluice/policy"
)

// Error is an error that the gateway itself answers with, in no dialect yet.
type Error struct {
	_ [0]func() // not compared: Go makes code for that

	Status     int
	Kind       ErrorKind
	Code       string // OpenAI's `code`: a word for programs
	Message    string // a sentence for people: what, where, and what to do
	Param      string // OpenAI's `param`: the request field at fault; "" = none
	RetryAfter int64  // seconds; 0 = no header
	// Final tells that to ask again within a client's patience is of no use. The
	// vendors' SDKs ask again by themselves, and obey a header that says so.
	Final bool
}

// ErrorKind is the class of an error. Both APIs have their own word for each.
type ErrorKind uint8

// The kinds of errors, after what a client can do about them.
const (
	InvalidRequest ErrorKind = iota
	NotFound
	TooLarge
	RateLimited
	Unavailable
	Internal
)

// The words are the vendors' own: https://platform.openai.com/docs/guides/error-codes
// and https://docs.anthropic.com/en/api/errors.
var errorTypes = [...]struct{ openAI, anthropic string }{
	InvalidRequest: {"invalid_request_error", "invalid_request_error"},
	NotFound:       {"invalid_request_error", "not_found_error"},
	TooLarge:       {"invalid_request_error", "request_too_large"},
	RateLimited:    {"rate_limit_exceeded", "rate_limit_error"},
	Unavailable:    {"server_error", "overloaded_error"},
	Internal:       {"server_error", "api_error"},
}

// Body is the error as d's clients expect it in an answer's body.
func (e *Error) Body(d policy.Dialect) []byte {
	return e.append(make([]byte, 0, 160+len(e.Message)), d)
}

// Event is the error as the last event of a stream of op that can no longer be
// finished. Neither SDK takes what follows for an answer: OpenAI's raises on an
// `error` member in a chunk, Anthropic's on an event of type error. In a stream of a
// response the error is an event like others, which OpenAI's SDKs hand to their caller,
// and has their number, sequence.
// https://platform.openai.com/docs/api-reference/responses-streaming/error
func (e *Error) Event(op Op, sequence int64) []byte {
	out := make([]byte, 0, 180+len(e.Message))
	if op == Messages || op == Responses {
		out = append(out, "event: error\n"...)
	}
	out = append(out, "data: "...)
	if op == Responses {
		out = fill(out, `{"type":"error","code":$,"message":$,"param":$,"sequence_number":$}`,
			quotedOrNull(e.Code), quoted(e.Message), quotedOrNull(e.Param), digits(sequence))
	} else {
		out = e.append(out, op.Dialect())
	}
	return append(out, "\n\n"...)
}

func (e *Error) append(out []byte, d policy.Dialect) []byte {
	words := errorTypes[e.Kind]
	if d == policy.Anthropic {
		return fill(out, `{"type":"error","error":{"type":$,"message":$}}`, quoted(words.anthropic), quoted(e.Message))
	}
	return fill(out, `{"error":{"message":$,"type":$,"param":$,"code":$}}`,
		quoted(e.Message), quoted(words.openAI), quotedOrNull(e.Param), quotedOrNull(e.Code))
}

// Headers are the headers that go with Body.
func (e *Error) Headers() [][2]string {
	h := [][2]string{{"content-type", "application/json"}}
	if e.RetryAfter > 0 {
		h = append(h, [2]string{"retry-after", strconv.FormatInt(e.RetryAfter, 10)})
	}
	if e.Final {
		h = append(h, [2]string{"x-should-retry", "false"})
	}
	return h
}

func quotedOrNull(s string) string {
	if s == "" {
		return "null"
	}
	return quoted(s)
}
