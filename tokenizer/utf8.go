package tokenizer

import "unsafe"

const replacement = "\uFFFD"

func bytesAsString(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// valid returns the length of the longest prefix of text that is whole, valid UTF-8.
func valid(text string) int {
	i := 0
	for {
		for i+8 <= len(text) && load64(text, uint(i))&0x8080808080808080 == 0 {
			i += 8
		}
		if i == len(text) {
			return i
		}
		if text[i] < 0x80 {
			i++
			continue
		}
		size, state := sequence(text[i:])
		if state != whole {
			return i
		}
		i += size
	}
}

type utf8State uint8

const (
	whole   utf8State = iota // one valid character
	broken                   // a maximal subsequence that no character begins with, or a lone byte that none has
	partial                  // the text ends within what may become a character
)

// sequence looks at the beginning of text, which is not empty, and returns its state and how many bytes that is about. It is
// table 3-7 of the Unicode standard, "Well-Formed UTF-8 Byte Sequences".
func sequence(text string) (size int, state utf8State) {
	low, high := byte(0x80), byte(0xbf) // of the second byte
	switch c := text[0]; {
	case c < 0x80:
		return 1, whole
	case c < 0xc2 || c > 0xf4:
		return 1, broken
	case c < 0xe0:
		size = 2
	case c < 0xf0:
		size = 3
		if c == 0xe0 {
			low = 0xa0
		} else if c == 0xed {
			high = 0x9f
		}
	default:
		size = 4
		if c == 0xf0 {
			low = 0x90
		} else if c == 0xf4 {
			high = 0x8f
		}
	}
	for i := 1; i < size; i++ {
		if i == len(text) {
			return i, partial
		}
		if text[i] < low || text[i] > high {
			return i, broken
		}
		low, high = 0x80, 0xbf
	}
	return size, whole
}
