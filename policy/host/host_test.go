package host_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/policy"
	"github.com/sluice-gateway/sluice/policy/host"
	"github.com/sluice-gateway/sluice/policy/source"
)

const base = `
version: 1
providers:
  a: {dialect: openai, endpoint: "https://a.example"}
  b: {dialect: openai, endpoint: "https://b.example"}
default_provider: a
records: {access_log: false}
`

// What a policy asks for, and where that is refused or different on Kong.
func TestKong(t *testing.T) {
	for _, row := range []struct {
		name     string
		policy   string
		minor    int
		refused  []string // paths
		warnings []string
	}{
		{"nothing that it cannot", "", 9, nil, nil},
		{"one attempt, one provider", "models: {m: {targets: [{provider: a, model: x}, {provider: a, model: y}], strategy: weighted}}", 9, nil, nil},
		{"attempts", "models: {m: {targets: [{provider: a, model: x}], retry: {}}}", 9, []string{"models.m.retry"}, nil},
		{"several providers", "models: {m.1: {targets: [{provider: a, model: x}, {provider: b, model: x}]}}", 9, []string{`models["m.1"].targets`}, nil},
		{"both", "models: {m: {targets: [{provider: a, model: x}, {provider: b, model: x}], retry: {}}}", 9, []string{"models.m.retry", "models.m.targets"}, nil},
		{"inline", "models: {m: {targets: [{provider: a, model: x}, {provider: b, model: x}], retry: {attempts: 2}, failover: inline}}", 9, nil, []string{"models.m.failover", "providers.a.endpoint", "providers.b.endpoint"}},
		{"inline at one provider", "models: {m: {targets: [{provider: a, model: x}, {provider: a, model: y}], retry: {attempts: 2}, failover: inline}}", 9, nil, []string{"providers.a.endpoint"}},
		{"inline where failures pass", "models: {m: {targets: [{provider: a, model: x}, {provider: a, model: y}], retry: {attempts: 2}, failover: inline}}", 8, nil, []string{"providers.a.endpoint", "models.m.failover"}},
		{"inline that tries again", "models: {m: {targets: [{provider: a, model: x}], retry: {}, failover: inline}}", 9, nil, []string{"providers.a.endpoint", "models.m.retry.attempts"}},
		{"a claim", "identity: {team: {claim: team}, user: {header: x-user, verified: true}}", 9, []string{"identity.team.claim"}, nil},
		{"a property of Envoy's", "identity: {team: {property: metadata.filter_metadata.team}}", 9, []string{"identity.team.property"}, nil},
		{"properties of nginx's and Kong's", "identity: {team: {property: ngx.ssl_client_s_dn}, user: {property: kong.ctx.shared.user}}", 9, nil, nil},
		{"properties that Kong does not know", "identity: {a: {property: kong.client.consumer}, b: {property: connection.uri_san_peer_certificate}, c: {property: request.auth.principal}, d: {property: request.headers}, e: {property: ngx}}", 9, []string{"identity.a.property", "identity.b.property", "identity.c.property", "identity.d.property", "identity.e.property"}, nil},
		{"properties that are something else there", "identity: {a: {property: request.host}, b: {property: destination.address}}", 9, []string{"identity.a.property", "identity.b.property"}, nil},
		{"all sorts of properties", "identity: {a: {property: source.address}, b: {property: request.headers.x-a}, c: {property: kong.route_id}, d: {property: connection.requested_server_name}}", 9, nil, nil},
		{"before Kong had properties", "identity: {team: {property: ngx.ssl_client_s_dn}, user: {property: kong.ctx.shared.user}}", 5, []string{"identity.user.property"}, []string{""}},
		{"cutting and a limit", "budgets: [{name: b, unit: tokens, limit: 5, every: 1m}]", 9, nil, []string{"budget.cutoff", "limits.stream"}},
		{"no cutting", "budgets: [{name: b, unit: tokens, limit: 5, every: 1m}]\nbudget: {cutoff: false}", 9, nil, []string{"limits.stream"}},
		{"who broke a stream", "budgets: [{name: b, unit: tokens, limit: 5, every: 1m}]\nbudget: {cutoff: false, settle_on_disconnect: reserved}", 9, nil, []string{"budget.settle_on_disconnect", "limits.stream"}},
		{"answers that are to be retried", "companion: {}\nguards: {answers: [{name: a, deny_words: [x], action: retry}]}", 9, nil, []string{"guards.answers[0].action"}},
		{"rules by meaning, before failures passed", "companion: {endpoint: 'http://c:1'}\nguards: {prompts: [{name: y, deny_like: [z]}]}", 4, nil, []string{"companion.endpoint", "guards.prompts", ""}},
		{"a schema in shadow", "guards: {output: {mode: shadow}}", 9, nil, nil},
		{"answers that are replaced", "guards: {answers: [{name: a, deny_words: [x]}, {name: b, deny_words: [x], action: flag}, {name: c, deny_words: [x], mode: shadow}]}", 9, nil, []string{"guards.answers[0].action"}},
		{"a cache, where failures are told", "cache: {}", 9, nil, nil},
		{"a cache, where they pass", "cache: {}", 8, nil, nil},
		{"services that redact", "companion: {}\nguards: {external: [{name: x, type: presidio, endpoint: 'http://x', action: redact}, {name: y, type: presidio, endpoint: 'http://x', action: block}, {name: z, type: presidio, endpoint: 'http://x', action: redact, mode: shadow}]}", 9, []string{"guards.external[0].action"}, nil},
		{"services that have to be heard", "companion: {endpoint: 'http://c:1'}\nguards: {external: [{name: x, type: webhook, endpoint: 'http://x'}], prompts: [{name: y, deny_like: [z]}]}", 8, []string{"guards.external", "guards.prompts"}, []string{"companion.endpoint"}},
		{"services that have to be heard, where failures are told", "companion: {}\nguards: {external: [{name: x, type: webhook, endpoint: 'http://x'}]}", 9, nil, nil},
		{"services that need not be heard", "companion: {}\nguards: {external: [{name: x, type: webhook, endpoint: 'http://x', on_error: allow}, {name: y, type: webhook, endpoint: 'http://x', mode: shadow}]}", 8, nil, nil},
		{"a cache, where they are errors", "companion: {}\ncache: {}\nguards: {external: [{name: x, type: webhook, endpoint: 'http://x'}]}", 7, nil, []string{"cache", "guards.external", ""}},
		{"no metrics", "", 7, nil, []string{""}},
		{"the companion by an address", "cache: {}\ncompanion: {endpoint: 'https://10.0.0.1:8090'}", 9, []string{"companion.endpoint"}, []string{"companion.endpoint"}},
		{"the companion by a name", "cache: {}\ncompanion: {endpoint: 'http://companion:8090'}", 9, nil, []string{"companion.endpoint"}},
		{"the companion by a name, over TLS", "cache: {}\ncompanion: {endpoint: 'https://companion:8090'}", 9, nil, []string{"companion.endpoint", "companion.endpoint"}},
		{"a companion that nobody asks, by a name", "companion: {endpoint: 'http://companion:8090'}", 9, nil, nil},
		{"teams and few targets", "models: {m: {targets: [{provider: a, model: x}]}, n: {targets: [{provider: a, model: y}]}}\nidentity: {team: {header: x}}", 9, nil, nil},
		{"teams and more targets", "models: {m: {targets: [{provider: a, model: x}]}, n: {targets: [{provider: a, model: y}]}, o: {targets: [{provider: a, model: z}]}}\nidentity: {team: {header: x}}", 9, nil, []string{"identity.team"}},
		{"many targets and no teams", "models: {m: {targets: [{provider: a, model: x}]}, n: {targets: [{provider: a, model: y}]}, o: {targets: [{provider: a, model: z}]}}", 9, nil, nil},
		{"the companion by an IPv6 address", "cache: {}\ncompanion: {endpoint: 'http://[::1]:8090'}", 9, []string{"companion.endpoint"}, nil},
		{"a companion that nobody asks", "companion: {endpoint: 'http://[::1]:8090'}", 9, nil, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			p, err := source.Policy([]byte(base + row.policy))
			require.NoError(t, err)
			refusals, warnings := host.Check(p, host.Host{Name: host.Kong, Minor: row.minor})
			require.Equal(t, row.refused, paths(refusals))
			require.Equal(t, row.warnings, paths(warnings))

			refusals, warnings = host.Check(p, host.Host{Name: host.Envoy})
			require.Empty(t, refusals)
			require.Empty(t, warnings)
		})
	}
}

// What depends on the providers themselves.
func TestKongProviders(t *testing.T) {
	p, err := source.Policy([]byte(`
version: 1
providers:
  a:  {dialect: openai, endpoint: "https://10.0.0.7"}
  b:  {dialect: openai, endpoint: "http://10.0.0.7", credential: {env: KEY}}
  c:  {dialect: openai, endpoint: "http://[::1]:8000", credential: {env: Key}}
  d:  {dialect: openai, endpoint: "http://[::1]:8001", credential: {env: KEY}}
  v1: {dialect: openai, endpoint: "http://localhost:8000"}
models:
  m: {targets: [{provider: c, model: x}, {provider: c, model: y}], failover: inline, retry: {attempts: 2}}
default_provider: a
records: {access_log: true}
guards: {output: {json_schema: request}}
`))
	require.NoError(t, err)
	refusals, warnings := host.Check(p, host.Host{Name: host.Kong})
	require.Equal(t, []string{"providers.a.endpoint", "providers.c.endpoint", "providers.c.credential.env", "providers.v1"}, paths(refusals))
	require.Equal(t, []string{"guards.output.on_invalid", "records.access_log"}, paths(warnings))
	require.Equal(t, "providers.c.endpoint: a filter's call goes to host:port, in which nobody has tried an IPv6 address on Kong; write a name, or an IPv4 address", refusals[1].String())
}

func TestParseKong(t *testing.T) {
	for text, want := range map[string]int{"3.4": 4, "3.9": 9, "3.9.1": 9, "3.5.0.0": 5} {
		minor, err := host.ParseKong(text)
		require.NoError(t, err, text)
		require.Equal(t, want, minor, text)
	}
	for text, why := range map[string]string{
		"":      `"" is no version of Kong; write one such as 3.9`,
		"3":     `"3" is no version of Kong; write one such as 3.9`,
		"3.x":   `"3.x" is no version of Kong; write one such as 3.9`,
		"3.-4":  `"3.-4" is no version of Kong; write one such as 3.9`,
		"3.3":   "3.3 is a Kong that cannot run a filter; 3.4 to 3.9 can",
		"2.8.1": "2.8.1 is a Kong that cannot run a filter; 3.4 to 3.9 can",
		"3.10":  "3.10 is a Kong without the WebAssembly runtime, which its default builds have dropped after 3.9; 3.4 to 3.9 have it",
		"4.0":   "4.0 is a Kong without the WebAssembly runtime, which its default builds have dropped after 3.9; 3.4 to 3.9 have it",
	} {
		_, err := host.ParseKong(text)
		require.EqualError(t, err, why)
	}
}

func paths(problems []policy.Problem) (found []string) {
	for _, p := range problems {
		found = append(found, p.Path)
	}
	return found
}
