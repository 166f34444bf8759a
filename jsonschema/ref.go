package jsonschema

import (
	"strconv"

	"github.com/sluice-gateway/sluice/jsontree"
)

// ref follows a $ref to another place of the whole schema.
func (c *checker) ref(k, value jsontree.Value) verdict {
	if c.renamed {
		return unknown
	}
	place := c.resolve(k.Text())
	if place.Kind() == jsontree.Absent {
		return unknown
	}
	return c.check(place, value)
}

// resolve is what a reference of this form names: # and a JSON pointer, which may be
// empty, percent-encoded as in a URI (https://www.rfc-editor.org/rfc/rfc6901#section-6).
func (c *checker) resolve(reference string) (place jsontree.Value) {
	if reference == "" || reference[0] != '#' {
		return place
	}
	place = c.root
	pointer := percentDecoded(reference[1:])
	for pointer != "" {
		if pointer[0] != '/' {
			return jsontree.Value{} // the name of an anchor
		}
		end := 1
		for end < len(pointer) && pointer[end] != '/' {
			end++
		}
		if !c.spend(1 + place.Len()) {
			return jsontree.Value{}
		}
		place = child(place, unescaped(pointer[1:end]))
		pointer = pointer[end:]
	}
	return place
}

func child(v jsontree.Value, name string) jsontree.Value {
	if v.Kind() == jsontree.Array {
		for i, e := range v.Elements() {
			if strconv.Itoa(i) == name {
				return e
			}
		}
	}
	return v.Get(name)
}

// unescaped undoes the escapes of a JSON pointer: ~1 is a slash, ~0 a tilde.
func unescaped(s string) string {
	var b []byte
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '~' && i+1 < len(s) {
			switch s[i+1] {
			case '0':
				i++
			case '1':
				c = '/'
				i++
			}
		}
		b = append(b, c)
	}
	return string(b)
}

func percentDecoded(s string) string {
	var b []byte
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '%' && i+2 < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				c = byte(n)
				i += 2
			}
		}
		b = append(b, c)
	}
	return string(b)
}
