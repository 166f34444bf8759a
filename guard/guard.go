// Package guard looks at what is said: in prompts before they leave for a provider, and in
// answers before they reach the client.
//
//	prompt, as the client wrote it          Write to ann@example.com
//	           │ Prompt                             │
//	           ▼                                    ▼
//	counted, cached, sent                   Write to [EMAIL_1]
//	           │ provider                           │
//	           ▼                                    ▼
//	answer, as the provider wrote it        Dear Ann, … [EMAIL_1]
//	           │ Answer                             │
//	           ▼                                    ▼
//	metered, kept                           Dear Ann, … [EMAIL_1]
//	           │ Restorer                           │
//	           ▼                                    ▼
//	what the client gets                    Dear Ann, … ann@example.com
//
// What a request has redacted is kept in the request alone: see package placeholder. What
// is found is told by kind and number, and never by value.
//
// The package is pure, and does not know what a gateway is.
package guard

import (
	"errors"

	"github.com/sluice-gateway/sluice/dialect"
	"github.com/sluice-gateway/sluice/guard/injection"
	"github.com/sluice-gateway/sluice/guard/match"
	"github.com/sluice-gateway/sluice/guard/pii"
	"github.com/sluice-gateway/sluice/guard/placeholder"
	"github.com/sluice-gateway/sluice/policy"
)

// Guards are a policy's guards, compiled. They are used by one thread at a time.
type Guards struct {
	pii       *personal  // nil: nothing personal is looked for
	prompts   *speech    // nil: there are no rules
	injection *injecting // nil: nobody looks for attacks
	answers   *speech
	external  []policy.ExternalGuard // services that are asked as well
	redacts   bool                   // something may be replaced
	theirs    bool                   // by what a service finds
	enforces  bool                   // what a user says may be replaced or refused
	names     []string               // the names that placeholders can have
	readers   []*reader              // that nobody uses
	again     *Guards                // what a request is read again with, to replace what was found
}

// New compiles a policy's guards. An error means that the policy was not compiled by the
// same version.
func New(p *policy.Guards) (*Guards, error) {
	g := &Guards{}
	var err error
	if p.PII != nil {
		if g.pii, err = newPersonal(p.PII); err != nil {
			return nil, err
		}
	}
	if g.prompts, err = newSpeech(&p.Prompts); err != nil {
		return nil, err
	}
	if g.answers, err = newSpeech(&p.Answers); err != nil {
		return nil, err
	}
	if p.Injection != nil {
		g.injection = &injecting{Injection: p.Injection, roles: roleSet(p.Injection.Roles)}
		if g.injection.heuristics, err = injection.Load(); err != nil {
			return nil, err
		}
	}
	g.external = p.External
	if g.pii != nil && redacts(p.PII.Action, p.PII.Shadow) {
		g.redacts, g.names = true, g.pii.all
	}
	enforce := func(action policy.GuardAction, shadow bool, roles []string) {
		g.enforces = g.enforces || action != policy.GuardFlag && !shadow && (roles == nil || roleSet(roles)&(1<<dialect.User) != 0)
	}
	if g.pii != nil {
		enforce(p.PII.Action, p.PII.Shadow, nil)
	}
	for i := range p.Prompts.Rules {
		enforce(p.Prompts.Rules[i].Action, p.Prompts.Rules[i].Shadow, p.Prompts.Rules[i].Roles)
	}
	if g.injection != nil {
		enforce(p.Injection.Action, p.Injection.Shadow, p.Injection.Roles)
	}
	for i := range g.external {
		e := &g.external[i]
		enforce(e.Action, e.Shadow, e.Roles)
		if redacts(e.Action, e.Shadow) {
			g.redacts, g.theirs = true, true
			for _, entity := range e.Service.Entities {
				g.names = append(g.names, placeholder.Name(entity))
			}
		}
	}
	again := new(Guards)
	again.external, again.redacts, again.names = g.external, true, []string{}
	g.again, again.again = again, again // it may be several times
	return g, nil
}

// LooksAtPrompts tells whether there is anything to look for in prompts.
func (g *Guards) LooksAtPrompts() bool {
	return g.pii != nil || g.prompts != nil || g.injection != nil || len(g.external) > 0
}

// Matches tells whether words and patterns are looked for in prompts.
func (g *Guards) Matches() bool {
	return g.prompts != nil || g.injection != nil || g.pii != nil && g.pii.custom != nil
}

// Enforces tells whether something that a user says in a prompt may not leave as it is.
func (g *Guards) Enforces() bool { return g.enforces }

// ServicesRedact tells whether what is sent may depend on what services find.
func (g *Guards) ServicesRedact() bool { return g.theirs }

// LooksAtAnswers tells whether there is anything to look for in answers.
func (g *Guards) LooksAtAnswers() bool { return g.answers != nil }

// personal is `guards.pii`.
type personal struct {
	*policy.PII
	options pii.Options
	names   []string   // the names of placeholders, by kind
	custom  *match.Set // the policy's own kinds; nil = it has none
	own     []int      // the kind of each entry of custom
	all     []string   // the names that placeholders can have
}

func newPersonal(p *policy.PII) (*personal, error) {
	own := &personal{PII: p}
	own.options.MinScore = uint8(p.MinScore*100 + 0.5)
	for _, word := range p.Kinds {
		kind, _ := pii.ParseKind(word)
		own.options.Kinds |= pii.Of(kind)
		for len(own.names) <= int(kind) {
			own.names = append(own.names, "")
		}
		own.names[kind] = placeholder.Name(word)
		own.all = append(own.all, own.names[kind])
	}
	if len(p.Custom) == 0 {
		return own, nil
	}
	for i := range p.Custom {
		own.all = append(own.all, placeholder.Name(p.Custom[i].Name))
		for range p.Custom[i].Entries {
			own.own = append(own.own, i)
		}
	}
	var err error
	own.custom, err = load(p.Program, len(own.own))
	return own, err
}

// speech is a set of rules about what texts say.
type speech struct {
	*policy.Speech
	set   *match.Set
	rule  []int    // of each entry
	allow []bool   // whether the entry is one of its rule's that allow
	roles []uint16 // of each rule

	retries     bool // a breach of some rule is a reason for another attempt
	retryWindow int  // the longest window of those
}

func newSpeech(p *policy.Speech) (*speech, error) {
	if len(p.Rules) == 0 {
		return nil, nil
	}
	s := &speech{Speech: p}
	for i := range p.Rules {
		r := &p.Rules[i]
		for n := range r.Deny + r.Allow {
			s.rule = append(s.rule, i)
			s.allow = append(s.allow, n >= r.Deny)
		}
		s.roles = append(s.roles, roleSet(r.Roles))
		if r.Action == policy.GuardRetry && !r.Shadow {
			s.retries, s.retryWindow = true, max(s.retryWindow, int(r.Window))
		}
	}
	var err error
	s.set, err = load(p.Program, len(s.rule))
	return s, err
}

func load(program string, entries int) (*match.Set, error) {
	set, err := match.Load(program)
	if err != nil {
		return nil, err
	}
	if set.Rules() != entries {
		return nil, errors.New("guard: a program of other rules: render the configuration again")
	}
	return set, nil
}

// injecting is `guards.injection`.
type injecting struct {
	*policy.Injection
	heuristics *injection.Heuristics
	roles      uint16
}

// InjectionKind is the kind under which an attack is told.
const InjectionKind = "injection"

// Finding is how often a guard has found something.
type Finding struct {
	Kind   string // what was found, or the rule that found it
	Action policy.GuardAction
	Shadow bool // it was only noted what would have been done
	Count  int64
}

// Findings are what was found, each kind once.
type Findings []Finding

// Add counts one more.
//
//go:noinline
func (f *Findings) Add(kind string, action policy.GuardAction, shadow bool) {
	for i := range *f {
		if one := &(*f)[i]; one.Kind == kind && one.Action == action && one.Shadow == shadow {
			one.Count++
			return
		}
	}
	*f = append(*f, Finding{kind, action, shadow, 1})
}

// Blocking is the kind of the first finding for which a request is refused; "" = none.
func (f Findings) Blocking() string { return f.first(policy.GuardBlock) }

func (f Findings) first(action policy.GuardAction) string {
	for _, one := range f {
		if one.Action == action && !one.Shadow {
			return one.Kind
		}
	}
	return ""
}
