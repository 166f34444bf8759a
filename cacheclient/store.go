package cacheclient

import (
	"strconv"

	"github.com/sluice-gateway/sluice/jsonscan"
)

// Answer is one that the cache may keep.
type Answer struct {
	Stream   bool   // a stream of events, else a JSON object
	Body     []byte // as the client got it
	Usage    Usage
	Cost     int64 // micro-dollars
	Provider string
	Model    string // the target's
}

// Store is the body of a call to StorePath that brings the answer that a ticket is for.
func Store(ticket []byte, a Answer) []byte {
	b := make([]byte, 0, len(ticket)+len(a.Body)*9/8+512)
	b = append(b, `{"ticket":`...)
	b = append(b, ticket...)
	b = append(b, `,"content_type":"`...)
	if a.Stream {
		b = append(b, "text/event-stream"...)
	} else {
		b = append(b, "application/json"...)
	}
	b = append(b, `","usage":{`...)
	for i, member := range [...]struct {
		name   string
		tokens int64
	}{{"input", a.Usage.Input}, {"output", a.Usage.Output}, {"cached", a.Usage.Cached}, {"reasoning", a.Usage.Reasoning}} {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '"')
		b = append(b, member.name...)
		b = append(b, `":`...)
		b = strconv.AppendInt(b, member.tokens, 10)
	}
	b = append(b, `},"cost_microusd":`...)
	b = strconv.AppendInt(b, a.Cost, 10)
	b = append(b, `,"provider":`...)
	b = jsonscan.AppendQuoted(b, a.Provider)
	b = append(b, `,"model":`...)
	b = jsonscan.AppendQuoted(b, a.Model)
	b = append(b, `,"answer":`...)
	b = jsonscan.AppendQuoted(b, string(a.Body))
	return append(b, '}')
}

// AbandonLookup is the body of a call to StorePath that says that a look-up's reply has not
// come: if it was a ticket, nobody is to wait for that one's answer.
func AbandonLookup(id string) []byte {
	b := append([]byte(nil), `{"lookup":`...)
	b = jsonscan.AppendQuoted(b, id)
	return append(b, `,"abandon":true}`...)
}

// Abandon is the body of a call to StorePath that says that no answer will come for a
// ticket, so that nobody waits for it. final tells that another's would not be kept either,
// as far as can be told: whoever waits need not wait for the next one.
func Abandon(ticket []byte, final bool) []byte {
	b := append([]byte(`{"ticket":`), ticket...)
	b = append(b, `,"abandon":true`...)
	if final {
		b = append(b, `,"final":true`...)
	}
	return append(b, '}')
}
