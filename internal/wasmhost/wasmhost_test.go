package wasmhost_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/internal/wasmhost"
	"github.com/sluice-gateway/sluice/internal/wasmhost/hosttest"
)

// start runs the probe with rules; see its package comment for their language.
func start(t *testing.T, o wasmhost.Options, rules string) (*wasmhost.VM, *wasmhost.Plugin) {
	t.Helper()
	vm, err := hosttest.Compile(t, hosttest.Probe).NewVM(o)
	require.NoError(t, err)
	t.Cleanup(func() { vm.Close() })
	plugin, err := vm.Plugin([]byte(unindent(rules)))
	require.NoError(t, err)
	return vm, plugin
}

// on gives the options of a profile with nothing else.
func on(p wasmhost.Profile) wasmhost.Options { return wasmhost.Options{Profile: p} }

func unindent(rules string) string {
	var lines []string
	for line := range strings.Lines(rules) {
		lines = append(lines, strings.TrimSpace(line))
	}
	return strings.Join(lines, "\n")
}

// notes are what the probe logged after its configuration, without its mark.
func notes(vm *wasmhost.VM) (notes []string) {
	for _, log := range vm.Logs() {
		note, ok := strings.CutPrefix(log.Message, "probe: ")
		if ok && note != "vm_start" && !strings.HasPrefix(note, "configure ") {
			notes = append(notes, note)
		}
	}
	return notes
}

func get(path string) wasmhost.Request {
	return wasmhost.Request{Headers: wasmhost.Headers{
		{":method", "GET"}, {":path", path}, {":authority", "gateway"}, {":scheme", "http"}, {"Accept", "*/*"}}}
}

func post(path string, pieces ...string) wasmhost.Request {
	r := get(path)
	r.Headers[0][1] = "POST"
	r.Body = bytesOf(pieces)
	return r
}

// streamed answers with pieces of no announced length.
func streamed(pieces ...string) wasmhost.Upstream {
	return func(wasmhost.Message) wasmhost.Response {
		return wasmhost.Response{
			Headers: wasmhost.Headers{{":status", "200"}, {"Content-Type", "text/event-stream"}},
			Body:    bytesOf(pieces),
		}
	}
}

// sized answers with a content-length.
func sized(length string, pieces ...string) wasmhost.Upstream {
	return func(m wasmhost.Message) wasmhost.Response {
		r := streamed(pieces...)(m)
		r.Headers = append(r.Headers, [2]string{"content-length", length})
		return r
	}
}

func bytesOf(pieces []string) (b [][]byte) {
	for _, piece := range pieces {
		b = append(b, []byte(piece))
	}
	return b
}

// golden compares with a file of testdata; UPDATE_GOLDEN=1 writes it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if os.Getenv("UPDATE_GOLDEN") != "" {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

// The same exchange on both hosts, every callback and host call of it. The Envoy file
// has the order of callbacks, their sizes and ends, and what each host call answered, as
// Envoy 1.40.0 was seen to have them with the same rules.
const exchangeRules = `
	request_headers: pairs; get :path; get x-absent; property kong.version
	request_headers@more: pause
	request_body@more: body; pause
	request_body@end: body; get >:path; set >x-late yes; replace-body HELLO
	response_headers: get :status; get >:path; set-property rec 1; property rec
	response_body: body; get <:status
	log: get >:path; get <:status; set-property rec 2
`

func TestExchangeEnvoy(t *testing.T) {
	_, plugin := start(t, on(wasmhost.Envoy), exchangeRules)
	s := plugin.Exchange(post("/x", "ab", "c"), streamed("data: 0\n\n", "data: 1\n\n"))
	require.False(t, s.Hung())
	require.Equal(t, "HELLO", string(s.Upstream().Body()))
	require.Equal(t, "yes", s.Upstream().Headers.Get("x-late"))
	require.Equal(t, []string{"data: 0\n\n", "data: 1\n\n"}, stringsOf(s.Client().Chunks))
	require.True(t, s.Client().End)
	require.Equal(t, map[string]string{"rec": "2"}, s.FilterState())
	golden(t, "exchange.envoy.txt", s.Trace())
}

func TestExchangeKong(t *testing.T) {
	_, plugin := start(t, on(wasmhost.Kong), strings.Replace(exchangeRules, "request_headers@more: pause", "", 1))
	s := plugin.Exchange(post("/x", "ab", "c"), streamed("data: 0\n\n", "data: 1\n\n"))
	require.False(t, s.Hung())
	require.Equal(t, "HELLO", string(s.Upstream().Body()))
	golden(t, "exchange.kong.txt", s.Trace())
}

func stringsOf(chunks [][]byte) (s []string) {
	for _, chunk := range chunks {
		s = append(s, string(chunk))
	}
	return s
}

func hostOf(t *testing.T) *wasmhost.Host { return hosttest.Compile(t, hosttest.Probe) }
