package strict

import (
	"github.com/sluice-gateway/sluice/policy"
)

// Unsupported lists what a policy asks for that this release does not do, or that its other
// settings exclude. Nothing may run such a policy: a rule that is read and not obeyed is worse
// than an error.
func Unsupported(p *policy.Policy) []policy.Problem {
	var found []policy.Problem
	refuse := func(path, what string) {
		found = append(found, policy.Problem{Path: path, Message: what})
	}
	if p.Budget.Shared {
		refuse("budget.shared", "true is not supported yet; write false: each node of the gateway keeps its own ledger")
	}
	return append(found, headersAhead(p)...)
}
