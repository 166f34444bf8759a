package match

import (
	"unicode/utf8"

	"github.com/sluice-gateway/sluice/guard/match/internal/words"
)

// lists are all literals of a set: a tree of words, with for each node the longest other node that ends with the same words
// (Aho and Corasick, 1975, over words). The tree's edges are one hash table, so that a hundred thousand literals of a few words
// take about 7 MB. Node 0 is the root.
type lists struct {
	slots   []uint32 // hash table of nodes; 0 is free
	edges   []uint64 // by node, the hash of its parent and its word
	falls   []uint32 // by node, where to go on when no child has the next word
	depth   []uint8  // by node, its words
	outputs []uint32 // by node, the record of the longest literal that ends here; 0 for none
	records []record // from 1 on
}

// record says that a literal ends here, and where the next shorter one that ends here is.
type record struct {
	next uint32
	rule uint16
	size uint8 // in words
}

//go:noinline
func (l *lists) slot(edge uint64) uint64 { return (edge ^ edge>>29) & uint64(len(l.slots)-1) }

//go:noinline
func edgeOf(parent uint32, word words.Hash) uint64 {
	x := uint64(word) + uint64(parent)*0x9e3779b97f4a7c15
	x ^= x >> 32
	x *= 0xd6e8feb86659fd93
	return x ^ x>>32
}

// child is 0 when there is none. looked counts the slots.
//
//go:noinline
func (l *lists) child(parent uint32, word words.Hash, looked *int) uint32 {
	edge := edgeOf(parent, word)
	for i := l.slot(edge); ; i = (i + 1) & uint64(len(l.slots)-1) {
		*looked++
		node := l.slots[i]
		if node == 0 || l.edges[node] == edge {
			return node
		}
	}
}

// step is where the next word leads to.
//
//go:noinline
func (l *lists) step(node uint32, word words.Hash, looked *int) uint32 {
	for {
		if child := l.child(node, word, looked); child != 0 || node == 0 {
			return child
		}
		node = l.falls[node]
	}
}

// lists reads them, or nil when there are none.
func (r *reader) lists(rules int) *lists {
	nodes := r.number(len(r.rest)) // each adds a byte at least
	count := r.number(len(r.rest))
	if r.bad || count == 0 {
		if nodes > 0 {
			r.fail()
		}
		return nil
	}
	size := 2
	for size < nodes+nodes/2 {
		size *= 2
	}
	b := builder{reader: r, lists: lists{slots: make([]uint32, size), edges: make([]uint64, nodes+1), depth: make([]uint8, nodes+1),
		outputs: make([]uint32, nodes+1), records: make([]record, 1)}, nodes: make([]made, nodes+1), made: 1}
	for range count {
		rule := r.number(rules - 1)
		b.read(uint16(rule))
	}
	if r.bad || b.made != nodes+1 {
		r.fail()
		return nil
	}
	b.join()
	l := b.lists // without what was only needed to build
	return &l
}

// builder has what is only needed to build.
type builder struct {
	*reader
	lists
	nodes []made
	made  int // nodes, of those that the program promised

	text []byte             // the literal before
	path [words.Most]uint32 // its nodes
	ends [words.Most]int    // and where in text each one's word ends
	size int
}

// made is a node's parent, and the word that leads from there.
type made struct {
	word   words.Hash
	parent uint32
}

func (b *builder) read(rule uint16) {
	b.text, b.size = b.text[:0], 0
	count := b.number(len(b.rest))
	b.records = append(make([]record, 0, len(b.records)+count), b.records...)
	for range count {
		shared := b.number(len(b.text))
		own := b.bytes(b.number(len(b.rest)))
		for b.size > 0 && (b.ends[b.size-1] >= shared || b.ends[b.size-1] >= len(b.text)) {
			b.size--
		}
		b.text = append(b.text[:shared], own...)
		node, start := uint32(0), 0
		if b.size > 0 {
			node, start = b.path[b.size-1], b.ends[b.size-1]+1
		}
		hash := words.Empty
		for i := start; i <= len(b.text); {
			if i < len(b.text) && b.text[i] != ' ' {
				char, size := utf8.DecodeRune(b.text[i:])
				hash = hash.Add(char)
				i += size
				continue
			}
			if b.size == words.Most {
				b.fail()
				return
			}
			if node = b.add(node, hash); b.bad {
				return
			}
			b.path[b.size], b.ends[b.size] = node, i
			b.size++
			hash = words.Empty
			i++
		}
		b.records = append(b.records, record{next: b.outputs[node], rule: rule, size: uint8(b.size)})
		b.outputs[node] = uint32(len(b.records) - 1)
	}
}

//go:noinline
func (b *builder) add(parent uint32, word words.Hash) uint32 {
	if child := b.child(parent, word, new(int)); child != 0 {
		return child
	}
	node := b.made
	if node == len(b.nodes) {
		b.fail()
		return 0
	}
	b.made++
	b.edges[node] = edgeOf(parent, word)
	b.depth[node] = b.depth[parent] + 1
	b.nodes[node] = made{word, parent}
	i := b.slot(b.edges[node])
	for b.slots[i] != 0 {
		i = (i + 1) & uint64(len(b.slots)-1)
	}
	b.slots[i] = uint32(node)
	return uint32(node)
}

// join finds where each node falls to, the nearest the root first, and puts what ends there behind what ends here.
func (b *builder) join() {
	nodes := b.made
	var from [words.Most + 2]int // where each depth's nodes begin in order
	for _, depth := range b.depth {
		from[depth+1]++
	}
	for i := 1; i < len(from); i++ {
		from[i] += from[i-1]
	}
	order := make([]uint32, nodes)
	for node := range order {
		order[from[b.depth[node]]] = uint32(node)
		from[b.depth[node]]++
	}
	b.falls = make([]uint32, nodes)
	var looked int
	for _, node := range order[1:] {
		fall := uint32(0)
		if b.depth[node] > 1 {
			fall = b.step(b.falls[b.nodes[node].parent], b.nodes[node].word, &looked)
		}
		b.falls[node] = fall
		if b.outputs[node] == 0 {
			b.outputs[node] = b.outputs[fall]
			continue
		}
		last := b.outputs[node] // the same literal of several rules
		for b.records[last].next != 0 {
			last = b.records[last].next
		}
		b.records[last].next = b.outputs[fall]
	}
}
