package route

// Strategy orders targets.
type Strategy uint8

// The strategies.
const (
	Ordered  Strategy = iota // as the policy lists them
	Weighted                 // at random, by weight
	Cost                     // the cheapest first
	Latency                  // the one first that is expected to be done soonest
)

// One request in so many.
const (
	TrialShare   = 8  // finds a target that is on trial among the usable ones
	ExploreShare = 16 // of Latency, goes first to a target that is not the best
)

// Target is what a choice knows of one target.
type Target struct {
	Weight int   // of Weighted: its share of the weights of all; 0 or less comes last
	Cost   int64 // of Cost: what this request is expected to cost there, in micro-dollars; < 0 = unknown, which comes last
	Fits   bool  // the request fits the target's context window; one that does not is never chosen
	State  State // what is known of it
}

// Choice is what the choice depends on beside the targets.
type Choice struct {
	Strategy Strategy
	Random   uint64 // fresh for each request
	Sticky   int    // the target that this conversation used last and whose prompt cache may be warm; -1 = none
	Output   int64  // tokens of output expected, for Latency
}

// The parts of an order, in which one comes after another.
const (
	usable = iota
	onTrial
	cooling
)

// place is a target's place in the making: by part, then by rank, then as in the policy.
type place struct {
	target int
	part   uint8
	rank   int64
}

// The ends of the ranks. What a strategy gives is between last and first.
const (
	sticky   = -1 << 62
	explored = sticky + 1
	last     = 1 << 62
)

// Order appends the places of the targets to try to dst, best first: the whole of the
// package's order, see there. It appends none only when none fits.
func Order(dst []int, now int64, targets []Target, c Choice) []int {
	now = clamp(now)
	r := Random(c.Random)
	var room [8]place // more are rare
	places := room[:0]
	for i := range targets {
		if t := &targets[i]; t.Fits {
			places = append(places, place{target: i, part: t.State.part(now, &r), rank: last})
		}
	}
	switch c.Strategy {
	case Weighted:
		byWeight(places, targets, &r)
	case Cost:
		for i := range places {
			if cost := targets[places[i].target].Cost; cost >= 0 {
				places[i].rank = min(cost, last)
			}
		}
	case Latency:
		byLatency(places, targets, now, c.Output, &r)
	}
	for i := range places {
		switch p := &places[i]; {
		case p.part == cooling:
			p.rank = targets[p.target].State.back(now)
		case p.part == usable && p.target == c.Sticky:
			p.rank = sticky
		}
	}
	sort(places)
	for _, p := range places {
		dst = append(dst, p.target)
	}
	return dst
}

// part is where a target is as far as its health goes.
func (s *State) part(now int64, r *Random) uint8 {
	switch {
	case s.back(now) > 0:
		return cooling
	case s.onTrial(now) && r.below(TrialShare) != 0:
		return onTrial
	}
	return usable
}

// byWeight draws one target after the other, each by its weight among those that are left.
// Leaving some of them out afterwards, as those that are cooling down, leaves the others
// as if they had been drawn alone.
func byWeight(places []place, targets []Target, r *Random) {
	left := uint64(0)
	for _, p := range places {
		left += weight(&targets[p.target])
	}
	for turn := int64(0); left > 0; turn++ {
		at := r.below(left)
		for i := range places {
			if places[i].rank < last {
				continue // drawn before
			}
			w := weight(&targets[places[i].target])
			if at < w {
				places[i].rank = turn
				left -= w
				break
			}
			at -= w
		}
	}
}

func weight(t *Target) uint64 { return uint64(min(max(int64(t.Weight), 0), 1<<40)) }

// byLatency ranks by the microseconds that are expected; what was never measured comes
// before, and what was tried without it, behind.
func byLatency(places []place, targets []Target, now, output int64, r *Random) {
	output = min(max(output, 0), 1<<24)
	// Where the time of a token is not known, of a target that has only given answers of
	// one, it is taken for the best of the others', so that the first token decides.
	token := int64(1<<32 - 1)
	for _, p := range places {
		if a := &targets[p.target].State.token; a.known(now) {
			token = min(token, a.value)
		}
	}
	for i := range places {
		p := &places[i]
		switch s := &targets[p.target].State; {
		case s.first.known(now):
			each := token
			if s.token.known(now) {
				each = s.token.value
			}
			p.rank = s.first.value + output*each/1000
		case s.failures > 0 && !s.forgotten(now): // it stays last
		case s.answered > 0 && apart(now, s.answered) <= Forget:
			p.rank = last - 1
		default:
			p.rank = -1 - int64(r.below(1<<16))
		}
	}
	if r.below(ExploreShare) == 0 {
		explore(places, targets, now, r)
	}
}

// explore puts a usable target first that is not the best, by the seconds since it was
// measured.
func explore(places []place, targets []Target, now int64, r *Random) {
	best := -1
	for i := range places {
		if places[i].part == usable && (best < 0 || places[i].rank < places[best].rank) {
			best = i
		}
	}
	sum := uint64(0)
	for i := range places {
		if i != best {
			sum += places[i].age(now, targets)
		}
	}
	if sum == 0 {
		return
	}
	at := r.below(sum)
	for i := range places {
		if i == best {
			continue
		}
		age := places[i].age(now, targets)
		if at < age {
			places[i].rank = explored
			return
		}
		at -= age
	}
}

// age is the weight in exploring of a place other than the best: 1, and the seconds since
// the target was measured.
//
//go:noinline
func (p *place) age(now int64, targets []Target) uint64 {
	if p.part != usable {
		return 0
	}
	a := &targets[p.target].State.first
	if !a.known(now) {
		return 1 + uint64(Forget)/1000
	}
	return 1 + uint64(min(apart(now, a.at), Forget))/1000
}

// sort is by insertion: there are few, and equal ones stay as they are.
func sort(places []place) {
	for i := 1; i < len(places); i++ {
		p, j := places[i], i
		for ; j > 0 && p.before(&places[j-1]); j-- {
			places[j] = places[j-1]
		}
		places[j] = p
	}
}

func (p *place) before(q *place) bool {
	return p.part < q.part || p.part == q.part && p.rank < q.rank
}
