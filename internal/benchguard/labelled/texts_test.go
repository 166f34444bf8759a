package labelled

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

const seed = 7

// What the files promise: enough texts of every sort, every kind in both halves, and marks that say what is there.
func TestRead(t *testing.T) {
	from := map[string]int{}
	for _, split := range []Split{Development, HeldOut} {
		texts, err := Read(split, seed)
		require.NoError(t, err)
		kinds := map[string]int{}
		for _, text := range texts {
			from[text.From]++
			require.True(t, utf8.ValidString(text.Text))
			require.Equal(t, text.Negative(), len(text.Spans) == 0, "%s: %q", text.Name, text.Text)
			chars, last := []rune(text.Text), 0
			for _, s := range text.Spans {
				require.True(t, s.Start >= last && s.End > s.Start && s.End <= len(chars), "%s: %v", text.Name, s)
				kinds[s.Kind]++
				last = s.End
			}
		}
		for _, kind := range Kinds() {
			require.Greater(t, kinds[kind], 40, "%s %s", split, kind)
		}
	}
	require.GreaterOrEqual(t, from["hand"], 250)
	require.GreaterOrEqual(t, from["generated"], 1500)
	require.GreaterOrEqual(t, from["negative"]+from["negative-generated"], 400)
}

func TestReadIsRepeatable(t *testing.T) {
	a, err := Read(HeldOut, seed)
	require.NoError(t, err)
	b, err := Read(HeldOut, seed)
	require.NoError(t, err)
	require.Equal(t, a, b)
	c, err := Read(HeldOut, seed+1)
	require.NoError(t, err)
	require.NotEqual(t, a, c)
}

// Results would say little if what is measured had been read before.
func TestHalvesShareNoFrame(t *testing.T) {
	for _, name := range []string{"hand", "frames", "negatives", "negative-frames"} {
		separator := "\n"
		if name == "hand" || name == "negatives" {
			separator = "\n%%\n"
		}
		seen := map[string]bool{}
		for _, split := range []Split{Development, HeldOut} {
			texts, err := records(name, split, separator)
			require.NoError(t, err)
			for _, text := range texts {
				require.False(t, seen[text], "%s: twice: %s", name, text)
				seen[text] = true
			}
		}
	}
}

// Cards and account numbers written by hand are valid too.
func TestChecksums(t *testing.T) {
	for _, split := range []Split{Development, HeldOut} {
		texts, err := Read(split, seed)
		require.NoError(t, err)
		for _, text := range texts {
			chars := []rune(text.Text)
			for _, s := range text.Spans {
				value := compact(string(chars[s.Start:s.End]))
				switch s.Kind {
				case "card":
					require.Zero(t, luhnSum(value)%10, "%s: %s", text.Name, value)
				case "iban":
					require.Equal(t, 1, ibanRest(value[4:]+value[:4]), "%s: %s", text.Name, value)
				}
			}
		}
	}
}

// compact leaves out what is between groups.
var compact = strings.NewReplacer(" ", "", "-", "", ".", "", "/", "", "+", "", "%20", "").Replace

func TestFill(t *testing.T) {
	text, err := fill("é ⟦email a@example.com⟧, ⟦- 12⟧ ⟦phone =phone_us#1⟧ ⟦phone =phone_us#1⟧", random())
	require.NoError(t, err)
	chars := []rune(text.Text)
	require.Len(t, text.Spans, 3)
	require.Equal(t, Span{Kind: "email", Start: 2, End: 15}, text.Spans[0])
	require.Equal(t, string(chars[text.Spans[1].Start:text.Spans[1].End]), string(chars[text.Spans[2].Start:text.Spans[2].End]))
	for _, bad := range []string{"⟦email", "⟦email⟧", "⟦mail a@example.com⟧", "⟦email =nobody⟧"} {
		_, err := fill(bad, random())
		require.Error(t, err, bad)
	}
}
