package compare_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/companion/compare"
)

// Who does something is not who has it done to them, also where neither text says to whom or by
// whom.
func TestVoices(t *testing.T) {
	for i, d := range deeds {
		forms, verb := formsOf(d)
		for k, xy := range parties {
			if (i+k)%5 != 0 {
				continue
			}
			x, y, _ := strings.Cut(xy, "/")
			if strings.ToLower(x) == x {
				x, y = "the "+x, "the "+y
			}
			for _, p := range [...][2]string{
				{"When did " + x + " " + verb + "?", "When was " + x + " " + forms[2] + "?"},
				{"Can " + x + " " + verb + "?", "Can " + x + " be " + forms[2] + "?"},
				{"Why does " + x + " " + verb + " so often?", "Why is " + x + " " + forms[2] + " so often?"},
				{"Did " + x + " " + verb + " " + y + "?", "Was " + x + " " + forms[2] + " by " + y + "?"},
			} {
				v := compare.Compare(p[0], p[1])
				require.False(t, v.Same, "%s / %s: %s", p[0], p[1], v.Reason)
			}
		}
	}
	for _, p := range [...][2]string{
		{"How much do I owe?", "How much am I owed?"}, {"Can I sue?", "Can I be sued?"}, {"When will I pay?", "When will I be paid?"}, {"Why did she hit?", "Why was she hit?"},
		{"My card was declined", "I declined my card"}, {"Was my account hacked?", "Did my account hack?"},
		{"Can I arrest the police?", "Can I be arrested by the police?"}, {"Where do I register?", "Where am I registered?"}, {"How do doctors pay?", "How are doctors paid?"},
	} {
		v := compare.Compare(p[0], p[1])
		require.False(t, v.Same, "%s / %s: %s", p[0], p[1], v.Reason)
	}
	for _, p := range [...][2]string{
		{"Can the police arrest me?", "Can I be arrested by the police?"},
		{"What should be included in a CV?", "What should I include in a CV?"},
		{"How is it calculated?", "How do I calculate it?"},
		{"How is tiramisu made?", "How do I make tiramisu?"},
		{"Did Google buy YouTube?", "Was YouTube bought by Google?"},
		{"Can a tenant sue a landlord?", "Can a landlord be sued by a tenant?"},
		{"How often do I water a cactus?", "How often is a cactus watered?"},
		{"Does travel insurance cover lost luggage?", "Is lost luggage covered by travel insurance?"},
		{"When does the shop open?", "When is the shop opened?"},
		{"What language do they speak in Brazil?", "Which language is spoken in Brazil?"},
		{"Who painted the ceiling?", "By whom was the ceiling painted?"},
	} {
		v := compare.Compare(p[0], p[1])
		require.True(t, v.Same, "%s / %s: %s", p[0], p[1], v.Reason)
	}
}
