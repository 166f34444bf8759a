package gateway

import (
	"strings"

	"github.com/sluice-gateway/sluice/policy"
	"github.com/sluice-gateway/sluice/pricing"
	"github.com/sluice-gateway/sluice/route"
	"github.com/sluice-gateway/sluice/tokenizer"
)

// provider is an upstream, as the policy has it, with its key.
type provider struct {
	policy.Provider
	cluster   string
	authority string
	key       string
}

// serves tells whether requests can be sent there at all.
func (v *provider) serves() bool { return v.CredentialEnv == "" || v.key != "" }

// credential is the value of the provider's credential header.
func (v *provider) credential() string {
	if v.CredentialScheme == "" {
		return v.key
	}
	return v.CredentialScheme + " " + v.key
}

// target is where a request may go: a provider and the name it knows the model by.
type target struct {
	_ [0]func() // not compared: Go makes code for that

	provider *provider
	model    string
	weight   int
	window   int64 // tokens of input and output together; 0 = not known
	place    int   // in its model's targets
	price    pricing.Model
	priced   bool
	family   tokenizer.Family
	health   string // the name of what is known of its health; "" where nobody asks
}

// newTarget is a target that no model of the policy lists. There is no other to choose,
// so what its context window takes is for the provider to say.
func (g *Gateway) newTarget(v *provider, name string) *target {
	t := &target{provider: v, model: name, weight: 1, family: tokenizer.ForModel(name)}
	t.price, t.priced = g.prices.Lookup(name)
	return t
}

// model is a name that clients ask for, with the targets that serve it.
type model struct {
	name     string
	strategy route.Strategy
	targets  []*target
	rules    []policy.Rule
	affinity int64 // milliseconds; 0 = none
	drop     []string
	inline   bool
	retry    retry
	cooling  route.CoolDown
}

// retry is when another attempt is made, times in milliseconds.
type retry struct {
	attempts   int
	perTry     int64 // until an answer has come that is not a stream; 0 = no limit
	firstToken int64 // until a stream's first content
	total      int64
	maxCost    int64 // micro-dollars; -1 = no limit
	patience   int64 // the longest wait for a provider that says when to come back
	classes    map[string]class
}

// class is what holds for one class of failures.
type class struct {
	attempts         int
	backoff, longest int64
}

// retries tells whether any failure may be followed by another attempt.
func (m *model) retries() bool { return m.retry.attempts > 1 }

// ownKeys tells whether the client's own credential could be for more than one provider:
// those that have none of the gateway's.
func (m *model) ownKeys() bool {
	var first *provider
	for _, t := range m.targets {
		if v := t.provider; v.CredentialEnv == "" {
			if first != nil && v != first {
				return true
			}
			first = v
		}
	}
	return false
}

// validates tells whether an answer that is not what was asked for is tried again.
func (m *model) validates() bool {
	_, ok := m.retry.classes[policy.InvalidOutput]
	return ok && m.retries()
}

var strategies = map[policy.Strategy]route.Strategy{
	policy.Ordered: route.Ordered, policy.Weighted: route.Weighted, policy.Cost: route.Cost, policy.Latency: route.Latency,
}

// compileModel makes a model of the policy ready to serve.
func (g *Gateway) compileModel(p *policy.Model) *model {
	m := &model{
		name: p.Name, strategy: strategies[p.Strategy], rules: p.Rules, affinity: p.Affinity.Milliseconds(), drop: p.Drop, inline: p.Inline,
		retry: retry{
			attempts: p.Retry.Attempts, perTry: p.Retry.PerTry.Milliseconds(), firstToken: p.Retry.FirstToken.Milliseconds(),
			total: p.Retry.Total.Milliseconds(), maxCost: p.Retry.MaxCost, patience: p.Retry.MaxRetryAfter.Milliseconds(),
			classes: map[string]class{},
		},
		cooling: route.CoolDown{After: p.CoolDown.After, Base: p.CoolDown.Base.Milliseconds(), Max: p.CoolDown.Max.Milliseconds()},
	}
	for _, c := range p.Retry.Classes {
		wanted := c.Class == policy.InvalidOutput && !g.shape.Shadow && g.shape.onInvalid(p.Name) == policy.GuardRetry
		for _, on := range p.Retry.On {
			wanted = wanted || on == c.Class
		}
		if wanted {
			m.retry.classes[c.Class] = class{c.Attempts, c.Backoff.Milliseconds(), c.MaxBackoff.Milliseconds()}
		}
	}
	for i, pt := range p.Targets {
		t := g.newTarget(g.providers[pt.Provider], pt.Model)
		t.place, t.weight, t.window = i, pt.Weight, pt.ContextWindow
		if t.window == 0 && len(p.Targets) > 1 { // where there is a choice
			t.window = t.price.Context
		}
		if len(p.Targets) > 1 || m.retries() {
			t.health = healthName(pt.Name())
		}
		m.targets = append(m.targets, t)
	}
	return m
}

// mayDrop tells whether a translation may leave a field out.
func (m *model) mayDrop(field string) bool {
	for _, name := range m.drop {
		if name == "*" || name == field {
			return true
		}
	}
	return false
}

// AttemptsCluster is the name of the host's cluster that sends each attempt to the next
// of these providers and has the provider role in its filter chain. Behind it comes
// Options.Machine, if any: the provider role knows the requests of its own machine alone.
func AttemptsCluster(providers []string) string {
	return AttemptsPrefix + strings.Join(providers, "~")
}

// AttemptsPrefix begins the names of these clusters.
const AttemptsPrefix = "sluice_attempts_"

// AttemptOrders are the providers of every sequence of attempts that a policy may lead
// to, each sequence once: what AttemptsCluster has to be rendered for.
func AttemptOrders(p *policy.Policy) [][]string {
	var all [][]string
	seen := map[string]bool{}
	add := func(providers []string) {
		if name := AttemptsCluster(providers); !seen[name] {
			seen[name] = true
			all = append(all, providers)
		}
	}
	for _, v := range p.Providers { // one attempt, that needs a translation
		add([]string{v.Name})
	}
	for i := range p.Models {
		m := &p.Models[i]
		if m.Inline {
			continue
		}
		names := make([]string, len(m.Targets))
		for j := range m.Targets {
			names[j] = m.Targets[j].Provider
		}
		arrangements(nil, len(names), m.Retry.Attempts, func(order []int) {
			providers := make([]string, m.Retry.Attempts)
			for n := range providers {
				providers[n] = names[order[n%len(order)]]
			}
			add(providers)
		})
	}
	return all
}

// arrangements calls f with every way to put some of n places one after the other, at
// most so many.
func arrangements(order []int, n, most int, f func([]int)) {
	for i := range n {
		used := false
		for _, j := range order {
			used = used || i == j
		}
		if used {
			continue
		}
		longer := append(order[:len(order):len(order)], i)
		f(longer)
		if len(longer) < min(n, most) {
			arrangements(longer, n, most, f)
		}
	}
}
