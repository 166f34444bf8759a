package route

// What makes a measurement count half as much.
const (
	HalfLife        int64 = 2 * 60_000 // ms of age
	HalfLifeSamples       = 8          // newer measurements
)

// A measurement has the weight one, the older ones together at most eleven: of what an
// average says, 11/12 are left after each, and (11/12)^8 is a half.
const (
	one  = 16
	most = 11 * one
)

// average is an exponentially decayed average. Its weight is that of its measurements
// when the last was taken, in sixteenths of one.
type average struct {
	value  int64 // 32 bits are kept
	weight int64
	at     int64
}

// left is the weight that is left now: a half for each half-life, with a straight line
// between. Nothing is left of one measurement after 8 minutes, of many after 14.
//
//go:noinline
func (a *average) left(now int64) int64 {
	age := apart(now, a.at)
	return (a.weight >> (age / HalfLife)) * (2*HalfLife - age%HalfLife) / (2 * HalfLife)
}

func (a *average) known(now int64) bool { return a.left(now) > 0 }

//go:noinline
func (a *average) add(now, value int64) {
	value = min(value, 1<<32-1)
	w := a.left(now)
	a.value = (a.value*w + value*one + (w+one)/2) / (w + one)
	a.weight = min(w+one, most)
	a.at = now
}
