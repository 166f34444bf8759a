package guard

import (
	"unicode/utf8"

	"github.com/sluice-gateway/sluice/dialect"
	"github.com/sluice-gateway/sluice/dialect/rewrite"
	"github.com/sluice-gateway/sluice/guard/match"
	"github.com/sluice-gateway/sluice/jsontree"
	"github.com/sluice-gateway/sluice/policy"
)

// Answer looks at the texts of one answer while they pass, and holds back as much of each
// as the policy's windows say: what must not be said is seen before it is.
type Answer struct {
	Found    Findings
	Enforces bool // a breach of some rule changes the answer
	// Draft tells that the answer can still be taken back: a breach of a rule that wants another
	// attempt is found as that, and not as one to block.
	Draft bool

	g       *Guards
	window  int
	choices []uint8 // see choice
	begun   int     // of these
	open    []*Said // the texts that have not ended, and some that have
}

// Answer begins to look at an answer.
//
//go:noinline
func (g *Guards) Answer() *Answer {
	a := &Answer{g: g, choices: make([]uint8, maxChoices*(1+len(g.answers.Rules)))}
	for i := range g.answers.Rules {
		if r := &g.answers.Rules[i]; enforces(r) { // what only notes holds nothing back
			a.window, a.Enforces = max(a.window, int(r.Window)), true
		}
	}
	return a
}

// Retries tells whether a breach of any rule is a reason for another attempt.
func (g *Guards) Retries() bool { return g.answers != nil && g.answers.retries }

// RetryWindow is how much of a stream is held back for such rules, in bytes.
func (g *Guards) RetryWindow() int { return g.answers.retryWindow }

// Rejected names the rule for which another attempt is wanted; "" = none. What is blocked
// in any case is not tried again.
func (a *Answer) Rejected() string {
	if a.Blocking() != "" {
		return ""
	}
	return a.Found.first(policy.GuardRetry)
}

// Blocking names what the answer is to be ended for; "" = nothing.
func (a *Answer) Blocking() string { return a.Found.Blocking() }

// Said begins a text of the answer: it is a rewrite.Open.
func (a *Answer) Said(c rewrite.Channel) rewrite.Writer {
	s := &Said{a: a, matcher: a.g.answers.set.NewMatcher(), told: make([]bool, len(a.g.answers.Rules)), kind: c.Kind, choice: c.Choice}
	if c.Kind == rewrite.Content || c.Kind == rewrite.Transcript {
		s.row = a.choice(c.Choice)
		a.begun = max(a.begun, min(c.Choice+1, maxChoices))
	}
	return s
}

// What is known of a choice, one of the answers that a request asks for, is a row of a.choices:
// what it has told, and by rule whether it has something that the rule allows.
const (
	says  = 1 << iota // something that the user is told
	ended             // and a text of that has ended
)

// choice is the row of a choice. Those behind the most that any API gives share the last.
func (a *Answer) choice(index int) []uint8 {
	size := 1 + len(a.g.answers.Rules)
	return a.choices[min(index, maxChoices-1)*size:][:size]
}

const maxChoices = 128

// Every is all choices.
const Every = -1

// Over takes a choice for whole: it breaks a rule that allows if it has told the user
// something, and nothing that the rule allows.
func (a *Answer) Over(index int) { a.Undecided(index, true) }

// Undecided tells whether choices have ended texts, which may still have to be taken back: they
// have nothing of what a rule allows that changes something. Over takes them for whole.
func (a *Answer) Undecided(index int, over bool) (some bool) {
	rules := a.g.answers.Rules
	for at := range a.begun {
		c := a.choice(at)
		if index != at && index != Every || c[0]&says == 0 {
			continue
		}
		for i := range rules {
			if rules[i].Allow == 0 || c[1+i] != 0 {
				continue
			}
			some = some || c[0]&ended != 0 && enforces(&rules[i])
			if over {
				a.breach(i)
			}
		}
		if over {
			c[0] = 0
		}
	}
	return some
}

// Withheld gives out, once, what has been held back of the texts of an answer that ends.
func (a *Answer) Withheld(out dialect.Output) {
	for _, s := range a.open {
		if s.kind != rewrite.Value {
			out.Delta(s.choice, s.held)
			s.held = s.held[:0]
		}
	}
}

// enforces tells whether a breach of a rule changes anything.
func enforces(r *policy.SpeechRule) bool { return !r.Shadow && r.Action != policy.GuardFlag }

// Said is one text of an answer.
type Said struct {
	a       *Answer
	choice  int
	row     []uint8 // of the choice, where the text is what the user is told
	kind    rewrite.Kind
	matcher *match.Matcher
	held    []byte
	told    []bool // by rule: its breach has been told

	// Of arguments, which are looked at as what they say.
	rest    []byte // what may become an escape
	escapes bool   // there has been one
}

// Write appends what may be said of the text with its next piece. Once the answer is to be
// ended that is nothing.
func (s *Said) Write(out, piece []byte) []byte {
	if s.row != nil && len(piece) > 0 {
		s.row[0] |= says
	}
	said, window := piece, s.a.window
	if s.kind == rewrite.Arguments {
		if said = s.unquoted(piece); s.escapes {
			window *= len(`\u0000`) // so much longer may it be written than said
		}
	}
	s.note(s.matcher.Write(said))
	if s.held == nil && len(piece) > 0 {
		s.a.open = append(s.a.open, s)
	}
	s.held = add(s.held, piece)
	if s.a.Blocking() != "" {
		return out
	}
	n := len(s.held) - window
	for n > 0 && n < len(s.held) && !utf8.RuneStart(s.held[n]) {
		n--
	}
	if n <= 0 {
		return out
	}
	out = add(out, s.held[:n])
	s.held = s.held[:copy(s.held, s.held[n:])]
	return out
}

func (s *Said) unquoted(piece []byte) []byte {
	rest := add(s.rest, piece)
	said, n := jsontree.Unquote(nil, rest, false)
	s.escapes = s.escapes || len(said) < len(rest)
	s.rest = rest[n:]
	return said
}

// End ends the text as far as it is here. Should it go on, rules see all of it.
func (s *Said) End(out []byte) []byte {
	end := s.matcher.Fork()
	rest, _ := jsontree.Unquote(nil, s.rest, true)
	s.note(end.Write(rest))
	s.note(end.End())
	if s.row != nil {
		s.row[0] |= ended
	}
	if s.a.Blocking() != "" {
		return out
	}
	out = add(out, s.held)
	s.held = nil
	if n := len(s.a.open) - 1; n >= 0 && s.a.open[n] == s { // most are, and others hold nothing any more
		s.a.open = s.a.open[:n]
	}
	return out
}

// Held is how many bytes wait for the next piece.
func (s *Said) Held() int { return len(s.held) }

// add is append, which is 300 bytes of code wherever it stands.
//
//go:noinline
func add(out, p []byte) []byte { return append(out, p...) }

func (s *Said) note(finds []match.Find) {
	answers := s.a.g.answers
	for i := range finds {
		rule := answers.rule[finds[i].Rule]
		switch {
		case !answers.allow[finds[i].Rule]:
			if !s.told[rule] {
				s.told[rule] = true
				s.a.breach(rule)
			}
		case s.row != nil:
			s.row[1+rule] = 1
		}
	}
}

func (a *Answer) breach(rule int) {
	r := &a.g.answers.Rules[rule]
	action := r.Action
	if action == policy.GuardRetry && !a.Draft && !r.Shadow {
		action = policy.GuardBlock
	}
	a.Found.Add(r.Name, action, r.Shadow)
}
