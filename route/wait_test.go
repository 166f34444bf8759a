package route

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestParseWait(t *testing.T) {
	now := time.Date(1994, 11, 6, 8, 49, 30, 0, time.UTC).UnixMilli()
	for _, c := range []struct {
		value string
		ms    int64 // -1: not a wait
	}{
		{"0", 0},
		{"20", 20_000},
		{" 20\t", 20_000},
		{"0.25", 250},
		{"1s", 1000},
		{"6m0s", 360_000},
		{"17ms", 17},
		{"1h2m3s", 3_723_000},
		{"59.70s", 59_700},
		{"2m59.56s", 179_560},
		{"1d1h", 90_000_000},
		{"1.0001s", 1001}, // never too early
		{"1ns", 1},
		{"1500µs", 2},
		{"Sun, 06 Nov 1994 08:49:37 GMT", 7000},
		{"Sunday, 06-Nov-94 08:49:37 GMT", 7000},
		{"Sun Nov  6 08:49:37 1994", 7000},
		{"Sun Nov 16 08:49:37 1994", 7000 + 10*dayMS},
		{"Sun, 06 Nov 1994 08:49:00 GMT", 0}, // past
		{"Friday, 01-Jan-27 00:00:00 GMT", time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli() - now},
		{"1994-11-06T08:49:37Z", 7000},
		{"1994-11-06T08:49:37.0001Z", 7001},
		{"1994-11-06T09:49:37+01:00", 7000},
		{"1994-11-06T04:19:37-04:30", 7000},
		{"", -1},
		{"soon", -1},
		{"-1", -1},
		{"-1s", -1},
		{"1 s", -1},
		{"s", -1},
		{".", -1},
		{".s", -1},
		{"1m2", -1},
		{"1x", -1},
		{"99999999999999999999", -1},
		{"4611686018s", 4_611_686_018_000},
		{"4611686018s1s", -1},
		{"9999999999999h", -1},
		{"1e3", -1},
		{"1994-11-06", -1},
		{"1994-11-06T08:49:37", -1},
		{"1994-11-06T08:49:37.Z", -1},
		{"1994-11-06T08:49:37+25:00", -1},
		{"1994-02-29T08:49:37Z", -1},
		{"Sun, 31 Nov 1994 08:49:37 GMT", -1},
		{"Sun, 06 Now 1994 08:49:37 GMT", -1},
		{"Sun, 06 Nov 1994 24:00:00 GMT", -1},
		{"Sun, 06 Nov 1994 08:49:37 CET", -1},
		{"Sun, 06 Nov 1994 08:49:37 GMT+1", -1},
		{"Sun, 06 Nov 1994 08:49:37 G", -1},
	} {
		ms, ok := ParseWait(now, c.value)
		require.Equal(t, c.ms >= 0, ok, "%q", c.value)
		require.Equal(t, max(c.ms, 0), ms, "%q", c.value)
	}
}

// Every day of 273 years, in all four forms.
func TestDates(t *testing.T) {
	day := time.Date(1969, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range 100_000 {
		at := day.AddDate(0, 0, i).Add(time.Duration(i*7919%86400) * time.Second)
		for j, layout := range []string{time.RFC3339, http.TimeFormat, "Monday, 02-Jan-06 15:04:05 GMT", time.ANSIC} {
			if j == 2 && at.Year() > 2068 {
				continue
			}
			ms, ok := instant(at.Format(layout))
			if !ok || ms != at.UnixMilli() {
				require.Equal(t, at.UnixMilli(), ms, "%s", at.Format(layout))
			}
		}
	}
}

// What is read, the standard library reads as well and the same, but for what it does not
// know: days, seconds without a unit, and names of weekdays that are none.
func FuzzParseWait(f *testing.F) {
	for _, s := range []string{
		"1s", "6m0s", "17ms", "1h2m3s", "1.5h", ".5s", "1.s", "20", "3.25", "1d", "9223372036s", "1µs2μs",
		"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
		"2024-02-29T23:59:59.999999999Z", "1994-11-06T08:49:37-04:30", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59+23:59",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		ms, ok := duration(s)
		d, err := time.ParseDuration(s)
		switch {
		case err == nil && !strings.HasPrefix(s, "-") && !strings.HasPrefix(s, "+") && d < 100*365*24*time.Hour:
			require.True(t, ok, "%q", s)
		case ok && err != nil:
			d, err = time.ParseDuration(s + "s")
			require.True(t, err == nil && ms == (d+time.Millisecond-1).Milliseconds() || strings.ContainsAny(s, "d.") || ms >= maxWait/2e6, "%q is read as %d", s, ms)
		}
		if ok && err == nil { // it reckons fractions as floats
			require.InDelta(t, float64((d + time.Millisecond - 1).Milliseconds()), float64(ms), 1, "%q", s)
		}

		ms, ok = instant(s)
		if !ok {
			return
		}
		if _, after, found := strings.Cut(s, ","); found {
			s = "Sun," + after
			if strings.Contains(after, "-") {
				s = "Sunday," + after
			}
		} else if _, after, found := strings.Cut(s, " "); found {
			s = "Sun " + after
		}
		at, err := time.Parse(time.RFC3339Nano, s)
		if err != nil {
			at, err = http.ParseTime(s)
		}
		require.NoError(t, err, "%q is read as %d", s, ms)
		require.Equal(t, at.Add(time.Millisecond-1).UnixMilli(), ms, "%q", s)
	})
}
