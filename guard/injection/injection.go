// Package injection scores text by how much it looks like prompt injection or a jailbreak: orders to drop one's instructions,
// requests for the system prompt, personas without rules, forged roles, hidden text, and orders to send data out or to misuse tools.
//
// The heuristics are published: docs/injection.md lists each with its weight, and internal/list is what it is made from. They know
// the usual phrasings in some languages, also disguised; they do not understand text, and whoever knows the list can write
// around it. docs/injection.md says how far they reach.
package injection

import (
	_ "embed"

	"github.com/sluice-gateway/sluice/guard/match"
)

//go:generate go run ./internal/gen

// Threshold is the score from which a text is taken for an attack, unless a policy says otherwise.
const Threshold = 50

// Heuristics are the loaded tables. They do not change.
type Heuristics struct {
	groups *match.Set // words of the steps: a rule each
	looks  *match.Set // patterns
}

var (
	//go:embed groups.program
	groupsProgram string
	//go:embed looks.program
	looksProgram string
)

// Load makes the tables, once for a process: a few milliseconds.
func Load() (*Heuristics, error) {
	groups, err := match.Load(groupsProgram)
	if err != nil {
		return nil, err
	}
	looks, err := match.Load(looksProgram)
	if err != nil {
		return nil, err
	}
	return &Heuristics{groups, looks}, nil
}

// Family is what a heuristic tells of.
type Family uint8

const (
	Override Family = iota
	Extraction
	Persona
	Delimiter
	Smuggling
	Exfiltration
	Tools
	Concealment
	Families // how many there are
)

func (f Family) String() string { return familyNames[f] }

var familyNames = [Families]string{"override", "extraction", "persona", "delimiter", "smuggling", "exfiltration", "tools", "concealment"}

// Result is what has been found.
type Result struct {
	// Score is 0 to 100: families add up as if each were right independently with its heaviest rule's weight in per cent.
	Score int
	// Weights are those of each family's heaviest rule.
	Weights [Families]int
	// Rules are the names of the heuristics that matched, in the order of the list.
	Rules []string
}

// Scanner scores one text, which may come in any pieces. Its work is linear in the text.
type Scanner struct {
	heuristics *Heuristics
	text       *layer
	hidden     *layer // of what the text hides; nil while it hides nothing
	tags       tags
	base64     base64
}

// NewScanner gives a Scanner for one text, which Reset makes ready for another.
func (h *Heuristics) NewScanner() *Scanner { return &Scanner{heuristics: h, text: newLayer(h)} }

// Reset forgets the text.
func (s *Scanner) Reset() {
	s.text.reset()
	s.hidden, s.tags, s.base64 = nil, tags{}, base64{}
}

// Write reads the next piece.
func (s *Scanner) Write(p []byte) {
	s.text.write(p)
	var shown [64]byte
	out := shown[:0]
	for _, b := range p {
		out = s.tags.read(out, b)
		out = s.base64.read(out, b)
		if len(out) > len(shown)/2 { // not one by one: a call costs more than what it looks at
			s.reveal(out)
			out = shown[:0]
		}
	}
	if len(out) > 0 {
		s.reveal(out)
	}
}

func (s *Scanner) reveal(p []byte) {
	if s.hidden == nil {
		s.hidden = newLayer(s.heuristics)
	}
	s.hidden.write(p)
}

// End reads the end of the text, and returns what has been found. Only Reset may follow.
func (s *Scanner) End() Result {
	s.text.end()
	if s.hidden != nil {
		s.hidden.end()
	}
	return s.Result()
}

// Result is what has been found so far; more text never lowers it.
func (s *Scanner) Result() Result {
	var r Result
	for i := range rules {
		rule := &rules[i]
		weight := 0
		switch {
		case s.text.seen[i]&plainly != 0:
			weight = int(rule.weight)
		case s.text.seen[i]&quoted != 0:
			weight = int(rule.weight) / 3
		}
		if s.hidden != nil && s.hidden.seen[i] != 0 {
			weight = int(rule.weight)
			r.Weights[Smuggling] = max(r.Weights[Smuggling], hiddenWeight)
		}
		if weight > 0 {
			r.Weights[rule.family] = max(r.Weights[rule.family], weight)
			r.Rules = append(r.Rules, rule.name)
		}
	}
	if s.tags.shown >= manyTags {
		r.Weights[Smuggling] = max(r.Weights[Smuggling], tagsWeight)
		r.Rules = append(r.Rules, "smuggling.invisible")
	}
	miss := 100 * 100
	for _, weight := range r.Weights {
		miss = miss * (100 - weight) / 100
	}
	r.Score = (100*100 - miss) / 100
	return r
}

const (
	// hiddenWeight is of a text that hides something in which a heuristic matches.
	hiddenWeight = 80
	// manyTags characters of invisible text are told by themselves. The longest flag has 6.
	manyTags   = 24
	tagsWeight = 40
)
