package budget

import "time"

const (
	hourMS = int64(3_600_000)
	dayMS  = 24 * hourMS
)

// bounds returns the calendar window that holds now, as [start, end) in milliseconds
// since the Unix epoch. The windows of one period and zone are disjoint and leave no gap,
// through every change of the zone's offset: a day may have 23, 25 or, where a zone
// crossed the date line, no hours at all.
func bounds(period Period, zone *Zone, now int64) (start, end int64) {
	offset, from, to := zone.at(now)
	if period == Hour {
		// The zone's own full hours. An hour that clocks repeat is two windows, and a change by
		// a part of an hour (Lord Howe Island) cuts the hour it is in.
		start = now - mod(now+offset, hourMS)
		return max(start, from), min(start+hourMS, to)
	}
	local := time.UnixMilli(now + offset).UTC() // what the clocks show, as if it were UTC
	y, m, d := local.Date()
	step := func(n int) int64 { return firstOf(civil(y, m, d+n), zone) }
	switch period {
	case Week:
		d -= (int(local.Weekday()) + 6) % 7
		step = func(n int) int64 { return firstOf(civil(y, m, d+7*n), zone) }
	case Month:
		step = func(n int) int64 { return firstOf(civil(y, m+time.Month(n), 1), zone) }
	}
	start, end = step(0), step(1)
	// Where clocks are set back over midnight a date is left and entered again. It
	// began when it was entered first, so the hour after that belongs to it too.
	if now >= end {
		start, end = end, step(2)
	}
	return start, end
}

// civil is midnight of a date, which need not be normal, as if the zone were UTC.
func civil(y int, m time.Month, d int) int64 {
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC).UnixMilli()
}

// firstOf returns the first instant at which the zone's clocks show midnight (a value of
// civil) or later. Midnight may come twice, or be skipped.
func firstOf(midnight int64, zone *Zone) int64 {
	// No zone has ever been as much as 16 hours ahead, so this is before midnight.
	at := midnight - 16*hourMS
	for {
		offset, from, to := zone.at(at)
		if first := max(midnight-offset, from); first < to {
			return first
		}
		at = to
	}
}

func mod(a, b int64) int64 {
	m := a % b
	if m < 0 {
		m += b
	}
	return m
}
