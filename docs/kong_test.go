package docs

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/sluice-gateway/sluice/policy/host"
	"github.com/sluice-gateway/sluice/policy/source"
	"github.com/sluice-gateway/sluice/policy/strict"
	"github.com/sluice-gateway/sluice/render"
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

// kongEntities is what the tests look at of a declarative configuration.
type kongEntities struct {
	Services []struct {
		Name         string
		Retries      *int
		TLSVerify    bool `yaml:"tls_verify"`
		Routes       []struct{ Name string }
		Plugins      []any
		FilterChains []struct{ Name string } `yaml:"filter_chains"`
	}
}

// TestKongSteps: the service of the third step is the one that there is, with what the step adds;
// and beside it the file of the fourth has no name twice, which Kong refuses.
func TestKongSteps(t *testing.T) {
	found := blocks(read(t, "kong.md"), "yaml")
	var before, after, rendered kongEntities
	require.NoError(t, yaml.Unmarshal([]byte(found[0]), &before))
	require.NoError(t, yaml.Unmarshal([]byte(found[2]), &after))
	p, err := source.Policy([]byte(found[1]))
	require.NoError(t, err)
	var declaration bytes.Buffer
	require.NoError(t, render.KongDeclaration(&declaration, p, render.KongOptions{}))
	require.NoError(t, yaml.Unmarshal(declaration.Bytes(), &rendered))

	was, is := before.Services[0], after.Services[0]
	require.Equal(t, was.Name, is.Name)
	require.NotEmpty(t, was.Plugins)
	require.Equal(t, was.Plugins, is.Plugins, "who calls is asked as before")
	require.True(t, is.TLSVerify, "keys go this way")
	require.Zero(t, *is.Retries)

	taken := map[string]bool{}
	for _, service := range append(after.Services, rendered.Services...) {
		names := []string{"service " + service.Name}
		for _, route := range service.Routes {
			names = append(names, "route "+route.Name)
		}
		for _, chain := range service.FilterChains {
			names = append(names, "chain "+chain.Name)
		}
		for _, name := range names {
			require.False(t, taken[name], "%s is there twice", name)
			taken[name] = true
		}
	}
	require.GreaterOrEqual(t, len(taken), 7)
}
