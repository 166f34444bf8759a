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
		step()
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
	token, _ = t.token(found)
	return token, length
}

// choice is a token that may stand at the end of a text.
type choice struct {
	token  uint32
	length int32
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
		step()
		c := uint32(text[end-length])
		slot = load32(trie, uint(slot>>slotShift+c)*4)
		if slot&slotLabel != c {
			break
		}
		if slot&slotLeaf != 0 {
			found[n&(maxToken-1)] = choice{slot >> slotShift, int32(length)}
			return n + 1
		}
		if slot&slotToken != 0 {
			found[n&(maxToken-1)] = choice{load32(trie, uint(slot>>slotShift+slotOwn)*4) >> slotShift, int32(length)}
			n++
		}
	}
	return n
}

// root is the slot of the trie's root, child that of a node's child, or 0 if it has none, token what a slot's token is.
func (t *tables) root() uint32 { return load32(*t.trie, 0) }

func (t *tables) child(slot uint32, c byte) uint32 {
	step()
	if slot&slotLeaf != 0 {
		return 0
	}
	slot = load32(*t.trie, uint(slot>>slotShift+uint32(c))*4)
	if slot&slotLabel != uint32(c) {
		return 0
	}
	return slot
}

func (t *tables) token(slot uint32) (token uint32, ok bool) {
	if slot&slotLeaf != 0 {
		return slot >> slotShift, true
	}
	if slot&slotToken == 0 {
		return 0, false
	}
	return load32(*t.trie, uint(slot>>slotShift+slotOwn)*4) >> slotShift, true
}
