package budget

// Peek appends to dst what each claim's budget holds at now. Amounts are not looked at and
// nothing is written. A shadow limit whose state cannot be read stops nobody: it is whole.
func (lg *Ledger) Peek(dst []State, now int64, claims []Claim) ([]State, error) {
	s := lg.working(1)
	defer lg.free(s)
	p := &s.pages[0]
	var h Held
	for i := range claims {
		c := &claims[i]
		h, p.loaded = Held{Limit: c.Limit, Key: c.Key, page: pageKey(c.Key)}, false
		if _, err := lg.look("peek", now, &h, p, s, 0); err != nil {
			if !c.Limit.Shadow {
				return dst, err
			}
			h.State = State{Limit: c.Limit, Remaining: c.Limit.Max}
		}
		dst = append(dst, h.State)
	}
	return dst, nil
}

// Reserve takes every claim's amount from its budget, or none. Exactly one of the three
// results is not nil. Amounts are taken one after the other and put back if a later one
// does not fit, so that a request that is being refused can make another one, at the same
// moment, find less than there is; never more.
func (lg *Ledger) Reserve(now int64, claims []Claim) (*Reservation, *Refusal, error) {
	s := lg.working(len(claims))
	defer lg.free(s)
	// Look at all before any is written: most refusals write nothing.
	r, refusal, err := lg.ask("reserve", now, claims, s)
	if r == nil {
		return nil, refusal, err
	}
	pages := s.pages
	for i := range r.held {
		h := &r.held[i]
		if h.Over != nil || h.Err != nil {
			continue
		}
		for j := range i { // written a moment ago
			pages[i].loaded = pages[i].loaded && r.held[j].page != h.page
		}
		refusal, err := lg.change("reserve", now, h, &pages[i], s, change{to: claims[i].Amount, checked: true})
		switch {
		case refusal == nil && err == nil:
			h.Reserved = h.hold.amount
		case h.Limit.Shadow:
			h.Over, h.Err = refusal, err
		default:
			// Where this fails too the holds end by themselves.
			r.held = r.held[:i+1]
			_ = r.finish("reserve", now, nil)
			r.held = r.held[:len(claims)]
			return nil, lg.refused(refusal, i, r.held), err
		}
	}
	return r, nil, nil
}

// Look is Reserve that takes nothing: it refuses what Reserve would, and else returns a
// reservation that holds nothing of its budgets. It is for a request that may turn out to
// cost nothing, and reserves when it does cost something: what is there now may be gone then.
func (lg *Ledger) Look(now int64, claims []Claim) (*Reservation, *Refusal, error) {
	s := lg.working(len(claims))
	defer lg.free(s)
	return lg.ask("look", now, claims, s)
}

// ask looks at the budgets of all claims and tells whether the amounts fit. It leaves their
// pages in s.
func (lg *Ledger) ask(verb string, now int64, claims []Claim, s *scratch) (*Reservation, *Refusal, error) {
	r := &Reservation{ledger: lg, held: make([]Held, 0, len(claims))}
	for i := range claims {
		c := &claims[i]
		if c.Amount < 0 || c.Amount > MaxAmount {
			return nil, nil, &Error{Verb: verb, Limit: c.Limit.Name, Err: ErrAmount}
		}
		r.held = append(r.held, Held{Limit: c.Limit, Key: c.Key, page: pageKey(c.Key)})
	}
	var worst *Refusal
	for i := range r.held {
		h := &r.held[i]
		refusal, err := lg.look(verb, now, h, &s.pages[i], s, claims[i].Amount)
		switch {
		case h.Limit.Shadow:
			h.Over, h.Err = refusal, err
		case err != nil:
			return nil, nil, err
		case refusal != nil && refusal.worse(worst):
			refusal.Claim = i
			worst = refusal
		}
	}
	if worst != nil {
		return nil, lg.refused(worst, worst.Claim, r.held), nil
	}
	return r, nil, nil
}

// worse: the refusal to report is the one that lasts longest.
func (f *Refusal) worse(than *Refusal) bool {
	switch {
	case than == nil || f.Never != than.Never:
		return than == nil || f.Never
	}
	return f.RetryAfter > than.RetryAfter
}

func (lg *Ledger) refused(f *Refusal, claim int, held []Held) *Refusal {
	if f == nil {
		return nil
	}
	f.Claim = claim
	f.States = make([]State, len(held))
	for i := range held {
		f.States[i] = held[i].State
	}
	return f
}

// look reads one budget into h.State and leaves its page in p. It returns a refusal where
// amount would not fit.
func (lg *Ledger) look(verb string, now int64, h *Held, p *page, s *scratch, amount int64) (*Refusal, error) {
	if err := lg.load(h, now, p); err != nil {
		return nil, lg.failed(verb, h, err)
	}
	a := &p.account
	a.current(h.Limit, now)
	h.State = a.state(h.Limit, now)
	if amount > h.State.Remaining {
		if a.learnt && verb != "peek" {
			lg.keep(now, h, p, s)
		}
		return a.refuse(h, now, amount), nil
	}
	return nil, nil
}

// keep writes what a refused request has found out about the clock. Who changed the page
// meanwhile has read the same clock, so one attempt is enough.
func (lg *Ledger) keep(now int64, h *Held, p *page, s *scratch) {
	value, _, err := p.with(s.value, h.Key, &s.other, now)
	if err == nil {
		s.value = value
		_ = lg.store.Set(h.page, value, p.version)
	}
	p.loaded = false
}

func (a *account) refuse(h *Held, now, amount int64) *Refusal {
	return &Refusal{
		Limit: h.Limit, Asked: amount, Remaining: h.State.Remaining,
		RetryAfter: a.wait(h.Limit, now, amount), Never: amount > h.Limit.Max,
	}
}

// change is what to do to a hold: see account.move.
type change struct {
	to, spend int64
	checked   bool
}

// change applies c to one budget by compare-and-set. p may hold the page as it was read a
// moment ago, and holds it no more afterwards. h is changed only if the store was.
func (lg *Ledger) change(verb string, now int64, h *Held, p *page, s *scratch, c change) (*Refusal, error) {
	for range lg.retries {
		if err := lg.load(h, now, p); err != nil {
			return nil, lg.failed(verb, h, err)
		}
		p.loaded = false // what follows changes the account, and the store perhaps
		a, to := &p.account, h.hold
		need, fits := a.move(h.Limit, now, &to, c.to, c.spend, lg.hold, c.checked)
		if !fits {
			h.State = a.state(h.Limit, now)
			return a.refuse(h, now, need), nil
		}
		value, evicted, err := p.with(s.value, h.Key, &s.other, now)
		if err != nil {
			return nil, lg.failed(verb, h, err)
		}
		s.value = value
		switch err = lg.store.Set(h.page, value, p.version); {
		case err == nil:
			lg.stats.evicted.Add(uint64(evicted))
			h.hold, h.State = to, a.state(h.Limit, now)
			return nil, nil
		case !isConflict(err):
			return nil, lg.failed(verb, h, err)
		}
		lg.stats.conflicts.Add(1)
	}
	return nil, lg.failed(verb, h, ErrContended)
}

// load reads h's account and its page, unless p has them. A host's read can meet a write
// (Kong): what is damaged is read again.
func (lg *Ledger) load(h *Held, now int64, p *page) error {
	var err error
	for try := 0; !p.loaded; try++ {
		p.key = h.page
		if p.value, p.version, err = lg.store.Get(h.page); err != nil {
			return err
		}
		if err = p.verify(); err != nil {
			if try+1 == reads {
				return err
			}
			lg.stats.torn.Add(1)
			continue
		}
		if err = p.find(h.Limit, h.Key, now); err != nil {
			return err
		}
		p.loaded = true
	}
	return nil
}

// scratch is one call's working memory.
type scratch struct {
	pages []page // one for each claim
	other account
	value []byte
}

func (lg *Ledger) working(claims int) *scratch {
	s := lg.idle.Swap(nil)
	if s == nil {
		s = new(scratch)
	}
	if cap(s.pages) < claims {
		s.pages = make([]page, claims)
	}
	s.pages = s.pages[:claims]
	return s
}

// free gives working memory back. Values of the store do not live on in it.
func (lg *Ledger) free(s *scratch) {
	for i := range s.pages {
		p := &s.pages[i]
		p.key, p.value, p.loaded = "", nil, false
	}
	lg.idle.Store(s)
}
