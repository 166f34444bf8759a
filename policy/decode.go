package policy

import (
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
func Decode(canonicalJSON []byte) (*Policy, error) {
	doc, err := document.Parse(string(canonicalJSON))
	if err != nil {
		return nil, &Problems{{Message: err.Error()}}
	}
	c := checker{}
	root := c.conform(&language.Policy, &doc, "", 0)
	c.rules(&root)
	if len(c.found) == 0 {
		return build(&root), nil
	}
	for i := range c.found { // in the order of the document; by insertion, the least code
		for j := i; j > 0 && c.found[j].pos < c.found[j-1].pos; j-- {
			c.found[j], c.found[j-1] = c.found[j-1], c.found[j]
		}
	}
	problems := make(Problems, len(c.found))
	for i := range c.found {
		problems[i] = c.found[i].Problem
	}
	return nil, &problems
}

// checker collects problems with their places.
type checker struct {
	found []located
}

type located struct {
	pos int
	Problem
}

func (c *checker) add(pos int, path, message string) {
	c.found = append(c.found, located{pos, Problem{path, message}})
}

// reject reports a value that is of its shape but breaks a rule. Inlined at its forty
// calls it would be the larger part of the rules' code.
//
//go:noinline
func (c *checker) reject(n *node, message string) { c.add(n.pos, n.path, message) }
