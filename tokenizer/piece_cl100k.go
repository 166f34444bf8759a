package tokenizer

// pieceCl100k is the rule of cl100k_base. Its pattern in tiktoken 0.14.0, by alternative, in the order in which they are tried:
//
//	'(?i:[sdmt]|ll|ve|re)
//	[^\r\n\p{L}\p{N}]?+\p{L}++
//	\p{N}{1,3}+
//	 ?[^\s\p{L}\p{N}]++[\r\n]*+
//	\s++$
//	\s*[\r\n]
//	\s+(?!\S)
//	\s
func pieceCl100k(text string, i int) (end int, open bool) {
	// Most pieces are a space and letters; the machine below would come to the same.
	if word := i + 1; text[i] == ' ' && word < len(text) && (text[word]|0x20)-'a' < 26 {
		return letters(text, word)
	}
	class, size := classAt(text, i)
	switch class {
	case classUpper, classLower, classLetter:
		return letters(text, i+size)
	case classNumber:
		return number(text, i, size)
	case classNewline:
		return whitespace(text, i, true)
	}
	if end, open = contraction(text, i); end > i {
		return end, false
	}
	end = i + size
	if end == len(text) {
		return end, true
	}
	next, _ := classAt(text, end)
	switch {
	case isLetter(next):
		end, wordOpen := letters(text, end)
		return end, open || wordOpen
	case class != classSpace:
		return punctuation(text, end, false)
	case next <= classMark && text[i] == ' ':
		return punctuation(text, end, false)
	case next >= classSpace:
		return whitespace(text, i, true)
	}
	return end, false
}

// letters: \p{L}*
func letters(text string, i int) (end int, open bool) {
	for i < len(text) {
		if (text[i]|0x20)-'a' < 26 {
			step()
			i++
			continue
		}
		class, size := classAt(text, i)
		if !isLetter(class) {
			return i, false
		}
		i += size
	}
	return i, true
}
