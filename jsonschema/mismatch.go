package jsonschema

import (
	"strconv"
	"unicode/utf8"
)

// Mismatch is the first place where a value does not fit.
type Mismatch struct {
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
		c.mismatch = &Mismatch{Path: pathOf(c.path), Reason: string(appendShort([]byte(reason), written))}
	}
	return wrong
}

func pathOf(parts []part) string {
	var b []byte
	for _, p := range parts {
		if len(b) > maxPath {
			b = append(b, "…"...)
			break
		}
		switch {
		case p.name == nil:
			b = append(strconv.AppendInt(append(b, '['), int64(p.index), 10), ']')
		case plain(p.name[1 : len(p.name)-1]):
			if len(b) > 0 {
				b = append(b, '.')
			}
			b = appendShort(b, p.name[1:len(p.name)-1])
		default: // ["as it was written"]
			b = append(appendShort(append(b, '['), p.name), ']')
		}
	}
	return string(b)
}

// plain tells whether a name can stand between dots.
func plain(name []byte) bool {
	for _, c := range name {
		if c != '_' && c != '-' && c != '$' && (c < '0' || '9' < c) && (c < 'A' || 'Z' < c) && (c < 'a' || 'z' < c) {
			return false
		}
	}
	return len(name) > 0
}

func appendShort(dst, text []byte) []byte {
	if len(text) <= maxShown {
		return append(dst, text...)
	}
	end := maxShown
	for end > maxShown-utf8.UTFMax && !utf8.RuneStart(text[end]) {
		end--
	}
	return append(append(dst, text[:end]...), "…"...)
}
