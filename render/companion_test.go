package render_test

import (
	"io"
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
	shown := rendered(t, cachedPolicy(policy.Endpoint{TLS: true, Host: "companion.internal", Port: 8443}), render.Options{CompanionCert: "/etc/sluice/c.pem", CompanionKey: "/etc/sluice/c.key"})
	require.Contains(t, shown, "- certificate_chain: {filename: /etc/sluice/c.pem}\n                private_key: {filename: /etc/sluice/c.key}\n")
	require.Equal(t, 1, strings.Count(shown, "certificate_chain"), "providers are not shown it")
}

// TestACertificateThatNobodyWouldBeShown is an error, not a plain connection.
func TestACertificateThatNobodyWouldBeShown(t *testing.T) {
	both := render.Options{CompanionCert: "c.pem", CompanionKey: "c.key"}
	alone := workedPolicy()
	for _, c := range []struct {
		p    *policy.Policy
		opt  render.Options
		says string
	}{
		{cachedPolicy(policy.Endpoint{TLS: true, Host: "c", Port: 1}), render.Options{CompanionCert: "c.pem"}, "go together"},
		{cachedPolicy(policy.Endpoint{TLS: true, Host: "c", Port: 1}), render.Options{CompanionKey: "c.key"}, "go together"},
		{cachedPolicy(policy.Endpoint{Host: "c", Port: 1}), both, "write https://"},
		{alone, both, "nothing in the policy needs a companion"},
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
