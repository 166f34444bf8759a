package main_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/sluice-gateway/sluice/internal/wasmhost"
	"github.com/sluice-gateway/sluice/internal/wasmhost/hosttest"
	"github.com/sluice-gateway/sluice/policy/source"
	"github.com/sluice-gateway/sluice/render"
)

// rendered are the filter's configurations in what `sluice render --for kong` writes, by
// their service.
func rendered(t *testing.T, policy string) map[string]string {
	t.Helper()
	p, err := source.Policy([]byte(policy))
	require.NoError(t, err)
	files, err := render.Kong(p, render.KongOptions{})
	require.NoError(t, err)
	var document struct {
		Services []struct {
			Name   string
			Chains []struct {
				Filters []struct{ Config string }
			} `yaml:"filter_chains"`
		}
	}
	require.NoError(t, yaml.Unmarshal(files[0].Content, &document))
	found := map[string]string{}
	for _, s := range document.Services {
		found[s.Name] = s.Chains[0].Filters[0].Config
	}
	return found
}

// onRoute is a machine behind the route to a service. variables are nginx's, of which a
// filter that is being configured sees none.
func onRoute(t *testing.T, configuration string, variables map[string]string) *machine {
	t.Helper()
	properties := map[string]string{"kong.version": "3.9.1"}
	m := newMachine(t, hosttest.Compile(t, "./filter"), kong, func(o *wasmhost.Options) { o.Env, o.Properties = nil, properties })
	var err error
	m.plugin, err = m.vm.Plugin([]byte(configuration))
	require.NoError(t, err, "%v", m.vm.Logs())
	require.Empty(t, m.warnings(), "what is missing is known with the first request")
	for name, value := range variables {
		properties["ngx."+name] = value
	}
	return m
}

const kongPolicy = `
version: 1
providers:
  openai: {dialect: openai, endpoint: "https://api.openai.com", credential: {env: OPENAI_API_KEY}}
  claude: {dialect: anthropic, endpoint: "https://api.anthropic.com", credential: {env: Anthropic_Key}, default_max_tokens: 9}
default_provider: openai
`

// The example as it is rendered is taken by the module, each service's.
func TestKongExample(t *testing.T) {
	policy, err := os.ReadFile("../examples/kong/sluice.yaml")
	require.NoError(t, err)
	configurations := rendered(t, string(policy))
	require.Len(t, configurations, 2)
	for _, configuration := range configurations {
		onRoute(t, configuration, nil)
	}
}

// Kong gives a filter no environment. nginx's variables have it, as render writes them.
func TestKongCredentials(t *testing.T) {
	m := onRoute(t, rendered(t, kongPolicy)["sluice-openai"], map[string]string{"sluice_env_openai_api_key": "sk-of-nginx", "sluice_env_anthropic_key": "", "upstream_uri": chat})
	for range 2 {
		s := m.exchange(post(chat, asksOne), json200(chatAnswer))
		require.Equal(t, "Bearer sk-of-nginx", s.Upstream().Headers.Get("authorization"))
	}
	require.Equal(t, []string{"warn: sluice: no credential for provider claude (Anthropic_Key): its requests are answered 503 until the gateway is started with the variable set"}, m.warnings(), "once")

	m = onRoute(t, rendered(t, kongPolicy)["sluice-openai"], nil)
	s := m.exchange(post(chat, asksOne), nobody(t))
	require.Equal(t, 503, s.Client().Status())
	require.Contains(t, string(s.Client().Body()), `"code":"credential_missing"`)
	require.Len(t, m.warnings(), 2)
}

// A call is known by the path that the route leads to, and its query is the client's.
func TestKongRoutePath(t *testing.T) {
	for _, row := range []struct{ path, uri, code string }{
		{"/openai" + chat, chat, ""},
		{"/openai" + chat + "?a=b", chat, ""},
		{"/openai" + chat + "?a=b", chat + "?a=b", ""},
		{chat, chat, ""},
		{chat, "", ""}, // a host that has no such variable
		{"/openai/v1/./chat/completions", "/v1/./chat/completions", "path_not_canonical"},
		{chat, "/v1/chat/x/../completions", "path_not_canonical"},
	} {
		t.Run(row.path+" as "+row.uri, func(t *testing.T) {
			variables := map[string]string{"sluice_env_openai_api_key": "sk-of-nginx"}
			if row.uri != "" {
				variables["upstream_uri"] = row.uri
			}
			m := onRoute(t, rendered(t, kongPolicy)["sluice-openai"], variables)
			up := json200(chatAnswer)
			if row.code != "" {
				up = nobody(t)
			}
			s := m.exchange(post(row.path, asksOne), up)
			if row.code != "" {
				require.Contains(t, string(s.Client().Body()), row.code)
				return
			}
			require.Equal(t, "openai", s.Client().Headers.Get("x-sluice-provider"))
			require.Equal(t, "Bearer sk-of-nginx", s.Upstream().Headers.Get("authorization"))
			require.False(t, strings.Contains(s.Trace(), `set_property("ngx.upstream_uri"`), "it leads there already")
		})
	}
}

// What passes to a provider with a path of its own in its endpoint has its query once.
func TestKongBasePath(t *testing.T) {
	const policy = `
version: 1
providers:
  based: {dialect: openai, endpoint: "http://models.internal:8080/base", query: {api-version: "1"}}
default_provider: based
`
	for path, sent := range map[string]string{
		"/v1/files?limit=2":       "/base/v1/files?limit=2",
		"/based/v1/files?limit=2": "/base/v1/files?limit=2",
		"/v1/files?":              "/base/v1/files?",
		"/v1/files?a=?&b=/?":      "/base/v1/files?a=?&b=/?",
		"/v1/files":               "/base/v1/files",
		chat + "?a=b":             "/base" + chat + "?a=b&api-version=1",
		chat:                      "/base" + chat + "?api-version=1",
	} {
		for _, body := range []string{"", asksOne} {
			if body == "" && !strings.Contains(path, "files") {
				continue
			}
			uri, _, _ := strings.Cut(strings.TrimPrefix(path, "/based"), "?")
			m := onRoute(t, rendered(t, policy)["sluice-based"], map[string]string{"upstream_uri": uri})
			s := m.exchange(post(path, body), json200(chatAnswer))
			require.Equal(t, sent, s.Upstream().Headers.Get(":path"), path)
		}
	}
}
