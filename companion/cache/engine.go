// Package cache decides whether an answer that is kept answers a request, and keeps answers.
//
// A request has an exact key and a scope, which package normal makes of it. An entry with
// the key answers it. Without one, the entries of the scope that are nearest in meaning are
// proposed by their vectors, and package compare decides for each, by comparing the two
// prompts word for word, whether its answer may be given. Whatever fails or takes too long
// on the way makes a miss that says so: the model can always be asked.
package cache

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/sluice-gateway/sluice/companion/store"
)

// Engine looks up and keeps. It may be used from many goroutines at once.
type Engine struct {
	c        Config
	limits   Limits
	flights  *flights
	judge    *judge // nil = nobody is asked
	used     uses
	compared compared
	parts    parts

	background context.Context // of what outlives a request
	stop       context.CancelFunc
	work       sync.WaitGroup
}

// New makes an engine. Close ends it, and not its store.
func New(c Config) *Engine {
	c.Limits.fill()
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Observer == nil {
		c.Observer = nobody{}
	}
	e := &Engine{c: c, limits: c.Limits, flights: newFlights(&c.Limits), used: uses{of: map[store.Key]time.Time{}}}
	e.background, e.stop = context.WithCancel(context.Background())
	if c.Asker != nil {
		e.judge = newJudge(e)
	}
	e.work.Go(e.noteUses)
	e.work.Go(e.sweep)
	return e
}

// Release tells all that wait that they do so no longer. The service calls it when it stops.
func (e *Engine) Release() { e.flights.release() }

// Close ends what the engine does in the background, judges included, and waits for it.
func (e *Engine) Close() {
	e.flights.release()
	e.stop()
	e.work.Wait()
}

// Waiting says how many questions are under way, and how many wait for the answer of one.
func (e *Engine) Waiting() (flying, waiting int) { return e.flights.counts() }

// Semantic tells whether the engine can find answers by meaning.
func (e *Engine) Semantic() bool { return e.c.Embedder != nil }

// Outcome is what became of a look-up.
type Outcome string

// The outcomes, as they stand in x-sluice-cache.
const (
	Hit         Outcome = "hit"
	SemanticHit Outcome = "semantic-hit"
	Miss        Outcome = "miss"
	Bypass      Outcome = "bypass" // the request is none that a cache may answer, nor its answer kept
	Wait        Outcome = "wait"   // the same question is being asked; ask again with a wait
)

// Result is the answer to a look-up.
type Result struct {
	Outcome    Outcome
	Reason     string  // one line of ASCII, never empty
	Similarity float64 // of the nearest entry; only where HasNearest
	HasNearest bool
	JudgeCost  int64 // micro-dollars

	Ticket []byte // of a miss: what Keep wants back

	// Of a hit: the answer in the caller's dialect, and what is known of it.
	Body        []byte
	ContentType string
	Key         store.Key
	Age         time.Duration
	Saves       int64 // micro-dollars
	Meta        Meta
}

// pollEvery is how often the store is asked whether another replica has got the answer that
// is waited for.
const pollEvery = 250 * time.Millisecond

// Lookup answers a request, waiting for the same question under way for as long as wait
// says. What takes longer than the request allows is given up: a miss that comes in time is
// worth more than a hit that does not. An error is the request's own (see BadRequest) or the context's.
func (e *Engine) Lookup(ctx context.Context, r *Request, wait time.Duration) (*Result, error) {
	a, err := e.read(r)
	if err != nil {
		return nil, err
	}
	e.parts.note(r.Tenant)
	if a.bypass != "" {
		return &Result{Outcome: Bypass, Reason: a.bypass}, nil
	}
	if wait > 0 {
		a.until = time.Time{}
	}
	wait = min(wait, e.limits.Wait)
	until := e.c.Now().Add(wait)
	for {
		reason := "no entry"
		if r.Exact && !e.flights.flying(a.key, e.c.Now()) {
			var hit *Result
			if hit, reason = e.exact(ctx, a); hit != nil {
				return hit, nil
			}
		}
		p := e.flights.join(a.key, r.ID, wait > 0, e.c.Now())
		switch {
		case p.lead != "":
			result, again := e.lead(ctx, a, p.lead, reason)
			if !again {
				return e.finished(ctx, a, p.lead, result)
			}
			if wait == 0 {
				return &Result{Outcome: Wait, Reason: "a judge is being asked"}, nil
			}
			continue
		case p.alone:
			return e.miss(a, "", "such an answer was not to be kept a moment ago"), nil
		case p.full:
			e.c.Observer.Failed("wait", "full", nil)
			return e.miss(a, "", "too many wait already"), nil
		case wait == 0:
			return &Result{Outcome: Wait, Reason: "the same question is being asked"}, nil
		}
		var polled *Result
		l, landed, _ := p.wait(ctx, until.Sub(e.c.Now()), pollEvery, func() bool {
			if e.flights.look(a.key, e.c.Now(), pollEvery) && r.Exact {
				polled, _ = e.exact(ctx, a)
			}
			return polled != nil
		})
		if !landed {
			e.flights.leave(a.key, p, e.c.Now())
		}
		switch {
		case polled != nil:
			e.flights.land(a.key, nil)
			return polled, nil
		case ctx.Err() != nil:
			if l.lead != "" {
				e.flights.giveUp(a.key, l.lead, e.c.Now())
			}
			return nil, ctx.Err()
		case !landed:
			e.c.Observer.Failed("wait", "over", nil)
			return e.miss(a, "", fmt.Sprintf("waited %d ms for the same question", wait.Milliseconds())), nil
		case l.lead != "":
			result, again := e.lead(ctx, a, l.lead, reason)
			if !again {
				return e.finished(ctx, a, l.lead, result)
			}
		case l.alone:
			return e.miss(a, "", "the answer to the same question was not to be kept"), nil
		case l.found != nil:
			if hit, _ := e.replay(a, l.found); hit != nil {
				return hit, nil
			}
			return e.miss(a, "", "what was found for another does not do for this one"), nil
		case e.background.Err() != nil || !e.c.Now().Before(until):
			return e.miss(a, "", "the wait is over"), nil
		}
	}
}

// lead does what only the first of the same questions does: it looks for an answer by
// meaning. again: a judge was asked and has the lead now.
func (e *Engine) lead(ctx context.Context, a *asked, lead, reason string) (result *Result, again bool) {
	kept := false
	defer func() {
		if !kept {
			e.flights.giveUp(a.key, lead, e.c.Now())
		}
	}()
	if !a.request.Semantic || !e.Semantic() || a.prompt == "" {
		if a.request.Semantic && reason == "no entry" {
			reason = e.whyExactOnly(a)
		}
		kept = true
		return e.miss(a, lead, reason), false
	}
	found, n := e.nearest(ctx, a, lead)
	if found == nil && n.judging {
		kept = true
		return nil, true
	}
	if found != nil {
		hit, why := e.replay(a, found)
		if hit != nil {
			hit.JudgeCost = n.judgeCost
			kept = true
			e.flights.land(a.key, found)
			return hit, false
		}
		n.reason = why
	}
	// One whose caller may have given up by now does not lead: all others would wait for it.
	kept = a.until.IsZero() || !e.c.Now().After(a.until)
	result = e.miss(a, lead, n.reason)
	result.Similarity, result.HasNearest, result.JudgeCost = n.similarity, n.any, n.judgeCost
	return result, false
}

func (e *Engine) whyExactOnly(a *asked) string {
	switch {
	case e.c.Embedder == nil:
		return "no entry; no embedder, so exact hits only"
	case a.tools:
		return "no entry; tools may be called, so exact hits only"
	case a.long > 0:
		return fmt.Sprintf("no entry; prompt of %d bytes > %d, so exact hits only", a.long, e.limits.Prompt)
	}
	return "no entry; no text to compare, so exact hits only"
}

// within is how long a step may take: its own limit, or what is left of the caller's.
func (a *asked) within(e *Engine, limit time.Duration) time.Duration {
	if a.until.IsZero() {
		return limit
	}
	return max(0, min(limit, a.until.Sub(e.c.Now())))
}

// finished gives the lead away where its caller has gone.
func (e *Engine) finished(ctx context.Context, a *asked, lead string, result *Result) (*Result, error) {
	if ctx.Err() != nil {
		e.flights.giveUp(a.key, lead, e.c.Now())
		return nil, ctx.Err()
	}
	return result, nil
}

// exact looks for the entry of the key.
func (e *Engine) exact(ctx context.Context, a *asked) (hit *Result, reason string) {
	var entry *store.Entry
	err := e.step(ctx, "get", a.within(e, e.limits.Get), func(ctx context.Context) (err error) {
		entry, err = e.c.Store.Get(ctx, a.key, e.c.Now())
		return err
	})
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil, "no entry"
	case err != nil:
		return nil, "store: " + failure(err)
	}
	f, why := e.open(a, entry, a.key)
	if f == nil {
		e.c.Observer.Failed("distrust", why, nil)
		return nil, "an entry that is not to be trusted: " + why
	}
	f.outcome, f.reason = Hit, "same request"
	hit, why = e.replay(a, f)
	return hit, why
}

// step makes one step within its limit, timed and counted.
func (e *Engine) step(ctx context.Context, name string, limit time.Duration, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	began := time.Now()
	err := do(ctx)
	e.c.Observer.Took(name, time.Since(began))
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		e.c.Observer.Failed(name, failure(err), err)
	}
	return err
}

// failure is the kind of an error, for a counter and for whoever asked. What it says in
// full may name hosts, and goes nowhere near a client.
func failure(err error) string {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return "too slow"
	case errors.Is(err, context.Canceled):
		return "canceled"
	}
	return "failed"
}

// sweep forgets flights that nobody ends.
func (e *Engine) sweep() {
	tick := time.NewTicker(5 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			e.flights.sweep(e.c.Now())
		case <-e.background.Done():
			return
		}
	}
}
