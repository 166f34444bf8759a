package gateway_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/budget"
	"github.com/sluice-gateway/sluice/budget/storetest"
	"github.com/sluice-gateway/sluice/gateway"
	"github.com/sluice-gateway/sluice/policy/source"
)

// On Kong the environment is there with the first request, and not before.
func TestFindCredentials(t *testing.T) {
	p, err := source.Policy([]byte(`
version: 1
providers:
  a: {dialect: openai, endpoint: "https://a.example", credential: {env: A}}
  b: {dialect: openai, endpoint: "https://b.example", credential: {env: B}}
  c: {dialect: openai, endpoint: "https://c.example"}
default_provider: a
companion: {credential: {env: TOKEN}}
records: {companion: true}
`))
	require.NoError(t, err)
	environment := map[string]string{}
	env := func(name string) string { return environment[name] }
	g, err := gateway.New(p, gateway.Options{Env: env, Store: budget.NewSharedStore(storetest.NewEnvoy(), budget.EnvoyRules)})
	require.NoError(t, err)
	require.Equal(t, []string{"a (A)", "b (B)"}, g.MissingCredentials())
	require.Equal(t, "TOKEN", g.MissingToken())

	environment["A"], environment["TOKEN"] = "sk-a", "token"
	g.FindCredentials(env)
	require.Equal(t, []string{"b (B)"}, g.MissingCredentials())
	require.Empty(t, g.MissingToken())

	r, _ := g.Begin(gateway.Arrival{ID: "id", Headers: gateway.Headers{{":method", "POST"}, {":path", "/v1/chat/completions"}}, HoldsAnswers: true,
		Property: func([]string) (string, bool) { return "", false }})
	body := []byte(`{"model":"m","messages":[]}`)
	out := r.Body(0, len(body), true, func(from, n int) []byte { return body[from : from+n] })
	require.Nil(t, out.Reply)
	require.Contains(t, out.Set, [2]string{"authorization", "Bearer sk-a"})
	r.Done(0, false)
	require.Contains(t, g.Records(1<<40).Headers, [2]string{"authorization", "Bearer token"})

	environment["A"], environment["TOKEN"] = "another", "another"
	g.FindCredentials(env)
	require.Equal(t, []string{"b (B)"}, g.MissingCredentials(), "what was found stays")
}
