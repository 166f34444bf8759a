package tokenizer

// pair returns the token that left and right merge into.
func (t *tables) pair(left, right uint32) (token uint32, ok bool) {
	pilots, pairs := *t.pilots, *t.pairs
	h := hashPair(left, right)
	bucket := uint(uint64(uint32(h)) * uint64(len(pilots)/2) >> 32)
	slot, tag := placePair(h, load16(pilots, 2*bucket), len(pairs)/3)
	entry := load32(pairs, 3*slot)
	if entry>>18&63 != tag {
		return 0, false
	}
	token = entry & (1<<18 - 1)
	l, r := t.split(token)
	return token, l == left && r == right
}

// hashPair and placePair are those of internal/build/pairs.go.
func hashPair(left, right uint32) uint64 {
	h := (uint64(left) | uint64(right)<<18) * 0x9e3779b97f4a7c15
	return h ^ h>>32
}

func placePair(h uint64, pilot uint32, slots int) (slot uint, tag uint32) {
	h = (h ^ uint64(pilot)*0xd6e8feb86659fd93) * 0x9e3779b97f4a7c15
	return uint((h >> 32) * uint64(slots) >> 32), uint32(h>>26) & 63
}

// split returns the two tokens whose merge makes token. A single byte is its own left and right.
func (t *tables) split(token uint32) (left, right uint32) {
	packed := load64(*t.splits, 5*uint(token))
	return uint32(packed) & (1<<18 - 1), uint32(packed>>18) & (1<<18 - 1)
}

// adjacent reports whether left and right can stand side by side in an encoding: whether byte pair merging, applied to their
// bytes together, ends with these two and merges nothing across the border between them.
//
// It runs the merging backwards. What was merged last has the highest rank (a token's parts have lower ranks than itself:
// internal/build checks it), so that is undone first, and of two equal ones the right, since merging goes from the left.
// Between two steps the tokens at the border are left and right, and the next thing that happened there, forwards, is the
// step just undone. Had the two merged, they would have done it before that step: when their merge has a lower rank, or the
// same and stands further left. Each step goes down one level of two trees of at most maxToken bytes, so there are fewer
// than 2*maxToken.
func (t *tables) adjacent(left, right uint32) bool {
	before := ^uint32(0) // a merge across the border of a rank below this would have come first
	for {
		step()
		if merged, ok := t.pair(left, right); ok && merged < before {
			return false
		}
		switch {
		case left < 256 && right < 256: // two single bytes, which nothing was merged to
			return true
		case left > right:
			before = left
			_, left = t.split(left)
		default:
			before = right + 1
			right, _ = t.split(right)
		}
	}
}
