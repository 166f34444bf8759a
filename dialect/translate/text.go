package translate

import (
	"strconv"

	"github.com/sluice-gateway/sluice/jsonscan"
	"github.com/sluice-gateway/sluice/jsontree"
)

// jsonText is JSON that is being written, in pieces of which there are hundreds. None
// of the functions of this file is to be inlined: an append or a look at a value in
// place is 200 bytes of WebAssembly, a call is 50, and the module's size is the time that
// Envoy takes to start.
type jsonText []byte

// put writes a piece as it is.
//
//go:noinline
func (t *jsonText) put(piece string) { *t = append(*t, piece...) }

// raw writes a piece and a value as written.
//
//go:noinline
func (t *jsonText) raw(piece string, v jsontree.Value) {
	*t = append(append(*t, piece...), v.Raw()...)
}

// inside writes a piece and what is between the quotes of a string.
//
//go:noinline
func (t *jsonText) inside(piece string, v jsontree.Value) {
	*t = append(append(*t, piece...), v.Inside()...)
}

// bytes writes a piece and more as it is.
//
//go:noinline
func (t *jsonText) bytes(piece string, more []byte) { *t = append(append(*t, piece...), more...) }

// quoted writes a piece and a text as a string.
//
//go:noinline
func (t *jsonText) quoted(piece, text string) {
	*t = jsonscan.AppendQuoted(append(*t, piece...), text)
}

//go:noinline
func (t *jsonText) number(piece string, n int64) {
	*t = strconv.AppendInt(append(*t, piece...), n, 10)
}

// object writes a piece that begins an object, with a comma where one was before it.
//
//go:noinline
func (t *jsonText) object(piece string) {
	if n := len(*t); n > 0 && (*t)[n-1] == '}' {
		*t = append(*t, ',')
	}
	*t = append(*t, piece...)
}

// or writes a piece and a string as written, or another where there is none.
//
//go:noinline
func (t *jsonText) or(piece string, v jsontree.Value, other string) {
	if hasText(v) {
		t.raw(piece, v)
	} else {
		t.quoted(piece, other)
	}
}

// elements has an array's elements or an object's members.
//
//go:noinline
func elements(v jsontree.Value) []jsontree.Value {
	return v.Elements()
}

//go:noinline
func kindOf(v jsontree.Value) jsontree.Kind { return v.Kind() }

// memberOf is a member of a member.
//
//go:noinline
func memberOf(v jsontree.Value, member, of string) jsontree.Value { return v.Get(member).Get(of) }

// memberIs tells that a member is this string.
//
//go:noinline
func memberIs(v jsontree.Value, member, text string) bool { return v.Get(member).Is(text) }

//go:noinline
func isWord(v jsontree.Value, text string) bool { return v.Is(text) }

// isPresent tells that there is a value other than null.
//
//go:noinline
func isPresent(v jsontree.Value) bool { return v.Present() }

// hasText tells that there is a string that is not empty.
//
//go:noinline
func hasText(v jsontree.Value) bool { return len(v.Inside()) > 0 }

// isText tells that there is a string.
//
//go:noinline
func isText(v jsontree.Value) bool { return v.Kind() == jsontree.String }

// isBlank tells that a string has nothing but spaces and line ends.
func isBlank(text jsontree.Value) bool {
	raw := text.Inside()
	for i := 0; i < len(raw); i++ {
		if raw[i] == ' ' {
			continue
		}
		if raw[i] != '\\' {
			return false
		}
		i++
		if b := raw[i]; b != 'n' && b != 't' && b != 'r' {
			return false
		}
	}
	return true
}
