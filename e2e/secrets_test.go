package e2e

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestCredentials holds that a provider gets its own key and nothing of the client's,
// and that the key is seen nowhere else.
func TestCredentials(t *testing.T) {
	eachGateway(t, monthly, func(t *testing.T, g *gateway) {
		clients := map[string]string{
			"authorization": "Bearer sk-the-clients-own", "x-api-key": "sk-ant-the-clients-own",
			"api-key": "the-clients-own", "cookie": "session=the-clients-own", "proxy-authorization": "Basic the-clients-own",
		}
		var answers []answer
		for _, c := range []struct {
			d             dialect
			model, target string
			name, value   string
		}{
			{openAI, "keyed-gpt", "gpt-4o-mini", "Authorization", "Bearer sk-provider-key-of-openai"},
			{anthropic, "keyed-claude", "claude-haiku-4-5", "X-Api-Key", "sk-ant-provider-key-of-anthropic"},
		} {
			for _, stream := range []bool{false, true} {
				for _, fault := range []string{`{}`, `{status: 401}`, `{status: 500}`, `{cut: {after_bytes: 100}}`} {
					c.d.model = c.model
					header := map[string]string{"x-mock-fault": fault}
					for name, value := range clients {
						header[name] = value
					}
					a := g.send(t, request{path: c.d.path, body: c.d.body("Whose key?", stream, ""), header: header})
					answers = append(answers, a)
					up := g.upstream(t, a.name)
					require.Equal(t, []string{c.value}, up.Header[c.name])
					for name, values := range up.Header {
						require.NotContains(t, strings.Join(values, " "), "the-clients-own", name)
					}
					require.Equal(t, "/base"+c.d.path, up.Path)
					require.Equal(t, c.target, up.Model)
					switch fault {
					case `{}`:
						require.Equal(t, 200, a.status, a.body)
						require.Equal(t, c.target, a.header.Get("x-sluice-model"))
						require.Equal(t, c.model, g.record(t, a.name).ModelAsked)
					case `{status: 401}`:
						require.Equal(t, 401, a.status)
						require.Contains(t, a.problem(t, c.d).Error.Message, "refused the gateway's credential")
					}
				}
			}
		}

		// A provider whose variable is not set is not asked.
		a := g.send(t, request{path: openAI.path, body: `{"model":"unkeyed-gpt","messages":[{"role":"user","content":"?"}]}`})
		require.Equal(t, 503, a.status)
		require.Equal(t, "credential_missing", *a.problem(t, openAI).Error.Code)
		require.Empty(t, g.arrived(a.name))

		metrics, err := g.envoy.Prometheus(t.Context())
		require.NoError(t, err)
		places := map[string]string{"records": g.envoy.Stdout(), "log": g.envoy.Stderr(), "metrics": metrics, "configuration": g.admin(t, "/config_dump")}
		for _, a := range answers {
			places["answer to "+a.name] = a.body
			for name, values := range a.header {
				places["header "+name+" of "+a.name] = strings.Join(values, " ")
			}
		}
		for where, text := range places {
			for _, secret := range []string{"provider-key-of", "the-clients-own"} {
				require.False(t, strings.Contains(text, secret), "%s in the %s", secret, where)
			}
		}
	})
}

// admin asks Envoy's admin interface.
func (g *gateway) admin(t *testing.T, path string) string {
	t.Helper()
	res, err := http.Get("http://" + g.envoy.Admin + path)
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.Equal(t, 200, res.StatusCode, "%s", text)
	return string(text)
}

// TestNobodySpeaksInOurName holds that no header of a client's routes, names or
// describes anything.
func TestNobodySpeaksInOurName(t *testing.T) {
	forged := map[string]string{
		"x-sluice-cluster": "sluice_provider_down-openai", "x-sluice-id": "forged", "x-sluice-provider": "forged",
		"x-sluice-anything": "forged", "X-Sluice-Model": "forged",
	}
	eachGateway(t, monthly, func(t *testing.T, g *gateway) {
		for _, c := range []request{
			{path: openAI.path, body: openAI.body("?", true, "")},
			{path: anthropic.path, body: anthropic.body("?", false, "")},
			{method: "GET", path: "/v1/files"},
		} {
			for _, client := range []*http.Client{http1, http2} {
				c.header, c.client = forged, client
				a := g.send(t, c)
				require.Equal(t, 200, a.status, a.body)
				up := g.upstream(t, a.name)
				for name := range up.Header {
					require.False(t, strings.HasPrefix(name, "X-Sluice-"), name)
				}
				for _, values := range a.header {
					require.NotContains(t, values, "forged")
				}
			}
		}
	})
}
