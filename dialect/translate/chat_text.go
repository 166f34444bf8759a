package translate

import (
	"strconv"

	"github.com/sluice-gateway/sluice/jsonscan"
	"github.com/sluice-gateway/sluice/jsontree"
)

// chatText is JSON that is being written, in pieces of which there are hundreds. None
// of the functions of this file is to be inlined: an append or a look at a value in
// place is 200 bytes of WebAssembly, a call is 50, and the module's size is the time that
// Envoy takes to start.
type chatText []byte

// put writes a piece as it is.
//
//go:noinline
func (t *chatText) put(piece string) { *t = append(*t, piece...) }

// raw writes a piece and a value as written.
//
//go:noinline
func (t *chatText) raw(piece string, v jsontree.Value) {
	*t = append(append(*t, piece...), v.Raw()...)
}

// inside writes a piece and what is between the quotes of a string.
//
//go:noinline
func (t *chatText) inside(piece string, v jsontree.Value) {
	*t = append(append(*t, piece...), v.Inside()...)
}

// bytes writes a piece and more as it is.
//
//go:noinline
func (t *chatText) bytes(piece string, more []byte) { *t = append(append(*t, piece...), more...) }

// quoted writes a piece and a text as a string.
//
//go:noinline
func (t *chatText) quoted(piece, text string) {
	*t = jsonscan.AppendQuoted(append(*t, piece...), text)
}

//go:noinline
func (t *chatText) number(piece string, n int64) {
	*t = strconv.AppendInt(append(*t, piece...), n, 10)
}

// object writes a piece that begins an object, with a comma where one was before it.
//
//go:noinline
func (t *chatText) object(piece string) {
	if n := len(*t); n > 0 && (*t)[n-1] == '}' {
		*t = append(*t, ',')
	}
	*t = append(*t, piece...)
}

// or writes a piece and a string as written, or another where there is none.
//
//go:noinline
func (t *chatText) or(piece string, v jsontree.Value, other string) {
	if chatFull(v) {
		t.raw(piece, v)
	} else {
		t.quoted(piece, other)
	}
}

// chatList has an array's elements or an object's members.
//
//go:noinline
func chatList(v jsontree.Value) []jsontree.Value {
	return v.Elements()
}

//go:noinline
func chatKind(v jsontree.Value) jsontree.Kind { return v.Kind() }

// chatGet is a member of a member.
//
//go:noinline
func chatGet(v jsontree.Value, member, of string) jsontree.Value { return v.Get(member).Get(of) }

// chatIs tells that a member is this string.
//
//go:noinline
func chatIs(v jsontree.Value, member, text string) bool { return v.Get(member).Is(text) }

//go:noinline
func chatWord(v jsontree.Value, text string) bool { return v.Is(text) }

// chatThere tells that there is a value other than null.
//
//go:noinline
func chatThere(v jsontree.Value) bool { return v.Present() }

// chatFull tells that there is a string that is not empty.
//
//go:noinline
func chatFull(v jsontree.Value) bool { return len(v.Inside()) > 0 }

// chatString tells that there is a string.
//
//go:noinline
func chatString(v jsontree.Value) bool { return v.Kind() == jsontree.String }

// chatBlank tells that a string has nothing but spaces and line ends.
func chatBlank(text jsontree.Value) bool {
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
