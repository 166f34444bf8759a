package source

import (
	"strconv"

	"github.com/sluice-gateway/sluice/policy"
	"github.com/sluice-gateway/sluice/policy/internal/document"
	"github.com/sluice-gateway/sluice/policy/strict"
	"github.com/sluice-gateway/sluice/pricing"
)

// Warnings are those of strict.Warnings, and those about prices.
func Warnings(p *policy.Policy) []policy.Problem {
	return append(strict.Warnings(p), priceWarnings(p)...)
}

// priceWarnings are those that need the catalogue, which package policy does not know: a model
// whose price a budget or a strategy needs, and a price that no model has.
func priceWarnings(p *policy.Policy) []policy.Problem {
	overrides := make([]pricing.Override, len(p.Prices))
	unused := map[string]bool{}
	for i, o := range p.Prices {
		overrides[i] = pricing.Override{Model: o.Model, Input: o.Input, Output: o.Output, CachedInput: o.CachedInput}
		_, shipped := pricing.Lookup(o.Model)
		unused[o.Model] = !shipped
	}
	catalogue := pricing.NewCatalogue(overrides)

	var found []policy.Problem
	for _, m := range p.Models {
		for i, t := range m.Targets {
			priced, ok := catalogue.Lookup(t.Model)
			delete(unused, priced.Name)
			if ok {
				continue
			}
			path := document.Index(document.Join("models", m.Name)+".targets", i) + ".model"
			remedy := "; write prices: {" + strconv.Quote(t.Model) + ": {input: …, output: …}}"
			if b := dollarBudget(p); b != nil {
				then := "refuses every request for it (price_unknown)"
				if b.Shadow || p.Budget.OnUnknownPrice == policy.Allow {
					then = "does not count it"
				}
				found = append(found, policy.Problem{Path: path,
					Message: t.Model + " has no price, neither in the catalogue nor under prices, and the usd budget " + b.Name + " " + then + remedy})
			} else if m.Strategy == policy.Cost && len(m.Targets) > 1 {
				found = append(found, policy.Problem{Path: path,
					Message: t.Model + " has no price, neither in the catalogue nor under prices, and comes last with strategy cost" + remedy})
			}
		}
	}
	for _, o := range p.Prices {
		if unused[o.Model] {
			message := "no target and no model of the catalogue has this name, so that nothing costs it; correct it, or remove it"
			if p.DefaultProvider != "" {
				message = "no target and no model of the catalogue has this name; it is the price of requests that ask " + p.DefaultProvider +
					" for exactly this, and of nothing else; correct it, or list it under models"
			}
			found = append(found, policy.Problem{Path: document.Join("prices", o.Model), Message: message})
		}
	}
	return found
}

// dollarBudget is the usd budget that a missing price hurts most: one that refuses.
func dollarBudget(p *policy.Policy) (found *policy.Budget) {
	for i := range p.Budgets {
		if b := &p.Budgets[i]; b.Unit == policy.USD && (found == nil || found.Shadow && !b.Shadow) {
			found = b
		}
	}
	return found
}
