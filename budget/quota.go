package budget

// quota is a calendar limit's state: what was spent in the last window, and in the one
// before it. Two are kept so that one wrong reading of the clock does no harm: each
// window's budget is handed out once, in whichever order their readings come.
type quota struct {
	n       int
	windows [2]window // the first n, in order of time
	last    calendar
}

// calendar is the last window that was worked out, and of what: never stored, and right for
// every account.
type calendar struct {
	period     Period
	zone       *Zone
	start, end int64
}

// at finds the window that holds now.
func (c *calendar) at(l *Limit, now int64) (start, end int64) {
	if c.period != l.Period || c.zone != l.Zone || now < c.start || now >= c.end {
		c.period, c.zone = l.Period, l.Zone
		c.start, c.end = bounds(l.Period, l.Zone, now)
	}
	return c.start, c.end
}

// window is one calendar window, [start, end) in milliseconds since the epoch.
type window struct {
	start, end int64
	meter
}

// current returns the window that holds now, beginning it if it is new.
func (q *quota) current(l *Limit, now int64) *window {
	now = min(max(now, 0), maxTime)
	start, end := q.last.at(l, now)
	start = max(start, 0)
	i := q.find(now, start, end)
	w := &q.windows[i]
	w.expire(now)
	return w
}

func (q *quota) find(now, start, end int64) int {
	fresh := window{start: start, end: end}
	for i := range q.windows[:q.n] {
		w := &q.windows[i]
		if w.start == start && w.end == end {
			return i
		}
	}
	for i := range q.windows[:q.n] {
		// A window that holds now and has other bounds: the limit's zone has changed.
		// What was spent in it stays spent.
		if w := &q.windows[i]; w.start <= now && now < w.end {
			w.start, w.end = start, end
			return i
		}
	}
	switch first, last := &q.windows[0], &q.windows[max(q.n-1, 0)]; {
	case q.n == 0:
		*first, q.n = fresh, 1
		return 0
	case start > last.start: // the next window, or a later one
		if q.n == 1 {
			q.n = 2
		} else {
			*first = *last
		}
		q.windows[1] = fresh
		return 1
	case q.n == 1: // the clock has gone back, for the first time
		q.windows[1], q.windows[0], q.n = *first, fresh, 2
		return 0
	case start > first.start: // the later window was begun by a wrong reading
		*first = fresh
		return 0
	}
	// Back beyond what is remembered: nothing new is begun there.
	return 0
}

// at returns the window that a reservation was admitted in, or nil if it is forgotten.
func (q *quota) at(start int64, now int64) *window {
	for i := range q.windows[:q.n] {
		if w := &q.windows[i]; w.start == start {
			w.expire(min(max(now, 0), maxTime))
			return w
		}
	}
	return nil
}

// over reports whether every window that is remembered has ended.
func (q *quota) over(now int64) bool {
	return q.n == 0 || q.windows[q.n-1].end <= now
}

// unspent reports whether nothing is spent or held in any window that is remembered.
// Otherwise requests that cost nothing, under names that nobody else uses, could fill a
// page with accounts that have nothing to say.
func (q *quota) unspent(now int64) bool {
	for i := range q.windows[:q.n] {
		w := &q.windows[i]
		w.expire(now)
		if w.spent > 0 || w.n > 0 {
			return false
		}
	}
	return true
}

func (q *quota) append(b []byte) []byte {
	b = appendNumber(b, int64(q.n))
	for i := range q.windows[:q.n] {
		w := &q.windows[i]
		b = appendNumber(b, w.start/1000) // windows begin and end on whole seconds
		b = appendNumber(b, (w.end-w.start)/1000)
		b = w.meter.append(b)
	}
	return b
}

func (q *quota) read(r *reader) {
	q.n = int(r.number(int64(len(q.windows))))
	for i := range q.windows[:q.n] {
		w := &q.windows[i]
		w.start = r.number(maxTime/1000) * 1000
		w.end = w.start + r.number(maxTime/1000)*1000
		w.meter.read(r)
	}
}
