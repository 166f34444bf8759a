package pii

// What fold makes of characters that are no ASCII.
const (
	nothing = 1    // is not seen: zero-width characters, the soft hyphen
	other   = 0x80 // anything else
)

// fold reads the character at t.at(i) as people read it in numbers: digits of any width and
// style as digits (NFKC, and the digits of Arabic and Indic scripts), spaces of any width
// as ' ', dashes as '-', full-width ASCII as ASCII.
func fold(t *window, i int) (c byte, size int) {
	c = t.at(i)
	if c < 0x80 {
		return c, 1
	}
	b, d := t.at(i+1), t.at(i+2)
	switch c {
	case 0xC2:
		switch b {
		case 0xA0: // no-break space
			return ' ', 2
		case 0xAD: // soft hyphen
			return nothing, 2
		case 0xB2, 0xB3: // superscripts
			return b - 0xB0 + '0', 2
		case 0xB9:
			return '1', 2
		}
		return other, 2
	case 0xD9: // Arabic-Indic digits
		if b >= 0xA0 && b <= 0xA9 {
			return b - 0xA0 + '0', 2
		}
		return other, 2
	case 0xDB: // extended Arabic-Indic digits
		if b >= 0xB0 && b <= 0xB9 {
			return b - 0xB0 + '0', 2
		}
		return other, 2
	case 0xE0: // Indic scripts, Thai and Lao: most have their digits at the same place
		switch {
		case b >= 0xA5 && b <= 0xB5 && b&1 == 1 && d >= 0xA6 && d <= 0xAF:
			return d - 0xA6 + '0', 3
		case b == 0xB9 && d >= 0x90 && d <= 0x99:
			return d - 0x90 + '0', 3
		}
		return other, 3
	case 0xE2:
		return foldE2(b, d), 3
	case 0xE3:
		switch {
		case b == 0x80 && d == 0x80: // ideographic space
			return ' ', 3
		case b == 0x83 && d == 0xBC: // long vowel mark, written for a dash
			return '-', 3
		}
		return other, 3
	case 0xEF:
		switch {
		case b == 0xBC && d >= 0x81: // full-width ! to _
			return d - 0x81 + '!', 3
		case b == 0xBD && d >= 0x80 && d <= 0x9E:
			return d - 0x80 + '`', 3
		case b == 0xB9 && d == 0xA3, b == 0xB9 && d == 0x98:
			return '-', 3
		case b == 0xBB && d == 0xBF:
			return nothing, 3
		}
		return other, 3
	case 0xF0:
		if b == 0x9D && d == 0x9F && t.at(i+3) >= 0x8E { // mathematical digits
			return (t.at(i+3)-0x8E)%10 + '0', 4
		}
		return other, 4
	}
	switch {
	case c >= 0xF0:
		return other, 4
	case c >= 0xE0:
		return other, 3
	case c >= 0xC0:
		if two := uint16(c)<<8 | uint16(b); two == 0xCD8F || two == 0xD89C { // combining grapheme joiner, Arabic letter mark
			return nothing, 2
		}
		return other, 2
	}
	return other, 1
}

// foldE2 folds punctuation, superscripts, subscripts and circled digits.
func foldE2(b, d byte) byte {
	switch b {
	case 0x80:
		switch {
		case d <= 0x8A, d == 0xAF:
			return ' '
		case d <= 0x8F, d >= 0xAA && d <= 0xAE: // of no width; embeddings and overrides of the direction
			return nothing
		case d <= 0x95:
			return '-'
		}
	case 0x81:
		switch {
		case d == 0x9F:
			return ' '
		case d >= 0xA0 && d <= 0xAF: // word joiner, invisible operators, isolates
			return nothing
		case d == 0x83: // hyphen bullet
			return '-'
		case d == 0xB0, d >= 0xB4 && d <= 0xB9:
			return d - 0xB0 + '0'
		}
	case 0x82:
		if d >= 0x80 && d <= 0x89 {
			return d - 0x80 + '0'
		}
	case 0x88:
		if d == 0x92 { // minus
			return '-'
		}
	case 0x91:
		if d >= 0xA0 && d <= 0xA8 { // circled
			return d - 0xA0 + '1'
		}
	}
	return other
}

// before is fold of the character that ends before t.at(i). At the text's beginning it is ' '.
func before(t *window, i int) (c byte, size int) {
	if i == 0 {
		return ' ', 0
	}
	if t.at(i-1) < 0x80 {
		return t.at(i - 1), 1
	}
	for n := 2; n <= 4 && n <= i; n++ {
		if t.at(i-n) >= 0xC0 {
			if c, size = fold(t, i-n); size == n {
				return c, n
			}
			break
		}
	}
	return other, 1
}

// after is fold of the character at t.at(i), and ' ' at the text's end.
//
//go:noinline
func after(t *window, i int) byte {
	if i >= t.n {
		return ' '
	}
	c, _ := fold(t, i)
	return c
}

func isDigit(c byte) bool { return c-'0' < 10 }

// isAlnum is for what fold returns.
func isAlnum(c byte) bool { return c < 0x80 && class[c]&alnum != 0 }

// lowered is the letter in lower case; it is for ASCII.
func lowered(c byte) byte {
	if c-'A' < 26 {
		return c + 'a' - 'A'
	}
	return c
}

// hasFold reports whether t goes on with the lower-case ASCII text s at i, in any case.
func hasFold(t *window, i int, s string) bool {
	for j := range len(s) {
		if lowered(t.at(i+j)) != s[j] {
			return false
		}
	}
	return true
}

// prefixOf returns the length of the first of the lower-case texts of a list, with | between
// them, that t goes on with at i, in any case; 0 = with none.
func prefixOf(t *window, i int, list string) int {
	from := i
	same := true
	for j := 0; ; j++ {
		switch {
		case j == len(list) || list[j] == '|':
			if same {
				return i - from
			}
			if j == len(list) {
				return 0
			}
			i, same = from, true
		case same:
			same = lowered(t.at(i)) == list[j]
			i++
		}
	}
}

// listed reports whether w, in any case, is one of the words of a sorted list with a blank
// before and behind each.
func listed(list string, w []byte) bool {
	lo, hi := 0, len(list)-1 // the blanks before the first and behind the last word in question
	for lo < hi {
		at := (lo + hi) / 2
		for list[at] != ' ' {
			at--
		}
		end := at + 1
		order := 0
		for j := 0; ; j++ {
			c := list[end+j]
			switch {
			case c == ' ' && j == len(w):
				return true
			case c == ' ':
				order = 1 // w is longer
			case j == len(w):
				order = -1
			default:
				order = int(lowered(w[j])) - int(c)
			}
			if order != 0 {
				end += j
				break
			}
		}
		if order < 0 {
			hi = at
			continue
		}
		for list[end] != ' ' {
			end++
		}
		lo = end
	}
	return false
}
