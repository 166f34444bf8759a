package cache

import (
	"bytes"
	"encoding/json"
	"io"
	"time"

	"github.com/sluice-gateway/sluice/companion/normal"
	"github.com/sluice-gateway/sluice/companion/store"
)

// ticket is what a miss gives its caller, and Keep wants back with the answer: all that is
// needed to keep it, so that any replica can.
type ticket struct {
	Version   int        `json:"v"`
	Key       string     `json:"key"`
	Scope     string     `json:"scope"`
	Prompt    string     `json:"prompt,omitempty"` // "" = kept for exact hits alone
	API       normal.API `json:"api"`
	Model     string     `json:"model"`
	Tenant    Pairs      `json:"tenant,omitempty"`
	TTL       int64      `json:"ttl_ms"`
	MaxAnswer int        `json:"max_answer"`
	Issued    int64      `json:"issued_ms"`
	Lead      string     `json:"lead,omitempty"` // of the flight; see flight.go

	key, scope store.Key
}

const (
	ticketVersion = 1
	// MaxTicket bounds a ticket, which the gateway holds for as long as the request lasts.
	MaxTicket = 16 << 10
	// maxHeld is how old a ticket may be. No answer takes longer, and what an older one
	// holds may belong to a policy that is gone.
	maxHeld = time.Hour
)

// miss is the result that lets its caller keep the answer.
func (e *Engine) miss(a *asked, lead, reason string) *Result {
	t := ticket{Version: ticketVersion, Key: a.key.String(), Scope: a.scope.String(),
		API: a.request.API, Model: a.request.Model, Tenant: a.request.Tenant, TTL: a.request.TTL,
		MaxAnswer: a.request.MaxAnswer, Issued: e.c.Now().UnixMilli(), Lead: lead}
	if a.request.Semantic && e.Semantic() {
		t.Prompt = a.prompt
	}
	b := t.encode()
	if len(b) > MaxTicket { // a prompt of control characters; six bytes each in JSON
		t.Prompt = ""
		b = t.encode()
	}
	if len(b) > MaxTicket { // labels of such: without a ticket nothing is kept
		e.flights.giveUp(a.key, lead, e.c.Now())
		return &Result{Outcome: Bypass, Reason: "the tenant's names and values are too long for a ticket"}
	}
	return &Result{Outcome: Miss, Reason: line(reason), Ticket: b}
}

func (t *ticket) encode() []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(t); err != nil {
		panic(err) // it is made of strings and numbers
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// readTicket reads what encode wrote, and checks it as if anybody could have written it.
func readTicket(b []byte, now time.Time) (*ticket, error) {
	if len(b) == 0 || len(b) > MaxTicket {
		return nil, bad("ticket of %d bytes; it has 1 to %d", len(b), MaxTicket)
	}
	var t ticket
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&t); err != nil {
		return nil, bad("ticket: %v", err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, bad("ticket: more than one JSON value")
	}
	var err error
	if t.key, err = store.ParseKey(t.Key); err != nil {
		return nil, bad("ticket: key: %v", err)
	}
	if t.scope, err = store.ParseKey(t.Scope); err != nil {
		return nil, bad("ticket: scope: %v", err)
	}
	issued := time.UnixMilli(t.Issued)
	switch {
	case t.Version != ticketVersion:
		return nil, bad("ticket of version %d, this is %d", t.Version, ticketVersion)
	case t.API != normal.Chat && t.API != normal.Messages, t.Model == "", len(t.Model) > maxModel,
		t.TTL < 1000, t.TTL > maxTTL.Milliseconds(), t.MaxAnswer < 1, len(t.Lead) > 16:
		return nil, bad("ticket: a field is out of its range")
	case now.Sub(issued) > maxHeld || issued.Sub(now) > maxHeld:
		return nil, bad("ticket issued %s ago; it is good for %s", now.Sub(issued).Round(time.Second), maxHeld)
	}
	return &t, checkLabels(t.Tenant)
}
