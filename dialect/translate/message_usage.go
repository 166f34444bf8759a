package translate

import (
	"github.com/sluice-gateway/sluice/jsonscan"
	"github.com/sluice-gateway/sluice/jsontree"
)

// messageUsage is a usage of Anthropic's.
type messageUsage struct {
	input, cached, cacheWrite, output, thinking int64
	hasInput, hasOutput                         bool
}

// read takes a report. In a stream a later one has the totals up to there, and those
// that it leaves out stand.
func (u *messageUsage) read(v jsontree.Value) {
	input := messageTokens(v.Get("input_tokens"), &u.input)
	messageTokens(v.Get("cache_read_input_tokens"), &u.cached)
	messageTokens(v.Get("cache_creation_input_tokens"), &u.cacheWrite)
	output := messageTokens(v.Get("output_tokens"), &u.output)
	messageTokens(memberOf(v, "output_tokens_details", "thinking_tokens"), &u.thinking)
	u.hasInput, u.hasOutput = u.hasInput || input, u.hasOutput || output
}

// known tells that both sides were reported. A half would read as if the other were 0.
func (u *messageUsage) known() bool { return u.hasInput && u.hasOutput }

// messageTokens reads a figure as package dialect does, whatever stands there.
func messageTokens(v jsontree.Value, to *int64) bool {
	const most = 1 << 30
	if kindOf(v) != jsontree.Number {
		return false
	}
	*to = max(0, min(jsonscan.Millionths(v.Raw())/1_000_000, most))
	return true
}

// write writes OpenAI's usage. There the input has what the cache read and wrote in it;
// cache_write_tokens is in its documentation too:
// https://platform.openai.com/docs/api-reference/chat/object.
func (u *messageUsage) write(t *jsonText) {
	input := u.input + u.cached + u.cacheWrite
	t.number(`{"prompt_tokens":`, input)
	t.number(`,"completion_tokens":`, u.output)
	t.number(`,"total_tokens":`, input+u.output)
	t.number(`,"prompt_tokens_details":{"cached_tokens":`, u.cached)
	t.number(`,"cache_write_tokens":`, u.cacheWrite)
	t.number(`},"completion_tokens_details":{"reasoning_tokens":`, min(u.thinking, u.output))
	t.put("}}")
}
