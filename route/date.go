package route

const (
	months = "JanFebMarAprMayJunJulAugSepOctNovDec"
	dayMS  = 24 * 3_600_000
)

// The forms of a time. A field is its letters: Y year, y one of 1969 to 2068, M month, D day, h, m, s, in digits;
// b the name of a month, w that of a weekday, which is not compared with the date, and d a
// day with a space for its first digit. All else stands for itself.
var forms = [...]string{
	"YYYY-MM-DDThh:mm:ss",       // RFC 3339; a fraction and a zone follow
	"w, DD b YYYY hh:mm:ss GMT", // RFC 9110, section 5.6.7, as it is to be sent
	"w, DD-b-yy hh:mm:ss GMT",   // and the two that are to be read as well
	"w b dd hh:mm:ss YYYY",
}

// date is a time in the making.
type date struct{ year, month, day, hour, minute, second int64 }

// instant reads a time in any of the forms, rounded up to milliseconds since 1970.
func instant(s string) (ms int64, ok bool) {
	for i, form := range forms {
		var d date
		rest, ok := d.read(form, s)
		if !ok {
			continue
		}
		at, ok := d.milliseconds()
		if i == 0 && ok {
			var ahead int64
			ahead, ok = zone(rest)
			at += ahead
			rest = ""
		}
		return at, ok && rest == ""
	}
	return 0, false
}

// read takes what the form says off s and returns the rest.
func (d *date) read(form, s string) (rest string, ok bool) {
	for i := 0; i < len(form); i++ {
		c := form[i]
		var field *int64
		switch c {
		case 'w':
			n := 0
			for n < len(s) && ('A' <= s[n] && s[n] <= 'Z' || 'a' <= s[n] && s[n] <= 'z') {
				n++
			}
			if n < 3 {
				return "", false
			}
			s = s[n:]
			continue
		case 'b':
			if len(s) < 3 {
				return "", false
			}
			for m := 0; m < len(months); m += 3 {
				if months[m:m+3] == s[:3] {
					d.month = int64(m/3 + 1)
				}
			}
			s = s[3:]
			continue
		case 'Y', 'y':
			field = &d.year
		case 'M':
			if i > 0 && form[i-1] == 'G' { // of GMT
				break
			}
			field = &d.month
		case 'D', 'd':
			field = &d.day
		case 'h':
			field = &d.hour
		case 'm':
			field = &d.minute
		case 's':
			field = &d.second
		}
		if s == "" {
			return "", false
		}
		switch {
		case field == nil:
			if s[0] != c {
				return "", false
			}
		case '0' <= s[0] && s[0] <= '9':
			*field = *field*10 + int64(s[0]-'0')
		case c != 'd' || s[0] != ' ' || *field != 0:
			return "", false
		}
		s = s[1:]
		if c == 'y' && form[i+1] != 'y' {
			if d.year += 1900; d.year < 1969 {
				d.year += 100
			}
		}
	}
	return s, true
}

// zone reads what follows the seconds in RFC 3339 and returns what it adds to the time.
func zone(s string) (ms int64, ok bool) {
	if len(s) > 1 && s[0] == '.' {
		_, n := digits(s[1:])
		if n == 0 {
			return 0, false
		}
		ms = (part(s[1:1+n], 1e9) + 1e6 - 1) / 1e6
		s = s[1+n:]
	}
	if s == "Z" {
		return ms, true
	}
	if len(s) != len("+00:00") || s[0] != '+' && s[0] != '-' {
		return 0, false
	}
	var d date
	if rest, ok := d.read("hh:mm", s[1:]); !ok || rest != "" || d.hour > 23 || d.minute > 59 {
		return 0, false
	}
	offset := (d.hour*60 + d.minute) * 60_000
	if s[0] == '+' {
		offset = -offset
	}
	return ms + offset, true
}

// milliseconds is the time in UTC, if there is such a day and time of the day. The days are
// counted as in https://howardhinnant.github.io/date_algorithms.html#days_from_civil.
func (d *date) milliseconds() (ms int64, ok bool) {
	leap := d.year%4 == 0 && (d.year%100 != 0 || d.year%400 == 0)
	length := 30 + (d.month+d.month/8)%2
	if d.month == 2 {
		length = 28
		if leap {
			length = 29
		}
	}
	if d.month < 1 || d.month > 12 || d.day < 1 || d.day > length || d.hour > 23 || d.minute > 59 || d.second > 59 {
		return 0, false
	}
	y, m := d.year, d.month-3 // from March, so that the leap day comes last
	if m < 0 {
		y, m = y-1, m+12
	}
	y += 400 // never below 0
	days := 365*y + y/4 - y/100 + y/400 + (153*m+2)/5 + d.day - 1 - 719_468 - 146_097
	return days*dayMS + (d.hour*3600+d.minute*60+d.second)*1000, true
}
