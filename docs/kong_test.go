package docs

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/sluice-gateway/sluice/policy/host"
	"github.com/sluice-gateway/sluice/policy/source"
	"github.com/sluice-gateway/sluice/policy/strict"
)

// TestKongTable: the page has what `sluice check --for kong` knows, word by word.
func TestKongTable(t *testing.T) {
	var want [][]string
	for _, row := range host.Table(host.Kong) {
		word := "differs: "
		if row.Refused {
			word = "refused: "
		}
		want = append(want, []string{row.What, word + row.Instead, row.Why})
	}
	require.Equal(t, want, rows(t, section(t, read(t, "kong.md"), "What Kong cannot do"), 3))
}

// TestKongPage: its policy runs on Kong, and its other blocks are YAML.
func TestKongPage(t *testing.T) {
	found := blocks(read(t, "kong.md"), "yaml")
	require.Len(t, found, 3)
	for _, block := range found {
		require.NoError(t, yaml.Unmarshal([]byte(block), new(any)), block)
	}
	p, err := source.Policy([]byte(found[1]))
	require.NoError(t, err)
	require.Empty(t, strict.Unsupported(p))
	require.Empty(t, strict.Warnings(p))
	refusals, _ := host.Check(p, host.Host{Name: host.Kong})
	require.Empty(t, refusals)
}
