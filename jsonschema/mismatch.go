package jsonschema

import (
	"strconv"
	"unicode/utf8"
)

// Mismatch is the first place where a value does not fit.
type Mismatch struct {
	_ [0]func() // not compared: Go makes code for that

	Path   string // "choices[0].name"; "" is the value itself
	Reason string // "missing"; it has names and numbers of the schema, but nothing of the value
}

func (m *Mismatch) Error() string {
	if m.Path == "" {
		return "the value: " + m.Reason
	}
	return m.Path + ": " + m.Reason
}

// How much of a name, of a schema's text and of a path is shown: a model or a client has
// written them.
const (
	maxShown = 64
	maxPath  = 512
)

// part is a step from a value to one inside it.
type part struct {
	name  []byte // a member's, as written and with its quotes; nil for an element
	index int    // an element's
}

// wrong notes a mismatch, unless another schema may still be fitted.
func (c *checker) wrong(reason string, written []byte) verdict {
	if c.quiet == 0 && c.mismatch == nil {
		c.mismatch = &Mismatch{Path: pathOf(c.path), Reason: reason + short(written)}
	}
	return wrong
}

func (c *checker) wrongInside(p part, reason string) verdict {
	c.path = append(c.path, p)
	c.wrong(reason, nil)
	c.path = c.path[:len(c.path)-1]
	return wrong
}

func pathOf(parts []part) string {
	path := ""
	for _, p := range parts {
		if len(path) > maxPath {
			return path + "…"
		}
		switch {
		case p.name == nil:
			path += "[" + strconv.Itoa(p.index) + "]"
		case !plain(p.name): // ["as it was written"]
			path += "[" + short(p.name) + "]"
		default:
			if path != "" {
				path += "."
			}
			path += short(p.name[1 : len(p.name)-1])
		}
	}
	return path
}

// plain tells whether a name can stand between dots.
func plain(quoted []byte) bool {
	for _, c := range quoted[1 : len(quoted)-1] {
		if c != '_' && c != '-' && c != '$' && (c < '0' || '9' < c) && (c|' ' < 'a' || 'z' < c|' ') {
			return false
		}
	}
	return len(quoted) > len(`""`)
}

func short(text []byte) string {
	if len(text) <= maxShown {
		return string(text)
	}
	end := maxShown
	for end > maxShown-utf8.UTFMax && !utf8.RuneStart(text[end]) {
		end--
	}
	return string(text[:end]) + "…"
}
