package e2e

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/replay"
)

// judged is a policy with a rule for answers that wants another attempt, and a budget that
// refuses the fourth request of a key.
var judged = func() string {
	text := others + "  - {name: three, per: [key, ant-key], unit: requests, limit: 3, calendar: month}\n" +
		"guards:\n  answers: [{name: spoken, deny_words: [three days], action: retry, window: 64}]\nmodels:\n"
	for _, p := range pairs {
		for _, inline := range []string{"", "-inline"} {
			text += fmt.Sprintf("  %s%s:\n    targets: [{provider: %s, model: %s}, {provider: %s, model: %s}]\n    drop: [\"*\"]\n    retry: {attempts: 2, per_try: 20s, first_token: 20s}\n",
				p.name, inline, p.first, p.firstModel, p.second, p.secondModel)
			if inline != "" {
				text += "    failover: inline\n"
			}
		}
	}
	return text
}()

// An answer that breaks the rule is followed by another provider's, and the client sees none
// of it; where that breaks it too it is blocked. Each is charged once.
func TestAnswersAreTriedAgain(t *testing.T) {
	eachGateway(t, judged, func(t *testing.T, g *gateway) {
		for _, p := range pairs {
			for _, d := range []dialect{openAI, anthropic} {
				for _, form := range []string{"whole", "stream", "inline"} {
					for _, both := range []bool{false, true} {
						t.Run(fmt.Sprint(p.name, d.name, form, both), func(t *testing.T) {
							c := call{client: d, model: p.name, stream: form == "stream", at: map[string]string{"alpha": "no_object"}}
							if form == "inline" {
								c.model += "-inline"
							}
							want := []string{p.first + "/" + p.firstModel + " guard", p.second + "/" + p.secondModel + " ok"}
							if both {
								c.at["beta"], want[1] = "no_object", p.second+"/"+p.secondModel+" guard"
							}
							a, _ := g.call(t, c)
							r := g.record(t, a.name)
							require.Equal(t, want, attemptsOf(r))
							require.NotContains(t, a.body, "three days")
							if both {
								require.Equal(t, 400, a.status, a.body)
								require.Contains(t, a.body, "(spoken)")
								require.Equal(t, "blocked", r.End)
							} else {
								checkAnswer(t, d, a, c.stream, says("beta"))
								require.Equal(t, "complete", r.End)
							}
							for _, attempt := range r.Attempts {
								require.Positive(t, attempt.Tokens)
							}
							checkBudget(t, g, r)
						})
					}
				}
			}
		}
	})
}

// What Envoy has written down comes to the same under the same policy.
func TestReplayOfRecords(t *testing.T) {
	eachGateway(t, judged, func(t *testing.T, g *gateway) {
		var names []string
		for round := range 3 {
			key := clientKey + newName(t)
			for n := range 5 {
				d := []dialect{openAI, anthropic}[round%2]
				a, _ := g.call(t, call{client: d, model: "oo", stream: n%2 == 0, key: key})
				require.Equal(t, n < 3, a.status == 200, a.body)
				g.record(t, a.name)
				names = append(names, a.name)
			}
		}
		var lines, refused []string
		cost := int64(0)
		for line := range strings.Lines(g.envoy.Stdout()) {
			if !slices.ContainsFunc(names, func(name string) bool { return strings.Contains(line, `"case":"`+name+`"`) }) {
				continue
			}
			var r struct {
				ID, Code string
				Tokens   struct{ Input, Output int64 }
			}
			require.NoError(t, json.Unmarshal([]byte(line), &r))
			if lines = append(lines, line); r.Code == "budget_exceeded" {
				refused = append(refused, r.ID)
			}
			cost += r.Tokens.Input + r.Tokens.Output
		}
		require.Len(t, lines, len(names))
		in := replay.Input{}
		require.NoError(t, in.Read("stdout", strings.NewReader(strings.Join(lines, ""))))
		report, err := replay.Run(g.policy, &in, replay.Options{})
		require.NoError(t, err)
		require.Empty(t, report.Bad)
		require.Len(t, refused, 6)
		require.ElementsMatch(t, refused, report.RefusedIDs)
		require.Equal(t, report.Then.Cost, report.Now.Cost)
		require.Positive(t, report.Now.Cost)
		require.Equal(t, cost, report.Now.Input+report.Now.Output)
	})
}
