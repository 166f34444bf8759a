package compare_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// The labelled pairs are a measuring rod, and these tests look at the rod, not at what is
// measured: a file that lost a kind, or in which the longer pair is always the same
// question, would let a bad comparison look good.

const (
	developmentPairs = "testdata/pairs-development.jsonl"
	heldoutPairs     = "testdata/pairs-heldout.jsonl"
	suffixAttacks    = "testdata/suffix-attacks.jsonl"
)

// labelledPair is one line: Same is whether the answer to A may be given for B.
type labelledPair struct {
	Kind string `json:"kind"`
	A    string `json:"a"`
	B    string `json:"b"`
	Same bool   `json:"same"`
}

var (
	differentKinds = strings.Fields(`number date unit currency negation role version language operation
		identifier quoted entity opposite quantity time format audience aspect condition detail polysemy
		person modality tense scope`)
	sameKinds = strings.Fields(`politeness typing abbreviation number-spelling date-spelling unit-spelling
		synonym frame word-order plural contraction imperative filler search whitespace british implied
		paraphrase compound`)
	attackKinds = strings.Fields(`suffix-order prefix-order quoted-question stuffing repetition invisible
		bidi homoglyph injection context padding art gibberish translated-order near-miss`)
)

func TestPairsHaveEveryKind(t *testing.T) {
	for _, file := range []string{developmentPairs, heldoutPairs} {
		pairs := readLabelled(t, file)
		count := map[string]int{}
		same := 0
		for i, p := range pairs {
			if p.Same {
				same++
				require.Contains(t, sameKinds, p.Kind, "%s:%d", file, i+1)
			} else {
				require.Contains(t, differentKinds, p.Kind, "%s:%d", file, i+1)
			}
			count[p.Kind]++
		}
		for _, kind := range slices.Concat(sameKinds, differentKinds) {
			require.GreaterOrEqual(t, count[kind], 8, "%s: pairs of kind %s", file, kind)
		}
		different := len(pairs) - same
		require.GreaterOrEqual(t, same, 200, file)
		require.GreaterOrEqual(t, different, 200, file)
		require.LessOrEqual(t, float64(max(same, different))/float64(min(same, different)), 1.4,
			"%s: %d same, %d different", file, same, different)
		require.GreaterOrEqual(t, 5*count["paraphrase"], same, "%s: a fifth of the same are paraphrases", file)
		t.Logf("%s: %d same, %d different: %v", file, same, different, count)
	}
}

func TestAttacksAreAllDifferent(t *testing.T) {
	raw, err := os.ReadFile(suffixAttacks)
	require.NoError(t, err)
	for i, b := range raw {
		require.Less(t, b, byte(utf8.RuneSelf), "byte %d: what cannot be seen is written as an escape", i)
	}
	attacks := readLabelled(t, suffixAttacks)
	require.GreaterOrEqual(t, len(attacks), 120)
	count := map[string]int{}
	for i, p := range attacks {
		require.False(t, p.Same, "line %d", i+1)
		require.Contains(t, attackKinds, p.Kind, "line %d", i+1)
		count[p.Kind]++
	}
	for _, kind := range attackKinds {
		require.GreaterOrEqual(t, count[kind], 8, kind)
	}
	t.Logf("%d attacks: %v", len(attacks), count)
}

func TestNoPairTwice(t *testing.T) {
	at := map[[2]string]string{}
	for _, file := range []string{developmentPairs, heldoutPairs, suffixAttacks} {
		for i, p := range readLabelled(t, file) {
			key := [2]string{squeezed(p.A), squeezed(p.B)}
			if key[0] > key[1] {
				key[0], key[1] = key[1], key[0] // a pair turned round is no new pair
			}
			here := fmt.Sprintf("%s:%d", file, i+1)
			require.Empty(t, at[key], "%s repeats it", here)
			at[key] = here
		}
	}
}

// A half that echoes the other measures what was learnt by heart.
func TestHalvesShareNoPrompt(t *testing.T) {
	var known []map[string]bool
	for _, p := range readLabelled(t, developmentPairs) {
		known = append(known, wordSet(p.A), wordSet(p.B))
	}
	for i, p := range readLabelled(t, heldoutPairs) {
		for _, prompt := range []string{p.A, p.B} {
			words := wordSet(prompt)
			for j, k := range known {
				if share := overlap(words, k); share >= 0.7 {
					t.Errorf("heldout:%d echoes development:%d, %.2f of the words are shared: %q",
						i+1, j/2+1, share, prompt)
				}
			}
		}
	}
}

// Guessing by one thing on the surface is right in half of the cases. It may be right a
// little more often, since a paraphrase is longer than its like and shares fewer words.
func TestNoSurfaceCueTellsTheLabel(t *testing.T) {
	digits := regexp.MustCompile(`\d+`)
	cues := map[string]func(p labelledPair) float64{
		"length":       func(p labelledPair) float64 { return float64(len(p.A) + len(p.B)) },
		"b is longer":  func(p labelledPair) float64 { return float64(len(p.B) - len(p.A)) },
		"shared words": func(p labelledPair) float64 { return overlap(wordSet(p.A), wordSet(p.B)) },
		"unlike lengths": func(p labelledPair) float64 {
			return float64(max(len(p.A), len(p.B))) / float64(min(len(p.A), len(p.B)))
		},
		"a number": func(p labelledPair) float64 { return truth(digits.MatchString(p.A)) },
		"other numbers": func(p labelledPair) float64 {
			return truth(!slices.Equal(digits.FindAllString(p.A, -1), digits.FindAllString(p.B, -1)))
		},
		"other language": func(p labelledPair) float64 {
			return truth(strings.ContainsFunc(p.A, func(r rune) bool { return r > unicode.MaxASCII }))
		},
		"small first letter": func(p labelledPair) float64 {
			return truth(p.A[0] >= 'a' && p.A[0] <= 'z') + truth(p.B[0] >= 'a' && p.B[0] <= 'z')
		},
		"question mark": func(p labelledPair) float64 {
			return truth(strings.HasSuffix(p.A, "?")) + truth(strings.HasSuffix(p.B, "?"))
		},
		"several lines": func(p labelledPair) float64 { return float64(strings.Count(p.A, "\n")) },
	}
	for _, file := range []string{developmentPairs, heldoutPairs} {
		pairs := readLabelled(t, file)
		for name, cue := range cues {
			right := bestThreshold(pairs, cue)
			t.Logf("%s: %s is right in %.0f %%", file, name, 100*right)
			require.LessOrEqual(t, right, 0.68, "%s: %s tells the label", file, name)
		}
	}
}

// bestThreshold is how often, between 0.5 and 1, the best single limit on the cue labels
// rightly, same and different weighing alike.
func bestThreshold(pairs []labelledPair, cue func(labelledPair) float64) float64 {
	var same, different []float64
	for _, p := range pairs {
		if p.Same {
			same = append(same, cue(p))
		} else {
			different = append(different, cue(p))
		}
	}
	slices.Sort(same)
	slices.Sort(different)
	best := 0.5
	for _, limit := range slices.Concat(same, different) {
		below, _ := slices.BinarySearch(same, limit)
		s := float64(below) / float64(len(same))
		below, _ = slices.BinarySearch(different, limit)
		d := float64(below) / float64(len(different))
		best = max(best, (1+s-d)/2, (1+d-s)/2)
	}
	return best
}

// readLabelled reads a file strictly: a misspelt key or half a line is an error, since it
// would otherwise be a pair of two empty prompts that differ.
func readLabelled(t *testing.T, file string) []labelledPair {
	t.Helper()
	raw, err := os.ReadFile(file)
	require.NoError(t, err)
	require.True(t, utf8.Valid(raw), file)
	require.True(t, bytes.HasSuffix(raw, []byte("\n")), "%s ends within a line", file)
	var pairs []labelledPair
	lines := bufio.NewScanner(bytes.NewReader(raw))
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		var p struct {
			Kind, A, B *string
			Same       *bool
		}
		d := json.NewDecoder(bytes.NewReader(lines.Bytes()))
		d.DisallowUnknownFields()
		require.NoError(t, d.Decode(&p), "%s:%d", file, n)
		_, err := d.Token()
		require.ErrorIs(t, err, io.EOF, "%s:%d: text after the object", file, n)
		require.True(t, p.Kind != nil && p.A != nil && p.B != nil && p.Same != nil,
			"%s:%d: kind, a, b and same are needed", file, n)
		require.NotEmpty(t, strings.TrimSpace(*p.A), "%s:%d", file, n)
		require.NotEmpty(t, strings.TrimSpace(*p.B), "%s:%d", file, n)
		require.NotEqual(t, *p.A, *p.B, "%s:%d", file, n)
		pairs = append(pairs, labelledPair{*p.Kind, *p.A, *p.B, *p.Same})
	}
	require.NoError(t, lines.Err())
	return pairs
}

func squeezed(s string) string {
	return strings.Join(strings.Fields(strings.ToLower(s)), " ")
}

func wordSet(s string) map[string]bool {
	words := map[string]bool{}
	for _, w := range strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}) {
		words[w] = true
	}
	return words
}

// overlap is the share of the words of both that are in each.
func overlap(a, b map[string]bool) float64 {
	both := 0
	for w := range a {
		if b[w] {
			both++
		}
	}
	return float64(both) / float64(max(1, len(a)+len(b)-both))
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
