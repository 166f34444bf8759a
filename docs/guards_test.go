package docs

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/companion/guard"
	"github.com/sluice-gateway/sluice/policy"
	"github.com/sluice-gateway/sluice/policy/source"
	"github.com/sluice-gateway/sluice/policy/strict"
)

// TestGuardsPolicy: the policy on the page is one, and has every type of guard.
func TestGuardsPolicy(t *testing.T) {
	all := blocks(read(t, "guards-external.md"), "yaml")
	require.Len(t, all, 1)
	p, err := source.Policy([]byte(all[0]))
	require.NoError(t, err)
	types := map[policy.ExternalType]bool{}
	for _, g := range p.Guards.External {
		types[g.Service.Type] = true
	}
	require.Len(t, types, 4)
	_, err = guard.New(p.Guards.External, func(string) string { return "key" })
	require.NoError(t, err)
}

// ask asks a webhook about one text of a user's.
func ask(t *testing.T, url, text string) guard.Verdict {
	endpoint, ok := strict.ParseEndpoint(url)
	require.True(t, ok)
	set, err := guard.New([]policy.ExternalGuard{{Name: "ours", Roles: []string{"user"}, Timeout: 20 * time.Second,
		Service: policy.Service{Type: policy.Webhook, Endpoint: endpoint}}}, nil)
	require.NoError(t, err)
	return set.Check(t.Context(), []string{"ours"}, []guard.Text{{Role: "user", Text: text}}, 0)[0]
}

// TestWebhookContract: what is sent is as the page has it, and its answers are taken.
func TestWebhookContract(t *testing.T) {
	all := blocks(read(t, "guards-webhook.md"), "json")
	require.Len(t, all, 3)
	var want, got map[string]any
	require.NoError(t, json.Unmarshal([]byte(all[0]), &want))
	answer := all[1]
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		json.NewDecoder(r.Body).Decode(&got)
		io.WriteString(w, answer)
	}))
	defer hook.Close()
	text := want["texts"].([]any)[0].(map[string]any)["text"].(string)
	require.Equal(t, guard.Clean, ask(t, hook.URL, text).Result)
	require.Equal(t, want["texts"], got["texts"])
	require.Equal(t, want["guard"], got["guard"])
	require.Len(t, got["id"], len(want["id"].(string)))
	require.ElementsMatch(t, slices.Collect(maps.Keys(want)), slices.Collect(maps.Keys(got)))
	answer = all[2]
	v := ask(t, hook.URL, text)
	require.Equal(t, []any{guard.Found, []string{"internal_project"}, "list-7"}, []any{v.Result, v.Kinds, v.Reason})
}

// TestWebhookExample: the page's guard answers as its page says.
func TestWebhookExample(t *testing.T) {
	all := blocks(read(t, "guards-webhook.md"), "python")
	require.Len(t, all, 1)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	// As if it were imported: it would serve at a port of its own.
	command := exec.CommandContext(ctx, cmp.Or(os.Getenv("SLUICE_PYTHON"), "python3"), "-c", "__name__ = 'guard'\n"+all[0]+`
server = ThreadingHTTPServer(("127.0.0.1", 0), Guard)
Guard.log_message = lambda *_: None
print(server.server_port, flush=True)
server.serve_forever()
`)
	out, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	defer func() { command.Process.Kill(); command.Wait() }()
	port, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	url := "http://127.0.0.1:" + strings.TrimSpace(port)
	v := ask(t, url, "What does project Kestrel cost?")
	require.Equal(t, guard.Clean, v.Result, v.Err)
	require.Equal(t, []string{"internal_project"}, ask(t, url, "What does project Falcon cost?").Kinds)
}
