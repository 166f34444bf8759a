// Package compile makes the program that guard/match runs, out of lists of words and of patterns. It is what `sluice check` and
// `sluice render` do with a policy; the filter only loads the program, which is text that JSON can carry.
//
// A pattern is RE2 as Go writes it (regexp/syntax, Perl classes), read without regard to case, with these limits: it may not match
// the empty text, and captures and greediness mean nothing, since of a match only its place is told. Patterns become one automaton
// over bytes, so that a text costs one step a byte however many there are. What it costs instead is memory, and Compile refuses
// a set that needs more than Options.States states: the error names the pattern that needs most.
package compile

import (
	"errors"
	"fmt"

	"github.com/sluice-gateway/sluice/guard/match/internal/fold"
)

// Rule is a pattern, or a list of literals of any length.
type Rule struct {
	Pattern string
	// Literals match whole words, with any white space between them: "credit card" is in "Credit\ncard!" and not in "credit
	// cards". A script that puts no spaces between words has a word in every character.
	Literals []string
}

// Options hold for all rules of a set.
type Options struct {
	// CaseSensitive: `Visa` is not `visa`. Without meaning together with Normalise, which folds case.
	CaseSensitive bool
	// Normalise folds the text before it is matched, and the rules as well: docs/matching.md has the table.
	Normalise bool
	// Leet, with Normalise, also reads 4, @, 3, 1, 0 and the like as letters. Digits are then no digits to a pattern either.
	Leet bool
	// Spans asks for each match and where it is, to redact it. Without, a rule is told once for a text, at its first match.
	Spans bool
	// Every asks for each literal wherever it is, also within another one, as soon as it has ended. That costs a step for each
	// literal that ends at a word, so it is for lists of one's own. It does not go with Spans.
	Every bool
	// States is the most states that all automata may have together; 0 is 4096.
	States int
}

// Program is what match.Load takes, and what it costs.
type Program struct {
	Text string
	// Automata is how many there are: each reads the text.
	Automata int
	// States that the automata have, of Options.States, and the bytes of the tables that the filter makes of them.
	States, Tables int
	// Literals in all lists, without those that are there twice.
	Literals int
}

const (
	defaultStates = 4096
	// mostStates is what the program's format can number, and mostRules as well.
	mostStates = 1<<16 - 1
	mostRules  = 1<<16 - 1
	// mostTable is the most places of an automaton's table.
	mostTable = 1 << 21
	// mostGroups is how many automata a text may be read by, when the product of all patterns in one would be too large.
	mostGroups = 16
)

// Error says which rule cannot be compiled, and what to do.
type Error struct {
	Rule    int    // the index in what Compile was given; -1 for all of them together
	Pattern string // what was written, for a pattern
	Reason  string
	Remedy  string // may be empty
}

func (e *Error) Error() string {
	text := "match: "
	if e.Rule >= 0 {
		text += fmt.Sprintf("rule %d: ", e.Rule)
	}
	if e.Pattern != "" {
		text += fmt.Sprintf("`%s`: ", e.Pattern)
	}
	text += e.Reason
	if e.Remedy != "" {
		text += "; " + e.Remedy
	}
	return text
}

// Compile makes the program of the rules, which are told by their index in it. An error is an *Error.
func Compile(rules []Rule, o Options) (Program, error) {
	if o.States == 0 {
		o.States = defaultStates
	}
	o.States = min(o.States, mostStates)
	if o.Every && o.Spans {
		return Program{}, &Error{Rule: -1, Reason: "spans are either of all literals or of the longest"}
	}
	if len(rules) > mostRules {
		return Program{}, &Error{Rule: -1, Reason: fmt.Sprintf("%d rules, the most are %d", len(rules), mostRules), Remedy: "put literals of one action into one list"}
	}
	var patterns []pattern
	for i, rule := range rules {
		if rule.Pattern == "" {
			continue
		}
		if len(rule.Literals) > 0 {
			return Program{}, &Error{Rule: i, Pattern: rule.Pattern, Reason: "a rule has a pattern or literals, not both"}
		}
		p, err := parse(i, rule.Pattern, o)
		if err != nil {
			return Program{}, err
		}
		patterns = append(patterns, p)
	}
	lists, err := collect(rules, o)
	if err != nil {
		return Program{}, err
	}
	w := writer{rules: len(rules), options: o}
	var automata []*automaton
	if len(patterns) > 0 && o.Spans {
		s, err := spans(patterns, o)
		if err != nil {
			return Program{}, err
		}
		w.span(s)
		automata = append(automata, s.forward, s.backward)
	} else if len(patterns) > 0 {
		if automata, err = group(patterns, o); err != nil {
			return Program{}, err
		}
		w.detect(automata)
	}
	for _, a := range automata {
		if size := a.states() * a.classes; size > mostTable {
			return Program{}, &Error{Rule: -1, Reason: fmt.Sprintf("%d states by %d classes of bytes, the most are %d together", a.states(), a.classes, mostTable), Remedy: remedy}
		}
	}
	program := Program{Text: w.text(lists), Automata: len(automata)}
	for _, a := range automata {
		program.States += a.states()
		program.Tables += a.states() * a.classes * 2
	}
	for _, list := range lists {
		program.Literals += len(list.literals)
	}
	return program, nil
}

// group makes as few automata as it can that together find all patterns, each within the limit. Patterns with gaps multiply each
// other's states in one automaton, so a set that is too large is halved until its parts are not.
func group(patterns []pattern, o Options) ([]*automaton, error) {
	left := o.States
	var made []*automaton
	var halve func(part []pattern, limit int) error
	halve = func(part []pattern, limit int) error {
		if len(part) == 1 {
			limit = left // whatever the others have not used
		}
		a, err := detector(part, min(limit, left))
		if err == nil {
			left -= a.states()
			made = append(made, a)
			if len(made) > mostGroups {
				return errTooLarge
			}
			return nil
		}
		if len(part) == 1 {
			return err
		}
		if err := halve(part[:len(part)/2], limit/2); err != nil {
			return err
		}
		return halve(part[len(part)/2:], limit/2)
	}
	if err := halve(patterns, left); err != nil {
		return nil, blame(patterns, o, err)
	}
	return made, nil
}

// blame says which of the patterns needs most states by itself.
func blame(patterns []pattern, o Options, err error) error {
	if !errors.Is(err, errTooLarge) {
		return err
	}
	if len(patterns) == 1 {
		return alone(patterns[0], o)
	}
	worst, most := patterns[0], 0
	for _, p := range patterns {
		states, err := cost([]pattern{p}, o)
		if err != nil {
			return alone(p, o)
		}
		if states > most {
			worst, most = p, states
		}
	}
	return &Error{Rule: worst.rule, Pattern: worst.text,
		Reason: fmt.Sprintf("the %d patterns together need more than %d states, this one alone %d", len(patterns), o.States, most), Remedy: remedy}
}

func alone(p pattern, o Options) error {
	return &Error{Rule: p.rule, Pattern: p.text, Reason: fmt.Sprintf("needs more than %d states", o.States), Remedy: remedy}
}

const remedy = "shorten counted repetitions such as {0,200}, use [^\\n] or a narrower class in place of . and \\pL within them, " +
	"make a pattern that is only words a list of literals, or divide the rules into two sets"

func cost(patterns []pattern, o Options) (int, error) {
	if o.Spans {
		s, err := spanAutomata(patterns, o.States)
		if err != nil {
			return 0, err
		}
		return s.forward.states() + s.backward.states(), nil
	}
	a, err := detector(patterns, o.States)
	if err != nil {
		return 0, err
	}
	return a.states(), nil
}

func (o Options) fold() fold.Options {
	var f fold.Options
	if o.Normalise {
		f |= fold.Alike
		if o.Leet {
			f |= fold.Leet
		}
	}
	return f
}
