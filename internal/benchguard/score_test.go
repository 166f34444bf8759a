package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/internal/benchguard/labelled"
)

// What a finder says about one text, and how it is counted.
func TestJudge(t *testing.T) {
	const text = "a 4111-1111 b 4222-2222 c x@example.com"
	labels := []labelled.Span{{Kind: "card", Start: 2, End: 11}, {Kind: "card", Start: 14, End: 23}, {Kind: "email", Start: 26, End: 39}}
	for name, c := range map[string]struct {
		finds          []found
		exact, overlap tally // of cards
		slipped        int
	}{
		"nothing":                {nil, tally{0, 0, 2}, tally{0, 0, 2}, 2},
		"both":                   {[]found{{Kind: "card", Start: 2, End: 11}, {Kind: "card", Start: 14, End: 23}}, tally{2, 0, 0}, tally{2, 0, 0}, 0},
		"one is too short":       {[]found{{Kind: "card", Start: 2, End: 11}, {Kind: "card", Start: 14, End: 22}}, tally{1, 1, 1}, tally{2, 0, 0}, 1},
		"all but a hyphen":       {[]found{{Kind: "card", Start: 2, End: 6}, {Kind: "card", Start: 7, End: 11}, {Kind: "card", Start: 14, End: 23}}, tally{1, 2, 1}, tally{2, 1, 0}, 0},
		"one find over both":     {[]found{{Kind: "card", Start: 2, End: 23}}, tally{0, 1, 2}, tally{1, 0, 1}, 0},
		"taken for another kind": {[]found{{Kind: "phone", Start: 2, End: 11}, {Kind: "card", Start: 14, End: 23}}, tally{1, 0, 1}, tally{1, 0, 1}, 0},
		"the same twice":         {[]found{{Kind: "card", Start: 2, End: 11}, {Kind: "card", Start: 2, End: 11}}, tally{1, 1, 1}, tally{1, 1, 1}, 1},
	} {
		s := judge([]labelled.Text{{Text: text, Spans: labels, From: "hand"}}, func(labelled.Text) []found { return c.finds })
		require.Equal(t, c.exact, s.kinds["card"].exact, name)
		require.Equal(t, c.overlap, s.kinds["card"].overlap, name)
		require.Equal(t, c.slipped, s.kinds["card"].slipped, name)
		require.Equal(t, 1, s.kinds["email"].slipped, name)
	}
}

func TestJudgeNegatives(t *testing.T) {
	texts := []labelled.Text{{Text: "1.2.3.4", From: "negative"}, {Text: "no", From: "negative-generated"}}
	s := judge(texts, func(t labelled.Text) []found {
		if t.Text == "no" {
			return nil
		}
		return []found{{Kind: "ip", End: 3}, {Kind: "phone", Start: 4, End: 7}}
	})
	require.Equal(t, 2, s.negatives)
	require.Equal(t, 1, s.falseTexts)
	require.Equal(t, map[string]int{"ip": 1, "phone": 1}, s.falseFinds)
	require.Equal(t, tally{0, 1, 0}, s.kinds["ip"].exact)
}

func TestF1(t *testing.T) {
	k := tally{right: 6, wrong: 2, missed: 4}
	require.InDelta(t, 0.75, k.precision(), 1e-9)
	require.InDelta(t, 0.6, k.recall(), 1e-9)
	require.InDelta(t, 2*0.75*0.6/(0.75+0.6), k.f1(), 1e-9)
	require.Zero(t, tally{}.f1(), "nothing to find is no success")
}

// A finder that is right misses nothing; each fault is named.
func TestGoals(t *testing.T) {
	texts, err := labelled.Read(labelled.Development, seed)
	require.NoError(t, err)
	right := func(t labelled.Text) (out []found) {
		for _, s := range t.Spans {
			out = append(out, found{Kind: s.Kind, Start: s.Start, End: s.End})
		}
		return out
	}
	perfect := judge(texts, right)
	require.Empty(t, qualityMissed(perfect))

	noCards := judge(texts, func(t labelled.Text) (out []found) {
		for _, f := range right(t) {
			if f.Kind != "card" {
				out = append(out, f)
			}
		}
		return out
	})
	missed := qualityMissed(noCards)
	require.Len(t, missed, 2)
	require.Contains(t, missed[0], "card: F1 0.000")
	require.Contains(t, missed[1], "slipped through")

	eager := judge(texts, func(t labelled.Text) []found {
		if t.Negative() {
			return []found{{Kind: "mac", End: 1}}
		}
		return right(t)
	})
	require.Contains(t, strings.Join(qualityMissed(eager), "\n"), "mac: 461 finds in 461 texts")

	for name, c := range map[string]struct {
		own, other *score
		missed     int
	}{
		"better":          {perfect, noCards, 0},
		"as good, at one": {perfect, perfect, 0},
		"worse":           {noCards, perfect, 3},
		"as bad":          {noCards, noCards, 3},
	} {
		r := &report{known: []string{"card"}, finders: []result{{score: c.own, speed: fastEnough()}, {name: "other", score: c.other}}}
		require.Len(t, r.missed(), c.missed, name)
	}
	slow := fastEnough()
	slow.dense, slow.slice, slow.long[2] = series{prompts * 60 * time.Microsecond}, series{6 * time.Millisecond}, series{40 * time.Millisecond}
	r := &report{finders: []result{{score: perfect, speed: slow}}, steepest: adversary{repeated: "a@", growth: 3}, slowest: adversary{repeated: "1 ", perKB: 400}}
	require.Len(t, r.missed(), 5)
}

// fastEnough takes 10 us a KB for everything.
func fastEnough() *speed {
	s := &speed{dense: series{prompts * 10 * time.Microsecond}, slice: series{time.Millisecond}}
	for i, n := range lengths {
		s.long[i] = series{time.Duration(n>>10) * 10 * time.Microsecond}
	}
	return s
}

func TestCut(t *testing.T) {
	pieces := labelled.Cut([]string{"日本", "abc"}, 3, 10)
	require.Len(t, pieces, 3)
	for _, p := range pieces {
		require.True(t, len(p) <= 10 && len(p) > 6, "%q", p)
		require.NotContains(t, p, "\uFFFD")
	}
}

func TestScoresOfOverlappingFinds(t *testing.T) {
	texts := []labelled.Text{{Text: "123456789", From: "hand", Spans: []labelled.Span{{Kind: "passport", End: 9}}}}
	finds := [][]found{{{Kind: "passport", End: 9, Score: 40}, {Kind: "passport", End: 8, Score: 10}, {Kind: "ssn", End: 9, Score: 90}}}
	require.Equal(t, []int{10, 40}, scores(finds, "passport"))
	s := judgeFinds(texts, finds, map[string]int{"passport": 10})
	require.Equal(t, tally{1, 0, 0}, s.kinds["passport"].exact, "the surer of two stays")
	require.Equal(t, tally{}, s.kinds["ssn"].exact, "no threshold, not asked for")
	s = judgeFinds(texts, finds, map[string]int{"passport": 50})
	require.Equal(t, tally{0, 0, 1}, s.kinds["passport"].exact)
}

// The report takes the place of the one before.
func TestDocument(t *testing.T) {
	s := judge(nil, ours)
	r := &report{finders: []result{{name: "sluice", score: s, speed: fastEnough()}}}
	path := filepath.Join(t.TempDir(), "doc.md")
	require.NoError(t, os.WriteFile(path, []byte("before\n"+docBegin+"old\n"+docEnd+"after\n"), 0o600))
	var out bytes.Buffer
	require.NoError(t, r.print(&out, path))
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "before\n"+docBegin+"\n"+out.String()+"\n"+docEnd+"after\n", string(text))
	require.Contains(t, out.String(), "Missed goals:\n\n- email: F1 0.000", "with no text nothing is right")
	require.NoError(t, os.WriteFile(path, []byte("no marks"), 0o600))
	require.ErrorContains(t, r.print(&out, path), "has no place for the report")
}
