package guard

import (
	"unicode/utf8"

	"github.com/sluice-gateway/sluice/guard/match"
	"github.com/sluice-gateway/sluice/policy"
)

// Answer looks at the texts of one answer while they pass, and holds back as much of each
// as the policy's windows say: what must not be said is seen before it is.
type Answer struct {
	Found Findings

	g      *Guards
	window int
	draft  bool
}

// Answer begins to look at an answer.
//
//go:noinline
func (g *Guards) Answer() *Answer {
	a := &Answer{g: g}
	for i := range g.answers.Rules {
		a.window = max(a.window, int(g.answers.Rules[i].Window))
	}
	return a
}

// Draft begins to look at an answer that can still be taken back: a breach of a rule that
// wants another attempt is found as that, and not as one to block.
func (g *Guards) Draft() *Answer {
	a := g.Answer()
	a.draft = true
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

// Said begins a text of the answer: it is a rewrite.Writer.
func (a *Answer) Said() *Said {
	s := &Said{a: a, matcher: a.g.answers.set.NewMatcher(), told: make([]bool, len(a.g.answers.Rules)), allowed: make([]bool, len(a.g.answers.Rules))}
	return s
}

// Said is one text of an answer.
type Said struct {
	a       *Answer
	matcher *match.Matcher
	held    []byte
	told    []bool // by rule: its breach has been told
	allowed []bool
}

// Write appends what may be said of the text with its next piece. Once the answer is to be
// ended that is nothing.
func (s *Said) Write(out, piece []byte) []byte {
	s.note(s.matcher.Write(piece))
	s.held = append(s.held, piece...)
	if s.a.Blocking() != "" {
		return out
	}
	n := len(s.held) - s.a.window
	for n > 0 && n < len(s.held) && !utf8.RuneStart(s.held[n]) {
		n--
	}
	if n <= 0 {
		return out
	}
	out = append(out, s.held[:n]...)
	s.held = append(s.held[:0], s.held[n:]...)
	return out
}

// End ends the text.
func (s *Said) End(out []byte) []byte {
	s.note(s.matcher.End())
	rules := s.a.g.answers.Rules
	for i := range rules {
		if rules[i].Allow > 0 && !s.allowed[i] {
			s.breach(i)
		}
	}
	if s.a.Blocking() == "" {
		out = append(out, s.held...)
	}
	s.held = nil
	return out
}

// Held is how many bytes wait for the next piece.
func (s *Said) Held() int { return len(s.held) }

func (s *Said) note(finds []match.Find) {
	answers := s.a.g.answers
	for i := range finds {
		if rule := answers.rule[finds[i].Rule]; answers.allow[finds[i].Rule] {
			s.allowed[rule] = true
		} else {
			s.breach(rule)
		}
	}
}

func (s *Said) breach(rule int) {
	if !s.told[rule] {
		s.told[rule] = true
		r := &s.a.g.answers.Rules[rule]
		action := r.Action
		if action == policy.GuardRetry && !s.a.draft && !r.Shadow {
			action = policy.GuardBlock
		}
		s.a.Found.Add(r.Name, action, r.Shadow)
	}
}
