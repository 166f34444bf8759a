package wordpiece

import "unicode"

// The classes of characters are those of the library that the model's tokenizer comes from,
// tokenizers 0.23, which mixes versions of Unicode: its classes are older than Go's. A test
// asks it about every character.

func dropped(r rune) bool {
	switch r {
	case 0, unicode.ReplacementChar:
		return true
	case '\t', '\n', '\r':
		return false
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co) && !unicode.Is(younger, r)
}

// space is Unicode's White_Space, of what is not dropped.
func space(r rune) bool { return unicode.IsSpace(r) }

// accent is a nonspacing mark. U+1734 has become another sort of mark since.
func accent(r rune) bool {
	return r == 0x1734 || unicode.Is(unicode.Mn, r) && r != 0x111c9 && !unicode.Is(younger, r)
}

// punctuation is what Unicode calls so, and all of ASCII that is neither letter nor digit.
// U+166D and U+111C9 are something else by now.
func punctuation(r rune) bool {
	if r <= unicode.MaxASCII {
		return '!' <= r && r <= '/' || ':' <= r && r <= '@' || '[' <= r && r <= '`' || '{' <= r && r <= '~'
	}
	return r == 0x166d || r == 0x111c9 || unicode.Is(unicode.P, r) && !unicode.Is(younger, r)
}

// chinese is a character of the blocks that BERT's authors took for Chinese
// (https://github.com/google-research/bert/blob/master/tokenization.py), but that the
// library begins one of them at 2B920 in place of 2B820.
func chinese(r rune) bool {
	return 0x4e00 <= r && r <= 0x9fff || 0x3400 <= r && r <= 0x4dbf ||
		0x20000 <= r && r <= 0x2a6df || 0x2a700 <= r && r <= 0x2b73f ||
		0x2b740 <= r && r <= 0x2b81f || 0x2b920 <= r && r <= 0x2ceaf ||
		0xf900 <= r && r <= 0xfaff || 0x2f800 <= r && r <= 0x2fa1f
}

// younger are characters that Unicode has taken in since those tables were made, and that
// the library hence takes for letters. What is between them are letters.
var younger = &unicode.RangeTable{
	R16: []unicode.Range16{
		{0x061d, 0x061d, 1}, {0x07fd, 0x07fd, 1}, {0x0890, 0x08e2, 1}, {0x09fd, 0x09fe, 1}, {0x0a76, 0x0a76, 1},
		{0x0afa, 0x0aff, 1}, {0x0b55, 0x0b55, 1}, {0x0c04, 0x0c3c, 1}, {0x0c77, 0x0c77, 1}, {0x0c84, 0x0c84, 1},
		{0x0d00, 0x0d00, 1}, {0x0d3b, 0x0d3c, 1}, {0x0d81, 0x0d81, 1}, {0x0eba, 0x0eba, 1}, {0x0ece, 0x0ece, 1},
		{0x180f, 0x1886, 1}, {0x1abf, 0x1ace, 1}, {0x1b7d, 0x1b7e, 1}, {0x1df6, 0x1dfb, 1}, {0x2e43, 0x2e5d, 1},
		{0xa82c, 0xa82c, 1}, {0xa8c5, 0xa8c5, 1}, {0xa8ff, 0xa8ff, 1}, {0xa9bd, 0xa9bd, 1},
	},
	R32: []unicode.Range32{
		{0x10d24, 0x10f89, 1}, {0x11070, 0x11074, 1}, {0x110c2, 0x110cd, 1}, {0x111cf, 0x111cf, 1}, {0x1123e, 0x11241, 1},
		{0x1133b, 0x1133b, 1}, {0x11438, 0x1145e, 1}, {0x11660, 0x1166c, 1}, {0x116b9, 0x116b9, 1}, {0x1182f, 0x11fff, 1},
		{0x12ff1, 0x13455, 1}, {0x16e97, 0x16f4f, 1}, {0x16fe2, 0x16fe4, 1}, {0x1cf00, 0x1cf46, 1}, {0x1e000, 0x1e4ef, 1},
		{0x1e944, 0x1e95f, 1},
	},
}
