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

	patterns, literals []Find // found and not told: only sets with spans keep any
	finds              []Find // what the last call told
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
	m.words = reading{lists: s.lists, byCase: s.byCase, joiners: s.fold != 0, spans: s.spans, every: s.every, undecided: m.words.undecided[:0]}
	m.window = window{spanner: s.spanner, bytes: m.window.bytes[:0], start: m.window.start[:0], end: m.window.end[:0], states: m.window.states}
	for i := range s.detectors {
		m.states[i] = s.detectors[i].starts[0]
	}
	clear(m.seen)
	m.left, m.last, m.read = s.rules, 0, 0
	m.patterns, m.literals, m.finds = m.patterns[:0], m.literals[:0], m.finds[:0]
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
		m.patterns = m.window.decide(m.patterns, true)
	}
	if m.set.lists != nil {
		m.literals = m.words.finish(m.literals)
		m.dedupe()
	}
	m.tell(math.MaxInt)
	return m.finds
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
			m.window.add(b, c.Start[i], c.End[i])
			if len(m.window.bytes) > windowSize {
				m.patterns = m.window.decide(m.patterns, false)
			}
		}
	}
	if m.set.lists != nil {
		for i, b := range bytes {
			m.literals = m.words.read(m.literals, b, c.Start[i], c.End[i])
		}
		m.dedupe()
	}
}

//go:noinline
func (m *Matcher) detected(rules []uint16, end int) {
	for _, rule := range rules {
		m.once(Find{Rule: int(rule), Start: -1, End: end})
	}
}

// dedupe tells the rules of the literals that were found, in a set without spans.
//
//go:noinline
func (m *Matcher) dedupe() {
	if m.set.spans {
		return
	}
	if m.set.every {
		m.finds = append(m.finds, m.literals...)
	} else {
		for _, find := range m.literals {
			m.once(find)
		}
	}
	m.literals = m.literals[:0]
}

//go:noinline
func (m *Matcher) once(find Find) {
	if !m.seen[find.Rule] {
		m.seen[find.Rule] = true
		m.left--
		m.finds = append(m.finds, find)
	}
}

// tell moves what begins before a byte of the text to finds, in order.
func (m *Matcher) tell(before int) {
	if !m.set.spans {
		return
	}
	for {
		from := &m.patterns
		if len(m.patterns) == 0 || len(m.literals) > 0 && m.literals[0].Start < m.patterns[0].Start {
			from = &m.literals
		}
		if len(*from) == 0 || (*from)[0].Start >= before {
			return
		}
		m.finds = append(m.finds, (*from)[0])
		*from = (*from)[1:]
	}
}

// Decided is the byte of the text before which all finds of a set with spans have been told.
func (m *Matcher) Decided() int {
	at := m.folder.Decided()
	if m.set.spanner != nil && len(m.window.start) > 0 {
		at = min(at, int(m.window.start[0]))
	}
	if m.set.lists != nil {
		at = min(at, m.words.from(at))
	}
	return at
}
