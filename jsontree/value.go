package jsontree

import (
	"strconv"
	"unicode/utf8"
)

// Value is one value of a text, or none: see the package.
type Value struct {
	tree *tree
	at   int32
}

func (v Value) node() *node { return &v.tree.nodes[v.at] }

// Kind is what the value is.
func (v Value) Kind() Kind {
	if v.tree == nil {
		return Absent
	}
	return v.node().kind
}

// Present tells that the value is there and is not null.
func (v Value) Present() bool { return v.Kind() > Null }

// Raw is the value as written, nil where it is absent. It is a part of the text.
func (v Value) Raw() []byte {
	if v.tree == nil {
		return nil
	}
	n := v.node()
	return v.tree.text[n.start:n.end:n.end]
}

// Get is the member of that name of an object.
func (v Value) Get(name string) Value {
	if v.Kind() != Object {
		return Value{}
	}
	end := v.node().next
	for at := v.at + 1; at < end; at = v.tree.nodes[at].next {
		n := &v.tree.nodes[at]
		if equal(v.tree.text[n.key+1:n.keyEnd-1], name) {
			return Value{v.tree, at}
		}
	}
	return Value{}
}

// Name is the decoded name of a member, "" for any other value.
func (v Value) Name() string {
	if v.tree == nil || v.node().keyEnd == 0 {
		return ""
	}
	n := v.node()
	return string(unquote(nil, v.tree.text[n.key+1:n.keyEnd-1]))
}

// RawName is the name of a member as written, with its quotes.
func (v Value) RawName() []byte {
	if v.tree == nil {
		return nil
	}
	n := v.node()
	return v.tree.text[n.key:n.keyEnd:n.keyEnd]
}

// Elements are an array's elements or an object's members. (A slice, and no iterator: the
// loops over it are a third of the code.)
func (v Value) Elements() []Value {
	if v.Kind() < Array {
		return nil
	}
	var all []Value
	end := v.node().next
	for at := v.at + 1; at < end; at = v.tree.nodes[at].next {
		all = append(all, Value{v.tree, at})
	}
	return all
}

// Len is the number of an array's elements or an object's members.
func (v Value) Len() int {
	n := 0
	if v.Kind() >= Array {
		for at := v.at + 1; at < v.node().next; at = v.tree.nodes[at].next {
			n++
		}
	}
	return n
}

// Is tells that the value is this string.
func (v Value) Is(text string) bool {
	return v.Kind() == String && equal(v.inside(), text)
}

// Text is a string decoded, "" for any other value. Half a surrogate pair reads as U+FFFD.
func (v Value) Text() string {
	if v.Kind() != String {
		return ""
	}
	return string(unquote(nil, v.inside()))
}

// AppendText is Text, appended to dst.
func (v Value) AppendText(dst []byte) []byte {
	if v.Kind() != String {
		return dst
	}
	return unquote(dst, v.inside())
}

// Inside is a string as written, without its quotes: what may be put between quotes of
// one's own. It is nil for any other value.
func (v Value) Inside() []byte {
	if v.Kind() != String {
		return nil
	}
	return v.inside()
}

func (v Value) inside() []byte {
	n := v.node()
	return v.tree.text[n.start+1 : n.end-1 : n.end-1]
}

// Int is a number that is whole and written in digits alone, else ok is false.
func (v Value) Int() (n int64, ok bool) {
	if v.Kind() != Number {
		return 0, false
	}
	n, err := strconv.ParseInt(string(v.Raw()), 10, 64)
	return n, err == nil
}

// Bool is true for true alone.
func (v Value) Bool() bool { return v.Kind() == True }

// equal tells whether a string as written is this text.
func equal(written []byte, text string) bool {
	if string(written) == text {
		return true
	}
	for _, c := range written {
		if c == '\\' { // few are escaped
			return string(unquote(nil, written)) == text
		}
	}
	return false
}

// unquote appends the text of a string as written between its quotes.
func unquote(dst, written []byte) []byte {
	dst, _ = Unquote(dst, written, true)
	return dst
}

// Unquote appends what the source of a JSON text says, with the escapes in its strings undone,
// and tells how much of it was taken: all, but, where there may be more, an escape at its end
// that may not be whole.
func Unquote(dst, written []byte, whole bool) (text []byte, taken int) {
	for i := 0; i < len(written); {
		c := written[i]
		if c != '\\' {
			dst = append(dst, c)
			i++
			continue
		}
		code, escaped := unhex(written[i:])
		least := 2
		switch {
		case escaped && 0xD800 <= code && code < 0xDC00:
			least = 12
		case i+1 < len(written) && written[i+1] == 'u':
			least = 6
		}
		if len(written)-i < least && !whole {
			return dst, i
		}
		unit, size := '\\', 1
		if i+1 < len(written) && written[i+1] < utf8.RuneSelf {
			unit, size = rune(written[i+1]), 2
		}
		switch unit {
		case 'b':
			unit = '\b'
		case 'f':
			unit = '\f'
		case 'n':
			unit = '\n'
		case 'r':
			unit = '\r'
		case 't':
			unit = '\t'
		case 'u':
			if !escaped {
				break
			}
			unit, size = code, 6
			if low, ok := unhex(written[i+6:]); ok && least == 12 && 0xDC00 <= low && low < 0xE000 {
				unit, size = 0x10000+(unit-0xD800)<<10+(low-0xDC00), 12
			}
		}
		dst = utf8.AppendRune(dst, unit) // half a pair becomes U+FFFD
		i += size
	}
	return dst, len(written)
}
