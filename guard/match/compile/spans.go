package compile

import (
	"fmt"
	"math/bits"
	"slices"
)

// spanner finds where matches are in time linear in the text, whatever the patterns. Reading backwards first tells at each place
// whether a match begins there. Reading forwards from such a place tells where it ends; and at each end, what has been read backwards
// up to there tells whether a longer match from the same place is still to come. So forwards reads only what is in matches.
type spanner struct {
	forward, backward *automaton
	row, column       []int32  // of longer, by state of forward that has a label, and by state of backward
	longer            [][]bool // by row and column, which are distinct
}

// mostAhead bounds the table of what is ahead, in bits.
const mostAhead = 1 << 20

func spans(patterns []pattern, o Options) (*spanner, error) {
	s, err := spanAutomata(patterns, o.States)
	if err != nil {
		return nil, blame(patterns, o, err)
	}
	if size := len(s.longer) * len(s.longer[0]); size > mostAhead {
		return nil, &Error{Rule: -1, Reason: fmt.Sprintf("the patterns' ends have %d x %d cases, the most are %d together", len(s.longer), len(s.longer[0]), mostAhead), Remedy: remedy}
	}
	return s, nil
}

func spanAutomata(patterns []pattern, limit int) (*spanner, error) {
	g, err := union(patterns)
	if err != nil {
		return nil, err
	}
	forward, err := determine(reading{graph: g, limit: limit * headroom, label: func(rules []int) int32 { return int32(rules[0]) + 1 }})
	if err != nil {
		return nil, err
	}
	back := g.flipped()
	backward, err := determine(reading{graph: back, backwards: true, anywhere: true, limit: limit * headroom, label: func([]int) int32 { return 1 }})
	if err != nil {
		return nil, err
	}
	rows, columns := meet(g, forward, backward)
	var s spanner
	var block []int32
	s.forward, block = forward.minimised(ids(rows))
	rows = pick(rows, block, s.forward.states())
	s.backward, block = backward.minimised(ids(columns))
	columns = pick(columns, block, s.backward.states())
	if s.forward.states()+s.backward.states() > limit {
		return nil, errTooLarge
	}
	s.row, s.column = ids(rows), ids(columns)
	// A row has a bit by raw state of backward; a column by raw labelled state of forward. Of equal ones any will do.
	column := make([]int, distinct(s.column))
	for state, id := range s.column {
		column[id] = slices.Index(block, int32(state))
	}
	s.longer = make([][]bool, distinct(s.row))
	for state, id := range s.row {
		line := make([]bool, len(column))
		for c, raw := range column {
			line[c] = rows[state] != nil && rows[state].has(raw)
		}
		s.longer[id] = line
	}
	return &s, nil
}

// meet computes at which pairs of states a longer match is ahead: when a node that forward can be in, where both know their
// neighbours, is one that backward has come to.
func meet(g *graph, forward, backward *automaton) (rows, columns []bitset) {
	rows, columns = make([]bitset, forward.states()), make([]bitset, backward.states())
	var ends []int
	for f, label := range forward.label {
		if label != 0 {
			ends = append(ends, f)
		}
	}
	for b := range columns {
		columns[b] = newBitset(len(ends))
	}
	mark, round := make([]uint32, len(g.jumps)), uint32(0)
	for i, f := range ends {
		rows[f] = newBitset(backward.states())
		for right := range beside(neighbours) {
			round++
			g.closure(forward.kernels[f], forward.before[f], right, mark, round)
			for b, kernel := range backward.kernels {
				if backward.before[b] != right {
					continue
				}
				for _, node := range kernel {
					if mark[node] == round {
						rows[f].set(b)
						columns[b].set(i)
						break
					}
				}
			}
		}
	}
	return rows, columns
}

type bitset []uint64

func newBitset(n int) bitset    { return make(bitset, (n+63)/64) }
func (b bitset) set(i int)      { b[i/64] |= 1 << (i % 64) }
func (b bitset) has(i int) bool { return b[i/64]>>(i%64)&1 != 0 }
func (b bitset) key() (k []byte) {
	for _, word := range b {
		for range 8 {
			k = append(k, byte(word))
			word = bits.RotateLeft64(word, -8)
		}
	}
	return k
}

// ids numbers sets that are equal alike.
func ids(sets []bitset) []int32 {
	known := map[string]int32{}
	out := make([]int32, len(sets))
	for i, set := range sets {
		key := set.key()
		if set == nil {
			key = []byte("none")
		}
		out[i] = number(known, key)
	}
	return out
}

func distinct(ids []int32) int {
	most := int32(-1)
	for _, id := range ids {
		most = max(most, id)
	}
	return int(most) + 1
}

// pick takes one of each block's sets, which are equal.
func pick(sets []bitset, block []int32, blocks int) []bitset {
	out := make([]bitset, blocks)
	for i, b := range block {
		out[b] = sets[i]
	}
	return out
}
