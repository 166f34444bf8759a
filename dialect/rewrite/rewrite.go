// Package rewrite changes the texts of an answer, whole or streamed, and nothing else of
// it: what the texts become is the caller's to say, who is given each text in pieces and
// knows nothing of the dialect.
//
// What does not change leaves byte by byte as it came. What changes is edited in place, so
// that members nobody has heard of stay. A [Writer] may hold text back, and then it
// leaves later: with the next piece of its text, or, where the text ends before another
// piece comes, in an event more, of the dialect's own form, in front of the event that
// ends it.
//
// # What is a text
//
//   - OpenAI's chat completions: content (a string or parts), refusals, thoughts
//     (`reasoning`, `reasoning_content`, `reasoning_details`), a recording's transcript, the arguments of calls.
//   - Completions: the text.
//   - Anthropic's messages: texts and what they cite, the input of tools (names of members
//     too), the results of tools that Anthropic runs, thoughts: of those, a client has to
//     send back as they were the ones that are signed. They are looked at and stay as they
//     are, here and in the `thinking_blocks` of chats.
//   - OpenAI's responses: texts, refusals, thoughts and their summaries, arguments, code,
//     what tools are to do and have said, and the instructions, which are the request's.
//     Events and items that repeat a text say what its pieces have said.
//
// Names of tools, ids, types, signatures and what is encrypted are none. Log probabilities
// stay too, but where a stream is [Stream.Bare]: they are of the tokens that the model has
// written. So do the places of annotations in a text, which count its characters as the model
// has written them.
package rewrite

// Kind is what a text is.
type Kind uint8

// The kinds.
const (
	Content    Kind = iota // what is said to the user
	Reasoning              // thoughts, and their summaries
	Refusal                // why nothing is said
	Transcript             // of what is said as sound
	Arguments              // of a call: the source of a JSON text
	Input                  // of a call: a text in a form of the tool's own, such as code
	Value                  // a string somewhere in a value, such as a tool's input or result
)

// Channel is a text of an answer.
type Channel struct {
	Kind   Kind
	Choice int // of a completion
	Item   int // the tool call, Anthropic's content block or the output item
	Part   int // of the content or the summary of an output item
}

// Writer rewrites one text, which it is given in pieces. What it makes of the text must
// not depend on how that is cut. No character is split, neither by the old text's pieces
// nor by the new one's.
type Writer interface {
	// Write appends what is known of the new text to out, with the next piece of the old.
	Write(out, piece []byte) []byte
	// End appends the rest: the text has ended, as far as is known. A text of a chat may go on.
	End(out []byte) []byte
	// Held is how many bytes wait for the next piece.
	Held() int
}

// Open begins a text. Nil leaves it as it is. It is called again for the same channel
// where a dialect says a text once more as a whole, and where one goes on behind its end.
type Open func(Channel) Writer

// all rewrites a text that is there as a whole.
//
//go:noinline
func (open Open) all(c Channel, out, text []byte) []byte {
	w := open(c)
	if w == nil {
		return add(out, text)
	}
	return w.End(w.Write(out, text))
}
