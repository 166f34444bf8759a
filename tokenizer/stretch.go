package tokenizer

// A stretch counts the tokens of one piece of any length, given bit by bit, in bounded memory (18 KB).
//
// The encoding of a text up to a border between its tokens does not depend on what follows, so each prefix of the piece has
// one last token: the only one at its end that is adjacent to the last token of the prefix before it. From the shortest prefix
// to the longest, each is found among the at most maxToken tokens that end there. As no token is longer than maxToken, the text
// and the last tokens of the maxToken latest prefixes determine all that follows.
//
// Runs of one character have the most tokens to choose from, and are what an attacker would send, and what source code has. There the
// last tokens come again with a period, which is the length of the longest token of that character: a power of two, in both
// vocabularies. So when the maxToken latest prefixes are what they were a period of maxToken before, and the next byte is too, then so is
// the next last token, without a search.
type stretch struct {
	text    []byte   // the latest stretchKept bytes that were worked out, and those appended since
	known   int      // last, length and count are known up to here
	last    []uint32 // last[i]: the last token of the piece up to text[:i]
	length  []uint8  // of last[i]
	count   []int    // count[i]: the number of tokens
	run     uint32   // slot of the last token, if it is of one character only; 0: not known
	again   int      // how many of the latest known prefixes were the same maxToken before
	choices [maxToken]choice
}

const (
	stretchBlock = 1024 // bytes appended between two slides
	stretchPeek  = 8    // bytes that peek may append beyond
	stretchKept  = 2 * maxToken
	stretchRoom  = stretchKept + stretchBlock

	noToken = ^uint32(0) // the last token of the empty prefix
)

// reset begins a piece.
func (s *stretch) reset() {
	if s.text == nil {
		s.make(stretchRoom + stretchPeek)
	}
	s.text, s.known, s.again, s.run = s.text[:0], 0, 0, 0
	s.last[0], s.count[0] = noToken, 0
}

func (s *stretch) make(room int) {
	s.text = make([]byte, 0, room)
	s.last = make([]uint32, room+1)
	s.length = make([]uint8, room+1)
	s.count = make([]int, room+1)
}

// append goes on with the piece. It must not be full.
func (s *stretch) append(text string) { s.text = append(s.text, text...) }

// full reports that n bytes more need a slide before.
func (s *stretch) full(n int) bool { return len(s.text)+n > stretchRoom }

// slide works out all of the piece so far and forgets all but the latest stretchKept prefixes. Places in text move.
func (s *stretch) slide(t *tables) {
	n := len(s.text)
	from := max(0, n-stretchKept)
	s.at(t, n)
	copy(s.last, s.last[from:n+1])
	copy(s.length, s.length[from:n+1])
	copy(s.count, s.count[from:n+1])
	s.text = s.text[:copy(s.text, s.text[from:])]
	s.known = n - from
}

// at returns the number of tokens of the piece up to text[:end].
func (s *stretch) at(t *tables, end int) int {
	text := bytesAsString(s.text)
	for s.known < end {
		i := s.known + 1
		sameByte := i > maxToken && text[i-1] == text[i-1-maxToken]
		if sameByte && s.again >= maxToken {
			s.last[i], s.length[i], s.run = s.last[i-maxToken], s.length[i-maxToken], 0
		} else {
			token, length := s.lastToken(t, text, i)
			s.last[i], s.length[i] = token, uint8(length)
			if sameByte && s.last[i] == s.last[i-maxToken] {
				s.again++
			} else {
				s.again = 0
			}
		}
		s.count[i] = s.count[i-int(s.length[i])] + 1
		s.known = i
	}
	return s.count[end]
}

// lastToken finds the last token of the piece up to text[:end]. All shorter prefixes are known.
func (s *stretch) lastToken(t *tables, text string, end int) (token uint32, length int) {
	// In a run of one character, the last token of the prefix before has nearly always grown by one. The trie is of reversed
	// tokens, which makes no difference here.
	if length = int(s.length[end-1]) + 1; s.run != 0 && text[end-1] == text[end-2] {
		s.run = t.child(s.run, text[end-1])
		if token, ok := t.token(s.run); ok && t.follows(s.last[end-length], token) {
			return token, length
		}
	}
	n := t.suffixes(text, end, maxToken, &s.choices) - 1
	for n > 0 && !t.follows(s.last[end-int(s.choices[n].length)], s.choices[n].token) {
		n-- // at 0 it is one byte: there is a last token, and it is none of the others
	}
	token, length = s.choices[n].token, int(s.choices[n].length)
	s.run = t.root()
	for i := end - length; i < end && s.run != 0; i++ {
		if s.run = t.child(s.run, text[i]); text[i] != text[end-1] {
			s.run = 0
		}
	}
	return token, length
}

// end is at for all of the piece so far.
func (s *stretch) end(t *tables) int { return s.at(t, len(s.text)) }

// peek is end as it would be with up to stretchPeek bytes of text appended.
func (s *stretch) peek(t *tables, text string) int {
	n := len(s.text)
	s.at(t, n)
	again, run := s.again, s.run
	s.append(text)
	count := s.end(t)
	s.text, s.known, s.again, s.run = s.text[:n], n, again, run
	return count
}
