package route

// maxWait is the longest wait that is read, in nanoseconds: some 146 years.
const maxWait int64 = 1 << 62

// ParseWait reads how long a provider says to wait, in milliseconds from now, rounded up
// so that nobody comes back too early:
//
//   - Retry-After: whole seconds or an HTTP date in any of its three forms
//     (https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3); seconds with a fraction too,
//     since they are sent;
//   - OpenAI's x-ratelimit-reset-*: "1s", "6m0s", "17ms", "1h2m3s"
//     (https://platform.openai.com/docs/guides/rate-limits#rate-limits-in-headers);
//   - Anthropic's anthropic-ratelimit-*-reset, a time of RFC 3339
//     (https://docs.anthropic.com/en/api/rate-limits#response-headers).
//
// A time that is past is a wait of 0. Of a negative or an absurd number, ok is false.
func ParseWait(now int64, value string) (ms int64, ok bool) {
	value = trim(value)
	if ms, ok = duration(value); ok {
		return ms, true
	}
	at, ok := instant(value)
	if !ok {
		return 0, false
	}
	return max(at-clamp(now), 0), true
}

func trim(s string) string {
	for s != "" && (s[0] == ' ' || s[0] == '\t') {
		s = s[1:]
	}
	for s != "" && (s[len(s)-1] == ' ' || s[len(s)-1] == '\t') {
		s = s[:len(s)-1]
	}
	return s
}

// units are those of a duration, with what they are in nanoseconds.
var units = [...]struct {
	name string
	ns   int64
}{
	{"s", 1e9}, {"ms", 1e6}, {"m", 60e9}, {"h", 3600e9}, {"d", 24 * 3600e9},
	{"us", 1e3}, {"µs", 1e3}, {"μs", 1e3}, {"ns", 1}, // µ is U+00B5, μ is U+03BC
}

// duration reads numbers with units, or one number of seconds without.
func duration(s string) (ms int64, ok bool) {
	total := int64(0)
	for first := true; first || s != ""; first = false {
		whole, read := digits(s)
		s = s[read:]
		fraction := ""
		if s != "" && s[0] == '.' {
			_, n := digits(s[1:])
			fraction, s = s[1:1+n], s[1+n:]
			read += n
		}
		n := 0
		for n < len(s) && s[n] != '.' && (s[n] < '0' || '9' < s[n]) {
			n++
		}
		unit := int64(0)
		if first && s == "" {
			unit = 1e9
		}
		for i := range units {
			if units[i].name == s[:n] {
				unit = units[i].ns
			}
		}
		s = s[n:]
		if read == 0 || whole < 0 || unit == 0 || whole > maxWait/unit {
			return 0, false
		}
		if total += whole*unit + part(fraction, unit); total < 0 || total > maxWait {
			return 0, false
		}
	}
	return (total + 1e6 - 1) / 1e6, true
}

// digits is the number at the start of s and its length; -1 if it is too large.
//
//go:noinline
func digits(s string) (number int64, length int) {
	for length < len(s) && '0' <= s[length] && s[length] <= '9' {
		if number >= 0 {
			number = number*10 + int64(s[length]-'0')
		}
		if number > 1<<59 {
			number = -1
		}
		length++
	}
	return number, length
}

// part is a decimal fraction of unit nanoseconds, rounded up.
func part(fraction string, unit int64) int64 {
	ns := int64(0)
	for i := len(fraction) - 1; i >= 0; i-- { // from the last digit to the point
		ns = (ns + int64(fraction[i]-'0')*unit + 9) / 10
	}
	return ns
}
