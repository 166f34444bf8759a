package mock

import (
	"encoding/json"
	"net/http"
	"strings"
)

// op is an API operation.
type op uint8

const (
	opOther op = iota
	opChat
	opCompletions
	opEmbeddings
	opModels
	opMessages
	opCountTokens
	opResponses
)

// anthropic tells the vendor whose shapes the operation has.
func (o op) anthropic() bool { return o == opMessages || o == opCountTokens }

// operation finds the operation of a request. A base path before /v1 is allowed, as
// behind gateways.
func operation(r *http.Request) op {
	path := r.URL.Path
	at := strings.LastIndex(path, "/v1/")
	if at < 0 {
		return opOther
	}
	path = path[at+len("/v1/"):]
	if r.Method == http.MethodGet {
		if path == "models" || strings.HasPrefix(path, "models/") {
			return opModels
		}
		return opOther
	}
	if r.Method != http.MethodPost {
		return opOther
	}
	switch path {
	case "chat/completions":
		return opChat
	case "completions":
		return opCompletions
	case "embeddings":
		return opEmbeddings
	case "responses":
		return opResponses
	case "messages":
		return opMessages
	case "messages/count_tokens":
		return opCountTokens
	}
	return opOther
}

// query is what a request asks, in either dialect.
type query struct {
	op           op
	model        string
	key          string
	stream       bool
	includeUsage bool

	limit  int64 // most output tokens of one answer; noLimit without
	n      int   // answers
	bestOf int   // answers that are generated for each that is given, legacy completions
	stops  []string
	echo   bool // legacy completions: the prompt before the answer

	tools      []tool
	toolChoice string // "", "none", "required", or a tool's name
	parallel   bool

	json       bool            // the answer is to be JSON
	jsonSchema json.RawMessage // and to follow this

	messages []message // chat and messages; the system prompt of messages is the first
	toolJSON []byte    // the tools as they came, for counting
	inputs   []input   // completions and embeddings
	vector   vectorForm
}

const noLimit = -1

// message is one turn of a conversation, reduced to what is counted and looked at.
type message struct {
	role  string
	name  string
	text  string // all text in it, tool results and arguments included
	asks  bool   // it is the user's word, not a tool's result
	parts int    // pictures and other content that is not text
}

// tool is a function the model may call.
type tool struct {
	name   string
	schema json.RawMessage
}

// input is a text, or the tokens of one.
type input struct {
	text   string
	tokens []int64
}

// lastAsked is the text of the last user message, and whether it is the last message
// of all.
func (q *query) lastAsked() (text string, last bool) {
	for i := len(q.messages) - 1; i >= 0; i-- {
		if q.messages[i].asks {
			return q.messages[i].text, i == len(q.messages)-1
		}
	}
	return "", false
}

// seed depends on the model and the prompt and nothing else of the request, so that
// the same question has the same answer, streamed or not.
func (q *query) seed(script uint64) uint64 {
	h := uint64(14695981039346656037) // FNV-1a
	add := func(s string) {
		for i := range len(s) {
			h = (h ^ uint64(s[i])) * 1099511628211
		}
		h = (h ^ 0xff) * 1099511628211
	}
	add(q.model)
	for i := range q.messages {
		add(q.messages[i].role)
		add(q.messages[i].text)
	}
	for i := range q.inputs {
		add(q.inputs[i].text)
		for _, t := range q.inputs[i].tokens {
			h = (h ^ uint64(t)) * 1099511628211
		}
	}
	return mix(h ^ mix(script))
}

// keyOf is the API key of a request, from whichever header has one.
func keyOf(h http.Header) string {
	if key := h.Get("X-Api-Key"); key != "" {
		return key
	}
	scheme, key, ok := strings.Cut(h.Get("Authorization"), " ")
	if !ok || !strings.EqualFold(scheme, "bearer") {
		return ""
	}
	return strings.TrimSpace(key)
}
