package mock

import (
	"strings"

	"github.com/sluice-gateway/sluice/tokenizer"
)

// inputTokens is what the provider counts for the prompt.
//
// Chat models: three tokens a message, its role and text, one more for a name, and
// three to begin the answer
// (https://cookbook.openai.com/examples/how_to_count_tokens_with_tiktoken). What the
// vendors do not publish is set here: tools count as their JSON, a picture as 85
// tokens, and Anthropic's counts are those of OpenAI's vocabulary (input_scale in a
// script makes them differ).
func inputTokens(q *query) int64 {
	e := encodingOf(q.model)
	var n int
	for i := range q.inputs {
		n += e.CountString(q.inputs[i].text) + len(q.inputs[i].tokens)
	}
	if len(q.messages) == 0 {
		return int64(n)
	}
	for i := range q.messages {
		m := &q.messages[i]
		n += 3 + e.CountString(m.role) + e.CountString(m.text) + 85*m.parts
		if m.name != "" {
			n += 1 + e.CountString(m.name)
		}
	}
	return int64(n + 3 + e.Count(q.toolJSON))
}

// encodingOf is the vocabulary of a model.
func encodingOf(model string) *tokenizer.Encoding {
	for _, older := range [...]string{"gpt-4-", "gpt-3.5", "text-embedding-", "davinci-002", "babbage-002"} {
		if strings.HasPrefix(model, older) {
			return tokenizer.Cl100kBase()
		}
	}
	if model == "gpt-4" {
		return tokenizer.Cl100kBase()
	}
	return tokenizer.O200kBase()
}
