package compile

import "unicode/utf8"

// runes adds a way for each of the characters, whose UTF-8 it spells out byte by byte: ranges has pairs of first and last. Ways
// that end alike share their nodes.
func (b *builder) runes(ranges []rune, from, to int32) {
	tails := map[step]int32{}
	var add func(lo, hi rune)
	add = func(lo, hi rune) {
		if lo > hi {
			return
		}
		for _, last := range []rune{0x7f, 0x7ff, 0xd7ff, 0xffff} { // of a length, and before the surrogates
			if lo <= last && last < hi {
				add(lo, last)
				add(last+1, hi)
				return
			}
		}
		if lo >= 0xd800 && lo <= 0xdfff {
			add(0xe000, hi)
			return
		}
		for n := 1; n < utf8.RuneLen(lo); n++ {
			low := rune(1)<<(6*n) - 1 // the bits of the last n bytes
			if lo&^low == hi&^low {
				continue
			}
			if lo&low != 0 {
				add(lo, lo|low)
				add((lo|low)+1, hi)
				return
			}
			if hi&low != low {
				add(lo, hi&^low-1)
				add(hi&^low, hi)
				return
			}
		}
		first, last := utf8.AppendRune(nil, lo), utf8.AppendRune(nil, hi)
		next := to
		for i := len(first) - 1; i > 0; i-- {
			tail := step{first[i], last[i], next}
			node, ok := tails[tail]
			if !ok {
				node = b.node()
				b.graph.steps[node] = append(b.graph.steps[node], tail)
				tails[tail] = node
			}
			next = node
		}
		b.graph.steps[from] = append(b.graph.steps[from], step{first[0], last[0], next})
	}
	for i := 0; i < len(ranges); i += 2 {
		add(ranges[i], ranges[i+1])
	}
}
