package tokenizer

// A stretch counts the tokens of one piece of any length, given bit by bit, in bounded memory (19 KB, and 16 KB for the memo).
//
// The encoding of a text up to a border between its tokens does not depend on what follows, so each prefix of the piece has
// one last token: of those at its end the only one that is adjacent to the last token of the prefix before it. To know that of one
// prefix, the tokens at its end are tried, the longest first, for each of which that of a shorter prefix must be known; so the
// search goes to the front of the piece by the longest tokens, and comes back. Each prefix is worked out once, if at all: in
// ordinary text about one for each token. As no token is longer than maxToken, the text and the last tokens of the maxToken latest
// prefixes determine all that follows, and the others are forgotten.
//
// Runs of one character have the most tokens to choose from, and are what an attacker would send, and what source code has. In a run
// the prefixes are worked out one after the other, since the last token has nearly always grown by one (grown). And a text that
// repeats itself has its last tokens again after a while (again). These are guesses: as there is only one last token, a token that
// stands at the end and follows what is before it is the right one, however it was found.
type stretch struct {
	text   []byte   // the latest stretchKept bytes that were worked out, and those appended since
	last   []uint32 // last[i]: the last token of the piece up to text[:i]
	length []uint8  // of last[i]; 0: not known
	count  []int    // count[i]: the number of tokens
	asker  []uint8  // asker[i]: how far behind i the prefix ends that waits for this one

	runEnd  int     // the prefix that run is about
	run     uint32  // slot of its last token, if that is of one character only; 0: not known
	gone    int     // bytes of the piece in front of text
	period  int     // how far before a search found the token that it found the latest time
	seen    [32]int // where in the piece a search found a token, by its number
	choices [maxToken]choice
	memo    memo
}

const (
	stretchBlock = 1024 // bytes appended between two slides
	stretchPeek  = 8    // bytes that peek may append beyond
	stretchKept  = 2 * maxToken
	stretchRoom  = stretchKept + stretchBlock
	stretchRun   = 4 // equal bytes that are taken for a run

	noToken = ^uint32(0) // the last token of the empty prefix
)

// reset begins a piece.
func (s *stretch) reset() {
	if s.text == nil {
		s.make(stretchRoom + stretchPeek)
	}
	s.text, s.runEnd, s.gone = s.text[:0], 0, 0
	s.last[0], s.length[0], s.count[0] = noToken, 1, 0
}

// resume begins a piece, of which it keeps what of text is the beginning of the piece before.
func (s *stretch) resume(text string) {
	if s.text == nil || s.gone > 0 {
		s.reset()
		return
	}
	n := 0
	for n < min(len(text), len(s.text)) && text[n] == s.text[n] {
		n++
	}
	s.text = s.text[:n]
	if s.runEnd > n {
		s.runEnd = 0
	}
}

func (s *stretch) make(room int) {
	s.text = make([]byte, 0, room)
	s.last = make([]uint32, room+1)
	s.length = make([]uint8, room+1)
	s.count = make([]int, room+1)
	s.asker = make([]uint8, room+1)
	if s.memo == nil {
		s.memo = newMemo()
	}
}

// append goes on with the piece. It must not be full.
func (s *stretch) append(text string) {
	n := len(s.text)
	s.text = append(s.text, text...)
	clear(s.length[n+1 : len(s.text)+1])
}

// full reports that n bytes more need a slide before.
func (s *stretch) full(n int) bool { return len(s.text)+n > stretchRoom }

// slide works out what the piece so far means for what follows, and forgets all but the latest stretchKept prefixes. Places in
// text move.
func (s *stretch) slide(t *tables) {
	n := len(s.text)
	for end := max(0, n-maxToken); end <= n; end++ {
		s.at(t, end)
	}
	from := max(0, n-stretchKept)
	copy(s.last, s.last[from:n+1])
	copy(s.length, s.length[from:n+1])
	copy(s.count, s.count[from:n+1])
	s.text = s.text[:copy(s.text, s.text[from:])]
	s.runEnd -= from
	s.gone += from
}

// at returns the number of tokens of the piece up to text[:end].
func (s *stretch) at(t *tables, end int) int {
	text := bytesAsString(s.text)
	for i, most := end, maxToken; s.length[end] == 0; {
		if back := s.settle(t, text, i, most); back > 0 { // that prefix first
			i, most = i-back, maxToken
			s.asker[i] = uint8(back)
		} else if i < end {
			most = int(s.asker[i])
			i += most
		}
	}
	return s.count[end]
}

// settle finds the last token of the piece up to text[:end], which has at most the given number of bytes, and returns 0. Or it returns
// how many bytes shorter a prefix is that must be known before.
func (s *stretch) settle(t *tables, text string, end, most int) (back int) {
	inRun := end > stretchRun && text[end-1] == text[end-2] && text[end-2] == text[end-3] && text[end-3] == text[end-4]
	if inRun {
		if s.length[end-1] == 0 {
			return 1
		}
		if most == 1 { // it was that that was asked for
			most = maxToken
		}
		if s.grown(t, text, end) {
			return 0
		}
	}
	if !s.again(t, text, end) {
		for n := t.suffixes(text, end, most, &s.choices) - 1; ; n-- {
			c := s.choices[n&(maxToken-1)]
			length := int(c.length)
			if s.length[end-length] == 0 {
				return length
			}
			if s.follows(t, end-length, c.token) || n == 0 { // there is one, and it was none of the others
				s.set(end, c.token, length)
				break
			}
		}
		s.note(end)
	}
	if inRun {
		s.noteRun(t, text, end)
	}
	return 0
}

// grown settles end in a run of one character if its last token is that of the prefix before and one character more.
func (s *stretch) grown(t *tables, text string, end int) bool {
	if s.run == 0 || s.runEnd != end-1 {
		return false
	}
	s.runEnd = end
	s.run = t.child(s.run, text[end-1])
	token, ok := t.token(s.run)
	length := int(s.length[end-1]) + 1
	if !ok || s.length[end-length] == 0 || !s.follows(t, end-length, token) {
		return false
	}
	s.set(end, token, length)
	return true
}

func (s *stretch) noteRun(t *tables, text string, end int) {
	s.runEnd, s.run = end, t.root()
	for i := end - int(s.length[end]); i < end && s.run != 0; i++ {
		if s.run = t.child(s.run, text[i]); text[i] != text[end-1] {
			s.run = 0 // the trie is of reversed tokens, which makes no difference for one character
		}
	}
}

// again settles end if its last token is that of a period before.
func (s *stretch) again(t *tables, text string, end int) bool {
	before := end - s.period
	if before <= 0 || text[end-1] != text[before-1] || s.length[before] == 0 {
		return false
	}
	token, length := s.last[before], int(s.length[before])
	if before < length || s.length[end-length] == 0 || text[end-length:end] != text[before-length:before] || !s.follows(t, end-length, token) {
		return false
	}
	s.set(end, token, length)
	return true
}

// note looks when the token at end was found by a search the last time.
func (s *stretch) note(end int) {
	seen := &s.seen[s.last[end]%uint32(len(s.seen))]
	if period := s.gone + end - *seen; 0 < period && period <= stretchKept { // it may be of another piece
		s.period = period
	}
	*seen = s.gone + end
}

// follows reports whether token can follow the last token of the piece up to end, which is known.
func (s *stretch) follows(t *tables, end int, token uint32) bool {
	left := s.last[end]
	return left == noToken || s.memo.adjacent(t, left, token)
}

func (s *stretch) set(end int, token uint32, length int) {
	s.last[end], s.length[end] = token, uint8(length)
	s.count[end] = s.count[end-length] + 1
}

// end is at for all of the piece so far.
func (s *stretch) end(t *tables) int { return s.at(t, len(s.text)) }

// peek is end as it would be with up to stretchPeek bytes of text appended.
func (s *stretch) peek(t *tables, text string) int {
	n := len(s.text)
	s.at(t, n)
	runEnd, run := s.runEnd, s.run
	s.append(text)
	count := s.end(t)
	s.text, s.runEnd, s.run = s.text[:n], runEnd, run
	return count
}
