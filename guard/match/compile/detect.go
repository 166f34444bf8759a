package compile

import (
	"encoding/binary"
	"slices"
)

// headroom is how many times the states that are allowed may be there before those that do the same are merged.
const headroom = 4

// detector is an automaton that labels the text with the rules that end there, wherever they began.
func detector(patterns []pattern, limit int) (*automaton, error) {
	if limit <= 0 {
		return nil, errTooLarge
	}
	g, err := union(patterns)
	if err != nil {
		return nil, err
	}
	known := map[string]int32{}
	sets := [][]int{nil}
	a, err := determine(reading{graph: g, anywhere: true, limit: limit * headroom, label: func(rules []int) int32 {
		var key []byte
		for _, rule := range rules {
			key = binary.AppendUvarint(key, uint64(rule))
		}
		id := number(known, key) + 1
		if int(id) == len(sets) {
			sets = append(sets, slices.Clone(rules))
		}
		return id
	}})
	if err != nil {
		return nil, err
	}
	small, _ := a.minimised(nil)
	if small.states() > limit {
		return nil, errTooLarge
	}
	small.sets = sets
	return small, nil
}
