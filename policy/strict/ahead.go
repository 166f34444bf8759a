package strict

import (
	"strconv"
	"strings"

	"github.com/sluice-gateway/sluice/policy"
)

// headersAhead lists what needs held headers in a policy that does not hold them. They are
// sent before the body has been read, so that nothing that the body decides can be in them:
// which provider, whose credential, which path. A host that is like this cannot hold an answer
// either: its headers are with the client before a word of it is known.
func headersAhead(p *policy.Policy) []policy.Problem {
	if p.HoldHeaders {
		return nil
	}
	var found []policy.Problem
	if len(p.Providers) != 1 {
		names := make([]string, len(p.Providers))
		for i := range p.Providers {
			names[i] = p.Providers[i].Name
		}
		found = append(found, policy.Problem{Path: "hold_headers", Message: "false sends a request's headers before its model is known, with one provider's credential; providers has " +
			enumerate(names, "and") + ": leave one, or write true (on Istio with --shape full)"})
	}
	for i := range p.Providers {
		if v := &p.Providers[i]; strings.Contains(v.APIPath, modelInPath) {
			found = append(found, policy.Problem{Path: "providers." + v.Name + ".api_path", Message: "{model} is not known when the path is sent (hold_headers: false); write a path without it, or hold_headers: true (on Istio with --shape full)"})
		}
	}
	for i := range p.Models {
		if m := &p.Models[i]; m.Retry.Attempts > 1 {
			found = append(found, policy.Problem{Path: "models." + m.Name + ".retry", Message: "what has been sent cannot be sent again (hold_headers: false); remove retry, or write hold_headers: true (on Istio with --shape full)"})
		}
	}
	for _, path := range holdsAnswers(p) {
		found = append(found, policy.Problem{Path: path, Message: "needs an answer to be held until it is whole, and hold_headers: false holds none; remove it, or write hold_headers: true (on Istio with --shape full)"})
	}
	return found
}

// holdsAnswers are the settings that look at whole answers before the client has any of them.
func holdsAnswers(p *policy.Policy) (paths []string) {
	if p.Cache != nil && p.Cache.Enabled {
		paths = append(paths, "cache")
	}
	g := p.Guards
	if g == nil {
		return paths
	}
	restores := g.PII == nil || g.PII.Restore
	if g.PII != nil && g.PII.Action == policy.GuardRedact && restores && !g.PII.Shadow {
		paths = append(paths, "guards.pii.restore")
	}
	if len(g.Answers.Rules) > 0 {
		paths = append(paths, "guards.answers")
	}
	for i, e := range g.External {
		if e.Action == policy.GuardRedact && restores && !e.Shadow {
			paths = append(paths, "guards.external["+strconv.Itoa(i)+"].action")
		}
	}
	if g.Output != nil {
		paths = append(paths, "guards.output")
	}
	return paths
}
