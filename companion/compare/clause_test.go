package compare_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/companion/compare"
)

// clausePairs are clauses of which either can be the condition of the other.
var clausePairs = [][2]string{
	{"it rains", "the match is cancelled"}, {"the door opens", "the alarm goes off"}, {"the server restarts", "the cache is cleared"},
	{"demand rises", "prices rise"}, {"the buyer pays", "the seller ships the goods"}, {"my dog barks", "the neighbour complains"},
	{"the tests pass", "the build fails"}, {"[PERSON_1] signs", "[PERSON_2] pays"}, {"I drink coffee", "I get a headache"},
	{"the law is unclear", "the court decides"}, {"the fan starts", "the processor gets hot"}, {"Anna leaves", "Tom cries"},
	{"x is 5", "y is 3"}, {"the battery is low", "the screen dims"}, {"we are late", "they are angry"}, {"the tenant leaves", "the landlord repairs the roof"},
	{"he is rich", "she is poor"}, {"the app crashes", "the phone reboots"}, {"the payment clears", "the order ships"}, {"I log in", "the page reloads"},
}

var clauseConjunctions = []string{
	"when", "if", "because", "unless", "until", "after", "before", "while", "once", "whenever", "as soon as", "although", "even though",
	"provided that", "as long as", "every time", "since", "where", "in case",
}

// What a conjunction begins may stand first or last, and is not what it is a condition of.
func TestClausesChangeSidesWithTheirConjunction(t *testing.T) {
	for _, c := range clauseConjunctions {
		for _, p := range clausePairs {
			for _, x := range [...][2]string{p, {p[1], p[0]}} {
				first, last := fmt.Sprintf("%s %s, %s", upper(c), x[0], x[1]), fmt.Sprintf("%s %s %s", upper(x[1]), c, x[0])
				v := compare.Compare(first, last)
				require.True(t, v.Same, "%s / %s: %s", first, last, v.Reason)
				asked := fmt.Sprintf("Is it true that %s %s %s?", x[1], c, x[0])
				turned := fmt.Sprintf("Is it true that, %s %s, %s?", c, x[0], x[1])
				v = compare.Compare(asked, turned)
				require.True(t, v.Same, "%s / %s: %s", asked, turned, v.Reason)

				swapped := []string{
					fmt.Sprintf("%s %s, %s", upper(c), x[1], x[0]),
					fmt.Sprintf("%s %s %s", c, x[1], x[0]),
					fmt.Sprintf("%s %s %s", upper(x[0]), c, x[1]),
					fmt.Sprintf("%s, %s %s.", upper(x[0]), c, x[1]),
				}
				for _, other := range swapped {
					for _, said := range [...]string{first, last, fmt.Sprintf("%s %s %s", c, x[0], x[1])} {
						v := compare.Compare(said, other)
						require.False(t, v.Same, "%s / %s: %s", said, other, v.Reason)
					}
				}
				v = compare.Compare(asked, fmt.Sprintf("Is it true that, %s %s, %s?", c, x[1], x[0]))
				require.False(t, v.Same, "%s %s: %s", asked, c, v.Reason)
			}
		}
	}
}

func upper(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
