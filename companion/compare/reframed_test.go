package compare_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/companion/compare"
)

// ways are other ways to put a question, which leave what is asked as it is.
var ways = []struct {
	how *regexp.Regexp
	put []string
}{
	{regexp.MustCompile(`(?i)^how (?:do|can) (?:i|you|we) (.*?)\??$`), []string{"I want to $1", "What is the best way to $1?", "$1", "steps to $1", "Is there a way to $1?", "I'd like to $1, how does that work?", "Could you please tell me how to $1? Thanks!"}},
	{regexp.MustCompile(`(?i)^what (?:is|are) (.*?)\??$`), []string{"Tell me $1", "$1", "I need to know $1."}},
	{regexp.MustCompile(`(?i)^can i (.*?)\??$`), []string{"Is it possible to $1?", "I'd like to know whether I can $1", "Hi, can I $1? Thanks in advance"}},
	{regexp.MustCompile(`(?i)^(why|when|where|who|which) (.*?)\??$`), []string{"Please tell me $1 $2", "Hello, I have a question: $1 $2?"}},
}

var small = regexp.MustCompile(`(?i)\b(how (do|can) (i|you|we)|what is|what are|what's|the|a|an|is|are|do|does|i|my|of|to)\b`)

// TestOtherWays puts one of two different prompts in other ways, and as search terms: most
// look-alikes that people write down differ in a word, and this is to be seen in other words
// too. Search terms leave out what some differ in, so a few are the same.
func TestOtherWays(t *testing.T) {
	tried, wrong := 0, 0
	for _, file := range []string{"testdata/pairs-development.jsonl", "testdata/pairs-author.jsonl", "testdata/pairs-author2.jsonl"} {
		for _, p := range readJudged(t, file) {
			if p.Same || len(p.A) > 200 || len(p.B) > 200 {
				continue
			}
			for _, texts := range [][2]string{{p.A, p.B}, {p.B, p.A}} {
				others := []string{strings.ToLower(strings.Join(strings.Fields(small.ReplaceAllString(strings.TrimRight(texts[1], "?."), " ")), " "))}
				for _, w := range ways {
					if w.how.MatchString(texts[1]) {
						for _, put := range w.put {
							others = append(others, w.how.ReplaceAllString(texts[1], put))
						}
					}
				}
				for _, other := range others {
					tried++
					if v := compare.Compare(texts[0], other); v.Same {
						wrong++
						t.Logf("%s: %q / %q: %s", p.Kind, texts[0], other, v.Reason)
					}
				}
			}
		}
	}
	require.LessOrEqual(t, float64(wrong), 0.007*float64(tried), "%d of %d", wrong, tried)
	t.Logf("%d of %d", wrong, tried)
}
