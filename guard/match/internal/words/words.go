// Package words says what is a word to a list of literals.
package words

import "unicode"

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
	case unspaced(r):
		return Single
	case unicode.IsLetter(r), unicode.IsMark(r), unicode.IsDigit(r):
		return Letter
	case unicode.IsSpace(r):
		return Space
	}
	return Single
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

// Hash is of a word's bytes, to which Add adds one. The bytes of different words can have one hash: by accident once in 2^64
// pairs, and whoever makes such a pair has only his own text matched.
type Hash uint64

// Empty is the hash of no bytes, of FNV-1a.
const Empty Hash = 14695981039346656037

func (h Hash) Add(b byte) Hash { return (h ^ Hash(b)) * 1099511628211 }
