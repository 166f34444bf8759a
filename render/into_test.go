package render_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/sluice-gateway/sluice/render"
)

func into(bootstrap string) (string, error) {
	var out bytes.Buffer
	err := render.EnvoyInto(&out, []byte(bootstrap), workedPolicy(), render.Options{Listen: "[::]:10000"})
	return out.String(), err
}

// What is there already stays, and what an earlier run has put in goes.
func TestInto(t *testing.T) {
	out, err := into(`# ours
admin: {address: {socket_address: {address: 127.0.0.1, port_value: 9}}}
stats_config: {stats_tags: [{tag_name: shop, regex: '^shop\.((.*?)\.)'}]}
static_resources:
  clusters:
  - name: shop  # stays
  - name: sluice_provider_gone
  - {name: sluice_attempts_gone, type: STATIC}
  - {name: sluice_companion}
  listeners: # of a listener that is called sluice there is one
  - {name: sluice, stat_prefix: old}
`)
	require.NoError(t, err)
	require.Contains(t, out, "# ours\nadmin: {address: {socket_address: {address: 127.0.0.1, port_value: 9}}}\n")
	require.Contains(t, out, "- name: shop # stays\n")
	for _, gone := range []string{"_gone", "stat_prefix: old", "overload_manager"} {
		require.NotContains(t, out, gone)
	}
	var read struct {
		StatsConfig struct {
			StatsTags []struct {
				TagName string `yaml:"tag_name"`
			} `yaml:"stats_tags"`
		} `yaml:"stats_config"`
		StaticResources struct{ Listeners, Clusters []struct{ Name string } } `yaml:"static_resources"`
	}
	require.NoError(t, yaml.Unmarshal([]byte(out), &read))
	require.Len(t, read.StatsConfig.StatsTags, 1+1+len(render.Labels))
	require.Len(t, read.StaticResources.Listeners, 1)
	names := map[string]int{}
	for _, c := range read.StaticResources.Clusters {
		names[c.Name]++
	}
	require.Equal(t, 1, names["shop"])
	require.Equal(t, 1, names["sluice_provider_openai"])
	require.Equal(t, 1, names[render.GatewayCluster])
	require.Contains(t, out, "{address: '::1', port_value: 10000}")
	again, err := into(out)
	require.NoError(t, err)
	require.Equal(t, out, again)
	empty, err := into("{}")
	require.NoError(t, err)
	require.NoError(t, yaml.Unmarshal([]byte(empty), &read))
	_, err = into("static_resources:\n  listeners:\n  clusters: []\n")
	require.NoError(t, err)
}

func TestIntoSomethingElse(t *testing.T) {
	for text, want := range map[string]string{
		"":                                  "into: the bootstrap is empty",
		"- a":                               "into: line 1: want an Envoy bootstrap, which is a mapping",
		"a: [":                              "into: yaml: line 1: did not find expected node content",
		"a: 1\n---\nb: 2":                   "into: want one document, and there are more",
		"static_resources: []":              "into: line 1: static_resources: want a mapping",
		"static_resources:\n  clusters: {}": "into: line 2: static_resources.clusters: want a list",
		"stats_config: {stats_tags: x}":     "into: line 1: stats_config.stats_tags: want a list",
	} {
		out, err := into(text)
		require.EqualError(t, err, want, text)
		require.Empty(t, out)
	}
}
