// Package tokenizer counts the tokens of a text exactly as OpenAI's tiktoken 0.14.0 does, for o200k_base and cl100k_base, in
// time linear in the text whatever the text is.
//
// A text is cut into pieces (words, digits, punctuation, white space: pieces.go), and each piece is encoded by byte pair
// merges (backtrack.go for short pieces, stretch.go for long ones). README.md has the algorithm, its proof and its numbers.
//
// Text is UTF-8. Each maximal subsequence that is not counts as U+FFFD, as Python's errors="replace" does. The names of
// special tokens, such as <|endoftext|>, are text like any other, as providers treat them.
//
// The package needs no state but its tables, which are read in place: there is nothing to load or to close, and everything
// but a Counter may be used by many goroutines at once.
package tokenizer

//go:generate go run ./internal/gen

// Encoding is a vocabulary with its rule of cutting text into pieces. There is one value of each, from O200kBase, Cl100kBase
// or ByName.
type Encoding struct {
	name   string
	tables tables
	rule   rule
}

var (
	o200kBase  = Encoding{"o200k_base", tables{&o200kTrie, &o200kSplits, &o200kPilots, &o200kPairs}, ruleO200k}
	cl100kBase = Encoding{"cl100k_base", tables{&cl100kTrie, &cl100kSplits, &cl100kPilots, &cl100kPairs}, ruleCl100k}
)

// O200kBase is the encoding of gpt-4o and later OpenAI models.
func O200kBase() *Encoding { return &o200kBase }

// Cl100kBase is the encoding of gpt-4, gpt-3.5-turbo and the text-embedding models.
func Cl100kBase() *Encoding { return &cl100kBase }

// ByName finds an encoding by tiktoken's name for it.
func ByName(name string) (*Encoding, bool) {
	switch name {
	case o200kBase.name:
		return &o200kBase, true
	case cl100kBase.name:
		return &cl100kBase, true
	}
	return nil, false
}

// Names lists what ByName finds.
func Names() []string { return []string{o200kBase.name, cl100kBase.name} }

// Name is tiktoken's name for the encoding.
func (e *Encoding) Name() string { return e.name }
