package budget

import (
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/stretchr/testify/require"
)

func zone(t testing.TB, name string) *Zone {
	t.Helper()
	z := NewZone(location(t, name), time.Unix(0, 0), time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC))
	require.True(t, z.Valid())
	return z
}

func location(t testing.TB, name string) *time.Location {
	t.Helper()
	where, err := time.LoadLocation(name)
	require.NoError(t, err)
	return where
}

// TestZone: the table says of every instant what package time says.
func TestZone(t *testing.T) {
	for _, name := range []string{"UTC", "Asia/Tokyo", "Europe/Berlin", "America/St_Johns", "Pacific/Apia", "Australia/Lord_Howe", "Africa/Casablanca"} {
		z, where := zone(t, name), location(t, name)
		for at := int64(0); at < 4_000_000_000_000; at += 7*dayMS + 12_345_678 {
			_, want := time.UnixMilli(at).In(where).Zone()
			offset, from, to := z.at(at)
			require.EqualValues(t, want*1000, offset)
			require.True(t, from <= at && at < to)
			for edge, inside := range map[int64]int64{from: from, to: to - 1} {
				if edge > 0 && edge < 4_000_000_000_000 {
					before, _, _ := z.at(edge - 1)
					after, _, _ := z.at(edge)
					require.NotEqual(t, before, after)
					same, _, _ := z.at(inside)
					require.Equal(t, offset, same)
				}
			}
		}
	}
	offset, from, _ := zone(t, "Asia/Tokyo").at(-1 << 62)
	require.Equal(t, 9*hourMS, offset)
	require.EqualValues(t, -1<<63, from)
}

func TestBadZones(t *testing.T) {
	for _, z := range []Zone{{}, {At: []int64{1}}, {Offset: []int64{1}}, {At: []int64{1, 1}, Offset: []int64{0, 1}}, {At: []int64{2, 1}, Offset: []int64{0, 1}},
		{At: []int64{1 << 62}, Offset: []int64{0}}, {At: []int64{0}, Offset: []int64{16*3600 + 1}}, {At: []int64{0}, Offset: []int64{-1 << 60}}} {
		require.False(t, z.Valid(), "%v", z)
		require.Error(t, (&Limit{Name: "b", Max: 1, Period: Day, Zone: &z}).Validate())
	}
}

func ms(t testing.TB, rfc3339 string) int64 {
	t.Helper()
	at, err := time.Parse(time.RFC3339, rfc3339)
	require.NoError(t, err)
	return at.UnixMilli()
}

func TestBounds(t *testing.T) {
	for _, c := range []struct {
		why        string
		period     Period
		zone       string
		now        string
		start, end string
		hours      float64
	}{
		{"first instant", Day, "UTC", "2026-11-23T00:00:00Z", "2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z", 24},
		{"last millisecond", Day, "UTC", "2026-11-23T23:59:59.999Z", "2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z", 24},
		{"clocks go forward", Day, "Europe/Berlin", "2026-03-29T12:00:00Z", "2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00", 23},
		{"clocks go back", Day, "Europe/Berlin", "2026-10-25T12:00:00Z", "2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00", 25},
		{"clocks go forward", Day, "America/New_York", "2026-03-08T07:00:00Z", "2026-03-08T00:00:00-05:00", "2026-03-09T00:00:00-04:00", 23},
		{"clocks go back", Day, "America/New_York", "2026-11-01T05:00:00Z", "2026-11-01T00:00:00-04:00", "2026-11-02T00:00:00-05:00", 25},
		{"midnight is skipped", Day, "America/Sao_Paulo", "2018-11-04T15:00:00Z", "2018-11-04T01:00:00-02:00", "2018-11-05T00:00:00-02:00", 23},
		{"and the day before ends there", Day, "America/Sao_Paulo", "2018-11-03T15:00:00Z", "2018-11-03T00:00:00-03:00", "2018-11-04T01:00:00-02:00", 24},
		{"23:00 comes twice", Day, "America/Sao_Paulo", "2018-02-17T15:00:00Z", "2018-02-17T00:00:00-02:00", "2018-02-18T00:00:00-03:00", 25},
		{"midnight comes twice", Day, "America/Havana", "2026-11-01T15:00:00Z", "2026-11-01T00:00:00-04:00", "2026-11-02T00:00:00-05:00", 25},
		{"00:01 goes back to 23:01: the date began at the first midnight", Day, "America/St_Johns", "2010-11-07T02:45:00Z", "2010-11-07T00:00:00-02:30", "2010-11-08T00:00:00-03:30", 25},
		{"a date that never was: 30 December", Day, "Pacific/Apia", "2011-12-30T09:59:59Z", "2011-12-29T00:00:00-10:00", "2011-12-31T00:00:00+14:00", 24},
		{"and the day after it", Day, "Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-31T00:00:00+14:00", "2012-01-01T00:00:00+14:00", 24},
		{"Monday begins the week", Week, "UTC", "2026-11-23T00:00:00Z", "2026-11-23T00:00:00Z", "2026-11-30T00:00:00Z", 168},
		{"Sunday ends it", Week, "UTC", "2026-11-22T23:59:59Z", "2026-11-16T00:00:00Z", "2026-11-23T00:00:00Z", 168},
		{"a week over the year's end", Week, "UTC", "2027-01-01T00:00:00Z", "2026-12-28T00:00:00Z", "2027-01-04T00:00:00Z", 168},
		{"a week an hour short", Week, "Europe/Berlin", "2026-03-25T00:00:00Z", "2026-03-23T00:00:00+01:00", "2026-03-30T00:00:00+02:00", 167},
		{"February", Month, "UTC", "2026-02-28T23:59:59Z", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z", 28 * 24},
		{"leap February", Month, "UTC", "2028-02-29T12:00:00Z", "2028-02-01T00:00:00Z", "2028-03-01T00:00:00Z", 29 * 24},
		{"December", Month, "UTC", "2026-12-31T23:59:59Z", "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z", 31 * 24},
		{"the 31st, next month has 30", Month, "Europe/Berlin", "2026-03-31T12:00:00Z", "2026-03-01T00:00:00+01:00", "2026-04-01T00:00:00+02:00", 31*24 - 1},
		{"still October in New York", Month, "America/New_York", "2026-11-01T03:59:59Z", "2026-10-01T00:00:00-04:00", "2026-11-01T00:00:00-04:00", 31 * 24},
		{"an hour", Hour, "UTC", "2026-11-23T10:20:30Z", "2026-11-23T10:00:00Z", "2026-11-23T11:00:00Z", 1},
		{"an hour of a half-hour zone", Hour, "Asia/Kolkata", "2026-11-23T10:20:30Z", "2026-11-23T09:30:00Z", "2026-11-23T10:30:00Z", 1},
		{"02:xx for the first time", Hour, "Europe/Berlin", "2026-10-25T02:30:00+02:00", "2026-10-25T02:00:00+02:00", "2026-10-25T03:00:00+02:00", 1},
		{"02:xx for the second time", Hour, "Europe/Berlin", "2026-10-25T02:30:00+01:00", "2026-10-25T02:00:00+01:00", "2026-10-25T03:00:00+01:00", 1},
		{"half an hour is skipped", Hour, "Australia/Lord_Howe", "2026-10-04T02:45:00+11:00", "2026-10-04T02:30:00+11:00", "2026-10-04T03:00:00+11:00", 0.5},
		{"half an hour comes twice", Hour, "Australia/Lord_Howe", "2026-04-05T01:45:00+10:30", "2026-04-05T01:30:00+10:30", "2026-04-05T02:00:00+10:30", 0.5},
	} {
		t.Run(c.why+" "+c.zone, func(t *testing.T) {
			start, end := bounds(c.period, zone(t, c.zone), ms(t, c.now))
			show := func(v int64) string { return time.UnixMilli(v).UTC().Format(time.RFC3339) }
			require.Equal(t, show(ms(t, c.start)), show(start), "start")
			require.Equal(t, show(ms(t, c.end)), show(end), "end")
			require.Equal(t, c.hours, float64(end-start)/float64(hourMS), "hours")
		})
	}
	start, end := bounds(Day, nil, 0)
	require.Equal(t, []int64{0, dayMS}, []int64{start, end}, "no zone is UTC")
}

// Windows leave no gap and do not overlap: walking by them from one to the next, each
// holds its first and last instant and begins where the one before ended.
func TestBoundsCoverAllTime(t *testing.T) {
	zones := []string{"UTC", "Europe/Berlin", "America/New_York", "America/Sao_Paulo", "America/Havana", "America/St_Johns",
		"Pacific/Apia", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Cairo", "Africa/Casablanca", "Asia/Tehran", "Pacific/Chatham", "Antarctica/Troll"}
	for _, name := range zones {
		z := zone(t, name)
		for _, c := range []struct {
			period   Period
			from, to int
		}{{Hour, 2010, 2012}, {Day, 1971, 2030}, {Week, 1971, 2030}, {Month, 1971, 2030}} {
			at := time.Date(c.from, 1, 10, 0, 0, 0, 0, time.UTC).UnixMilli()
			stop := time.Date(c.to, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
			start, end := bounds(c.period, z, at)
			for start < stop {
				if !(start < end) {
					require.Fail(t, "empty window", "%s %d: %d to %d", name, c.period, start, end)
				}
				for _, probe := range []int64{start, start + (end-start)/2, end - 1} {
					if s, e := bounds(c.period, z, probe); s != start || e != end {
						require.Fail(t, "a window disagrees with its own instants", "%s %d at %s: [%d,%d) and [%d,%d)",
							name, c.period, time.UnixMilli(probe).In(location(t, name)), start, end, s, e)
					}
				}
				s, e := bounds(c.period, z, end)
				if s != end {
					require.Fail(t, "a gap or an overlap", "%s %d at %s", name, c.period, time.UnixMilli(end).In(location(t, name)))
				}
				start, end = s, e
			}
		}
	}
}

func BenchmarkBounds(b *testing.B) {
	z := zone(b, "Europe/Berlin")
	now := ms(b, "2026-11-23T12:00:00Z")
	b.ReportAllocs()
	for b.Loop() {
		bounds(Month, z, now)
	}
}
