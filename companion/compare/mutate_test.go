package compare_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/companion/compare"
)

// changes are words for which another is put, wherever one stands: what is asked is then
// something else, whatever the text.
var changes = [][2]string{
	{"my", "his"}, {"my", "her"}, {"his", "her"}, {"can", "must"}, {"must", "can"}, {"is", "was"}, {"was", "is"}, {"are", "were"}, {"did", "will"}, {"does", "did"},
	{"from", "to"}, {"with", "without"}, {"without", "with"}, {"before", "after"}, {"after", "before"}, {"under", "over"}, {"first", "last"}, {"last", "first"},
	{"all", "some"}, {"every", "no"}, {"more", "less"}, {"most", "least"}, {"best", "worst"}, {"cheapest", "fastest"}, {"most", "fewest"}, {"open", "close"},
	{"buy", "sell"}, {"delete", "create"}, {"remove", "add"}, {"add", "remove"}, {"cancel", "confirm"}, {"install", "uninstall"}, {"increase", "decrease"},
	{"python", "ruby"}, {"Java", "Scala"}, {"German", "Danish"}, {"french", "dutch"}, {"English", "Polish"}, {"Germany", "Austria"}, {"London", "Lisbon"}, {"Italy", "Malta"},
	{"May", "June"}, {"March", "April"}, {"Monday", "Sunday"}, {"Sunday", "Friday"}, {"tomorrow", "yesterday"}, {"today", "tomorrow"}, {"next", "last"}, {"daily", "weekly"}, {"am", "pm"},
	{"kg", "lb"}, {"km", "miles"}, {"mg", "g"}, {"euros", "dollars"}, {"dollars", "pounds"}, {"percent", "euros"}, {"hours", "minutes"}, {"days", "weeks"}, {"weeks", "months"}, {"years", "months"}, {"GB", "MB"},
	{"why", "when"}, {"where", "when"}, {"who", "when"}, {"how many", "which"}, {"when", "why"}, {"two", "three"}, {"three", "two"}, {"ten", "twenty"}, {"five", "six"}, {"twice", "once"},
	{"not", ""}, {"no", ""}, {"never", ""}, {"only", ""}, {"safe", "unsafe"}, {"legal", "illegal"}, {"included", "excluded"}, {"husband", "wife"}, {"son", "daughter"}, {"dog", "cat"}, {"car", "boat"}, {"children", "adults"}, {"child", "adult"},
	{"left", "right"}, {"up", "down"}, {"inside", "outside"}, {"debit", "credit"}, {"email", "password"}, {"name", "address"}, {"symptoms", "causes"}, {"cost", "weigh"}, {"price", "size"}, {"list", "table"}, {"poem", "story"},
}

func TestChangedWords(t *testing.T) {
	var all []string
	for _, file := range []string{"testdata/pairs-development.jsonl", "testdata/pairs-author.jsonl"} {
		for _, p := range readJudged(t, file) {
			all = append(all, p.A, p.B)
		}
	}
	tried, wrong := 0, 0
	for _, c := range changes {
		word := regexp.MustCompile(`(?i)\b` + c[0] + `\b`)
		for _, a := range all {
			at := word.FindStringIndex(a)
			if at == nil || strings.ContainsAny(a[at[0]:], "\n") || at[1] < len(a) && a[at[1]] == '\'' {
				continue
			}
			b := a[:at[0]] + c[1] + a[at[1]:]
			tried++
			if v := compare.Compare(a, b); v.Same {
				wrong++
				t.Logf("%s -> %s: %q: %s", c[0], c[1], a, v.Reason)
			}
		}
	}
	require.LessOrEqual(t, float64(wrong), 0.015*float64(tried), "%d of %d", wrong, tried)
	t.Logf("%d of %d", wrong, tried)
}
