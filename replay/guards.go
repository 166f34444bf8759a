package replay

import (
	"strings"

	"github.com/sluice-gateway/sluice/policy"
)

// standing is what a policy does about what a guard finds.
type standing struct {
	Section string // where in the policy; "" = it has no such rule
	Action  policy.GuardAction
	Shadow  bool
	answer  bool // it is about answers, which cost all the same
}

// blocks tells whether a request is refused for it.
func (s standing) blocks() bool {
	return !s.Shadow && (s.Action == policy.GuardBlock || s.Action == policy.GuardRetry)
}

// rules are a policy's guards by the kinds that records tell them by.
func rules(p *policy.Policy) map[string]standing {
	all := map[string]standing{}
	g := p.Guards
	if g == nil {
		return all
	}
	add := func(kind, section string, action policy.GuardAction, shadow, answer bool) {
		if _, taken := all[kind]; !taken {
			all[kind] = standing{section, action, shadow, answer}
		}
	}
	if g.PII != nil {
		for _, kind := range g.PII.Kinds {
			add(kind, "guards.pii", g.PII.Action, g.PII.Shadow, false)
		}
		for _, custom := range g.PII.Custom {
			add(custom.Name, "guards.pii.custom", g.PII.Action, g.PII.Shadow, false)
		}
	}
	for _, rule := range g.Prompts.Rules {
		add(rule.Name, "guards.prompts", rule.Action, rule.Shadow, false)
	}
	if g.Injection != nil {
		add("injection", "guards.injection", g.Injection.Action, g.Injection.Shadow, false)
	}
	for _, e := range g.External {
		section := "guards.external"
		if e.Service.Type == policy.Meaning {
			section = "guards.prompts"
		}
		add(e.Name, section, e.Action, e.Shadow, false)
	}
	for _, rule := range g.Answers.Rules {
		add(rule.Name, "guards.answers", rule.Action, rule.Shadow, true)
	}
	limits := &g.Requests
	for name, set := range map[string]bool{
		"max_input_tokens": limits.MaxInputTokens >= 0, "max_messages": limits.MaxMessages >= 0, "max_tools": limits.MaxTools >= 0,
		"max_images": limits.MaxImages >= 0, "system": limits.System != "" && limits.System != policy.SystemAny,
	} {
		if set {
			add("requests."+name, "guards.requests", limits.Action, limits.Shadow, false)
		}
	}
	if g.Output != nil {
		add("output", "guards.output", g.Output.OnInvalid, g.Output.Shadow, true)
	}
	return all
}

// judge holds what the guards found then against the rules as they are now. refused names
// the rule for which the request is not sent, spoilt the one for which its answer is not
// shown.
func (s *simulation) judge(r *record) (refused, spoilt string) {
	for _, f := range r.Guards {
		if strings.HasPrefix(f.Kind, "error.") || strings.HasSuffix(f.Kind, ".unchecked") {
			continue // what a service's failure does is no finding
		}
		now := s.rules[f.Kind]
		line := s.rule(f.Kind)
		line.Requests++
		line.Then[f.Action.Told(f.Shadow)]++
		switch {
		case !now.blocks() || f.Action == policy.GuardRetry && (!f.Shadow || now.Action == policy.GuardRetry): // another answer was shown, or may be
		case now.answer:
			line.Blocked++
			spoilt = f.Kind
		default:
			line.Blocked++
			if refused == "" {
				refused = f.Kind
			}
		}
	}
	return refused, spoilt
}

func (s *simulation) rule(kind string) *Rule {
	line := s.byRule[kind]
	if line == nil {
		now := s.rules[kind]
		line = &Rule{Kind: kind, Section: now.Section, Now: "not in the policy", Then: map[string]int{}}
		if now.Section != "" {
			line.Now = now.Action.Told(now.Shadow)
		}
		s.byRule[kind] = line
	}
	return line
}
