package tokenizer

// A slot of the trie; see internal/build/trie.go for the layout.
const (
	slotLabel = 1<<9 - 1
	slotOwn   = 256 // the label of the slot that holds a node's own token
	slotLeaf  = 1 << 9
	slotToken = 1 << 10
	slotShift = 11
)

// suffix finds the longest token that text[:end] ends with. There is always one, since every single byte is a token. It takes
// at most maxToken steps.
func (t *tables) suffix(text string, end int) (token uint32, length int) {
	trie := *t.trie
	slot := load32(trie, 0)
	var found uint32 // the slot of the longest token so far
	for n := 1; n <= end; n++ {
		c := uint32(text[end-n])
		slot = load32(trie, uint(slot>>slotShift+c)*4)
		if slot&slotLabel != c {
			break
		}
		if slot&slotLeaf != 0 {
			return slot >> slotShift, n
		}
		if slot&slotToken != 0 {
			found, length = slot, n
		}
	}
	return load32(trie, uint(found>>slotShift+slotOwn)*4) >> slotShift, length
}

// choice is a token that may stand at the end of a text.
type choice struct {
	token  uint32
	length int
}

// suffixes finds all tokens of at most max bytes that text[:end] ends with, the shortest first, and returns how many. If max is
// not 0, the first has one byte.
func (t *tables) suffixes(text string, end, max int, found *[maxToken]choice) (n int) {
	trie := *t.trie
	if max > end {
		max = end
	}
	slot := load32(trie, 0)
	for length := 1; length <= max; length++ {
		c := uint32(text[end-length])
		slot = load32(trie, uint(slot>>slotShift+c)*4)
		if slot&slotLabel != c {
			break
		}
		if slot&slotLeaf != 0 {
			found[n&(maxToken-1)] = choice{slot >> slotShift, length}
			return n + 1
		}
		if slot&slotToken != 0 {
			found[n&(maxToken-1)] = choice{load32(trie, uint(slot>>slotShift+slotOwn)*4) >> slotShift, length}
			n++
		}
	}
	return n
}

// exact finds the token that is text.
func (t *tables) exact(text string) (token uint32, ok bool) {
	trie := *t.trie
	slot := load32(trie, 0)
	for i := len(text) - 1; i >= 0; i-- {
		c := uint32(text[i])
		slot = load32(trie, uint(slot>>slotShift+c)*4)
		if slot&slotLabel != c {
			return 0, false
		}
		if slot&slotLeaf != 0 {
			return slot >> slotShift, i == 0
		}
	}
	if slot&slotToken == 0 {
		return 0, false
	}
	return load32(trie, uint(slot>>slotShift+slotOwn)*4) >> slotShift, true
}
