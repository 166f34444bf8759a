package render_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/internal/testca"
	"github.com/sluice-gateway/sluice/policy/source"
)

// TestTheExamplesIdentityCannotBeForged holds that the worked policy's headers are
// what its README says, once authentication.yaml is in front: from a verified token
// or not there at all.
func TestTheExamplesIdentityCannotBeForged(t *testing.T) {
	signer := newSigner(t)
	filters, err := os.ReadFile("../examples/envoy/authentication.yaml")
	require.NoError(t, err)
	require.Equal(t, 1, bytes.Count(filters, []byte("filename: jwks.json")))
	filters = bytes.Replace(filters, []byte("jwks.json"), []byte(signer.file), 1)
	worked, err := source.Load("../examples/envoy/sluice.yaml")
	require.NoError(t, err)

	eachEnvoy(t, func(t *testing.T, binary string) {
		var got http.Header
		up := provider(t, func(_ http.ResponseWriter, r *http.Request) { got = r.Header })
		p := mockPolicy(up)
		opt := anywhere(testModule(t, "sluice_provider_mock", `{}`))
		opt.Filters = filters

		// Without the policy's identity, what the filter has set is seen upstream.
		p.Identity = nil
		_, url := gateway(t, binary, p, opt)
		require.Equal(t, http.StatusOK, ask(t, url, signer.token(t, "search")))
		require.Equal(t, []string{"app", "search", "alice"}, []string{got.Get("X-Client-Id"), got.Get("X-Team"), got.Get("X-User-Id")})
		require.Equal(t, http.StatusOK, ask(t, url, signer.token(t, "")))
		require.NotContains(t, got, "X-Team", "the token names no team, so the forged one is dropped")
		require.NotContains(t, got, "Authorization", "the token is for the gateway alone")
		require.Equal(t, http.StatusUnauthorized, ask(t, url, newSigner(t).token(t, "search")))
		require.Equal(t, http.StatusUnauthorized, ask(t, url, ""))

		// With it, the provider learns nothing of who asked.
		p.Identity = worked.Identity
		_, url = gateway(t, binary, p, opt)
		require.Equal(t, http.StatusOK, ask(t, url, signer.token(t, "search")))
		for _, part := range worked.Identity {
			require.Empty(t, got.Get(part.Header), part.Name)
		}
	})
}

// TestTheExampleStarts holds that the worked policy starts without any key set.
func TestTheExampleStarts(t *testing.T) {
	t.Setenv("OPENAI_API_KEY", "")
	require.NoError(t, os.Unsetenv("OPENAI_API_KEY"))
	t.Setenv("ANTHROPIC_API_KEY", "")
	require.NoError(t, os.Unsetenv("ANTHROPIC_API_KEY"))
	p, err := source.Load("../examples/envoy/sluice.yaml")
	require.NoError(t, err)
	eachEnvoy(t, func(t *testing.T, binary string) {
		opt := anywhere(testModule(t, "sluice_provider_openai", `{}`))
		opt.CAFile = rootFile(t, testca.New())
		in, _ := gateway(t, binary, p, opt)
		require.Empty(t, in.Stderr())
	})
}

// ask makes a request with forged identity headers and returns the status.
func ask(t *testing.T, url, token string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "GET", url+"/v1/models", nil)
	require.NoError(t, err)
	for _, name := range []string{"X-Client-Id", "X-Team", "X-User-Id"} {
		req.Header.Set(name, "forged")
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	return res.StatusCode
}

// signer issues tokens.
type signer struct {
	file string // its public key, as a JSON Web Key Set
	key  *ecdsa.PrivateKey
}

func newSigner(t *testing.T) signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	point, err := key.PublicKey.Bytes() // 4, x, y
	require.NoError(t, err)
	set, err := json.Marshal(map[string]any{"keys": []any{map[string]string{
		"kty": "EC", "crv": "P-256", "alg": "ES256", "kid": "1", "x": base64url(point[1:33]), "y": base64url(point[33:]),
	}}})
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "jwks.json")
	require.NoError(t, os.WriteFile(file, set, 0o600))
	return signer{file: file, key: key}
}

// token is an access token of RFC 9068 with the team, when there is one.
func (s signer) token(t *testing.T, team string) string {
	t.Helper()
	claims := map[string]any{
		"iss": "https://login.example.com/", "aud": "sluice", "sub": "alice", "client_id": "app",
		"exp": time.Now().Add(time.Hour).Unix(),
	}
	if team != "" {
		claims["team"] = team
	}
	payload, err := json.Marshal(claims)
	require.NoError(t, err)
	signed := base64url([]byte(`{"alg":"ES256","kid":"1","typ":"at+jwt"}`)) + "." + base64url(payload)
	digest := sha256.Sum256([]byte(signed))
	r, v, err := ecdsa.Sign(rand.Reader, s.key, digest[:])
	require.NoError(t, err)
	signature := append(r.FillBytes(make([]byte, 32)), v.FillBytes(make([]byte, 32))...)
	return signed + "." + base64url(signature)
}

func base64url(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
