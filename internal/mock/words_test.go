package mock

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/tokenizer"
)

// Every word is one token wherever prose puts it, in both vocabularies.
func TestProseIsOneTokenAPiece(t *testing.T) {
	for _, e := range []*tokenizer.Encoding{tokenizer.O200kBase(), tokenizer.Cl100kBase()} {
		for i := range words {
			for _, piece := range []string{spaced[i], capital[i], capital[i][1:]} {
				require.Equal(t, 1, e.CountString(piece), "%s %q", e.Name(), piece)
			}
		}
		for n := range int64(300) {
			text := strings.Join(prose(uint64(n)*7919, n), "")
			require.EqualValues(t, n, e.CountString(text), "%s %q", e.Name(), text)
		}
	}
}

func TestProseIsDeterministicAndVaried(t *testing.T) {
	require.Equal(t, prose(1, 50), prose(1, 50))
	require.Equal(t, prose(1, 50)[:20], prose(1, 20), "a longer text begins like a shorter one")
	seen := map[string]bool{}
	for seed := range uint64(1000) {
		seen[strings.Join(prose(seed, 12), "")] = true
	}
	require.Greater(t, len(seen), 990)
	require.Empty(t, prose(5, 0))
}
