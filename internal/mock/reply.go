package mock

import (
	"encoding/json"
	"net/http"
	"strconv"
)

// reply is an answer in its dialect, before any of it is sent.
type reply struct {
	status int
	header http.Header
	stream bool
	events []event // one for a whole body
	bill   Tokens  // for all of it
	base   int64   // output tokens that are used before the first event
	whole  int64   // output tokens of all of it
	free   bool    // nothing is billed: errors, lists of models, echoes
}

// event is what is sent in one go: an event of a stream, or a whole body.
type event struct {
	data []byte
	kind eventKind
	used int64 // output tokens that this event carries
}

// eventKind says what faults may do with an event.
type eventKind uint8

const (
	eventContent eventKind = iota
	eventFrame             // says nothing: starts, pings
	eventFinish            // the reason of the end
	eventUsage
	eventDone
)

// bodyReply is a reply of one body.
func bodyReply(status int, body []byte) *reply {
	return &reply{
		status: status,
		header: http.Header{"Content-Type": {"application/json"}},
		events: []event{{data: body}},
		free:   true,
	}
}

// sseData frames data as an event without a name.
func sseData(data []byte) []byte {
	b := make([]byte, 0, len(data)+8)
	b = append(b, "data: "...)
	b = append(b, data...)
	return append(b, "\n\n"...)
}

// appendJSON appends s as a JSON string.
func appendJSON(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			quoted, err := json.Marshal(s)
			if err != nil {
				panic("mock: " + err.Error()) // a string cannot fail
			}
			return append(b, quoted...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

// identifier is n characters of an id, as the vendors make them, chosen by seed.
func identifier(prefix string, seed uint64, n int) string {
	const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	b := make([]byte, 0, len(prefix)+n)
	b = append(b, prefix...)
	for range n {
		seed = mix(seed)
		b = append(b, alphabet[seed%uint64(len(alphabet))])
	}
	return string(b)
}

func appendInt(b []byte, name string, value int64) []byte {
	b = append(b, name...)
	return strconv.AppendInt(b, value, 10)
}
