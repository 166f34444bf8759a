// Package document reads one JSON document into a tree that remembers where each
// value stood and keeps duplicate keys for the caller to judge. It is strict
// (RFC 8259, valid UTF-8) and needs nothing that a filter should not carry.
package document

import "strconv"

// Kind is a JSON type.
type Kind uint8

// The JSON types.
const (
	Null Kind = iota
	Bool
	Number
	String
	Array
	Object
)

// Node is one value.
type Node struct {
	Kind Kind
	Pos  int      // byte offset of the value
	Text string   // of String its characters; of Bool and Number as written
	Keys []Member // of Object: its keys, duplicates included
	Kids []Node   // of Array and Object: the values
}

// Member is one key of an object.
type Member struct {
	Name string
	Pos  int
}

// MaxDepth bounds nesting.
const MaxDepth = 64

// SyntaxError says why a text is not JSON, and at which byte.
type SyntaxError struct {
	Problem string
	Pos     int
}

func (e *SyntaxError) Error() string {
	return "not JSON: " + e.Problem + " at byte " + strconv.Itoa(e.Pos)
}

// Parse reads the whole of text.
func Parse(text string) (Node, error) {
	p := parser{text: text}
	p.space()
	n := p.value(0)
	p.space()
	if p.err == nil && p.at < len(text) {
		p.fail("more text after the end of the document")
	}
	return n, p.err
}

// parser stops at the first error: afterwards next returns 0 and every loop ends.
type parser struct {
	text string
	at   int
	err  error
}

func (p *parser) fail(problem string) {
	if p.err == nil {
		p.err = &SyntaxError{problem, p.at}
	}
}

func (p *parser) peek() byte {
	if p.err != nil || p.at >= len(p.text) {
		return 0
	}
	return p.text[p.at]
}

func (p *parser) space() {
	for {
		switch p.peek() {
		case ' ', '\t', '\n', '\r':
			p.at++
		default:
			return
		}
	}
}

// take consumes c or fails.
func (p *parser) take(c byte) bool {
	if p.peek() != c {
		p.fail("expected " + strconv.QuoteRune(rune(c)))
		return false
	}
	p.at++
	return true
}

func (p *parser) value(depth int) Node {
	n := Node{Pos: p.at}
	switch c := p.peek(); {
	case depth > MaxDepth:
		p.fail("nested deeper than " + strconv.Itoa(MaxDepth) + " levels")
	case c == '{':
		n.Kind = Object
		p.elements('}', func() {
			key := Member{Pos: p.at}
			key.Name = p.str()
			p.space()
			p.take(':')
			p.space()
			n.Keys = append(n.Keys, key)
			n.Kids = append(n.Kids, p.value(depth+1))
		})
	case c == '[':
		n.Kind = Array
		p.elements(']', func() { n.Kids = append(n.Kids, p.value(depth+1)) })
	case c == '"':
		n.Kind, n.Text = String, p.str()
	case c == '-' || '0' <= c && c <= '9':
		n.Kind, n.Text = Number, p.number()
	case p.word("null"):
		n.Kind = Null
	case p.word("true"):
		n.Kind, n.Text = Bool, "true"
	case p.word("false"):
		n.Kind, n.Text = Bool, "false"
	default:
		p.fail("expected a value")
	}
	return n
}

func (p *parser) word(w string) bool {
	if p.err != nil || len(p.text)-p.at < len(w) || p.text[p.at:p.at+len(w)] != w {
		return false
	}
	p.at += len(w)
	return true
}

// elements reads what stands between brackets, element after element.
func (p *parser) elements(end byte, element func()) {
	p.at++
	p.space()
	if p.peek() == end {
		p.at++
		return
	}
	for p.err == nil {
		element()
		p.space()
		if p.peek() == end {
			p.at++
			return
		}
		p.take(',')
		p.space()
	}
}

func (p *parser) number() string {
	start := p.at
	if p.peek() == '-' {
		p.at++
	}
	if p.peek() == '0' {
		p.at++
	} else {
		p.digits()
	}
	if p.peek() == '.' {
		p.at++
		p.digits()
	}
	if c := p.peek(); c == 'e' || c == 'E' {
		p.at++
		if c := p.peek(); c == '+' || c == '-' {
			p.at++
		}
		p.digits()
	}
	return p.text[start:p.at]
}

func (p *parser) digits() {
	start := p.at
	for c := p.peek(); '0' <= c && c <= '9'; c = p.peek() {
		p.at++
	}
	if p.at == start {
		p.fail("expected a digit")
	}
}
