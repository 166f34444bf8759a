package wasmhost

import (
	"encoding/binary"
	"errors"
	"slices"
	"strings"
)

// Headers are name and value pairs in order. Names are compared without case.
type Headers [][2]string

// Get is the first value of a name, which is the one that Envoy gives a module.
func (h Headers) Get(name string) string {
	value, _ := h.lookup(name)
	return value
}

// Has says whether there is such a name.
func (h Headers) Has(name string) bool {
	_, ok := h.lookup(name)
	return ok
}

func (h Headers) lookup(name string) (string, bool) {
	for _, pair := range h {
		if strings.EqualFold(pair[0], name) {
			return pair[1], true
		}
	}
	return "", false
}

// set replaces all values of a name by one, in the place of the first.
func (h *Headers) set(name, value string) {
	i := slices.IndexFunc(*h, named(name))
	if i < 0 {
		*h = append(*h, [2]string{name, value})
		return
	}
	rest := slices.DeleteFunc((*h)[i+1:], named(name))
	(*h)[i][1] = value
	*h = (*h)[:i+1+len(rest)]
}

func (h *Headers) remove(name string) { *h = slices.DeleteFunc(*h, named(name)) }

func named(name string) func([2]string) bool {
	return func(pair [2]string) bool { return strings.EqualFold(pair[0], name) }
}

func (h Headers) clone(lower bool) Headers {
	c := slices.Clone(h)
	if lower {
		for i := range c {
			c[i][0] = strings.ToLower(c[i][0])
		}
	}
	return c
}

// marshal writes pairs as they cross the ABI: the number of pairs, the sizes of each
// key and value, and each key and value with a NUL behind it.
func (h Headers) marshal() []byte {
	b := binary.LittleEndian.AppendUint32(nil, uint32(len(h)))
	for _, pair := range h {
		b = binary.LittleEndian.AppendUint32(b, uint32(len(pair[0])))
		b = binary.LittleEndian.AppendUint32(b, uint32(len(pair[1])))
	}
	for _, pair := range h {
		b = append(append(b, pair[0]...), 0)
		b = append(append(b, pair[1]...), 0)
	}
	return b
}

var errPairs = errors.New("malformed header pairs")

// unmarshal reads what marshal writes; no bytes at all are no pairs.
func unmarshal(b []byte) (Headers, error) {
	if len(b) == 0 {
		return nil, nil
	}
	if len(b) < 4 {
		return nil, errPairs
	}
	n := uint64(binary.LittleEndian.Uint32(b))
	if uint64(len(b)) < 4+8*n {
		return nil, errPairs
	}
	sizes, text := b[4:4+8*n], b[4+8*n:]
	next := func() (string, bool) {
		size := uint64(binary.LittleEndian.Uint32(sizes))
		sizes = sizes[4:]
		if uint64(len(text)) < size+1 || text[size] != 0 {
			return "", false
		}
		word := string(text[:size])
		text = text[size+1:]
		return word, true
	}
	h := make(Headers, n)
	for i := range h {
		for j := range h[i] {
			word, ok := next()
			if !ok {
				return nil, errPairs
			}
			h[i][j] = word
		}
	}
	return h, nil
}
