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
)

// Failure is why there is no verdict.
type Failure struct {
	Cause  Cause
	Reason string // ASCII, at most MaxReason bytes, without addresses
	err    error  // with them, for the log; nil = there is no more to say
}

func (f *Failure) Error() string {
	if f.err != nil {
		return f.Reason + ": " + f.err.Error()
	}
	return f.Reason
}

// blames tells whether the failure is the service's own.
func (f *Failure) blames() bool { return f.Cause == Failed || f.Cause == TooSlow }

// failureOf is the failure that an error was.
func failureOf(ctx context.Context, err error) *Failure {
	var f *Failure
	known := errors.As(err, &f)
	switch {
	case known && f.Cause == Busy: // also where no time is left: it was not the service that took it
		return f
	case errors.Is(ctx.Err(), context.DeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return &Failure{TooSlow, "no whole answer in time", nil}
	case ctx.Err() != nil:
		return &Failure{Canceled, "the caller has gone", ctx.Err()}
	case known:
		return f
	}
	return &Failure{Failed, "an answer that is not as documented: " + err.Error(), nil}
}

// A service that fails so often in a row is left alone for a moment, and then asked once.
const (
	failuresInARow = 5
	leftAlone      = 2 * time.Second
)

// circuit keeps from asking a service that does not answer. Whoever waits for its word
// has to be refused, or goes without it, in either case better at once.
type circuit struct {
	mu sync.Mutex
	c  cacheclient.Circuit
}

func (c *circuit) allow() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.c.After, c.c.For = failuresInARow, leftAlone.Milliseconds()
	return c.c.Allow(time.Now().UnixMilli())
}

func (c *circuit) failed() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.c.Failed(time.Now().UnixMilli())
}

func (c *circuit) succeeded() {
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
		return &Failure{Busy, fmt.Sprintf("%d requests are under way and %d wait", requestsAtOnce, requestsWaiting), nil}
	}
	select {
	case p.taken <- struct{}{}:
		return nil
	case <-ctx.Done():
		return &Failure{Busy, fmt.Sprintf("%d requests were under way all the time", requestsAtOnce), nil}
	}
}

func (p places) leave() { <-p.taken }
