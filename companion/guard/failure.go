package guard

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/sluice-gateway/sluice/cacheclient"
)

// Cause says how a guard failed, in the words of a metric.
type Cause string

// The causes.
const (
	Failed   Cause = "failed"    // it cannot be reached, or answered as is not documented
	TooSlow  Cause = "too slow"  // no whole answer in time
	Busy     Cause = "busy"      // too many ask it already
	HeldBack Cause = "held back" // it failed too often just now
	Unknown  Cause = "unknown"   // there is none of that name
	Canceled Cause = "canceled"  // whoever asked has gone
	// NoEmbedder is of a rule by meaning.
	NoEmbedder Cause = "no embedder"
)

// Failure is why there is no verdict.
type Failure struct {
	Cause  Cause
	Reason string // ASCII, at most MaxReason bytes, without addresses
	err    error  // with them, for the log; nil = there is no more to say
	away   bool   // no answer came, or none of the service's own
}

func (f *Failure) Error() string {
	if f.err != nil {
		return f.Reason + ": " + f.err.Error()
	}
	return f.Reason
}

// absent tells that a service is not there, or cannot keep up, as far as can be told. Of an
// answer that is wrong the texts may be the cause: who sends those must not be able to have a
// guard left alone.
func (f *Failure) absent() bool { return f.Cause == TooSlow || f.Cause == Failed && f.away }

// failureOf is the failure that an error was.
func failureOf(ctx context.Context, err error) *Failure {
	var f *Failure
	known := errors.As(err, &f)
	switch {
	case known && f.Cause == Busy: // also where no time is left: it was not the service that took it
		return f
	case errors.Is(ctx.Err(), context.DeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return &Failure{Cause: TooSlow, Reason: "no whole answer in time"}
	case ctx.Err() != nil:
		return &Failure{Cause: Canceled, Reason: "the caller has gone", err: ctx.Err()}
	case known:
		return f
	}
	return &Failure{Cause: Failed, Reason: "an answer that is not as documented: " + err.Error()}
}

// A service that is absent so often in a row is left alone for a moment, and then asked once.
const (
	absentInARow = 5
	leftAlone    = 2 * time.Second
)

// circuit keeps from asking a service that does not answer; nil never does. Whoever waits for its word
// has to be refused, or goes without it, in either case better at once.
type circuit struct {
	mu sync.Mutex
	c  cacheclient.Circuit
}

func (c *circuit) allow() bool {
	if c == nil {
		return true
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.c.After, c.c.For = absentInARow, leftAlone.Milliseconds()
	return c.c.Allow(time.Now().UnixMilli())
}

func (c *circuit) failed() {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.c.Failed(time.Now().UnixMilli())
}

func (c *circuit) succeeded() {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.c.Succeeded()
}

// The most requests to one service that are under way, and that wait for a place.
const (
	requestsAtOnce  = 32
	requestsWaiting = 256
)

// places bound how many requests a service gets at once.
type places struct{ taken, waiting chan struct{} }

func newPlaces() places {
	return places{make(chan struct{}, requestsAtOnce), make(chan struct{}, requestsWaiting)}
}

// enter waits for a place, within the time that there is, where not too many do already.
func (p places) enter(ctx context.Context) error {
	select {
	case p.taken <- struct{}{}:
		return nil
	default:
	}
	select {
	case p.waiting <- struct{}{}:
		defer func() { <-p.waiting }()
	default:
		return &Failure{Cause: Busy, Reason: fmt.Sprintf("%d requests are under way and %d wait", requestsAtOnce, requestsWaiting)}
	}
	select {
	case p.taken <- struct{}{}:
		return nil
	case <-ctx.Done():
		return &Failure{Cause: Busy, Reason: fmt.Sprintf("%d requests were under way all the time", requestsAtOnce)}
	}
}

func (p places) leave() { <-p.taken }
