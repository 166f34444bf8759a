package pii

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// example is a line of testdata/finds.txt.
type example struct {
	kind       Kind
	what       string
	text       string
	start, end int
}

func examples(t testing.TB) (rows []example) {
	data, err := os.ReadFile("testdata/finds.txt")
	require.NoError(t, err)
	for line := range strings.Lines(string(data)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		word, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		kind, ok := ParseKind(word)
		require.True(t, ok, line)
		what, text, _ := strings.Cut(unseen.Replace(rest), " ")
		start, end := strings.Index(text, "«"), strings.Index(text, "»")-len("«")
		require.True(t, start >= 0 && end > start, line)
		text = strings.NewReplacer("«", "", "»", "").Replace(text)
		rows = append(rows, example{kind, what, text, start, end})
	}
	return rows
}

// unseen has the signs for what a line of testdata cannot have, or nobody would see in one.
var unseen = strings.NewReplacer("⏎", "\n", "⇥", "\t", "⁞", "\u200b")

// finds returns what is found in a text that comes in pieces which end at the cuts.
func finds(t testing.TB, text string, cuts ...int) (found []Find) {
	s := New(Options{})
	last := 0
	for _, cut := range append(cuts, len(text)) {
		some, done := s.Scan([]byte(text[:cut]), cut == len(text))
		require.GreaterOrEqual(t, done, last)
		require.LessOrEqual(t, done, cut)
		for _, f := range some {
			require.GreaterOrEqual(t, f.Start, last, "a find before what was done, in %q at %d", text, cut)
			require.LessOrEqual(t, f.End, cut)
		}
		last = done
		found = append(found, some...)
	}
	require.Equal(t, len(text), last)
	return found
}

func has(found []Find, kind Kind, start, end int) bool {
	for _, f := range found {
		if f.Kind == kind && f.Start == start && f.End == end {
			return true
		}
	}
	return false
}

func TestFinds(t *testing.T) {
	seen := map[Kind]int{}
	for _, e := range examples(t) {
		found := finds(t, e.text)
		seen[e.kind]++
		if !has(found, e.kind, e.start, e.end) {
			t.Errorf("%s %q in %q: %v", e.kind, e.text[e.start:e.end], e.text, found)
			continue
		}
		for _, f := range found {
			if f.Start == e.start && e.what != "" && f.What != "" {
				require.Equal(t, e.what, f.What, e.text)
			}
		}
	}
	for k := range kindCount {
		require.NotZero(t, seen[k], k)
	}
}

// A text may be cut anywhere, also within a character: the finds are those of the whole.
func TestEveryCut(t *testing.T) {
	before, after := strings.Repeat("Some words before it. ", 12), strings.Repeat(" and some more words", 25)
	for _, e := range examples(t) {
		text := before + e.text + after
		whole := finds(t, text)
		require.True(t, has(whole, e.kind, e.start+len(before), e.end+len(before)), "%q in a long text: %v", e.text, whole)
		for cut := range len(text) {
			if cut%7 == 0 || cut >= len(before) && cut <= len(before)+len(e.text) {
				require.Equal(t, whole, finds(t, text, cut), "%q cut at %d", text, cut)
			}
		}
		var every []int
		for cut := range text {
			every = append(every, cut)
		}
		require.Equal(t, whole, finds(t, text, every...), text)
	}
}

// What has a check or a published form is found between any signs.
func TestBetweenSigns(t *testing.T) {
	around := [][2]string{
		{"(", ")"}, {"[", "]"}, {"{", "}"}, {"<", ">"}, {`"`, `"`}, {"'", "'"}, {"`", "`"}, {"*", "*"}, {"_", "_"}, {"**", "**"}, {"|", "|"},
		{"=", "&"}, {":", ","}, {",", ";"}, {"!", "!"}, {"?", "?"}, {"~", "~"}, {"\t", "\n"}, {"\r\n", "\r\n"}, {"„", "“"}, {"«", "»"}, {"（", "）"},
		{"「", "」"}, {"卡号", "的"}, {"は", "です"}, {"번호", "입니다"}, {"\u00a0", "\u00a0"}, {"\\n", "\\n"}, {"%20", "%20"}, {"%3D", "%26"}, {`{"a":"`, `"}`}, {`\"`, `\"`},
		{"https://x.org/?n=", "&y=1"}, {"<b>", "</b>"}, {"x: ", "."}, {"- ", "\n- "}, {"/", "/"}, {"…", "…"}, {"\u200b", "\u200b"}, {"—", "—"}, {"#", "#"},
	}
	strong := []struct {
		kind Kind
		text string
	}{
		{Card, "4111111111111111"}, {Card, "4111 1111 1111 1111"}, {Card, "2223-0031-2200-3222"}, {Card, "378282246310005"},
		{IBAN, "DE89370400440532013000"}, {IBAN, "GB82 WEST 1234 5698 7654 32"}, {SSN, "123-45-6789"},
		{Secret, "AKIAIOSFODNN7EXAMPLE"}, {Secret, "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"}, {Secret, "sk_live_aB3dE6gH9jK2mN5pQ8sTuV1x"},
		{Secret, "sk-proj-aB3dE6gH9_jK2mN5pQ8sT-aB3dE6gH9jK2mN5pQ8sT"}, {Secret, "AIzaSyA1bC2dE3fG4hI5jK6lM7nO8pQ9rS0tU-v"},
		{Secret, "xoxb-123456789012-123456789012-aBcDeFgHiJkLmNoPqRsTuVwX"}, {Secret, "glpat-aB3dE6gH9jK2mN5pQ8sT"},
		{Secret, "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"},
	}
	for _, s := range strong {
		for _, a := range around {
			text := a[0] + s.text + a[1]
			covered := false
			for _, f := range finds(t, text) {
				covered = covered || f.Start <= len(a[0]) && f.End >= len(a[0])+len(s.text)
			}
			if !covered {
				t.Errorf("%s in %q: %v", s.kind, text, finds(t, text))
			}
		}
	}
}

// Digits of other widths and scripts, other blanks and other dashes are what they look like.
func TestOtherDigitsAndSigns(t *testing.T) {
	digits := []string{"0123456789", "０１２３４５６７８９", "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗", "𝟘𝟙𝟚𝟛𝟜𝟝𝟞𝟟𝟠𝟡", "٠١٢٣٤٥٦٧٨٩", "०१२३४५६७८९", "⁰¹²³⁴⁵⁶⁷⁸⁹", "₀₁₂₃₄₅₆₇₈₉"}
	signs := []string{"", " ", "-", "\u00a0", "\u2009", "\u202f", "\u3000", "\u2010", "\u2011", "\u2013", "\u2014", "\u2212", "－", " - ", "\u200b", "\u034f", "\u061c", "\u202a", "\u2063", "\u2069"}
	for _, set := range digits {
		for _, sign := range signs {
			write := func(groups ...string) string {
				text := strings.Join(groups, "-")
				var out strings.Builder
				for _, r := range text {
					if r == '-' {
						out.WriteString(sign)
					} else {
						out.WriteString(string([]rune(set)[r-'0']))
					}
				}
				return out.String()
			}
			card := write("4111", "1111", "1111", "1111")
			require.True(t, has(finds(t, "x "+card+" y"), Card, 2, 2+len(card)), card)
			if sign != "" && !strings.Contains("\u200b\u034f\u061c\u202a\u2063\u2069", sign) {
				ssn := write("123", "45", "6789")
				require.True(t, has(finds(t, "SSN "+ssn+" y"), SSN, 4, 4+len(ssn)), ssn)
			}
		}
	}
}
