package cacheclient

import (
	"errors"
	"strconv"
	"strings"
)

// Result is what a look-up came to, in the words of the x-sluice-cache header.
type Result string

// The results.
const (
	Hit         Result = "hit"          // an answer to the same request
	SemanticHit Result = "semantic-hit" // an answer to one that means the same
	Miss        Result = "miss"         // no answer; with a ticket, ours is wanted
	Bypass      Result = "bypass"       // no answer to such a request is kept
	Wait        Result = "wait"         // the same request is being answered
)

// Served tells whether there is an answer.
func (r Result) Served() bool { return r == Hit || r == SemanticHit }

// Reply is the companion's answer to a look-up.
type Reply struct {
	Result     Result
	Similarity string // a decimal; "" where none was worked out
	Reason     string // in words, for the record
	Entry      string // the key of the entry that answers
	Provider   string // that answered when it was made
	Model      string // the target's, then
	Usage      Usage  // of that answer
	Saved      int64  // what it cost, in micro-dollars
	Judged     int64  // what the judge cost now, in micro-dollars
	Stream     bool   // the answer is a stream of events
	Body       []byte // the answer as the client is to get it; of a miss the ticket, if there is one
}

// Usage is in tokens. Cached is a part of Input, and Reasoning one of Output.
type Usage struct{ Input, Output, Cached, Reasoning int64 }

// The longest values of a reply that are taken, in bytes.
const (
	MaxTicket = 32 << 10
	maxReason = 256
)

// ReadReply reads the answer to a look-up: its headers, names in lower case, and its body.
// It believes nothing that it does not know.
func ReadReply(get func(name string) string, body []byte) (Reply, error) {
	r := Reply{
		Result: Result(get("x-sluice-cache")), Reason: get("x-sluice-reason"), Similarity: get("x-sluice-similarity"),
		Entry: get("x-sluice-entry"), Body: body,
	}
	if len(r.Reason) > maxReason {
		r.Reason = r.Reason[:maxReason]
	}
	if !decimal(r.Similarity) {
		return Reply{}, errors.New("cacheclient: a similarity that is no number")
	}
	r.Judged, _ = strconv.ParseInt(get("x-sluice-judge-microusd"), 10, 64)
	switch status := get(":status"); {
	case status == "202" && r.Result == Wait, status == "200" && r.Result == Bypass:
		r.Body = nil
		return r, nil
	case status == "200" && r.Result == Miss:
		if len(body) > MaxTicket {
			return Reply{}, errors.New("cacheclient: a ticket of " + strconv.Itoa(len(body)) + " bytes; " + strconv.Itoa(MaxTicket) + " are taken")
		}
		return r, nil
	case status != "200" || !r.Result.Served():
		return Reply{}, errors.New("cacheclient: status " + status + " with result " + strconv.Quote(string(r.Result)))
	case len(body) == 0:
		return Reply{}, errors.New("cacheclient: a hit without an answer")
	}
	mediaType, _, _ := strings.Cut(get("content-type"), ";")
	switch strings.TrimSpace(mediaType) {
	case "application/json":
	case "text/event-stream":
		r.Stream = true
	default:
		return Reply{}, errors.New("cacheclient: a hit of type " + strconv.Quote(get("content-type")))
	}
	r.Provider, r.Model, _ = strings.Cut(get("x-sluice-target"), "/")
	r.Saved, _ = strconv.ParseInt(get("x-sluice-saved-microusd"), 10, 64)
	for member := range strings.SplitSeq(get("x-sluice-usage"), ",") {
		name, value, _ := strings.Cut(member, "=")
		n, _ := strconv.ParseInt(value, 10, 64)
		switch name {
		case "input":
			r.Usage.Input = n
		case "output":
			r.Usage.Output = n
		case "cached":
			r.Usage.Cached = n
		case "reasoning":
			r.Usage.Reasoning = n
		}
	}
	if r.Usage.Input < 0 || r.Usage.Output < 0 || r.Usage.Cached < 0 || r.Usage.Reasoning < 0 || r.Saved < 0 || r.Judged < 0 {
		return Reply{}, errors.New("cacheclient: a negative usage or cost")
	}
	return r, nil
}

// decimal tells whether s is a plain decimal number, which is what may go into a record
// as it is, or nothing.
func decimal(s string) bool {
	whole, part, point := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	if s == "" {
		return true
	}
	return len(s) <= 16 && digits(whole) && (len(whole) == 1 || whole[0] != '0') && (!point || digits(part))
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
