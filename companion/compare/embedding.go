package compare

import (
	_ "embed" // the table
	"strings"
	"sync"
	"unicode"
)

//go:embed lexicon/embedding.txt
var embeddingText string

// EmbedForm names what ToEmbed makes of a text. It changes when vectors of texts made so no
// longer belong beside those made before.
const EmbedForm = "folded1"

// ToEmbed gives a prompt the form in which it is embedded, so that two prompts that Compare
// takes for the same get near one another: an embedder that reads words by their pieces
// takes a typing error, an acronym or a greeting for a difference of meaning. What it gives
// only proposes; whether an answer fits is decided on the prompts as they came.
//
// A text with nothing to fold comes back as it is, byte for byte, and what is left of
// another keeps its words, its order, its case and its punctuation: there are no synonyms,
// and "how do I" stays. ToEmbed(ToEmbed(x)) is ToEmbed(x). It takes time linear in the text;
// one over 64 KiB comes back as it is.
func ToEmbed(text string) string {
	if len(text) > mostBytes {
		return text
	}
	f := loadEmbedding()
	folded := text
	for range 8 {
		next := f.offEnds(f.words(spaced(folded)))
		if next == folded {
			return folded
		}
		folded = next
	}
	return text // one that does not settle, such as a word that doubles its neighbour
}

// Warm reads the tables, some tens of milliseconds, which the first call of Compare or
// ToEmbed would have to wait for otherwise.
func Warm() {
	load()
	loadEmbedding()
}

// spaced puts one space for several and plain quotation marks for curled ones.
func spaced(text string) string {
	if !strings.Contains(text, "  ") && !strings.ContainsAny(text, "’‘´“”„\u00a0\u202f\t") && strings.TrimSpace(text) == text {
		return text
	}
	if strings.Contains(text, "`") {
		return text // in code a space may mean something
	}
	var b strings.Builder
	b.Grow(len(text))
	before := '\n'
	for _, r := range strings.TrimSpace(text) {
		switch r {
		case '’', '‘', '´':
			r = '\''
		case '“', '”', '„':
			r = '"'
		case '\u00a0', '\u202f', '\t':
			r = ' '
		}
		if r != ' ' || before != ' ' {
			b.WriteRune(r)
		}
		before = r
	}
	return b.String()
}

// place is a word of a text with what stands around it, so that the places in a row are the
// text.
type place struct {
	before, body, after string // after is punctuation; spaces are before the next
	low                 string // body in lower case; empty for what stays as it stands: code, quotations
}

func places(text string) []place {
	out := make([]place, 0, len(text)/5+2)
	inside := rune(0) // an open quotation mark or code
	for at := 0; at < len(text); {
		from := at
		for at < len(text) && isSpaceByte(text[at]) {
			at++
		}
		start := at
		for at < len(text) && !isSpaceByte(text[at]) {
			at++
		}
		chunk := text[start:at]
		body := strings.TrimLeftFunc(chunk, opens)
		lead := len(chunk) - len(body)
		body = strings.TrimRightFunc(body, closes)
		s := place{before: text[from : start+lead], body: body, after: chunk[lead+len(body):]}
		quoted := inside != 0
		for _, r := range chunk {
			if r == '"' || r == '`' {
				quoted = true
				switch inside {
				case 0:
					inside = r
				case r:
					inside = 0
				}
			}
		}
		if !quoted {
			s.low = strings.ToLower(body)
		}
		out = append(out, s)
	}
	return out
}

func isSpaceByte(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

func opens(r rune) bool { return strings.ContainsRune("([{'\"*_¿¡`", r) }

func closes(r rune) bool { return strings.ContainsRune(".,;:!?)]}'\"*_…`", r) }

func joined(in []place) string {
	n := 0
	for i := range in {
		n += len(in[i].before) + len(in[i].body) + len(in[i].after)
	}
	var b strings.Builder
	b.Grow(n)
	for i := range in {
		b.WriteString(in[i].before)
		b.WriteString(in[i].body)
		b.WriteString(in[i].after)
	}
	return b.String()
}

// follows tells that nothing but one space is between a place and the one before it.
func follows(in []place, i int) bool {
	return in[i-1].after == "" && in[i].before == " " && in[i].low != ""
}

// offEnds takes politeness off the front and the end, again and again.
func (f *embedding) offEnds(whole string) string {
	in := places(whole)
	if len(in) < 2 {
		return whole
	}
	head := tokens(in, 0, min(len(in), 24))
	from := 0
	for from < len(in)-1 && from < len(head) {
		if n := f.politeness(in, head, from); n > 0 {
			from += n
			continue
		}
		break
	}
	to := len(in)
	tail := max(from+1, to-10)
	last := tokens(in, tail, to)
	for cut := true; cut && to > from+1; {
		cut = false
		for at := tail; at < to; at++ {
			if _, n := f.end.longest(last[at-tail : to-tail]); n > 0 && at+n == to && at > from && (at == tail || parted(in, at) || follows(in, at)) {
				to, cut = at, true
				break
			}
		}
	}
	if from == 0 && to == len(in) {
		return whole
	}
	out := in[from:to]
	if from > 0 {
		out[0].before = strings.TrimLeftFunc(out[0].before, unicode.IsSpace)
	}
	if to < len(in) {
		end := &out[len(out)-1]
		if !strings.ContainsAny(end.after, ".!?") {
			end.after = strings.TrimRight(end.after, ",;:")
			for i := to; i < len(in); i++ {
				if mark := strings.TrimLeft(in[i].after, ",;:"); mark != "" {
					end.after += mark
					break
				}
			}
		}
	}
	return joined(out)
}

func parted(in []place, at int) bool { return in[at-1].after != "" }

// politeness gives how many places from a place on are one.
func (f *embedding) politeness(in []place, head []token, from int) int {
	_, n := f.front.longest(head[from:])
	if n > 0 && from+n < len(in) {
		last := &in[from+n-1]
		pause := last.after != ""
		// "hello world" is none, and "well water" neither
		if n > 1 || pause || starters[in[from+n].low] || always[in[from].low] {
			for i := from + 1; i < from+n; i++ {
				if strings.ContainsAny(in[i-1].after, ".!?") {
					return 0
				}
			}
			return n
		}
	}
	if _, n = f.asked.longest(head[from:]); n > 0 && from+n < len(in) && questioning[in[from+n].low] && in[from+n-1].after == "" {
		return n
	}
	if from < len(in)-1 && in[from].low == "" && in[from].body == "" && strings.Trim(in[from].after, "-–—") == "" && from > 0 {
		return 1 // a dash after a greeting
	}
	return 0
}

// always are fillers whatever follows.
var always = map[string]bool{"please": true, "pls": true, "plz": true, "kindly": true, "um": true, "uh": true, "hmm": true, "btw": true, "basically": true}

// questioning are the words that a question in another begins with.
var questioning = map[string]bool{"what": true, "how": true, "why": true, "where": true, "when": true, "which": true, "who": true, "whose": true, "whether": true, "if": true}

// starters are words that a sentence begins with.
var starters = map[string]bool{
	"what": true, "how": true, "why": true, "where": true, "when": true, "which": true, "who": true, "whose": true, "what's": true, "whats": true, "i": true, "i'm": true, "im": true, "i've": true, "i'd": true, "we": true, "my": true, "our": true, "is": true, "are": true,
	"do": true, "does": true, "did": true, "can": true, "could": true, "would": true, "should": true, "will": true, "may": true, "please": true, "pls": true, "there": true, "if": true, "the": true, "quick": true, "so": true, "ok": true, "okay": true, "basically": true, "just": true, "um": true, "uh": true, "hi": true, "hello": true, "hey": true, "sorry": true, "any": true, "anyone": true,
}

// tokens are places as the patterns read them.
func tokens(in []place, from, to int) []token {
	out := make([]token, to-from)
	for i := range out {
		out[i] = token{text: in[from+i].low}
	}
	return out
}

// embedding is the table, as it is looked up.
type embedding struct {
	l          *lexicon
	same       *trie           // by words in lower case
	near       map[string]set  // what is put in only beside one of these words
	usual      map[string]bool // words that our tables have
	front, end patterns
	asked      patterns
	particles  map[string]string // log in -> login
	apart      map[string]string // login -> log in
}

var loadEmbedding = sync.OnceValue(func() *embedding {
	f := &embedding{l: load(), same: &trie{}, near: map[string]set{}, usual: map[string]bool{}, front: patterns{}, end: patterns{}, asked: patterns{}, particles: map[string]string{}, apart: map[string]string{}}
	entries(embeddingText, func(head, rest string) {
		switch head {
		case "front":
			f.front.add(rest, head)
		case "end":
			f.end.add(rest, head)
		case "asked":
			f.asked.add(rest, head)
		case "particle":
			for w := range strings.SplitSeq(rest, ", ") {
				verb, particle, _ := strings.Cut(w, " ")
				f.particles[w], f.apart[verb+particle] = verb+particle, w
			}
		default:
			to, beside, conditional := strings.Cut(head, " (")
			for from := range strings.SplitSeq(rest, ",") {
				from = strings.TrimSpace(from)
				f.same.add(strings.Fields(from), to)
				if conditional {
					f.near[from] = strings.Fields(strings.TrimSuffix(beside, ")"))
				}
			}
		}
	})
	for _, table := range [...]string{sameText, apartText, framesText, embeddingText} {
		for w := range strings.FieldsFuncSeq(table, func(r rune) bool { return !unicode.IsLetter(r) }) {
			f.usual[w] = true
		}
	}
	for from := range f.near {
		delete(f.usual, from)
	}
	return f
})
