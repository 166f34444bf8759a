package translate

import (
	"strconv"

	"github.com/sluice-gateway/sluice/jsontree"
)

// ErrorToOpenAI translates the body of an error, Anthropic's or anything else that came
// with that status, into OpenAI's, which it appends to out.
func ErrorToOpenAI(out []byte, status int, body []byte) []byte {
	root, _ := jsontree.Parse(body)
	return messageError(out, status, root)
}

// messageErrors are the words for the classes of errors:
// https://platform.claude.com/docs/en/api/errors and
// https://platform.openai.com/docs/guides/error-codes. Anthropic's goes on as the code.
var messageErrors = [...]struct{ anthropic, openAI string }{
	{"invalid_request_error", "invalid_request_error"},
	{"authentication_error", "invalid_request_error"},
	{"permission_error", "invalid_request_error"},
	{"not_found_error", "invalid_request_error"},
	{"request_too_large", "invalid_request_error"},
	{"billing_error", "insufficient_quota"},
	{"rate_limit_error", "rate_limit_exceeded"},
	{"overloaded_error", "server_error"},
	{"timeout_error", "server_error"},
	{"api_error", "server_error"},
}

// messageError reads {"type":"error","error":{"type":…,"message":…}}, and what is like
// it. What cannot be read is not passed on: it may be a page of anybody's.
func messageError(out []byte, status int, root jsontree.Value) []byte {
	e := root.Get("error")
	message, text := errorWords(root, status)
	code := e.Get("type")
	typ := "server_error"
	switch {
	case status == 429:
		typ = "rate_limit_exceeded"
	case 400 <= status && status < 500:
		typ = "invalid_request_error"
	}
	for _, w := range messageErrors {
		if isWord(code, w.anthropic) {
			typ = w.openAI
		}
	}
	t := jsonText(out)
	t.or(`{"error":{"message":`, message, text)
	t.quoted(`,"type":`, typ)
	if hasText(code) {
		t.raw(`,"param":null,"code":`, code)
	} else {
		t.put(`,"param":null,"code":null`)
	}
	t.put("}}")
	return t
}

// errorWords is what a provider says about its error, wherever it says so, and what is to
// be said where it says nothing.
func errorWords(root jsontree.Value, status int) (message jsontree.Value, otherwise string) {
	e := root.Get("error")
	message = e.Get("message")
	if isText(e) {
		message = e
	} else if !isText(message) {
		message = root.Get("message")
	}
	otherwise = "the provider failed, and did not say why"
	if status != 0 {
		otherwise = "the provider answered with status " + strconv.Itoa(status) + ", and did not say why"
	}
	return message, otherwise
}
