package pii

// plainWord passes the word at text[i] if it is one that means nothing: small letters, the
// first may be a capital, with a blank or a sign of punctuation behind it, and not like the
// words that are looked for. Most words are passed here. It returns i where there is none.
func plainWord(text []byte, i int) int {
	c := class[text[i]]
	if c&letter == 0 || i > 0 && (class[text[i-1]]&word != 0 || text[i-1] == '\\' || text[i-1] == '%') {
		return i
	}
	j := i + 1
	for j < len(text) && class[text[j]]&lower != 0 {
		j++
	}
	if j-i < 3 || j-i > 32 || j == len(text) || class[text[j]]&ends == 0 {
		return i
	}
	if j-i > 8 && text[j-4] == 'w' {
		return i // perhaps pgpassword
	}
	h := wordHash(text[i], text[i+1], text[i+2], j-i)
	if wordFilter[h>>5]>>(h&31)&1 != 0 {
		return i
	}
	return j
}

// wordHash is of the first three letters of a word and of its length, in any case.
func wordHash(a, b, c byte, n int) uint32 {
	return (uint32(a&31)*37 + uint32(b&31)*1291 + uint32(c&31)*53 + uint32(n)*419) & (32*wordFilterSize - 1)
}
