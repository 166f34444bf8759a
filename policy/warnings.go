package policy

import (
	"github.com/sluice-gateway/sluice/policy/internal/document"
)

// Warnings lists what a policy may do but its author should know.
func Warnings(p *Policy) []Problem {
	var found []Problem
	for i := range p.Budgets {
		found = append(found, forgeable(p, document.Index("budgets", i)+".per", p.Budgets[i].Per)...)
	}
	if p.Cache != nil && p.Cache.Enabled {
		found = append(found, forgeable(p, "cache.scope", p.Cache.Scope)...)
	}
	if p.DefaultProvider == "" && len(p.Models) == 0 {
		found = append(found, Problem{"models", "there are none and there is no default_provider: every request is refused; name one of them"})
	}
	return found
}

// forgeable finds the parts of a list that rest on a header which a client may set.
func forgeable(p *Policy, path string, parts []string) []Problem {
	var found []Problem
	for i, name := range parts {
		for _, part := range p.Identity {
			if part.Name == name && part.Header != "" && !part.Verified {
				found = append(found, Problem{document.Index(path, i),
					name + " is the header " + part.Header + ", and any client can set this header to another's value; " +
						"have the gateway's authentication set it and write verified: true in " + document.Join("identity", name) +
						", or take it from a claim or a property"})
			}
		}
	}
	return found
}
