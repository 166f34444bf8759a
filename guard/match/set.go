// Package match finds the words and patterns of a policy in text that arrives in pieces.
//
// What is looked for is compiled before, by guard/match/compile, into a program: text that the policy carries. Load makes a Set of
// it, which any number of Matchers read. A Matcher's work is linear in the text, whatever the text and the rules are, and
// any way of cutting the text into pieces gives the same finds.
//
//	set, err := match.Load(program)
//	m := set.NewMatcher()
//	for piece := range pieces {
//		finds = append(finds, m.Write(piece)...)
//	}
//	finds = append(finds, m.End()...)
//
// A set was compiled either to tell which rules match, each once, or to tell every match and where it is (compile.Options.Spans).
package match

import (
	"errors"

	"github.com/sluice-gateway/sluice/guard/match/internal/fold"
)

// Find is a match. Start and End are bytes of the text as it was written, also where what is matched is folded.
type Find struct {
	Rule int
	// Start is -1 for a pattern of a set that does not tell spans.
	Start, End int
	// Of a literal, Word is the first of its Words words, counted from the text's beginning, and Quoted whether a quotation mark
	// is right before it.
	Word, Words int
	Quoted      bool
}

// Set is a loaded program. It does not change.
type Set struct {
	rules     int
	spans     bool
	every     bool // all literals are told, also within each other
	byCase    bool // words are compared as they are: by case, or folded before
	fold      fold.Options
	detectors []detector
	spanner   *spanner
	lists     *lists
}

// Rules is how many rules the set was compiled of.
func (s *Set) Rules() int { return s.rules }

// Spans reports whether every match is told.
func (s *Set) Spans() bool { return s.spans }

// prefix begins a program; the number is the format's.
const prefix = "sluice-match:1:"

var (
	errVersion = errors.New("match: not a program of this version: render the configuration again")
	errCorrupt = errors.New("match: the program is damaged: render the configuration again")
)

// Load reads a program that compile.Compile has made. It checks all of it, so that no program makes a Matcher fail.
func Load(program string) (*Set, error) {
	if len(program) < len(prefix) || program[:len(prefix)] != prefix {
		return nil, errVersion
	}
	r, ok := open(program[len(prefix):])
	if !ok {
		return nil, errCorrupt
	}
	options := r.number(31)
	s := &Set{fold: fold.Options(options & 3), spans: options&4 != 0, byCase: options&8 != 0, every: options&16 != 0}
	s.rules = r.number(1<<16 - 1)
	for range r.number(16) {
		s.detectors = append(s.detectors, r.detector(s.rules))
	}
	if r.number(1) == 1 {
		s.spanner = r.spanner(s.rules)
	}
	s.lists = r.lists(s.rules)
	if r.bad || len(r.rest) > 0 || s.spanner != nil && !s.spans || len(s.detectors) > 0 && s.spans || s.every && s.spans {
		return nil, errCorrupt
	}
	return s, nil
}
