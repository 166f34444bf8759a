package budget

import "math/bits"

// maxSpent bounds a budget's debt, so that no sum of amounts overflows.
const maxSpent int64 = 1_000_000_000_000_000_000

// maxSlots bounds the moments at which holds of one meter end. A hold ends at a multiple
// of Hold/16 and lasts less than Hold*17/16, so 18 moments are ahead at most. The rest is
// for entries written by a ledger with another Hold.
const maxSlots = 24

// meter is what has been spent of one bucket or in one window. Reserved amounts are spent
// from the start; slots only remember them, so that what nobody settles is given back.
type meter struct {
	spent int64 // settled + reserved; never below zero
	n     int
	slots [maxSlots]slot // the first n, in order of until
}

// slot is the sum of the holds that end at one moment.
type slot struct{ until, sum int64 }

func (m *meter) add(amount int64) {
	m.spent = min(max(m.spent+amount, 0), maxSpent)
}

// expire gives back what is held until now or earlier.
func (m *meter) expire(now int64) {
	gone := 0
	for gone < m.n && m.slots[gone].until <= now {
		m.add(-m.slots[gone].sum)
		gone++
	}
	m.n = copy(m.slots[:], m.slots[gone:m.n])
}

// keep remembers a hold and returns the moment at which it ends. A clock that has gone
// back makes a hold longer, never more slots.
func (m *meter) keep(until, amount int64) int64 {
	if m.n > 0 {
		if last := &m.slots[m.n-1]; until <= last.until || m.n == maxSlots {
			last.sum = min(last.sum+amount, maxSpent)
			return last.until
		}
	}
	m.slots[m.n] = slot{until, amount}
	m.n++
	return until
}

// drop forgets a hold that keep has made. It returns false where the hold has ended.
func (m *meter) drop(until, amount int64) bool {
	for i := range m.slots[:m.n] {
		s := &m.slots[i]
		if s.until != until || s.sum < amount {
			continue
		}
		if s.sum -= amount; s.sum == 0 {
			m.n = i + copy(m.slots[i:], m.slots[i+1:m.n])
		}
		return true
	}
	return false
}

func (m *meter) append(b []byte) []byte {
	b = appendNumber(b, m.spent)
	b = appendNumber(b, int64(m.n))
	before := int64(0)
	for _, s := range m.slots[:m.n] {
		b = appendNumber(b, s.until-before)
		b = appendNumber(b, s.sum)
		before = s.until
	}
	return b
}

func (m *meter) read(r *reader) {
	m.spent = r.number(maxSpent)
	m.n = int(r.number(maxSlots))
	before := int64(0)
	for i := range m.slots[:m.n] {
		before += r.number(maxTime - before)
		m.slots[i] = slot{before, r.number(maxSpent)}
	}
}

// mulDivUp is a*b/c rounded up, or most where that is more. a and b are not negative, c is
// positive.
func mulDivUp(a, b, c, most int64) int64 {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	lo, carry := bits.Add64(lo, uint64(c-1), 0)
	if hi += carry; hi >= uint64(c) {
		return most
	}
	q, _ := bits.Div64(hi, lo, uint64(c))
	if q > uint64(most) {
		return most
	}
	return int64(q)
}
