package tokenizer

// A stretch counts the tokens of one piece of any length, given bit by bit, in bounded memory (18 KB).
//
// The encoding of a text up to a border between its tokens does not depend on what follows, so each prefix of the piece has
// one last token: the only one at its end that is adjacent to the last token of the prefix before it. From the shortest prefix
// to the longest, each is found among the at most maxToken tokens that end there. As no token is longer than maxToken, the last
// tokens and counts of the maxToken latest prefixes are all that is needed to go on.
type stretch struct {
	text    []byte   // the latest maxToken bytes that were worked out, and those appended since
	known   int      // last, length and count are known up to here
	last    []uint32 // last[i]: the last token of the piece up to text[:i]
	length  []uint8  // of last[i]
	count   []int    // count[i]: the number of tokens
	choices [maxToken]choice
}

const (
	stretchBlock = 1024 // bytes appended between two slides
	stretchPeek  = 8    // bytes that peek may append beyond
	stretchRoom  = maxToken + stretchBlock

	noToken = ^uint32(0) // the last token of the empty prefix
)

// reset begins a piece.
func (s *stretch) reset() {
	if s.text == nil {
		s.make(stretchRoom + stretchPeek)
	}
	s.text, s.known = s.text[:0], 0
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

// slide works out all of the piece so far and forgets all but the latest maxToken prefixes. Places in text move.
func (s *stretch) slide(t *tables) {
	n := len(s.text)
	from := max(0, n-maxToken)
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
		s.known++
		token, length := s.lastToken(t, text, s.known)
		s.last[s.known], s.length[s.known] = token, uint8(length)
		s.count[s.known] = s.count[s.known-length] + 1
	}
	return s.count[end]
}

// lastToken finds the last token of the piece up to text[:end]. All shorter prefixes are known.
func (s *stretch) lastToken(t *tables, text string, end int) (token uint32, length int) {
	// Most often the last token of the prefix before has grown by one byte, and in runs of one character, where there are very
	// many choices, nearly always.
	if length = int(s.length[end-1]) + 1; end > 1 && length <= maxToken {
		if token, ok := t.exact(text[end-length : end]); ok && t.follows(s.last[end-length], token) {
			return token, length
		}
	}
	n := t.suffixes(text, end, maxToken, &s.choices)
	for n--; n > 0; n-- {
		c := s.choices[n]
		if t.follows(s.last[end-c.length], c.token) {
			return c.token, c.length
		}
	}
	return s.choices[0].token, 1 // one byte: there is a last token, and none of the others is
}

// end is at for all of the piece so far.
func (s *stretch) end(t *tables) int { return s.at(t, len(s.text)) }

// peek is end as it would be with up to stretchPeek bytes of text appended.
func (s *stretch) peek(t *tables, text string) int {
	n := len(s.text)
	s.append(text)
	count := s.end(t)
	s.text, s.known = s.text[:n], min(s.known, n)
	return count
}
