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
//	           │ Restore                            │
//	           ▼                                    ▼
//	what the client gets                    Dear Ann, … ann@example.com
//
// What a request has redacted is kept in the request alone: see package placeholder. What
// is found is told by kind and number, and never by value.
//
// The package is pure, and does not know what a gateway is.
package guard

import (
	"github.com/sluice-gateway/sluice/guard/pii"
	"github.com/sluice-gateway/sluice/guard/placeholder"
	"github.com/sluice-gateway/sluice/policy"
)

// Guards are a policy's guards, compiled. They are used by one thread at a time.
type Guards struct {
	pii *personal // nil: nothing personal is looked for
}

// personal is `guards.pii`.
type personal struct {
	*policy.PII
	scanner *pii.Scanner
	names   []string // the names of placeholders, by kind
	all     []string // those that can be
}

// New compiles a policy's guards.
func New(p *policy.Guards) *Guards {
	g := &Guards{}
	if p.PII != nil {
		g.pii = newPersonal(p.PII)
	}
	return g
}

// Look tells whether there is anything to look for in prompts.
func (g *Guards) Look() bool { return g.pii != nil }

func newPersonal(p *policy.PII) *personal {
	own := &personal{PII: p}
	var kinds pii.Kinds
	for _, word := range p.Kinds {
		kind, _ := pii.ParseKind(word)
		kinds |= 1 << kind
		for len(own.names) <= int(kind) {
			own.names = append(own.names, "")
		}
		own.names[kind] = placeholder.Name(word)
		own.all = append(own.all, own.names[kind])
	}
	own.scanner = pii.New(pii.Options{Kinds: kinds, MinScore: uint8(p.MinScore*100 + 0.5)})
	return own
}

// redacts tells whether what is found is replaced.
func (p *personal) redacts() bool { return p.Action == policy.GuardRedact && !p.Shadow }

// Finding is how often a guard has found something.
type Finding struct {
	Kind   string // what was found, or the rule that found it
	Action policy.GuardAction
	Shadow bool // it was only noted what would have been done
	Count  int64
}

// findings adds up.
type findings []Finding

func (f *findings) add(kind string, action policy.GuardAction, shadow bool) {
	for i := range *f {
		if one := &(*f)[i]; one.Kind == kind && one.Action == action && one.Shadow == shadow {
			one.Count++
			return
		}
	}
	*f = append(*f, Finding{kind, action, shadow, 1})
}

// Blocking is the kind of the first finding for which a request is refused; "" = none.
func (f findings) blocking() string {
	for _, one := range f {
		if one.Action == policy.GuardBlock && !one.Shadow {
			return one.Kind
		}
	}
	return ""
}
