package compare_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/companion/compare"
)

// Signs that say something are compared, and those that only end or set a sentence are not.
func TestSigns(t *testing.T) {
	for _, pair := range [][2]string{
		{"How do I write while (i != n) in C", "How do I write while (i = n) in C"},
		{"if x != 3 print", "if x = 3 print"}, {"is 7 != 5", "is 7 = 5"}, {"is a<>b here", "is a b here"},
		{"What is the value of 6!", "What is the value of 6?"}, {"arrange 5 books, 5! or more", "arrange 5 books, 5 or more"},
		{"delete *", "delete"}, {"delete *.log files", "delete .log files"}, {"SELECT * FROM t", "SELECT FROM t"},
		{"what is 2 * 3", "what is 2 3"}, {"what is *p", "what is p"}, {"translate 'yes!'", "translate 'yes'"},
		{"how tall is 6' 2\"", "how tall is 6 2"}, {"what is y'", "what is y''"}, {"rm *", "rm"}, {"run ./file", "run /file"},
		{"what does ? mean in regex", "what does mean in regex"}, {"what does ! do", "what does do"},
	} {
		require.False(t, compare.Compare(pair[0], pair[1]).Same, "%q / %q", pair[0], pair[1])
		require.False(t, compare.Compare(pair[1], pair[0]).Same, "%q / %q", pair[1], pair[0])
	}
	for _, pair := range [][2]string{
		{"How do I cancel my order?!", "How do I cancel my order"}, {"Cancel my order !", "Cancel my order"},
		{"What is an *important* date in May?", "What is an important date in May?"},
		{"Compare these:\n* apples\n* pears", "Compare these:\n- apples\n- pears"},
		{"How do I open **the** window?", "How do I open the window?"},
	} {
		require.True(t, compare.Compare(pair[0], pair[1]).Same, "%q / %q: %s", pair[0], pair[1], compare.Compare(pair[0], pair[1]).Reason)
	}
}

// Who does it and to whom is told by their places around the verb.
func TestExchanged(t *testing.T) {
	names := []string{"Ann", "Bob", "Mark", "Sue", "Frank", "Grant", "Pat", "Rose", "Oracle", "SAP", "Chase", "Sprint"}
	for _, verb := range []string{"owes", "sued", "manages", "beat", "lent", "hired", "called", "married", "trusts", "sold"} {
		for _, x := range names {
			for _, y := range names {
				if x == y {
					continue
				}
				for _, frame := range [][2]string{{"", " money"}, {"", ". Who won?"}, {"", " in May. Draft a note."}} {
					a, b := frame[0]+x+" "+verb+" "+y+frame[1], frame[0]+y+" "+verb+" "+x+frame[1]
					require.False(t, compare.Compare(a, b).Same, "%q / %q", a, b)
				}
			}
		}
	}
}
