package main_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"github.com/sluice-gateway/sluice/internal/wasmhost"
	"github.com/sluice-gateway/sluice/internal/wasmhost/hosttest"
)

// A configuration that is not good stops the plugin, and the log has every problem on a
// line of its own.
func TestBadConfiguration(t *testing.T) {
	good := string(configuration(t, spine))
	for _, row := range []struct {
		name, configuration string
		problems            []string // a part of each line
	}{
		{"nothing", "", []string{"the plugin's configuration is empty"}},
		{"no JSON", "role: edge", []string{"the plugin's configuration: "}},
		{"no JSON in its policy", `{"role":"edge","provider":"a","policy":{"format":99,garbage}}`, []string{"the plugin's configuration: "}},
		{"a policy that is a text", `{"role":"edge","provider":"a","policy":"{}"}`, []string{"the policy: "}},
		{"a policy of another version", `{"role":"edge","provider":"a","policy":{"format":99}}`, []string{"(format 99, and this module reads"}},
		{"something behind it", good + "x", []string{"the plugin's configuration: "}},
		{"no object", `[]`, []string{`has role ""`}},
		{"unknown role", strings.Replace(good, `"edge"`, `"ledge"`, 1), []string{`has role "ledge"; there are "edge" and "provider"`}},
		{"no role", strings.Replace(good, `"role":"edge",`, "", 1), []string{`has role ""`}},
		{"no policy", `{"role":"edge"}`, []string{"critical: sluice: "}},
		{"as people write it", `{"role":"edge","policy":{"version":1,"providers":{"a":{"dialect":"openai","endpoint":"https://a"}},"default_provider":"a"}}`,
			[]string{`the policy was rendered by another version of sluice, or by none (at "format"): render it again`}},
		{"of another version", strings.Replace(good, `"format":`, `"format":9`, 1), []string{"the policy was rendered by another version of sluice (format 9"}},
		{"one field less", strings.Replace(good, `"hold_headers":true`, `"hold":true`, 1), []string{`(at "hold_headers"): render it again`}},
		{"for a provider that its policy has not", strings.Replace(good, `{"role":"edge",`, `{"role":"edge","provider":"nobody",`, 1),
			[]string{"the plugin's configuration is for provider nobody, which its policy has not"}},
		{"a zone that the module does not know", strings.Replace(good, `"UTC"`, `"Mars/Olympus"`, 1), []string{"Mars/Olympus"}},
	} {
		for _, profile := range profiles {
			t.Run(profile.String()+"/"+row.name, func(t *testing.T) {
				m := newMachine(t, hosttest.Compile(t, "./filter"), profile)
				_, err := m.vm.Plugin([]byte(row.configuration))
				require.ErrorContains(t, err, "proxy_on_configure answered false")
				logs := m.warnings()
				require.Len(t, logs, len(row.problems), "%q", logs)
				for i, problem := range row.problems {
					require.Contains(t, strings.Join(logs, "\n"), "critical: sluice: ")
					require.True(t, strings.HasPrefix(logs[i], "critical: sluice: "))
					require.NotContains(t, logs[i], "\n")
					require.Contains(t, strings.Join(logs, "\n"), problem)
				}
			})
		}
	}
}

// A machine's name ends those of the clusters with its provider role, and no others.
func TestMachine(t *testing.T) {
	m := newMachine(t, hosttest.Compile(t, "./filter"), envoy)
	var err error
	m.plugin, err = m.vm.Plugin([]byte(strings.Replace(string(configuration(t, spine)), `{"role":"edge",`, `{"role":"edge","machine":"@1a2b",`, 1)))
	require.NoError(t, err)
	for body, want := range map[string]string{
		asksOne: "sluice_provider_openai",
		strings.Replace(asksOne, "gpt-4o", "claude-haiku-4-5", 1): "sluice_attempts_anthropic@1a2b",
	} {
		require.Equal(t, want, m.exchange(post(chat, body), json200(chatAnswer)).Upstream().Headers.Get("x-sluice-cluster"))
	}
}

// Without its credential a provider's requests are answered 503, and the log has said so
// at the start; the others are served.
func TestMissingCredential(t *testing.T) {
	for _, profile := range profiles {
		m := startOn(t, profile, spine, func(o *wasmhost.Options) { o.Env = map[string]string{"ANTHROPIC_API_KEY": "sk-ant-ours"} })
		require.Equal(t, []string{"warn: sluice: no credential for provider openai (OPENAI_API_KEY): its requests are answered 503 until the gateway is started with the variable set"}, m.warnings())

		s := m.exchange(post(chat, asksOne), nobody(t))
		require.Equal(t, 503, s.Client().Status())
		require.Contains(t, string(s.Client().Body()), `"code":"credential_missing"`)
		s = m.exchange(post(messages, asksClaude), json200(claudeAnswer))
		require.Equal(t, 200, s.Client().Status())
		require.Equal(t, int64(limit), leftOf(s)+gjson.Get(record(t, s), "budgets.0.reserved").Int(), "nothing was held for the other")
	}
}

// Starting a plugin asks nothing of the host but its configuration and a tick: Envoy
// starts one on its main thread too, which never serves, and Kong knows no property yet.
func TestStart(t *testing.T) {
	for _, profile := range profiles {
		t.Run(profile.String(), func(t *testing.T) {
			m := startOn(t, profile, spine)
			golden(t, "start."+profile.String()+".golden", m.vm.Trace())
			require.Equal(t, uint32(5000), m.plugin.TickPeriod())
			require.NoError(t, m.plugin.Tick())
			require.Zero(t, m.shared.Len())
		})
	}
}

// Kong has metrics since 3.8 and versions as a property since 3.6. Before, and without
// one, not one metric call is made: it would end the machine.
func TestMetricsOnKong(t *testing.T) {
	for version, has := range map[string]bool{"3.5.0": false, "3.7.1": false, "3.8.0": true, "3.10.0.1-enterprise-edition": true, "4.0.0": true} {
		t.Run(version, func(t *testing.T) {
			m := startOn(t, kong, spine, func(o *wasmhost.Options) {
				o.Version = version
			})
			s := m.exchange(post(chat, asksOne), json200(chatAnswer))
			require.Equal(t, has, strings.Contains(s.Trace(), "metric"))
			if has {
				require.EqualValues(t, 13, m.vm.Metrics()["sluice_tokens_total;direction=input;model=gpt-4o;provider=openai;team=red;"].Value)
			}
		})
	}
}

// Without a zone for shared data Kong ends the machine at the first call for it. The
// request is answered and the next one finds a new machine: nothing is let by uncounted.
func TestKongWithoutAZone(t *testing.T) {
	m := startOn(t, kong, spine, func(o *wasmhost.Options) { o.NoSharedData = true })
	for range 2 {
		s := m.plugin.Exchange(post(chat, asksOne), nobody(t))
		require.Error(t, s.Trapped())
		require.Equal(t, 500, s.Client().Status())
	}
}
