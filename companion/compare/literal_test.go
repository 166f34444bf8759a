package compare_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/companion/compare"
)

// A courtesy that is to be translated, corrected or asked about is none.
func TestLiteral(t *testing.T) {
	for _, p := range [...][2]string{
		{"Translate to French: thank you", "Translate to French: please"},
		{"Translate to French\nthank you", "Translate to French\nplease"},
		{"Translate this - thank you", "Translate this - please"},
		{"Translate into German: good morning", "Translate into German: good afternoon"},
		{"Translate: I have no idea", "Translate: just wondering"},
		{"Rewrite politely: tell me", "Rewrite politely: help me"},
		{"Is this rude: can you help me", "Is this rude: tell me"},
		{"Write a reply that says thank you", "Write a reply that says please"},
		{"how do i say please", "how do i say thanks"},
		{"how do you say hello in korean", "how do you say hi there in korean"},
		{"what's spanish for thank you", "what's spanish for please"},
		{"is thanks in advance polite", "is many thanks polite"},
	} {
		v := compare.Compare(p[0], p[1])
		require.False(t, v.Same, "%s / %s: %s", p[0], p[1], v.Reason)
	}
	for _, p := range [...][2]string{
		{"Translate into German: good morning", `Translate "good morning" into German`},
		{"Translate good morning into German", "Translate into German: good morning"},
		{"Translate into German: good morning", `How do you say "good morning" in German?`},
		{"Explain osmosis. Thank you!", "Explain osmosis"},
		{"Quick question: what is osmosis?", "What is osmosis?"},
	} {
		v := compare.Compare(p[0], p[1])
		require.True(t, v.Same, "%s / %s: %s", p[0], p[1], v.Reason)
	}
}

// A clause that is there for company goes, and not one of somebody else or of something.
func TestIdleClauses(t *testing.T) {
	for _, idle := range []string{
		"I keep forgetting this: ", "I know I should remember this, but ", "We heard about it on the radio. ", "This is something I never understood. ", "No rush, but ",
		"I feel stupid for asking, but ", "Here's one for you: ", "Sorry, me again. ", "My roommate keeps asking me about this, so ",
	} {
		v := compare.Compare("what is the boiling point of ethanol?", idle+"what is the boiling point of ethanol?")
		require.True(t, v.Same, "%s: %s", idle, v.Reason)
	}
	for _, p := range [...][2]string{
		{"My wife keeps asking me about it. What do I say?", "What do I say?"},
		{"My boss keeps asking me to work late. How do I say no?", "How do I say no?"},
		{"I had an argument with my wife. How do I write an apology letter?", "How do I write an apology letter?"},
		{"My dad is confused today. Should I call an ambulance?", "Should I call an ambulance?"},
		{"My mother has been talking to nobody for days. Should I call a doctor?", "Should I call a doctor?"},
	} {
		v := compare.Compare(p[0], p[1])
		require.False(t, v.Same, "%s / %s: %s", p[0], p[1], v.Reason)
	}
}
