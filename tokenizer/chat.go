package tokenizer

import "strings"

// Overhead is what a chat request costs besides its texts: what the provider puts around messages, names and tools, and what it
// makes of pictures. Texts are counted one by one with the family's Encoding; a request is then
//
//	the sum over texts (role, name and content of each message)
//	+ PerMessage for each message, + PerName for each message with a name, + PerReply once
//	+ Tools.Tokens of its tools, + Images.Tokens of each picture
//
// None of it is exact for ever: OpenAI calls its own figures "an estimate, not a timeless guarantee". Where the usage that a
// provider reports differs, that is the truth.
type Overhead struct {
	PerMessage int // for each message
	PerName    int // for each message that has a name
	PerReply   int // once: the beginning of the answer
	Tools      Tools
	Images     Images
}

// OpenAI: "How to count tokens with tiktoken", section 6, num_tokens_from_messages, of the OpenAI cookbook
// (developers.openai.com/cookbook/examples/how_to_count_tokens_with_tiktoken): three tokens a message, one a name, and three for
// the answer's <|start|>assistant<|message|>, for gpt-3.5-turbo-0125, gpt-4-0613, gpt-4o and gpt-4o-mini. It has no figures for
// later models; they are taken to be the same.
func overheadOpenAI(model string) Overhead {
	o := Overhead{PerMessage: 3, PerName: 1, PerReply: 3, Tools: toolsGPT4o, Images: imagesOpenAI(model)}
	if strings.HasPrefix(model, "gpt-4-") || model == "gpt-4" || strings.HasPrefix(model, "gpt-3") {
		o.Tools = toolsGPT4
	}
	return o
}

// Anthropic publishes no figures for messages. Its own example of counting, a system prompt of four words and "Hello, Claude", is 14
// tokens (platform.claude.com/docs/en/build-with-claude/token-counting): about seven of them are not the text, which 4 and 3
// cover. A Correction takes care of the rest.
func overheadAnthropic(model string) Overhead {
	return Overhead{PerMessage: 4, PerReply: 3, Tools: toolsAnthropic(model), Images: imagesAnthropic(model)}
}

// The other vendors publish nothing either, and serve OpenAI's dialect: its figures.
var overheadOther = Overhead{PerMessage: 3, PerName: 1, PerReply: 3, Tools: toolsGPT4o, Images: tiles(85, 170)}
