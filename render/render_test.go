package render_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/policy"
	"github.com/sluice-gateway/sluice/render"
)

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
		Records:     policy.Records{AccessLog: true},
		Limits:      policy.Limits{RequestBody: 8 << 20, ResponseBody: 8 << 20, Stream: 15 * time.Minute},
		HoldHeaders: true,
	}
}

func rendered(t *testing.T, p *policy.Policy, canonical string, opt render.Options) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, render.Envoy(&out, p, []byte(canonical), opt))
	return out.String()
}

func TestEveryFileHasEachCommentOnce(t *testing.T) {
	out := rendered(t, workedPolicy(), `{}`, render.Options{})
	require.Equal(t, 1, strings.Count(out, "# Envoy's default of 1024 is soon used up"))
}
