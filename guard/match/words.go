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
	looked     int
}

// read takes one byte of folded text, and appends what it decides.
func (r *reading) read(finds []Find, b byte, start, end uint32) []Find {
	if b < utf8.RuneSelf {
		if !r.byCase && b >= 'A' && b <= 'Z' {
			b += 'a' - 'A'
		}
		class := words.ClassOf(rune(b))
		if class == words.Letter {
			r.letter(b, start, end)
			return finds
		}
		finds = r.endWord(finds)
		r.last = b
		if class == words.Single || class == words.Joiner && !r.joiners {
			r.letter(b, start, end)
			finds = r.endWord(finds)
		}
		return finds
	}
	if r.runeN == 0 {
		r.runeAt = start
	}
	r.rune[r.runeN] = b
	if r.runeN++; !utf8.FullRune(r.rune[:r.runeN]) {
		return finds
	}
	char, _ := utf8.DecodeRune(r.rune[:r.runeN])
	r.runeN = 0
	if !r.byCase {
		char = fold.Lower(char)
	}
	class := words.ClassOf(char)
	if class != words.Letter {
		finds = r.endWord(finds)
		r.last = b
	}
	if class == words.Space || class == words.Joiner && r.joiners {
		return finds
	}
	var bytes [utf8.UTFMax]byte
	for _, b := range bytes[:utf8.EncodeRune(bytes[:], char)] {
		r.letter(b, r.runeAt, end)
	}
	if class != words.Letter {
		finds = r.endWord(finds)
	}
	return finds
}

//go:noinline
func (r *reading) letter(b byte, start, end uint32) {
	if !r.inWord {
		r.inWord, r.word, r.start = true, words.Empty, start
		r.quoted[r.count%words.Most] = r.last == '"' || r.last == '\'' || r.last == '`'
		r.last = 0
	}
	r.word = r.word.Add(b)
	r.end = end
}

func (r *reading) endWord(finds []Find) []Find {
	if !r.inWord {
		return finds
	}
	r.inWord = false
	r.starts[r.count%words.Most] = r.start
	r.count++
	r.node = r.step(r.node, r.word, &r.looked)
	switch {
	case r.every:
		for out := r.outputs[r.node]; out != 0; out = r.records[out].next {
			finds = append(finds, r.find(out))
			r.looked++
		}
		return finds
	case !r.spans:
		return r.tell(finds)
	}
	if out := r.outputs[r.node]; out != 0 {
		find := r.find(out)
		for n := len(r.undecided); n > 0 && r.undecided[n-1].Start >= find.Start; n-- {
			r.undecided = r.undecided[:n-1]
		}
		r.undecided = append(r.undecided, find)
	}
	// What may still become longer begins with the words of node.
	decided, n := r.from(int(r.end)), 0
	for n < len(r.undecided) && r.undecided[n].Start < decided {
		n++
	}
	finds = append(finds, r.undecided[:n]...)
	r.undecided = append(r.undecided[:0], r.undecided[n:]...)
	return finds
}

//go:noinline
func (r *reading) find(out uint32) Find {
	size := uint(r.records[out].size)
	return Find{Rule: int(r.records[out].rule), Start: r.back(uint8(size)), End: int(r.end),
		Word: int(r.count - size), Words: int(size), Quoted: r.quoted[(r.count-size)%words.Most]}
}

// back is where the last size words begin.
func (r *reading) back(size uint8) int { return int(r.starts[(r.count-uint(size))%words.Most]) }

// from is where the first literal begins that may still be found; otherwise is what it is when none has begun.
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

// tell tells of every literal that ends here and has not been told. Where one has, so have all that end with it.
func (r *reading) tell(finds []Find) []Find {
	for out := r.outputs[r.node]; out != 0; out = r.records[out].next {
		if r.seen == nil {
			r.seen = make([]uint64, (len(r.records)+63)/64)
		}
		if r.seen[out/64]>>(out%64)&1 != 0 {
			break
		}
		r.seen[out/64] |= 1 << (out % 64)
		finds = append(finds, r.find(out))
	}
	return finds
}

func (r *reading) finish(finds []Find) []Find {
	finds = r.endWord(finds)
	finds = append(finds, r.undecided...)
	r.undecided = r.undecided[:0]
	return finds
}
