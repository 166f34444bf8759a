package gateway

import (
	"github.com/sluice-gateway/sluice/dialect"
	"github.com/sluice-gateway/sluice/jsonscan"
	"github.com/sluice-gateway/sluice/policy"
)

// Outcome is what one step of a request wants done. The steps decide, and the
// adapter to the host applies: the edits first, then the action.
type Outcome struct {
	Action Action

	// Set and Remove edit the headers of the phase: the request's before its
	// release, the response's after.
	Set    [][2]string
	Remove []string

	// Edits are made in the whole buffered request body.
	Edits []Edit

	// Request replaces the whole buffered request body, where it is not nil.
	Request []byte

	// Follow tells that the host will make the attempts on this request one by one, and
	// that each is to find the request: see Request.Attempt.
	Follow bool

	// Call is to be made, and its answer brought to Request.Called.
	Call *Call

	// Tell, beside what follows a call, is one to be made for nobody in particular; its
	// answer is for Gateway.Told.
	Tell *Call

	// After is for how long what the outcome wants is to wait, in milliseconds, while all
	// of it is held.
	After int64

	// Body replaces the bytes of the response that this step was shown, where
	// Replace is true; it is valid until the next step.
	Body    []byte
	Replace bool

	// Reply answers the client from here; the rest of the request is not looked at.
	Reply *Reply

	// More tells that the step has done a part of its work and held what it was
	// shown: it is to be called again, with the same, when others have had their turn.
	More bool

	// Log is a line for the operator, "" most of the time.
	Log string
}

// logging has a line for the operator go with an outcome that has none.
func (o Outcome) logging(line string) Outcome {
	if o.Log == "" {
		o.Log = line
	}
	return o
}

// Edit is a change of the request's body.
type Edit = jsonscan.Edit

// Action is what the host does with what it holds of the stream.
type Action uint8

// The actions.
const (
	Continue Action = iota // let it go on
	Hold                   // keep it, headers included, and bring more
	Close                  // break the stream off: all that the client is to see has been sent
)

// Reply is an answer made here.
type Reply struct {
	Status  int
	Headers [][2]string
	Body    []byte
	Details string // for the host's own log: a word that says who answered and why
}

// Call is a call that the edge role makes itself: to the companion or, for
// `failover: inline`, to a provider, on hosts that have no filter chain in front of one.
type Call struct {
	Cluster string
	Target  string // the same as host:port, for hosts that have no clusters
	Headers [][2]string
	Body    []byte
	Timeout int64 // milliseconds; 0 = limits.stream

	Also *Call // a second one, to be made at the same time

	companion string // the path of the companion's that is called; "" = a provider is
	untold    int64  // its part of cache.untold
	queued    bool   // its records are of the queue, and not of the outbox
}

// Read reads the host's buffer of the body that a step is about: up to size bytes
// from start. It returns fewer when the host cannot give them.
type Read func(start, size int) []byte

// Headers are a message's headers in their order, names in lower case.
type Headers [][2]string

// Get is the value of a header, joined by commas where it is repeated
// (RFC 9110, section 5.3), and whether it is there.
func (h Headers) Get(name string) (value string, ok bool) {
	for i := range h {
		if h[i][0] != name {
			continue
		}
		if ok {
			value += "," + h[i][1]
		} else {
			value, ok = h[i][1], true
		}
	}
	return value, ok
}

// detailsPrefix begins the details of every answer that is made here.
const detailsPrefix = "sluice_"

func replyWith(e *dialect.Error, d policy.Dialect, extra [][2]string) *Reply {
	return &Reply{
		Status:  e.Status,
		Headers: append(e.Headers(), extra...),
		Body:    e.Body(d),
		Details: detailsPrefix + e.Code,
	}
}
