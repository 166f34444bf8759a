package compare_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/companion/compare"
)

// What belongs to what is told by where it stands, and by nothing else in these.
func TestTurnedRound(t *testing.T) {
	for _, p := range [...]struct {
		a, b string
		same bool
	}{
		// what stands side by side
		{"What is the capital of the largest country?", "What is the largest capital of the country?", false},
		{"the average of the maximum values per group", "the maximum of the average values per group", false},
		{"What is the cheapest ticket to the biggest island?", "What is the biggest ticket to the cheapest island?", false},
		{"What is the default port of Redis?", "Which port does Redis use by default?", true},
		// what has what
		{"the CEO's assistant's email", "the email of the assistant's CEO", false},
		{"the CEO's assistant's email", "the email of the CEO's assistant", true},
		{"the name of the owner of the dog", "the name of the dog of the owner", false},
		{"Who owns the parent company of Audi?", "Who is the parent company of the owner of Audi?", false},
		{"Who owns Audi?", "Who is the owner of Audi?", true},
		{"Who is the mother of Queen Victoria?", "Who is Queen Victoria the mother of?", false},
		{"Which city is the Louvre in?", "In which city is the Louvre?", true},
		{"Who is taller, Tom or his father's friend?", "Who is taller, Tom's father or his friend?", false},
		{"Does he owe me or do I owe him? He owes me.", "Does he owe me or do I owe him? I owe him.", false},
		// who does it, where a word is there twice
		{"Can a minor's parent sign for the minor?", "Can the minor sign for the minor's parent?", false},
		{"Can a tenant's guest sue the tenant?", "Can the tenant sue the tenant's guest?", false},
		{"Which of my friends invited Zoe?", "Which of my friends did Zoe invite?", false},
		// what is there twice
		{"Is the ferry between Rome and Cairo cheaper to Rome?", "Is the ferry between Rome and Cairo cheaper to Cairo?", false},
		{"the novel or the film: explain the novel", "the novel or the film: explain the film", false},
		{"debit cards and credit cards", "debit and credit cards", true},
		{"The more you practise, the better you play", "The better you play, the more you practise", false},
		{"Whatever breaks must be replaced", "Whatever is replaced must break", false},
		{"Was Bach born earlier than Handel died?", "Did Bach die earlier than Handel was born?", false},
		{"Who was the book dedicated to?", "Who dedicated the book?", false},
		{"The landlord sued the tenant. Who pays the costs?", "The landlord pays the tenant. Who sued the costs?", false},
		{"After the tests broke we merged the branch", "After the tests merged we broke the branch", false},
		// what is said of whom
		{"Are people who are rich happy?", "Are people who are happy rich?", false},
		{"books by authors who are dead", "dead books by authors", false},
		{"books by authors who are dead", "books by dead authors", true},
		{"I don't like tea but I like coffee", "I like tea but I don't like coffee", false},
		{"is a guide dog allowed", "is a dog guide allowed", false},
		// a placeholder is a word
		{"If [PERSON_1] then [PERSON_2]", "If [PERSON_2] then [PERSON_1]", false},
		{"If [PERSON_1] then [PERSON_2]", "[PERSON_2] if [PERSON_1]", true},
		{"When [PERSON_1] calls, notify [PERSON_2]", "When [PERSON_2] calls, notify [PERSON_1]", false},
		{"When [PERSON_1] calls, notify [PERSON_2]", "Notify [PERSON_2] when [PERSON_1] calls", true},
		// so and because
		{"It rained, so we left", "We left because it rained", true},
		{"It rained, so we left", "It rained because we left", false},
		{"I save money so I can travel", "I travel so I can save money", false},
	} {
		v := compare.Compare(p.a, p.b)
		require.Equal(t, p.same, v.Same, "%s / %s: %s", p.a, p.b, v.Reason)
	}
}

// What is done something to is not what stands beside it.
func TestObjects(t *testing.T) {
	for _, p := range [...][2]string{
		{"Can I eat with my dog?", "Can I eat my dog?"}, {"Can I cook for my dog?", "Can I cook my dog?"},
		{"Is it safe to grill with charcoal?", "Is it safe to grill charcoal?"}, {"How do I search for my phone?", "How do I search my phone?"}, {"How do I leave for Rome?", "How do I leave Rome?"},
		{"Can I paint on the wall?", "Can I paint the wall?"}, {"How do I report on my boss?", "How do I report my boss?"}, {"How do I apply for a discount?", "How do I apply a discount?"},
		{"Can I write about my boss?", "Can I write my boss?"}, {"shoot at the duck", "shoot the duck"}, {"How do I pay for my dog?", "How do I pay my dog?"},
	} {
		v := compare.Compare(p[0], p[1])
		require.False(t, v.Same, "%s / %s: %s", p[0], p[1], v.Reason)
	}
}
