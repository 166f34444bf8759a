package budget

import (
	"errors"
	"sync/atomic"
)

// Options are a ledger's settings. The zero value has the defaults.
type Options struct {
	// Hold is for how many milliseconds a reservation that nobody settles counts as
	// spent; 0 is 20 minutes. It is given back in the sixteenth of Hold that follows.
	Hold int64

	// Retries bounds the attempts to change one page of state; 0 is 100.
	Retries int
}

const (
	defaultHold    = int64(20 * 60_000)
	defaultRetries = 100
	// A torn read is one that met a write. Three in a row are damage.
	reads = 4
)

// Ledger reserves and settles. It keeps nothing itself but counters: all state is in its
// Store, so that any number of ledgers over one store, and any number of goroutines over
// one ledger, spend from the same budgets.
type Ledger struct {
	_ [0]func() // not compared: Go makes code for that

	store   Store
	hold    int64
	retries int
	stats   counters
	idle    atomic.Pointer[scratch] // that of the last call; a sync.Pool is 10 KB of the module
}

// New makes a ledger over a store.
func New(store Store, options Options) *Ledger {
	lg := &Ledger{store: store, hold: options.Hold, retries: options.Retries}
	if lg.hold <= 0 {
		lg.hold = defaultHold
	}
	lg.hold = min(lg.hold, maxEvery)
	if lg.retries <= 0 {
		lg.retries = defaultRetries
	}
	return lg
}

// Claim asks for an amount of one budget.
type Claim struct {
	Limit  *Limit
	Key    Digest
	Amount int64 // 0 to MaxAmount
}

// State is what one budget looks like.
type State struct {
	Limit     *Limit
	Remaining int64 // limit - settled - reserved; below zero is a debt
	Reset     int64 // milliseconds until the bucket is full or the window ends
}

// Refusal says why a reservation was not made. It is a decision and no error.
type Refusal struct {
	Limit     *Limit
	Claim     int   // the index of the claim that did not fit
	Asked     int64 // the amount that did not fit
	Remaining int64

	// RetryAfter is the time in milliseconds until the amount fits if nobody spends
	// more: until the bucket has refilled that far, or the window ends. Where several
	// limits refuse, the one that is named is the one to wait longest for.
	RetryAfter int64

	// Never is set where the amount is larger than the limit: it will not fit however
	// long one waits. RetryAfter is then the time until the budget is whole.
	Never bool

	// States has what each claim's budget holds, in the order of the claims.
	States []State
}

// Stats counts what a ledger met since it was made.
type Stats struct {
	Conflicts uint64 // writes that were made again because others had changed the state
	Torn      uint64 // reads that were made again because the value was damaged
	Evicted   uint64 // idle keys' entries forgotten to make room; nothing was lost with them
	Contended uint64 // ErrContended
	Full      uint64 // ErrFull
	Foreign   uint64 // ErrForeign
	Corrupt   uint64 // ErrCorrupt
	Failed    uint64 // errors of the store itself
}

type counters struct {
	conflicts, torn, evicted, contended, full, foreign, corrupt, failed atomic.Uint64
}

// Stats returns the counters.
func (lg *Ledger) Stats() Stats {
	c := &lg.stats
	return Stats{
		Conflicts: c.conflicts.Load(), Torn: c.torn.Load(), Evicted: c.evicted.Load(), Contended: c.contended.Load(),
		Full: c.full.Load(), Foreign: c.foreign.Load(), Corrupt: c.corrupt.Load(), Failed: c.failed.Load(),
	}
}

func isConflict(err error) bool { return errors.Is(err, ErrConflict) }

// failed counts an error and says where it happened.
func (lg *Ledger) failed(verb string, h *Held, err error) error {
	c := &lg.stats
	switch err {
	case ErrContended:
		c.contended.Add(1)
	case ErrFull:
		c.full.Add(1)
	case ErrForeign:
		c.foreign.Add(1)
	case ErrCorrupt:
		c.corrupt.Add(1)
	default:
		c.failed.Add(1)
	}
	return &Error{Verb: verb, Limit: h.Limit.Name, Page: h.page, Err: err}
}
