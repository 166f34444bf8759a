package tokenizer

// Classes of characters, by general category in the Unicode version of tiktoken 0.14.0 (16.0). They are what the patterns
// of the encodings tell apart.
const (
	classOther   = iota // punctuation, symbols, controls, unassigned
	classMark           // M
	classUpper          // Lu Lt
	classLower          // Ll
	classLetter         // Lm Lo: letters without case
	classNumber         // N
	classSpace          // white space other than
	classNewline        // CR and LF
)

// classIndex is where the second level of classTable begins: it has an entry for each 256 of the 0x110000 code points.
const classIndex = 35840

// classAt returns the class of the character at text[i] and its length in bytes. text is valid UTF-8.
func classAt(text string, i int) (class byte, size int) {
	if c := text[i]; c < 0x80 {
		step()
		return classTable[c], 1
	}
	return classWide(text, i)
}

// classWide is classAt for more than ASCII, apart so that classAt is inlined.
func classWide(text string, i int) (class byte, size int) {
	step()
	var r uint
	switch c := text[i]; {
	case c < 0xe0:
		r, size = uint(c&0x1f)<<6|uint(text[i+1]&0x3f), 2
	case c < 0xf0:
		r, size = uint(c&0x0f)<<12|uint(text[i+1]&0x3f)<<6|uint(text[i+2]&0x3f), 3
	default:
		r, size = uint(c&0x07)<<18|uint(text[i+1]&0x3f)<<12|uint(text[i+2]&0x3f)<<6|uint(text[i+3]&0x3f), 4
	}
	return classTable[uint(classTable[classIndex+r>>8])<<8|r&0xff], size
}

// isWord reports whether a character of this class can be in a word of o200k_base: a letter or a mark.
func isWord(class byte) bool { return class >= classMark && class <= classLetter }

// isLetter is the same for cl100k_base, where a mark is no part of a word.
func isLetter(class byte) bool { return class >= classUpper && class <= classLetter }
