package budget

import (
	"errors"
	"strconv"
)

// Store holds the ledger's state: a map from short strings to small values with a
// compare-and-set. It is shared by everything that spends from the same budgets.
type Store interface {
	// Get returns a key's value and the version that Set wants to replace it. A key
	// that is not there is no error: nil, Absent, nil. The value is the caller's to
	// keep, not to change.
	Get(key string) (value []byte, version Version, err error)

	// Set stores a copy of value if the key still has this version. Absent stores it
	// only if there is no such key. Otherwise it returns ErrConflict and changes nothing.
	Set(key string, value []byte, version Version) error
}

// Version names one state of a key. It is only ever compared and handed back.
type Version uint32

// Absent is the version of a key that is not there.
const Absent Version = 0

// What can go wrong with the state; Ledger returns them inside an *Error. None of them is
// a decision about a request: the caller's policy (`on_store_error`) says whether it is
// denied or goes on.
var (
	// ErrConflict is what Store.Set returns when the key has changed.
	ErrConflict = errors.New("the state changed since it was read")

	// ErrContended: others changed the state each time, Options.Retries times over.
	ErrContended = errors.New("too many writers on one page of state; try again")

	// ErrFull: the state has no room for another key's budget. Room comes back when
	// buckets have refilled and windows have ended.
	ErrFull = errors.New("no room for another key's budget until others have refilled")

	// ErrForeign: the store's key holds somebody else's value, which is left alone.
	// Give the gateway's filter a shared-data zone of its own.
	ErrForeign = errors.New("the store's key holds a value that is not ours; use a zone that nothing else writes to")

	// ErrCorrupt: the value is ours and damaged, also when read again.
	ErrCorrupt = errors.New("the stored state is damaged; restart the gateway to begin anew")

	// ErrAmount: a claim's amount is negative or more than MaxAmount.
	ErrAmount = errors.New("the amount is not from 0 to 10^15")

	// ErrClosed: a reservation that was settled or cancelled cannot grow.
	ErrClosed = errors.New("the reservation is settled or cancelled")

	// ErrCount: there must be one amount for each claim of the reservation.
	ErrCount = errors.New("the number of amounts is not the number of claims")
)

// Error is a failure of the state behind a limit.
type Error struct {
	_ [0]func() // not compared: Go makes code for that

	Verb  string // peek, reserve, extend, settle or cancel
	Limit string // the limit's name, "" where it is not about one
	Page  string // the store's key, "" where it is not about one
	Err   error  // one of the errors above, or the store's own
}

func (e *Error) Error() string {
	s := "budget: " + e.Verb
	if e.Limit != "" {
		s += " of limit " + strconv.Quote(e.Limit)
	}
	if e.Page != "" {
		s += ", state " + e.Page
	}
	return s + ": " + e.Err.Error()
}

func (e *Error) Unwrap() error { return e.Err }
