package tokenizer

// A stretch counts the tokens of one piece of any length, given bit by bit, in bounded memory (27 KB).
//
// The encoding of a text up to a border between its tokens does not depend on what follows, so each prefix of the piece has
// one last token: the one at its end that is adjacent to the last token of the prefix before it. As no token is longer than
// maxToken, the last tokens and the counts of the maxToken latest prefixes are all that is needed to go on. Of the prefixes
// before those, only the ones that are met on the way are worked out, each once, so the time is linear.
type stretch struct {
	text  []byte   // the latest maxToken bytes that were worked out, and those appended since
	last  []uint32 // last[i], count[i]: the last token and the number of tokens of the piece up to text[:i]
	count []int
	open  []candidate // the prefixes being worked out, each waiting for the next
}

// candidate is a token that may be the last of the prefix that ends with it.
type candidate struct {
	token       uint32
	end, length int
}

const (
	stretchBlock = 1024 // bytes appended between two slides
	stretchPeek  = 8    // bytes that peek may append beyond
	stretchRoom  = maxToken + stretchBlock

	lastUnknown = ^uint32(0)
	lastNone    = lastUnknown - 1 // the prefix is empty
)

// reset begins a piece.
func (s *stretch) reset() {
	if s.text == nil {
		s.make(stretchRoom + stretchPeek)
	}
	s.text = s.text[:0]
	s.last[0], s.count[0] = lastNone, 0
}

func (s *stretch) make(room int) {
	s.text = make([]byte, 0, room)
	s.last = make([]uint32, room+1)
	s.count = make([]int, room+1)
}

// append goes on with the piece. It must not be full.
func (s *stretch) append(text string) {
	n := len(s.text)
	s.text = append(s.text, text...)
	for i := n + 1; i <= len(s.text); i++ {
		s.last[i] = lastUnknown
	}
}

// full reports that n bytes more need a slide before.
func (s *stretch) full(n int) bool { return len(s.text)+n > stretchRoom }

// slide works out the latest maxToken prefixes and forgets the rest. Places in text move.
func (s *stretch) slide(t *tables) {
	n := len(s.text)
	from := max(0, n-maxToken)
	for i := from; i <= n; i++ {
		s.at(t, i)
	}
	copy(s.last, s.last[from:n+1])
	copy(s.count, s.count[from:n+1])
	s.text = s.text[:copy(s.text, s.text[from:])]
}

// at returns the number of tokens of the piece up to text[:end].
func (s *stretch) at(t *tables, end int) int {
	if s.last[end] != lastUnknown {
		return s.count[end]
	}
	text := bytesAsString(s.text)
	s.open = append(s.open[:0], longest(t, text, end))
	for len(s.open) > 0 {
		c := &s.open[len(s.open)-1]
		start := c.end - c.length
		before := s.last[start]
		switch {
		case before == lastUnknown:
			s.open = append(s.open, longest(t, text, start))
		case before == lastNone || t.adjacent(before, c.token):
			s.last[c.end], s.count[c.end] = c.token, s.count[start]+1
			s.open = s.open[:len(s.open)-1]
		default:
			token, length := t.suffix(text, c.end, c.length-1)
			c.token, c.length = token, length
		}
	}
	return s.count[end]
}

func longest(t *tables, text string, end int) candidate {
	token, length := t.suffix(text, end, maxToken)
	return candidate{token, end, length}
}

// end is at for all of the piece so far.
func (s *stretch) end(t *tables) int { return s.at(t, len(s.text)) }

// peek is end as it would be with up to stretchPeek bytes of text appended.
func (s *stretch) peek(t *tables, text string) int {
	n := len(s.text)
	s.append(text)
	count := s.end(t)
	s.text = s.text[:n]
	return count
}
