package companion

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// unambiguous refuses an object that has a member twice, and names it: encoding/json takes the
// last, others the first, and one of the two may be a restriction. It takes names in any case
// as well, so that "Exact" is "exact" once more. elsewhere is a member that is read by somebody
// else, who minds by itself: what a client has sent is no mistake of the caller's.
//
// The text is one that encoding/json has read whole. Objects in lists are not looked into; none
// of ours are there.
func unambiguous(object []byte, elsewhere string) error {
	return unambiguousIn(object, "", elsewhere, 1)
}

// unambiguousIn is that of the object behind a path, which is the depth-th from the outside.
func unambiguousIn(object []byte, path, elsewhere string, depth int) error {
	if depth > deepest {
		return fmt.Errorf("the member %.60q is in more than %d objects", path, deepest)
	}
	seen := map[string]bool{}
	for rest := inObject(object); ; {
		var name string
		var value []byte
		if name, value, rest = member(rest); value == nil {
			return nil
		}
		same := name
		if path != "identity." { // whose names are the policy's: Team and team are two
			same = folded(name)
		}
		if seen[same] {
			return fmt.Errorf("the member %.60q is there twice", path+name)
		}
		seen[same] = true
		if value[0] != '{' || path+name == elsewhere {
			continue
		}
		if err := unambiguousIn(value, path+name+".", elsewhere, depth+1); err != nil {
			return err
		}
	}
}

// deepest is how many objects may stand in each other: none of ours needs more than three,
// and each is looked through once for every one that it stands in.
const deepest = 16

// folded is equal for names that encoding/json takes for one, a long s for an s.
func folded(name string) string {
	if lower := strings.ToLower(name); plain([]byte(lower)) {
		return lower
	}
	return strings.ToLower(strings.ToUpper(name))
}

const space = " \t\r\n"

// inObject is what is behind the brace that opens an object; nil where the text is none.
func inObject(text []byte) []byte {
	if text = bytes.TrimLeft(text, space); len(text) == 0 || text[0] != '{' {
		return nil
	}
	return text[1:]
}

// member is the next member of an object, and what is behind it. value is nil at the end.
func member(text []byte) (name string, value, rest []byte) {
	text = bytes.TrimLeft(text, space+",")
	if len(text) == 0 || text[0] == '}' {
		return "", nil, nil
	}
	end := valueEnd(text)
	if quoted := text[:end]; plain(quoted) {
		name = string(quoted[1 : end-1])
	} else if json.Unmarshal(quoted, &name) != nil {
		panic("companion: a name that encoding/json has read, and does not read")
	}
	text = bytes.TrimLeft(text[end:], space+":")
	end = valueEnd(text)
	return name, text[:end], text[end:]
}

// plain tells that a string is what it says, without an escape and of ASCII alone.
func plain(quoted []byte) bool {
	for _, c := range quoted {
		if c == '\\' || c > '~' {
			return false
		}
	}
	return true
}

// valueEnd is where the value ends that a text begins with.
func valueEnd(text []byte) int {
	for at, depth := 0, 0; ; at++ {
		switch text[at] {
		case '"':
			at += stringEnd(text[at:]) - 1
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		default:
			for depth == 0 { // a number, or a word
				if at++; at == len(text) || strings.IndexByte(space+",]}", text[at]) >= 0 {
					return at
				}
			}
		}
		if depth == 0 {
			return at + 1
		}
	}
}

// stringEnd is where the string ends that a text begins with.
func stringEnd(text []byte) int {
	for at := 1; ; at++ {
		at += bytes.IndexByte(text[at:], '"')
		slashes := 0
		for text[at-1-slashes] == '\\' {
			slashes++
		}
		if slashes%2 == 0 {
			return at + 1
		}
	}
}
