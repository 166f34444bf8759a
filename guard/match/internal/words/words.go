// Package words says what is a word to a list of literals.
package words

// Class is what a character does to the word that it stands in.
type Class uint8

const (
	Space  Class = iota // ends a word
	Letter              // is in a word: letters, digits and marks
	Single              // is a word by itself: signs, and the characters of scripts that put no spaces between words
	Joiner              // a hyphen, quote or the like: ends a word, and is none itself when the text is folded
)

// Most is the most words of a literal.
const Most = 64

// ClassOf says what r is.
func ClassOf(r rune) Class {
	if r < 0x80 {
		return Class(ascii[r])
	}
	switch {
	case r == 0x85, r == 0xa0, r == 0x1680, r >= 0x2000 && r <= 0x200a, r == 0x2028, r == 0x2029, r == 0x202f, r == 0x205f, r == 0x3000:
		return Space
	case r < 0xc0 && r != 0xaa && r != 0xb5 && r != 0xba, r == 0xd7, r == 0xf7, // signs of Latin-1
		r >= 0x2010 && r <= 0x206f, r >= 0x20a0 && r <= 0x20cf, r >= 0x2190 && r <= 0x2bff, // of all scripts, arrows, mathematics
		r >= 0xfe10 && r <= 0xfe6f, r >= 0xff00 && r <= 0xff0f, r >= 0xfff0 && r <= 0xffff, r >= 0x1f000 && r <= 0x1faff, // emoji
		unspaced(r):
		return Single
	}
	return Letter
}

// unspaced are Thai, Lao, Myanmar, Khmer, Han, Kana and Hangul.
func unspaced(r rune) bool {
	return r >= 0xe00 && r <= 0xeff || r >= 0x1000 && r <= 0x109f || r >= 0x1100 && r <= 0x11ff || r >= 0x1780 && r <= 0x17ff ||
		r >= 0x2e80 && r <= 0x9fff && r != 0x3000 || r >= 0xa960 && r <= 0xa97f || r >= 0xac00 && r <= 0xd7ff ||
		r >= 0xf900 && r <= 0xfaff || r >= 0x20000 && r <= 0x3ffff
}

const ascii = "" +
	"\x02\x02\x02\x02\x02\x02\x02\x02\x02\x00\x00\x00\x00\x00\x02\x02\x02\x02\x02\x02\x02\x02\x02\x02\x02\x02\x02\x02\x02\x02\x02\x02" +
	"\x00\x02\x03\x02\x02\x02\x02\x03\x02\x02\x03\x02\x02\x03\x02\x02\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x02\x02\x02\x02\x02\x02" +
	"\x02\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x02\x02\x02\x02\x03" +
	"\x03\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x02\x02\x02\x03\x02"

// Hash is of a word's characters, to which Add adds one. Different words can have one hash: by accident once in 2^64 pairs, and
// whoever makes such a pair has only his own text matched.
type Hash uint64

// Empty is the hash of no characters; the constants are FNV-1a's.
const Empty Hash = 14695981039346656037

func (h Hash) Add(r rune) Hash {
	h = (h ^ Hash(r)) * 1099511628211
	return h ^ h>>29
}
