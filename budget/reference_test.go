package budget_test

import (
	"math/big"
	"slices"

	"github.com/sluice-gateway/sluice/budget"
)

// The model: what the ledger promises, as plainly as it can be written. Fractions are big
// integers, a hold is an element of a list, a window is found by division, and nothing is
// encoded, shared or retried.

type refHold struct{ until, amount int64 }

type refMeter struct {
	owed  *big.Int // spent, in units of 1/per of a token
	per   int64
	holds []refHold
}

func newRefMeter(per int64) refMeter { return refMeter{owed: new(big.Int), per: per} }

func (m *refMeter) clone() refMeter {
	return refMeter{new(big.Int).Set(m.owed), m.per, slices.Clone(m.holds)}
}

// add adds tokens/per to what is owed.
func (m *refMeter) add(tokens, times int64) {
	m.owed.Add(m.owed, new(big.Int).Mul(big.NewInt(tokens), big.NewInt(times)))
	if m.owed.Sign() < 0 {
		m.owed.SetInt64(0)
	}
}

func (m *refMeter) expire(now int64) {
	m.holds = slices.DeleteFunc(m.holds, func(h refHold) bool {
		if h.until <= now {
			m.add(-h.amount, m.per)
		}
		return h.until <= now
	})
}

// drop takes a hold away, if it is still there. One hold is not told from another that ends
// at the same moment: after a clock has gone back, what a reservation finds there may be
// another's. What is held and what is settled add up to what is spent all the same.
func (m *refMeter) drop(h refHold) bool {
	sum := int64(0)
	for _, other := range m.holds {
		if other.until == h.until {
			sum += other.amount
		}
	}
	if h.amount == 0 || sum < h.amount {
		return false
	}
	m.holds = slices.DeleteFunc(m.holds, func(other refHold) bool { return other.until == h.until })
	if sum > h.amount {
		m.holds = append(m.holds, refHold{h.until, sum - h.amount})
	}
	return true
}

func ceilDiv(a *big.Int, b int64) int64 {
	q, r := new(big.Int).DivMod(a, big.NewInt(b), new(big.Int))
	if r.Sign() > 0 {
		q.Add(q, big.NewInt(1))
	}
	return q.Int64()
}

func (m *refMeter) spent() int64 { return ceilDiv(m.owed, m.per) }

type refWindow struct {
	start int64
	refMeter
}

type refAccount struct {
	limit *budget.Limit
	hold  int64
	begun bool

	refMeter // bucket
	peak     int64
	behind   bool
	resume   int64

	windows []refWindow // quota
}

func (a *refAccount) clone() *refAccount {
	c := *a
	c.refMeter = a.refMeter.clone()
	c.windows = make([]refWindow, len(a.windows))
	for i := range a.windows {
		c.windows[i] = refWindow{a.windows[i].start, a.windows[i].clone()}
	}
	return &c
}

func (a *refAccount) length() int64 {
	return map[budget.Period]int64{budget.Hour: hour, budget.Day: day}[a.limit.Period]
}

// at brings the account to now and returns the meter that counts there.
func (a *refAccount) at(now int64) (m *refMeter, window int64, learnt bool) {
	if a.limit.Period != budget.Bucket {
		start := now - now%a.length()
		w := a.window(start)
		w.expire(now)
		return &w.refMeter, w.start, false
	}
	every := a.limit.Every
	if !a.begun {
		a.refMeter, a.peak, a.begun = newRefMeter(every), now, true
	}
	credited := int64(0)
	if now >= a.peak {
		credited, a.peak, a.behind = now-a.peak, now, false
	} else if !a.behind && now < a.peak-every || a.behind && now < a.resume-every {
		a.behind, a.resume, learnt = true, now+every, true
	} else if a.behind && now > a.resume {
		credited, a.resume = now-a.resume, now
	}
	a.add(-credited, a.limit.Max)
	a.expire(now)
	return &a.refMeter, 0, learnt
}

// window finds or begins the window that start belongs to: two are remembered.
func (a *refAccount) window(start int64) *refWindow {
	i := slices.IndexFunc(a.windows, func(w refWindow) bool { return w.start == start })
	if i >= 0 {
		return &a.windows[i]
	}
	if len(a.windows) == 2 {
		if start < a.windows[0].start {
			return &a.windows[0]
		}
		a.windows = a.windows[1:]
		if start < a.windows[0].start {
			a.windows = []refWindow{{start, newRefMeter(1)}, a.windows[0]}
			return &a.windows[0]
		}
	}
	a.windows = append(a.windows, refWindow{start, newRefMeter(1)})
	slices.SortFunc(a.windows, func(x, y refWindow) int { return int(x.start - y.start) })
	return &a.windows[slices.IndexFunc(a.windows, func(w refWindow) bool { return w.start == start })]
}

// remembered is the meter of a reservation's window, if there still is one.
func (a *refAccount) remembered(window, now int64) *refMeter {
	for i := range a.windows {
		if a.windows[i].start == window {
			a.windows[i].expire(now)
			return &a.windows[i].refMeter
		}
	}
	return nil
}

func (a *refAccount) keep(m *refMeter, now, amount int64) refHold {
	from := now
	if a.limit.Period == budget.Bucket {
		from = max(now, a.peak)
	}
	until := from + a.hold
	if part := until % (a.hold / 16); part != 0 {
		until += a.hold/16 - part
	}
	for _, h := range m.holds {
		until = max(until, h.until)
	}
	h := refHold{until, amount}
	m.holds = append(m.holds, h)
	return h
}

// wait is the time until amount fits.
func (a *refAccount) wait(m *refMeter, window, now, amount int64) int64 {
	if a.limit.Period != budget.Bucket {
		return window + a.length() - now
	}
	may := new(big.Int).Mul(big.NewInt(max(a.limit.Max-amount, 0)), big.NewInt(m.per))
	may.Sub(m.owed, may)
	if may.Sign() <= 0 {
		return 0
	}
	dt := ceilDiv(may, a.limit.Max)
	if a.behind {
		return dt + max(a.resume-now, 0)
	}
	return dt + max(a.peak-now, 0)
}
