package replay

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sluice-gateway/sluice/policy"
)

// Report is what a policy would have done.
type Report struct {
	Lines      int       `json:"lines"`
	Records    int       `json:"records"`
	Duplicates int       `json:"duplicates"`
	Bad        []Problem `json:"bad,omitempty"`
	From       string    `json:"from,omitempty"` // RFC 3339, of the first request
	To         string    `json:"to,omitempty"`

	Then Totals `json:"then"`
	Now  Totals `json:"now"`

	Budgets   []*Budget   `json:"budgets"`
	Gone      []*Budget   `json:"budgets_gone,omitempty"` // that records have and the policy has not
	Callers   []*Caller   `json:"refused_callers,omitempty"`
	Models    []*Spend    `json:"models"`
	Providers []*Spend    `json:"providers"`
	By        string      `json:"by"`
	ByPart    []*Spend    `json:"by_part"`
	Unserved  []*Unserved `json:"unserved,omitempty"`
	Rules     []*Rule     `json:"rules,omitempty"`
	Captured  *Captured   `json:"captured,omitempty"`
	Unknown   Unknown     `json:"unknown"`

	// RefusedIDs are the requests that a budget would have refused, in the order of time.
	RefusedIDs []string `json:"refused_ids,omitempty"`
}

// Totals are the requests by what became of them, and what they used.
type Totals struct {
	Requests      int     `json:"requests"`
	Sent          int     `json:"sent"` // used something at a provider
	Cached        int     `json:"cached"`
	RefusedBudget int     `json:"refused_by_budget"`
	RefusedModel  int     `json:"refused_model"` // nothing serves what was asked for
	Blocked       int     `json:"blocked"`       // by guards, before anything was sent
	Spoilt        int     `json:"answers_blocked"`
	RefusedOther  int     `json:"refused_other"` // the client's mistake
	Short         int     `json:"cut_short"`
	Readmitted    int     `json:"readmitted"` // refused then, and not now
	Moved         int     `json:"moved"`      // attempts that would have gone elsewhere
	Input         int64   `json:"input_tokens"`
	Output        int64   `json:"output_tokens"`
	Cost          Dollars `json:"cost_usd"`
	Unpriced      int     `json:"unpriced"`
}

// Dollars are micro-dollars.
type Dollars int64

// String is the exact amount.
func (d Dollars) String() string {
	text := fmt.Sprintf("%d.%06d", d/1_000_000, d%1_000_000)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

// MarshalJSON writes a number of dollars.
func (d Dollars) MarshalJSON() ([]byte, error) { return []byte(d.String()), nil }

// Budget is one budget, and how many requests it refuses.
type Budget struct {
	Name        string `json:"name"`
	Unit        string `json:"unit"`
	Mode        string `json:"mode"`
	RefusedThen int    `json:"refused_then"`
	Refused     int    `json:"refused"`
	WouldThen   int    `json:"would_refuse_then"` // in shadow
	WouldRefuse int    `json:"would_refuse"`
}

// Caller is somebody that a budget refuses.
type Caller struct {
	Budget  string `json:"budget"`
	Caller  string `json:"caller"` // "team=a model=gpt-4o"
	Refused int    `json:"refused"`
}

// Spend is what one model, provider or caller costs.
type Spend struct {
	Name     string  `json:"name"`
	Requests int     `json:"requests"`
	Then     Dollars `json:"cost_usd_then"`
	Now      Dollars `json:"cost_usd"`
}

// Unserved is a model that nothing serves.
type Unserved struct {
	Model    string `json:"model"`
	Code     string `json:"code"`
	Requests int    `json:"requests"`
}

// Rule is a guard's rule: what its finds led to, and would lead to.
type Rule struct {
	Kind     string         `json:"kind"`
	Section  string         `json:"section,omitempty"`
	Requests int            `json:"requests"`
	Then     map[string]int `json:"then"`
	Now      string         `json:"now"`
	Blocked  int            `json:"blocked"` // requests that it would block, or whose answer
}

// Unknown counts what had to be assumed.
type Unknown struct {
	Asked   int     `json:"asked"`       // records that do not say what was asked for
	Split   int     `json:"split"`       // usages shared out among several attempts
	Assumed Dollars `json:"assumed_usd"` // part of the cost, of requests that were refused then
}

// count takes in what became of a request.
func (t *Totals) count(r *record) {
	t.Input += r.Tokens.Input
	t.Output += r.Tokens.Output
	t.Cost += Dollars(r.Cost.micros)
	switch {
	case r.hit():
		t.Cached++
	case r.Code == "budget_exceeded":
		t.RefusedBudget++
	case r.Code == "model_not_found" || r.Code == "price_unknown":
		t.RefusedModel++
	case r.End == "blocked" && len(r.Attempts) == 0:
		t.Blocked++
	case r.End == "refused":
		t.RefusedOther++
	}
	if r.End == "blocked" && len(r.Attempts) > 0 {
		t.Spoilt++
	}
	if r.End == "cut" {
		t.Short++
	}
	if len(r.paid()) > 0 {
		t.Sent++
		if !r.Cost.known {
			t.Unpriced++
		}
	}
}

// then takes in what budgets did, and where the money went.
func (s *simulation) then(r *record) {
	for _, b := range r.Budgets {
		line := s.byBudget[b.Name]
		if line == nil {
			line = &Budget{Name: b.Name, Unit: b.Unit, Mode: "not in the policy"}
			s.byBudget[b.Name] = line
			s.report.Gone = append(s.report.Gone, line)
		}
		if b.Refused {
			line.RefusedThen++
		}
		if b.WouldRefuse {
			line.WouldThen++
		}
	}
	if r.Cost.micros == 0 {
		return
	}
	for kind, name := range []string{r.Model, r.Provider, s.who(r)} {
		s.spend(kind, name).Then += Dollars(r.Cost.micros)
	}
}

// caller is who a budget keeps apart.
func (s *simulation) caller(name string, r *record) *Caller {
	var parts []string
	for _, b := range s.policy.Budgets {
		if b.Name != name {
			continue
		}
		for _, per := range b.Per {
			value, ok := r.Identity[per]
			if per == policy.ModelPart {
				value, ok = r.ModelAsked, true
			}
			if !ok {
				value = "(none)"
			}
			parts = append(parts, per+"="+value)
		}
	}
	who := strings.Join(parts, " ")
	if who == "" {
		who = "everybody"
	}
	line := s.byCaller[name+" "+who]
	if line == nil {
		line = &Caller{Budget: name, Caller: who}
		s.byCaller[name+" "+who] = line
	}
	return line
}

// finish puts the lines in order.
func (s *simulation) finish(records []*record, top int) {
	r := s.report
	if len(records) > 0 {
		r.From = records[0].Time.UTC().Format(time.RFC3339)
		r.To = records[len(records)-1].Time.UTC().Format(time.RFC3339)
	}
	r.Callers = sorted(s.byCaller, func(a, b *Caller) int {
		return cmp.Or(cmp.Compare(b.Refused, a.Refused), cmp.Compare(a.Budget, b.Budget), cmp.Compare(a.Caller, b.Caller))
	})
	r.Callers = r.Callers[:min(top, len(r.Callers))]
	dearest := func(a, b *Spend) int {
		return cmp.Or(cmp.Compare(b.Now, a.Now), cmp.Compare(b.Then, a.Then), cmp.Compare(a.Name, b.Name))
	}
	r.Models, r.Providers, r.ByPart = sorted(s.spending[0], dearest), sorted(s.spending[1], dearest), sorted(s.spending[2], dearest)
	r.Unserved = sorted(s.unserved, func(a, b *Unserved) int {
		return cmp.Or(cmp.Compare(b.Requests, a.Requests), cmp.Compare(a.Model, b.Model), cmp.Compare(a.Code, b.Code))
	})
	r.Rules = sorted(s.byRule, func(a, b *Rule) int { return cmp.Compare(a.Kind, b.Kind) })
}

func sorted[T any](of map[string]*T, by func(a, b *T) int) []*T {
	all := make([]*T, 0, len(of))
	for _, one := range of {
		all = append(all, one)
	}
	slices.SortFunc(all, by)
	return all
}

func plural(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + one + "s"
}
