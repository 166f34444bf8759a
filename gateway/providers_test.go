package gateway_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"
)

// Where a call goes at providers that are like OpenAI but for their paths and credentials,
// and as whom: one request each, tried once and as one of several attempts.
func TestCompatibleProviders(t *testing.T) {
	for _, row := range []struct {
		name, provider, model string
		authority, path       string
		header, value         string
		member                string // of the output cap
	}{
		{"plain", `endpoint: "https://api.x.example", credential: {env: OPENAI_API_KEY}`, "gpt-4o",
			"api.x.example", "/v1/chat/completions", "authorization", "Bearer sk-ours", "max_completion_tokens"},
		{"a base path", `endpoint: "https://x.example/openai", credential: {env: OPENAI_API_KEY}`, "gpt-4o",
			"x.example", "/openai/v1/chat/completions", "authorization", "Bearer sk-ours", "max_completion_tokens"},
		{"no version", `endpoint: "https://x.example/v1beta/openai", api_path: /, credential: {env: OPENAI_API_KEY}`, "gpt-4o",
			"x.example", "/v1beta/openai/chat/completions", "authorization", "Bearer sk-ours", "max_completion_tokens"},
		{"another version", `endpoint: "https://x.example", api_path: /api/v4, credential: {env: OPENAI_API_KEY}`, "gpt-4o",
			"x.example", "/api/v4/chat/completions", "authorization", "Bearer sk-ours", "max_completion_tokens"},
		{"a deployment", `endpoint: "https://x.example:8443", api_path: "/openai/deployments/{model}", query: {api-version: 2024-10-21}, credential: {env: OPENAI_API_KEY, header: api-key}`, "gpt-4o-mini",
			"x.example:8443", "/openai/deployments/gpt-4o-mini/chat/completions?api-version=2024-10-21", "api-key", "sk-ours", "max_completion_tokens"},
		{"a scheme", `endpoint: "https://x.example", credential: {env: OPENAI_API_KEY, scheme: Key}`, "gpt-4o",
			"x.example", "/v1/chat/completions", "authorization", "Key sk-ours", "max_completion_tokens"},
		{"the older cap", `endpoint: "https://x.example", output_cap: max_tokens, credential: {env: OPENAI_API_KEY}`, "gpt-4o",
			"x.example", "/v1/chat/completions", "authorization", "Bearer sk-ours", "max_tokens"},
	} {
		t.Run(row.name, func(t *testing.T) {
			check := func(headers map[string]string, body string) {
				require.Equal(t, row.authority, headers[":authority"])
				require.Equal(t, row.path, headers[":path"])
				require.Equal(t, row.value, headers[row.header])
				for _, name := range []string{"authorization", "api-key", "x-api-key"} {
					if name != row.header {
						require.NotContains(t, headers, name)
					}
				}
				require.Equal(t, row.model, gjson.Get(body, "model").Str)
				require.True(t, gjson.Get(body, row.member).Exists(), body)
			}
			text := `
version: 1
providers:
  x: {dialect: openai, ` + row.provider + `}
models:
  m: {targets: [{provider: x, model: "` + row.model + `"}]}
  again: {targets: [{provider: x, model: "` + row.model + `"}], retry: {attempts: 2}}
budgets: [{name: b, unit: tokens, limit: 1000, calendar: month}]
`
			uncapped := `{"model":"m","messages":[{"role":"user","content":"hi"}]}`
			headers := []string{"authorization", "Bearer theirs", "api-key", "theirs", "x-api-key", "theirs"}
			c := newWorld(t, text).post(chat, uncapped, headers...)
			require.Nil(t, c.reply, c.replyBody())
			check(c.headers, c.sent)

			w := newWorld(t, text)
			c = w.post(chat, strings.Replace(uncapped, `"m"`, `"again"`, 1), headers...).follow(jsonAnswer("500", ourError), jsonAnswer("200", goodBody))
			for _, one := range c.tries {
				check(one.headers, one.body)
			}
			c.done()
		})
	}
}
