package build

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"
)

// The trie holds every token from its last byte to its first, as a double array: the child of a node by byte c is at slot
// base+c, if that slot's label is c. No two nodes have the same base, so a label names the parent. A slot is 32 bits:
//
//	bits  0..8   label: the byte, 256 for the slot of a node's own token, 511 for a free slot
//	bit   9      leaf: value is a token
//	bit  10      the node is a token too, which is the value of the slot base+256
//	bits 11..31  value: the base, or the token
//
// The root's base is in slot 0's value; slot 0 itself is never a child.
const (
	labelOwn   = 256
	labelFree  = 511
	flagLeaf   = 1 << 9
	flagToken  = 1 << 10
	valueShift = 11
)

type node struct {
	children []edge // by ascending label
	token    int    // -1: none
	base     int
	slot     int
}

type edge struct {
	label byte
	to    *node
}

// Trie builds the double array over the reversed tokens.
func Trie(v *Vocabulary) ([]byte, error) {
	sorted := make([]int, len(v.Tokens))
	for i := range sorted {
		sorted[i] = i
	}
	slices.SortFunc(sorted, func(a, b int) int { return compareReversed(v.Tokens[a], v.Tokens[b]) })
	root := &node{token: -1}
	nodes := []*node{root}
	for _, id := range sorted {
		token, at := v.Tokens[id], root
		for i := len(token) - 1; i >= 0; i-- {
			if n := len(at.children); n > 0 && at.children[n-1].label == token[i] {
				at = at.children[n-1].to
				continue
			}
			next := &node{token: -1}
			at.children = append(at.children, edge{token[i], next})
			nodes = append(nodes, next)
			at = next
		}
		at.token = id
	}
	slots := place(nodes)
	if len(slots) >= 1<<(32-valueShift) {
		return nil, fmt.Errorf("%s: %d trie slots do not fit a base of %d bits", v.Name, len(slots), 32-valueShift)
	}
	for _, n := range nodes {
		switch {
		case len(n.children) == 0:
			slots[n.slot] |= flagLeaf | uint32(n.token)<<valueShift
		case n.token >= 0:
			slots[n.slot] |= flagToken | uint32(n.base)<<valueShift
			slots[n.base+labelOwn] |= uint32(n.token) << valueShift
		default:
			slots[n.slot] |= uint32(n.base) << valueShift
		}
	}
	out := make([]byte, 0, len(slots)*4)
	for _, slot := range slots {
		out = binary.LittleEndian.AppendUint32(out, slot)
	}
	return out, nil
}

func compareReversed(a, b []byte) int {
	for i := 1; i <= len(a) && i <= len(b); i++ {
		if c := cmp.Compare(a[len(a)-i], b[len(b)-i]); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(a), len(b))
}

// place gives each node its slots, those with the most children first, each at the lowest base that fits, and returns the
// array with labels only.
func place(nodes []*node) []uint32 {
	order := slices.Clone(nodes)
	slices.SortStableFunc(order, func(a, b *node) int { return len(b.children) - len(a.children) })
	a := array{baseUsed: map[int]bool{}}
	a.grow(1)
	a.take(0, labelFree-1) // slot 0 is the root's
	for _, n := range order {
		if len(n.children) == 0 {
			break
		}
		labels := make([]int, 0, len(n.children)+1)
		for _, e := range n.children {
			labels = append(labels, int(e.label))
		}
		if n.token >= 0 {
			labels = append(labels, labelOwn)
		}
		n.base = a.fit(labels)
		for i, label := range labels {
			a.take(n.base+label, uint32(label))
			if i < len(n.children) {
				n.children[i].to.slot = n.base + label
			}
		}
	}
	a.grow(len(a.slots) + labelOwn + 1) // so that base+c is always inside
	return a.slots
}

// array is a double array under construction. Its free slots are in a list, so that a search for a place skips what is full.
type array struct {
	slots    []uint32
	next     []int // of a slot: the next that may be free
	baseUsed map[int]bool
}

func (a *array) grow(n int) {
	for i := len(a.slots); i < n; i++ {
		a.slots, a.next = append(a.slots, labelFree), append(a.next, i)
	}
}

func (a *array) take(slot int, label uint32) {
	a.grow(slot + 2)
	a.slots[slot], a.next[slot] = label, slot+1
}

// free returns the first free slot at or after i, shortening the way there for the next search.
func (a *array) free(i int) int {
	a.grow(i + 1)
	to := i
	for a.next[to] != to {
		to = a.next[to]
		a.grow(to + 1)
	}
	for a.next[i] != i {
		i, a.next[i] = a.next[i], to
	}
	return to
}

func (a *array) fit(labels []int) int {
	for first := a.free(labels[0] + 1); ; first = a.free(first + 1) {
		base := first - labels[0]
		if a.baseUsed[base] {
			continue
		}
		taken := func(label int) bool { return base+label < len(a.slots) && a.slots[base+label] != labelFree }
		if !slices.ContainsFunc(labels, taken) {
			a.baseUsed[base] = true
			return base
		}
	}
}
