//go:build istio

package istio

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/internal/mesh"
)

const claimPolicy = `
version: 1
providers:
  alpha: {dialect: openai, endpoint: http://alpha.providers.test:<alpha>, credential: {env: SLUICE_E2E_ALPHA_KEY}}
identity:
  team: {claim: team}
default_provider: alpha
budgets:
  - {name: calls, per: [team], unit: requests, limit: 2, calendar: month, zone: UTC}
records: {access_log: true}
`

// tokenKey signs the tokens of this test.
const tokenKey = "0123456789abcdef0123456789abcdef"

func base64url(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

// tokenOf is a team's access token.
func tokenOf(team string) string {
	signed := base64url(`{"alg":"HS256","kid":"1","typ":"JWT"}`) + "." +
		base64url(fmt.Sprintf(`{"iss":"https://issuer.test","sub":"someone","team":%q,"exp":4000000000}`, team))
	mac := hmac.New(sha256.New, []byte(tokenKey))
	mac.Write([]byte(signed))
	return signed + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// A claim of a token that Istio's own RequestAuthentication has verified is an identity: each
// team has its own budget.
func TestClaim(t *testing.T) {
	behind := startProviders(t, "alpha")
	m := serveModules(t, map[string][]byte{"/sluice.wasm": wasm})
	g := newGateway(t)
	g.apply(t, rendered(t, behind.in(claimPolicy), g.options(m, "/sluice.wasm")))
	g.apply(t, fmt.Sprintf(`
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: callers, namespace: %[1]s}
spec:
  selector: {matchLabels: {istio: %[1]s}}
  jwtRules:
    - issuer: https://issuer.test
      jwks: '{"keys":[{"kty":"oct","kid":"1","alg":"HS256","k":"%[2]s"}]}'
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: callers, namespace: %[1]s}
spec:
  selector: {matchLabels: {istio: %[1]s}}
  action: DENY
  rules: [{from: [{source: {notRequestPrincipals: ["*"]}}]}]
`, g.namespace, base64url(tokenKey)))
	g.start(t, mesh.GatewayOptions{})
	ask := func(team string) (seen, error) {
		return g.try(request{api: openAI, prompt: "Say it.", header: map[string]string{"authorization": "Bearer " + tokenOf(team)}})
	}
	soon(t, func() bool {
		s, err := ask("first")
		return err == nil && s.header.Get("x-sluice-id") != ""
	}, "the filter answers")
	for _, team := range []string{"red", "blue"} {
		for n, want := range []int{200, 200, 429} {
			s, err := ask(team)
			require.NoError(t, err)
			require.Equal(t, want, s.status, "%s, request %d: %s", team, n+1, s.body)
			require.Equal(t, team, g.record(t, s).Get("identity.team").Str)
		}
	}
	s, err := g.try(request{api: openAI, prompt: "Say it.", header: map[string]string{"authorization": ""}})
	require.NoError(t, err)
	require.Equal(t, 403, s.status, "who shows no token is refused by Istio: there is no team to charge")
}
