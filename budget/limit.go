package budget

import (
	"errors"
	"strconv"
)

// MaxAmount is the largest limit and the largest amount of one claim: 10^15.
// In micro-dollars that is a thousand million dollars.
const MaxAmount int64 = 1_000_000_000_000_000

// maxEvery is the longest refill time: a hundred years in milliseconds.
const maxEvery int64 = 100 * 366 * 24 * 3_600_000

// Period is the length of a calendar quota. The zero value is no calendar at all: a
// token bucket.
type Period uint8

// The periods.
const (
	Bucket Period = iota // not a calendar: a token bucket that refills over Every
	Hour
	Day
	Week // begins on Monday
	Month
)

// Limit is one limit's compiled definition. It is not changed once a Ledger has seen it.
// Every key that claims against it has a budget of its own.
type Limit struct {
	Name string
	Max  int64 // tokens, requests or micro-dollars: 1 to MaxAmount

	// A token bucket (Period == Bucket) holds at most Max and refills Max over Every
	// milliseconds, evenly. A calendar quota (any other Period) has Max for each hour,
	// day, week or month of Zone's calendar, and no Every.
	Every  int64
	Period Period
	Zone   *Zone // nil is UTC

	// Shadow limits never refuse. They are kept exactly as if they were enforced, so
	// that what they report is what enforcing them would have refused.
	Shadow bool
}

// Validate says what is wrong with a definition, or nil.
func (l *Limit) Validate() error {
	switch {
	case l.Max < 1 || l.Max > MaxAmount:
		return l.invalid("max is " + strconv.FormatInt(l.Max, 10) + ", want 1 to " + strconv.FormatInt(MaxAmount, 10))
	case l.Period > Month:
		return l.invalid("unknown period " + strconv.Itoa(int(l.Period)))
	case l.Period == Bucket && (l.Every < 1 || l.Every > maxEvery):
		return l.invalid("a bucket refills over " + strconv.FormatInt(l.Every, 10) + " ms, want 1 ms to 100 years")
	case l.Zone != nil && !l.Zone.Valid():
		return l.invalid("its zone is no ascending table of offsets below 16 hours")
	case l.Period != Bucket && l.Every != 0:
		return l.invalid("has both a calendar period and a refill time: choose one")
	}
	return nil
}

func (l *Limit) invalid(what string) error {
	return errors.New("budget: limit " + strconv.Quote(l.Name) + ": " + what)
}
