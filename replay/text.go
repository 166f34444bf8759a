package replay

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

// WriteText writes the report for people. name is the policy's.
func (r *Report) WriteText(w io.Writer, name string) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	row := func(cells ...any) {
		for i, c := range cells {
			if i > 0 {
				fmt.Fprint(t, "\t")
			}
			fmt.Fprint(t, c)
		}
		fmt.Fprintln(t)
	}
	// The columns of one table do not widen those of another.
	section := func(title string) {
		t.Flush()
		fmt.Fprintf(w, "\n%s\n", title)
	}

	head := plural(r.Records, "record")
	if r.From != "" {
		head += ", " + r.From + " to " + r.To
	}
	if r.Duplicates > 0 {
		head += "; " + plural(r.Duplicates, "duplicate") + " left out"
	}
	if len(r.Bad) > 0 {
		head += "; " + plural(len(r.Bad), "bad line")
	}
	fmt.Fprintln(w, head)

	if r.Records > 0 {
		a, b := &r.Then, &r.Now
		section("Requests")
		row("", "then", "under "+name)
		row("  all", a.Requests, b.Requests)
		row("  used a provider", a.Sent, b.Sent)
		row("  answered from the cache", a.Cached, b.Cached)
		row("  refused by a budget", a.RefusedBudget, b.RefusedBudget)
		row("  refused, as nothing serves the model", a.RefusedModel, b.RefusedModel)
		row("  blocked by a guard", a.Blocked, b.Blocked)
		row("  refused for another reason", a.RefusedOther, b.RefusedOther)
		row("  used nothing", a.idle(), b.idle())
		row("  answers blocked", a.Spoilt, b.Spoilt)
		row("  answers cut short", a.Short, b.Short)
		row("input tokens", a.Input, b.Input)
		row("output tokens", a.Output, b.Output)
		row("spent, USD", a.Cost, b.Cost)
	}
	if len(r.Budgets)+len(r.Gone) > 0 && r.Records > 0 {
		section("Budgets: requests that they refuse")
		row("", "unit", "mode", "refused then", "refuses", "would have then", "would")
		for _, line := range slices.Concat(r.Budgets, r.Gone) {
			row("  "+line.Name, line.Unit, line.Mode, line.RefusedThen, line.Refused, line.WouldThen, line.WouldRefuse)
		}
	}
	if len(r.Callers) > 0 {
		section("Refused most")
		for _, line := range r.Callers {
			row("  "+line.Budget, line.Caller, line.Refused)
		}
	}
	for _, table := range []struct {
		title string
		lines []*Spend
	}{{"model", r.Models}, {"provider", r.Providers}, {r.By, r.ByPart}} {
		if len(table.lines) == 0 {
			continue
		}
		section("Spent by " + table.title + ", USD")
		row("", "requests", "then", "under "+name)
		for _, line := range table.lines {
			row("  "+line.Name, line.Requests, line.Then, line.Now)
		}
	}
	if len(r.Unserved) > 0 {
		section("Models that the policy refuses")
		for _, line := range r.Unserved {
			row("  "+line.Model, line.Code, line.Requests)
		}
	}
	if len(r.Rules) > 0 {
		section("Guards: requests in which they found something")
		row("", "in", "requests", "then", "now", "blocked now")
		for _, line := range r.Rules {
			row("  "+line.Kind, line.Section, line.Requests, counts(line.Then), line.Now, line.Blocked)
		}
	}
	if c := r.Captured; c != nil {
		section(fmt.Sprintf("Captured: %s, %s", plural(c.Requests, "request"), plural(c.Answers, "answer")))
		for _, code := range keys(c.Outcomes) {
			what := code
			if code == "" {
				what = "go on"
			}
			row("  "+what, c.Outcomes[code])
		}
		t.Flush()
		for _, line := range c.Rules {
			fmt.Fprintf(w, "  %s %s: %s, %d in all: %s%s\n", line.Kind, line.Action, plural(line.Requests, "request"), line.Count,
				strings.Join(line.Lines, " "), map[bool]string{true: " …"}[line.Requests > len(line.Lines)])
		}
		for _, line := range c.Refused {
			fmt.Fprintf(w, "  %s: %s\n", line.Line, line.Code)
		}
	}
	t.Flush()
	if notes := r.notes(); len(notes) > 0 {
		fmt.Fprint(w, "\nNotes\n")
		for _, note := range notes {
			fmt.Fprintf(w, "  - %s\n", note)
		}
	}
	return nil
}

// idle are the requests that nothing else is said of: their provider failed, or the client
// had gone.
func (t *Totals) idle() int {
	return max(0, t.Requests-t.Sent-t.Cached-t.RefusedBudget-t.RefusedModel-t.Blocked-t.RefusedOther)
}

// notes say what was assumed, and what could not be told.
func (r *Report) notes() (notes []string) {
	add := func(n int, what string) {
		if n > 0 {
			notes = append(notes, fmt.Sprintf("%d %s", n, what))
		}
	}
	add(r.Now.Readmitted, fmt.Sprintf("of the requests that were refused then go on. Nobody knows what they would have used: each is taken for the mean of its model's, USD %s in all", r.Unknown.Assumed))
	add(r.Unknown.Asked, `records do not say what was asked for ("asked"): they are taken to have reserved what their budgets say, or what they used`)
	add(r.Unknown.Split, "requests used tokens in several attempts; these have their share of each kind of token")
	add(r.Now.Moved, "attempts were at a target that the policy no longer has for their model: they are priced as of its first")
	add(r.Now.Unpriced, "requests were of a model without a price, and cost nothing here")
	if r.Records > 0 {
		notes = append(notes, "records have no prompts: that a cache would have answered, or that a rule which found nothing then would find something, cannot be told of them")
	}
	if r.Captured != nil && r.Captured.External {
		notes = append(notes, "guards.external and what rules of prompts say by meaning are not asked")
	}
	return notes
}

func counts(of map[string]int) string {
	var parts []string
	for _, name := range keys(of) {
		parts = append(parts, fmt.Sprintf("%s %d", name, of[name]))
	}
	return strings.Join(parts, ", ")
}

func keys(of map[string]int) []string {
	var all []string
	for name := range of {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}
