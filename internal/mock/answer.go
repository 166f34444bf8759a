package mock

import (
	"strings"
	"unicode/utf8"

	"github.com/sluice-gateway/sluice/tokenizer"
)

// answer is one thing the model says: text, or tool calls.
type answer struct {
	thoughts  []Thought
	pieces    []piece
	calls     []call
	end       stopReason
	sequence  string // the stop sequence that ended it
	tokens    int64  // all output tokens, reasoning included
	reasoning int64
}

// piece is what one event of a stream carries.
type piece struct {
	text string
	upto int64 // output tokens of the answer when this piece is out
}

// call is a tool call whose arguments come in pieces.
type call struct {
	name      string
	arguments []piece
}

// stopReason is why an answer ends, in neither dialect's words.
type stopReason uint8

const (
	stopNatural stopReason = iota
	stopLength
	stopSequence
	stopTools
)

// text is the whole of the answer's text.
func (a *answer) text() string {
	return join(a.pieces)
}

func join(pieces []piece) string {
	n := 0
	for i := range pieces {
		n += len(pieces[i].text)
	}
	var b strings.Builder
	b.Grow(n)
	for i := range pieces {
		b.WriteString(pieces[i].text)
	}
	return b.String()
}

// compose makes the index-th answer to q.
func compose(q *query, say Answer, ignoreLimit bool, seed uint64, index int) answer {
	seed = mix(seed + uint64(index))
	limit := q.limit
	if ignoreLimit {
		limit = noLimit
	}
	a := answer{reasoning: say.Reasoning + thoughtTokens(q.model, say.Thoughts)}
	if limit != noLimit && a.reasoning >= limit {
		a.reasoning, a.tokens, a.end = limit, limit, stopLength
		return a
	}
	a.thoughts = say.Thoughts
	if calls := callsFor(q, say, seed); len(calls) > 0 {
		a.call(calls, newMeter(q.model, a.reasoning, limit))
		return a
	}
	if text, ok := textFor(q, say, seed); ok {
		a.speak(text, newMeter(q.model, a.reasoning, limit))
	} else {
		a.generate(say, seed, limit)
	}
	if len(q.stops) > 0 {
		a.stopAt(q.stops, newMeter(q.model, a.reasoning, noLimit))
	}
	return a
}

// call makes the tool calls, as far as the limit lets it.
func (a *answer) call(calls []ToolCall, m meter) {
	a.end = stopTools
	for _, c := range calls {
		if !m.add(c.Name) {
			a.end = stopLength
			break
		}
		made := call{name: c.Name}
		made.arguments, a.end = m.pieces(chunks(c.Arguments, 6), a.end)
		if a.calls = append(a.calls, made); a.end == stopLength {
			break
		}
	}
	a.tokens = m.used
}

// speak says the text, as far as the limit lets it.
func (a *answer) speak(text string, m meter) {
	a.pieces, a.end = m.pieces(parts(text), a.end)
	a.tokens = m.used
}

// generate is the fast path: prose of which every piece is one token.
func (a *answer) generate(say Answer, seed uint64, limit int64) {
	n := say.Tokens
	if n == 0 {
		n = 20 + int64(seed%41)
	}
	if limit != noLimit && n > limit-a.reasoning {
		n, a.end = limit-a.reasoning, stopLength
	}
	texts := prose(seed, n)
	a.pieces = make([]piece, len(texts))
	for i, t := range texts {
		a.pieces[i] = piece{t, a.reasoning + int64(i) + 1}
	}
	a.tokens = a.reasoning + n
}

// stopAt ends the answer before the first stop sequence in it.
func (a *answer) stopAt(stops []string, m meter) {
	text := a.text()
	first, which := len(text), ""
	for _, s := range stops {
		if at := strings.Index(text, s); s != "" && at >= 0 && at < first {
			first, which = at, s
		}
	}
	if which == "" {
		return
	}
	a.end, a.sequence = stopSequence, which
	at := 0
	for i := range a.pieces {
		p := &a.pieces[i]
		if at+len(p.text) > first {
			p.text = p.text[:first-at]
		}
		at += len(p.text)
		m.add(p.text)
		p.upto = m.used
		if at == first {
			a.pieces = a.pieces[:i+1]
			break
		}
	}
	if first == 0 {
		a.pieces = nil
	}
	a.tokens = m.used
}

// textFor is the text to say, when it is not free prose.
func textFor(q *query, say Answer, seed uint64) (string, bool) {
	switch {
	case say.Text != nil:
		return *say.Text, true
	case say.Echo && len(q.inputs) > 0:
		return q.inputs[0].text, true
	case say.Echo:
		text, _ := q.lastAsked()
		return text, true
	case q.json:
		return exampleJSON(q.jsonSchema, seed), true
	}
	return "", false
}

// callsFor is the tool calls to make: the script's; or what the request forces; or
// every tool that the last user message names, all of them only when the request
// allows calls in parallel.
func callsFor(q *query, say Answer, seed uint64) []ToolCall {
	if len(say.Tools) > 0 {
		return say.Tools
	}
	if say.Text != nil || len(q.tools) == 0 || q.toolChoice == "none" {
		return nil
	}
	asked, last := q.lastAsked()
	var calls []ToolCall
	for _, t := range q.tools {
		named := q.toolChoice == t.name || q.toolChoice == "" && last && strings.Contains(asked, t.name)
		if named || q.toolChoice == "required" {
			calls = append(calls, ToolCall{Name: t.name, Arguments: exampleJSON(t.schema, seed)})
		}
		if len(calls) == 1 && (!q.parallel || q.toolChoice == "required") {
			break
		}
	}
	return calls
}

// parts cuts text into words with the space before them, the long ones in pieces.
func parts(text string) []string {
	var all []string
	for text != "" {
		end := 1 + strings.IndexByte(text[1:], ' ')
		if end == 0 {
			end = len(text)
		}
		all = append(all, chunks(text[:end], 24)...)
		text = text[end:]
	}
	return all
}

// chunks cuts s every so many bytes, at the next boundary of a character.
func chunks(s string, size int) []string {
	var all []string
	for len(s) > size {
		cut := size
		for cut < len(s) && !utf8.RuneStart(s[cut]) {
			cut++
		}
		all = append(all, s[:cut])
		s = s[cut:]
	}
	if s != "" {
		all = append(all, s)
	}
	return all
}

// meter counts an answer as it grows, up to its limit.
type meter struct {
	count *tokenizer.Counter
	base  int64 // what was used before
	used  int64
	limit int64
}

func newMeter(model string, used, limit int64) meter {
	return meter{count: tokenizer.ForModel(model).Encoding.NewCounter(), base: used, used: used, limit: limit}
}

// add takes the next text of the answer, or nothing of it when that would be more
// than the limit.
func (m *meter) add(text string) bool {
	m.count.WriteString(text)
	used := m.base + int64(m.count.Count())
	if m.limit != noLimit && used > m.limit {
		m.used = m.limit
		return false
	}
	m.used = used
	return true
}

// pieces takes the parts one by one. The end it returns is the given one, or
// stopLength when not all of them fit.
func (m *meter) pieces(parts []string, end stopReason) ([]piece, stopReason) {
	pieces := make([]piece, 0, len(parts))
	for _, part := range parts {
		if !m.add(part) {
			return pieces, stopLength
		}
		pieces = append(pieces, piece{part, m.used})
	}
	return pieces, end
}
