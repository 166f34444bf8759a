package match_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/guard/match"
	"github.com/sluice-gateway/sluice/guard/match/compile"
)

// TestLiteralsAreIndexes: literals are where strings.Index finds them as whole words.
func TestLiteralsAreIndexes(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	alphabet := []string{"a", "b", "ab", "ä", "+", "中", "c9"}
	sentence := func(most int) string {
		var text []string
		for range 1 + r.IntN(most) {
			text = append(text, alphabet[r.IntN(len(alphabet))])
		}
		return strings.Join(text, " ")
	}
	matched := 0
	for range 2000 {
		rules := make([]compile.Rule, 1+r.IntN(3))
		for i := range rules {
			for range 1 + r.IntN(5) {
				rules[i].Literals = append(rules[i].Literals, sentence(4))
			}
		}
		text := sentence(30)
		var spans []match.Find
		var told []int
		for i, rule := range rules {
			for _, literal := range rule.Literals {
				for at := 0; ; at++ {
					n := strings.Index(" "+text[at:]+" ", " "+literal+" ")
					if n < 0 {
						break
					}
					at += n
					if at == 0 || text[at-1] == ' ' {
						spans = append(spans, match.Find{Rule: i, Start: at, End: at + len(literal)})
						told = append(told, i)
					}
				}
			}
		}
		slices.Sort(told)
		var got []int
		for _, find := range all(load(t, compile.Options{}, rules...).NewMatcher(), text) {
			got = append(got, find.Rule)
		}
		slices.Sort(got)
		require.Equal(t, slices.Compact(told), got, "%q in %q", rules, text)

		// Of spans those within another are not told, and of equal ones the first rule's.
		var want []match.Find
		for i, s := range spans {
			inside := slices.ContainsFunc(spans, func(o match.Find) bool {
				return o.Start <= s.Start && o.End >= s.End && o.End-o.Start > s.End-s.Start
			})
			again := slices.ContainsFunc(spans[:i], func(o match.Find) bool { return o.Start == s.Start && o.End == s.End })
			if !inside && !again {
				want = append(want, s)
			}
		}
		slices.SortFunc(want, func(a, b match.Find) int { return a.Start - b.Start })
		finds := all(load(t, compile.Options{Spans: true}, rules...).NewMatcher(), text)
		for i, f := range finds {
			require.Equal(t, strings.Count(text[:f.Start], " "), f.Word)
			require.Equal(t, strings.Count(text[f.Start:f.End], " ")+1, f.Words)
			finds[i].Word, finds[i].Words = 0, 0
		}
		every := all(load(t, compile.Options{Every: true}, rules...).NewMatcher(), text)
		for _, f := range every {
			require.Contains(t, spans, match.Find{Rule: f.Rule, Start: f.Start, End: f.End})
		}
		require.Len(t, every, len(spans)-again(spans))
		require.Equal(t, want, finds, "%q in %q", rules, text)
		matched += len(finds)
	}
	require.Greater(t, matched, 5000)
}

// again is how many of the finds are there twice: the same literal twice in a list.
func again(finds []match.Find) int {
	seen := map[match.Find]bool{}
	for _, f := range finds {
		seen[f] = true
	}
	return len(finds) - len(seen)
}

func TestLiteralsAreWholeWords(t *testing.T) {
	rules := []compile.Rule{{Literals: []string{"Credit Card", "C++", "naïve", "秘密", "don't", "Straße", "route 66"}}}
	for _, normalise := range []bool{false, true} {
		m := load(t, compile.Options{Normalise: normalise}, rules...).NewMatcher()
		for _, text := range []string{"credit\r\n CARD!", "(c++)", "NAÏVE", "这是秘密吗", "DON'T", "Route  66."} {
			require.Len(t, all(m, text), 1, text)
		}
		for _, text := range []string{"credit cards", "accredit card", "c+", "route 666", "credit, card", "naïvely", "creditcard"} {
			require.Empty(t, all(m, text), text)
		}
	}
	m := load(t, compile.Options{Normalise: true}, rules...).NewMatcher()
	for _, text := range []string{"cred\u200bit-card", "ｃｒｅｄｉｔ　ｃａｒｄ", "сrеdit саrd", "𝐜𝐫𝐞𝐝𝐢𝐭 𝕔𝕒𝕣𝕕", "crédit_card", "STRASSE", "don’t", "naive", "C\u0336redit card"} {
		require.Len(t, all(m, text), 1, text)
	}
}

// phrases are a list of n, of two and three words out of a vocabulary.
func phrases(n int) (list []string) {
	r := rand.New(rand.NewPCG(9, 10))
	word := func() string {
		var w []byte
		for range 3 + r.IntN(7) {
			w = append(w, 'a'+byte(r.IntN(26)))
		}
		return string(w)
	}
	vocabulary := make([]string, 60_000)
	for i := range vocabulary {
		vocabulary[i] = word()
	}
	for range n {
		phrase := vocabulary[r.IntN(len(vocabulary))] + " " + vocabulary[r.IntN(len(vocabulary))]
		if r.IntN(2) == 0 {
			phrase += " " + vocabulary[r.IntN(len(vocabulary))]
		}
		list = append(list, phrase)
	}
	return list
}

// TestLargeList: a list of 100,000 costs the policy its own size and the filter 8 MB.
func TestLargeList(t *testing.T) {
	list := phrases(100_000)
	program, err := compile.Compile([]compile.Rule{{Literals: list}}, compile.Options{Spans: true})
	require.NoError(t, err)
	size := len(strings.Join(list, "\n"))
	require.LessOrEqual(t, len(program.Text), size*3/2)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	set, err := match.Load(program.Text)
	require.NoError(t, err)
	runtime.GC()
	runtime.ReadMemStats(&after)
	held := int64(after.HeapAlloc) - int64(before.HeapAlloc)
	t.Logf("%d bytes of phrases: %d of program, %d in memory", size, len(program.Text), held)
	require.LessOrEqual(t, held, int64(8<<20))

	text := strings.Join(list, " . ")
	m := set.NewMatcher()
	finds := all(m, text)
	require.GreaterOrEqual(t, len(finds), len(list))
	at := 0
	for i, phrase := range list {
		require.True(t, slices.ContainsFunc(finds[max(0, i-100):min(len(finds), i+400)], func(f match.Find) bool {
			return f.Start <= at && f.End >= at+len(phrase)
		}), "%q at %d", phrase, at)
		at += len(phrase) + 3
	}
	require.LessOrEqual(t, match.Work(m), 3*len(text)) // slots that were looked at
}

// TestCompileSaysWhat: each refusal names the rule, what it is and the way out.
func TestCompileSaysWhat(t *testing.T) {
	for want, rules := range map[string][]compile.Rule{
		"match: rule 0: `(a`: error parsing regexp: missing closing ): `(a`; the syntax is RE2's": patterns("(a"),
		"match: rule 1: `b*`: it can match the empty text, which is everywhere; write +":          patterns("a", "b*"),
		"match: rule 1: `a.{100}b`: needs more than 4096 states; shorten counted repetitions":     patterns("x", "a.{100}b"),
		"match: rule 0: literal 1 \" \\n\" has no word":                                           {{Literals: []string{"a", " \n"}}},
		"match: rule 0: literal 0 has 65 words, the most are 64":                                  {{Literals: []string{strings.Repeat("a ", 65)}}},
		"match: rule 0: `a`: a rule has a pattern or literals, not both":                          {{Pattern: "a", Literals: []string{"a"}}},
		"match: rule 0: `(?:\\pL\\pL){500}x`: it has more than 50000 places; shorten":             patterns(`(?:\pL\pL){500}x`),
	} {
		_, err := compile.Compile(rules, compile.Options{})
		require.ErrorContains(t, err, want)
		var e *compile.Error
		require.ErrorAs(t, err, &e)
	}
}

// TestPatternsThatMultiply: what would be too large in one automaton is in several.
func TestPatternsThatMultiply(t *testing.T) {
	var sources []string
	var text strings.Builder
	for i := range 12 {
		sources = append(sources, fmt.Sprintf(`a%[1]c.{0,4}%[1]cb`, 'c'+rune(i)))
		fmt.Fprintf(&text, "a%[1]c-%[1]cb ", 'c'+rune(i))
	}
	require.Len(t, all(load(t, compile.Options{}, patterns(sources...)...).NewMatcher(), text.String()), len(sources))
}

func TestLoadRefuses(t *testing.T) {
	program, err := compile.Compile(patterns("a+b"), compile.Options{})
	require.NoError(t, err)
	_, err = match.Load(strings.Replace(program.Text, ":1:", ":2:", 1))
	require.ErrorContains(t, err, "not a program of this version")
	for i := len("sluice-match:1:"); i < len(program.Text); i++ {
		changed := []byte(program.Text)
		changed[i] ^= 1
		_, err := match.Load(string(changed))
		require.ErrorContains(t, err, "damaged", i)
		_, err = match.Load(program.Text[:i])
		require.ErrorContains(t, err, "damaged", i)
	}
}

// FuzzLoad: a program that is no compiler's, though its sum is right, is refused or harmless.
func FuzzLoad(f *testing.F) {
	for _, o := range []compile.Options{{}, {Spans: true}, {Normalise: true, Leet: true}} {
		rules := append(patterns("a+b", `\bx\d$`), compile.Rule{Literals: []string{"a b", "b", "b c d"}})
		program, err := compile.Compile(rules, o)
		require.NoError(f, err)
		f.Add(match.Body(program.Text), "aab x1 a b c d")
	}
	f.Fuzz(func(t *testing.T, body []byte, text string) {
		set, err := match.Load(match.Sealed(body))
		if err != nil || len(text) > 1<<12 {
			return
		}
		m := set.NewMatcher()
		for _, find := range all(m, text) {
			require.True(t, find.Rule >= 0 && find.Rule < set.Rules() && find.End <= len(text), "%+v", find)
		}
	})
}

// FuzzSpans: any text, cut anywhere, has regexp's finds.
func FuzzSpans(f *testing.F) {
	sources := []string{`\bab+c?\b`, `[^a-z]{2,5}x`, `(?m:^)é.*z`, `\d+(\.\d+)*`, `(?s)<.*>`}
	re := regexp.MustCompile("(?i:" + strings.Join(sources, "|") + ")")
	re.Longest()
	m := load(f, compile.Options{Spans: true}, patterns(sources...)...).NewMatcher()
	f.Add("abbc 1.2.3 <a> <b \xff x", uint16(7))
	f.Fuzz(func(t *testing.T, text string, at uint16) {
		if len(text) > match.MaxMatch {
			return
		}
		var want, got [][]int
		want = append(want, re.FindAllStringIndex(text, -1)...)
		m.Reset()
		i := min(int(at), len(text))
		finds := append([]match.Find(nil), m.Write([]byte(text[:i]))...)
		finds = append(finds, m.Write([]byte(text[i:]))...)
		for _, find := range append(finds, m.End()...) {
			got = append(got, []int{find.Start, find.End})
		}
		require.Equal(t, want, got)
	})
}

const prompt = "Please write a short summary of the attached quarterly report for the board, and list the three risks that matter most. " +
	"Customer EMP-123456 asked about invoice 2024-118 on Monday; the reply went out on the 14th. Keep it under two hundred words. "

func BenchmarkWrite(b *testing.B) {
	text := []byte(strings.Repeat(prompt, 5)[:1024])
	rules := append(patterns(`ignore (all |any )?(previous|prior) instructions`, `\bEMP-\d{6}\b`, `(?:secret|token)\s*[:=]\s*\S+`, `\bproject[- ]x\b`, `\b[A-Z]{2}\d{6}\b`),
		compile.Rule{Literals: phrases(10_000)})
	for _, o := range []compile.Options{{}, {Normalise: true}, {Spans: true}, {Normalise: true, Spans: true}} {
		b.Run(fmt.Sprintf("normalise=%v/spans=%v", o.Normalise, o.Spans), func(b *testing.B) {
			m := load(b, o, rules...).NewMatcher()
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				m.Reset()
				m.Write(text)
				m.End()
			}
		})
	}
}

func BenchmarkLoadLargeList(b *testing.B) {
	program, err := compile.Compile([]compile.Rule{{Literals: phrases(100_000)}}, compile.Options{})
	require.NoError(b, err)
	for b.Loop() {
		_, err := match.Load(program.Text)
		require.NoError(b, err)
	}
}
