//go:build istio

package istio

import (
	"context"
	"maps"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/internal/envoy"
	"github.com/sluice-gateway/sluice/internal/mesh"
	"github.com/sluice-gateway/sluice/internal/mock"
	"github.com/sluice-gateway/sluice/internal/sidecar"
	"github.com/sluice-gateway/sluice/internal/testca"
)

const companionToken = "the-token-of-gateway-and-companion"

// fullPolicy has the module do everything that needs held headers. <alpha> and so on are ports.
const fullPolicy = `
version: 1
providers:
  alpha:  {dialect: openai,    endpoint: http://alpha.providers.test:<alpha>/base, credential: {env: SLUICE_E2E_ALPHA_KEY}}
  beta:   {dialect: openai,    endpoint: https://beta.providers.test:<beta>,       credential: {env: SLUICE_E2E_BETA_KEY}}
  claude: {dialect: anthropic, endpoint: http://claude.providers.test:<claude>,    credential: {env: SLUICE_E2E_CLAUDE_KEY}}
identity:
  team: {header: x-team, verified: true}
models:
  gpt-4o-mini:      {targets: [{provider: alpha, model: gpt-4o-mini}]}
  claude-haiku-4-5: {targets: [{provider: claude, model: claude-haiku-4-5}]}
  gpt-4o:           {targets: [{provider: claude, model: claude-haiku-4-5}]}
  two:
    targets: [{provider: alpha, model: gpt-4.1-mini}, {provider: beta, model: gpt-4.1-mini}]
    retry: {attempts: 2}
    cooldown: {after: 1000, base: 1ms, max: 1ms}
budgets:
  - {name: tokens, per: [team], unit: tokens, limit: 100000, calendar: month, zone: UTC}
companion: {endpoint: http://companion.providers.test:<companion>, credential: {env: SLUICE_E2E_COMPANION_TOKEN}}
cache: {scope: [team], lookup_timeout: 5s, wait: 20s}
guards:
  pii: {kinds: [email]}
records: {companion: true, access_log: true}
`

// providers are those behind one gateway.
type providers map[string]*mock.Server

func startProviders(t *testing.T, names ...string) providers {
	t.Helper()
	p := providers{}
	for _, name := range names {
		s, err := mock.Start(mock.Options{Keep: 20_000, Script: saying(name)})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, s.Close()) })
		p[name] = s
	}
	return p
}

// bearer shows a token with every request.
type bearer string

func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("authorization", "Bearer "+string(b))
	return http.DefaultTransport.RoundTrip(r)
}

// saying is the script of a provider that says who it is.
func saying(name string) string { return "defaults: {answer: {text: It is " + name + ".}}" }

// in puts the ports into a policy.
func (p providers) in(policy string, more ...string) string {
	for name, s := range p {
		more = append(more, "<"+name+">", portOf(s.Addr()))
	}
	return strings.NewReplacer(more...).Replace(policy)
}

func portOf(address string) string { return address[strings.LastIndexByte(address, ':')+1:] }

func TestFull(t *testing.T) {
	behind := startProviders(t, "alpha", "claude")
	certificate := testca.Own("beta.providers.test")
	roots, _, err := testca.Write(filepath.Join(t.TempDir(), "beta"), certificate)
	require.NoError(t, err)
	behind["beta"], err = mock.Start(mock.Options{Script: saying("beta"), Certificate: &certificate})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, behind["beta"].Close()) })
	companion, err := sidecar.Start(context.Background(), sidecar.Options{
		Binary: sluice(t), Args: []string{"--data", t.TempDir()}, Env: []string{"SLUICE_COMPANION_TOKEN=" + companionToken},
		Client: &http.Client{Transport: bearer(companionToken)},
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, companion.Stop()) })
	m := serveModules(t, map[string][]byte{"/sluice.wasm": wasm})
	g := newGateway(t)
	o := g.options(m, "/sluice.wasm")
	o.CAFile = roots
	objects := rendered(t, behind.in(fullPolicy, "<companion>", portOf(companion.URL)), o)
	g.apply(t, objects)
	g.start(t, mesh.GatewayOptions{Bootstrap: bootstrapOf(t, objects)})
	g.serves(t)
	require.EqualValues(t, 1, m.fetched.Load(), "the agent fetches the module, once for both roles")

	for _, a := range []api{openAI, anthropic} {
		name := map[api]string{openAI: "alpha", anthropic: "claude"}[a]
		for _, stream := range []bool{false, true} {
			t.Run(a.name+" stream "+strconv.FormatBool(stream), func(t *testing.T) {
				s := g.do(t, request{api: a, team: t.Name(), prompt: "Say it.", stream: stream})
				require.Equal(t, 200, s.status, s.body)
				require.True(t, s.whole, s.body)
				require.Equal(t, "It is "+name+".", s.text)
				require.Equal(t, name, s.header.Get("x-sluice-provider"))
				require.Equal(t, "complete", g.record(t, s).Get("end").Str)
				last := lastOf(behind[name])
				require.NotContains(t, last.Header.Get(a.key), clientKey)
				require.Contains(t, last.Header.Get(a.key), "provider-key-of-"+name)
				requireNotOurs(t, last)
			})
		}
	}
	t.Run("translated", func(t *testing.T) {
		for _, stream := range []bool{false, true} {
			s := g.do(t, request{api: openAI, team: t.Name(), model: "gpt-4o", prompt: "Say it.", stream: stream})
			require.Equal(t, 200, s.status, s.body)
			require.True(t, s.whole, s.body)
			require.Equal(t, "It is claude.", s.text)
		}
	})
	t.Run("budget", func(t *testing.T) {
		r := request{api: openAI, team: t.Name(), prompt: "Say it.", more: `"max_tokens":20`}
		require.Equal(t, 200, g.do(t, r).status)
		r.more = `"max_tokens":200000`
		s := g.do(t, r)
		require.Equal(t, 429, s.status, s.body)
		require.Equal(t, "100000", s.header.Get("x-ratelimit-limit-tokens"))
		require.Equal(t, "refused", g.record(t, s).Get("end").Str)
	})
	t.Run("failover", func(t *testing.T) {
		require.NoError(t, behind["alpha"].Script("defaults: {fault: {status: 503, headers: {retry-after: '', retry-after-ms: ''}}}"))
		defer func() { require.NoError(t, behind["alpha"].Script(saying("alpha"))) }()
		for _, stream := range []bool{false, true} {
			s := g.do(t, request{api: openAI, team: t.Name(), model: "two", prompt: "Say it.", stream: stream, header: map[string]string{"x-sluice-cache": "bypass"}})
			require.Equal(t, 200, s.status, s.body)
			require.True(t, s.whole, s.body)
			require.Equal(t, "It is beta.", s.text)
			require.Equal(t, "2", s.header.Get("x-sluice-attempts"))
			r := g.record(t, s)
			require.Equal(t, "unavailable", r.Get("attempts.0.reason").Str, r.Raw)
			require.Equal(t, "beta", r.Get("provider").Str)
			last := lastOf(behind["beta"])
			require.Equal(t, "Bearer sk-provider-key-of-beta", last.Header.Get("authorization"))
		}
	})
	t.Run("personal data", func(t *testing.T) {
		require.NoError(t, behind["alpha"].Script("defaults: {answer: {echo: true}, fault: {split_bytes: 7}}"))
		defer func() { require.NoError(t, behind["alpha"].Script(saying("alpha"))) }()
		for _, stream := range []bool{false, true} {
			const prompt = "Write to ada@example.com about it."
			s := g.do(t, request{api: openAI, team: t.Name() + strconv.FormatBool(stream), prompt: prompt, stream: stream})
			require.Equal(t, 200, s.status, s.body)
			require.True(t, s.whole, s.body)
			require.Equal(t, prompt, s.text, "the client has its own words back")
			require.Contains(t, string(lastOf(behind["alpha"]).Body), "Write to [EMAIL_1] about it.")
		}
	})
	t.Run("cache", func(t *testing.T) {
		r := request{api: openAI, team: t.Name(), prompt: "What is the capital of Portugal?"}
		require.Equal(t, "It is alpha.", g.do(t, r).text)
		before := len(behind["alpha"].Requests())
		var hit seen
		soon(t, func() bool {
			hit = g.do(t, r)
			return hit.header.Get("x-sluice-cache") == "hit"
		}, "a hit")
		require.Equal(t, "It is alpha.", hit.text)
		after := len(behind["alpha"].Requests())
		r.stream = true
		hit = g.do(t, r)
		require.Equal(t, "hit", hit.header.Get("x-sluice-cache"))
		require.Equal(t, "It is alpha.", hit.text)
		require.True(t, hit.whole, hit.body)
		require.Len(t, behind["alpha"].Requests(), after, "a hit asks no provider")
		require.GreaterOrEqual(t, after, before)
		r.team += " of others"
		require.NotEqual(t, "hit", g.do(t, r).header.Get("x-sluice-cache"), "another scope's answer is nobody's")
	})
	t.Run("ledger", func(t *testing.T) {
		soon(t, func() bool {
			u, err := companion.Usage(t.Context(), "")
			require.NoError(t, err)
			return u.Total.Requests > 10
		}, "records come to the companion")
	})
	t.Run("metrics", func(t *testing.T) {
		if envoy.TestVersions()[0] == envoy.OldestVersion {
			// Envoy 1.37 puts a cluster in front of the name, and Istio's own rule for clusters
			// takes all up to the last `;` for its name: there are no labels (docs/istio.md).
			stats, err := g.Stats(t.Context())
			require.NoError(t, err)
			require.Contains(t, strings.Join(slices.Collect(maps.Keys(stats)), "\n"), "wasmcustom.sluice_requests_total;outcome=complete;")
			return
		}
		text, err := g.Prometheus(t.Context())
		require.NoError(t, err)
		require.Regexp(t, `(?m)^sluice_requests_total\{outcome="complete"\} [1-9]`, text)
		require.Regexp(t, `(?m)^sluice_attempts_total\{provider="alpha",reason="unavailable"\} 2$`, text)
	})
}

// serves waits until the filter is in the gateway's path.
func (g *gateway) serves(t testing.TB) {
	t.Helper()
	var s seen
	var err error
	defer func() {
		if t.Failed() {
			t.Logf("%v %d %v %s", err, s.status, s.header, s.body)
		}
	}()
	soon(t, func() bool {
		s, err = g.try(request{api: openAI, team: "nobody", model: "nobody-knows", prompt: "?"})
		return err == nil && s.header.Get("x-sluice-id") != ""
	}, "the filter answers")
}

func lastOf(s *mock.Server) mock.Request {
	all := s.Requests()
	return all[len(all)-1]
}

// requireNotOurs holds a request at a provider to be without headers that are nobody else's
// business, some apart.
func requireNotOurs(t *testing.T, r mock.Request, apart ...string) {
	t.Helper()
	for header := range r.Header {
		for _, ours := range []string{"X-Sluice-", "X-Team", "X-Envoy-", "X-Forwarded-", "X-Request-Id", "X-B3-", "Traceparent"} {
			require.False(t, strings.HasPrefix(header, ours) && !slices.Contains(apart, header), "%s came to the provider", header)
		}
	}
}
