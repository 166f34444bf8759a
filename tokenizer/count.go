package tokenizer

// Count returns the number of tokens of text.
func (e *Encoding) Count(text []byte) int { return e.CountString(bytesAsString(text)) }

// CountString is Count of a string.
func (e *Encoding) CountString(text string) int {
	c := e.counter()
	c.WriteString(text)
	return c.Count()
}

// CountUntil counts to a limit: within reports whether text has at most limit tokens, and n is then their number. If not, n is
// some number above limit that text has at least; no more of the text was looked at than limit times the longest token (128
// bytes) and 4 KiB, and of ordinary text about limit tokens.
func (e *Encoding) CountUntil(text []byte, limit int) (n int, within bool) {
	c := e.counter()
	for len(text) > countSlice {
		c.Write(text[:countSlice])
		text = text[countSlice:]
		if n = c.least(); n > limit {
			return n, false
		}
	}
	c.Write(text)
	n = c.Count()
	return n, n <= limit
}

const countSlice = 4096

// Encode appends the ids of text's tokens to dst.
func (e *Encoding) Encode(dst []uint32, text []byte) []uint32 {
	s := bytesAsString(text)
	if valid(s) != len(s) {
		s = replaced(s)
	}
	var b backtrack
	var long stretch
	t := &e.tables
	for i := 0; i < len(s); {
		end, _ := e.rule.piece(s, i)
		n := 0
		if end-i <= shortPiece {
			token, length := t.suffix(s[i:end], end-i)
			n = b.encode(t, s[i:end], token, length)
		}
		if n == 0 {
			dst = encodeLong(dst, t, &long, s[i:end])
		}
		for n--; n >= 0; n-- {
			dst = append(dst, b.tokens[n])
		}
		i = end
	}
	return dst
}

// encodeLong encodes a piece of any length, in memory that grows with it and that s keeps for the next.
func encodeLong(dst []uint32, t *tables, s *stretch, piece string) []uint32 {
	if cap(s.text) < len(piece) {
		s.make(max(len(piece), stretchRoom))
		s.reset()
	}
	s.resume(piece)
	s.append(piece[len(s.text):])
	n := len(dst)
	for i := s.end(t); i > 0; i-- {
		dst = append(dst, 0)
	}
	for i, end := len(dst)-1, len(piece); i >= n; i-- {
		dst[i] = s.last[end]
		end -= int(s.length[end])
	}
	return dst
}

// replaced returns text with U+FFFD in the place of each maximal subsequence that is not UTF-8.
func replaced(text string) string {
	out := make([]byte, 0, len(text)+len(text)/8)
	for len(text) > 0 {
		n := valid(text)
		out = append(out, text[:n]...)
		text = text[n:]
		if len(text) > 0 {
			size, _ := sequence(text)
			out = append(out, replacement...)
			text = text[size:]
		}
	}
	return bytesAsString(out)
}
