package eval

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/companion/compare"
	"github.com/sluice-gateway/sluice/companion/embed"
)

// firsts is an embedder of texts' first bytes.
type firsts struct{ fails error }

func (f firsts) Embed(_ context.Context, texts []string) ([]embed.Vector, error) {
	out := make([]embed.Vector, len(texts))
	for i, text := range texts {
		out[i].Values = make([]float32, 256)
		out[i].Values[text[0]] = 1
	}
	return out, f.fails
}

func (firsts) Space() string { return "firsts" }

func lengths(a, b string) compare.Verdict {
	return compare.Verdict{Same: len(a) == len(b), Reason: fmt.Sprintf("%d and %d bytes", len(a), len(b))}
}

func TestDecide(t *testing.T) {
	e := New(firsts{}, lengths, nil, 0.5)
	defer e.Close()
	// Twice the same pairs: none sees another's entry.
	for range 2 {
		decisions, err := e.Decide(context.Background(), []Pair{{"ab", "ab"}, {"ab", "ac"}, {"ab", "abc"}, {"ab", "bb"}, {"", "x"}, {"ab", "abcd"}, {"abcd", ""}})
		require.NoError(t, err)
		require.Equal(t, []Decision{
			{true, 1, "same request"}, {true, 1, "2 and 2 bytes"}, {false, 1, "2 and 3 bytes"},
			{false, 0, "similarity 0.0000 < 0.5000"}, {false, 0, "a: no_text: the last message has no text"},
			{false, 1, "2 and 4 bytes"}, {false, 0, "no_text: the last message has no text"},
		}, decisions)
	}
	none, err := e.Decide(context.Background(), nil)
	require.NoError(t, err)
	require.Empty(t, none)
	folded := New(firsts{}, lengths, strings.ToLower, 0.5)
	defer folded.Close()
	decisions, err := folded.Decide(context.Background(), []Pair{{"ab", "Ab"}})
	require.NoError(t, err)
	require.Equal(t, []Decision{{true, 1, "2 and 2 bytes"}}, decisions)
	broken := New(firsts{errors.New("out of order")}, lengths, nil, 0.5)
	defer broken.Close()
	_, err = broken.Decide(context.Background(), []Pair{{"a", "b"}})
	require.ErrorContains(t, err, "out of order")
}
