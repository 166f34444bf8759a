package tokenizer

// memo keeps what adjacent said of pairs of tokens, the latest two for each of its places. A pair is 36 bits; mixed, without a loss,
// they are 11 of the place and 25 that are kept there, so that an answer is never that of another pair. Runs of one character, and
// lines that come again, ask for the same pairs over and over.
type memo []uint32 // 0: nothing; else memoKnown | the 25 bits << 1 | whether adjacent

const (
	memoPlaces = 1 << 11
	memoBits   = 25
	memoKnown  = 1 << 31
)

func newMemo() memo { return make(memo, 2*memoPlaces) }

// adjacent is that of t, which must be the same every time.
func (m memo) adjacent(t *tables, left, right uint32) bool {
	step()
	const pair = 1<<36 - 1
	h := (uint64(left) | uint64(right)<<18) * 0x9e3779b97f4a7c15 & pair // odd, and so invertible
	h ^= h >> 18
	h = h * 0xd6e8feb86659fd93 & pair
	entry := memoKnown | uint32(h&(1<<memoBits-1))<<1
	place := m[h>>memoBits&(memoPlaces-1)*2:][:2]
	for _, kept := range place {
		if kept&^1 == entry {
			return kept&1 != 0
		}
	}
	adjacent := t.adjacent(left, right)
	if adjacent {
		entry |= 1
	}
	place[0], place[1] = entry, place[0]
	return adjacent
}
