package render_test

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/sluice-gateway/sluice/policy"
	"github.com/sluice-gateway/sluice/policy/schema"
)

// inListeners are the patches of a rendering that Istio puts into the gateway's own listeners: a
// change of one has Envoy make them anew, and end what is under way in the old ones after a while.
func inListeners(t *testing.T, text string) string {
	t.Helper()
	var found []any
	for _, document := range strings.Split(text, "\n---\n") {
		var o struct {
			Kind string
			Spec struct {
				ConfigPatches []struct {
					ApplyTo string `yaml:"applyTo"`
					Match   any
					Patch   struct {
						Operation string
						Value     map[string]any
					}
				} `yaml:"configPatches"`
			}
		}
		require.NoError(t, yaml.Unmarshal([]byte(document), &o))
		if o.Kind != "EnvoyFilter" {
			continue
		}
		for _, p := range o.Spec.ConfigPatches {
			inside := p.Patch.Value["internal_listener"] != nil // a listener of its own
			if slices.Contains([]string{"LISTENER", "NETWORK_FILTER", "HTTP_FILTER"}, p.ApplyTo) && !inside {
				found = append(found, p)
			}
		}
	}
	require.Len(t, found, 3)
	all, err := json.Marshal(found)
	require.NoError(t, err)
	return string(all)
}

// Which changes end long streams: every member of a policy is tried, and the page has the same
// ones.
func TestWhatChangesTheListeners(t *testing.T) {
	changes := map[string]struct {
		change func(*policy.Policy)
		drains bool
	}{
		"providers":        {change: func(p *policy.Policy) { p.Providers[0].Endpoint.Host = "other.example" }},
		"models":           {change: func(p *policy.Policy) { p.Models = nil }},
		"default_provider": {change: func(p *policy.Policy) { p.DefaultProvider = "anthropic" }},
		"identity":         {change: func(p *policy.Policy) { p.Identity[0].Header = "x-other" }},
		"budgets":          {change: func(p *policy.Policy) { p.Budgets[0].Limit /= 2 }},
		"budget":           {change: func(p *policy.Policy) { p.Budget.Hold *= 2 }},
		"counting":         {change: func(p *policy.Policy) { p.Counting = policy.CountLazy }},
		"companion":        {change: func(p *policy.Policy) { p.Companion.Endpoint.Port++ }},
		"cache":            {change: func(p *policy.Policy) { p.Cache = nil }},
		"guards":           {change: func(p *policy.Policy) { p.Guards = nil }},
		"prices": {change: func(p *policy.Policy) {
			p.Prices = append(p.Prices, policy.Price{Model: "house-model", Input: 1, Output: 1, CachedInput: 1})
		}},
		"records.companion":    {change: func(p *policy.Policy) { p.Records.Companion = false }},
		"records.access_log":   {change: func(p *policy.Policy) { p.Records.AccessLog = false }, drains: true},
		"limits.request_body":  {change: func(p *policy.Policy) { p.Limits.RequestBody = 99 << 20 }, drains: true},
		"limits.response_body": {change: func(p *policy.Policy) { p.Limits.ResponseBody = 99 << 20 }, drains: true},
		"limits.stream":        {change: func(p *policy.Policy) { p.Limits.Stream *= 2 }},
	}
	var want, members []string
	o := fullOptions()
	o.CompanionImage = ""
	was := istio(t, parsed(t, meshPolicy), o)
	for name, row := range changes {
		p := parsed(t, meshPolicy)
		row.change(p)
		is := istio(t, p, o)
		require.NotEqual(t, was, is, "%s is changed", name)
		require.Equal(t, row.drains, inListeners(t, was) != inListeners(t, is), name)
		if row.drains {
			want = append(want, name)
		}
		members = append(members, name)
	}

	var shape struct {
		Properties map[string]struct{ Properties map[string]any }
	}
	require.NoError(t, json.Unmarshal(schema.JSON(), &shape))
	var all []string
	for name, member := range shape.Properties {
		switch name {
		case "version", "hold_headers": // the full set has one of each
		case "limits", "records":
			for inner := range member.Properties {
				all = append(all, name+"."+inner)
			}
		default:
			all = append(all, name)
		}
	}
	require.ElementsMatch(t, all, members)

	// Of what is no policy, the name alone.
	for change, drains := range map[string]bool{"name": true, "module": false, "host": false, "path": false, "unfiltered": false} {
		o, plain := o, o
		switch change {
		case "name":
			o.Name = "team-a"
		case "module":
			o.SHA256 = strings.Repeat("b", 64)
		case "host":
			o.Hosts = append(o.Hosts[:1:1], "other.example.com")
		case "path":
			o.Paths = []string{"/v1/"}
		case "unfiltered":
			o.Unfiltered = "pass"
		}
		is := istio(t, parsed(t, meshPolicy), o)
		require.Equal(t, drains, inListeners(t, istio(t, parsed(t, meshPolicy), plain)) != inListeners(t, is), change)
	}

	page, err := os.ReadFile("../docs/istio.md")
	require.NoError(t, err)
	row := regexp.MustCompile(`(?m)^\| of a policy ([^|]*)\| drained`).FindStringSubmatch(string(page))
	require.NotNil(t, row)
	var said []string
	for _, m := range regexp.MustCompile("`([a-z_.]+)`").FindAllStringSubmatch(row[1], -1) {
		said = append(said, m[1])
	}
	require.ElementsMatch(t, want, said)
}
