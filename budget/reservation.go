package budget

// Reservation is what a request holds of its budgets, from Reserve until Settle or Cancel.
// It is one goroutine's at a time.
type Reservation struct {
	ledger *Ledger
	held   []Held
}

// Held is one claim of a reservation: what a decision record says of a budget.
type Held struct {
	_ [0]func() // not compared: Go makes code for that

	Limit    *Limit
	Key      Digest
	Reserved int64 // what is held, or was until it was settled or cancelled
	Settled  int64 // what it came to
	State    State // of the budget, after the last call that reached it

	// Over is why a shadow limit would have refused, and nil where it would not have.
	// What it would have refused is not held, as if it were enforced.
	Over *Refusal

	// Err is why a shadow limit's state could not be read or changed. That is left out
	// too: a shadow limit never stops a request.
	Err error

	hold hold
	page string
}

// Held returns the claims in their order. The slice is the reservation's own; calls of its
// methods change what is in it.
func (r *Reservation) Held() []Held { return r.held }

// Extend reserves more, for an answer that grows beyond what was reserved: extra[i] for the
// i-th claim, all or none. It renews the holds of the claims that it adds to. A hold that
// has ended meanwhile, and was given back, is taken anew with it. Refused or failed, the
// reservation is what it was.
func (r *Reservation) Extend(now int64, extra []int64) (*Refusal, error) {
	lg := r.ledger
	if len(extra) != len(r.held) {
		return nil, &Error{Verb: "extend", Err: ErrCount}
	}
	for i := range r.held {
		h := &r.held[i]
		switch {
		case extra[i] < 0 || extra[i] > MaxAmount || h.Reserved+extra[i] > MaxAmount:
			return nil, &Error{Verb: "extend", Limit: h.Limit.Name, Err: ErrAmount}
		case !h.hold.open && h.Over == nil && h.Err == nil:
			return nil, &Error{Verb: "extend", Limit: h.Limit.Name, Err: ErrClosed}
		}
	}
	s := lg.working(1)
	defer lg.free(s)
	p := &s.pages[0]
	for i := range r.held {
		h := &r.held[i]
		if extra[i] == 0 || h.Over != nil || h.Err != nil {
			continue
		}
		refusal, err := lg.change("extend", now, h, p, s, change{to: h.hold.amount + extra[i], checked: true})
		if refusal == nil && err == nil {
			h.Reserved = h.hold.amount
			continue
		}
		if h.Limit.Shadow {
			h.Over, h.Err = refusal, err
			continue
		}
		for j := range r.held[:i] {
			if b := &r.held[j]; extra[j] > 0 && b.Over == nil && b.Err == nil {
				// Where this fails too the hold ends by itself.
				_, _ = lg.change("extend", now, b, p, s, change{to: b.hold.amount - extra[j]})
				b.Reserved = b.hold.amount
			}
		}
		return lg.refused(refusal, i, r.held), err
	}
	return nil, nil
}

// Settle ends the reservation: actual[i] is what the i-th claim came to. Of each budget it
// gives back what was held and not used, or takes what was used beyond it, if need be as a
// debt. A calendar window that has ended meanwhile is settled if it is still remembered;
// the new one is not touched.
//
// After a first Settle or Cancel that succeeded both do nothing. After one that failed they
// finish what it left.
func (r *Reservation) Settle(now int64, actual []int64) error {
	if len(actual) != len(r.held) {
		return &Error{Verb: "settle", Err: ErrCount}
	}
	for i := range r.held {
		if actual[i] < 0 || actual[i] > MaxAmount {
			return &Error{Verb: "settle", Limit: r.held[i].Limit.Name, Err: ErrAmount}
		}
	}
	return r.finish("settle", now, actual)
}

// Cancel ends the reservation of a request that costs nothing: all that was held is given
// back.
func (r *Reservation) Cancel(now int64) error { return r.finish("cancel", now, nil) }

func (r *Reservation) finish(verb string, now int64, actual []int64) error {
	s := r.ledger.working(len(r.held))
	defer r.ledger.free(s)
	var first error
	for i := range r.held {
		h := &r.held[i]
		if !h.hold.open {
			continue
		}
		var c change
		if actual != nil {
			c.spend = actual[i]
		}
		_, err := r.ledger.change(verb, now, h, &s.pages[i], s, c)
		switch {
		case err == nil:
			h.Settled, h.hold.open = c.spend, false
		case h.Limit.Shadow:
			h.Err = err
		case first == nil:
			first = err
		}
	}
	return first
}
