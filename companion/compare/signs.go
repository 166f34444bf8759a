package compare

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// signOf takes a chunk for a token of its own where one of its signs is none of a sentence's:
// an operator, a wildcard, a factorial, a prime. out is what stands before it, begins tells
// that it begins a line, where a star is a list's, and rest is what follows it.
func signOf(out []token, chunk string, begins bool, rest string) (token, bool) {
	if strings.Contains(chunk, "!=") || strings.Contains(chunk, "<>") {
		return asItStands(chunk), true
	}
	if strings.Trim(chunk, "*!?'#_.[]{}();:-") == "" {
		return token{kind: symbol, text: chunk, raw: chunk}, !setsType(out, chunk, begins, rest)
	}
	bare := strings.TrimLeft(chunk, "([")
	body := strings.TrimRight(bare, ".,;:?)]")
	t := asItStands(body)
	t.ends = pauseOf(bare[len(body):])
	switch inside := strings.TrimRight(body, "!'"); {
	case inside == body || inside == "":
	case isNumeral(inside), len(inside) == 1 && isLetter(inside[0]): // 5!, 6', y', n!
		return t, true
	case strings.HasSuffix(body, "!") && goesOn(out, inside, rest): // what does println! do
		return t, true
	}
	if len(body) < 2 {
		return token{}, false
	}
	next, _ := utf8.DecodeRuneInString(body[1:])
	follows := !isProse(next) || next == '.' || next == '_' || next == '-' || next == ':'
	switch body[0] {
	case '!', '?', ':': // !important, ?page=2, :wq
		return t, follows
	case '#': // #include and #1, but order #1234
		return t, follows && !(isDigit(body[1]) && len(out) > 0 && tagged.has(out[len(out)-1].text))
	}
	if strings.HasPrefix(body, "./") || strings.HasPrefix(body, "../") {
		return t, true
	}
	return t, starred(body)
}

func asItStands(chunk string) token {
	return token{kind: quoted, text: strings.ToLower(chunk), raw: chunk}
}

// tagged are things that have a number, with its sign or without.
var tagged = set{"order", "ticket", "issue", "invoice", "number", "no", "case", "room", "pr", "request", "bug", "flight", "account", "booking", "reservation", "claim", "policy", "apartment", "unit", "item"}

// setsType tells of a chunk of nothing but signs that it sets the text, or ends or parts a
// sentence.
func setsType(out []token, chunk string, begins bool, rest string) bool {
	operator := len(out) > 0 && out[len(out)-1].kind == symbol && out[len(out)-1].ends == none
	switch {
	case begins && (strings.Trim(chunk, "*") == "" || strings.Trim(chunk, "#") == "" || strings.Trim(chunk, "-") == "" || strings.Trim(chunk, "_") == ""):
		return true // a list's, a heading's, a rule across the page
	case chunk == "-" || strings.Trim(chunk, "();:") == "" || len(chunk) > 2 && strings.Trim(chunk, "._-*#") == "":
		return true
	case strings.Trim(chunk, "!?") == "":
		if operator {
			return false // where id = ?
		}
		after := strings.TrimLeft(rest, " \t")
		first, _ := utf8.DecodeRuneInString(after)
		return endsLine(rest) || unicode.IsUpper(first) && !strings.HasPrefix(after, strings.ToUpper(firstWord(after))+" ") || first == 'I' || len(out) < 3 && chunk == "!"
	}
	return false
}

func firstWord(s string) string {
	w, _, _ := strings.Cut(s, " ")
	return w
}

// goesOn tells that a word with a mark behind it is in the middle of a clause: the next word
// begins no other.
func goesOn(out []token, inside, rest string) bool {
	if !plainWord(inside) && strings.ContainsAny(inside, "_0123456789/.") && !endsLine(rest) {
		return true
	}
	next := strings.TrimLeft(rest, " \t")
	return len(out) > 1 && out[len(out)-1].ends == none && goings.has(strings.Trim(firstWord(strings.ToLower(next)), ".,;:?!")) && unicode.IsLower(rune(next[0]))
}

var goings = set{"do", "does", "did", "mean", "means", "is", "and", "or", "vs", "in", "of", "from", "with", "for", "to", "on", "at", "by", "than", "instead", "return", "returns", "work", "works", "macro", "method", "function", "operator", "not"}

// starred tells a star that sets no type: *p, *.log, log*.
func starred(body string) bool {
	inside := strings.Trim(body, "*")
	front, back := strings.HasPrefix(body, "*"), strings.HasSuffix(body, "*")
	return front != back || front && back && strings.HasPrefix(inside, ".")
}

// emphasized gives a text without the stars around its first words, where these are set in
// type: as many stars stand behind a word of the same line.
func emphasized(text string) (string, bool) {
	n := len(text) - len(strings.TrimLeft(text, "*"))
	stars, inside := text[:n], text[n:]
	first, _ := utf8.DecodeRuneInString(inside)
	if n == 0 || n > 3 || !unicode.IsLetter(first) && !unicode.IsDigit(first) {
		return text, false
	}
	line, _, _ := strings.Cut(inside, "\n")
	if end := strings.IndexAny(line, "\"`"); end >= 0 {
		line = line[:end]
	}
	for from := 0; ; {
		at := strings.Index(line[from:], stars)
		if at < 0 {
			return text, false
		}
		at += from
		from = at + n
		after := line[from:]
		if line[at-1] != ' ' && line[at-1] != '*' && (after == "" || strings.ContainsAny(after[:1], " .,;:!?)")) {
			return line[:at] + inside[from:], true
		}
	}
}

func isNumeral(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) && s[i] != '.' && s[i] != ',' {
			return false
		}
	}
	return s != ""
}
