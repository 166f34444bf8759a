package compare

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// fold brings the ways to write the same characters together: compatibility forms, quotation
// marks, dashes and spaces. Characters that cannot be seen are taken out and given apart,
// since a text that has some is not what it looks like.
func fold(text string) (folded, hidden string) {
	var b, h strings.Builder
	b.Grow(len(text))
	for _, r := range norm.NFKC.String(text) {
		switch {
		case r == '’' || r == '‘' || r == '´' || r == 'ʼ' || r == '‛':
			b.WriteByte('\'')
		case r == '“' || r == '”' || r == '„' || r == '«' || r == '»' || r == '‟':
			b.WriteByte('"')
		case r == '‐' || r == '‑' || r == '‒' || r == '−':
			b.WriteByte('-')
		case r == '–' || r == '—':
			b.WriteString(" – ")
		case r == '×':
			b.WriteByte('x')
		case r == '\t' || r == '\n' || r == '\r':
			b.WriteRune(r)
		case isHidden(r):
			h.WriteRune(r)
		case unicode.IsSpace(r):
			b.WriteByte(' ')
		default:
			b.WriteRune(r)
		}
	}
	return b.String(), h.String()
}

func isHidden(r rune) bool {
	return r == utf8.RuneError || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Co, r) ||
		r >= 0xFE00 && r <= 0xFE0F || r >= 0xE0100 && r <= 0xE01EF || r == 0x115F || r == 0x1160 || r == 0x3164 || r == 0x034F
}

// mixedScripts finds a word of Latin letters with a look-alike of another script in it.
func mixedScripts(text string) string {
	for _, w := range strings.Fields(text) {
		latin, other := false, false
		for _, r := range w {
			if !unicode.IsLetter(r) {
				continue
			}
			if unicode.Is(unicode.Latin, r) {
				latin = true
			} else if unicode.Is(unicode.Cyrillic, r) || unicode.Is(unicode.Greek, r) || unicode.Is(unicode.Armenian, r) || unicode.Is(unicode.Cherokee, r) {
				other = r != 'µ' && r != 'μ' && r != 'Ω' && r != 'π'
			}
		}
		if latin && other {
			return w
		}
	}
	return ""
}
