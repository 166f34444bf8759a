package conformance

import (
	"strconv"
	"strings"
)

// How clients of the APIs ask.

const (
	chatPath     = "/v1/chat/completions"
	messagesPath = "/v1/messages"
)

// chat is a chat completion of one turn. More are further members.
func chat(model, prompt string, more ...string) Request {
	return Request{Path: chatPath, Body: body(model, prompt, more)}
}

// message is the same for Anthropic, which wants a cap.
func message(model, prompt string, more ...string) Request {
	if !strings.Contains(strings.Join(more, ","), "max_tokens") {
		more = append(more, `"max_tokens":50`)
	}
	return Request{Path: messagesPath, Body: body(model, prompt, more)}
}

func body(model, prompt string, more []string) string {
	members := append([]string{`"model":` + strconv.Quote(model), `"messages":[{"role":"user","content":` + strconv.Quote(prompt) + `}]`}, more...)
	return "{" + strings.Join(members, ",") + "}"
}

const stream = `"stream":true`

// with has a request with further headers: name, value, …
func (r Request) with(headers ...string) Request {
	all := map[string]string{}
	for name, value := range r.Header {
		all[name] = value
	}
	for i := 0; i+1 < len(headers); i += 2 {
		all[headers[i]] = headers[i+1]
	}
	r.Header = all
	return r
}

// chunked has its body come in so many pieces, whose sum is not announced.
func (r Request) chunked(pieces int) Request {
	r.Chunked, r.Pieces = true, pieces
	return r
}

// The tools of chats, as each API has them.
const (
	chatTools    = `"tools":[{"type":"function","function":{"name":"mail","description":"Sends mail.","parameters":{"type":"object","properties":{"to":{"type":"string"},"say":{"type":"string"}},"required":["to"]}}}]`
	messageTools = `"tools":[{"name":"mail","description":"Sends mail.","input_schema":{"type":"object","properties":{"to":{"type":"string"},"say":{"type":"string"}},"required":["to"]}}]`
)

// schema asks for an answer of that form.
const schema = `"response_format":{"type":"json_schema","json_schema":{"name":"place","strict":true,"schema":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"],"additionalProperties":false}}}`

type fields = map[string]string

// over has the fields of b over those of a.
func over(a, b fields) fields {
	all := fields{}
	for _, m := range []fields{a, b} {
		for name, value := range m {
			all[name] = value
		}
	}
	return all
}
