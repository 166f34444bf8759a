package strict

import (
	"slices"
	"strings"

	"github.com/sluice-gateway/sluice/policy"
	"github.com/sluice-gateway/sluice/policy/internal/document"
)

// Warnings lists what a policy may do but its author should know.
func Warnings(p *policy.Policy) []policy.Problem {
	var found []policy.Problem
	for i := range p.Budgets {
		found = append(found, forgeable(p, document.Index("budgets", i)+".per", p.Budgets[i].Per)...)
	}
	if p.Cache != nil && p.Cache.Enabled {
		found = append(found, forgeable(p, "cache.scope", p.Cache.Scope)...)
		if p.Cache.Wait >= p.Limits.Stream {
			found = append(found, policy.Problem{Path: "cache.wait",
				Message: "is not less than limits.stream, so that a request that waits for an answer is ended before; lower it"})
		}
		for i := range p.Providers {
			if v := &p.Providers[i]; v.CredentialEnv == "" {
				found = append(found, policy.Problem{Path: "cache.scope",
					Message: "provider " + v.Name + " is asked with the client's own credential, which an answer from the cache is given without; let the gateway's authentication decide who may ask, or name a part that is the hashed credential"})
				break
			}
		}
		if len(p.Cache.Scope) == 0 {
			found = append(found, policy.Problem{Path: "cache.scope",
				Message: "is empty, so that what was answered to one caller is given to any other who asks the same; name the parts of the identity that keep callers apart, as in [team]"})
		}
	}
	if host := p.Companion.Endpoint.Host; p.UsesCompanion() && !isThisMachine(host) {
		switch {
		case p.Companion.CredentialEnv == "":
			found = append(found, policy.Problem{Path: "companion.credential",
				Message: "there is none, and a companion serves its own machine alone, which " + host + " may not be, unless its callers show a token or a certificate; write credential: {env: NAME}, or, but for Kong, which shows no certificate, render with --companion-cert"})
		case !p.Companion.Endpoint.TLS:
			found = append(found, policy.Problem{Path: "companion.endpoint",
				Message: "http, so that prompts, answers and the token cross the network to " + host + " in the clear; write https, unless the network itself encrypts"})
		}
	}
	if base := p.Companion.Endpoint.BasePath; p.UsesCompanion() && (base == "/v1" || strings.HasSuffix(base, "/v1")) {
		found = append(found, policy.Problem{Path: "companion.endpoint",
			Message: "ends in /v1, and a call's own path, such as /v1/lookup, is appended to it; remove the /v1, unless something in front of the companion takes it away"})
	}
	if p.Guards != nil {
		found = append(found, forgeableIn(p, "guards.decorate.prepend", p.Guards.Decorate.Prepend)...)
		found = append(found, forgeableIn(p, "guards.decorate.append", p.Guards.Decorate.Append)...)
		if p.DefaultProvider != "" && p.Guards.HoldPrompts() {
			found = append(found, policy.Problem{Path: "default_provider",
				Message: "is sent what is no LLM call as it came, past the guards: files, batches, pictures, speech, all but paths that end as a prompt's do, which are refused; " +
					"let the gateway's routes and authentication say who may call the others"})
		}
		for i, rule := range p.Guards.Answers.Rules {
			if rule.Action == policy.GuardRetry && !slices.ContainsFunc(p.Models, triesInvalidAgain) {
				found = append(found, policy.Problem{Path: document.Index("guards.answers", i) + ".action",
					Message: "retry, and no model tries again after invalid_output, so that it only blocks; give a model retry: {}, or write block"})
			}
		}
	}
	for _, v := range p.Providers {
		if base := v.Endpoint.BasePath; v.APIPath == "/v1" && (base == "/v1" || strings.HasSuffix(base, "/v1")) {
			found = append(found, policy.Problem{Path: document.Join("providers", v.Name) + ".endpoint",
				Message: "ends in /v1, and a call's own path, which begins with /v1, is appended to it; remove the /v1, or write api_path: /, unless the server really has it twice"})
		}
	}
	for _, m := range p.Models {
		path := document.Join("models", m.Name)
		if len(m.Targets) > 1 && m.Retry.Attempts == 1 && m.Strategy == policy.Ordered && len(m.Rules) == 0 {
			found = append(found, policy.Problem{Path: path + ".targets",
				Message: "only the first is asked while it is well, since a request is tried once; write retry: {}, or raise retry.attempts, to have the next one tried"})
		}
		for i, t := range m.Targets {
			if t.Weight != 1 && m.Strategy != policy.Weighted {
				found = append(found, policy.Problem{Path: document.Index(path+".targets", i) + ".weight",
					Message: "has no effect with strategy " + string(m.Strategy) + "; remove it, or write strategy: weighted"})
			}
		}
	}
	if p.DefaultProvider == "" && len(p.Models) == 0 {
		found = append(found, policy.Problem{Path: "models", Message: "there are none and there is no default_provider: every request is refused; name one of them"})
	}
	return found
}

// triesInvalidAgain tells whether an answer that is none leads to another attempt.
func triesInvalidAgain(m policy.Model) bool {
	return m.Retry.Attempts > 1 && slices.Contains(m.Retry.On, policy.InvalidOutput)
}

// isThisMachine: RFC 6761, section 6.3, and the loopback addresses.
func isThisMachine(host string) bool {
	return host == "localhost" || host == "::1" || strings.HasPrefix(host, "127.") && leadingDigits(host[len("127."):]) > 0
}

// forgeable finds the parts of a list that rest on a header which a client may set.
func forgeable(p *policy.Policy, path string, parts []string) []policy.Problem {
	var found []policy.Problem
	for i, name := range parts {
		found = append(found, forgeableAt(p, document.Index(path, i), name)...)
	}
	return found
}

// forgeableIn finds them among the variables of messages.
func forgeableIn(p *policy.Policy, path string, messages []policy.Message) []policy.Problem {
	var found []policy.Problem
	for i := range messages {
		told := map[string]bool{}
		for at := 1; at < len(messages[i].Content); at += 2 {
			if name, ok := strings.CutPrefix(messages[i].Content[at], policy.IdentityPrefix); ok && !told[name] {
				told[name] = true
				found = append(found, forgeableAt(p, document.Index(path, i)+".content", name)...)
			}
		}
	}
	return found
}

func forgeableAt(p *policy.Policy, path, name string) []policy.Problem {
	for _, part := range p.Identity {
		if part.Name == name && part.Header != "" && !part.Verified {
			return []policy.Problem{{Path: path,
				Message: name + " is the header " + part.Header + ", and any client can set this header to another's value; " +
					"have the gateway's authentication set it and write verified: true in " + document.Join("identity", name) +
					", or take it from a claim or a property"}}
		}
	}
	return nil
}
