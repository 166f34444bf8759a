package compile

import "encoding/binary"

// minimised is the automaton with the fewest states that labels every text as a does, and with the fewest classes. States that
// have a label come last. told separates states beyond their label; it may be nil.
func (a *automaton) minimised(told []int32) (small *automaton, block []int32) {
	n := a.states()
	block = make([]int32, n)
	known := map[string]int32{}
	var key []byte
	for s := range n {
		key = binary.LittleEndian.AppendUint32(key[:0], uint32(a.label[s]))
		if told != nil {
			key = binary.LittleEndian.AppendUint32(key, uint32(told[s]))
		}
		block[s] = number(known, key)
	}
	for count := len(known); ; {
		clear(known)
		next := make([]int32, n)
		for s := range n {
			key = binary.LittleEndian.AppendUint32(key[:0], uint32(block[s]))
			for _, to := range a.row(s) {
				key = binary.LittleEndian.AppendUint32(key, uint32(block[to]))
			}
			next[s] = number(known, key)
		}
		block = next
		if len(known) == count {
			break
		}
		count = len(known)
	}
	return a.merged(block, len(known))
}

func number(known map[string]int32, key []byte) int32 {
	id, ok := known[string(key)]
	if !ok {
		id = int32(len(known))
		known[string(key)] = id
	}
	return id
}

func (a *automaton) row(s int) []int32 { return a.next[s*a.classes : (s+1)*a.classes] }

// merged makes one state of each block, renumbers the blocks so that labelled ones come last, and merges classes.
func (a *automaton) merged(block []int32, blocks int) (*automaton, []int32) {
	first := make([]int, blocks) // a state of each block
	for s := len(block) - 1; s >= 0; s-- {
		first[block[s]] = s
	}
	order := make([]int32, blocks)
	small := &automaton{}
	for _, labelled := range []bool{false, true} {
		for b := range blocks {
			if label := a.label[first[b]]; (label != 0) == labelled {
				order[b] = int32(len(small.label))
				small.label = append(small.label, label)
			}
		}
	}
	rows := make([][]int32, blocks)
	for b := range blocks {
		row := make([]int32, a.classes)
		for c, to := range a.row(first[b]) {
			row[c] = order[block[to]]
		}
		rows[order[b]] = row
	}
	for s := range block {
		block[s] = order[block[s]]
	}
	for i, start := range a.starts {
		small.starts[i] = block[start]
	}
	// Classes whose columns are the same are one. The end of the text stays by itself, as the last.
	known := map[string]int32{}
	var columns []int
	merged := make([]int, a.classes)
	var key []byte
	for c := range a.classes - 1 {
		key = key[:0]
		for _, row := range rows {
			key = binary.LittleEndian.AppendUint32(key, uint32(row[c]))
		}
		merged[c] = int(number(known, key))
		if merged[c] == len(columns) {
			columns = append(columns, c)
		}
	}
	columns = append(columns, a.classes-1)
	small.classes = len(columns)
	for b := range small.class {
		small.class[b] = merged[a.class[b]]
	}
	for _, row := range rows {
		for _, c := range columns {
			small.next = append(small.next, row[c])
		}
	}
	return small, block
}
