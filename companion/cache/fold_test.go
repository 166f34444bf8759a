package cache

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/companion/compare"
)

// TestFolded: with a form to embed, a prompt meets one of the same form, the entry keeps the
// prompt as it came, and entries from before are no neighbours.
func TestFolded(t *testing.T) {
	fold := func(c *Config) {
		c.ToEmbed = func(prompt string) string { return strings.ReplaceAll(prompt, "teh", "the") }
		c.Compare = func(entry, asked string) compare.Verdict {
			return compare.Verdict{Same: true, Reason: entry + " | " + asked}
		}
	}
	b := newBench(t, fold)
	b.put(ask("open teh door"), "Pull.")
	r := b.look(ask("open the door"))
	require.Equal(t, SemanticHit, r.Outcome, r.Reason)
	require.InDelta(t, 1, r.Similarity, 1e-6)
	require.Equal(t, "open teh door | open the door", r.Reason)

	before := New(Config{Store: b.store, Embedder: b.words, Compare: b.c.Compare, Now: b.clock.Now})
	defer before.Close()
	r, err := before.Lookup(t.Context(), ask("open the door!"), 0)
	require.NoError(t, err)
	require.Equal(t, "no entry", r.Reason)
}
