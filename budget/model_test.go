package budget_test

import (
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

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

// refClaim is the model's side of one claim of a reservation.
type refClaim struct {
	account *refAccount
	held    refHold
	window  int64
	never   bool // shadow, and refused from the start
	skipped bool // shadow, and refused at some time
}

type pair struct {
	real   *budget.Reservation
	claims []*refClaim
}

func TestModel(t *testing.T) {
	steps := 1_000_000
	if testing.Short() {
		steps = 50_000
	}
	for i, h := range hosts {
		t.Run(h.name, func(t *testing.T) {
			m := &model{
				t: t, rng: rand.New(rand.NewPCG(2026, uint64(i))), now: t0,
				ledger: budget.New(h.make(), budget.Options{Hold: modelHold}), accounts: map[budget.Digest]*refAccount{},
				limits: []*budget.Limit{
					bucket("minute", 1000, minute), bucket("thirds", 7, 11*second), bucket("slow", 50_000, day),
					quota("hour", 5000, budget.Hour), quota("day", 20_000, budget.Day),
					{Name: "shadow", Max: 300, Every: minute, Shadow: true},
				},
			}
			for range steps / len(hosts) {
				m.step()
			}
			for _, n := range []int{m.admitted, m.refused, m.late, m.back, m.over, m.grown, m.stuck} {
				require.Greater(t, n, steps/2000, "every case came often: %+v", m.counts)
			}
			require.Zero(t, m.ledger.Stats().Conflicts)
		})
	}
}

const modelHold = 20 * minute

type counts struct{ admitted, refused, late, back, over, grown, stuck int }

type model struct {
	t        *testing.T
	rng      *rand.Rand
	now      int64
	ledger   *budget.Ledger
	limits   []*budget.Limit
	accounts map[budget.Digest]*refAccount
	open     []pair
	counts
}

func (m *model) step() {
	m.moveClock()
	switch n := m.rng.IntN(100); {
	case n < 45 || len(m.open) == 0:
		m.reserve()
	case n < 60:
		m.extend(m.open[m.rng.IntN(len(m.open))])
	case n < 85:
		m.finish(m.take(), false)
	case n < 95:
		m.finish(m.take(), true)
	default:
		m.take() // crash: nobody will settle it
	}
	for len(m.open) > 40 {
		m.take()
	}
}

func (m *model) take() pair {
	i := m.rng.IntN(len(m.open))
	p := m.open[i]
	m.open = slices.Delete(m.open, i, i+1)
	return p
}

func (m *model) moveClock() {
	switch n := m.rng.IntN(1000); {
	case n < 900:
		m.now += m.rng.Int64N(3 * second)
	case n < 950:
		m.now += m.rng.Int64N(10 * minute)
	case n < 960:
		m.now += m.rng.Int64N(5 * hour)
	case n < 963:
		m.now += m.rng.Int64N(40 * day)
	case n < 985:
		m.now -= m.rng.Int64N(20 * second)
		m.back++
	case n < 997:
		m.now -= m.rng.Int64N(2 * hour)
		m.back++
	default:
		m.now -= m.rng.Int64N(3 * day)
		m.back++
	}
	m.now = max(m.now, t0)
}

func (m *model) account(c budget.Claim) *refAccount {
	a := m.accounts[c.Key]
	if a == nil {
		a = &refAccount{limit: c.Limit, hold: modelHold, refMeter: newRefMeter(1)}
		m.accounts[c.Key] = a
	}
	return a
}

func (m *model) reserve() {
	var claims []budget.Claim
	for _, i := range m.rng.Perm(len(m.limits))[:1+m.rng.IntN(3)] {
		l := m.limits[i]
		amount := m.rng.Int64N(l.Max/3 + 1)
		if m.rng.IntN(50) == 0 {
			amount = m.rng.Int64N(2 * l.Max)
		}
		claims = append(claims, claim(l, string(rune('a'+m.rng.IntN(3))), amount))
	}

	var want *budget.Refusal
	over := make([]bool, len(claims))
	for i, c := range claims {
		a := m.account(c).clone()
		meter, window, learnt := a.at(m.now)
		left := c.Limit.Max - meter.spent()
		if c.Amount <= left {
			continue
		}
		if learnt {
			*m.account(c) = *a
			m.stuck++
		}
		f := &budget.Refusal{Limit: c.Limit, Claim: i, Asked: c.Amount, Remaining: left,
			RetryAfter: a.wait(meter, window, m.now, c.Amount), Never: c.Amount > c.Limit.Max}
		if c.Limit.Shadow {
			over[i] = true
			m.over++
		} else if want == nil || f.Never && !want.Never || f.Never == want.Never && f.RetryAfter > want.RetryAfter {
			want = f
		}
	}

	r, got, err := m.ledger.Reserve(m.now, claims)
	require.NoError(m.t, err)
	if want != nil {
		m.refused++
		require.NotNil(m.t, got, "admitted, and should not have been: %+v", want)
		got.States = nil
		require.Equal(m.t, want, got)
		return
	}
	require.Nil(m.t, got)
	m.admitted++
	p := pair{real: r}
	for i, c := range claims {
		rc := &refClaim{account: m.account(c), never: over[i], skipped: over[i]}
		p.claims = append(p.claims, rc)
		require.Equal(m.t, over[i], r.Held()[i].Over != nil)
		if over[i] {
			continue
		}
		meter, window, _ := rc.account.at(m.now)
		meter.add(c.Amount, meter.per)
		rc.window = window
		if c.Amount > 0 {
			rc.held = rc.account.keep(meter, m.now, c.Amount)
		}
		m.check(r.Held()[i], rc)
	}
	m.open = append(m.open, p)
}

// check compares what the ledger says of a claim's budget with the model.
func (m *model) check(h budget.Held, rc *refClaim) {
	a := rc.account.clone()
	meter, window, _ := a.at(m.now)
	if h.State.Remaining != h.Limit.Max-meter.spent() {
		require.Equal(m.t, h.Limit.Max-meter.spent(), h.State.Remaining, "%s", h.Limit.Name)
	}
	if reset := a.wait(meter, window, m.now, h.Limit.Max); h.State.Reset != reset {
		require.Equal(m.t, reset, h.State.Reset, "%s", h.Limit.Name)
	}
}

// meter is the meter that a claim's reservation lives in, and what of it is still held.
func (rc *refClaim) meter(now int64, renew bool) (m *refMeter, window int64) {
	m, window, _ = rc.account.at(now)
	if rc.account.limit.Period == budget.Bucket || window == rc.window {
		return m, window
	}
	if old := rc.account.remembered(rc.window, now); old != nil {
		return old, rc.window
	}
	if renew {
		return m, window
	}
	return nil, 0
}

func (m *model) extend(p pair) {
	extra := make([]int64, len(p.claims))
	for i, rc := range p.claims {
		extra[i] = m.rng.Int64N(rc.account.limit.Max/8 + 1)
	}
	refusedAt := -1
	done := make([]*refAccount, len(p.claims)) // as they were
	for i, rc := range p.claims {
		if rc.skipped || extra[i] == 0 {
			continue
		}
		a := rc.account.clone()
		trial := *rc
		trial.account = a
		meter, window := trial.meter(m.now, true)
		need := trial.held.amount + extra[i]
		if meter.drop(trial.held) {
			need -= trial.held.amount
		}
		if need > a.limit.Max-meter.spent() {
			if a.limit.Shadow {
				rc.skipped = true
				continue
			}
			refusedAt = i
			break
		}
		done[i] = rc.account.clone()
		meter.add(need, meter.per)
		trial.window, trial.held = window, a.keep(meter, m.now, trial.held.amount+extra[i])
		*rc.account = *a
		rc.window, rc.held = trial.window, trial.held
	}
	if refusedAt >= 0 {
		// What was extended before the refusal is taken back, with its hold renewed.
		for i, rc := range p.claims[:refusedAt] {
			if done[i] == nil {
				continue
			}
			meter, _ := rc.meter(m.now, true)
			require.True(m.t, meter.drop(rc.held))
			meter.add(-extra[i], meter.per)
			if rc.held.amount == extra[i] {
				rc.held = refHold{}
			} else {
				rc.held = rc.account.keep(meter, m.now, rc.held.amount-extra[i])
			}
		}
	}
	f, err := p.real.Extend(m.now, extra)
	require.NoError(m.t, err)
	require.Equal(m.t, refusedAt >= 0, f != nil)
	if f != nil {
		require.Equal(m.t, refusedAt, f.Claim)
		return
	}
	m.grown++
	for i, rc := range p.claims {
		if !rc.skipped && extra[i] > 0 {
			m.check(p.real.Held()[i], rc)
		}
	}
}

func (m *model) finish(p pair, cancel bool) {
	actual := make([]int64, len(p.claims))
	for i, rc := range p.claims {
		if !cancel {
			actual[i] = m.rng.Int64N(rc.account.limit.Max/3 + 1)
		}
		if rc.never {
			continue
		}
		meter, _ := rc.meter(m.now, false)
		if meter == nil {
			m.late++
			continue
		}
		need := actual[i]
		if meter.drop(rc.held) {
			need -= rc.held.amount
		} else {
			m.late++
		}
		meter.add(need, meter.per)
	}
	var err error
	if cancel {
		err = p.real.Cancel(m.now)
	} else {
		err = p.real.Settle(m.now, actual)
	}
	require.NoError(m.t, err)
	for i, rc := range p.claims {
		if !rc.never {
			m.check(p.real.Held()[i], rc)
		}
	}
	// Whatever comes after the first does nothing.
	if m.rng.IntN(4) == 0 {
		require.NoError(m.t, p.real.Settle(m.now, actual))
		require.NoError(m.t, p.real.Cancel(m.now))
	}
}
