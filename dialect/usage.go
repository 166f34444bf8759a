package dialect

import "github.com/sluice-gateway/sluice/jsonscan"

// Usage is what a provider says, or what we counted, that one answer used. Input
// and Output are totals: cached and reasoning tokens are inside them.
type Usage struct {
	Input      int64
	Output     int64
	Cached     int64 // input tokens read from the provider's prompt cache
	CacheWrite int64 // input tokens written to it
	Reasoning  int64 // output tokens spent on thinking

	// CacheWriteLong are those of CacheWrite that are kept for the longer time, which
	// costs more (Anthropic's one hour).
	CacheWriteLong int64
}

// Add adds up what two answers used.
func (u *Usage) Add(o Usage) {
	u.Input += o.Input
	u.Output += o.Output
	u.Cached += o.Cached
	u.CacheWrite += o.CacheWrite
	u.Reasoning += o.Reasoning
	u.CacheWriteLong += o.CacheWriteLong
}

// usageFields are the figures of a usage object as they stand there. One that is
// missing is -1 and not 0: a provider that says zero means zero.
type usageFields struct {
	present                    bool // an object, not null and not missing
	input, output, total       int64
	cached, reasoning          int64
	cacheWrite, cacheWriteLong int64
}

func (u *usageFields) clear() { *u = usageFields{false, -1, -1, -1, -1, -1, -1, -1} }

// read takes one event from inside a usage object.
func (u *usageFields) read(e *jsonscan.Event) {
	switch e.Path {
	case atUsage:
		u.present = u.present || e.Kind == jsonscan.BeginObject
	case atUsageInput:
		u.input = tokens(e, u.input)
	case atUsageOutput:
		u.output = tokens(e, u.output)
	case atUsageCached:
		u.cached = tokens(e, u.cached)
	case atUsageCacheWrite:
		u.cacheWrite = tokens(e, u.cacheWrite)
	case atUsageCacheWriteLong:
		u.cacheWriteLong = tokens(e, u.cacheWriteLong)
	case atUsageTotal:
		u.total = tokens(e, u.total)
	case atUsageReasoning:
		u.reasoning = tokens(e, u.reasoning)
	}
}

// maxCount bounds what a client or a provider may claim: no answer has a billion
// tokens, and sums of such numbers must not overflow.
const maxCount = 1 << 30

// tokens reads a token count, whatever a provider puts there; what is no number
// leaves the figure as it is.
//
//go:noinline
func tokens(e *jsonscan.Event, have int64) int64 {
	if e.Kind != jsonscan.Number {
		return have
	}
	return max(0, min(jsonscan.Millionths(e.Text)/1_000_000, maxCount))
}

// into brings a usage up to date: figures are totals up to here and not increments,
// and those that a later report leaves out stand as an earlier one gave them.
//
// OpenAI: prompt_tokens (in responses: input_tokens) includes the cached tokens, completion_tokens the
// reasoning tokens. Anthropic: input_tokens excludes what the cache read and wrote
// (https://docs.anthropic.com/en/docs/build-with-claude/prompt-caching, "Tracking
// cache performance"), so the three are added up.
//
// Some that speak OpenAI's dialect leave the reasoning out of completion_tokens and
// bill it all the same (https://docs.x.ai/docs/key-information/consumption-and-rate-limits);
// it is in total_tokens, so that what the total has more than the parts is output.
func (u *usageFields) into(op Op, to *Usage) (input, output bool) {
	if !u.present {
		return false, false
	}
	plain := to.Input
	if op == Messages {
		plain -= to.Cached + to.CacheWrite
	}
	if u.input >= 0 {
		plain = u.input
	}
	if u.cached >= 0 {
		to.Cached = u.cached
	}
	if u.cacheWrite >= 0 {
		to.CacheWrite = u.cacheWrite
	}
	to.Input = plain
	if op == Messages {
		to.Input += to.Cached + to.CacheWrite
	}
	if u.cacheWriteLong >= 0 {
		to.CacheWriteLong = u.cacheWriteLong
	}
	to.Cached = min(to.Cached, to.Input)
	to.CacheWrite = min(to.CacheWrite, to.Input-to.Cached)
	to.CacheWriteLong = min(to.CacheWriteLong, to.CacheWrite)
	if u.output >= 0 {
		to.Output = u.output
		if op != Messages && u.input >= 0 {
			to.Output = max(to.Output, u.total-u.input)
		}
	}
	if u.reasoning >= 0 {
		to.Reasoning = min(u.reasoning, to.Output)
	}
	return u.input >= 0, u.output >= 0
}
