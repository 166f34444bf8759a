package pii

// keyBlock looks at the first line of a private key's block at t.at(i): PEM (RFC 7468),
// OpenSSH, PGP, SSH2 (RFC 4716). Bytes of the key have to follow: code that looks for such
// blocks has the line alone.
func (s *Scanner) keyBlock(t *window, i int) int {
	if t.at(i+1) != '-' || i > 0 && t.at(i-1) == '-' || prefixOf(t, i, "-----begin |---- begin ") == 0 {
		return i + 1
	}
	j, private := i+11, false
	for j < t.n && j-i < 60 && t.at(j) != '-' && t.at(j) != '\n' {
		private = private || hasFold(t, j, "private key")
		j++
	}
	s.work += j - i
	if !private || !hasFold(t, j, "----") {
		return i + 1
	}
	for t.at(j) == '-' {
		j++
	}
	for n := 0; n < 24 && j < t.n && (class[t.at(j)]&alnum == 0 || t.at(j-1) == '\\'); n++ {
		j++ // the end of the line, as it is or escaped, and how the text is quoted
	}
	from := j
	for class[t.at(j)]&(std64|url64) != 0 && j-from < 16 {
		j++
	}
	if j-from < 16 && (j == from || t.at(j) != ':') { // neither the key nor a header such as Version:
		return i + 1
	}
	s.leave(&Find{Secret, "private_key", i, j, 99}, armor)
	return j
}

// extendBlock goes on to the end of a private key's block. Without one it ends where its
// bytes do. wait: more bytes are needed to tell.
func (o *opened) extendBlock(text []byte, end bool) (i int, wait bool) {
	i = o.find.End
	for i < len(text) {
		if !o.last {
			switch {
			case class[text[i]]&armor == 0:
				return i, false
			case text[i] != '-':
				i++
				continue
			case len(text)-i < 9 && !end:
				return i, true
			case len(text)-i >= 9 && (string(text[i:i+9]) == "-----END " || string(text[i:i+9]) == "---- END "):
				o.last = true
				i += 9
			default:
				i++
			}
			continue
		}
		switch {
		case text[i] == '\n':
			return i, false
		case text[i] != '-':
			i++
			continue
		case len(text)-i < 5 && !end:
			return i, true
		}
		for n := 0; n < 5 && i < len(text) && text[i] == '-'; n++ {
			i++
		}
		return i, false
	}
	return i, !end
}
