package e2e

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTransparency makes each request twice: through the gateway, and of a provider
// that answers its nth request as the gateway's own does. The bodies must be equal
// byte for byte, whatever the gateway has asked for between.
func TestTransparency(t *testing.T) {
	prompts := map[string]string{
		"chat":             `{"model":"gpt-4.1","messages":[{"role":"user","content":"héllo \u00e9"}]%s}`,
		"three choices":    `{"model":"gpt-4.1","n":3,"messages":[{"role":"user","content":"three"}]%s}`,
		"tools":            `{"model":"gpt-4.1","messages":[{"role":"user","content":"get_time and get_date"}],"tools":[{"type":"function","function":{"name":"get_time","parameters":{}}},{"type":"function","function":{"name":"get_date","parameters":{"type":"object","properties":{"zone":{"type":"string"}}}}}]%s}`,
		"completions":      `{"model":"gpt-4.1","prompt":["a","b"],"n":2%s}`,
		"embeddings":       `{"model":"gpt-4.1","input":["a",[1,2,3]]%s}`,
		"messages":         `{"model":"claude-sonnet-4-5","max_tokens":90,"messages":[{"role":"user","content":"hi"}]%s}`,
		"messages, a tool": `{"model":"claude-sonnet-4-5","max_tokens":90,"messages":[{"role":"user","content":"get_time"}],"tools":[{"name":"get_time","input_schema":{"type":"object"}}]%s}`,
	}
	paths := map[string]string{"completions": "/v1/completions", "embeddings": "/v1/embeddings", "messages": "/v1/messages", "messages, a tool": "/v1/messages"}
	forms := []string{
		``, `,"stream":false`, `,"stream":true`,
		`,"stream":true,"stream_options":{"include_usage":true}`,
		`,"stream":true,"stream_options":{"include_usage":false}`,
		`,"stream":true,"stream_options":{"include_obfuscation":false}`,
		`,"stream":true,"stream_options":{}`,
		`,"stream":true,"stream_options":null`,
	}
	manners := []string{
		`{}`, `{crlf: true}`, `{split_bytes: 13}`, `{join_events: 5}`, `{crlf: true, split_bytes: 1}`, `{huge: {after_events: 2, bytes: 100000}}`,
		`{after_done: "{}"}`, `{no_done: true}`, `{usage: missing}`, `{usage: "null"}`, `{usage: zero}`,
		`{status: 400}`, `{status: 429}`, `{status: 500}`, `{error_event: {after_events: 3}}`,
	}
	eachGateway(t, monthly, func(t *testing.T, g *gateway) {
		direct, err := startTwin()
		require.NoError(t, err)
		defer func() { require.NoError(t, direct.Close()) }()
		for kind, prompt := range prompts {
			path := paths[kind]
			if path == "" {
				path = "/v1/chat/completions"
			}
			for _, form := range forms {
				for _, manner := range manners {
					if path != "/v1/chat/completions" && strings.Contains(form, "stream_options") {
						continue
					}
					body := strings.Replace(prompt, "%s", form, 1)
					header := map[string]string{"x-mock-fault": manner}
					got := g.send(t, request{path: path, body: body, key: "sk-transparent", header: header})
					want := (&gateway{url: direct.URL()}).send(t, request{path: path, body: body, key: "sk-transparent", header: header})
					about := kind + form + " " + manner
					require.NoError(t, got.err, about)
					require.Equal(t, want.status, got.status, about)
					require.Equal(t, want.body, got.body, about)
					for name := range got.header {
						name = strings.ToLower(name)
						if strings.HasPrefix(name, "x-sluice-") || strings.HasPrefix(name, "x-ratelimit-") && strings.HasSuffix(name, "-tokens") || name == "date" || name == "content-length" {
							delete(got.header, http.CanonicalHeaderKey(name))
						}
					}
					for _, name := range []string{"date", "content-length", "x-ratelimit-limit-tokens", "x-ratelimit-remaining-tokens"} {
						want.header.Del(name)
					}
					require.Equal(t, want.header, got.header, about)
				}
			}
		}
	})
}

// TestWhatIsNoCallPasses holds that everything else goes to the default provider as it
// came, credentials included.
func TestWhatIsNoCallPasses(t *testing.T) {
	eachGateway(t, monthly, func(t *testing.T, g *gateway) {
		for _, c := range []struct{ method, path, body string }{
			{"GET", "/", ""},
			{"GET", "/v1/files/a%2Fb%20c?q=%20x&y=//..&z", ""},
			{"DELETE", "/v1/files/ü", ""},
			{"POST", "/v1/files", "\x00\x01\xff not JSON"},
			{"POST", "/v1/audio/transcriptions?model=whisper-1", strings.Repeat("bytes", 1000)},
			{"PUT", "/v1/chat/completions", `{"model":"gpt-4o"}`},
			{"PATCH", "/v1/fine_tuning/jobs", `{"n": 1 }`},
			{"OPTIONS", "/v1/chat/completions", ""},
			{"POST", "/v1/chat/completions/abc", `{"metadata":{}}`},
		} {
			about := c.method + " " + c.path
			a := g.send(t, request{method: c.method, path: c.path, body: c.body, header: map[string]string{
				"content-type": "application/x-own", "x-own": "1, 2", "cookie": "a=b", "accept-encoding": "br", "openai-organization": "org",
			}})
			require.NoError(t, a.err, about)
			require.Equal(t, 200, a.status, about)
			require.Empty(t, a.header.Get("x-sluice-id"), about)
			got := g.upstream(t, a.name)
			require.Equal(t, c.method, got.Method, about)
			want := c.path
			if strings.Contains(want, "ü") {
				want = "/v1/files/%C3%BC" // what Go's client makes of it
			}
			require.Equal(t, want, got.Path, about)
			require.Equal(t, c.body, string(got.Body), about)
			require.Equal(t, "Bearer "+a.key, got.Header.Get("authorization"), about)
			for name, value := range map[string]string{
				"content-type": "application/x-own", "x-own": "1, 2", "cookie": "a=b", "accept-encoding": "br", "openai-organization": "org",
			} {
				require.Equal(t, value, got.Header.Get(name), about+": "+name)
			}
			for name := range got.Header {
				require.NotContains(t, []string{"X-Forwarded-For", "X-Forwarded-Proto", "X-Request-Id", "X-Sluice-Cluster", "X-Sluice-Id"}, name, about)
				require.False(t, strings.HasPrefix(name, "X-Envoy-"), about+": "+name)
			}
		}
	})
}

// TestDisguises holds that a path that an upstream may take for a call does not pass
// as something else.
func TestDisguises(t *testing.T) {
	eachGateway(t, monthly, func(t *testing.T, g *gateway) {
		for _, path := range []string{
			"/v1/chat/completions/", "/V1/chat/completions", "/v1/chat/Completions", "/v1/chat/completions%00", "/v1/chat/completions%20",
			"/v1/chat%2Fcompletions", "/v1%2Fchat/completions", "/v1/x%2F..%2Fchat/completions", "/v1/chat/completions;a=b", "/v1/chat/completions%3Fx",
			"/v1\\chat\\completions", "/v1/%2563hat/completions", "/v1/messages/", "/v1/embeddings%2f",
		} {
			a := g.sendRaw(t, "POST "+path+" HTTP/1.1\r\nhost: gateway\r\nx-case: {name}\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}")
			require.Contains(t, []int{400, 404}, a.status, path)
			require.Empty(t, g.arrived(a.name), path)
		}
		// What Envoy makes plain before it is judged is a call, and is counted.
		for _, path := range []string{"/v1/./chat/completions", "//v1//chat/completions", "/v1/%63hat/completions", "/v1/x/../chat/completions"} {
			a := g.sendRaw(t, "POST "+path+" HTTP/1.1\r\nhost: gateway\r\nx-case: {name}\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}")
			require.Equal(t, 400, a.status, path)
			require.Contains(t, a.body, `"param":"model"`, path)
			require.Empty(t, g.arrived(a.name), path)
		}
	})
}

// TestNoDefaultProvider holds that nothing passes where the policy names nobody to
// pass it to.
func TestNoDefaultProvider(t *testing.T) {
	eachGateway(t, several, func(t *testing.T, g *gateway) {
		a := g.send(t, request{method: "GET", path: "/v1/files"})
		require.Equal(t, 404, a.status)
		a.problem(t, openAI)
		require.Empty(t, g.arrived(a.name))

		a = g.send(t, request{path: openAI.path, body: `{"model":"gpt-4o","messages":[]}`})
		require.Equal(t, 404, a.status)
		require.Equal(t, "model_not_found", *a.problem(t, openAI).Error.Code)
		require.Empty(t, g.arrived(a.name))

		a = g.send(t, request{path: anthropic.path, body: `{"model":"claude-unheard-of","max_tokens":1,"messages":[]}`})
		require.Equal(t, 404, a.status)
		require.Equal(t, "not_found_error", a.problem(t, anthropic).Error.Type)

		// The other API's model.
		a = g.send(t, request{path: anthropic.path, body: `{"model":"gpt-4o-mini","max_tokens":1,"messages":[]}`})
		require.Equal(t, 400, a.status)
		a.problem(t, anthropic)
	})
}
