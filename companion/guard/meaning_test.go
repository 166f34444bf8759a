package guard

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/companion/embed"
	"github.com/sluice-gateway/sluice/guard/match/compile"
	"github.com/sluice-gateway/sluice/policy"
)

// byWords is an embedder for which a text is as like "bad" as its share of that word, and as
// like "good" likewise: the longer a text, the less says one word in it.
type byWords struct {
	mu    sync.Mutex
	asked []string
	does  func(ctx context.Context, texts []string) ([]embed.Vector, error) // nil = as told
}

func (*byWords) Space() string { return "by-words" }

func (e *byWords) Embed(ctx context.Context, texts []string) ([]embed.Vector, error) {
	e.mu.Lock()
	e.asked = append(e.asked, texts...)
	e.mu.Unlock()
	if e.does != nil {
		return e.does(ctx, texts)
	}
	vectors := make([]embed.Vector, len(texts))
	for i, text := range texts {
		words := strings.Fields(strings.ToLower(strings.Trim(text, ".")))
		share := func(word string) float64 {
			return float64(strings.Count(strings.Join(words, " "), word)) / float64(len(words))
		}
		bad, good := share("bad"), share("good")
		vectors[i].Values = []float32{float32(bad), float32(good), float32(math.Sqrt(max(0, 1-bad*bad-good*good)))}
	}
	return vectors, nil
}

// meant is one rule, "g", by meaning.
func meant(t testing.TB, e embed.Embedder, s policy.Service) *Set {
	t.Helper()
	s.Type = policy.Meaning
	if s.MinScore == 0 {
		s.MinScore = 0.5
	}
	set, err := New([]policy.ExternalGuard{{Name: "g", Roles: []string{"user", "tool"}, Timeout: patience, Service: s}}, nil)
	require.NoError(t, err)
	if e != nil {
		require.NoError(t, set.Embed(t.Context(), e))
	}
	return set
}

func saying(role string, texts ...string) (all []Text) {
	for _, text := range texts {
		all = append(all, Text{role, text})
	}
	return all
}

var innocent = strings.Repeat("The ferry to the island leaves at nine in the morning. ", 40)

func TestMeaning(t *testing.T) {
	deny := policy.Service{DenyLike: []string{"good", "bad"}}
	allow := policy.Service{AllowLike: []string{"good"}}
	both := policy.Service{DenyLike: []string{"bad"}, AllowLike: []string{"good"}}
	words, err := compile.Compile([]compile.Rule{{Literals: []string{"thanks"}}}, compile.Options{Normalise: true})
	require.NoError(t, err)
	allow.AllowProgram = words.Text
	for _, row := range []struct {
		name  string
		s     policy.Service
		texts []Text
		kind  string // "" = clean
		why   string
	}{
		{"an example", deny, saying("user", "bad"), "deny_like.2", "similarity 1.00"},
		{"like one", deny, saying("user", "bad bad thing"), "deny_like.2", "similarity 0.67"},
		{"not like one", deny, saying("user", "one bad thing"), "", "similarity 0.33"},
		{"another role's", deny, saying("assistant", "bad"), "", "nothing to show it"},
		{"an earlier turn", deny, saying("user", "bad", "never mind"), "deny_like.2", "similarity 1.00"},
		{"a tool's", deny, saying("tool", "bad"), "deny_like.2", "similarity 1.00"},
		{"in a page", deny, saying("user", innocent+"Bad bad. "+innocent), "deny_like.2", "similarity 1.00"},
		{"in a line", deny, saying("user", innocent+"\nbad\n"+innocent), "deny_like.2", "similarity 1.00"},
		{"in a run", deny, saying("user", strings.ReplaceAll(innocent, ".", "")+strings.Repeat("bad ", 20)+strings.ReplaceAll(innocent, ".", "")), "deny_like.2", "similarity 0.92"},
		{"a page", deny, saying("user", innocent), "", "similarity 0.00"},
		{"nothing said", deny, saying("user", "..!? —"), "", "similarity 0.00"},

		{"allowed", allow, saying("user", "good"), "", "similarity 1.00"},
		{"not allowed", allow, saying("user", "other"), "allow_like", "similarity 0.00"},
		{"one of two texts", allow, saying("user", "good", "other"), "allow_like", "similarity 0.00"},
		{"a greeting beside", allow, saying("user", "Hello. Good good good."), "", "similarity 0.75"},
		{"a sentence does not open the door", allow, saying("user", "Good. "+innocent), "allow_like", "similarity 0.00"},
		{"nor does one behind", allow, saying("user", innocent+"Good."), "allow_like", "similarity 0.00"},
		{"by a word", allow, saying("user", "THANKS a lot"), "", "similarity 1.00"},
		{"a word is of its text", allow, saying("user", "thanks", "other"), "allow_like", "similarity 0.00"},

		{"denied first", both, saying("user", "good", "bad"), "deny_like.1", "similarity 1.00"},
		{"neither", both, saying("user", "other"), "allow_like", "similarity 0.00"},
		{"good", both, saying("user", "good"), "", "similarity 1.00"},
	} {
		t.Run(row.name, func(t *testing.T) {
			v := meant(t, &byWords{}, row.s).Check(t.Context(), []string{"g"}, row.texts, 0)[0]
			require.Equal(t, row.why, v.Reason)
			require.Empty(t, v.Spans)
			if row.kind == "" {
				require.Equal(t, Clean, v.Result)
				return
			}
			require.Equal(t, Found, v.Result)
			require.Equal(t, []string{row.kind}, v.Kinds)
		})
	}
}

// Wherever in a long text it stands, and wherever the text is cut around it.
func TestHiddenAnywhere(t *testing.T) {
	e := embed.NewMemo(&byWords{}, 8<<20)
	set := meant(t, e, policy.Service{DenyLike: []string{"bad"}})
	for at := range 600 {
		hidden := "bad bad bad bad bad bad bad bad bad "
		text := strings.ReplaceAll(innocent, ".", "")[:at] + " " + hidden[:at%len(hidden)] + ". " + hidden[at%len(hidden):] + innocent[:300]
		require.Equal(t, Found, set.Check(t.Context(), []string{"g"}, saying("user", text), 0)[0].Result, at)
	}
}

// Each piece is one that the model reads whole, and together they are all of the text.
func TestPieces(t *testing.T) {
	for _, row := range []struct {
		text string
		want []string
	}{
		{"One. Two?\n3\n\n...", []string{"One.", "Two?", "3", "One. Two? 3"}},
		{"v1.2 of a.b, e.g. this", []string{"v1.2 of a.b, e.g.", "this", "v1.2 of a.b, e.g. this"}},
		{"雨です。晴れ！", []string{"雨です。", "晴れ！", "雨です。 晴れ！"}},
		{"   ", nil},
		{"", nil},
		{strings.Repeat("a", 70), []string{strings.Repeat("a", 70), strings.Repeat("a", 60), strings.Repeat("a", 40)}},
	} {
		all, _, ok := pieces(row.text, true, true, maxPieces)
		require.True(t, ok)
		var got []string
		for _, p := range all {
			got = append(got, p.text)
		}
		require.Equal(t, row.want, got, row.text)
	}
	for _, text := range []string{innocent, strings.ReplaceAll(innocent, ".", ""), strings.Repeat("한국어 ", 500), strings.Repeat("a", 5000), strings.Repeat("é", 999), strings.Repeat("x. ", 300)} {
		all, sentences, ok := pieces(text, true, true, maxPieces)
		require.True(t, ok)
		whole := ""
		for _, p := range all {
			require.LessOrEqual(t, width(p.text), longPiece)
			require.LessOrEqual(t, p.to, sentences)
			if p.to == p.from+1 {
				whole += p.text
			}
		}
		require.Equal(t, strings.ReplaceAll(text, " ", ""), strings.ReplaceAll(whole, " ", ""))
	}
	_, _, ok := pieces(strings.Repeat("One more sentence. ", maxPieces), true, true, maxPieces)
	require.False(t, ok)
}

func FuzzPieces(f *testing.F) {
	f.Add("One. Two?\n3\n\n...")
	f.Add("雨です。晴れ！" + strings.Repeat("\xff한", 200))
	f.Fuzz(func(t *testing.T, text string) {
		all, sentences, ok := pieces(text, true, true, maxPieces)
		for _, p := range all {
			require.True(t, ok == (len(all) <= maxPieces))
			require.True(t, width(p.text) <= longPiece && p.from <= p.to && p.to <= sentences && strings.TrimSpace(p.text) == p.text && p.text != "")
		}
	})
}

// Whatever the embedder does, it is a verdict, and a clean one only where it did its work.
func TestMeaningWithoutAWord(t *testing.T) {
	vectors := func(values ...float32) func(context.Context, []string) ([]embed.Vector, error) {
		return func(_ context.Context, texts []string) ([]embed.Vector, error) {
			all := make([]embed.Vector, len(texts))
			for i := range all {
				all[i].Values = values
			}
			return all, nil
		}
	}
	nan := float32(math.NaN())
	for _, row := range []struct {
		name  string
		does  func(context.Context, []string) ([]embed.Vector, error)
		text  string
		cause Cause
		why   string
	}{
		{"busy", func(context.Context, []string) ([]embed.Vector, error) {
			return nil, fmt.Errorf("%w: canary", embed.ErrBusy)
		}, "x", Busy, "too many texts wait at the embedder"},
		{"refused", func(context.Context, []string) ([]embed.Vector, error) { return nil, embed.ErrTooLong }, "x", Failed, "the embedder refused a piece of the texts"},
		{"failed", func(context.Context, []string) ([]embed.Vector, error) { return nil, errors.New("canary") }, "x", Failed, "the embedder failed"},
		{"slow", func(ctx context.Context, _ []string) ([]embed.Vector, error) { <-ctx.Done(); return nil, ctx.Err() }, "x", TooSlow, "no whole answer in time"},
		{"NaN", vectors(nan, nan, nan), "x", Failed, "the embedder made a vector that cannot be compared"},
		{"short", vectors(1, 0), "x", Failed, "the embedder made a vector that cannot be compared"},
		{"null", vectors(0, 0, 0), "x", Failed, "the embedder made a vector that cannot be compared"},
		{"cut", func(_ context.Context, texts []string) ([]embed.Vector, error) {
			return make([]embed.Vector, len(texts), 99)[:len(texts):len(texts)], nil
		}, "x", Failed, "the embedder made a vector that cannot be compared"},
		{"too much", nil, strings.Repeat("One more sentence. ", 4200), Failed, "the texts are more than 4096 pieces, which are all that is compared"},
	} {
		t.Run(row.name, func(t *testing.T) {
			e := &byWords{}
			set := meant(t, e, policy.Service{DenyLike: []string{"bad"}})
			e.does = row.does
			if row.cause == TooSlow {
				set.guards["g"].timeout = time.Millisecond
			}
			for range absentInARow + 1 { // it is never left alone: the texts may be the cause
				v := set.Check(t.Context(), []string{"g"}, saying("user", row.text), 0)[0]
				require.Equal(t, Error, v.Result)
				require.Equal(t, row.why, v.Reason)
				require.Equal(t, row.cause, v.Err.Cause)
				require.NotContains(t, v.Err.Error(), "canary")
			}
			e.does = nil
			set.guards["g"].timeout = patience
			require.Equal(t, Found, set.Check(t.Context(), []string{"g"}, saying("user", "bad"), 0)[0].Result)
		})
	}

	v := meant(t, nil, policy.Service{DenyLike: []string{"bad"}}).Check(t.Context(), []string{"g"}, saying("user", "x"), 0)[0]
	require.Equal(t, Error, v.Result)
	require.Equal(t, NoEmbedder, v.Err.Cause)
	require.Equal(t, "the companion has no embedder, which rules by meaning need", v.Reason)
}

func TestExamplesThatCannotBe(t *testing.T) {
	e := &byWords{does: func(_ context.Context, texts []string) ([]embed.Vector, error) {
		return []embed.Vector{{Values: []float32{1}, Cut: true}}, nil
	}}
	set, err := New([]policy.ExternalGuard{{Name: "g", Service: policy.Service{Type: policy.Meaning, DenyLike: []string{"x"}}}}, nil)
	require.NoError(t, err)
	require.EqualError(t, set.Embed(t.Context(), e), "guard: g: the vectors of its examples: example 1 is longer than by-words reads")
	require.Equal(t, []string{"g"}, set.ByMeaning())
	var none *Set
	require.Empty(t, none.ByMeaning())
	_, err = New([]policy.ExternalGuard{{Name: "g", Service: policy.Service{Type: policy.Meaning, AllowProgram: "x"}}}, nil)
	require.ErrorContains(t, err, "guard: g: match: ")
}

// The embedder is never given more at once than leaves look-ups of the cache their place, and
// a piece that is there twice once.
func TestFewAtOnce(t *testing.T) {
	most := 0
	innocent := ""
	for i := range 40 {
		innocent += fmt.Sprintf("The ferry %d to the island leaves at nine. ", i)
	}
	e := &byWords{}
	set := meant(t, e, policy.Service{DenyLike: []string{"bad"}})
	e.asked = nil
	e.does = func(ctx context.Context, texts []string) ([]embed.Vector, error) {
		most = max(most, len(texts))
		return (&byWords{}).Embed(ctx, texts)
	}
	require.Equal(t, Clean, set.Check(t.Context(), []string{"g"}, saying("user", innocent, innocent), 0)[0].Result)
	require.Equal(t, piecesAtOnce, most)
	seen := map[string]bool{}
	for _, text := range e.asked {
		require.False(t, seen[text], text)
		seen[text] = true
	}
}
