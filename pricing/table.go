package pricing

// The tables below are facts, one model a line, in US dollars per million tokens:
//
//	name, input, output, cached input, cache write short, cache write long,
//	tier of long requests, writes only on request, context, most output, as of, source
//
// A tier is {above, input, output, cached input, cache write short, cache write long}.
// Each table is sorted by name. The compiler lays them out as constant data; nothing
// runs at start. To add a price: read it on the vendor's page, write the day.
const (
	usd = million // micro-dollars

	openaiPrices = "https://developers.openai.com/api/docs/pricing"
	claudePrices = "https://platform.claude.com/docs/en/about-claude/pricing"

	feb2026 = "2026-02-17"
	jul2026 = "2026-07-09"
	sep22   = "2026-09-22"
	sep23   = "2026-09-23"
	oct12   = "2026-10-12"
	oct13   = "2026-10-13"
	oct24   = "2026-10-24"
	oct26   = "2026-10-26"
	nov2026 = "2026-11-18"
)
