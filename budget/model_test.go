package budget_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/budget"
)

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
			t.Parallel()
			m := &model{
				t: t, rng: rand.New(rand.NewPCG(2026, uint64(i))), now: t0,
				ledger: budget.New(h.make(), budget.Options{Hold: modelHold}), accounts: map[budget.Digest]*refAccount{},
				limits: []*budget.Limit{
					bucket("minute", 1000, minute), bucket("thirds", 7, 11*second), bucket("slow", 50_000, day),
					quota("hour", 5000, budget.Hour), quota("day", 20_000, budget.Day),
					{Name: "shadow", Max: 300, Every: minute, Shadow: true},
				},
			}
			for _, l := range m.limits {
				for _, who := range []string{"a", "b", "c"} {
					m.claims = append(m.claims, claim(l, who, 0))
				}
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
	claims   []budget.Claim // three keys of each limit
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
		c := m.claims[3*i+m.rng.IntN(3)]
		c.Amount = amount
		claims = append(claims, c)
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
