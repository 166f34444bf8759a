package conformance

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"github.com/sluice-gateway/sluice/internal/mock"
	"github.com/sluice-gateway/sluice/policy/source"
)

// What a scenario has to have, so that its cells mean what they say.
func TestScenarios(t *testing.T) {
	names := map[string]bool{}
	needed := map[Feature]bool{}
	for _, topic := range Topics {
		for _, s := range topic.Scenarios {
			t.Run(s.Name, func(t *testing.T) {
				require.False(t, names[s.Name], "two of one name")
				names[s.Name] = true
				require.NotContains(t, s.Name, "|")
				require.Contains(t, Policies, s.On)
				require.NotEmpty(t, s.Steps)
				require.Len(t, s.Without, len(s.Needs), "what is seen without each of its needs, and without nothing else")
				for _, f := range s.Needs {
					needed[f] = true
					require.NotEmpty(t, s.Without[f], f)
					require.LessOrEqual(t, len(s.Without[f]), len(s.Steps))
					differs := false
					for i := range s.Without[f] {
						require.Positive(t, s.Without[f][i].Status)
						differs = differs || !equal(s.Without[f][i], s.Steps[i].Want)
					}
					require.True(t, differs, "without %s the same is seen", f)
				}
				for name, script := range s.Providers {
					require.Contains(t, servers, name)
					_, err := mock.ParseScript(script)
					require.NoError(t, err)
				}
				for _, step := range s.Steps {
					require.True(t, step.Status > 0 || step.Status == Unreachable || step.LeavesFirst || step.LeavesEarly)
					model := gjson.Get(step.Request.Body, "model").Str
					require.True(t, step.Leaves == "" || strings.Contains(step.Request.Body, stream))
					require.True(t, model == "" || len(step.Sent) == 0 || step.Record != nil || strings.HasSuffix(step.Request.Path, "/count_tokens"), "a call has a record")
				}
			})
		}
	}
	require.Greater(t, len(names), 80)
	for _, tier := range Tiers {
		for f, why := range tier.Lacks {
			require.True(t, needed[f], "no scenario shows that %s lacks %q", tier.Name, f)
			require.NotRegexp(t, regexp.MustCompile(`[|.]$|^$`), why)
		}
	}
	for _, p := range Policies {
		_, err := source.Policy([]byte(strings.ReplaceAll(p.Text, "http://companion", "http://127.0.0.1:8090")))
		require.NoError(t, err, p.Name)
	}
}

// equal compares what can be told from outside.
func equal(a, b Want) bool {
	return a.Status == b.Status && a.Text == b.Text && a.Error == b.Error && a.Broken == b.Broken && a.Unfinished == b.Unfinished &&
		slices.EqualFunc(a.Sent, b.Sent, func(a, b Sent) bool { return a.To == b.To && mapsEqual(a.Header, b.Header) }) && mapsEqual(a.Header, b.Header) && mapsEqual(a.Record, b.Record)
}

func mapsEqual(a, b fields) bool {
	return slices.Equal(sorted(a), sorted(b))
}

func sorted(m fields) (list []string) {
	for name, value := range m {
		list = append(list, name+"="+value)
	}
	slices.Sort(list)
	return list
}
