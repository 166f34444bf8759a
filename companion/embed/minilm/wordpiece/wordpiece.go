// Package wordpiece gives texts the token ids that BERT's uncased models were trained with:
// those of the class BertTokenizer in Hugging Face's libraries. A text is
//
//  1. cut at the special tokens that stand in it, such as [SEP], which are tokens as they are;
//  2. cleaned: control characters and U+FFFD are dropped, white space is a space, and every
//     Chinese character is a word;
//  3. decomposed (NFD), without its accents, in lower case;
//  4. cut at spaces, and at punctuation, which is a word of one character;
//  5. word by word replaced by the longest pieces of the vocabulary, from the left. A word
//     with a part that is in no piece, or of more than 100 characters, is [UNK].
//
// All of it is done word by word in one pass, so that a long text costs no more than what is
// read of it, and that is bounded: see MostBytes.
package wordpiece

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const (
	// longestWord is in characters.
	longestWord = 100
	// MostBytes is how much of a text is looked at. 254 tokens are some kilobytes; more is
	// needed only by words that are [UNK] for their length, or by characters that are
	// dropped, and who sends megabytes of these shall not keep a core busy.
	MostBytes = 64 << 10
)

// Tokenizer is safe for use by many goroutines.
type Tokenizer struct {
	first    map[string]int32 // pieces that begin a word
	next     map[string]int32 // those that go on with one, without their ##
	longest  int              // bytes of the longest piece
	special  []special
	unknown  int32
	cls, sep int32
	size     int
}

type special struct {
	text string
	id   int32
}

// New makes a tokenizer of a vocabulary: one piece a line, its id the line's number from 0.
func New(vocabulary string) (*Tokenizer, error) {
	lines := strings.Split(strings.TrimSuffix(vocabulary, "\n"), "\n")
	t := &Tokenizer{first: make(map[string]int32, len(lines)), next: make(map[string]int32), size: len(lines)}
	for i, piece := range lines {
		in := t.first
		if rest, ok := strings.CutPrefix(piece, "##"); ok && rest != "" {
			piece, in = rest, t.next
		}
		if !utf8.ValidString(piece) || piece == "" || strings.ContainsRune(piece, '\r') {
			return nil, fmt.Errorf("wordpiece: line %d, %q, is no piece", i+1, piece)
		}
		if before, twice := in[piece]; twice {
			return nil, fmt.Errorf("wordpiece: %q is in line %d and in line %d", lines[i], before+1, i+1)
		}
		in[piece] = int32(i)
		t.longest = max(t.longest, len(piece))
	}
	for _, text := range []string{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"} {
		id, ok := t.first[text]
		if !ok {
			return nil, fmt.Errorf("wordpiece: %s is not among the %d lines", text, len(lines))
		}
		t.special = append(t.special, special{text, id})
	}
	t.unknown, t.cls, t.sep = t.special[1].id, t.special[2].id, t.special[3].id
	return t, nil
}

// Size is the number of ids there are.
func (t *Tokenizer) Size() int { return t.size }

// Encode appends to ids those of a text: [CLS], its tokens, [SEP]. They are at most most,
// at least 2, and cut tells that the text has more of them, or more than MostBytes, behind
// which nothing is looked at. What is no UTF-8 counts as U+FFFD, so it is dropped.
func (t *Tokenizer) Encode(ids []int32, text string, most int) (_ []int32, cut bool) {
	begin := len(ids)
	w := words{t: t, ids: append(ids, t.cls), end: begin + most - 1}
	cut = w.read(text) || len(w.ids) > w.end
	return append(w.ids[:min(len(w.ids), w.end)], t.sep), cut
}

// words is a text on its way to ids.
type words struct {
	t     *Tokenizer
	ids   []int32
	end   int    // what ids has beyond this is not wanted
	word  []byte // cleaned, and no more than that
	plain []byte // its letters, as the vocabulary has them
	wide  bool   // word is not ASCII alone
}

// read tells whether it has stopped at MostBytes. A word that is incomplete there is none.
func (w *words) read(text string) (stopped bool) {
	for at := 0; at < len(text) && len(w.ids) <= w.end; {
		if at >= MostBytes {
			return true
		}
		if b := text[at]; letterOrDigit(b) { // most texts, mostly
			w.word = append(w.word, b)
			at++
			continue
		} else if b == '[' {
			if s, ok := w.t.specialAt(text[at:]); ok {
				w.flush()
				w.ids = append(w.ids, s.id)
				at += len(s.text)
				continue
			}
		}
		r, size := utf8.DecodeRuneInString(text[at:])
		at += size
		switch {
		case dropped(r):
		case space(r):
			w.flush()
		case r < utf8.RuneSelf && punctuation(r), chinese(r):
			// Neither has to do with the characters beside it in what follows, so the
			// word before it is complete, and it is one of its own.
			w.flush()
			w.add(r)
			w.flush()
		default:
			w.add(r)
		}
	}
	w.flush()
	return false
}

func letterOrDigit(b byte) bool {
	return 'a' <= b|0x20 && b|0x20 <= 'z' || '0' <= b && b <= '9'
}

func (t *Tokenizer) specialAt(text string) (special, bool) {
	for _, s := range t.special {
		if strings.HasPrefix(text, s.text) {
			return s, true
		}
	}
	return special{}, false
}

func (w *words) add(r rune) {
	w.word = utf8.AppendRune(w.word, r)
	w.wide = w.wide || r >= utf8.RuneSelf
}

// flush ends a word of the cleaned text: steps 3 to 5.
func (w *words) flush() {
	defer func() { w.word, w.plain, w.wide = w.word[:0], w.plain[:0], false }()
	if !w.wide {
		for i, b := range w.word {
			if 'A' <= b && b <= 'Z' {
				w.word[i] = b + 'a' - 'A'
			}
		}
		w.pieces(w.word)
		return
	}
	for decomposed := norm.NFD.Bytes(w.word); len(decomposed) > 0; {
		r, size := utf8.DecodeRune(decomposed)
		decomposed = decomposed[size:]
		if accent(r) {
			continue
		}
		if r = unicode.ToLower(r); !punctuation(r) {
			w.plain = utf8.AppendRune(w.plain, r)
			continue
		}
		w.pieces(w.plain)
		w.plain = utf8.AppendRune(w.plain[:0], r)
		w.pieces(w.plain)
		w.plain = w.plain[:0]
	}
	w.pieces(w.plain)
}

// pieces appends the ids of a word: step 5.
func (w *words) pieces(word []byte) {
	if len(word) == 0 || len(w.ids) > w.end {
		return
	}
	if len(word) > longestWord && utf8.RuneCount(word) > longestWord {
		w.ids = append(w.ids, w.t.unknown)
		return
	}
	begin, in := len(w.ids), w.t.first
	for at := 0; at < len(word); in = w.t.next {
		to := min(len(word), at+w.t.longest)
		id, ok := in[string(word[at:to])]
		for !ok && to > at+1 {
			to--
			id, ok = in[string(word[at:to])]
		}
		if !ok {
			w.ids = append(w.ids[:begin], w.t.unknown)
			return
		}
		w.ids = append(w.ids, id)
		at = to
	}
}
