package match

import (
	"math"

	"github.com/sluice-gateway/sluice/guard/match/internal/fold"
)

// Matcher reads one text. It is not for use by several goroutines at once.
type Matcher struct {
	set    *Set
	folder fold.Folder
	chunk  fold.Chunk
	words  reading
	window window
	states []uint16 // of the set's detectors
	seen   []bool   // by rule: told already, in a set without spans
	left   int      // rules that are not
	last   int      // the end of the last byte that the detectors read
	read   int

	finds []Find // what the last call told
}

// NewMatcher gives a Matcher for one text, which Reset makes ready for another.
func (s *Set) NewMatcher() *Matcher {
	m := &Matcher{set: s}
	m.states = make([]uint16, len(s.detectors))
	if !s.spans {
		m.seen = make([]bool, s.rules)
	}
	m.Reset()
	return m
}

// Reset forgets the text.
func (m *Matcher) Reset() {
	s := m.set
	m.folder = fold.Folder{Options: s.fold}
	m.words = reading{lists: s.lists, byCase: s.byCase, joiners: s.fold != 0, spans: s.spans, every: s.every,
		undecided: m.words.undecided[:0], found: m.words.found[:0]}
	m.window = window{spanner: s.spanner, before: -1, text: m.window.text[:0], states: m.window.states, found: m.window.found[:0]}
	for i := range s.detectors {
		m.states[i] = s.detectors[i].starts[0]
	}
	clear(m.seen)
	m.left, m.last, m.read = s.rules, 0, 0
	m.finds = m.finds[:0]
}

// Write reads the next piece of the text. It returns what that decided, valid until the next call: of a set without spans each rule's
// first match, as soon as it is known; of one with spans the finds in the order in which they begin. Patterns' finds do
// not overlap each other. Of literals each find is told that is not within another literal's; they may overlap each other, and patterns'.
func (m *Matcher) Write(p []byte) []Find {
	m.finds = m.finds[:0]
	for len(p) > 0 {
		p = m.folder.Fold(&m.chunk, p)
		m.digest()
	}
	m.tell(m.Decided())
	return m.finds
}

// End reads the end of the text, and returns what that decided. Only Reset may follow.
func (m *Matcher) End() []Find {
	m.finds = m.finds[:0]
	m.folder.End(&m.chunk)
	m.digest()
	for i := range m.set.detectors {
		d := &m.set.detectors[i]
		m.detected(d.rules(d.next[uint(m.states[i])*d.classes+d.end]), m.last)
	}
	if m.set.spanner != nil {
		m.window.decide(true)
	}
	if m.set.lists != nil {
		m.words.endWord()
		m.words.decide(math.MaxInt)
	}
	m.tell(math.MaxInt)
	return m.finds
}

// Fork gives a Matcher that has read the same text, to see what it would be if it ended. Neither tells
// what the other has told. It is for sets without spans.
func (m *Matcher) Fork() *Matcher {
	fork := *m
	fork.states = append([]uint16(nil), m.states...)
	return &fork
}

// Done reports that no more text can change anything: every rule has been told.
func (m *Matcher) Done() bool { return !m.set.spans && !m.set.every && m.left == 0 }

// digest reads the chunk.
func (m *Matcher) digest() {
	c := &m.chunk
	bytes := c.Bytes[:c.N]
	if len(bytes) == 0 || m.Done() {
		return
	}
	for i := range m.set.detectors {
		d := &m.set.detectors[i]
		for at := 0; at < len(bytes); {
			state, n := d.run(m.states[i], bytes[at:])
			m.states[i] = state
			at += n
			end := m.last
			if at > 1 {
				end = int(c.End[at-2])
			}
			m.detected(d.rules(state), end)
		}
		m.read += len(bytes)
	}
	m.last = int(c.End[c.N-1])
	if m.set.spanner != nil {
		for i, b := range bytes {
			m.window.text = append(m.window.text, place{c.Start[i], c.End[i], b})
			if len(m.window.text) > windowSize {
				m.window.decide(false)
			}
		}
	}
	if m.set.lists != nil {
		for i, b := range bytes {
			m.words.read(b, c.Start[i], c.End[i])
		}
	}
}

//go:noinline
func (m *Matcher) detected(rules []uint16, end int) {
	for _, rule := range rules {
		m.once(Find{Rule: int(rule), Start: -1, End: end})
	}
}

//go:noinline
func (m *Matcher) once(find Find) {
	if !m.seen[find.Rule] {
		m.seen[find.Rule] = true
		m.left--
		m.finds = append(m.finds, find)
	}
}

// tell moves what was found, and begins before a byte of the text, to finds: in order where spans are told, and otherwise each
// rule once, or every literal.
func (m *Matcher) tell(before int) {
	patterns, literals := m.window.found, m.words.found
	for {
		from := &patterns
		if len(patterns) == 0 || len(literals) > 0 && literals[0].Start < patterns[0].Start {
			from = &literals
		}
		if len(*from) == 0 || m.set.spans && (*from)[0].Start >= before {
			break
		}
		if m.set.spans || m.set.every {
			m.finds = append(m.finds, (*from)[0])
		} else {
			m.once((*from)[0])
		}
		*from = (*from)[1:]
	}
	m.window.found = append(m.window.found[:0], patterns...)
	m.words.found = append(m.words.found[:0], literals...)
}

// Decided is the byte of the text before which all finds of a set with spans have been told.
func (m *Matcher) Decided() int {
	at := m.folder.Decided()
	if m.set.spanner != nil && len(m.window.text) > 0 {
		at = min(at, int(m.window.text[0].start))
	}
	if m.set.lists != nil {
		at = min(at, m.words.from(at))
	}
	return at
}
