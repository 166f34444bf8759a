package source

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPriceWarnings(t *testing.T) {
	const provider = "version: 1\nproviders: {a: {dialect: openai, endpoint: 'http://a'}}\n"
	const llama = "models: {house: {targets: [{provider: a, model: our-llama}]}}\n"
	const usd = "budgets: [{name: b, unit: usd, limit: 1, calendar: day}]\n"
	for name, row := range map[string]struct {
		text string
		want []string
	}{
		"priced by the catalogue": {"models: {m: {targets: [{provider: a, model: gpt-4o-2024-08-06}]}}\n" + usd, nil},
		"priced by the policy":    {llama + usd + "prices: {our-llama: {input: 1, output: 1}}\n", nil},
		"an override of a known":  {llama + "prices: {gpt-4o: {input: 1, output: 1}}\n", nil},
		"a dated target":          {"models: {m: {targets: [{provider: a, model: our-llama-2026-01-31}]}}\n" + usd + "prices: {our-llama: {input: 1, output: 1}}\n", nil},
		"nobody asks":             {llama, nil},
		"tokens":                  {llama + "budgets: [{name: b, unit: tokens, limit: 1, calendar: day}]\n", nil},
		"refused": {llama + usd, []string{
			`models.house.targets[0].model: our-llama has no price, neither in the catalogue nor under prices, and the usd budget b refuses every request for it (price_unknown); write prices: {"our-llama": {input: …, output: …}}`}},
		"not counted": {llama + usd + "budget: {on_unknown_price: allow}\n", []string{
			`models.house.targets[0].model: our-llama has no price, neither in the catalogue nor under prices, and the usd budget b does not count it; write prices: {"our-llama": {input: …, output: …}}`}},
		"shadow": {llama + "budgets: [{name: s, unit: usd, limit: 1, calendar: day, mode: shadow}]\n", []string{
			`models.house.targets[0].model: our-llama has no price, neither in the catalogue nor under prices, and the usd budget s does not count it; write prices: {"our-llama": {input: …, output: …}}`}},
		"strategy": {"models: {m: {strategy: cost, retry: {}, targets: [{provider: a, model: x}, {provider: a, model: gpt-4o}]}}\n", []string{
			`models.m.targets[0].model: x has no price, neither in the catalogue nor under prices, and comes last with strategy cost; write prices: {"x": {input: …, output: …}}`}},
		"nobody's": {llama + "prices: {our-lama: {input: 1, output: 1}}\n", []string{
			"prices.our-lama: no target and no model of the catalogue has this name, so that nothing costs it; correct it, or remove it"}},
		"nobody's yet": {"default_provider: a\nprices: {a/b: {input: 1, output: 1}}\n", []string{
			`prices["a/b"]: no target and no model of the catalogue has this name; it is the price of requests that ask a for exactly this, and of nothing else; correct it, or list it under models`}},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := Policy([]byte(provider + row.text))
			require.NoError(t, err)
			var got []string
			for _, w := range Warnings(p) {
				got = append(got, w.String())
			}
			require.Equal(t, row.want, got)
		})
	}
}
