package compare

import "strings"

// wordTable finds a word's line in the list of words. The lines stay where they are, in
// one string, so that reading a list of 150,000 words takes a few milliseconds.
type wordTable struct {
	lines []string // word, space, letters of its parts of speech, ? for a rare one
	slots []uint32 // by hash; the number of a line, from 1
}

const slots = 1 << 19

func (t *wordTable) add(line string) {
	if t.slots == nil {
		t.slots, t.lines = make([]uint32, slots), make([]string, 0, slots/3)
	}
	w, _, _ := strings.Cut(line, " ")
	t.lines = append(t.lines, line)
	at := hash(w)
	for t.slots[at] != 0 {
		at = (at + 1) % slots
	}
	t.slots[at] = uint32(len(t.lines))
}

func (t *wordTable) find(w string) (parts string, rare bool) {
	for at := hash(w); t.slots[at] != 0; at = (at + 1) % slots {
		line := t.lines[t.slots[at]-1]
		if len(line) > len(w) && line[len(w)] == ' ' && line[:len(w)] == w {
			return strings.CutSuffix(line[len(w)+1:], "?")
		}
	}
	return "", false
}

// hash is FNV-1a.
func hash(w string) uint32 {
	h := uint32(2166136261)
	for i := range len(w) {
		h = (h ^ uint32(w[i])) * 16777619
	}
	return h % slots
}

// parts are the letters of the parts of speech that a word has, the most common first: n,
// v, a and r as in WordNet, p for a name, - for none known. Empty is an unknown word.
func (l *lexicon) parts(w string) string {
	parts, _ := l.words.find(w)
	if parts == "" {
		return l.added[w]
	}
	return parts
}

// rare tells a word that few texts have, or one that only other spellings than the
// American have.
func (l *lexicon) rare(w string) bool {
	_, rare := l.words.find(w)
	return rare
}
