package route

// Forget is how long what is known of a target's failures lasts in milliseconds, after the
// last of them and the cool-down that followed.
const Forget int64 = 10 * 60_000

// maxTime is the last millisecond that is reckoned with: in the year 10889.
const maxTime int64 = 1<<48 - 1

// State is what is known of a target's health and speed; the zero value is nothing known.
// It is shared between workers as bytes, see Append and ParseState.
type State struct {
	failures int64   // in a row, at most 255; at least CoolDown.After once a cool-down has begun
	failed   int64   // when the last of them was
	answered int64   // when it last answered
	cool     span    // the cool-down that failures have begun; kept when it is over, until the target answers
	limit    span    // until when the provider has said it is used up
	first    average // to the first token, in microseconds
	token    average // for each one after it, in nanoseconds
}

// CoolDown is when a target is left alone and for how long.
type CoolDown struct {
	After     int   // consecutive failures before a cool-down; 1 with retryAfter > 0
	Base, Max int64 // ms: Base, doubled at each further failure, at most Max; also the bound on retryAfter
}

// Cooling tells whether the target is to be left alone while there is another.
func (s State) Cooling(now int64) bool { return s.back(clamp(now)) > 0 }

// Until is when the last cool-down ends or has ended, 0 if there is none or the target has
// answered since.
func (s State) Until() int64 { return max(s.cool.until, s.limit.until) }

// Failed takes in a failed attempt: retryAfter is the provider's own wait in ms (0 = it
// named none). It is not for attempts that failed by the client's fault.
func (s *State) Failed(now, retryAfter int64, c CoolDown) {
	now = clamp(now)
	again := s.cool.active(now)
	if !again {
		if s.forgotten(now) {
			s.failures, s.cool = 0, span{}
		}
		if s.failures < 255 {
			s.failures++
		}
	}
	s.failed = now
	if retryAfter > 0 {
		s.cool = s.cool.extended(now, min(retryAfter, c.Max))
	} else if again || s.failures < int64(c.After) && s.cool.until == 0 {
		return
	} else {
		s.cool = s.cool.extended(now, c.after(s.failures))
	}
	// From here on each further failure is one that doubles.
	s.failures = max(s.failures, min(int64(c.After), 255))
}

// after is the length of the cool-down after so many failures.
func (c *CoolDown) after(failures int64) int64 {
	wait := min(c.Base, c.Max)
	for i := max(int64(c.After), 1); i < failures && 0 < wait && wait < c.Max; i++ {
		wait = min(wait, c.Max/2+1) * 2
	}
	return min(wait, c.Max)
}

// Succeeded takes in an attempt that was answered: it ends the cool-downs and the count of
// failures. firstToken is in ms, perToken in µs (0 = not known, e.g. not a stream). What
// Limited has said stays: it may have come at the head of the answer that ends here.
func (s *State) Succeeded(now, firstToken, perToken int64) {
	now = clamp(now)
	s.failures, s.failed, s.cool, s.answered = 0, 0, span{}, now
	if firstToken > 0 {
		s.first.add(now, min(firstToken, 1<<32)*1000)
	}
	if perToken > 0 {
		s.token.add(now, min(perToken, 1<<32)*1000)
	}
}

// Limited takes in a provider's x-ratelimit-remaining-* = 0 with its reset in ms on a good
// answer: cool until then, at most c.Max. Of several the one that is longest counts.
func (s *State) Limited(now, reset int64, c CoolDown) {
	s.limit = s.limit.extended(clamp(now), min(reset, c.Max))
}

// back is when a target that is cooling down is back, 0 for any other.
//
//go:noinline
func (s *State) back(now int64) int64 {
	back := int64(0)
	if s.cool.active(now) {
		back = s.cool.until
	}
	if s.limit.active(now) {
		back = max(back, s.limit.until)
	}
	return back
}

// onTrial tells whether a cool-down is over and it is not known yet that the target is back.
func (s *State) onTrial(now int64) bool {
	return s.cool.until > 0 && !s.cool.active(now) && !s.forgotten(now)
}

// forgotten tells whether its failures say nothing any more. While it is cooling down they do.
func (s *State) forgotten(now int64) bool {
	return !s.cool.active(now) && apart(now, max(s.failed, s.cool.until)) > Forget
}

// span is a cool-down. Its length is kept to know a wrong clock by.
type span struct{ until, length int64 }

func (p span) active(now int64) bool {
	left := p.until - now
	return 0 < left && left <= 2*p.length
}

// extended is a span of that length from now on, or what p is if that ends later.
func (p span) extended(now, length int64) span {
	length = min(length, 1<<32-1)
	until := min(now+length, maxTime)
	if length <= 0 || p.active(now) && p.until >= until {
		return p
	}
	return span{until, length}
}

func clamp(now int64) int64 { return min(max(now, 0), maxTime) }

// apart is the time between two readings, whichever is later.
func apart(a, b int64) int64 { return max(a-b, b-a) }
