package conformance

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// A table that is read is the one that was written, and a run changes its own cells alone.
func TestTable(t *testing.T) {
	t.Setenv("UPDATE_GOLDEN", "")
	page := filepath.Join(t.TempDir(), "page.md")
	write := func(c cells) {
		require.NoError(t, os.WriteFile(page, []byte("before\n"+tableBegin+c.String()+tableEnd+"after\n"), 0o600))
	}
	one, other := calls[0].Name, calls[1].Name
	c := cells{WazeroKong.Title: {one: Pass, other: "the host says (no). It does"}, EnvoyNewest.Title: {one: Pass, other: "another reason"}}
	parsed := parseTable(c.String())
	require.Equal(t, c.String(), parsed.String())
	require.Equal(t, "another reason", parsed[EnvoyNewest.Title][other])
	require.Contains(t, c.String(), "\n1. the host says (no). It does.\n2. another reason.\n")
	write(c)

	var columns Columns
	columns.set(&WazeroKong, one, Pass)
	columns.set(&WazeroKong, other, "the host says (no). It does")
	columns.Hold(t, page)

	t.Setenv("UPDATE_GOLDEN", "1")
	columns.set(&WazeroKong, other, Pass)
	columns.Hold(t, page)
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	require.Contains(t, string(text), "before\n"+tableBegin)
	require.Contains(t, string(text), tableEnd+"after\n")
	require.Contains(t, string(text), "\n1. another reason.\n", "the other column has kept its cell")
	require.NotContains(t, string(text), "the host says")
}

// What the page in the tree says is of these scenarios, and no cell is empty.
func TestPage(t *testing.T) {
	_, text, _ := split(t, "../../docs/conformance.md")
	table := parseTable(text)
	for _, tier := range Tiers {
		if tier == &Istio { // TestRecordedColumn
			continue
		}
		refused := map[*Policy]map[string]string{}
		for _, p := range Policies {
			var err error
			refused[p], err = tier.refusals(p)
			require.NoError(t, err)
		}
		for _, topic := range Topics {
			for _, s := range topic.Scenarios {
				want := s.refused(refused[s.On])
				if want == "" {
					_, want = s.lacks(tier)
				}
				if want == "" {
					want = Pass
				}
				require.Equal(t, want, table[tier.Title][s.Name], "%s on %s: make conformance", s.Name, tier.Title)
			}
		}
	}
}
