package mock

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Request is what the mock saw of one request and what became of it.
type Request struct {
	N           int64       `json:"n"` // 1 is the first since the start or the last reset
	Time        time.Time   `json:"time"`
	Proto       string      `json:"proto"`
	Method      string      `json:"method"`
	Path        string      `json:"path"` // with the query
	Host        string      `json:"host"`
	Header      http.Header `json:"header"`
	Body        []byte      `json:"body,omitempty"` // base64 in JSON
	BodyBytes   int64       `json:"body_bytes"`
	BodyDropped bool        `json:"body_dropped,omitempty"` // the body was not kept, or not kept for so long

	Model  string `json:"model,omitempty"`
	Key    string `json:"key,omitempty"`
	Stream bool   `json:"stream,omitempty"`
	Rule   string `json:"rule,omitempty"` // the rule that decided

	Status int    `json:"status"` // 0 as long as there are no headers
	End    End    `json:"end,omitempty"`
	Bill   Tokens `json:"bill"`  // what the provider charges for
	Whole  int64  `json:"whole"` // output tokens, had the answer come to its end
}

// End says how an answer ended; it is empty while it has not.
type End string

// The ways to end.
const (
	EndComplete   End = "complete"    // all that was to be sent was sent
	EndClientGone End = "client_gone" // the client hung up first
	EndFault      End = "fault"       // a fault of the script broke it off
	EndRefused    End = "refused"     // an error status
)

// Tokens is a bill. Input includes Cached and CacheWrite; Output includes Reasoning.
type Tokens struct {
	Input      int64 `json:"input"`
	Output     int64 `json:"output"`
	Cached     int64 `json:"cached"`
	CacheWrite int64 `json:"cache_write"`
	Reasoning  int64 `json:"reasoning"`
}

// Account is what one key used of one model.
type Account struct {
	Model      string `json:"model"`
	Key        string `json:"key"`
	Requests   int64  `json:"requests"` // all that ended
	Refused    int64  `json:"refused"`
	ClientGone int64  `json:"client_gone"`
	Faults     int64  `json:"faults"`
	Tokens
}

// book remembers the last requests, within bounds of number and of bytes, and adds up
// all of them.
type book struct {
	keep      int
	keepBytes int64

	mu       sync.Mutex
	seen     int64
	ring     []*Request // oldest first from head
	head     int
	bodies   int64         // bytes of the bodies in the ring
	running  int           // requests that have not ended
	idle     chan struct{} // closed when running falls to 0; nil when nobody waits
	accounts map[[2]string]*Account
}

// open writes a request down when it arrives.
func (b *book) open(r *Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.seen++
	b.running++
	r.N = b.seen
	if b.keep <= 0 {
		r.Body, r.BodyDropped = nil, len(r.Body) > 0
		return
	}
	if len(r.Body) > 0 && int64(len(r.Body)) > b.keepBytes {
		r.Body, r.BodyDropped = nil, true
	}
	if len(b.ring) < b.keep {
		b.ring = append(b.ring, r)
	} else {
		b.bodies -= int64(len(b.ring[b.head].Body))
		b.ring[b.head] = r
		b.head = (b.head + 1) % b.keep
	}
	b.bodies += int64(len(r.Body))
	for i := 0; b.bodies > b.keepBytes; i++ {
		old := b.ring[(b.head+i)%len(b.ring)]
		if len(old.Body) > 0 {
			b.bodies -= int64(len(old.Body))
			old.Body, old.BodyDropped = nil, true
		}
	}
}

// plan writes down what is known before the answer begins.
func (b *book) plan(r *Request, rule string, whole int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	r.Rule, r.Whole = rule, whole
}

// close writes down how it ended and what it cost.
func (b *book) close(r *Request, status int, end End, bill Tokens) {
	b.mu.Lock()
	defer b.mu.Unlock()
	r.Status, r.End, r.Bill = status, end, bill
	b.running--
	if b.running == 0 && b.idle != nil {
		close(b.idle)
		b.idle = nil
	}
	if r.Model == "" {
		return
	}
	key := [2]string{r.Model, r.Key}
	a := b.accounts[key]
	if a == nil {
		if b.accounts == nil {
			b.accounts = map[[2]string]*Account{}
		}
		a = &Account{Model: r.Model, Key: r.Key}
		b.accounts[key] = a
	}
	a.Requests++
	switch end {
	case EndRefused:
		a.Refused++
	case EndClientGone:
		a.ClientGone++
	case EndFault:
		a.Faults++
	}
	a.Input += bill.Input
	a.Output += bill.Output
	a.Cached += bill.Cached
	a.CacheWrite += bill.CacheWrite
	a.Reasoning += bill.Reasoning
}

// requests is a copy of what is remembered, oldest first.
func (b *book) requests() []Request {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := make([]Request, 0, len(b.ring))
	for i := range b.ring {
		all = append(all, *b.ring[(b.head+i)%len(b.ring)])
	}
	return all
}

// usage is the accounts in the order of model and key.
func (b *book) usage() []Account {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := make([]Account, 0, len(b.accounts))
	for _, a := range b.accounts {
		all = append(all, *a)
	}
	slices.SortFunc(all, func(x, y Account) int {
		return cmp.Or(cmp.Compare(x.Model, y.Model), cmp.Compare(x.Key, y.Key))
	})
	return all
}

func (b *book) reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.seen, b.ring, b.head, b.bodies, b.accounts = 0, nil, 0, 0, nil
}

// wait returns when every request has ended.
func (b *book) wait(ctx context.Context) error {
	b.mu.Lock()
	if b.running == 0 {
		b.mu.Unlock()
		return nil
	}
	if b.idle == nil {
		b.idle = make(chan struct{})
	}
	idle := b.idle
	b.mu.Unlock()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
