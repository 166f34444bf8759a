package placeholder

import (
	"unicode/utf8"

	"github.com/sluice-gateway/sluice/jsonscan"
)

// Seeker finds values of a vault wherever they stand in texts that were redacted by it, in one
// pass over each (Aho and Corasick, CACM 18, 1975). A text comes in pieces, each of which takes
// time by its length alone. What is sought are exact bytes that are no part of a longer word,
// as the text was before: where a placeholder is within a value, it is what it stands for.
type Seeker struct {
	vault  *Vault
	inWord func(rune) bool

	nodes []node
	root  [256]int32 // where the first byte of a value leads
	edges []edge     // where the others do: a hash table

	text  []byte // as far as it is here, redacted
	read  int    // so much of it is in plain
	plain []byte // the text with values for its placeholders
	held  []held // these
	at    int32  // the node for plain[:fed]
	fed   int
	finds []found // in order, none in another
}

// node is a beginning of values; 0 is the empty one.
type node struct {
	fail  int32 // of what its end is, too: the longest other
	link  int32 // the longest other that is a value; 0 = none
	depth int32
	ends  bool // it is a value
	name  string
}

type edge struct {
	key uint32 // node and byte
	to  int32  // 0 = a free place
}

// held is a placeholder: [start, stop) of the text is [from, to) of the plain one.
type held struct{ start, stop, from, to int }

// found is a value at [from, to) of the plain text.
type found struct {
	from, to int
	name     string
}

// The limits of what is sought.
const (
	MinSought = 3        // characters of a value; shorter ones stand for too much else
	maxSought = 16 << 10 // bytes of the values that are sought at a time
	maxSeeks  = 8        // times for one vault
)

// Seeker takes the values that were not sought before, as far as they can be sought at a time;
// nil = there are none. inWord tells what a word is made of.
func (v *Vault) Seeker(inWord func(rune) bool) *Seeker {
	type value struct {
		text, name string
		at         int32
	}
	var values []value
	size := 0
	for i := range v.names {
		n := &v.names[i]
		for ; n.sought < len(n.values) && v.seeks < maxSeeks && n.name != Written; n.sought++ {
			text := n.values[n.sought]
			if utf8.RuneCountInString(text) < MinSought || len(text) > maxSought {
				continue
			}
			if size += len(text); size > maxSought {
				break
			}
			values = append(values, value{text: text, name: n.name})
			// A text may be JSON itself, where the value is escaped.
			if quoted := jsonscan.AppendQuoted(nil, text); len(quoted) > len(text)+2 {
				size += len(quoted)
				values = append(values, value{text: string(quoted[1 : len(quoted)-1]), name: n.name})
			}
		}
	}
	if len(values) == 0 {
		return nil
	}
	v.seeks++
	s := &Seeker{vault: v, inWord: inWord, nodes: make([]node, 1, size+1)}
	places := 256
	for places < 2*size {
		places *= 2
	}
	s.edges = make([]edge, places)
	// Byte by byte of all of them, so that whatever is shorter is there already.
	for depth := 0; len(values) > 0; depth++ {
		left := values[:0]
		for _, one := range values {
			one.at = s.grow(one.at, one.text[depth])
			if depth+1 < len(one.text) {
				left = append(left, one)
			} else if n := &s.nodes[one.at]; !n.ends {
				n.ends, n.name = true, one.name
			}
		}
		values = left
	}
	return s
}

// child is where a byte leads from a node; 0 = nowhere.
func (s *Seeker) child(at int32, c byte) int32 {
	if at == 0 {
		return s.root[c]
	}
	return s.place(at, c).to
}

// place is where the table has an edge, or would have it. It is never more than half full.
func (s *Seeker) place(at int32, c byte) *edge {
	key := uint32(at)<<8 | uint32(c)
	for i := key * 2654435769 >> 7; ; i++ {
		if e := &s.edges[int(i)&(len(s.edges)-1)]; e.key == key || e.to == 0 {
			return e
		}
	}
}

// grow is child, which makes the node where there is none.
func (s *Seeker) grow(at int32, c byte) int32 {
	if to := s.child(at, c); to != 0 {
		return to
	}
	n := node{depth: s.nodes[at].depth + 1}
	to := int32(len(s.nodes))
	if at == 0 {
		s.root[c] = to
	} else {
		n.fail = s.step(s.nodes[at].fail, c)
		if n.link = n.fail; !s.nodes[n.fail].ends {
			n.link = s.nodes[n.fail].link
		}
		*s.place(at, c) = edge{uint32(at)<<8 | uint32(c), to}
	}
	s.nodes = append(s.nodes, n)
	return to
}

// step is the longest beginning of a value that what has been read ends with, after a byte more.
func (s *Seeker) step(at int32, c byte) int32 {
	for {
		if to := s.child(at, c); to != 0 || at == 0 {
			return to
		}
		at = s.nodes[at].fail
	}
}

// Begin begins a text.
func (s *Seeker) Begin() {
	s.text, s.plain, s.held, s.finds = s.text[:0], s.plain[:0], s.held[:0], s.finds[:0]
	s.read, s.at, s.fed = 0, 0, 0
}

// Write takes the next piece of the text.
func (s *Seeker) Write(piece []byte) {
	s.text = add(s.text, piece)
	s.seek(false)
}

// End ends the text. out is the text with placeholders for what was found; where that is
// nothing, changed is false.
func (s *Seeker) End() (out []byte, changed bool) {
	s.seek(true)
	done := 0
	for _, f := range s.finds {
		start, stop := 0, 0
		i := s.heldAt(f.from + 1)
		if i < len(s.held) && s.held[i].from <= f.from { // it begins within a placeholder, which is one with it
			f.from, start = s.held[i].from, s.held[i].start
		} else {
			start = s.behindHeld(i, f.from)
		}
		i = s.heldAt(f.to)
		if i < len(s.held) && s.held[i].from < f.to {
			f.to, stop = s.held[i].to, s.held[i].stop
		} else {
			stop = s.behindHeld(i, f.to)
		}
		if start < done {
			continue
		}
		out = add(out, s.text[done:start])
		out = s.vault.Placeholder(out, f.name, s.plain[f.from:f.to])
		done, changed = stop, true
	}
	if !changed {
		return nil, false
	}
	return add(out, s.text[done:]), true
}

// behindHeld is where in the text a byte of the plain one is, in front of placeholder i.
func (s *Seeker) behindHeld(i, at int) int {
	if i == 0 {
		return at
	}
	before := &s.held[i-1]
	return before.stop + at - before.to
}

// heldAt is the first placeholder that ends at or behind a byte of the plain text.
func (s *Seeker) heldAt(at int) int {
	low, high := 0, len(s.held)
	for low < high {
		if mid := (low + high) / 2; s.held[mid].to < at {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low
}

// seek reads on as far as the text is here.
func (s *Seeker) seek(end bool) {
	s.restore(end)
	limit := len(s.plain)
	if !end {
		limit -= utf8.UTFMax // the character behind a value has to be there
	}
	for s.fed < limit {
		s.at = s.step(s.at, s.plain[s.fed])
		s.fed++
		n := s.at
		if !s.nodes[n].ends {
			n = s.nodes[n].link
		}
		if n == 0 || !s.edge(s.fed) {
			continue
		}
		for ; n != 0; n = s.nodes[n].link {
			if from := s.fed - int(s.nodes[n].depth); s.edge(from) && s.add(found{from, s.fed, s.nodes[n].name}) {
				break
			}
		}
	}
}

// restore puts values for the placeholders of the text.
func (s *Seeker) restore(end bool) {
	var p spelling
	for {
		start, stop, ok := p.find(s.text, s.read, end)
		s.plain = add(s.plain, s.text[s.read:start])
		if s.read = start; !ok {
			return
		}
		s.read = stop
		value, known := s.vault.value(p.name(), p.value())
		if !known || string(s.text[start+1:stop-1]) != string(p.plain[:p.n]) {
			s.plain = add(s.plain, s.text[start:stop])
			continue
		}
		from := len(s.plain)
		s.plain = append(s.plain, value...)
		s.held = append(s.held, held{start, stop, from, len(s.plain)})
	}
}

// edge tells whether no word goes on across a byte of the plain text. A placeholder is no part
// of a word, nor is an escape, in a text that is JSON itself.
func (s *Seeker) edge(at int) bool {
	before, _ := utf8.DecodeLastRune(s.plain[:at])
	behind, _ := utf8.DecodeRune(s.plain[at:])
	if !s.inWord(before) || !s.inWord(behind) || escaped(s.plain[:at]) {
		return true
	}
	i := s.heldAt(at)
	return i < len(s.held) && (s.held[i].to == at || s.held[i].from == at)
}

// escaped tells whether a text ends with an escape of JSON's that ends with a letter or digit.
func escaped(text []byte) bool {
	n := len(text)
	if n >= 6 && text[n-6] == '\\' && text[n-5] == 'u' {
		return true
	}
	if n < 2 || text[n-2] != '\\' {
		return false
	}
	switch text[n-1] {
	case 'b', 'f', 'n', 'r', 't':
		return true
	}
	return false
}

// add keeps a find. It ends behind all others; of those that overlap, the one that begins
// first counts, and it is false for the other.
func (s *Seeker) add(f found) bool {
	if i := s.heldAt(f.from + 1); i < len(s.held) && s.held[i].from <= f.from && f.to <= s.held[i].to {
		return true // it is replaced already
	}
	n := len(s.finds)
	for n > 0 && s.finds[n-1].from >= f.from {
		n--
	}
	if n > 0 && s.finds[n-1].to > f.from {
		return false
	}
	s.finds = append(s.finds[:n], f)
	return true
}
