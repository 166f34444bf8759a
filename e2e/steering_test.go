package e2e

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/internal/envoy"
)

// arrivals are how many requests of a name have come to each server.
func (g *gateway) arrivals(t *testing.T, name string) map[string]int {
	t.Helper()
	n := map[string]int{}
	for _, server := range otherNames {
		if came := len(g.asked(t, server, name)); came > 0 {
			n[server] = came
		}
	}
	return n
}

// TestNobodySteers holds that nothing in a request but its model's name, as the policy has
// it, says where it goes, as whom and how often.
func TestNobodySteers(t *testing.T) {
	eachGateway(t, routed, func(t *testing.T, g *gateway) {
		gamma := g.others["gamma"].Addr()
		headers := []map[string]string{
			{"x-sluice-cluster": "sluice_provider_gamma"},
			{"x-sluice-cluster": "sluice_attempts_gamma"},
			{"x-sluice-retry": "1", "x-sluice-provider": "gamma", "x-sluice-model": "gpt-4o"},
			{"x-envoy-retry-on": "5xx,retriable-4xx,retriable-status-codes,retriable-headers", "x-envoy-max-retries": "7",
				"x-envoy-retriable-status-codes": "400,500", "x-envoy-retriable-header-names": "content-type"},
			{"x-envoy-upstream-rq-per-try-timeout-ms": "1", "x-envoy-upstream-rq-timeout-ms": "1", "x-envoy-hedge-on-per-try-timeout": "true"},
			{"x-envoy-original-dst-host": gamma, "x-envoy-original-path": "/elsewhere", "x-envoy-upstream-alt-stat-name": "x"},
			{"x-forwarded-host": gamma, "x-forwarded-proto": "https", "forwarded": "host=" + gamma, "x-original-url": "http://" + gamma + "/", "x-rewrite-url": "/elsewhere"},
			{"authorization": "Bearer " + clientKey + "a", "x-api-key": clientKey + "b", "api-key": clientKey + "c", "cookie": clientKey + "d"},
		}
		bodies := []string{``, `"provider":"gamma"`, `"base_url":"http://` + gamma + `","api_base":"http://` + gamma + `","api_key":"x"`, `"metadata":{"provider":"gamma","url":"http://` + gamma + `"}`}
		for _, c := range []struct {
			client          dialect
			model, provider string
			target          string
		}{
			{openAI, "steady", "alpha", "gpt-4o-mini"},
			{anthropic, "steady-ant", "alpha-ant", "claude-haiku-4-5"},
			{anthropic, "over-openai", "beta", "gpt-4o-mini"},
			{openAI, "over-anthropic", "beta-ant", "claude-haiku-4-5"},
		} {
			server, _ := strings.CutSuffix(c.provider, "-ant")
			for i, header := range headers {
				for _, behaviour := range []string{"free", "500", "closed_first"} {
					a, prompt := g.call(t, call{client: c.client, model: c.model, stream: i%2 == 0, header: header, at: map[string]string{server: behaviour}})
					require.Equal(t, map[string]int{server: 1}, g.arrivals(t, a.name), "%s %s %v", c.model, behaviour, header)
					checkAsked(t, g, g.asked(t, server, a.name)[0], c.provider, c.target, prompt, i%2 == 0)
					if behaviour == "free" {
						require.Equal(t, 200, a.status, a.body)
					} else if behaviour == "500" {
						require.Equal(t, 500, a.status)
					}
					r := g.record(t, a.name)
					require.Len(t, r.Attempts, 1)
					if _, ok := header["authorization"]; !ok { // which makes it one key of many requests
						checkBudget(t, g, r)
					}
				}
			}
			for _, more := range bodies {
				a, _ := g.call(t, call{client: c.client, model: c.model, more: more})
				for name := range g.arrivals(t, a.name) {
					require.Equal(t, server, name, more)
				}
			}
		}
	})
}

// TestModelNamesAreNames holds that a model's name is looked up as a whole, and that what
// is not found goes nowhere.
func TestModelNamesAreNames(t *testing.T) {
	eachGateway(t, routed, func(t *testing.T, g *gateway) {
		gamma := g.others["gamma"].Addr()
		for _, name := range []string{"gamma", "gamma/three", "gamma-ant", "sluice_provider_gamma", "sluice_attempts_gamma", "oo~gamma", "../oo", "oo/", "/oo", "oo ", " oo", "OO",
			"oo\n", "oo\r\nx-sluice-cluster: sluice_provider_gamma", "oo\x00", "http://" + gamma + "/oo", "{model}", "*", strings.Repeat("o", 10_000)} {
			quoted, err := json.Marshal(name)
			require.NoError(t, err)
			for _, d := range []dialect{openAI, anthropic} {
				prompt := newName(t)
				a := g.send(t, request{path: d.path, body: fmt.Sprintf(`{"model":%s,"max_tokens":9,"messages":[{"role":"user","content":"case %s;"}]}`, quoted, prompt)})
				want := 404
				if strings.ContainsAny(name, "\n\x00") || len(name) > 1000 { // what is no name
					want = 400
				}
				require.Equal(t, want, a.status, "%q: %s", name, a.body)
				a.problem(t, d)
				require.Empty(t, g.arrivals(t, prompt), "%q", name)
				g.record(t, a.name)
			}
		}
	})
}

// TestHostsAreNotBelieved holds that a request's host, in whatever form, is nothing that a
// provider's is made of.
func TestHostsAreNotBelieved(t *testing.T) {
	eachGateway(t, routed, func(t *testing.T, g *gateway) {
		gamma := g.others["gamma"].Addr()
		for _, c := range []struct{ target, host string }{
			{"/v1/chat/completions", gamma},
			{"http://" + gamma + "/v1/chat/completions", gamma},
			{"http://" + gamma + "/v1/chat/completions", "gateway"},
			{"/v1/chat/completions", "gateway\r\nx-forwarded-host: " + gamma},
		} {
			prompt := newName(t)
			body := `{"model":"steady","messages":[{"role":"user","content":"case ` + prompt + `;"}]}`
			a := g.sendRaw(t, fmt.Sprintf("POST %s HTTP/1.1\r\nhost: %s\r\nx-case: {name}\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s", c.target, c.host, len(body), body))
			require.Equal(t, 200, a.status, a.body)
			require.Equal(t, map[string]int{"alpha": 1}, g.arrivals(t, prompt))
			require.Equal(t, g.others["alpha"].Addr(), g.asked(t, "alpha", prompt)[0].Host)
		}
	})
}

// TestKeysOfAttempts holds that each provider has only ever seen its own keys, whatever the
// tests have made of them, and that nobody else has seen one.
func TestKeysOfAttempts(t *testing.T) {
	eachGateway(t, routed, func(t *testing.T, g *gateway) {
		var answers []answer
		for _, f := range failures {
			if f.brief || f.ends != "" {
				continue
			}
			for _, p := range pairs {
				a, _ := g.call(t, call{client: openAI, model: p.name, stream: f.only == "stream", at: map[string]string{"alpha": f.name, "beta": f.name}})
				answers = append(answers, a)
			}
		}
		for _, name := range otherNames {
			own := []string{otherKey(name), otherKey(name + "-ant")}
			for _, r := range g.others[name].Requests() {
				if strings.HasPrefix(r.Path, "/base-") {
					require.True(t, strings.HasPrefix(r.Path, "/base-"+name), r.Path)
				}
				for header, values := range r.Header {
					for _, value := range values {
						if at := strings.Index(value, "sk-"); at >= 0 && header != "X-Case" {
							require.Contains(t, own, value[at:], "%s at %s", header, name)
						}
					}
				}
			}
		}
		metrics, err := g.envoy.Prometheus(t.Context())
		require.NoError(t, err)
		places := map[string]string{"records": g.envoy.Stdout(), "log": g.envoy.Stderr(), "metrics": metrics, "configuration": g.admin(t, "/config_dump"), "clusters": g.admin(t, "/clusters")}
		for _, a := range answers {
			places["answer to "+a.name] = fmt.Sprint(a.body, a.header)
		}
		for where, text := range places {
			for _, secret := range []string{"provider-key-of", clientKey} {
				require.False(t, strings.Contains(text, secret), "%s in the %s", secret, where)
			}
		}
	})
}

// TestAttemptsAreCounted holds the metrics of failover against the records: its providers
// and its rule are of this test alone.
func TestAttemptsAreCounted(t *testing.T) {
	eachGateway(t, routed, func(t *testing.T, g *gateway) {
		want := map[string]int64{}
		for i, behaviour := range []string{"free", "500", "429", "closed_first", "no_words", "400", "error_event", "text", "free"} {
			for _, d := range []dialect{openAI, anthropic} {
				a, _ := g.call(t, call{client: d, model: "metered", stream: i%2 == 0, at: map[string]string{"alpha": behaviour}, header: map[string]string{"x-metered": fmt.Sprint(i%3 == 0)}})
				r := g.record(t, a.name)
				for _, attempt := range r.Attempts {
					reason := attempt.Reason
					if reason == "" {
						reason = "ok"
					}
					want[`sluice_attempts_total{provider="`+attempt.Provider+`",reason="`+reason+`"}`]++
					want["tokens of "+attempt.Provider] += attempt.Tokens
				}
				if r.Rule != "" {
					require.Equal(t, "metered-rule", r.Rule)
					want[`sluice_rules_total{rule="metered-rule"}`]++
				}
			}
		}
		require.Positive(t, want[`sluice_rules_total{rule="metered-rule"}`])
		require.Positive(t, want[`sluice_attempts_total{provider="meter-b",reason="ok"}`])
		soon(t, func() bool {
			text, err := g.envoy.Prometheus(t.Context())
			if err != nil {
				return false
			}
			got := map[string]int64{}
			for line := range strings.Lines(envoy.WithoutPlace(text)) {
				name, value, _ := strings.Cut(strings.TrimSpace(line), "} ")
				if !strings.Contains(name, "meter") {
					continue
				}
				var n int64
				_, _ = fmt.Sscan(value, &n)
				switch {
				case strings.HasPrefix(name, "sluice_tokens_total"):
					for _, provider := range []string{"meter-a", "meter-b"} {
						if strings.Contains(name, `provider="`+provider+`"`) {
							got["tokens of "+provider] += n
						}
					}
				case strings.HasPrefix(name, "sluice_attempts_total"), strings.HasPrefix(name, "sluice_rules_total"):
					got[name+"}"] = n
				}
			}
			for name, n := range want {
				if got[name] != n {
					return false
				}
			}
			for name := range got {
				if _, ok := want[name]; !ok {
					return false
				}
			}
			return true
		}, "metrics like the records: %v", want)
	})
}
