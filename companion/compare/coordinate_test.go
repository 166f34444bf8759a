package compare_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/companion/compare"
)

// joinedSentences are of verbs (V) and things (N) that "and" and the like join: of none of
// them two words can be exchanged without another thing being asked.
var joinedSentences = []string{
	"V N and V N", "V the N and V the N", "How do I V the N and V the N?", "V my N, V the N", "Can I V N or V N?", "Either V the N or V the N", "V the N, then V the N", "V the N and then V the N",
	"V N with N and N with N", "Should I V the N with N and the N with N?", "V N to N and N to N", "V N from N and N from N", "How do I V the N in the N and V the N?", "V the N of the N or the N of the N",
	"V the N, V the N and V the N", "The N of the N and the N of the N", "V N for N and V N for N",
}

var (
	someVerbs  = strings.Fields("enable disable buy sell add remove keep lock open close eat avoid upgrade encrypt translate summarize polish hide mix paint wash carry feed drive clean visit count measure blorf")
	someThings = strings.Fields("logging apple backup column door valve rate fish meat database email title user bleach water soap Alice Bob garden horse printer garlic parcel wallet engine lesson coat candle frob")
)

// TestExchangedWords exchanges two words of one sort in random sentences of a small grammar.
func TestExchangedWords(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	tried := 0
	for range 150 {
		for _, form := range joinedSentences {
			verbs, things := random.Perm(len(someVerbs)), random.Perm(len(someThings))
			words := strings.Fields(form)
			var open []int
			for i, w := range words {
				switch core := strings.TrimRight(w, ",?"); core {
				case "V":
					words[i] = someVerbs[verbs[0]] + w[1:]
					verbs, open = verbs[1:], append(open, i)
				case "N":
					words[i] = someThings[things[0]] + w[1:]
					things, open = things[1:], append(open, i)
				}
			}
			x := random.IntN(len(open))
			y := (x + 1 + random.IntN(len(open)-1)) % len(open)
			a := strings.Join(words, " ")
			words[open[x]], words[open[y]] = exchanged(words[open[x]], words[open[y]])
			b := strings.Join(words, " ")
			tried++
			v := compare.Compare(a, b)
			require.False(t, v.Same, "%q / %q: %s", a, b, v.Reason)
			// nor as search terms, or beside a question
			for _, put := range []string{strings.ReplaceAll(b, "the ", ""), "How do I " + b} {
				v := compare.Compare(a, put)
				require.False(t, v.Same, "%q / %q: %s", a, put, v.Reason)
			}
		}
	}
	t.Logf("%d exchanges", tried)
}

// exchanged leaves the commas where they are.
func exchanged(x, y string) (string, string) {
	endX, endY := x[len(strings.TrimRight(x, ",?")):], y[len(strings.TrimRight(y, ",?")):]
	return strings.TrimRight(y, ",?") + endX, strings.TrimRight(x, ",?") + endY
}

// Whole conjuncts commute.
func TestWholeConjuncts(t *testing.T) {
	for _, p := range [][2]string{
		{"lock the gate and paint the wall", "paint the wall and lock the gate"},
		{"mix bleach with water and ammonia with soap", "mix ammonia with soap and bleach with water"},
		{"How do I cook rice and beans?", "How do I cook beans and rice?"},
		{"causes and symptoms of flu", "flu symptoms and causes"},
		{"In Norway, who pays for roads and bridges?", "Who pays for bridges and roads in Norway?"},
		{"If I cancel my flight and my hotel, do I get a refund?", "Do I get a refund if I cancel my hotel and my flight?"},
	} {
		v := compare.Compare(p[0], p[1])
		require.True(t, v.Same, "%q / %q: %s", p[0], p[1], v.Reason)
	}
}
