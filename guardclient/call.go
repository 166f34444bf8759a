// Package guardclient is the gateway's side of the companion's POST /v1/guard: it builds the
// call that asks external guards about a conversation, and reads their verdicts. Its other
// side, and the protocol in full, is companion/openapi.yaml.
//
//	texts, names ──▶ Call ──▶ … the companion asks them … ──▶ Read ──▶ verdicts
//
// The package is pure, and decides nothing: what becomes of a request is in its policy.
package guardclient

import (
	"strconv"

	"github.com/sluice-gateway/sluice/jsonscan"
)

// Path of the companion that is called.
const Path = "/v1/guard"

// The most that one call takes.
const (
	MaxTexts  = 4096
	MaxGuards = 16
	MaxWithin = 60_000 // milliseconds
)

// Text is one text of a conversation, and whose it is.
type Text struct {
	Role string // system, user, assistant or tool
	Text []byte // UTF-8
}

// Call is the body of a call to Path: what names, guards of the policy, say to texts, within
// so many milliseconds. What is more than the most is the caller's to refuse.
func Call(texts []Text, names []string, within int64) []byte {
	size := 64
	for i := range texts {
		size += len(texts[i].Text)*9/8 + 32
	}
	b := add(make([]byte, 0, size), `{"guards":[`)
	for i, name := range names {
		if i > 0 {
			b = add(b, ",")
		}
		b = jsonscan.AppendQuoted(b, name)
	}
	b = strconv.AppendInt(add(b, `],"within_ms":`), within, 10)
	between := `,"texts":[{"role":`
	for i := range texts {
		b = jsonscan.AppendQuoted(add(b, between), texts[i].Role)
		b = jsonscan.AppendQuoted(add(b, `,"text":`), string(texts[i].Text))
		between = `},{"role":`
	}
	if len(texts) == 0 {
		return add(b, `,"texts":[]}`)
	}
	return add(b, "}]}")
}

// add appends a text. (A call is a tenth of the code of append, written out.)
func add(b []byte, text string) []byte { return append(b, text...) }
