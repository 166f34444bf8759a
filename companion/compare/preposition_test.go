package compare_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/companion/compare"
)

// A verb that has something as its object does another thing than one that has a preposition
// before it: climb trees and climb in trees, believe him and believe in him.
func TestPrepositionOfAnObject(t *testing.T) {
	for _, c := range []struct{ said, verb, preposition, object string }{
		{"Why do cats %s %s %s?", "climb", "in", "trees"},
		{"Why do people %s %s %s?", "believe", "in", "ghosts"},
		{"Why do we %s %s %s?", "study", "in", "groups"},
		{"Can I %s %s %s?", "paint", "on", "wood"},
		{"Can I %s %s %s?", "cook", "with", "wine"},
		{"Do cats %s %s %s?", "hunt", "in", "houses"},
		{"Do you %s %s %s?", "believe", "in", "him"},
		{"Who did %s %s %s?", "fight", "with", "them"},
		{"How do I %s %s %s?", "see", "through", "her"},
		{"Have you %s %s %s?", "heard", "from", "him"},
		{"What do bees %s %s%s?", "feed", "on", ""},
		{"What did she %s %s%s?", "pay", "for", ""},
		{"Who does he %s %s%s?", "write", "about", ""},
	} {
		with := fmt.Sprintf(c.said, c.verb, c.preposition, c.object)
		without := fmt.Sprintf(c.said, c.verb, "", c.object)
		require.False(t, compare.Compare(with, without).Same, "%s / %s", with, without)
		require.True(t, compare.Compare(with, "Please tell me: "+with).Same, with)
	}
	for _, other := range [][2]string{
		{"What is the bridge made of?", "What is the bridge made for?"},
		{"What do whales live on?", "What do whales live in?"},
		{"Can I sit on him?", "Can I sit with him?"},
		{"Should I sleep on a mat?", "Should I sleep with a mat?"},
		{"when can I move in", "when can I move"},
	} {
		require.False(t, compare.Compare(other[0], other[1]).Same, "%s", other)
	}
}

// It may stand at the end or before what is asked, and some verbs need none.
func TestPrepositionThatMoves(t *testing.T) {
	for _, same := range [][2]string{
		{"What floor is it on?", "On what floor is it?"},
		{"What city was Mozart born in?", "In what city was Mozart born?"},
		{"Which drawer are the spoons in?", "In which drawer are the spoons?"},
		{"What temperature should I cook salmon at?", "At what temperature do I cook salmon?"},
		{"Where is the toilet at?", "Where is the toilet?"},
		{"When is the rent due?", "What day is the rent due on?"},
		{"Can I practise on the piano at night?", "Can I practise the piano at night?"},
		{"Is it bad to sleep with wet hair?", "Is sleeping with wet hair bad for you?"},
	} {
		require.True(t, compare.Compare(same[0], same[1]).Same, "%s", same)
	}
}

// What something is done for may be said first, and is not what is done.
func TestPurpose(t *testing.T) {
	for _, c := range [][2]string{{"sleep", "take pills"}, {"travel", "work"}, {"win", "train"}, {"leave", "pay"}} {
		for _, said := range []string{"so I can %[1]s I %[2]s", "I %[2]s so I can %[1]s", "so that I can %[1]s I %[2]s", "I %[2]s so that I can %[1]s"} {
			for _, other := range []string{"so I can %[1]s I %[2]s", "I %[2]s so I can %[1]s"} {
				a := fmt.Sprintf(said, c[0], c[1])
				require.True(t, compare.Compare(a, fmt.Sprintf(other, c[0], c[1])).Same, "%s / %s", a, other)
				require.False(t, compare.Compare(a, fmt.Sprintf(other, c[1], c[0])).Same, "%s / %s", a, other)
			}
		}
		a, b := fmt.Sprintf("to %s I %s", c[0], c[1]), fmt.Sprintf("I %s to %s", c[0], c[1])
		require.False(t, compare.Compare(a, b).Same, "%s / %s", a, b)
	}
	require.True(t, compare.Compare("So can I return it?", "Can I return it?").Same)
	require.True(t, compare.Compare("So I can return my shoes within 30 days?", "I can return my shoes within 30 days?").Same)
}

// To find what is wrong is not to mend it, and "correct" is a verb as well.
func TestFindAndFix(t *testing.T) {
	for _, differ := range [][2]string{
		{"Find the mistakes in my essay", "Correct the mistakes in my essay"},
		{"Find the errors in this code", "Fix the errors in this code"},
		{"Identify the mistakes in my text", "Correct the mistakes in my text"},
		{"Explain the error in this code", "Fix the error in this code"},
		{"Correct my homework", "Grade my homework"},
		{"What does deprecated mean?", "What does obsolete mean?"},
	} {
		require.False(t, compare.Compare(differ[0], differ[1]).Same, "%s", differ)
	}
	require.True(t, compare.Compare("What is the correct dose of ibuprofen?", "What is the dose of ibuprofen?").Same)
}

// How a question is put has no time of its own.
func TestWonderingWhether(t *testing.T) {
	for _, said := range []string{"I was wondering whether %s", "I was wondering if %s"} {
		require.True(t, compare.Compare(fmt.Sprintf(said, "dogs are allowed on the beach"), "Are dogs allowed on the beach?").Same)
		require.False(t, compare.Compare(fmt.Sprintf(said, "dogs were allowed on the beach"), "Are dogs allowed on the beach?").Same)
	}
}
