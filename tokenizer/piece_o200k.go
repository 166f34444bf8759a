package tokenizer

// pieceO200k is the rule of o200k_base. Its pattern, by alternative, in the order in which they are tried:
//
//	[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?
//	[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?
//	\p{N}{1,3}
//	 ?[^\s\p{L}\p{N}]+[\r\n/]*
//	\s*[\r\n]+
//	\s+(?!\S)
//	\s+
func pieceO200k(text string, i int) (end int, open bool) {
	// Most pieces are a space and lower case; the machine below would come to the same.
	if word := i + 1; text[i] == ' ' && word < len(text) && text[word]-'a' < 26 {
		return lowerO200k(text, word)
	}
	class, size := classAt(text, i)
	switch class {
	case classNumber:
		return number(text, i, size)
	case classNewline:
		return whitespace(text, i, false)
	case classOther, classSpace:
		end = i + size
		if end == len(text) {
			return end, true
		}
		next, _ := classAt(text, end)
		switch {
		case isWord(next):
			return wordO200k(text, end)
		case class == classOther:
			return punctuation(text, end, true)
		case next == classOther && text[i] == ' ':
			return punctuation(text, end, true)
		case next >= classSpace:
			return whitespace(text, i, false)
		}
		return end, false
	}
	// A mark could be the optional first character of a word, but it is one of those that may follow it too, and with the
	// same end.
	return wordO200k(text, i)
}

// wordO200k is what follows the optional first character in the first two alternatives; text[i] is a letter or a mark.
//
// Marks and letters without case are in both sets. A greedy [\p{Lu}…]* takes a run of everything but lower case. When lower
// case follows, the word goes on with it. When not, [\p{Ll}…]+ must have one character back: the last one without case, and
// the capitals after that are left to the next piece. A run of capitals only is for the second alternative.
func wordO200k(text string, i int) (end int, open bool) {
	caseless := -1 // the end of the last character without case
	for i < len(text) {
		if text[i]-'a' < 26 {
			return lowerO200k(text, i)
		}
		class, size := classAt(text, i)
		switch class {
		case classUpper:
			i += size
			continue
		case classMark, classLetter:
			i += size
			caseless = i
			continue
		case classLower:
			return lowerO200k(text, i+size)
		}
		if caseless >= 0 && caseless < i {
			return caseless, false
		}
		return contraction(text, i)
	}
	if caseless >= 0 {
		return caseless, true
	}
	return i, true
}

func lowerO200k(text string, i int) (end int, open bool) {
	for i < len(text) {
		if text[i]-'a' < 26 {
			step()
			i++
			continue
		}
		if text[i] == ' ' {
			return i, false
		}
		class, size := classAt(text, i)
		if !isWord(class) || class == classUpper {
			return contraction(text, i)
		}
		i += size
	}
	return i, true
}

// contraction: (?i:'s|'t|'re|'ve|'m|'ll|'d)? at text[i]. Without regard to case, s is also U+017F, the long s.
func contraction(text string, i int) (end int, open bool) {
	rest := text[i:]
	if len(rest) == 0 {
		return i, true
	}
	if rest[0] != '\'' {
		return i, false
	}
	if len(rest) == 1 {
		return i, true
	}
	switch rest[1] | 0x20 {
	case 's', 't', 'm', 'd':
		return i + 2, false
	case 'r', 'v', 'l':
		if len(rest) == 2 {
			return i, true
		}
		if second := rest[2] | 0x20; second == 'e' && rest[1]|0x20 != 'l' || second == 'l' && rest[1]|0x20 == 'l' {
			return i + 3, false
		}
	}
	if len(rest) >= 3 && rest[1:3] == "ſ" {
		return i + 3, false
	}
	return i, false
}
