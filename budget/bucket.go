package budget

import "math/bits"

// maxTime is the last millisecond that is reckoned with: in the year 10889. A reading
// before 1970 counts as 1970.
const maxTime int64 = 1 << 48

// bucket is a token bucket. It is kept by what is missing from it (spent), and knows the
// definition that it was last used with, so that it can be refilled without the limit.
type bucket struct {
	max, every int64
	rem        int64 // refilled and not yet whole: rem/every of one token
	peak       int64 // the highest reading of the clock: refilled up to here
	behind     bool  // the clock has gone back, by more than every
	resume     int64 // if behind: refilled up to here on the clock that came back
	meter
}

// refill makes the bucket what it is at now, and reports whether it has learnt of a clock
// that has gone back: that is kept even if nothing else is. Every millisecond is credited once:
//
//   - A reading not above the highest one credits nothing.
//   - But a reading below it by more than every says that the highest was wrong, or that
//     the clock has been set back. The wrong one filled the bucket at most once, however
//     far it was, which is what every milliseconds are worth; so refill starts again
//     every milliseconds from now.
//   - The highest stays known, and coming back to it credits nothing either.
func (b *bucket) refill(now int64) (learnt bool) {
	now = min(max(now, 0), maxTime)
	switch {
	case now >= b.peak:
		b.credit(now - b.peak)
		b.peak, b.behind, b.resume = now, false, 0
	case b.behind && now > b.resume:
		b.credit(now - b.resume)
		b.resume = now
	case b.behind && b.resume-now > b.every, !b.behind && b.peak-now > b.every:
		b.behind, b.resume, learnt = true, now+b.every, true
	}
	b.expire(now)
	if b.spent == 0 {
		b.rem = 0 // full is full
	}
	return learnt
}

// credit refills for dt milliseconds: (dt*max + rem) / every, and the remainder is kept.
func (b *bucket) credit(dt int64) {
	hi, lo := bits.Mul64(uint64(dt), uint64(b.max))
	lo, carry := bits.Add64(lo, uint64(b.rem), 0)
	if hi += carry; hi < uint64(b.every) {
		if q, rem := bits.Div64(hi, lo, uint64(b.every)); q < uint64(b.spent) {
			b.spent -= int64(q)
			b.rem = int64(rem)
			return
		}
	}
	b.spent, b.rem = 0, 0
}

// redefine makes it a bucket of another size or speed. The part of it that is spent stays
// the same part, so that two ledgers that disagree while a policy is being replaced can
// take turns, and neither locks a caller out for longer than its own refill time.
func (b *bucket) redefine(l *Limit) {
	if b.max == l.Max && b.every == l.Every {
		return
	}
	b.spent = mulDivUp(b.spent, l.Max, b.max, maxSpent)
	b.max, b.every, b.rem = l.Max, l.Every, 0
}

// wait is the time in milliseconds until no more than spent is missing.
func (b *bucket) wait(now, spent int64) int64 {
	if b.spent <= spent {
		return 0
	}
	dt := b.timeFor(b.spent - spent)
	switch {
	case b.behind && b.resume > now:
		dt += b.resume - now
	case !b.behind && b.peak > now:
		dt += b.peak - now
	}
	return dt
}

// timeFor is the least number of milliseconds whose credit is amount.
func (b *bucket) timeFor(amount int64) int64 {
	hi, lo := bits.Mul64(uint64(amount), uint64(b.every))
	lo, borrow := bits.Sub64(lo, uint64(b.rem), 0)
	hi -= borrow
	lo, carry := bits.Add64(lo, uint64(b.max-1), 0)
	if hi += carry; hi >= uint64(b.max) {
		return maxTime
	}
	q, _ := bits.Div64(hi, lo, uint64(b.max))
	return int64(min(q, uint64(maxTime)))
}

func (b *bucket) append(to []byte) []byte {
	to = appendNumber(to, b.max)
	to = appendNumber(to, b.every)
	to = appendNumber(to, b.rem)
	to = appendNumber(to, b.peak)
	lag := int64(0) // 0: not behind
	if b.behind {
		lag = b.peak - b.resume + 1
	}
	to = appendNumber(to, lag)
	return b.meter.append(to)
}

func (b *bucket) read(r *reader) {
	b.max = r.number(MaxAmount)
	b.every = r.number(maxEvery)
	r.bad = r.bad || b.max == 0 || b.every == 0
	b.rem = r.number(max(b.every-1, 0))
	b.peak = r.number(maxTime)
	if lag := r.number(b.peak + 1); lag > 0 {
		b.behind, b.resume = true, b.peak-lag+1
	}
	b.meter.read(r)
}
