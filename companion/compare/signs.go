package compare

import "strings"

// signOf takes a chunk for a token of its own where one of its signs is none of a sentence's:
// an operator, a wildcard, a factorial, a prime. begins tells that it begins a line, where a
// star is a list's, and ends that nothing follows it in its line, where a mark is the
// sentence's.
func signOf(chunk string, begins, ends bool) (token, bool) {
	switch {
	case strings.Contains(chunk, "!=") || strings.Contains(chunk, "<>"):
		return token{kind: quoted, text: strings.ToLower(chunk), raw: chunk}, true
	case strings.Trim(chunk, "*!?'") == "":
		if begins && strings.Trim(chunk, "*") == "" || ends && strings.Trim(chunk, "!?") == "" || len(chunk) > 1 && strings.Trim(chunk, "*") == "" {
			return token{}, false // a list's, a sentence's, or a rule across the page
		}
		return token{kind: symbol, text: chunk, raw: chunk}, true
	}
	body := strings.TrimRight(chunk, ".,;:?)")
	switch inside := strings.TrimRight(body, "!'"); {
	case body == "" || inside == body || inside == "":
	case isNumeral(inside), len(inside) == 1 && isLetter(inside[0]) && !strings.Contains(body, "!"): // 5!, 6', y'
		return token{kind: quoted, text: strings.ToLower(body), raw: body, ends: pauseOf(chunk[len(body):])}, true
	}
	// A star in front of a word is one in front of a name, unless it is set in type.
	if len(body) > 1 && body[0] == '*' && body[1] != '*' && !strings.HasSuffix(body, "*") {
		return token{kind: quoted, text: strings.ToLower(body), raw: body, ends: pauseOf(chunk[len(body):])}, true
	}
	if strings.HasPrefix(body, "./") || strings.HasPrefix(body, "../") {
		return token{kind: quoted, text: strings.ToLower(body), raw: body, ends: pauseOf(chunk[len(body):])}, true
	}
	return token{}, false
}

func isNumeral(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) && s[i] != '.' && s[i] != ',' {
			return false
		}
	}
	return s != ""
}
