package jsonschema

import (
	"strconv"

	"github.com/sluice-gateway/sluice/jsontree"
)

// reference follows a $ref to another place of the whole schema.
func (c *checker) reference(k, value jsontree.Value) verdict {
	if !c.spend(len(raw(k))) { // some are no letter, but a name to be looked up
		return unknown
	}
	to := k.Text()
	if c.renamed || to == "" || to[0] != '#' || len(to) > 1 && to[1] != '/' {
		return unknown // of another schema, or the name of an anchor
	}
	place := c.root
	for at := 1; at < len(to) && c.spend(0); {
		var name string
		name, at = step(to, at+1)
		place = c.child(place, name)
	}
	if kind(place) == jsontree.Absent {
		return unknown
	}
	return c.check(place, value)
}

// step reads one name of a JSON pointer in a URI, and returns where it ends
// (https://www.rfc-editor.org/rfc/rfc6901): %2F is a slash of the URI, ~1 one of the name.
func step(pointer string, at int) (name string, end int) {
	var b []byte
	tilde := false
	for ; at < len(pointer); at++ {
		c := pointer[at]
		if c == '%' && at+2 < len(pointer) {
			if n, err := strconv.ParseUint(pointer[at+1:at+3], 16, 8); err == nil {
				c = byte(n)
				at += 2
			}
		}
		if c == '/' {
			break
		}
		if tilde && (c == '0' || c == '1') {
			b[len(b)-1] = "~/"[c-'0']
			tilde = false
			continue
		}
		tilde = c == '~'
		b = append(b, c)
	}
	return string(b), at
}

func (c *checker) child(v jsontree.Value, name string) (child jsontree.Value) {
	list := c.open(v)
	for _, m := range list {
		c.spend(len(nameOf(m)) / bytesPerStep)
	}
	if kind(v) == jsontree.Object {
		child = v.Get(name)
	} else if i, err := strconv.Atoi(name); err == nil && 0 <= i && i < len(list) {
		child = list[i]
	}
	c.close(list)
	return child
}
