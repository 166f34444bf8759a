// Package gateway is the life of one LLM request between a client and a provider,
// as a sequence of steps that decide and never act.
//
// A Gateway is a compiled policy. Begin starts a Request for each stream that the
// host opens; its methods are called as the host gets on with the stream: Body,
// ResponseHeaders, ResponseBody, ResponseEnd, Done. Each returns an Outcome, and what
// an Outcome asks for is all that ever happens to the stream. Package filter
// translates a proxy's callbacks into these calls, and the outcomes into host calls.
//
// The package is pure: the time, the credentials and the store that budgets live in
// are handed to it.
package gateway

import (
	"errors"
	"strconv"
	"strings"

	"github.com/sluice-gateway/sluice/budget"
	"github.com/sluice-gateway/sluice/dialect"
	"github.com/sluice-gateway/sluice/guard"
	"github.com/sluice-gateway/sluice/policy"
	"github.com/sluice-gateway/sluice/pricing"
	"github.com/sluice-gateway/sluice/route"
	"github.com/sluice-gateway/sluice/tokenizer"
)

// Options are what a policy needs from around it.
type Options struct {
	// Store holds the budgets' state and what was learned about models.
	Store budget.Store
	// Secret is random, and this gateway's alone.
	Secret [2]uint64
	// Env is the gateway process's environment, where credentials are.
	Env func(name string) string
	// Provider is the provider that the host's own route leads to, where it is the route
	// that says where a request goes (Arrival.FixedTarget); "" = it is not known which.
	Provider string
	// Machine ends the names of the clusters with the provider role of this machine, where
	// another's may be beside them; see AttemptsCluster.
	Machine string
}

// Gateway is a policy compiled for serving. Its methods and those of its Requests
// are called by one thread at a time; only the Store is shared.
type Gateway struct {
	policy    *policy.Policy
	providers map[string]*provider
	models    map[string]*model
	fallback  *provider // nil when the policy has no default_provider
	ahead     *model    // where headers are not held: see goAhead
	routed    *provider // that the host's own route leads to; nil = not known
	budgets   []rule
	ledger    *budget.Ledger
	companion companion
	cache     *cache        // nil when the policy has none
	guards    *guard.Guards // nil when the policy has none
	shape     shape
	prices    *pricing.Catalogue
	notes     notes
	learned   learned
	health    healths
	affinity  affinities
	random    route.Random

	wantsHeaders bool // requests must remember their headers
	memo         *memo
	missing      []string
	noToken      string // the variable that was to have the companion's token
	teams        teams
	metrics      map[string]*Metric
	name         []byte            // room to make the name of something that is looked up
	others       map[string]*model // those of the default provider's that were asked for of late
	record       []byte            // the last decision record
	samples      []Sample          // the last report's
	stamp        stamp
	claims       []budget.Claim // of the request that reserves
	machine      string         // see Options
	requests     idle[dialect.RequestReader]
	answers      idle[dialect.AnswerReader]

	// guess is the encoding of the last request. Clients mostly send the messages
	// before the model, and counting begins with the first message.
	guess *tokenizer.Encoding
}

// rule is one budget of the policy.
type rule struct {
	policy.Budget
	limit *budget.Limit
	key   string // what the keys of its budgets are digests of, besides the parts
	parts []int  // places in policy.Identity; theModel for the model asked for

	digests digests
}

const theModel = -1

// New compiles a policy that package strict has let pass.
func New(p *policy.Policy, o Options) (*Gateway, error) {
	g := &Gateway{
		policy:    p,
		providers: make(map[string]*provider, len(p.Providers)),
		models:    make(map[string]*model, len(p.Models)),
		random:    route.Random(o.Secret[0] ^ o.Secret[1]),
		teams:     teams{known: map[string]bool{}},
		metrics:   map[string]*Metric{},
		others:    map[string]*model{},
		memo:      newMemo(o.Secret),
		guess:     tokenizer.O200kBase(),
		machine:   o.Machine,
	}
	g.notes.store = o.Store
	g.learned.notes, g.health.notes, g.affinity.notes = &g.notes, &g.notes, &g.notes
	for _, pp := range p.Providers {
		g.providers[pp.Name] = &provider{Provider: pp, cluster: ClusterPrefix + pp.Name, authority: pp.Endpoint.Authority()}
	}
	g.fallback = g.providers[p.DefaultProvider]
	g.ahead = g.aheadModel()
	if g.routed = g.providers[o.Provider]; g.routed == nil && o.Provider != "" {
		return nil, errors.New("the plugin's configuration is for provider " + o.Provider + ", which its policy has not (sluice render writes both)")
	}
	for _, b := range p.Budgets {
		r, err := compileBudget(b, p)
		if err != nil {
			return nil, err
		}
		g.budgets = append(g.budgets, r)
	}
	overrides := make([]pricing.Override, 0, len(p.Prices))
	for _, c := range p.Prices {
		overrides = append(overrides, pricing.Override{Model: c.Model, Input: c.Input, Output: c.Output, CachedInput: c.CachedInput})
	}
	g.prices = pricing.NewCatalogue(overrides)
	err := g.shape.load(p.Guards)
	if err != nil {
		return nil, err
	}
	for i := range p.Models {
		g.models[p.Models[i].Name] = g.compileModel(&p.Models[i])
		g.wantsHeaders = g.wantsHeaders || p.Models[i].Inline
		for j := range p.Models[i].Rules {
			g.wantsHeaders = g.wantsHeaders || len(p.Models[i].Rules[j].When.Headers) > 0
		}
	}
	g.companion = g.newCompanion()
	g.FindCredentials(o.Env)
	g.cache = g.newCache()
	if p.Guards != nil {
		if g.guards, err = guard.New(p.Guards); err != nil {
			return nil, err
		}
	}
	g.ledger = budget.New(o.Store, budget.Options{Hold: p.Budget.Hold.Milliseconds()})
	return g, nil
}

// ClusterPrefix and a provider's name make the name of the host's cluster for it.
const ClusterPrefix = "sluice_provider_"

// ClusterHeader is the request header by which the host's route finds the cluster.
const ClusterHeader = "x-sluice-cluster"

// MissingToken is the variable that was to have the companion's token and has none; "" =
// nothing is missing.
func (g *Gateway) MissingToken() string { return g.noToken }

// MissingCredentials names the providers whose credential the environment does not
// have, each with its variable. They answer 503 until the gateway is started with it.
func (g *Gateway) MissingCredentials() []string { return g.missing }

func compileBudget(b policy.Budget, p *policy.Policy) (rule, error) {
	l := &budget.Limit{Name: b.Name, Max: b.Limit, Every: b.Every.Milliseconds(), Shadow: b.Shadow}
	switch b.Calendar {
	case policy.Hour:
		l.Period = budget.Hour
	case policy.Day:
		l.Period = budget.Day
	case policy.Week:
		l.Period = budget.Week
	case policy.Month:
		l.Period = budget.Month
	}
	for i := range p.Zones {
		if z := &p.Zones[i]; z.Name == b.Zone {
			l.Zone = &budget.Zone{At: z.At, Offset: z.Offset}
		}
	}
	if b.Zone != "UTC" && l.Zone == nil {
		return rule{}, errors.New("gateway: budget " + b.Name + ": the policy has no zone " + b.Zone)
	}
	r := rule{Budget: b, limit: l, key: b.Name + "/" + string(b.Unit), digests: digests{}}
	for _, name := range b.Per {
		at := theModel
		for i := range p.Identity {
			if p.Identity[i].Name == name {
				at = i
			}
		}
		r.parts = append(r.parts, at)
	}
	return r, l.Validate()
}

// resolve finds the model that a request asks for by its name. A name that the policy
// does not list is the default provider's own.
func (g *Gateway) resolve(name string) (*model, *dialect.Error) {
	if m, ok := g.models[name]; ok {
		return m, nil
	}
	if g.fallback == nil {
		return nil, &dialect.Error{
			Status: 404, Kind: dialect.NotFound, Code: "model_not_found", Param: "model",
			Message: "model " + strconv.Quote(name) + " is not served here; the gateway's policy has neither a model of that name nor a default provider",
		}
	}
	if m, ok := g.others[name]; ok {
		return m, nil
	}
	m := &model{name: name, targets: []*target{g.newTarget(g.fallback, name)}, retry: retry{attempts: 1}}
	if len(name) <= longestOther {
		if len(g.others) >= mostOthers {
			clear(g.others)
		}
		g.others[name] = m
	}
	return m, nil
}

// mostOthers and longestOther bound the models of the default provider's that are remembered:
// clients may ask for any name.
const (
	mostOthers   = 64
	longestOther = 64 // bytes
)

// modelLabel is a model's name as a metric label: only names that the policy or the
// catalogue knows, since a client may ask for any name and every label value is kept
// for ever.
func (g *Gateway) modelLabel(model string) string {
	if _, ok := g.prices.Lookup(model); ok {
		return model
	}
	for _, m := range g.models {
		for _, t := range m.targets {
			if t.model == model {
				return model
			}
		}
	}
	return "other"
}

// label is a target's model as a metric label.
func (g *Gateway) label(t *target) string {
	if t.priced { // the catalogue knows it, and was asked before
		return t.model
	}
	return g.modelLabel(t.model)
}

// strippedFromClients is the prefix of the headers that are ours alone: a client that
// sends one is not believed.
const strippedFromClients = "x-sluice-"

// steersHost tells whether Envoy's router takes orders from a header: it would make
// attempts that nobody has counted. An Envoy that was there before us may let clients it
// takes for its own send them.
// https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter#http-headers-consumed
func steersHost(header string) bool {
	rest, ok := strings.CutPrefix(header, "x-envoy-")
	if !ok {
		return false
	}
	for _, begins := range [...]string{"retr", "max-retries", "hedge-", "upstream-"} {
		if strings.HasPrefix(rest, begins) {
			return true
		}
	}
	return false
}

func isOurs(header string) bool { return strings.HasPrefix(header, strippedFromClients) }
