// Package compare decides whether the answer to one prompt answers another, and says why.
//
// Similar vectors only propose. Here every difference between the two texts has to be
// explained as harmless (another spelling, a politeness, a synonym in its place); one that
// is not makes the prompts different, and is named.
package compare

// Verdict is the outcome of a comparison.
type Verdict struct {
	Same bool
	// Veto tells, where not Same, that a difference is known to matter (a number, a date,
	// a negation, …), so that nothing else can make the prompts the same. Without it the
	// prompts differ in a way that could not be explained, and a judge might.
	Veto bool
	// Reason is one line in ASCII for a record: the difference that decided, as in
	// `number: 1234 / 1243`, or what was explained, as in `same but for: us, politeness`.
	Reason string
}
