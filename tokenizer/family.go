package tokenizer

import "strings"

// Family is how the tokens of a model are counted.
type Family struct {
	Name     string    // the vendor's, or "other"
	Encoding *Encoding // never nil
	Exact    bool      // whether Encoding is the model's own
	Factor   int       // tokens of the model for 1000 tokens of Encoding: 1000 if Exact, else where a Correction begins
	Overhead Overhead  // what a request costs besides its texts
}

const perMille = 1000

// Estimate returns the model's tokens for a number of tokens of f.Encoding, by f.Factor, rounded up.
func (f Family) Estimate(counted int64) int64 {
	return (counted*int64(f.Factor) + perMille - 1) / perMille
}

// ForModel returns how a model's tokens are counted, by its name. Case does not matter, and neither do a vendor's name in front of
// the last "/" (openai/gpt-4o) and the "ft:" of a fine-tuned model.
//
// Which OpenAI model has which encoding is the table of tiktoken 0.14.0 (tiktoken/model.py). The families that came after it are
// taken to go on with o200k_base.
//
// The tokenizers of the other vendors are not public or not in this package. Their text is counted in o200k_base, and Factor is
// where the estimate begins. A name that nobody knows gets the same, with a factor of 1100.
func ForModel(model string) Family {
	name := strings.ToLower(model)
	name = name[strings.LastIndexByte(name, '/')+1:]
	name = strings.TrimPrefix(name, "ft:")
	for i := range published {
		if strings.HasPrefix(name, published[i].prefix) {
			return Family{"openai", published[i].encoding, true, perMille, overheadOpenAI(name)}
		}
	}
	if strings.HasPrefix(name, "claude") {
		return Family{"anthropic", &o200kBase, false, factorAnthropic(name), overheadAnthropic(name)}
	}
	for i := range guesses {
		if strings.HasPrefix(name, guesses[i].prefix) {
			return Family{guesses[i].vendor, &o200kBase, false, guesses[i].factor, overheadOther}
		}
	}
	return Family{"other", &o200kBase, false, 1100, overheadOther}
}

// published has the longer prefix before the shorter.
var published = [...]struct {
	prefix   string
	encoding *Encoding
}{
	{"gpt-4o", &o200kBase},
	{"gpt-4.1", &o200kBase},
	{"gpt-4.5", &o200kBase},
	{"gpt-4", &cl100kBase},
	{"gpt-3", &cl100kBase}, // gpt-3.5, and gpt-35 as Azure spells it
	{"gpt-", &o200kBase},   // gpt-5 and later, gpt-oss (o200k_harmony: other special tokens), gpt-realtime, gpt-audio
	{"chatgpt-", &o200kBase},
	{"o1", &o200kBase},
	{"o3", &o200kBase},
	{"o4", &o200kBase},
	{"codex-", &o200kBase},
	{"computer-use-", &o200kBase},
	{"text-embedding-", &cl100kBase},
	{"davinci-002", &cl100kBase},
	{"babbage-002", &cl100kBase},
}

// factorAnthropic: Anthropic publishes no tokenizer of its current models. 1200 is a guess that is rather too high than too low for
// English and code, since it decides what is reserved until usage is reported. Claude Opus 4.7 and later have a new tokenizer,
// which makes up to 1.35 times as many tokens (platform.claude.com/docs/en/about-claude/models, "What's new in Claude Opus 4.7").
func factorAnthropic(model string) int {
	if beforeClaude47(model) {
		return 1200
	}
	return 1600
}

// beforeClaude47 tells the models of the older tokenizer and of the smaller pictures by their names: claude-2, claude-3-5-sonnet,
// claude-sonnet-4, claude-sonnet-4-20250514, claude-haiku-4-5.
func beforeClaude47(model string) bool {
	for _, old := range [...]string{"claude-1", "claude-2", "claude-3", "claude-instant", "claude-v"} {
		if strings.HasPrefix(model, old) {
			return true
		}
	}
	for _, four := range [...]string{"claude-opus-4", "claude-sonnet-4", "claude-haiku-4"} {
		rest, ok := strings.CutPrefix(model, four)
		if !ok {
			continue
		}
		// The minor version is one digit; more of them are a date.
		minor := rest != "" && rest[0] == '-' && len(rest) > 1 && (len(rest) == 2 || rest[2] < '0' || rest[2] > '9')
		return !minor || rest[1] < '7'
	}
	return false
}

// guesses of the other vendors. Their vocabularies are of 128,000 to 256,000 tokens, like o200k_base, and are said to have "about 4
// characters" to a token, which is its own measure for English (ai.google.dev/gemini-api/docs/tokens). Mistral's older one has 32,000.
var guesses = [...]struct {
	prefix, vendor string
	factor         int
}{
	{"gemini", "google", 1050},
	{"gemma", "google", 1050},
	{"llama", "meta", 1050},
	{"mistral", "mistral", 1150},
	{"mixtral", "mistral", 1150},
	{"codestral", "mistral", 1150},
	{"deepseek", "deepseek", 1050},
	{"qwen", "alibaba", 1050},
	{"grok", "xai", 1050},
	{"command", "cohere", 1050},
}
