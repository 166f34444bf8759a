package budget

// account is the state of one budget: one limit for one key.
type account struct {
	_ [0]func() // not compared: Go makes code for that

	kind   Period // a limit of another kind is another limit, with an account of its own
	bucket bucket
	quota  quota

	// What current found; never stored.
	now    *meter
	end    int64 // quota: the end of the window
	learnt bool  // bucket: refill learnt something to be kept
}

// hold is what a reservation has in an account.
type hold struct {
	amount int64
	until  int64 // the moment at which it ends by itself
	window int64 // quota: the start of the window it was admitted in
	open   bool
}

// clear makes a an account of nothing. The slots of its meters are left as they are: they
// are most of it, and none is read that has not been written since.
func (a *account) clear(kind Period) {
	a.kind, a.now, a.end, a.learnt = kind, nil, 0, false
	b := &a.bucket
	b.max, b.every, b.rem, b.peak, b.behind, b.resume, b.spent, b.n = 0, 0, 0, 0, false, 0, 0, 0
	a.quota.n = 0
}

func (a *account) begin(l *Limit, now int64) {
	a.clear(l.Period)
	if a.kind == Bucket {
		a.bucket.max, a.bucket.every, a.bucket.peak = l.Max, l.Every, min(max(now, 0), maxTime)
	}
}

// current makes a.now what is spent of the limit at now, with refills made and holds that
// have ended given back.
func (a *account) current(l *Limit, now int64) (window int64) {
	if a.kind == Bucket {
		a.learnt = a.bucket.refill(now)
		a.bucket.redefine(l)
		a.now = &a.bucket.meter
		return 0
	}
	w := a.quota.current(l, now)
	a.now, a.end = &w.meter, w.end
	return w.start
}

// move is every verb. It takes what h holds to another amount, held until then, and spends
// spend for good:
//
//	reserve  0 -> amount, checked          cancel  held -> 0
//	extend   held -> held+extra, checked   settle  held -> 0, spending what it came to
//
// A hold lasts for the given time. One that has ended by itself has been given back: it is
// taken anew, or only spent. Where checked and the limit has no room, fits is false, need is
// what there was no room for, and a is not to be stored.
func (a *account) move(l *Limit, now int64, h *hold, to, spend, lasting int64, checked bool) (need int64, fits bool) {
	window := a.current(l, now)
	m := a.now
	if h.open && a.kind != Bucket && window != h.window {
		// A reservation belongs to the window in which it was admitted.
		if w := a.quota.at(h.window, now); w != nil {
			m, window = &w.meter, h.window
		} else if to == 0 {
			return 0, true // which is over and forgotten
		}
	}
	need = to + spend
	if h.amount > 0 && m.drop(h.until, h.amount) {
		need -= h.amount
	}
	if checked && need > l.Max-m.spent {
		return need, false
	}
	m.add(need)
	*h = hold{amount: to, window: window, open: true}
	if to > 0 {
		h.until = m.keep(a.holdEnd(now, lasting), to)
	}
	return need, true
}

// holdEnd is when a hold that begins at now ends: after lasting, and at a multiple of its
// sixteenth. A bucket reckons from the highest reading that it knows, so that one wrong
// low reading makes no hold that has ended at the next right one.
func (a *account) holdEnd(now, lasting int64) int64 {
	now = max(now, 0)
	if a.kind == Bucket {
		now = max(now, a.bucket.peak)
	}
	step := max(lasting/16, 1)
	end := min(now, maxTime) + lasting + step - 1
	return min(end-end%step, maxTime)
}

// state is what a caller is told, after current or move.
func (a *account) state(l *Limit, now int64) State {
	return State{Limit: l, Remaining: l.Max - a.now.spent, Reset: a.wait(l, now, l.Max)}
}

// wait is the time until amount fits, after current or move. An amount larger than the
// limit never does: then it is the time until nothing is spent.
func (a *account) wait(l *Limit, now, amount int64) int64 {
	if a.kind == Bucket {
		return a.bucket.wait(now, max(l.Max-amount, 0))
	}
	return max(a.end-now, 0)
}

// idle reports whether the account says nothing that begin would not: then it may be
// forgotten.
func (a *account) idle(now int64) bool {
	if a.kind != Bucket {
		return a.quota.over(now) || a.quota.unspent(now)
	}
	a.bucket.refill(now)
	return a.bucket.spent == 0 && a.bucket.n == 0
}

func (a *account) append(b []byte) []byte {
	if a.kind == Bucket {
		return a.bucket.append(b)
	}
	return a.quota.append(b)
}

// read decodes a body that append wrote, and reports whether it is one.
func (a *account) read(kind Period, body []byte) bool {
	a.clear(kind)
	r := reader{b: body}
	if kind == Bucket {
		a.bucket.read(&r)
	} else {
		a.quota.read(&r)
	}
	return !r.bad && len(r.b) == 0
}
