package guard

import "math/bits"

// values is a set of values, in which the longest that a text goes on with is looked up: a tree
// of the bits in which they differ (Morrison's PATRICIA, 1968). A byte is nine bits here, the
// first of which tells that there is one, so that a value may begin with another one:
//
//	"Ann", "Ann Lee", "Bob"      byte 0, bit 0x01 ┬ 0: "Bob"
//	                                              └ 1: byte 3, there is one ┬ 0: "Ann"
//	                                                                        └ 1: "Ann Lee"
//
// What a look-up takes does not depend on the number of values, but for the forks on the way.
type values struct {
	nodes  []node
	root   int32      // a fork, or ^ a value
	begins [64]uint64 // a bit for each hash of the first three bytes of a value

	shorter [maxForks]int32 // values on the way that the text may go on from, the longest last
}

// node is a value, and the fork that came with it: all but the first have one.
type node struct {
	_ [0]func() // not compared: Go makes code for that

	text, name string

	// The first bit in which values differ that are the same before it.
	at, bit int32    // in which byte
	next    [2]int32 // by the bit: a fork, or ^ a value
}

const (
	oneMore  = 0x100 // the bit that tells that there is a byte
	maxForks = 128   // on the way to a value
)

func (n *node) side(text []byte) int {
	if int(n.at) < len(text) && (int32(text[n.at])|oneMore)&n.bit != 0 {
		return 1
	}
	return 0
}

// add adds a value of three bytes or more. One that is there keeps its name.
func (v *values) add(text, name string) {
	key := []byte(text)
	added := node{text: text, name: name}
	to := &v.root
	if n := int32(len(v.nodes)); n == 0 {
		*to = ^n
	} else {
		like, _ := v.walk(key)
		if like < 0 {
			return // too many forks on the way: values that begin with each other, by the hundred
		}
		other := v.nodes[like].text
		at := common(key, other)
		added.at, added.bit = int32(at), oneMore
		if at < len(key) && at < len(other) {
			added.bit = 1 << (bits.Len8(key[at]^other[at]) - 1)
		} else if len(key) == len(other) {
			return
		}
		for *to >= 0 {
			next := &v.nodes[*to]
			if next.at > added.at || next.at == added.at && next.bit < added.bit {
				break
			}
			to = &next.next[next.side(key)]
		}
		side := added.side(key)
		added.next[side], added.next[1-side] = ^n, *to
		*to = n
	}
	v.nodes = append(v.nodes, added)
	word, bit := begins(key)
	v.begins[word] |= bit
}

// begins is where in values.begins it is told of what begins as text does.
func begins(text []byte) (word int, bit uint64) {
	hash := (uint32(text[0])<<16 | uint32(text[1])<<8 | uint32(text[2])) * 0x9e3779b1 >> 20
	return int(hash >> 6), 1 << (hash & 63)
}

// may tells whether some value may stand at the beginning of a text.
func (v *values) may(text []byte) bool {
	if len(text) < minSought {
		return false
	}
	word, bit := begins(text)
	return v.begins[word]&bit != 0
}

// longest is the longest value at a place in a text, as a whole word: its name and its length, 0 =
// there is none.
func (v *values) longest(text []byte, at int) (name string, length int) {
	rest := text[at:]
	like, n := v.walk(rest)
	if like < 0 {
		return "", 0
	}
	for same := common(rest, v.nodes[like].text); ; {
		if found := &v.nodes[like]; len(found.text) <= same && edge(text, at+len(found.text)) {
			return found.name, len(found.text)
		}
		if n == 0 {
			return "", 0
		}
		n--
		like = v.shorter[n]
	}
}

// walk is the value that a text is most like, < 0 where there are too many forks on the way, and
// how many there are in shorter.
func (v *values) walk(text []byte) (like int32, n int) {
	next := v.root
	for range maxForks {
		if next < 0 {
			return ^next, n
		}
		f := &v.nodes[next]
		side := f.side(text)
		if f.bit == oneMore && side == 1 {
			v.shorter[n] = ^f.next[0]
			n++
		}
		next = f.next[side]
	}
	return -1, 0
}

// common is the length of what two texts begin with alike.
func common(a []byte, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}
