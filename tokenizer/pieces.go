package tokenizer

// A rule cuts text into pieces: it returns where the piece that begins at text[i] ends, taking the text to end at len(text),
// and whether the piece is open: whether more text could move that end. A piece that is not open ends there whatever
// follows. text is valid UTF-8 and i < len(text).
//
// The rules are the two published patterns, each read off as a machine. Cutting a whole text takes linear time: a rule looks
// at no more than the piece, the character after it, and, in a word or in white space, at a run of characters that begins
// the next piece, and which the next piece, having no second such run, does not look beyond.
type rule uint8

const (
	ruleO200k rule = iota
	ruleCl100k
)

func (r rule) piece(text string, i int) (end int, open bool) {
	if r == ruleO200k {
		return pieceO200k(text, i)
	}
	return pieceCl100k(text, i)
}

// number: \p{N}{1,3}, text[i] being the first.
func number(text string, i, size int) (end int, open bool) {
	end = i + size
	for range 2 {
		if end == len(text) {
			return end, true
		}
		class, size := classAt(text, end)
		if class != classNumber {
			return end, false
		}
		end += size
	}
	return end, false
}

// punctuation: [^\s\p{L}\p{N}]+[\r\n]*, and with slash [^\s\p{L}\p{N}]+[\r\n/]*; text[i] is the first or after it.
func punctuation(text string, i int, slash bool) (end int, open bool) {
	for i < len(text) {
		class, size := classAt(text, i)
		if class > classMark {
			break
		}
		i += size
	}
	for i < len(text) {
		if c := text[i]; c != '\r' && c != '\n' && (c != '/' || !slash) {
			return i, false
		}
		i++
	}
	return i, true
}

// whitespace: a run of at least one newline or two other spaces, by \s*[\r\n]+ and \s+(?!\S): up to and with its last newline, or
// else all of it but the last character, which goes with what follows. At the end of the text the patterns differ: with
// trailing (\s++$, first in cl100k_base), all is one piece, newlines or not.
func whitespace(text string, i int, trailing bool) (end int, open bool) {
	newline, last := -1, i
	for i < len(text) {
		class, size := classAt(text, i)
		if class < classSpace {
			if newline >= 0 {
				return newline, false
			}
			return last, false
		}
		last = i
		i += size
		if class == classNewline {
			newline = i
		}
	}
	if newline >= 0 && !trailing {
		return newline, true
	}
	return i, true
}
