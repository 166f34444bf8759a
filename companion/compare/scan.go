package compare

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// kind is what a token is compared as.
type kind uint8

const (
	word    kind = iota
	number       // 1234, 10 kg, 2nd
	date         // 3 May 2026
	clock        // 15:00
	ident        // /etc/hosts, v1.2.3, INV-2031, --force: equal or not, no spelling
	quoted       // a word inside quotation marks or code: as it stands
	symbol       // + = |
	passage      // a long run of words that both texts have
)

// token is one word of a text, or what counts as one.
type token struct {
	kind  kind
	text  string // lower case, in American spelling; what is compared first
	lemma string // the word that text is a form of
	raw   string // as written
	unit  string // of a number
	// ends tells how the text goes on after it.
	ends pause
	// name tells that it is written as a name is, in the middle of a sentence.
	name bool
	// mark is the preposition before it, negated a "not" before it.
	mark    string
	negated bool
	// sure is false for a word that a missing one means too, as "a" does 1.
	soft bool
	// parts are the words that were made this one, as a phrase that the tables have.
	parts []token
	// under is the preposition that rules it, also from farther before; clause is the
	// conjunction that its clause begins with.
	under, clause string
	// article tells that an article or a possessive is before it: it is a thing.
	article bool
	given   bool // "this" or "the following" is before it
	// part counts the clauses before it.
	part int
	// free is a word that stands for how the question is put, and has no place in it.
	free bool
	// joined tells that "and", "or" or a comma is before it, conj that it is a word, and then
	// that it says what comes after what.
	joined, conj, then bool
	// governed is the form a verb has behind another one: ing, to, from, and, while.
	governed string
	// been tells a form of "be" before it that was taken for the frame, passive that it is done to
	// what is before it.
	been, passive bool
	// owner tells an 's behind it.
	owner bool
	// said tells that it is said of the word before: who are rich.
	said bool
	// someone tells a pronoun before it that may do it.
	someone bool
	// helped tells a helping verb before it.
	helped bool
	// colon tells a colon behind it.
	colon bool
	// opens tells a conjunction whose clause goes on to the end of the sentence.
	opens bool
	// after tells a "to" before it that was taken for that of a verb.
	after bool
}

type pause uint8

const (
	none pause = iota
	comma
	stop
)

// scan cuts a folded text into tokens. It knows nothing of words yet.
func scan(text string) []token {
	var out []token
	begins := true                // of a line
	digit, closed := false, false // stands right before: a digit, a quotation
	for len(text) > 0 {
		r, n := utf8.DecodeRuneInString(text)
		switch {
		case unicode.IsSpace(r):
			if r == '\n' && len(out) > 0 {
				out[len(out)-1].colon = out[len(out)-1].colon || out[len(out)-1].ends == none
				out[len(out)-1].ends = max(out[len(out)-1].ends, afterLine(text[n:]))
			}
			begins = begins || r == '\n'
			text, digit, closed = text[n:], false, false
			continue
		case r == '"' && digit: // inches
			out, text = append(out, token{kind: symbol, text: "\"", raw: "\""}), text[n:]
		case r == '"':
			var inside string
			inside, text = untilClose(text[1:], "\"")
			out = appendQuoted(out, inside)
		case r == '\'' && opensQuote(text):
			var inside string
			inside, text = untilClose(text[1:], "'")
			out = appendQuoted(out, inside)
		case strings.HasPrefix(text, "```"):
			var inside string
			inside, text = untilClose(text[3:], "```")
			if first, rest, cut := strings.Cut(inside, "\n"); cut && !strings.Contains(strings.TrimSpace(first), " ") {
				inside = rest // the name of the language
			}
			out = appendCode(out, inside)
		case r == '`':
			var inside string
			inside, text = untilClose(text[1:], "`")
			out = appendCode(out, inside)
		default:
			if plain, ok := emphasized(text); ok {
				text = plain
			}
			end := strings.IndexFunc(text, func(r rune) bool { return unicode.IsSpace(r) || r == '"' || r == '`' })
			if end < 0 {
				end = len(text)
			}
			if t, ok := signOf(out, text[:end], begins, text[end:]); ok && !(closed && t.kind == symbol) {
				out = append(out, t)
			} else {
				out = appendChunk(out, text[:end])
			}
			text, digit = text[end:], isDigit(text[end-1])
			begins, closed = false, false
			continue
		}
		begins, digit, closed = false, false, true
	}
	return out
}

// endsLine tells whether nothing more of a line follows.
func endsLine(rest string) bool {
	rest = strings.TrimLeft(rest, " \t")
	return rest == "" || rest[0] == '\n'
}

// afterLine tells how a line ends by how the next one begins: an empty one, a list, a
// capital, or the same sentence going on.
func afterLine(next string) pause {
	next = strings.TrimLeft(next, " \t")
	switch {
	case next == "":
		return none
	case next[0] == '\n' || next[0] == '-' || next[0] == '*' || next[0] == '#':
		return stop
	case isDigit(next[0]) || next[0] >= 'A' && next[0] <= 'Z' || next[0] == '"' || next[0] == '`':
		return comma
	}
	return none
}

// opensQuote tells an opening quotation mark from an apostrophe: another follows at the
// end of a word.
func opensQuote(text string) bool {
	end := strings.IndexByte(text[1:], '\'')
	for end >= 0 {
		end++
		next, _ := utf8.DecodeRuneInString(text[end+1:])
		if end+1 == len(text) || !unicode.IsLetter(next) && !unicode.IsDigit(next) {
			return end > 1 && end < 400 && text[1] != ' '
		}
		more := strings.IndexByte(text[end+1:], '\'')
		if more < 0 {
			return false
		}
		end += more
	}
	return false
}

func untilClose(text, mark string) (inside, rest string) {
	inside, rest, _ = strings.Cut(text, mark)
	return inside, rest
}

// appendQuoted takes the words of a quotation as they stand: nothing in it is a
// politeness, a frame or another word for something.
func appendQuoted(out []token, inside string) []token {
	for _, w := range strings.Fields(inside) {
		trimmed := strings.TrimRightFunc(w, func(r rune) bool { return isProse(r) && !strings.ContainsRune("!?*_#'", r) })
		trimmed = strings.TrimLeftFunc(trimmed, func(r rune) bool { return isProse(r) && !strings.ContainsRune("-.#_*!?:'", r) })
		if trimmed == "" {
			if strings.Trim(w, ".…–—") == "" && w != "." {
				continue
			}
			trimmed = w // a sign that is spoken of
		}
		out = append(out, token{kind: quoted, text: strings.ToLower(trimmed), raw: trimmed})
	}
	return out
}

func appendCode(out []token, inside string) []token {
	for _, w := range strings.Fields(inside) {
		trimmed := strings.TrimRight(w, ";")
		if trimmed == "" {
			trimmed = w
		}
		out = append(out, token{kind: quoted, text: strings.ToLower(trimmed), raw: trimmed})
	}
	return out
}

// isProse tells punctuation that only parts sentences, or sets type.
func isProse(r rune) bool {
	switch r {
	case '.', ',', ';', ':', '!', '?', '(', ')', '[', ']', '{', '}', '"', '\'', '*', '_', '#', '-', '¿', '¡', '…':
		return true
	}
	return r > 127 && unicode.IsPunct(r)
}

// appendChunk reads what stands between two spaces.
func appendChunk(out []token, chunk string) []token {
	if strings.ContainsAny(chunk, "\\{}|^") && strings.Trim(chunk, "|^{}") != "" {
		// A pattern, a template or a path of Windows: none of its signs is a sentence's but the
		// last, and \d{3,} is not \d{3}.
		body := strings.TrimRight(chunk, ".,;:!?")
		return append(out, token{kind: quoted, text: strings.ToLower(body), raw: body, ends: pauseOf(chunk[len(body):])})
	}
	whole := chunk
	chunk = unbracketed(chunk)
	chunk = strings.TrimLeftFunc(chunk, func(r rune) bool { return isProse(r) && r != '-' && r != '.' && r != '#' && r != '_' })
	chunk = strings.TrimLeft(chunk, "*")
	if strings.HasPrefix(chunk, "#") && (len(chunk) < 2 || !isDigit(chunk[1])) {
		chunk = strings.TrimLeft(chunk, "#")
	}
	body := strings.TrimRightFunc(chunk, func(r rune) bool { return isProse(r) && r != '#' && r != '_' })
	tail := chunk[len(body):]
	if strings.HasPrefix(body, ".") && len(body) > 1 && !isDigit(body[1]) && !isLetter(body[1]) {
		body = strings.TrimLeft(body, ".")
	}
	ends := pauseOf(tail)
	switch {
	case body == "" || strings.Trim(body, "-#_*.") == "":
		if len(out) > 0 {
			last := &out[len(out)-1]
			last.ends = max(last.ends, pauseOf(whole))
			if whole == "-" && last.kind != number && last.kind != symbol {
				last.ends, last.colon = max(last.ends, comma), true
			}
			if whole == "-" {
				out = append(out, token{kind: symbol, text: "-", raw: whole})
			}
		}
		return out
	case strings.HasSuffix(tail, ".") && isAbbreviation(strings.ToLower(body)):
		ends = none
	}
	out = appendBody(out, body)
	if len(out) > 0 {
		out[len(out)-1].ends = max(out[len(out)-1].ends, ends)
		out[len(out)-1].colon = strings.HasSuffix(tail, ":")
	}
	return out
}

// unbracketed takes the brackets off one word, as a placeholder has them: [PERSON_1]'s. They are
// no pause.
func unbracketed(chunk string) string {
	if to := strings.IndexByte(chunk, ']'); to > 1 && chunk[0] == '[' {
		return chunk[1:to] + chunk[to+1:]
	}
	return chunk
}

func pauseOf(tail string) pause {
	switch {
	case strings.ContainsAny(tail, ".!?:"):
		return stop
	case strings.ContainsAny(tail, ",;()[]–—"):
		return comma
	}
	return none
}

func isAbbreviation(w string) bool {
	switch w {
	case "e.g", "i.e", "etc", "vs", "no", "nr", "mr", "mrs", "ms", "dr", "st", "approx", "max", "min", "z", "b", "p.m", "a.m",
		"jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec", "mon", "tue", "tues", "wed", "thu", "thur", "thurs", "fri", "sat", "sun":
		return true
	}
	return len(w) == 1 && w != "i" && !isDigit(w[0])
}

// appendBody reads a chunk without the punctuation around it.
func appendBody(out []token, body string) []token {
	low := strings.ToLower(body)
	switch {
	case low == "w/":
		return append(out, token{text: "with", raw: body})
	case low == "w/o":
		return append(out, token{text: "without", raw: body})
	case low == "c++" || low == "c#" || low == "f#" || low == ".net" || low == "node.js" || low == "a.m" || low == "p.m":
		return append(out, token{kind: word, text: strings.ReplaceAll(low, ".m", "m"), raw: body, name: true})
	case low == "u.s" || low == "u.k" || low == "u.s.a" || low == "e.u" || low == "u.n":
		return appendWord(out, strings.ToUpper(strings.ReplaceAll(low, ".", "")))
	}
	if u := units[low]; u != "" && strings.Contains(low, "/") {
		return append(out, token{text: u, raw: body})
	}
	if decade(low) {
		return append(out, token{kind: ident, text: "19" + low[max(0, len(low)-3):], raw: body})
	}
	if t, ok := readNumber(low); ok {
		t.raw = body
		return append(out, t)
	}
	if plainWord(body) {
		return appendWord(out, body)
	}
	if at := strings.IndexByte(body, '-'); at > 0 && at < len(body)-1 && !strings.HasPrefix(body, "-") && wordOrNumberParts(body, '-') {
		return appendParts(out, body, "-", none)
	}
	if at := strings.IndexByte(body, '/'); at > 0 && at < len(body)-1 && wordOrNumberParts(body, '/') {
		return appendParts(out, body, "/", comma)
	}
	if head, digits := lettersThenDigits(low); head != "" {
		return append(out, token{text: head, raw: body[:len(head)], name: true}, token{kind: number, text: digits, raw: digits})
	}
	if body == "+" {
		return append(out, token{text: "plus", raw: body})
	}
	if !strings.ContainsFunc(body, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
		return append(out, token{kind: symbol, text: body, raw: body})
	}
	// "word,word" and "word.Word" for want of a space
	if at := strings.IndexAny(body, ",;!?"); at > 0 && at < len(body)-1 && !isDigit(body[at-1]) {
		out = appendChunk(out, body[:at+1])
		return appendChunk(out, body[at+1:])
	}
	id := low
	if len(body) <= 3 && strings.HasPrefix(body, "-") {
		id = body // the flags -v and -V are two
	}
	if len(id) > 2 && isLetter(id[0]) && id[1] == '-' {
		id = id[:1] + id[2:]
	}
	return append(out, token{kind: ident, text: id, raw: body})
}

func plainWord(s string) bool {
	for _, r := range s {
		if !unicode.IsLetter(r) && r != '\'' && !unicode.IsMark(r) {
			return false
		}
	}
	return true
}

// wordOrNumberParts tells that a chunk is several words, as in well-known and and/or.
func wordOrNumberParts(s string, sep byte) bool {
	parts := strings.Split(s, string(sep))
	digits := 0
	for _, p := range parts {
		_, isNumber := readNumber(strings.ToLower(p))
		if isNumber {
			digits++
		}
		head, _ := lettersThenDigits(strings.ToLower(p))
		if p == "" || !isNumber && head == "" && !plainWord(p) {
			return false
		}
		if len(p) == 1 && isLetter(p[0]) && digits > 0 {
			return false
		}
	}
	if sep == '/' && digits == len(parts) {
		return false
	}
	// 60-1187 is a number of something and not two
	return digits < len(parts)
}

func appendParts(out []token, body, sep string, ends pause) []token {
	for i, p := range strings.Split(body, sep) {
		if i > 0 && ends != none {
			out[len(out)-1].ends = ends
		}
		out = appendBody(out, p)
	}
	return out
}

// lettersThenDigits parts python3 and sha256, where the letters are a word or a name, but
// not b12, h264 or mp3, which are names as a whole.
func lettersThenDigits(low string) (head, digits string) {
	at := strings.IndexFunc(low, unicode.IsDigit)
	if at == 1 && low[0] == 'v' && strings.IndexFunc(low[1:], func(r rune) bool { return !unicode.IsDigit(r) && r != '.' }) < 0 {
		return "v", low[1:]
	}
	if at < 3 {
		return "", ""
	}
	for _, r := range low[:at] {
		if !unicode.IsLetter(r) {
			return "", ""
		}
	}
	for i, r := range low[at:] {
		if !unicode.IsDigit(r) && (r != '.' || i == len(low)-at-1) {
			return "", ""
		}
	}
	return low[:at], low[at:]
}

// appendWord takes a contraction apart and sets the possessive aside.
func appendWord(out []token, body string) []token {
	low := strings.ToLower(body)
	named := len(body) > 0 && low != body && len(out) > 0 && out[len(out)-1].ends != stop
	if parts, ok := contractions[low]; ok {
		for i, p := range strings.Fields(parts) {
			out = append(out, token{text: p, raw: p, soft: i > 0 && p == "not"})
		}
		return out
	}
	if body == "US" || low == "us" && len(out) > 0 && out[len(out)-1].text == "the" {
		return append(out, token{text: "usa", raw: "US", name: true})
	}
	if n := roman(body); n != "" && len(out) > 0 && out[len(out)-1].raw != strings.ToLower(out[len(out)-1].raw) {
		return append(out, token{kind: number, text: n, unit: "roman", raw: n})
	}
	if base, ok := strings.CutSuffix(low, "n't"); ok && base != "" {
		return append(out, token{text: base, raw: base}, token{text: "not", raw: "not", soft: true})
	}
	for _, c := range [...]struct{ end, word string }{{"'ll", "will"}, {"'ve", "have"}, {"'re", "are"}, {"'d", "would"}, {"'m", "am"}} {
		if base, ok := strings.CutSuffix(low, c.end); ok && base != "" {
			return append(out, token{text: base, raw: body[:len(base)], name: named && base != "i"}, token{text: c.word, raw: c.word})
		}
	}
	if base, ok := strings.CutSuffix(low, "'s"); ok && base != "" {
		switch base {
		case "what", "who", "where", "when", "how", "it", "that", "there", "here", "he", "she", "why":
			return append(out, token{text: base, raw: base}, token{text: "is", raw: "is"})
		}
		return append(out, token{text: base, raw: body[:len(body)-2], name: named}, token{text: "'s", raw: "'s"})
	}
	if base, ok := strings.CutSuffix(low, "'"); ok && base != "" {
		return append(out, token{text: base, raw: body[:len(body)-1], name: named}, token{text: "'s", raw: "'s"})
	}
	return append(out, token{text: strings.ReplaceAll(low, "'", ""), raw: body, name: named && low != "i"})
}

// contractions that are not a word and an ending, and those that are written without
// their apostrophe.
var contractions = map[string]string{
	"can't": "can not", "cannot": "can not", "won't": "will not", "shan't": "shall not", "ain't": "is not", "let's": "let us",
	"cant": "can not", "wont": "will not", "dont": "do not", "doesnt": "does not", "didnt": "did not", "isnt": "is not", "arent": "are not",
	"wasnt": "was not", "werent": "were not", "havent": "have not", "hasnt": "has not", "hadnt": "had not", "couldnt": "could not",
	"shouldnt": "should not", "wouldnt": "would not", "mustnt": "must not", "im": "i am", "ive": "i have", "youre": "you are",
	"theyre": "they are", "thats": "that is", "whats": "what is", "wheres": "where is", "whos": "who is", "hows": "how is", "whens": "when is",
	"gonna": "going to", "wanna": "want to", "gotta": "have to", "y'all": "you", "theres": "there is", "u": "you", "ur": "your", "tmrw": "tomorrow", "tmr": "tomorrow", "bday": "birthday", "msg": "message", "pwd": "password", "acct": "account", "b/c": "because", "cuz": "because", "bc": "because", "coz": "because", "ppl": "people", "abt": "about", "w/": "with", "approx": "about", "mgmt": "management", "dept": "department", "temp": "temperature", "qty": "quantity", "appt": "appointment", "dunno": "do not know", "gimme": "give me", "lemme": "let me", "kinda": "kind of", "alot": "a lot", "aswell": "as well", "didn": "did", "c'mon": "come on", "o'clock": "o'clock", "doesn": "does", "youve": "you have",
	"where'd": "where would", "how'd": "how did", "why'd": "why did", "whatre": "what are",
}

func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
