package compile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sluice-gateway/sluice/guard/match/internal/fold"
	"github.com/sluice-gateway/sluice/guard/match/internal/words"
)

// list is one rule's literals: each is its words with a space between, folded as the text will be.
type list struct {
	rule     int
	literals []string // sorted, none twice
}

// collect reads the lists. The highest rule is first: of equal literals the filter tells the one that it has read last.
func collect(rules []Rule, o Options) (lists []list, err error) {
	for i, rule := range slices.Backward(rules) {
		if len(rule.Literals) == 0 {
			continue
		}
		l := list{rule: i}
		for n, literal := range rule.Literals {
			split := split(literal, o)
			switch {
			case len(split) == 0:
				return nil, &Error{Rule: i, Reason: fmt.Sprintf("literal %d %q has no word", n, literal), Remedy: "write one with a letter or a digit, or a pattern"}
			case len(split) > words.Most:
				return nil, &Error{Rule: i, Reason: fmt.Sprintf("literal %d has %d words, the most are %d", n, len(split), words.Most), Remedy: "a part of it will do as well"}
			}
			l.literals = append(l.literals, strings.Join(split, " "))
		}
		slices.Sort(l.literals)
		l.literals = slices.Compact(l.literals)
		lists = append(lists, l)
	}
	return lists, nil
}

func split(literal string, o Options) (split []string) {
	var begun []rune
	end := func() {
		if len(begun) > 0 {
			split = append(split, string(begun))
		}
		begun = begun[:0]
	}
	for _, r := range fold.String(literal, o.fold()) {
		if !o.CaseSensitive && !o.Normalise {
			r = fold.Lower(r)
		}
		class := words.ClassOf(r)
		if class == words.Letter {
			begun = append(begun, r)
			continue
		}
		end()
		if class == words.Single || class == words.Joiner && !o.Normalise {
			split = append(split, string(r))
		}
	}
	end()
	return split
}

// prefixes is how many different beginnings of whole words the literals of all lists have.
func prefixes(lists []list) int {
	known := map[string]bool{}
	for _, l := range lists {
		for _, literal := range l.literals {
			for i := range literal {
				if literal[i] == ' ' {
					known[literal[:i]] = true
				}
			}
			known[literal] = true
		}
	}
	return len(known)
}
