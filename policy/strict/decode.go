// Package strict reads a policy and refuses what is not one: it decodes canonical JSON
// by the table of the language, fills in defaults, holds the policy to its rules, and says
// of each mistake where it is and what to write instead.
//
// It is for the native binary alone. A gateway's module reads what package policy/normal
// wrote of a policy that has passed here.
package strict

import (
	"slices"

	"github.com/sluice-gateway/sluice/policy"
	"github.com/sluice-gateway/sluice/policy/internal/document"
	"github.com/sluice-gateway/sluice/policy/internal/language"
)

// Decode reads a policy from canonical JSON (as package policy/source writes it) and
// checks all of it. The error of a policy that must not run is a *Problems.
//
// It goes in three steps. The document is held against the table of the language:
// every field is known, of its type and in its bounds, and what is left out gets its
// default. Then come the rules that join fields. What has passed both is copied
// into Policy, which can no longer fail.
func Decode(canonicalJSON []byte) (*policy.Policy, error) {
	doc, err := document.Parse(string(canonicalJSON))
	if err != nil {
		return nil, &policy.Problems{{Message: err.Error()}}
	}
	c := checker{}
	root := c.conform(&language.Policy, &doc, "", 0)
	c.rules(&root)
	if len(c.found) == 0 {
		return build(&root, c.programs), nil
	}
	slices.SortStableFunc(c.found, func(a, b located) int { return a.pos - b.pos }) // the order of the document
	problems := make(policy.Problems, len(c.found))
	for i := range c.found {
		problems[i] = c.found[i].Problem
	}
	return nil, &problems
}

// checker collects problems with their places.
type checker struct {
	found    []located
	programs programs
}

type located struct {
	pos int
	policy.Problem
}

func (c *checker) add(pos int, path, message string) {
	c.found = append(c.found, located{pos, policy.Problem{Path: path, Message: message}})
}

// reject reports a value that is of its shape but breaks a rule.
func (c *checker) reject(n *node, message string) { c.add(n.pos, n.path, message) }
