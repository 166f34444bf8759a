package pii

import "unicode/utf8"

// Find is one piece of personal data, or a secret.
type Find struct {
	Kind  Kind
	What  string // finer than the kind, from a table: "visa", "aws_access_key_id", "us"
	Start int    // of the first byte in the text
	End   int    // behind the last
	Score uint8  // per cent
}

// Options say what is looked for.
type Options struct {
	Kinds    Kinds // none = all
	MinScore uint8 // finds below are not returned, nor do they hide others; 0 = DefaultMinScore
}

// DefaultMinScore is the least score of a find.
const DefaultMinScore = 50

const (
	// ahead is how many bytes, from the one that a look begins at, a look may see; it sees
	// at least 320. A byte is looked at once that many bytes follow it, or the text's end is
	// known: so what is found does not depend on how the text came.
	ahead = 320 + step
	// behind is how many bytes before the byte where a look begins its find may start.
	behind = 96
)

// Scanner finds personal data and secrets in one text. It is for one goroutine.
type Scanner struct {
	kinds    Kinds
	minScore uint8

	pos     int // the next byte to be looked at
	text    window
	row     number // the groups of digits last looked at
	open    opened // a find whose end was not in sight
	pending pending
	seen    [contextCount]int // where the last word of a context ended
	clear   clear             // where no such word is

	mistyped span   // an IBAN that fails its check
	found    []Find // of this call
	done     int
	work     int // bytes looked at more than once, for a test of linear time
}

// New returns a scanner of one text.
func New(o Options) *Scanner {
	s := &Scanner{kinds: o.Kinds, minScore: o.MinScore, found: make([]Find, 0, 16)}
	if s.kinds == 0 {
		s.kinds = All
	}
	if s.minScore == 0 {
		s.minScore = DefaultMinScore
	}
	s.Reset()
	return s
}

// Reset makes the scanner ready for another text.
func (s *Scanner) Reset() {
	s.pos, s.done, s.work = 0, 0, 0
	s.text.base, s.text.held, s.text.n, s.text.saved = 0, 0, 0, 0
	s.row.read = 0
	s.clear, s.mistyped = clear{}, span{}
	s.open = opened{}
	s.pending.n, s.pending.floor = 0, 0
	for i := range s.seen {
		s.seen[i] = never
	}
	s.found = s.found[:0]
}

// Scan looks at a text, which is all of it so far: it begins with what earlier calls were
// given. The finds are those that are final and were not returned before, in order and
// not overlapping; they are valid until the next call. Everything before done is decided:
// no later find starts there. With end nothing follows, and done is the text's length.
//
// However a text is cut into calls, the finds are the same. A call looks at the bytes that
// are new and at up to 480 before them.
func (s *Scanner) Scan(text []byte, end bool) (finds []Find, done int) {
	s.found = s.found[:0]
	limit := len(text)
	if !end {
		limit -= ahead
	}
	i := s.pos
	for {
		if s.open.is {
			if !s.extend(text, end) {
				break
			}
			i = s.pos
		}
		for i < limit && class[text[i]]&(word|sign) == 0 {
			i++
		}
		if i >= limit {
			break
		}
		if next := plainWord(text, i); next > i {
			i = next
			continue
		}
		s.pos = i
		s.text.show(text, i)
		i = s.text.base + s.look(&s.text, i-s.text.base)
		s.pos = i
	}
	s.pos = max(s.pos, i)
	if end {
		s.flush()
		s.done = len(text)
		return s.found, s.done
	}
	s.settle(text)
	return s.found, s.done
}

// settle returns what no later find can overlap, and moves done.
func (s *Scanner) settle(text []byte) {
	from := s.pos - behind
	if s.open.is {
		from = min(from, s.open.find.Start)
	}
	if s.pending.n > 0 && s.pending.end <= from {
		s.flush()
	}
	if s.pending.n > 0 {
		from = min(from, s.pending.start)
	}
	for from > 0 && from < len(text) && !utf8.RuneStart(text[from]) {
		from--
	}
	s.done = max(s.done, from)
}

// opened is a find that reaches as far as a look may see, and goes on as long as its bytes do.
type opened struct {
	_     incomparable
	is    bool
	find  Find
	bytes uint16 // the classes of byte that it goes on with; armor = to the end of a key's block
	last  bool   // of a block: its last line has begun
}

// leave leaves a find open, which has positions in the window.
//
//go:noinline
func (s *Scanner) leave(f *Find, bytes uint16) {
	f.Start += s.text.base
	f.End += s.text.base
	s.open = opened{is: true, find: *f, bytes: bytes}
}

// extend goes on with the open find. It reports whether its end was found.
func (s *Scanner) extend(text []byte, end bool) bool {
	o := &s.open
	var i int
	var wait bool
	if o.bytes == armor {
		i, wait = o.extendBlock(text, end)
	} else {
		i, wait = o.extendRun(text, end)
	}
	o.find.End = i
	if wait {
		return false
	}
	s.pos = i
	for text[o.find.End-1] == '.' {
		o.find.End-- // the end of a sentence
	}
	o.is = false
	s.keep(&o.find)
	return true
}

// extendRun goes on to the end of a run of bytes.
func (o *opened) extendRun(text []byte, end bool) (i int, wait bool) {
	i = o.find.End
	for i < len(text) && class[text[i]]&o.bytes != 0 {
		i++
	}
	return i, i == len(text) && !end
}

// look looks at what begins at t.at(i), or has its sign there, and returns where to go on.
// t ends where a look must not see further.
func (s *Scanner) look(t *window, i int) int {
	c := class[t.at(i)]
	switch {
	case c&word != 0:
		return s.word(t, i)
	case c&sign == 0:
		return i + 1
	case t.at(i) >= 0x80:
		return s.beyondASCII(t, i)
	case t.at(i) == '@':
		s.email(t, i, 1)
	case t.at(i) == ':':
		return s.colon(t, i)
	default:
		return s.keyBlock(t, i)
	}
	return i + 1
}
