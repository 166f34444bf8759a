package match

import (
	"unicode/utf8"

	"github.com/sluice-gateway/sluice/guard/match/internal/fold"
	"github.com/sluice-gateway/sluice/guard/match/internal/words"
)

// reading is how far a Matcher has come in the lists.
type reading struct {
	*lists
	byCase  bool
	joiners bool // a joiner is no word
	spans   bool
	every   bool

	rune   [utf8.UTFMax]byte // a character that is not whole yet; the folded text is valid
	runeN  int
	runeAt uint32

	word       words.Hash
	inWord     bool
	start, end uint32 // of the word that is being read
	node       uint32
	count      uint               // words read
	starts     [words.Most]uint32 // of the last words
	quoted     [words.Most]bool   // whether a quotation mark is before each
	last       byte               // the last one that is not in a word
	seen       []uint64           // by record, whether it has been told
	undecided  []Find             // found, and may be within a longer one
	found      []Find             // decided; the Matcher takes them
	looked     int
}

// read takes one byte of folded text.
func (r *reading) read(b byte, start, end uint32) {
	char := rune(b)
	if b >= utf8.RuneSelf {
		if r.runeN == 0 {
			r.runeAt = start
		}
		r.rune[r.runeN] = b
		if r.runeN++; !utf8.FullRune(r.rune[:r.runeN]) {
			return
		}
		char, _ = utf8.DecodeRune(r.rune[:r.runeN])
		r.runeN, start = 0, r.runeAt
	}
	if !r.byCase && (char >= 'A' && char <= 'Z' || char >= utf8.RuneSelf) {
		char = fold.Lower(char)
	}
	class := words.ClassOf(char)
	if class == words.Letter {
		r.letter(char, start, end)
		return
	}
	r.endWord()
	r.last = b
	if class == words.Single || class == words.Joiner && !r.joiners {
		r.letter(char, start, end)
		r.endWord()
	}
}

//go:noinline
func (r *reading) letter(char rune, start, end uint32) {
	if !r.inWord {
		r.inWord, r.word, r.start = true, words.Empty, start
		r.quoted[r.count%words.Most] = r.last == '"' || r.last == '\'' || r.last == '`'
		r.last = 0
	}
	r.word = r.word.Add(char)
	r.end = end
}

//go:noinline
func (r *reading) endWord() {
	if !r.inWord {
		return
	}
	r.inWord = false
	r.starts[r.count%words.Most] = r.start
	r.count++
	r.node = r.step(r.node, r.word, &r.looked)
	out := r.outputs[r.node]
	if !r.spans {
		r.tell(out)
		return
	}
	if out != 0 {
		start := r.back(r.records[out].size)
		for n := len(r.undecided); n > 0 && r.undecided[n-1].Start >= start; n-- {
			r.undecided = r.undecided[:n-1]
		}
		r.undecided = r.find(r.undecided, out)
	}
	if len(r.undecided) > 0 {
		r.decide(r.from(int(r.end)))
	}
}

// decide moves what begins before a byte of the text to found.
//
//go:noinline
func (r *reading) decide(before int) {
	n := 0
	for n < len(r.undecided) && r.undecided[n].Start < before {
		n++
	}
	r.found = append(r.found, r.undecided[:n]...)
	r.undecided = append(r.undecided[:0], r.undecided[n:]...)
}

// tell tells of every literal that ends here, or of every one that has not been told. Where one has, so have all that end with it.
//
//go:noinline
func (r *reading) tell(out uint32) {
	for ; out != 0; out = r.records[out].next {
		r.looked++
		if !r.every {
			if r.seen == nil {
				r.seen = make([]uint64, (len(r.records)+63)/64)
			}
			word, bit := &r.seen[out/64], uint64(1)<<(out%64)
			if *word&bit != 0 {
				return
			}
			*word |= bit
		}
		r.found = r.find(r.found, out)
	}
}

//go:noinline
func (r *reading) find(finds []Find, out uint32) []Find {
	record := &r.records[out]
	first := r.count - uint(record.size)
	return append(finds, Find{Rule: int(record.rule), Start: r.back(record.size), End: int(r.end),
		Word: int(first), Words: int(record.size), Quoted: r.quoted[first%words.Most]})
}

// back is where the last size words begin.
//
//go:noinline
func (r *reading) back(size uint8) int { return int(r.starts[(r.count-uint(size))%words.Most]) }

// from is where the first literal begins that may still be found; otherwise is what it is when none has begun.
//
//go:noinline
func (r *reading) from(otherwise int) int {
	switch {
	case r.depth[r.node] > 0:
		return r.back(r.depth[r.node])
	case r.inWord:
		return int(r.start)
	case r.runeN > 0:
		return int(r.runeAt)
	}
	return otherwise
}
