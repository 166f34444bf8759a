package jsontree

import (
	"errors"
	"strconv"
)

// The most that a tree is built of.
const (
	MaxValues = 200_000 // 4.8 MB of tree
	MaxDepth  = 512
	MaxText   = 1<<31 - 1 // bytes
)

// Kind says what a value is.
type Kind uint8

// The kinds. Absent is a value that is not there.
const (
	Absent Kind = iota
	Null
	False
	True
	Number
	String
	Array
	Object
)

// tree is a text and its values in their order. An array's or object's elements
// follow it.
type tree struct {
	text  []byte
	nodes []node
}

// node is one value: text[start:end], quotes and brackets included. A member's name, as
// written and with its quotes, is text[key:keyEnd].
type node struct {
	start, end  int32
	key, keyEnd int32
	next        int32 // the node behind this one and all that is inside it
	kind        Kind
}

// Parse reads a text. The tree refers to it, so that it must not change while any Value
// of it is in use.
func Parse(text []byte) (Value, error) {
	if len(text) > MaxText {
		return Value{}, errors.New("jsontree: " + strconv.Itoa(len(text)) + " bytes are too many")
	}
	p := parser{tree: &tree{text: text, nodes: make([]node, 0, 16+len(text)/64)}}
	if err := p.document(); err != nil {
		return Value{}, err
	}
	return Value{p.tree, 0}, nil
}

// parser reads a text once, from its start to its end.
type parser struct {
	*tree
	at   int
	open []int32 // the arrays and objects around the place, outermost first
}

func (p *parser) document() error {
	for {
		// Here a value is due, or the end of an array or object that is empty.
		p.space()
		key, keyEnd := 0, 0
		if n := len(p.open); n > 0 {
			around := &p.nodes[p.open[n-1]]
			empty := int(p.open[n-1]) == len(p.nodes)-1
			if around.kind == Object {
				if empty && p.here() == '}' {
					if done, err := p.close(); done || err != nil {
						return err
					}
					continue
				}
				if p.here() != '"' {
					return p.wrong("the name of a member")
				}
				key = p.at
				if err := p.quoted(); err != nil {
					return err
				}
				keyEnd = p.at
				p.space()
				if p.here() != ':' {
					return p.wrong("a colon")
				}
				p.at++
				p.space()
			} else if empty && p.here() == ']' {
				if done, err := p.close(); done || err != nil {
					return err
				}
				continue
			}
		}
		if len(p.nodes) == MaxValues {
			return errors.New("jsontree: more than " + strconv.Itoa(MaxValues) + " values")
		}
		p.nodes = append(p.nodes, node{start: int32(p.at), key: int32(key), keyEnd: int32(keyEnd)})
		begun, err := p.value(&p.nodes[len(p.nodes)-1])
		if err != nil {
			return err
		}
		if begun {
			if len(p.open) == MaxDepth {
				return errors.New("jsontree: nested deeper than " + strconv.Itoa(MaxDepth))
			}
			p.open = append(p.open, int32(len(p.nodes)-1))
			continue
		}
		p.nodes[len(p.nodes)-1].end, p.nodes[len(p.nodes)-1].next = int32(p.at), int32(len(p.nodes))
		if done, err := p.after(); done || err != nil {
			return err
		}
	}
}

// value reads a scalar whole, and of an array or object the bracket.
func (p *parser) value(n *node) (begun bool, err error) {
	switch c := p.here(); {
	case c == '{':
		n.kind = Object
		p.at++
		return true, nil
	case c == '[':
		n.kind = Array
		p.at++
		return true, nil
	case c == '"':
		n.kind = String
		return false, p.quoted()
	case c == '-' || '0' <= c && c <= '9':
		n.kind = Number
		return false, p.number()
	case c == 't':
		n.kind = True
		return false, p.word("true")
	case c == 'f':
		n.kind = False
		return false, p.word("false")
	case c == 'n':
		n.kind = Null
		return false, p.word("null")
	}
	return false, p.wrong("a value")
}

// after is behind a value: what is around it goes on or ends.
func (p *parser) after() (done bool, err error) {
	p.space()
	if len(p.open) == 0 {
		if p.at != len(p.text) {
			return true, p.wrong("the end")
		}
		return true, nil
	}
	switch p.here() {
	case ',':
		p.at++
		return false, nil
	case '}', ']':
		return p.close()
	}
	return true, p.wrong("a comma or a bracket")
}

// close ends the innermost array or object.
func (p *parser) close() (done bool, err error) {
	last := len(p.open) - 1
	n := &p.nodes[p.open[last]]
	if c := p.here(); (c == '}') != (n.kind == Object) {
		return true, p.wrong("the other bracket")
	}
	p.at++
	n.end, n.next = int32(p.at), int32(len(p.nodes))
	p.open = p.open[:last]
	return p.after()
}

// here is the byte at hand, 0 at the end.
func (p *parser) here() byte {
	if p.at < len(p.text) {
		return p.text[p.at]
	}
	return 0
}

func (p *parser) space() {
	for p.at < len(p.text) {
		switch p.text[p.at] {
		case ' ', '\t', '\n', '\r':
			p.at++
		default:
			return
		}
	}
}

func (p *parser) quoted() error {
	text := p.text
	for i := p.at + 1; i < len(text); i++ {
		// Most of a text is plain, and most of the time goes to the plain: four bytes a
		// turn, which are looked at together.
		for len(text)-i > 4 {
			four := text[i : i+4 : i+4]
			if ends[four[0]]|ends[four[1]]|ends[four[2]]|ends[four[3]] != 0 {
				break
			}
			i += 4
		}
		switch c := text[i]; {
		case c == '"':
			p.at = i + 1
			return nil
		case c == '\\':
			size := escapeSize(text[i:])
			if size == 0 {
				p.at = i
				return p.wrong("an escape")
			}
			i += size - 1
		case c < ' ':
			p.at = i
			return p.wrong("no control character in a string")
		}
	}
	p.at = len(text)
	return p.wrong("the end of a string")
}

// ends are the bytes that end a plain part of a string.
var ends = func() (table [256]uint8) {
	for c := range ' ' {
		table[c] = 1
	}
	table['"'], table['\\'] = 1, 1
	return table
}()

// escapeSize is the length of the escape at the start of text, 0 where there is none.
func escapeSize(text []byte) int {
	if len(text) < 2 {
		return 0
	}
	switch text[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if _, ok := unhex(text); ok {
			return 6
		}
	}
	return 0
}

// unhex reads \uXXXX at the start of text.
func unhex(text []byte) (unit rune, ok bool) {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0, false
	}
	for _, c := range text[2:6] {
		switch {
		case '0' <= c && c <= '9':
			unit = unit<<4 | rune(c-'0')
		case 'a' <= c && c <= 'f':
			unit = unit<<4 | rune(c-'a'+10)
		case 'A' <= c && c <= 'F':
			unit = unit<<4 | rune(c-'A'+10)
		default:
			return 0, false
		}
	}
	return unit, true
}

func (p *parser) number() error {
	if p.here() == '-' {
		p.at++
	}
	switch c := p.here(); {
	case c == '0':
		p.at++
	case !p.digits():
		return p.wrong("a digit")
	}
	if p.here() == '.' {
		p.at++
		if !p.digits() {
			return p.wrong("a digit")
		}
	}
	if c := p.here(); c == 'e' || c == 'E' {
		p.at++
		if c := p.here(); c == '+' || c == '-' {
			p.at++
		}
		if !p.digits() {
			return p.wrong("a digit")
		}
	}
	return nil
}

// digits reads as many as there are and tells whether there was one.
func (p *parser) digits() bool {
	from := p.at
	for c := p.here(); '0' <= c && c <= '9'; c = p.here() {
		p.at++
	}
	return p.at > from
}

func (p *parser) word(word string) error {
	if end := p.at + len(word); end <= len(p.text) && string(p.text[p.at:end]) == word {
		p.at = end
		return nil
	}
	return p.wrong("a value")
}

func (p *parser) wrong(wanted string) error {
	return errors.New("jsontree: at byte " + strconv.Itoa(p.at) + ": want " + wanted)
}
