package e2e

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"
	"golang.org/x/sys/unix"

	"github.com/sluice-gateway/sluice/internal/envoy"
	"github.com/sluice-gateway/sluice/internal/mock"
	"github.com/sluice-gateway/sluice/policy/source"
	"github.com/sluice-gateway/sluice/render"
)

// An Envoy that has a route to OpenAI becomes one with Sluice in it by the steps of
// docs/envoy.md, and back.
func TestAdoption(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/envoy.md")
	require.NoError(t, err)
	var blocks []string
	for _, b := range regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllSubmatch(page, -1) {
		blocks = append(blocks, string(b[1]))
	}
	require.Len(t, blocks, 3)
	for _, version := range envoy.TestVersions() {
		t.Run("envoy "+version, func(t *testing.T) {
			t.Parallel()
			provider, err := mock.Start(mock.Options{})
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, provider.Close()) })
			clusters := fmt.Sprintf(`
      type: STATIC
      load_assignment: {cluster_name: C, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: %s}}}}]}]}
`, provider.Addr()[strings.LastIndexByte(provider.Addr(), ':')+1:])
			before := strings.NewReplacer("port_value: 9901", "port_value: 0", "0.0.0.0, port_value: 8080", "127.0.0.1, port_value: 0",
				"      # … TLS to api.openai.com\n", clusters, "      # …\n", clusters).Replace(blocks[0])

			p, err := source.Policy([]byte(strings.Replace(blocks[1], "https://api.openai.com", provider.URL(), 1)))
			require.NoError(t, err)
			opt := render.Options{Listen: "127.0.0.1:" + fmt.Sprint(reservedPort(t)), Wasm: wasm}
			into := func(bootstrap string) string {
				var out bytes.Buffer
				require.NoError(t, render.EnvoyInto(&out, []byte(bootstrap), p, opt))
				return out.String()
			}
			beside := into(before)
			require.Equal(t, beside, into(beside), "what was put in is replaced")
			through := strings.Replace(beside, "route: {cluster: openai, prefix_rewrite: /, timeout: 300s}", strings.TrimSpace(strings.SplitN(blocks[2], "\n", 3)[1]), 1)
			require.NotEqual(t, beside, through)

			for _, step := range []struct {
				bootstrap       string
				sluice, through bool
			}{{before, false, false}, {beside, true, false}, {through, true, true}} {
				binary, err := envoy.Path(version)
				require.NoError(t, err)
				in, err := envoy.Start(t.Context(), envoy.Options{Binary: binary, Bootstrap: []byte(step.bootstrap)})
				require.NoError(t, err)
				main := "http://" + in.Listener("main")
				body := `{"model":"gpt-4o","max_tokens":5,"messages":[{"role":"user","content":"Write to ann@example.org."}]}`
				call := func(url string) *http.Response {
					req, err := http.NewRequestWithContext(bounded(t), "POST", url+"/v1/chat/completions", strings.NewReader(body))
					require.NoError(t, err)
					req.Header.Set("content-type", "application/json")
					req.Header.Set("authorization", "Bearer sk-theirs")
					req.Header.Set("x-team", "search")
					res, err := http.DefaultClient.Do(req)
					require.NoError(t, err)
					t.Cleanup(func() { _ = res.Body.Close() })
					require.Equal(t, 200, res.StatusCode)
					sent := provider.Requests()
					require.Equal(t, body, string(sent[len(sent)-1].Body), "nothing is enforced")
					require.Equal(t, "Bearer sk-theirs", sent[len(sent)-1].Header.Get("authorization"))
					return res
				}
				require.Equal(t, step.through, call(main+"/openai").Header.Get("x-sluice-id") != "")
				if step.sluice {
					require.NotEmpty(t, call("http://"+in.Listener(render.ListenerName)).Header.Get("x-sluice-id"))
				}
				res, err := http.Get(main + "/anything")
				require.NoError(t, err)
				require.NoError(t, res.Body.Close())
				require.Empty(t, res.Header.Get("x-sluice-id"), "the other routes are as they were")
				require.NoError(t, in.Stop())
				lines := in.Lines()
				if !step.through {
					continue
				}
				require.Len(t, lines, 2)
				require.Equal(t, "search", gjson.Get(lines[0], "identity.team").Str, lines[0])
				require.Equal(t, "email", gjson.Get(lines[0], "guards.0.kind").Str)
				require.True(t, gjson.Get(lines[0], "guards.0.shadow").Bool())
			}
		})
	}
}

// reservedPort is a port of this machine that nobody else is given, and which an Envoy can
// listen at.
func reservedPort(t *testing.T) int {
	t.Helper()
	s, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	require.NoError(t, err)
	t.Cleanup(func() { _ = unix.Close(s) })
	require.NoError(t, unix.SetsockoptInt(s, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1))
	require.NoError(t, unix.Bind(s, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}))
	name, err := unix.Getsockname(s)
	require.NoError(t, err)
	return name.(*unix.SockaddrInet4).Port
}
