package gateway_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"github.com/sluice-gateway/sluice/gateway"
	"github.com/sluice-gateway/sluice/policy/source"
)

const ruled = `
version: 1
providers:
  a: {dialect: openai, endpoint: "https://a.example", credential: {env: OPENAI_API_KEY}}
  b: {dialect: openai, endpoint: "https://b.example", credential: {env: SECOND_API_KEY}}
  c: {dialect: openai, endpoint: "https://c.example", credential: {env: NOT_SET}}
models:
  m:
    targets: [{provider: a, model: gpt-4o}, {provider: b, model: gpt-4o}, {provider: c, model: gpt-4o}]
    rules:
      - {name: big, when: {input_over: 100}, targets: [b/gpt-4o]}
      - {name: pictures, when: {images: true}, targets: [b/gpt-4o]}
      - {name: tools, when: {tools: true}, targets: [b/gpt-4o]}
      - {name: tier, when: {header: {X-Tier: gold}}, targets: [b/gpt-4o, a/gpt-4o]}
      - {name: nobody, when: {identity: {team: blue}}, targets: [c/gpt-4o]}
      - {name: low, when: {budget: b, budget_below: 50}, targets: [b/gpt-4o]}
identity:
  team: {header: x-team, verified: true}
budgets: [{name: b, unit: tokens, limit: 10000, calendar: month}]
`

// The first rule that a request is as says where it may go.
func TestRules(t *testing.T) {
	ask := func(w *world, members string, more ...string) *call {
		return w.post(chat, `{"model":"m","max_tokens":50,`+members+`}`, more...)
	}
	const hi = `"messages":[{"role":"user","content":"hi"}]`
	const tools = hi + `,"tools":[{"type":"function","function":{"name":"f","parameters":{}}}]`
	const picture = `"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://x.example/p.png","detail":"low"}}]}]`
	for _, row := range []struct {
		name, members string
		headers       []string
		rule, host    string
	}{
		{"none", hi, nil, "", "a.example"},
		{"long", `"messages":[{"role":"user","content":"` + strings.Repeat("many words ", 100) + `"}]`, nil, "big", "b.example"},
		{"tools", tools, nil, "tools", "b.example"},
		{"header", hi, []string{"x-tier", "gold"}, "tier", "b.example"},
		{"another value", hi, []string{"x-tier", "Gold"}, "", "a.example"},
		{"the first counts", tools, []string{"x-tier", "gold", "x-team", "blue"}, "tools", "b.example"},
	} {
		t.Run(row.name, func(t *testing.T) {
			w := newWorld(t, ruled)
			c := ask(w, row.members, row.headers...)
			require.Nil(t, c.reply, c.replyBody())
			require.Equal(t, row.host, c.headers[":authority"])
			c.respond("200", "application/json").stream(true, goodBody)
			require.Equal(t, row.rule, c.seen["x-sluice-rule"])
			r := c.done()
			if row.rule != "" {
				require.Equal(t, int64(1), r.samples["sluice_rules_total;rule="+row.rule+";"])
			}
		})
	}
	t.Run("pictures", func(t *testing.T) {
		c := ask(newWorld(t, strings.Replace(ruled, "input_over: 100", "input_over: 9000", 1)), picture)
		require.Nil(t, c.reply, c.replyBody())
		c.respond("200", "application/json").stream(true, goodBody)
		require.Equal(t, "pictures", c.seen["x-sluice-rule"])
	})
	t.Run("no usable target", func(t *testing.T) {
		w := newWorld(t, ruled)
		c := ask(w, hi, "x-team", "blue")
		require.Equal(t, 503, c.reply.Status)
		require.Equal(t, "credential_missing", gjson.Get(c.replyBody(), "error.code").Str)
		r := c.done()
		require.Empty(t, r.Budgets)
		require.Equal(t, "c", r.Provider)
	})
	t.Run("budget", func(t *testing.T) {
		w := newWorld(t, ruled)
		for spent := 18; ; spent += 18 {
			c := ask(w, hi).respond("200", "application/json").stream(true, goodBody)
			require.Equal(t, spent-18 > 5000, c.seen["x-sluice-rule"] == "low", "%d", spent)
			c.done()
			if spent > 5100 {
				break
			}
		}
	})
	t.Run("the state of the budget is unknown", func(t *testing.T) {
		w := newWorld(t, ruled)
		w.store = brokenStore{}
		w.load(ruled)
		c := ask(w, hi)
		require.Equal(t, 503, c.reply.Status)
		require.Equal(t, "store_error", c.done().Failure)
		w.load(ruled + "budget: {on_store_error: allow}\n")
		require.Equal(t, "a.example", ask(w, hi).headers[":authority"])
	})
}

// One target of several without a credential, or without a price where a budget is in
// dollars, is left out; where all are the client is told.
func TestTargetsThatCannotServe(t *testing.T) {
	const text = `
version: 1
providers:
  a: {dialect: openai, endpoint: "https://a.example", credential: {env: NOT_SET}}
  b: {dialect: openai, endpoint: "https://b.example"}
models:
  m: {targets: [{provider: a, model: gpt-4o}, {provider: b, model: unheard-of}, {provider: b, model: gpt-4o}]}
  small: {targets: [{provider: b, model: gpt-4o, context_window: 100}, {provider: b, model: gpt-4o-mini}]}
  smaller: {targets: [{provider: b, model: gpt-4o, context_window: 100}]}
default_provider: b
budgets: [{name: d, unit: usd, limit: 1, calendar: month}]
`
	w := newWorld(t, text)
	c := w.post(chat, asksFor("m", false))
	require.Equal(t, "b.example", c.headers[":authority"])
	require.Equal(t, "gpt-4o", gjson.Get(c.sent, "model").Str)
	c = w.post(chat, asksFor("unheard-of", false))
	require.Equal(t, 400, c.reply.Status)
	require.Equal(t, "price_unknown", gjson.Get(c.replyBody(), "error.code").Str)
	w.load(text + "budget: {on_unknown_price: allow}\n")
	require.Equal(t, "unheard-of", gjson.Get(w.post(chat, asksFor("m", false)).sent, "model").Str)

	w = newWorld(t, text)
	require.Equal(t, "gpt-4o", gjson.Get(w.post(chat, asksFor("small", false)).sent, "model").Str)
	wide := strings.Replace(asksFor("small", false), "50", "100", 1)
	require.Equal(t, "gpt-4o-mini", gjson.Get(w.post(chat, wide).sent, "model").Str, "the output has to fit too")
	long := strings.Replace(asksFor("small", false), "hi", strings.Repeat("word ", 100), 1)
	require.Equal(t, "gpt-4o-mini", gjson.Get(w.post(chat, long).sent, "model").Str)
	c = w.post(chat, strings.Replace(long, "small", "smaller", 1))
	require.Equal(t, 400, c.reply.Status)
	require.Equal(t, "context_length_exceeded", gjson.Get(c.replyBody(), "error.code").Str)
}

// The cheapest target comes first, the price of what its answers are expected to be long.
func TestByCost(t *testing.T) {
	const text = `
version: 1
providers:
  a: {dialect: openai, endpoint: "https://a.example"}
  b: {dialect: openai, endpoint: "https://b.example"}
models:
  m: {strategy: cost, targets: [{provider: a, model: dear}, {provider: b, model: cheap}]}
prices:
  dear:  {input: 1, output: 10}
  cheap: {input: 1, output: 2}
`
	w := newWorld(t, text)
	ask := func(completion int) string {
		c := w.post(chat, asksFor("m", false)).respond("200", "application/json").
			stream(true, strings.Replace(goodBody, `"completion_tokens":7`, fmt.Sprintf(`"completion_tokens":%d`, completion), 1))
		c.done()
		return c.headers[":authority"]
	}
	require.Equal(t, "b.example", ask(50))
	require.Equal(t, "b.example", ask(50))

	// Where the one that is cheap by the token is known to say more, it is the dearer one.
	w = newWorld(t, strings.Replace(text, "input: 1, output: 10", "input: 1, output: 3", 1))
	require.Equal(t, "b.example", ask(50))
	w.load(strings.Replace(text, "input: 1, output: 10", "input: 1, output: 1", 1))
	require.Equal(t, "a.example", ask(2))
	w.load(strings.Replace(text, "input: 1, output: 10", "input: 1, output: 3", 1))
	require.Equal(t, "a.example", ask(2), "2 tokens at 3 against 50 at 2")
}

// A conversation stays with the target that answered it; another caller's does not.
func TestAffinity(t *testing.T) {
	const text = `
version: 1
providers:
  a: {dialect: openai, endpoint: "https://a.example"}
  b: {dialect: openai, endpoint: "https://b.example"}
models:
  m: {strategy: weighted, affinity: 5m, targets: [{provider: a, model: gpt-4o}, {provider: b, model: gpt-4o}]}
identity:
  team: {header: x-team, verified: true}
`
	w := newWorld(t, text)
	ask := func(team, opening, rest string) string {
		c := w.post(chat, `{"model":"m","messages":[{"role":"user","content":"`+opening+`"}`+rest+`]}`, "x-team", team)
		require.Nil(t, c.reply)
		c.respond("200", "application/json").stream(true, goodBody)
		c.done()
		return c.headers[":authority"]
	}
	first := ask("red", "hello", "")
	rest := ""
	for range 40 {
		rest += `,{"role":"assistant","content":"yes"},{"role":"user","content":"and?"}`
		require.Equal(t, first, ask("red", "hello", rest))
	}
	others := map[string]bool{}
	for i := range 40 {
		others[ask(fmt.Sprint("team-", i), "hello", "")] = true
	}
	require.Len(t, others, 2)
	w.now += 6 * 60_000
	later := map[string]bool{}
	for range 40 {
		later[ask("red", "hello", "")] = true
		w.now += 6 * 60_000
	}
	require.Len(t, later, 2, "after its time a conversation is free again")
}

// Whatever a request says, it goes to a target of the policy in an order that the rendered
// configuration has a cluster for, with that target's credential.
func TestOnlyWhereThePolicySays(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	pick := func(s ...string) string { return s[random.IntN(len(s))] }
	keys := map[string]string{"p0": "sk-ours", "p1": "key-second", "p2": "", "p3": "sk-ant-ours"}
	headers := map[string]string{"p0": "authorization", "p1": "x-other", "p3": "x-api-key"}
	tricks := []string{"x-sluice-cluster", "x-sluice-provider", "x-sluice-retry", "x-envoy-original-dst-host", "x-envoy-max-retries", "x-envoy-retry-on",
		"x-envoy-upstream-alt-stat-name", "host", "x-forwarded-host", "x-original-url", "x-other", "x-api-key", "authorization", "api-key"}
	rounds := 300
	if testing.Short() {
		rounds = 60
	}
	for range rounds {
		text := `
version: 1
providers:
  p0: {dialect: openai, endpoint: "https://p0.example", credential: {env: OPENAI_API_KEY}}
  p1: {dialect: openai, endpoint: "https://p1.example/base", credential: {env: SECOND_API_KEY, header: x-other}}
  p2: {dialect: openai, endpoint: "http://p2.example:81"}
  p3: {dialect: anthropic, endpoint: "https://p3.example", credential: {env: ANTHROPIC_API_KEY}}
models:
`
		for m := range 3 {
			var targets, names []string
			for _, p := range random.Perm(4)[:1+random.IntN(4)] {
				model := pick("gpt-4o", "gpt-4o-mini")
				if p == 3 {
					model = "claude-haiku-4-5"
				}
				targets = append(targets, fmt.Sprintf("{provider: p%d, model: %s, weight: %d}", p, model, 1+random.IntN(9)))
				names = append(names, fmt.Sprintf("p%d/%s", p, model))
			}
			text += fmt.Sprintf("  m%d:\n    strategy: %s\n    targets: [%s]\n", m, pick("ordered", "weighted", "cost", "latency"), strings.Join(targets, ", "))
			if random.IntN(2) == 0 {
				text += fmt.Sprintf("    retry: {attempts: %d}\n", 1+random.IntN(4))
			}
			if random.IntN(2) == 0 {
				random.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
				text += fmt.Sprintf("    rules: [{name: r, when: {tools: true}, targets: [%s]}]\n", strings.Join(names[:1+random.IntN(len(names))], ", "))
			}
		}
		w := newWorld(t, text)
		p, err := source.Policy([]byte(text))
		require.NoError(t, err)
		var clusters []string
		for _, order := range gateway.AttemptOrders(p) {
			clusters = append(clusters, gateway.AttemptsCluster(order))
		}
		for range 20 {
			var more []string
			for range random.IntN(4) {
				more = append(more, tricks[random.IntN(len(tricks))], pick("p0", "evil.example", "sluice_provider_p0", "sluice_attempts_p0~p1", "9", "5xx"))
			}
			tools := pick("", `,"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}]`)
			path := pick(chat, messages) + pick("", "?api-version=evil", "?x=https://evil.example")
			c := w.post(path, `{"model":"`+pick("m0", "m1", "m2")+`","max_tokens":9,"messages":[{"role":"user","content":"hi"}]`+tools+`}`, more...)
			if c.reply != nil {
				require.NotEqual(t, 200, c.reply.Status)
				continue
			}
			cluster := c.headers[gateway.ClusterHeader]
			if name, ok := strings.CutPrefix(cluster, gateway.ClusterPrefix); ok {
				goesTo(t, name, c.headers, keys, headers)
				require.NotContains(t, c.headers, "x-envoy-max-retries")
				c.respond("200", "application/json").stream(true, goodBody).done()
				continue
			}
			require.True(t, slices.Contains(clusters, cluster), "%s\n%s", cluster, text)
			var answers []answer
			for range strings.Split(cluster, "~") {
				answers = append(answers, jsonAnswer(pick("500", "429", "504"), ourError))
			}
			c.followAsFar(answers...)
			for _, one := range c.tries {
				goesTo(t, one.provider, one.headers, keys, headers)
			}
			require.NotEqual(t, "200", c.seen[":status"])
			c.request.Done(w.now, false)
		}
	}
}

// goesTo checks whom a request goes to, and that no other provider's key goes with it.
func goesTo(t testing.TB, provider string, sent, keys, headers map[string]string) {
	require.Equal(t, provider+".example", strings.TrimSuffix(sent[":authority"], ":81"))
	require.True(t, strings.HasPrefix(sent[":path"], "/v1/") || strings.HasPrefix(sent[":path"], "/base/v1/"), sent[":path"])
	for name, value := range sent {
		for other, key := range keys {
			if key == "" || !strings.Contains(value, key) {
				continue
			}
			require.Equal(t, provider, other, "%s: %s", name, value)
			require.Equal(t, headers[provider], name)
		}
	}
	if key := keys[provider]; key != "" {
		require.Contains(t, sent[headers[provider]], key)
	}
}
