package normal

import (
	"bytes"
	"slices"
	"strings"

	"github.com/sluice-gateway/sluice/jsonscan"
	"github.com/sluice-gateway/sluice/jsontree"
)

// reader reads JSON texts, one after the other. What it takes can be read in one way only:
// jsonscan refuses names that stand twice and bytes that are not UTF-8; halves of
// surrogate pairs, which all read as U+FFFD and so would make two texts one, are refused
// here.
type reader struct{ scan *jsonscan.Scanner }

// silent has the scanner check all and report nothing.
var silent = jsonscan.NewPaths(nil)

func (r *reader) parse(text []byte) (jsontree.Value, *NotCacheable) {
	if r.scan == nil {
		r.scan = jsonscan.New(nil, jsonscan.Options{Paths: silent})
	} else {
		r.scan.Reset(nil)
	}
	err := r.scan.Write(text)
	if err == nil {
		err = r.scan.Close()
	}
	if err != nil {
		return jsontree.Value{}, refuse(Malformed, err.Error())
	}
	if hasHalf(text) {
		return jsontree.Value{}, refuse(Malformed, "half of a surrogate pair, which is no character")
	}
	v, err := jsontree.Parse(text)
	if err != nil {
		return v, refuse(Malformed, err.Error())
	}
	return v, nil
}

// object is parse of what has to be one.
func (r *reader) object(text []byte) (jsontree.Value, *NotCacheable) {
	v, no := r.parse(text)
	if no == nil && v.Kind() != jsontree.Object {
		no = refuse(Malformed, "not a JSON object")
	}
	return v, no
}

// hasHalf tells whether a JSON text has an escaped half of a surrogate pair without the
// other: \ud83d alone, or \ude00 alone.
func hasHalf(text []byte) bool {
	for i := 0; i+1 < len(text); i += 2 {
		next := bytes.IndexByte(text[i:], '\\')
		if next < 0 {
			return false
		}
		if i += next; i+6 > len(text) || text[i+1] != 'u' {
			continue
		}
		switch surrogate(text[i:]) {
		case "high":
			if i+12 > len(text) || text[i+6] != '\\' || text[i+7] != 'u' || surrogate(text[i+6:]) != "low" {
				return true
			}
			i += 10
		case "low":
			return true
		}
	}
	return false
}

// surrogate says which half \uXXXX is, if it is one.
func surrogate(escape []byte) string {
	if escape[2]|0x20 != 'd' {
		return ""
	}
	switch c := escape[3] | 0x20; {
	case c == '8' || c == '9' || c == 'a' || c == 'b':
		return "high"
	case 'c' <= c && c <= 'f':
		return "low"
	}
	return ""
}

// isEmpty tells that a value says nothing: it is absent, null, "", [] or {}.
func isEmpty(v jsontree.Value) bool {
	switch v.Kind() {
	case jsontree.Absent, jsontree.Null:
		return true
	case jsontree.String:
		return len(v.Inside()) == 0
	case jsontree.Array, jsontree.Object:
		return v.Len() == 0
	}
	return false
}

// member is one of an object.
type member struct {
	name string
	jsontree.Value
}

// others are an object's members but for those of these names, in the order of theirs.
func others(v jsontree.Value, known ...string) []member {
	var rest []member
	for _, m := range v.Elements() {
		if name := m.Name(); !slices.Contains(known, name) {
			rest = append(rest, member{name, m})
		}
	}
	slices.SortFunc(rest, func(a, b member) int { return strings.Compare(a.name, b.name) })
	return rest
}

// textOf is a string decoded. Most have no escape, and are copied whole.
func textOf(v jsontree.Value) string {
	if written := v.Inside(); bytes.IndexByte(written, '\\') < 0 {
		return string(written)
	}
	return v.Text()
}
