package render_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/internal/testca"
	"github.com/sluice-gateway/sluice/policy"
	"github.com/sluice-gateway/sluice/render"
)

// cachedPolicy is the worked policy with a cache, and with a companion that wants a token.
func cachedPolicy(companion policy.Endpoint) *policy.Policy {
	p := workedPolicy()
	p.Providers = p.Providers[2:3]
	p.Cache = &policy.Cache{Enabled: true, Exact: true}
	p.Companion = policy.Companion{Endpoint: companion, CredentialEnv: "COMPANION_TOKEN"}
	return p
}

func TestTheCompanionsCluster(t *testing.T) {
	out := rendered(t, cachedPolicy(policy.Endpoint{TLS: true, Host: "companion.internal", Port: 8443, BasePath: "/a"}), render.Options{})
	golden(t, "testdata/companion.yaml", out)
	local := rendered(t, cachedPolicy(policy.Endpoint{Host: "127.0.0.1", Port: 8090}), render.Options{})
	require.Contains(t, local, "- name: sluice_companion\n      type: STATIC\n")
	shown := rendered(t, cachedPolicy(policy.Endpoint{TLS: true, Host: "companion.internal", Port: 8443}), render.Options{CompanionTLS: render.CompanionTLS{Cert: "/etc/sluice/c.pem", Key: "/etc/sluice/c.key"}})
	require.Contains(t, shown, "- certificate_chain: {filename: /etc/sluice/c.pem}\n                private_key: {filename: /etc/sluice/c.key}\n")
	require.Equal(t, 1, strings.Count(shown, "certificate_chain"), "providers are not shown it")
	own := rendered(t, cachedPolicy(policy.Endpoint{TLS: true, Host: "companion.internal", Port: 8443}), render.Options{CompanionTLS: render.CompanionTLS{CAFile: "/etc/sluice/companion-ca.pem"}})
	require.Equal(t, 1, strings.Count(own, "trusted_ca: {filename: /etc/sluice/companion-ca.pem}"), "it vouches for no provider")
}

// TestTheCompanionsOwnAuthority holds that it vouches for the companion, and for no provider.
func TestTheCompanionsOwnAuthority(t *testing.T) {
	providers, own := testca.New(), testca.New()
	theirs := newTLSProvider(t, providers.Issue("127.0.0.1"))
	companion := newTLSProvider(t, own.Issue("127.0.0.1"))
	endpoint := func(s tlsProvider) policy.Endpoint {
		e := mockPolicy(s.Server).Providers[0].Endpoint
		e.TLS = true
		return e
	}
	eachEnvoy(t, func(t *testing.T, binary string) {
		for _, row := range []struct {
			cluster             string
			provider, companion tlsProvider
			want                int
		}{
			{"sluice_companion", theirs, companion, http.StatusOK},
			{"sluice_provider_mock", theirs, companion, http.StatusOK},
			{"sluice_companion", theirs, theirs, http.StatusServiceUnavailable},
			{"sluice_provider_mock", companion, companion, http.StatusServiceUnavailable},
		} {
			p := cachedPolicy(endpoint(row.companion))
			p.Providers = mockPolicy(row.provider.Server).Providers
			p.Providers[0].Endpoint.TLS = true
			opt := anywhere(testModule(t, row.cluster, `{}`))
			opt.CAFile, opt.CompanionTLS.CAFile = rootFile(t, providers), rootFile(t, own)
			_, url := gateway(t, binary, p, opt)
			res, err := http.Get(url)
			require.NoError(t, err)
			require.NoError(t, res.Body.Close())
			require.Equal(t, row.want, res.StatusCode, row.cluster)
		}
	})
}

// TestACertificateThatNobodyWouldBeShown is an error, not a plain connection.
func TestACertificateThatNobodyWouldBeShown(t *testing.T) {
	both := render.Options{CompanionTLS: render.CompanionTLS{Cert: "c.pem", Key: "c.key"}}
	authority := render.Options{CompanionTLS: render.CompanionTLS{CAFile: "ca.pem"}}
	alone := workedPolicy()
	for _, c := range []struct {
		p    *policy.Policy
		opt  render.Options
		says string
	}{
		{cachedPolicy(policy.Endpoint{TLS: true, Host: "c", Port: 1}), render.Options{CompanionTLS: render.CompanionTLS{Cert: "c.pem"}}, "go together"},
		{cachedPolicy(policy.Endpoint{TLS: true, Host: "c", Port: 1}), render.Options{CompanionTLS: render.CompanionTLS{Key: "c.key"}}, "go together"},
		{cachedPolicy(policy.Endpoint{Host: "c", Port: 1}), both, "write https://"},
		{alone, both, "companion certificate: nothing in the policy needs a companion"},
		{alone, authority, "companion-ca: nothing in the policy needs a companion"},
		{cachedPolicy(policy.Endpoint{Host: "c", Port: 1}), authority, "companion-ca: companion.endpoint is http://"},
	} {
		require.ErrorContains(t, render.Envoy(io.Discard, c.p, c.opt), c.says)
	}
}

// TestNoCompanionWhereNothingNeedsOne: neither its cluster nor its token's variable.
func TestNoCompanionWhereNothingNeedsOne(t *testing.T) {
	p := cachedPolicy(policy.Endpoint{Host: "127.0.0.1", Port: 8090})
	p.Cache.Enabled = false
	out := rendered(t, p, render.Options{})
	require.NotContains(t, out, "sluice_companion")
	require.NotContains(t, out, "- COMPANION_TOKEN\n")

	p.Cache, p.Records.Companion = nil, true
	out = rendered(t, p, render.Options{})
	require.Contains(t, out, "sluice_companion")
	require.Contains(t, out, "- COMPANION_TOKEN\n")

	p.Companion.CredentialEnv, p.Providers[0].CredentialEnv = "ONE_KEY", "ONE_KEY" // Envoy refuses a name that is given twice
	require.NotContains(t, rendered(t, p, render.Options{}), "- ONE_KEY\n                              - ONE_KEY\n")
}

func TestStartsWithACompanion(t *testing.T) {
	eachEnvoy(t, func(t *testing.T, binary string) {
		for _, companion := range []policy.Endpoint{
			{Host: "127.0.0.1", Port: 8090}, {Host: "localhost", Port: 8090}, {TLS: true, Host: "localhost", Port: 8443}, {TLS: true, Host: "::1", Port: 8443},
		} {
			opt := anywhere(testModule(t, "sluice_provider_own", `{}`))
			opt.CAFile = rootFile(t, testca.New())
			in, _ := gateway(t, binary, cachedPolicy(companion), opt)
			require.Empty(t, in.Stderr())
		}
	})
}
