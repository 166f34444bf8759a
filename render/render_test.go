package render_test

import (
	"bytes"
	"flag"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/sluice-gateway/sluice/policy"
	"github.com/sluice-gateway/sluice/policy/normal"
	"github.com/sluice-gateway/sluice/policy/source"
	"github.com/sluice-gateway/sluice/policy/strict"
	"github.com/sluice-gateway/sluice/render"
)

var update = flag.Bool("update", false, "write the golden files and the example anew")

// golden holds that text is what the file has.
func golden(t *testing.T, file, text string) {
	t.Helper()
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), text, "if the change is meant: go test ./render -update")
}

// workedPolicy is a policy with every kind of endpoint.
func workedPolicy() *policy.Policy {
	return &policy.Policy{
		Version: 1,
		Providers: []policy.Provider{
			{Name: "openai", Dialect: policy.OpenAI, CredentialEnv: "OPENAI_API_KEY",
				Endpoint: policy.Endpoint{TLS: true, Host: "api.openai.com", Port: 443}},
			{Name: "openai-eu", Dialect: policy.OpenAI, CredentialEnv: "OPENAI_API_KEY",
				Endpoint: policy.Endpoint{TLS: true, Host: "eu.api.openai.com", Port: 8443, BasePath: "/v1beta/openai"}},
			{Name: "own", Dialect: policy.OpenAI,
				Endpoint: policy.Endpoint{Host: "127.0.0.1", Port: 8000}},
			{Name: "own6", Dialect: policy.OpenAI,
				Endpoint: policy.Endpoint{Host: "2001:db8::1", Port: 8000}},
			{Name: "address", Dialect: policy.Anthropic, CredentialEnv: "OWN_KEY",
				Endpoint: policy.Endpoint{TLS: true, Host: "10.0.0.7", Port: 443}},
			{Name: "local", Dialect: policy.Anthropic,
				Endpoint: policy.Endpoint{Host: "localhost", Port: 8001}},
		},
		Identity: []policy.IdentityPart{
			{Name: "key", Header: "authorization", Hash: true, Verified: true},
			{Name: "team", Header: "x-team", Verified: true},
			{Name: "user", Header: "x-user-id"},
		},
		Records:     policy.Records{AccessLog: true},
		Limits:      policy.Limits{RequestBody: 8 << 20, ResponseBody: 8 << 20, Stream: 15 * time.Minute},
		HoldHeaders: true,
	}
}

func rendered(t *testing.T, p *policy.Policy, opt render.Options) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, render.Envoy(&out, p, opt))
	return out.String()
}

func TestGolden(t *testing.T) {
	golden(t, "testdata/every-endpoint.yaml", rendered(t, workedPolicy(), render.Options{}))
}

// TestTheExample holds that examples/envoy/envoy.yaml is what the command that its
// README gives writes, from a policy with nothing to say against it.
func TestTheExample(t *testing.T) {
	p, err := source.Load("../examples/envoy/sluice.yaml")
	require.NoError(t, err)
	require.Empty(t, strict.Unsupported(p))
	require.Empty(t, strict.Warnings(p))
	golden(t, "../examples/envoy/envoy.yaml", rendered(t, p, render.Options{}))
}

func TestSmallerPoliciesHaveSmallerFiles(t *testing.T) {
	p := workedPolicy()
	p.Records.AccessLog = false
	p.HoldHeaders = false
	for i := range p.Providers {
		p.Providers[i].CredentialEnv = ""
	}
	out := rendered(t, p, render.Options{})
	require.NotContains(t, out, "access_log:")
	require.NotContains(t, out, "allow_on_headers_stop_iteration")
	require.NotContains(t, out, "environment_variables")
}

func TestLimitsAreThePolicys(t *testing.T) {
	p := workedPolicy()
	p.Limits = policy.Limits{RequestBody: 1 << 10, ResponseBody: 3 << 20, Stream: 90*time.Second + 500*time.Millisecond}
	out := rendered(t, p, render.Options{})
	require.Contains(t, out, "per_connection_buffer_limit_bytes: 4194304\n")
	require.Contains(t, out, "initial_stream_window_size: 4194304\n")
	require.Contains(t, out, "max_stream_duration: 90.5s\n")
	require.Contains(t, out, "stream_idle_timeout: 90.5s\n")
}

func TestAddresses(t *testing.T) {
	for given, want := range map[string]string{
		"":                  "{address: 127.0.0.1, port_value: 10000}",
		"0.0.0.0:80":        "{address: 0.0.0.0, port_value: 80}",
		":8080":             "{address: 0.0.0.0, port_value: 8080}",
		"[::]:443":          "{address: '::', port_value: 443}",
		"[2001:db8::1]:443": "{address: '2001:db8::1', port_value: 443}",
	} {
		out := rendered(t, workedPolicy(), render.Options{Listen: given})
		require.Contains(t, out, "socket_address: "+want+"\n", given)
	}
}

func TestBadOptions(t *testing.T) {
	big := workedPolicy()
	big.Limits.ResponseBody = 2 << 30
	for _, c := range []struct {
		policy *policy.Policy
		opt    render.Options
		want   string
	}{
		{workedPolicy(), render.Options{Listen: "localhost:10000"}, `listen: "localhost:10000": want an address and a port, as in 127.0.0.1:10000 or [::1]:10000`},
		{workedPolicy(), render.Options{Admin: "127.0.0.1"}, `admin: "127.0.0.1": want an address and a port, as in 127.0.0.1:10000 or [::1]:10000`},
		{workedPolicy(), render.Options{Admin: "127.0.0.1:70000"}, `admin: "127.0.0.1:70000": want an address and a port, as in 127.0.0.1:10000 or [::1]:10000`},
		{big, render.Options{}, `limits.response_body: 2147483648 bytes are more than the 2146435071 that Envoy can keep of one body`},
		{workedPolicy(), render.Options{Filters: []byte("- a")}, `filters: want a mapping with http_filters and clusters`},
		{workedPolicy(), render.Options{Filters: []byte("clusters: []\nfilters: []")}, `filters: line 2: filters: unknown field; there are http_filters and clusters`},
		{workedPolicy(), render.Options{Filters: []byte("http_filters: {}")}, `filters: line 1: http_filters: want a list`},
		{workedPolicy(), render.Options{Filters: []byte("a: [")}, `filters: yaml: line 1: did not find expected node content`},
	} {
		var out bytes.Buffer
		require.EqualError(t, render.Envoy(&out, c.policy, c.opt), c.want)
		require.Zero(t, out.Len(), "nothing is written of what cannot be right")
	}
}

// FuzzThePolicyStaysAsItIs holds that any text is what a YAML reader reads again.
func FuzzThePolicyStaysAsItIs(f *testing.F) {
	for _, seed := range []string{
		`'"\ #: %{ `, "\x00é\u00a0\u2028\ufeff\U0001f600 ", "  ", "a\nb\n", "\n", "\ttab", "", "\x7f\u0085", "\xff",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p := workedPolicy()
		p.Identity[0].Claim = text
		out := rendered(t, p, render.Options{})
		require.Equal(t, `{"role":"edge","policy":`+string(normal.Append(nil, p))+`}`, configuration(t, out))
	})
}

// configuration reads the filter's configuration out of a rendered file.
func configuration(t *testing.T, text string) string {
	var document struct {
		StaticResources struct {
			Listeners []struct {
				FilterChains []struct {
					Filters []struct {
						TypedConfig struct {
							HTTPFilters []struct {
								TypedConfig struct {
									Config struct {
										Configuration struct{ Value string }
									}
								} `yaml:"typed_config"`
							} `yaml:"http_filters"`
						} `yaml:"typed_config"`
					}
				} `yaml:"filter_chains"`
			}
		} `yaml:"static_resources"`
	}
	require.NoError(t, yaml.Unmarshal([]byte(text), &document))
	manager := document.StaticResources.Listeners[0].FilterChains[0].Filters[0].TypedConfig
	return manager.HTTPFilters[0].TypedConfig.Config.Configuration.Value
}
