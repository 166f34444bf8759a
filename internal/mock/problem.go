package mock

import (
	"encoding/json"
	"net/http"
)

// problem is an error that a vendor answers.
type problem struct {
	status  int
	kind    string // `type`; the vendor's own for the status when empty
	code    string // OpenAI only; "" is null
	param   string // OpenAI only; "" is null
	message string
}

func badRequest(param, message string) *problem {
	return &problem{status: http.StatusBadRequest, param: param, message: message}
}

// body is the error in the vendor's shape:
//
//	OpenAI     {"error":{"message","type","param","code"}}
//	Anthropic  {"type":"error","error":{"type","message"},"request_id"}
func (p *problem) body(anthropic bool, requestID string) []byte {
	kind := p.kind
	if anthropic {
		if kind == "" {
			kind = anthropicKind(p.status)
		}
		return marshal(map[string]any{
			"type":       "error",
			"error":      map[string]any{"type": kind, "message": p.text()},
			"request_id": requestID,
		})
	}
	code := p.code
	if kind == "" {
		var usual string
		if kind, usual = openaiKind(p.status); code == "" {
			code = usual
		}
	}
	return marshal(map[string]any{"error": map[string]any{
		"message": p.text(),
		"type":    kind,
		"param":   orNull(p.param),
		"code":    orNull(code),
	}})
}

func (p *problem) text() string {
	if p.message != "" {
		return p.message
	}
	switch p.status {
	case http.StatusTooManyRequests:
		return "Rate limit reached. Slow down and try again later."
	case statusOverloaded:
		return "Overloaded"
	}
	if text := http.StatusText(p.status); text != "" {
		return text + " (from the mock provider)"
	}
	return "An error from the mock provider"
}

// statusOverloaded is Anthropic's own.
const statusOverloaded = 529

// openaiKind is the type and code that OpenAI has for a status
// (https://platform.openai.com/docs/guides/error-codes).
func openaiKind(status int) (kind, code string) {
	switch {
	case status == http.StatusTooManyRequests:
		return "requests", "rate_limit_exceeded"
	case status == http.StatusUnauthorized:
		return "invalid_request_error", "invalid_api_key"
	case status >= 500:
		return "server_error", ""
	}
	return "invalid_request_error", ""
}

// anthropicKind is the type that Anthropic has for a status
// (https://docs.anthropic.com/en/api/errors).
func anthropicKind(status int) string {
	switch status {
	case http.StatusUnauthorized:
		return "authentication_error"
	case http.StatusPaymentRequired:
		return "billing_error"
	case http.StatusForbidden:
		return "permission_error"
	case http.StatusNotFound:
		return "not_found_error"
	case http.StatusRequestEntityTooLarge:
		return "request_too_large"
	case http.StatusTooManyRequests:
		return "rate_limit_error"
	case http.StatusGatewayTimeout:
		return "timeout_error"
	case statusOverloaded:
		return "overloaded_error"
	}
	if status >= 500 {
		return "api_error"
	}
	return "invalid_request_error"
}

// refusal headers: what the vendors add to a 429 and to an overload.
func (p *problem) headers(h http.Header, anthropic bool) {
	if p.status != http.StatusTooManyRequests && p.status != http.StatusServiceUnavailable && p.status != statusOverloaded {
		return
	}
	h.Set("Retry-After", "1")
	if !anthropic && p.status == http.StatusTooManyRequests {
		h.Set("Retry-After-Ms", "1000")
		h.Set("X-Ratelimit-Remaining-Requests", "0")
		h.Set("X-Ratelimit-Reset-Requests", "1s")
	}
	if anthropic && p.status == http.StatusTooManyRequests {
		h.Set("Anthropic-Ratelimit-Requests-Remaining", "0")
	}
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// marshal is json.Marshal of what cannot fail.
func marshal(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic("mock: " + err.Error())
	}
	return b
}
