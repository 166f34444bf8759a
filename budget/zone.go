package budget

import (
	"math"
	"time"
)

// Zone is what a time zone's clocks show: from At[i] on, Offset[i] more than UTC. Before
// At[0] it is Offset[0] as well. A nil Zone is UTC.
//
// It is a table and not a time.Location because of who reads it: a gateway's module would
// carry the database of all zones, 450 KB, and the code that reads it.
type Zone struct {
	At     []int64 // seconds since the Unix epoch, each later than the one before
	Offset []int64 // seconds; as many as At
}

// NewZone is the table of a location between two instants. Clocks that change before or
// after do not do so in the table.
func NewZone(where *time.Location, from, to time.Time) *Zone {
	z := &Zone{}
	for at := from.In(where); at.Before(to); {
		_, offset := at.Zone()
		// Some changes are of a zone's name alone.
		if n := len(z.At); n == 0 || z.Offset[n-1] != int64(offset) {
			z.At, z.Offset = append(z.At, at.Unix()), append(z.Offset, int64(offset))
		}
		_, next := at.ZoneBounds()
		if next.IsZero() {
			break // it stays so
		}
		if !next.After(at) {
			// Go 1.26.8 takes the years of a zone's last rule to have 365 days: on the last day of
			// a leap year after 2037 it says that the next change was before that day.
			next = at.Add(24 * time.Hour)
		}
		at = next
	}
	return z
}

// Valid tells that it is a table as described.
func (z *Zone) Valid() bool {
	if len(z.At) == 0 || len(z.At) != len(z.Offset) {
		return false
	}
	for i := range z.At {
		if i > 0 && z.At[i] <= z.At[i-1] || z.At[i] < -maxZone || z.At[i] > maxZone || z.Offset[i] < -maxOffset || z.Offset[i] > maxOffset {
			return false
		}
	}
	return true
}

const (
	maxZone   = 1 << 40 // 34000 years
	maxOffset = 16 * 3600
)

// at is how far the clocks are ahead of UTC at an instant, and from when to when they are,
// all in milliseconds.
func (z *Zone) at(now int64) (offset, from, to int64) {
	from, to = math.MinInt64, math.MaxInt64
	if z == nil {
		return 0, from, to
	}
	// The last change that is not later than now; the first stands for all before it too.
	i, end := 0, len(z.At)
	for end-i > 1 {
		if middle := (i + end) / 2; z.At[middle]*1000 > now {
			end = middle
		} else {
			i = middle
		}
	}
	if i > 0 {
		from = z.At[i] * 1000
	}
	if end < len(z.At) {
		to = z.At[end] * 1000
	}
	return z.Offset[i] * 1000, from, to
}
