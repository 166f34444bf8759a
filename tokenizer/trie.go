package tokenizer

// A slot of the trie; see internal/build/trie.go for the layout.
const (
	slotLabel = 1<<9 - 1
	slotOwn   = 256 // the label of the slot that holds a node's own token
	slotLeaf  = 1 << 9
	slotToken = 1 << 10
	slotShift = 11
)

// suffix finds the longest token, of at most max bytes, that text[:end] ends with. There is always one, since every single
// byte is a token. It takes at most min(max, maxToken) steps.
func (t *tables) suffix(text string, end, max int) (token uint32, length int) {
	trie := *t.trie
	if max > end {
		max = end
	}
	slot := load32(trie, 0)
	var found uint32 // the slot of the longest token so far
	for n := 1; n <= max; n++ {
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
