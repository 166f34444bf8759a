package guardclient

import (
	"errors"
	"strconv"
	"unicode/utf8"

	"github.com/sluice-gateway/sluice/jsontree"
)

// Result is what a guard came to.
type Result uint8

// The results. The zero Result is of a guard that gave no word, so that one that is forgotten
// is no clean.
const (
	Error Result = iota
	Clean
	Found
)

// String is the result in the companion's word.
func (r Result) String() string { return resultWords[r] }

var resultWords = [...]string{Error: "error", Clean: "clean", Found: "found"}

// Verdict is one guard's.
type Verdict struct {
	Name   string
	Result Result
	Kinds  []string // what was found, in the guard's words
	Spans  []Span   // where; in order, and none overlaps another
	Reason string   // of an error why; at most MaxReason bytes, and nothing of the texts
}

// Span is where something was found: the bytes Start to End of text Text, at least one, and
// whole characters.
type Span struct {
	Text       int // its place among the texts of the call
	Start, End int
	Kind       string
}

// The most of a reply that is taken.
const (
	MaxReply  = 1 << 20 // bytes
	MaxSpans  = 2000    // of one guard
	MaxKinds  = 64      // of one guard
	MaxReason = 200     // bytes
	maxKind   = 64      // bytes
)

// Read reads the reply to a call about texts for names: one verdict for each, in their order.
// It believes nothing that does not fit them. Without a reply that can be trusted there is no
// verdict at all, and the error says why; it has nothing of the texts in it.
func Read(status string, reply []byte, texts []Text, names []string) ([]Verdict, error) {
	if status != "200" {
		return nil, errors.New("guardclient: status " + clip(status, 3))
	}
	if len(reply) > MaxReply {
		return nil, errors.New("guardclient: a reply of " + strconv.Itoa(len(reply)) + " bytes; " + strconv.Itoa(MaxReply) + " are taken")
	}
	tree, err := jsontree.Parse(reply)
	if err != nil {
		return nil, err
	}
	told := tree.Get("verdicts")
	if told.Kind() != jsontree.Array || told.Len() != len(names) {
		return nil, errors.New("guardclient: " + strconv.Itoa(told.Len()) + " verdicts of " + strconv.Itoa(len(names)) + " guards")
	}
	verdicts := make([]Verdict, len(names))
	for i, v := range told.Elements() {
		if !verdicts[i].read(v, texts, names[i]) {
			return nil, errors.New("guardclient: a verdict that is not as documented, of guard " + strconv.Itoa(i))
		}
	}
	return verdicts, nil
}

func (v *Verdict) read(from jsontree.Value, texts []Text, name string) bool {
	kinds, spans := from.Get("kinds"), from.Get("spans")
	if !from.Get("name").Is(name) || kinds.Kind() != jsontree.Array || kinds.Len() > MaxKinds ||
		spans.Kind() != jsontree.Array || spans.Len() > MaxSpans {
		return false
	}
	v.Name = name
	switch result := from.Get("result"); {
	case result.Is("clean"):
		v.Result = Clean
	case result.Is("found"):
		v.Result = Found
	case !result.Is("error"):
		return false
	}
	if v.Result != Found && kinds.Len()+spans.Len() > 0 {
		return false
	}
	for _, k := range kinds.Elements() {
		kind, ok := kindOf(k)
		if !ok {
			return false
		}
		v.Kinds = append(v.Kinds, kind)
	}
	at := Span{Text: -1}
	for _, s := range spans.Elements() {
		next, ok := spanOf(s, texts)
		if !ok || next.Text < at.Text || next.Text == at.Text && next.Start < at.End {
			return false
		}
		// Bytes that are no UTF-8 went out as three others each: offsets behind them are wrong.
		if next.Text > at.Text && !utf8.Valid(texts[next.Text].Text) {
			return false
		}
		v.Spans = append(v.Spans, next)
		at = next
	}
	v.Reason = clip(from.Get("reason").Text(), MaxReason)
	return true
}

// kindOf reads a kind: a code, which may stand in a record and in the name of a placeholder.
func kindOf(from jsontree.Value) (kind string, ok bool) {
	kind = from.Text()
	for i := range len(kind) {
		c := kind[i]
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		if !letter && (c < '-' || c > ':') && c != '_' { // - . / 0 to 9 :
			return "", false
		}
	}
	return kind, kind != "" && len(kind) <= maxKind
}

// spanOf reads a span, and holds it to the text that it is of.
func spanOf(from jsontree.Value, texts []Text) (s Span, ok bool) {
	text, ok1 := from.Get("text").Int()
	start, ok2 := from.Get("start").Int()
	end, ok3 := from.Get("end").Int()
	kind, ok4 := kindOf(from.Get("kind"))
	if !ok1 || !ok2 || !ok3 || !ok4 || text < 0 || text >= int64(len(texts)) {
		return Span{}, false
	}
	of := texts[text].Text
	if start < 0 || end <= start || end > int64(len(of)) || !edge(of, int(start)) || !edge(of, int(end)) {
		return Span{}, false
	}
	return Span{int(text), int(start), int(end), kind}, true
}

// edge tells whether a character ends or begins there.
func edge(text []byte, at int) bool { return at == len(text) || utf8.RuneStart(text[at]) }

func clip(s string, n int) string {
	if len(s) > n {
		return s[:n]
	}
	return s
}
