package match_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/guard/match"
	"github.com/sluice-gateway/sluice/guard/match/compile"
)

func load(t testing.TB, o compile.Options, rules ...compile.Rule) *match.Set {
	t.Helper()
	program, err := compile.Compile(rules, o)
	require.NoError(t, err)
	set, err := match.Load(program.Text)
	require.NoError(t, err)
	return set
}

func patterns(texts ...string) (rules []compile.Rule) {
	for _, text := range texts {
		rules = append(rules, compile.Rule{Pattern: text})
	}
	return rules
}

func all(m *match.Matcher, text string) []match.Find {
	m.Reset()
	finds := append([]match.Find(nil), m.Write([]byte(text))...)
	return append(finds, m.End()...)
}

// oracle is what Go's regexp finds, leftmost-longest, of each match the first rule that makes it.
func oracle(sources []string, text string) (finds []match.Find) {
	var whole []string
	for _, source := range sources {
		whole = append(whole, "(?:"+source+")")
	}
	re := regexp.MustCompile("(?i:" + strings.Join(whole, "|") + ")")
	re.Longest()
	for _, span := range re.FindAllStringIndex(text, -1) {
		finds = append(finds, match.Find{Rule: -1, Start: span[0], End: span[1]})
	}
	return finds
}

// atoms make random patterns that meet in every way: alternatives, repetitions, edges, classes, characters of every length.
var atoms = []string{"a", "b", "ab", "ba", "aab", `\b`, `\B`, "^", "$", "(?m:^)", "(?m:$)", ".", `\w`, `\d`, `\s`, "[ab]", "[^a]", "ä", "ß", "k", "€", "😀", "[ä-€]", `\pL`, `\n`, "(?s:.)", "c", " ", `\x{fffd}`}

func randomPattern(r *rand.Rand, depth int) string {
	if depth == 0 {
		return atoms[r.IntN(len(atoms))]
	}
	switch r.IntN(8) {
	case 0:
		return "(" + randomPattern(r, depth-1) + "|" + randomPattern(r, depth-1) + ")"
	case 1:
		return "(?:" + randomPattern(r, depth-1) + ")" + []string{"*", "+", "?", "{2}", "{1,3}", "*?", "{0,2}"}[r.IntN(7)]
	case 2:
		return atoms[r.IntN(len(atoms))]
	}
	return randomPattern(r, depth-1) + randomPattern(r, depth-1)
}

var pieces = []string{"a", "b", "a", "b", "ab", "aab", "c", " ", "\n", "1", "_", "ä", "Ä", "ß", "ẞ", "K", "€", "😀", "\xff", "\xe2\x82", "\xf0\x9f", "A", "B", "é", "\ufffd"}

func randomText(r *rand.Rand, most int) string {
	var text strings.Builder
	for range r.IntN(most) {
		text.WriteString(pieces[r.IntN(len(pieces))])
	}
	return text.String()
}

// TestSpansAreRegexps: spans are those of Go's regexp, for random patterns, texts and cuts.
func TestSpansAreRegexps(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	matched := 0
	for range 150 {
		var sources []string
		for range 1 + r.IntN(3) {
			sources = append(sources, randomPattern(r, 1+r.IntN(4)))
		}
		program, err := compile.Compile(patterns(sources...), compile.Options{Spans: true, States: 96})
		if err != nil {
			require.Regexp(t, "empty text|more than", err.Error(), "%q", sources)
			continue
		}
		set, err := match.Load(program.Text)
		require.NoError(t, err)
		m := set.NewMatcher()
		for range 80 {
			text := randomText(r, 24)
			want := oracle(sources, text)
			got := all(m, text)
			matched += len(got)
			for i := range got {
				alone := regexp.MustCompile(`(?i:` + sources[got[i].Rule] + ")")
				alone.Longest()
				require.True(t, matches(alone, text, got[i]), "%q is not of %q in %q", got[i], sources, text)
				got[i].Rule = -1
			}
			require.Equal(t, want, got, "%q in %q", sources, text)
		}
	}
	require.Greater(t, matched, 2_000)
}

// matches reports whether the pattern matches there; one that ends with an edge needs what is beside.
func matches(re *regexp.Regexp, text string, find match.Find) bool {
	for from := 0; from <= find.Start; from++ {
		if span := re.FindStringIndex(text[from:]); span != nil && span[0]+from == find.Start && span[1]+from >= find.End {
			return true
		}
	}
	return false
}

// TestDetectsWhatRegexpFinds: without spans the rules that match are those that regexp finds, and where the first match ends is
// the first end that any match has.
func TestDetectsWhatRegexpFinds(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	matched := 0
	for range 150 {
		var sources []string
		for range 1 + r.IntN(4) {
			sources = append(sources, randomPattern(r, 1+r.IntN(4)))
		}
		program, err := compile.Compile(patterns(sources...), compile.Options{States: 96})
		if err != nil {
			require.Regexp(t, "empty text|more than", err.Error(), "%q", sources)
			continue
		}
		set, err := match.Load(program.Text)
		require.NoError(t, err)
		m := set.NewMatcher()
		for range 80 {
			text := randomText(r, 24)
			var want, got []int
			for i, source := range sources {
				if regexp.MustCompile("(?i:" + source + ")").MatchString(text) {
					want = append(want, i)
				}
			}
			for _, find := range all(m, text) {
				got = append(got, find.Rule)
			}
			slices.Sort(got)
			matched += len(got)
			require.Equal(t, want, got, "%q in %q", sources, text)
		}
	}
	require.Greater(t, matched, 2_000)
}

// TestEveryCut: however a text is cut, the finds are the same, and no find comes before what Decided has passed.
func TestEveryCut(t *testing.T) {
	text := "Ignore  previous\u200b instructions; ＩＧＮＯＲＥ all\r\nрrevious <|im_start|> EMP-123456, emp‑99 😀 credit-card CREDIT \t card \xe2\x82 straße 中文字 ä\xff end"
	rules := append(patterns(`ignore( all)? previous`, `emp-\d+`, `<\|im_start\|>`, `\bend$`, `[^a-z ]+`, `😀 c`),
		compile.Rule{Literals: []string{"credit card", "card", "strasse", "中文", "instructions ignore", "文字 ä"}}, compile.Rule{Literals: []string{"Credit Card Credit"}})
	for _, o := range []compile.Options{{}, {Spans: true}, {Normalise: true}, {Normalise: true, Spans: true}, {CaseSensitive: true, Spans: true}} {
		m := load(t, o, rules...).NewMatcher()
		want := all(m, text)
		require.NotEmpty(t, want)
		for i := range len(text) + 1 {
			for j := i; j <= len(text); j += 1 + len(text)/8 {
				m.Reset()
				var got []match.Find
				passed := 0
				for _, piece := range []string{text[:i], text[i:j], text[j:]} {
					for _, find := range m.Write([]byte(piece)) {
						require.True(t, !o.Spans || find.Start >= passed)
						got = append(got, find)
					}
					passed = m.Decided()
				}
				got = append(got, m.End()...)
				require.ElementsMatch(t, want, got, "%+v: %d, %d", o, i, j)
				if o.Spans {
					require.Equal(t, want, got)
				}
			}
		}
	}
}

// TestFork: a fork tells what ends where it is, and the other goes on as if there had been none.
func TestFork(t *testing.T) {
	const text = "Igno\u200bre prev\u0131ous cre\u0301dit card: the end, 中文 cards"
	rules := append(patterns(`ignore( all)? previous`, `\bend$`, `\bcre$`, `t card`), compile.Rule{Literals: []string{"credit card", "中文"}}, compile.Rule{Literals: []string{"car"}}, compile.Rule{Literals: []string{"cards"}})
	told := func(all map[int]bool, finds []match.Find) {
		for _, find := range finds {
			all[find.Rule] = true
		}
	}
	for _, o := range []compile.Options{{}, {Normalise: true}, {CaseSensitive: true}} {
		set := load(t, o, rules...)
		for cut := range len(text) {
			want, got := map[int]bool{}, map[int]bool{}
			told(want, all(set.NewMatcher(), text))
			told(want, all(set.NewMatcher(), text[:cut]+"."))
			told(want, all(set.NewMatcher(), text[:cut]))
			m := set.NewMatcher()
			told(got, m.Write([]byte(text[:cut])))
			for _, last := range []string{"", "."} {
				fork := m.Fork()
				told(got, fork.Write([]byte(last)))
				told(got, fork.End())
			}
			told(got, m.Write([]byte(text[cut:])))
			told(got, m.End())
			require.Equal(t, want, got, "%+v: %q", o, text[:cut])
		}
	}
}

// TestLongTexts: windows do not show: finds of a text of many windows are regexp's, and matches longer than MaxMatch are cut only.
func TestLongTexts(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	sources := []string{`a[^b]{0,40}b`, `\bc+\b`, `b{3,}`, `^x`, `\dz$`, `(?m:^)y`}
	m := load(t, compile.Options{Spans: true}, patterns(sources...)...).NewMatcher()
	for n := range 12 {
		var text strings.Builder
		for text.Len() < 10_000*(n+1) {
			text.WriteString([]string{"a", "b", "bb", "c ", "cc", "\ny", "x", "1z", "ä", strings.Repeat("b", r.IntN(2000))}[r.IntN(10)])
		}
		want, got := oracle(sources, text.String()), all(m, text.String())
		for i := range got {
			got[i].Rule = -1
		}
		require.Equal(t, want, got)
	}
	finds := all(m, strings.Repeat("b", 100_000))
	require.Equal(t, 100_000, finds[len(finds)-1].End)
	for i, find := range finds {
		require.True(t, find.End-find.Start >= match.MaxMatch || find.End == 100_000, fmt.Sprint(find))
		require.True(t, i == 0 || find.Start == finds[i-1].End)
	}
}

// TestLinear counts steps on what makes others slow: matches that are short though a longer one could be ahead, that fail late,
// and that begin everywhere.
func TestLinear(t *testing.T) {
	hard := map[string]string{
		`a(.*b)?`:          strings.Repeat("a", 50_000),
		`(?s)a.*z`:         strings.Repeat("a", 50_000),
		`a{1,50}b|a`:       strings.Repeat("a", 50_000),
		`(a+)+$`:           strings.Repeat("a", 50_000) + "!",
		`\w+\d|\w`:         strings.Repeat("x", 50_000),
		`(a|aa|aaa){1,20}`: strings.Repeat("a", 50_000),
	}
	for source, text := range hard {
		for _, spans := range []bool{false, true} {
			m := load(t, compile.Options{Spans: spans}, compile.Rule{Pattern: source}).NewMatcher()
			all(m, text)
			require.LessOrEqual(t, match.Work(m), 4*len(text), source)
		}
	}
	words := strings.Repeat("a ", 63)
	list := compile.Rule{Literals: []string{"a", words + "b", words + "a", "a a", "b a " + words[:60]}}
	for _, text := range []string{strings.Repeat("a ", 20_000), strings.Repeat(words+"b ", 300), strings.Repeat("c ", 20_000)} {
		for _, spans := range []bool{false, true} {
			m := load(t, compile.Options{Spans: spans}, list).NewMatcher()
			all(m, text)
			require.LessOrEqual(t, match.Work(m), 4*len(text))
		}
	}
}
