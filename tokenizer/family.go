package tokenizer

type Family struct {
	Encoding *Encoding
	Exact    bool
	Factor   int
}

func ForModel(m string) Family { return Family{Encoding: O200kBase(), Exact: true} }

// guesses are families without a tokenizer of theirs here. The factors are chosen to be rather too high than too low for English
// and code, since they decide what is reserved until the provider reports what was used; a Correction then replaces them.
//
// Anthropic: publishes no tokenizer, and says that Claude Opus 4.7 has a new one which makes up to 1.35 times the tokens of the
// one before (platform.claude.com/docs, "What's new in Claude Opus 4.7", 2026).
// Google: "a token is equivalent to about 4 characters" (ai.google.dev/gemini-api/docs/tokens), which is o200k_base's own
// measure for English.
var guesses = [...]struct {
	prefix, family string
	factor         int
}{
	{"claude-opus-4-7", "anthropic", 1550},
	{"claude", "anthropic", 1200},
	{"gemini", "google", 1050},
	{"llama", "meta", 1050},
	{"mistral", "mistral", 1150},
	{"mixtral", "mistral", 1150},
	{"deepseek", "deepseek", 1050},
	{"qwen", "alibaba", 1050},
	{"grok", "xai", 1050},
	{"command", "cohere", 1050},
}
