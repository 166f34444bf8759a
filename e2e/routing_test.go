package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// routing are the models of the policy routed for each way to route. Each of their targets
// is of one test alone, so that no test sees what another one has made of a target's health.
const routing = `
  shares:
    strategy: weighted
    targets:
      - {provider: alpha,     model: share-alpha, weight: 6}
      - {provider: beta,      model: share-beta,  weight: 3}
      - {provider: gamma-ant, model: share-gamma, weight: 1}
  thrifty:
    strategy: cost
    targets: [{provider: alpha, model: dear}, {provider: beta, model: cheap}]
  fast:
    strategy: latency
    targets: [{provider: alpha, model: slow-alpha}, {provider: beta, model: fast-beta}]
  ruled:
    targets:
      - {provider: alpha, model: plain}
      - {provider: beta,  model: long}
      - {provider: gamma, model: tools}
      - {provider: beta,  model: team}
      - {provider: gamma, model: frugal}
    rules:
      - {name: gold,    when: {header: {x-class: gold}}, targets: [beta/team]}
      - {name: tooled,  when: {tools: true}, targets: [gamma/tools]}
      - {name: long,    when: {input_over: 500}, targets: [beta/long]}
      - {name: frugal,  when: {budget: spare, budget_below: 51}, targets: [gamma/frugal]}
  start:
    targets: [{provider: alpha, model: one}, {provider: beta-ant, model: two}, {provider: gamma, model: three}]
    rules:
      - {name: from-beta,  when: {header: {x-start: beta}},  targets: [beta-ant/two, gamma/three, alpha/one]}
      - {name: from-gamma, when: {header: {x-start: gamma}}, targets: [gamma/three, alpha/one, beta-ant/two]}
    cooldown: {after: 1000}
    retry: {attempts: 3}
  sticky:
    strategy: weighted
    affinity: 1h
    targets: [{provider: alpha, model: sticky-alpha}, {provider: beta, model: sticky-beta}]
  limited:
    targets: [{provider: alpha, model: limited-alpha}, {provider: beta, model: limited-beta}]
    retry: {attempts: 2}
  narrow:
    targets: [{provider: alpha, model: narrow, context_window: 300}, {provider: beta, model: wide, context_window: 100000}]
  double:
    targets: [{provider: alpha, model: first-of-two}, {provider: alpha, model: second-of-two}]
    retry: {attempts: 2}
    cooldown: {after: 1000}
  steady:     {targets: [{provider: alpha,     model: gpt-4o-mini}]}
  steady-ant: {targets: [{provider: alpha-ant, model: claude-haiku-4-5}]}
  metered:
    targets: [{provider: meter-a, model: gpt-4o-mini}, {provider: meter-b, model: gpt-4.1-nano}]
    rules: [{name: metered-rule, when: {header: {x-metered: "true"}}, targets: [meter-a/gpt-4o-mini, meter-b/gpt-4.1-nano]}]
    cooldown: {after: 1000}
    retry: {attempts: 2}
`

// target is who answered, as the client is told.
func (a answer) target() string {
	return a.header.Get("x-sluice-provider") + "/" + a.header.Get("x-sluice-model")
}

// served makes a call that must be answered by the target that the answer names, and by no
// other one.
func (g *gateway) served(t *testing.T, c call) (answer, string) {
	t.Helper()
	a, _ := g.call(t, c)
	require.Equal(t, 200, a.status, a.body)
	server, _, _ := strings.Cut(a.header.Get("x-sluice-provider"), "-")
	checkAnswer(t, c.client, a, c.stream, says(server))
	for _, name := range otherNames {
		n := len(g.asked(t, name, a.name))
		if name == server {
			require.NotZero(t, n)
		} else if a.header.Get("x-sluice-attempts") == "1" {
			require.Zero(t, n, "requests at %s", name)
		}
	}
	return a, a.target()
}

// TestShares holds that a weighted model's requests go to its targets by their weights.
func TestShares(t *testing.T) {
	const requests = 400
	eachGateway(t, routed, func(t *testing.T, g *gateway) {
		said := make([]answer, requests)
		together(requests, func(i int) {
			said[i], _ = g.call(t, call{client: []dialect{openAI, anthropic}[i%2], model: "shares", stream: i%4 < 2})
		})
		got := map[string]int{}
		for _, a := range said {
			require.Equal(t, 200, a.status, a.body)
			got[a.target()]++
		}
		// Five standard deviations: once in two million runs.
		for target, share := range map[string]float64{"alpha/share-alpha": .6, "beta/share-beta": .3, "gamma-ant/share-gamma": .1} {
			require.InDelta(t, share*requests, got[target], 50, "%v", got)
		}
	})
}

// TestCost holds that a request goes where its own tokens cost less: the one with the
// cheap input where the answer is short and the prompt long, else the other one.
func TestCost(t *testing.T) {
	eachGateway(t, routed, func(t *testing.T, g *gateway) {
		_, target := g.served(t, call{client: openAI, model: "thrifty", more: `"max_tokens":200`})
		require.Equal(t, "beta/cheap", target)
		long := `"user":"x","messages":[{"role":"user","content":"` + strings.Repeat("one more word ", 2000) + `"}],"max_tokens":1`
		a := g.send(t, request{path: openAI.path, body: `{"model":"thrifty",` + long + `}`})
		require.Equal(t, 200, a.status, a.body)
		require.Equal(t, "alpha/dear", a.target())
	})
}

// TestLatency holds that the faster of two targets is found.
func TestLatency(t *testing.T) {
	eachGateway(t, routed, func(t *testing.T, g *gateway) {
		fast := 0
		const requests = 40
		for range requests {
			a, _ := g.call(t, call{client: openAI, model: "fast", stream: true, at: map[string]string{"alpha": "slow"}})
			require.Equal(t, 200, a.status, a.body)
			if a.target() == "beta/fast-beta" {
				fast++
			}
		}
		require.Greater(t, fast, requests*3/4, "one in 16 goes elsewhere to see whether it has become faster")
	})
}

func TestRules(t *testing.T) {
	const tool = `"tools":[{"type":"function","function":{"name":"get_weather","parameters":{"type":"object","properties":{"city":{"type":"string"}}}}}]`
	eachGateway(t, routed, func(t *testing.T, g *gateway) {
		for _, c := range []struct {
			name   string
			header map[string]string
			more   string
			rule   string
			target string
		}{
			{"none", nil, "", "", "alpha/plain"},
			{"another value", map[string]string{"x-class": "golden"}, "", "", "alpha/plain"},
			{"a header", map[string]string{"x-class": "gold"}, "", "gold", "beta/team"},
			{"the first that matches", map[string]string{"x-class": "gold"}, tool, "gold", "beta/team"},
			{"tools", nil, tool, "tooled", "gamma/tools"},
			{"a long prompt", nil, `"stop":[],"messages":[{"role":"user","content":"` + strings.Repeat("word ", 600) + `"}]`, "long", "beta/long"},
		} {
			t.Run(c.name, func(t *testing.T) {
				var a answer
				if c.rule == "long" {
					a = g.send(t, request{path: openAI.path, body: `{"model":"ruled",` + c.more + `}`})
					require.Equal(t, 200, a.status, a.body)
				} else {
					a, _ = g.served(t, call{client: openAI, model: "ruled", header: c.header, more: c.more})
				}
				require.Equal(t, c.target, a.target())
				require.Equal(t, c.rule, a.header.Get("x-sluice-rule"))
				require.Equal(t, c.rule, g.record(t, a.name).Rule)
			})
		}
		t.Run("a budget that runs low", func(t *testing.T) {
			key := clientKey + newName(t)
			var got []string
			for range 4 {
				a, target := g.served(t, call{client: openAI, model: "ruled", key: key})
				got = append(got, target)
				g.record(t, a.name) // it is settled
			}
			require.Equal(t, []string{"alpha/plain", "alpha/plain", "gamma/frugal", "gamma/frugal"}, got)
		})
	})
}

// TestStart holds that a request may begin with any of three targets, and goes on in the
// order of its own from there.
func TestStart(t *testing.T) {
	ring := []string{"alpha/one", "beta-ant/two", "gamma/three"}
	eachGateway(t, routed, func(t *testing.T, g *gateway) {
		for from, name := range otherNames[:3] {
			for failing := range 3 {
				for _, d := range []dialect{openAI, anthropic} {
					for _, stream := range []bool{false, true} {
						at := map[string]string{}
						want := []string{}
						for i := range failing {
							at[otherNames[(from+i)%3]] = "500"
							want = append(want, ring[(from+i)%3]+" unavailable")
						}
						want = append(want, ring[(from+failing)%3]+" ok")
						a, target := g.served(t, call{client: d, model: "start", stream: stream, at: at, header: map[string]string{"x-start": name}})
						require.Equal(t, ring[(from+failing)%3], target)
						require.Equal(t, want, attemptsOf(g.record(t, a.name)))
					}
				}
			}
		}
	})
}

// TestAffinity holds that the turns of a conversation stay with the target that answered
// the first one, and that conversations as such are spread.
func TestAffinity(t *testing.T) {
	eachGateway(t, routed, func(t *testing.T, g *gateway) {
		found := map[string]bool{}
		for conversation := range 12 {
			key := fmt.Sprint(clientKey, newName(t))
			messages := fmt.Sprintf(`{"role":"system","content":"Be brief."},{"role":"user","content":"Conversation %d."}`, conversation)
			first := ""
			for turn := range 4 {
				a := g.send(t, request{path: openAI.path, key: key, header: map[string]string{"x-case": key}, body: `{"model":"sticky","messages":[` + messages + `]}`})
				require.Equal(t, 200, a.status, a.body)
				if first == "" {
					first = a.target()
				}
				require.Equal(t, first, a.target(), "turn %d", turn)
				messages += fmt.Sprintf(`,{"role":"assistant","content":"Yes."},{"role":"user","content":"Turn %d."}`, turn)
				g.records(t, key, turn+1) // what is known of a turn is known when it is over
			}
			found[first] = true
		}
		require.Len(t, found, 2, "all of 12 conversations with one of two: once in 2,000 runs")
	})
}

// TestCoolDown holds that a provider that asks to be left alone is.
func TestCoolDown(t *testing.T) {
	eachGateway(t, routed, func(t *testing.T, g *gateway) {
		at := map[string]string{"alpha": "429_for_a_minute"}
		a, target := g.served(t, call{client: openAI, model: "limited", at: at})
		require.Equal(t, "beta/limited-beta", target)
		require.Equal(t, "2", a.header.Get("x-sluice-attempts"))
		for _, d := range []dialect{openAI, anthropic} {
			for _, stream := range []bool{false, true} {
				a, target = g.served(t, call{client: d, model: "limited", stream: stream, at: at})
				require.Equal(t, "beta/limited-beta", target)
				require.Equal(t, "1", a.header.Get("x-sluice-attempts"))
				require.Empty(t, g.asked(t, "alpha", a.name))
			}
		}
	})
}

func TestContextWindow(t *testing.T) {
	eachGateway(t, routed, func(t *testing.T, g *gateway) {
		_, target := g.served(t, call{client: openAI, model: "narrow", more: `"max_tokens":100`})
		require.Equal(t, "alpha/narrow", target)
		_, target = g.served(t, call{client: openAI, model: "narrow", more: `"max_tokens":2000`})
		require.Equal(t, "beta/wide", target)
		a, _ := g.call(t, call{client: openAI, model: "narrow", more: `"max_tokens":200000`})
		require.Equal(t, 400, a.status, a.body)
		require.Equal(t, "context_length_exceeded", *a.problem(t, openAI).Error.Code)
	})
}

// TestTwoModelsOfOneProvider has the second target be the same provider with another model.
func TestTwoModelsOfOneProvider(t *testing.T) {
	eachGateway(t, routed, func(t *testing.T, g *gateway) {
		for _, d := range []dialect{openAI, anthropic} {
			for _, stream := range []bool{false, true} {
				a, target := g.served(t, call{client: d, model: "double", stream: stream, at: map[string]string{"alpha": "not_first_of_two"}})
				require.Equal(t, "alpha/second-of-two", target)
				require.Equal(t, []string{"alpha/first-of-two unavailable", "alpha/second-of-two ok"}, attemptsOf(g.record(t, a.name)))
				asked := g.asked(t, "alpha", a.name)
				require.Len(t, asked, 2)
				require.Equal(t, []string{"first-of-two", "second-of-two"}, []string{asked[0].Model, asked[1].Model})
			}
		}
	})
}
