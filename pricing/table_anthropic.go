package pricing

// Anthropic. A request writes the prompt cache only where it says cache_control:
// 1.25 times the input price for 5 minutes, twice for one hour. Claude Haiku 5.5 has
// a dearer list above 100,000 input tokens, Claude Sonnet 4 and 4.5 above 200,000
// (their one-million window was a beta), counting cache reads and writes as input.
// Claude 3.7 Sonnet's 128,000 tokens of output needed a beta header; 64,000 without.
// Models are named without their date; claude-opus-4-0 and claude-sonnet-4-0 are the
// vendor's own aliases.
var anthropicModels = [...]Model{
	{"claude-3-5-haiku", 0.8 * usd, 4 * usd, 0.08 * usd, 1 * usd, 1.6 * usd, Tier{}, true, 200_000, 8_192, oct24, claudePrices},
	{"claude-3-5-sonnet", 3 * usd, 15 * usd, 0.3 * usd, 3.75 * usd, 6 * usd, Tier{}, true, 200_000, 8_192, feb2026, claudePrices},
	{"claude-3-7-sonnet", 3 * usd, 15 * usd, 0.3 * usd, 3.75 * usd, 6 * usd, Tier{}, true, 200_000, 128_000, feb2026, claudePrices},
	{"claude-3-haiku", 0.25 * usd, 1.25 * usd, 0.03 * usd, 0.3 * usd, 0.5 * usd, Tier{}, true, 200_000, 4_096, feb2026, claudePrices},
	{"claude-3-opus", 15 * usd, 75 * usd, 1.5 * usd, 18.75 * usd, 30 * usd, Tier{}, true, 200_000, 4_096, feb2026, claudePrices},
	{"claude-3-sonnet", 3 * usd, 15 * usd, 3 * usd, 3 * usd, 3 * usd, Tier{}, true, 200_000, 4_096, feb2026, claudePrices},
	{"claude-fable-5", 10 * usd, 50 * usd, 1 * usd, 12.5 * usd, 20 * usd, Tier{}, true, 1_000_000, 128_000, oct24, claudePrices},
	{"claude-fable-5-1", 10 * usd, 50 * usd, 0.25 * usd, 12.5 * usd, 20 * usd, Tier{}, true, 1_000_000, 128_000, oct24, claudePrices},
	{"claude-haiku-4-5", 1 * usd, 5 * usd, 0.1 * usd, 1.25 * usd, 2 * usd, Tier{}, true, 200_000, 64_000, oct24, claudePrices},
	{"claude-haiku-5-5", 0.1 * usd, 0.5 * usd, 0.01 * usd, 0.125 * usd, 0.2 * usd, Tier{100_000, 0.5 * usd, 2.5 * usd, 0.05 * usd, 0.625 * usd, 1 * usd}, true, 1_000_000, 128_000, oct24, claudePrices},
	{"claude-mythos-5", 10 * usd, 50 * usd, 1 * usd, 12.5 * usd, 20 * usd, Tier{}, true, 1_000_000, 128_000, oct24, claudePrices},
	{"claude-mythos-5-1", 10 * usd, 50 * usd, 0.25 * usd, 12.5 * usd, 20 * usd, Tier{}, true, 1_000_000, 128_000, oct24, claudePrices},
	{"claude-opus-4", 15 * usd, 75 * usd, 1.5 * usd, 18.75 * usd, 30 * usd, Tier{}, true, 200_000, 32_000, oct24, claudePrices},
	{"claude-opus-4-0", 15 * usd, 75 * usd, 1.5 * usd, 18.75 * usd, 30 * usd, Tier{}, true, 200_000, 32_000, oct24, claudePrices},
	{"claude-opus-4-1", 15 * usd, 75 * usd, 1.5 * usd, 18.75 * usd, 30 * usd, Tier{}, true, 200_000, 32_000, oct24, claudePrices},
	{"claude-opus-4-5", 5 * usd, 25 * usd, 0.5 * usd, 6.25 * usd, 10 * usd, Tier{}, true, 200_000, 64_000, oct24, claudePrices},
	{"claude-opus-4-6", 5 * usd, 25 * usd, 0.5 * usd, 6.25 * usd, 10 * usd, Tier{}, true, 1_000_000, 128_000, oct24, claudePrices},
	{"claude-opus-4-7", 5 * usd, 25 * usd, 0.5 * usd, 6.25 * usd, 10 * usd, Tier{}, true, 1_000_000, 128_000, oct24, claudePrices},
	{"claude-opus-4-8", 5 * usd, 25 * usd, 0.5 * usd, 6.25 * usd, 10 * usd, Tier{}, true, 1_000_000, 128_000, oct24, claudePrices},
	{"claude-opus-5", 5 * usd, 25 * usd, 0.5 * usd, 6.25 * usd, 10 * usd, Tier{}, true, 1_000_000, 128_000, oct24, claudePrices},
	{"claude-opus-5-5", 4 * usd, 20 * usd, 0.2 * usd, 5 * usd, 8 * usd, Tier{}, true, 1_000_000, 128_000, oct24, claudePrices},
	{"claude-sonnet-4", 3 * usd, 15 * usd, 0.3 * usd, 3.75 * usd, 6 * usd, Tier{200_000, 6 * usd, 22.5 * usd, 0.6 * usd, 7.5 * usd, 12 * usd}, true, 1_000_000, 64_000, oct24, claudePrices},
	{"claude-sonnet-4-0", 3 * usd, 15 * usd, 0.3 * usd, 3.75 * usd, 6 * usd, Tier{200_000, 6 * usd, 22.5 * usd, 0.6 * usd, 7.5 * usd, 12 * usd}, true, 1_000_000, 64_000, oct24, claudePrices},
	{"claude-sonnet-4-5", 3 * usd, 15 * usd, 0.3 * usd, 3.75 * usd, 6 * usd, Tier{200_000, 6 * usd, 22.5 * usd, 0.6 * usd, 7.5 * usd, 12 * usd}, true, 1_000_000, 64_000, oct24, claudePrices},
	{"claude-sonnet-4-6", 3 * usd, 15 * usd, 0.3 * usd, 3.75 * usd, 6 * usd, Tier{}, true, 1_000_000, 128_000, oct24, claudePrices},
	{"claude-sonnet-5", 2 * usd, 10 * usd, 0.2 * usd, 2.5 * usd, 4 * usd, Tier{}, true, 1_000_000, 128_000, oct24, claudePrices},
	{"claude-sonnet-5-5", 2 * usd, 10 * usd, 0.1 * usd, 2.5 * usd, 4 * usd, Tier{}, true, 1_000_000, 128_000, oct24, claudePrices},
}
