package compare_test

import (
	"slices"
	"strings"
	"testing"
	"unicode"

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

// A sign that is put in where it says something makes another question of any, and one that
// sets type or ends a sentence does not.
func TestSignsAnywhere(t *testing.T) {
	plain, same := 0, 0
	differ := func(a, b string) {
		if v := compare.Compare(a, b); v.Same {
			t.Errorf("%q / %q: %s", a, b, v.Reason)
		}
	}
	for n, a := range texts(t) {
		words := strings.Fields(a)
		if n%3 != 0 || len(a) > 200 || len(words) < 4 || strings.ContainsAny(a, "\n\"'`*#\\{}|^") {
			continue
		}
		k := 1 + n%(len(words)-2)
		with := func(w string) string {
			return strings.Join(slices.Concat(words[:k], []string{w}, words[k+1:]), " ")
		}
		w, before := words[k], strings.Join(words[:k], " ")
		inner := strings.Trim(w, ".,;:?!()")
		if inner != w || !unicode.IsLetter(rune(w[0])) && !unicode.IsDigit(rune(w[0])) || words[k-1] == "order" { // order #5512
			continue
		}
		for _, sign := range []string{"*", "#", "_", ".", "[", "--", "**"} {
			b := before + " " + sign + " " + strings.Join(words[k:], " ")
			differ(a, b)
		}
		for _, b := range []string{"*" + w, "!" + w, "#" + w, "*." + w, "./" + w, w + "*", "?" + w} {
			differ(a, with(b))
			differ(with(b), with(w))
		}
		for _, x := range []string{"7", "x", "12"} {
			for _, sign := range []string{"!", "'", "''"} {
				differ(with(x), with(x+sign))
			}
			differ(with(x+" = 3"), with(x+" != 3"))
			differ(with("7 "+x), with("7 * "+x))
			differ(with("'"+w+"'"), with("'"+w+"!'"))
			differ(with("\""+w+"\""), with("\""+w+"?\""))
		}
		for _, b := range []string{with("*" + w + "*"), with("**" + w + "**"), "# " + a, "* " + a, "- " + a, before + " **" + w + " " + words[k+1] + "** " + strings.Join(words[k+2:], " ")} {
			plain++
			if compare.Compare(a, b).Same {
				same++
			} else if plain-same < 20 {
				t.Logf("%q / %q: %s", a, b, compare.Compare(a, b).Reason)
			}
		}
	}
	t.Logf("%d of %d set in type", same, plain)
	require.Greater(t, float64(same), 0.98*float64(plain), "%d of %d", same, plain)
}
