package compare_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/companion/compare"
)

// One question in two forms, and beside each what its form could be taken for.
func TestForms(t *testing.T) {
	for _, p := range [...]struct {
		a, b string
		same bool
	}{
		{"When is the delivery?", "What is the delivery date?", true},
		{"What is the delivery date?", "When is the delivery date changed?", false},
		{"How long is a marathon in kilometres?", "How many km is a marathon?", true},
		{"How long is a marathon in miles?", "How many miles is a half marathon?", false},
		{"How long does a marathon take in hours?", "How many hours before a marathon should I eat?", false},
		{"How many hours of sleep do adults need?", "How much sleep does an adult need?", true},
		{"Which vitamins do oranges contain?", "What vitamins are in oranges?", true},
		{"Which vitamins do oranges contain?", "Which oranges contain vitamins?", false},
		{"An egg contains how much protein?", "How much protein is in an egg?", true},
		{"How many calories are in an avocado?", "avocado calorie count", true},
		{"Please give me the recipe for banana bread", "How do I make banana bread?", true},
		{"How do I freeze banana bread?", "Recipe for frozen bananas", false},
		{"What's the git command for renaming a branch?", "How do I rename a branch in git?", true},
		{"What's the git command for deleting a branch?", "How do I delete git?", false},
		{"How many people are there in Nigeria?", "What is the population of Nigeria?", true},
		{"Which country won the 2014 World Cup?", "Who won the World Cup in 2014?", true},
		{"Is it bad to sleep with wet hair?", "Is sleeping with wet hair bad?", true},
		{"Is it bad to sleep with wet hair?", "Is sleeping with bad hair wet?", false},
		{"Is tap water safe to drink in Mexico?", "Can you drink the tap water in Mexico?", true},
		{"Is it safe for my dog to eat grapes?", "Can I eat my dog's grapes safely?", false},
		{"Is it safe to use bleach?", "Can I use bleach?", false},
		{"Is retinol safe during pregnancy?", "Can I use retinol while pregnant?", true},
		{"Is it legal to park here?", "Are you allowed to park here?", true},
		{"Is it legal to park here?", "Can I park here?", false},
		{"Do you accept PayPal?", "Can I pay with PayPal?", true},
		{"Do you accept PayPal?", "Can I pay PayPal?", false},
		{"Is 37.5 a fever?", "Does 37.5 count as a fever?", true},
		{"My flight was cancelled. What should I do?", "What should I do if my flight is cancelled?", true},
		{"My flight was cancelled. What should I do?", "What should I do if I cancel my flight?", false},
		{"What should I do if I am fired?", "I fired somebody. What should I do now?", false},
		{"How can two PDF files be merged?", "How do I merge two PDF files?", true},
		{"How can a div be centred?", "How can I center in a div?", false},
		{"How do I get my dog to stop barking?", "How do I stop my dog from barking?", true},
		{"How do I get my dog to stop barking?", "How do I get my dog to stop to bark?", false},
		{"Can butter be replaced with olive oil?", "Can I use olive oil instead of butter?", true},
		{"Can butter be replaced with oil?", "Can oil be replaced with butter?", false},
		{"What can I substitute for eggs?", "What can I substitute eggs for?", false},
		{"What can eggs replace?", "What can replace eggs?", false},
		{"Make this email more polite", "Rewrite this email so it's more polite", true},
		{"Make this text less formal", "Rewrite this text more formally", false},
		{"When did World War II end?", "In which year did the Second World War end?", true},
		{"There are ants in my kitchen, how do I get rid of them?", "How can I get rid of ants in the kitchen?", true},
		{"How do I change the language in Spotify?", "Where can I change the language in Spotify?", true},
		{"When was the Berlin Wall torn down?", "In what year did they tear down the Berlin Wall?", true},
		{"adobe ceo", "Who is the CEO of Adobe?", true},
		{"javascript sort array", "How do I sort an array in JavaScript?", true},
		{"unsubscribe newsletter", "How do I unsubscribe a newsletter?", true},
		{"newsletter unsubscribe rate", "How do I unsubscribe a newsletter?", false},
		{"buy stamps where", "Where can I buy stamps?", true},
		{"Describe how a heat pump works", "How does a heat pump work?", true},
		{"Teach me to fold a fitted sheet", "How do I fold a fitted sheet?", true},
		{"What is a substitute for buttermilk?", "buttermilk substitute", true},
		{"Was my order cancelled?", "Did I cancel my order?", false},
		{"Whoever pays, decides", "Whoever decides, pays", false},
		{"He said he didn't know", "He didn't say he knew", false},
		{"She didn't leave because she was tired", "She left because she wasn't tired", false},
		{"why isnt the sky purple", "Why is the sky not purple?", true},
	} {
		v := compare.Compare(p.a, p.b)
		require.Equal(t, p.same, v.Same, "%s / %s: %s", p.a, p.b, v.Reason)
	}
}
