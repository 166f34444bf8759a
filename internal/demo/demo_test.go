package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/policy/normal"
	"github.com/sluice-gateway/sluice/policy/strict"
)

func TestThePolicyAndTheScript(t *testing.T) {
	t.Setenv("OPENAI_API_KEY", "")
	t.Setenv("ANTHROPIC_API_KEY", "")
	g := &gateway{mocks: newMocks()}
	defer func() { require.NoError(t, g.stop()) }()
	p, env, err := g.providers()
	require.NoError(t, err)
	require.Empty(t, strict.Unsupported(p))
	require.Equal(t, []string{"OPENAI_API_KEY=demo", "ANTHROPIC_API_KEY=demo"}, env)
	for _, provider := range p.Providers {
		require.Equal(t, "127.0.0.1", provider.Endpoint.Host, provider.Name)
		require.Contains(t, g.mocks[provider.Name].URL(), provider.Endpoint.Authority())
	}
	for _, b := range p.Budgets {
		if b.Name == "team-day" {
			require.EqualValues(t, teamDay, b.Limit, "what the tour says of it")
		}
	}
}

func TestARealProviderServesWhereItsKeyIs(t *testing.T) {
	t.Setenv("OPENAI_API_KEY", "sk-real")
	t.Setenv("ANTHROPIC_API_KEY", "")
	g := &gateway{mocks: newMocks()}
	defer func() { require.NoError(t, g.stop()) }()
	p, env, err := g.providers()
	require.NoError(t, err)
	require.Equal(t, []string{"ANTHROPIC_API_KEY=demo"}, env, "the real key reaches Envoy by its own environment")
	require.NotContains(t, string(normal.Append(nil, p)), "sk-real")
	require.Equal(t, "api.openai.com", p.Providers[0].Endpoint.Host)
	require.Equal(t, "127.0.0.1", p.Providers[1].Endpoint.Host)
}

func TestTheBillAddsUp(t *testing.T) {
	lines := []string{
		`{"id":"1","identity":{"team":"search","user":"ada"},"tokens":{"input":11,"output":10,"source":"provider"},"cost_usd":0.5,"end":"complete"}`,
		`{"id":"2","identity":{"team":"search","user":"ada"},"tokens":{"input":0,"output":0,"source":"none"},"cost_usd":null,"end":"refused"}`,
		`{"id":"3","identity":{"team":"search"},"tokens":{"input":1,"output":2,"source":"counted"},"cost_usd":0.25,"end":"cut"}`,
	}
	for i := range 9 {
		lines = append(lines, `{"identity":{"team":"batch","user":"`+string(rune('a'+i))+`"},"tokens":{"input":1,"output":1},"end":"complete"}`)
	}
	records, err := parseRecords(lines)
	require.NoError(t, err)
	require.Equal(t, []account{
		{team: "search", user: "ada", requests: 2, refused: 1, input: 11, output: 10, dollars: 0.5},
		{team: "search", requests: 1, input: 1, output: 2, dollars: 0.25},
		{team: "batch", user: "(9 users)", requests: 9, input: 9, output: 9},
	}, accountsOf(records))
	r, err := find(records, "3")
	require.NoError(t, err)
	require.Equal(t, `"tokens":{"input":1,"output":2,"source":"counted"}`, r.member("tokens"))
	_, err = find(records, "4")
	require.ErrorContains(t, err, `"4"`)
	_, err = parseRecords([]string{"starting"})
	require.ErrorContains(t, err, "starting")
}

func TestACommandThatCanBeTyped(t *testing.T) {
	require.Equal(t, []string{
		`curl -N $G/v1/chat/completions -H 'x-team: a' -H 'x-user-id: b' --json '`,
		`{"model":"m",`,
		` "messages":[]}'`,
	}, call{path: chatPath, team: "a", user: "b", body: `{"model":"m","messages":[]}`}.curl("-N "))
}

func TestNothingIsColouredButOnATerminal(t *testing.T) {
	var out bytes.Buffer
	s := &screen{out: &out}
	s.title(1, "T")
	s.say("%s", "a")
	s.command("b", "c")
	s.quote("d")
	require.Equal(t, "\n1  T\n   a\n   $ b\n       c\n   | d\n", out.String())
	s.colour = true
	s.command("b")
	require.Contains(t, out.String(), "\x1b[1m   $ b\x1b[0m")
}

func TestText(t *testing.T) {
	require.Equal(t, []string{"one two", "three", "fourfive"}, wrapped("one two three fourfive", 7))
	require.Equal(t, "abc…", short("abcdef", 4))
	require.Equal(t, "äöü", short("äöü", 3))
	require.Equal(t, "1,234,567", grouped(1234567))
	require.Equal(t, "999", grouped(999))
	value, ok := between(`{"a":12,"b":3}`, `"a":`, ",}")
	require.True(t, ok)
	require.Equal(t, "12", value)
}
