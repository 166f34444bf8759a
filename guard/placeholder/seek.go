package placeholder

import "unicode/utf8"

// Seeker finds values of a vault in texts that were redacted by it, in one pass over each (Aho
// and Corasick, CACM 18, 1975). It finds exact bytes that are no part of a longer word, and
// none of a placeholder.
type Seeker struct {
	Found []Span // in the text so far, in order; they do not overlap

	vault  *Vault
	inWord func(rune) bool
	nodes  []node
	edges  map[uint32]int32 // by node and byte
	at     int32            // the node for what was read
	read   int
}

// node is a beginning of values; 0 is the empty one.
type node struct {
	fail  int32 // of what else its end begins values: the longest
	link  int32 // the longest that is one, 0 = none
	depth int32
	name  int32 // of vault.names, plus 1; 0 = it is no value
}

// The limits of what is sought.
const (
	MinSought = 3        // characters of a value; a shorter one is too much else
	maxSought = 16 << 10 // bytes of the values that are sought at a time
	maxSeeks  = 8        // times for one vault
)

// sought is a value as far as it has become nodes.
type sought struct {
	left     string
	at, name int32
}

// Seeker takes values that were not sought before, as many as are sought at a time; nil = there
// are none. inWord tells what words are made of.
func (v *Vault) Seeker(inWord func(rune) bool) *Seeker {
	var values []sought
	room := maxSought
	for i := range v.names {
		n := &v.names[i]
		for n.name != Written && n.sought < len(n.values) && v.seeks < maxSeeks {
			value := n.values[n.sought]
			if long := len(value) > maxSought; !long && utf8.RuneCountInString(value) >= MinSought {
				if room -= len(value); room < 0 {
					break
				}
				values = append(values, sought{value, 0, int32(i + 1)})
			}
			n.sought++
		}
	}
	if len(values) == 0 {
		return nil
	}
	v.seeks++
	s := &Seeker{vault: v, inWord: inWord, nodes: make([]node, 1, maxSought-max(room, 0)+1), edges: map[uint32]int32{}}
	for len(values) > 0 { // a byte of each in turn, so that whatever is shorter is there
		longer := values[:0]
		for _, value := range values {
			value.at = s.grow(value.at, value.left[0])
			value.left = value.left[1:]
			if n := &s.nodes[value.at]; value.left != "" {
				longer = append(longer, value)
			} else if n.name == 0 {
				n.name = value.name
			}
		}
		values = longer
	}
	return s
}

// grow is the node that a byte leads to from another, which is made where there is none.
func (s *Seeker) grow(at int32, c byte) int32 {
	key := uint32(at)<<8 | uint32(c)
	to := s.edges[key]
	if to == 0 {
		n := node{depth: s.nodes[at].depth + 1}
		if at != 0 {
			n.fail = s.step(s.nodes[at].fail, c)
			n.link = s.value(n.fail)
		}
		to = int32(len(s.nodes))
		s.nodes = append(s.nodes, n)
		s.edges[key] = to
	}
	return to
}

// step is the longest beginning of a value at the end of what was read and a byte more.
func (s *Seeker) step(at int32, c byte) int32 {
	for {
		to := s.edges[uint32(at)<<8|uint32(c)]
		if to != 0 || at == 0 {
			return to
		}
		at = s.nodes[at].fail
	}
}

// value is the longest value at the end of a node; 0 = none.
func (s *Seeker) value(at int32) int32 {
	if s.nodes[at].name == 0 {
		at = s.nodes[at].link
	}
	return at
}

// Reset begins another text.
func (s *Seeker) Reset() { s.Found, s.at, s.read = s.Found[:0], 0, 0 }

// Read reads what is new of a text. With end it is the whole of it.
func (s *Seeker) Read(text []byte, end bool) {
	limit := len(text)
	if !end {
		limit -= MaxHeld
	}
	for s.read < limit {
		c := text[s.read]
		if c == '[' {
			if n := s.placeholder(text[s.read:]); n > 0 {
				s.read += n
				s.at = 0
				continue
			}
		}
		s.at = s.step(s.at, c)
		s.read++
		n := s.value(s.at)
		if n == 0 || !s.edge(text, s.read) {
			continue
		}
		for ; n != 0 && !s.add(text, &s.nodes[n]); n = s.nodes[n].link {
		}
	}
}

// placeholder is the length of the vault's placeholder at the beginning of a text; 0 = none.
func (s *Seeker) placeholder(text []byte) int {
	var p spelling
	for i := 1; i < min(len(text), MaxHeld); i++ {
		switch p.step(text[i]) {
		case whole:
			if _, ok := s.vault.value(p.name(), p.value()); ok {
				return i + 1
			}
			return 0
		case never:
			return 0
		}
	}
	return 0
}

// add adds a value that ends at the byte that is read next, if it is no part of a longer word,
// nor begins within one that begins before. Those within it are dropped.
func (s *Seeker) add(text []byte, n *node) bool {
	from := s.read - int(n.depth)
	if !s.edge(text, from) {
		return false
	}
	before := len(s.Found)
	for before > 0 && s.Found[before-1].Start >= from {
		before--
	}
	if before > 0 && s.Found[before-1].End > from {
		return false
	}
	s.Found = append(s.Found[:before], Span{Start: from, End: s.read, Name: s.vault.names[n.name-1].name})
	return true
}

// edge tells whether no word goes on across a place in a text. The letter of an escape is of
// none: the text may be JSON itself.
func (s *Seeker) edge(text []byte, at int) bool {
	before, _ := utf8.DecodeLastRune(text[:at])
	behind, _ := utf8.DecodeRune(text[at:])
	return !s.inWord(before) || !s.inWord(behind) || at > 1 && text[at-2] == '\\'
}
