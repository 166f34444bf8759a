package guard

import (
	"strings"
	"unicode/utf8"

	"github.com/sluice-gateway/sluice/dialect"
	"github.com/sluice-gateway/sluice/guard/match"
	"github.com/sluice-gateway/sluice/guard/placeholder"
)

// seeker finds values that a request has redacted in its texts, which have placeholders by
// now, in one pass over each (Aho and Corasick, CACM 18, 1975). It finds exact bytes that are
// no part of a longer word, and none of a placeholder.
type seeker struct {
	vault *placeholder.Vault
	nodes []node
	edges map[uint32]int32 // by node and byte
	at    int32            // the node for what was read of the text
	read  int
	found []placeholder.Span // in what was read, in order; they do not overlap
}

// node is a beginning of values; 0 is the empty one.
type node struct {
	fail  int32 // of the beginnings of values at its end, the longest but for itself
	link  int32 // the longest that is a value; 0 = none
	depth int32
	key   int32 // of the vault's, plus 1; 0 = it is no value
}

// The limits of what is sought.
const (
	minSought = 3        // characters of a value; a shorter one is too much else
	maxSought = 16 << 10 // bytes of values at a time
	maxSeeks  = 8        // times for one request
)

// Again tells whether the request is to be read once more, as Edits have it: what tells a value
// may stand in one place, as the word in front of a password, and the value in others too.
// What is found so is replaced, and not counted in Found. A value is sought once.
func (p *Prompt) Again() bool {
	p.End()
	s := &seeker{vault: &p.Vault, nodes: make([]node, 1), edges: map[uint32]int32{}}
	keys, size := p.Vault.Keys(), 0
	var left []node // a value's last node so far, and how much of the key that is
	for ; p.sought < len(keys) && size < maxSought && p.seeks < maxSeeks; p.sought++ {
		key := keys[p.sought]
		cut := strings.IndexByte(key, 0)
		if value := key[cut+1:]; len(value) <= maxSought && utf8.RuneCountInString(value) >= minSought && key[:cut] != placeholder.Written {
			size += len(value)
			left = append(left, node{depth: int32(cut + 1), key: int32(p.sought)})
		}
	}
	if size == 0 {
		return false
	}
	for len(left) > 0 { // a byte of each in turn, so that whatever is shorter is there
		n := 0
		for _, v := range left {
			key := keys[v.key]
			v.link = s.grow(v.link, key[v.depth])
			v.depth++
			if int(v.depth) < len(key) {
				left[n] = v
				n++
			} else if end := &s.nodes[v.link]; end.key == 0 {
				end.key = v.key + 1
			}
		}
		left = left[:n]
	}
	p.seeks++
	p.g, p.said = p.g.again, nil
	p.reader = p.g.take()
	p.reader.seek = s
	return true
}

// Reads tells whether the request is being read, and has its texts go on to next.
func (p *Prompt) Reads(next dialect.Content) bool {
	p.next = next
	return p.reader != nil
}

// grow is where a byte leads from a node, which is made where that is nowhere.
func (s *seeker) grow(at int32, c byte) int32 {
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

// step is the longest beginning of a value that what was read ends with, after a byte more.
func (s *seeker) step(at int32, c byte) int32 {
	for {
		to := s.edges[uint32(at)<<8|uint32(c)]
		if to != 0 || at == 0 {
			return to
		}
		at = s.nodes[at].fail
	}
}

// value is the longest value that a node ends with; 0 = none.
func (s *seeker) value(at int32) int32 {
	if s.nodes[at].key == 0 {
		at = s.nodes[at].link
	}
	return at
}

// reset begins another text.
func (s *seeker) reset() { s.found, s.at, s.read = s.found[:0], 0, 0 }

// again is find where the request is read again.
func (r *reader) again(end bool) int {
	s := r.seek
	limit := len(r.text)
	if !end {
		limit -= placeholder.MaxLen // which is more than a character, too
	}
	for s.read < limit {
		c := r.text[s.read]
		if c == '[' {
			if _, end := around(r.text, s.read); s.vault.Has(r.text[s.read:end]) {
				s.read, s.at = end, 0
				continue
			}
		}
		s.at = s.step(s.at, c)
		s.read++
		if n := s.value(s.at); n != 0 && edge(r.text, s.read) {
			for n != 0 && !s.add(r.text, n) {
				n = s.nodes[n].link
			}
		}
	}
	done := s.read - int(s.nodes[s.at].depth) // a longer value may begin there
	if end {
		done = s.read
	}
	n := 0
	for ; n < len(s.found) && s.found[n].End <= done; n++ {
		r.finds.finds = append(r.finds.finds, find{Span: s.found[n]})
	}
	if s.found = s.found[n:]; len(s.found) > 0 {
		done = min(done, s.found[0].Start)
	}
	return done
}

// add adds a value that what was read ends with, where it is no part of a longer word, nor
// begins within a value that begins before it. Those within it are dropped.
func (s *seeker) add(text []byte, at int32) bool {
	from := s.read - int(s.nodes[at].depth)
	if !edge(text, from) {
		return false
	}
	n := len(s.found)
	for n > 0 && s.found[n-1].Start >= from {
		n--
	}
	if n > 0 && s.found[n-1].End > from {
		return false
	}
	key := s.vault.Keys()[s.nodes[at].key-1]
	s.found = append(s.found[:n], placeholder.Span{Start: from, End: s.read, Name: key[:strings.IndexByte(key, 0)]})
	return true
}

// edge tells whether no word goes on across a place in a text. The letter of an escape is of
// none: the text may be JSON itself.
func edge(text []byte, at int) bool {
	before, _ := utf8.DecodeLastRune(text[:at])
	behind, _ := utf8.DecodeRune(text[at:])
	return !match.InWord(before) || !match.InWord(behind) || at > 1 && text[at-2] == '\\'
}
