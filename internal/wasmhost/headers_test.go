package wasmhost_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/internal/wasmhost"
)

func TestHeadersByName(t *testing.T) {
	const rules = `
		request_headers: get ACCEPT; get accept; set x-New 1; add x-new 2; get x-new; remove accept; get accept
	`
	t.Run("envoy", func(t *testing.T) {
		vm, plugin := start(t, on(wasmhost.Envoy), rules)
		s := plugin.Exchange(get("/x"), streamed())
		require.Equal(t, []string{
			"request_headers@end 5",
			`get ACCEPT = "*/*"`, `get accept = "*/*"`, "set x-New 1 = ok", "add x-new 2 = ok", `get x-new = "1"`,
			"remove accept = ok", "get accept = host: not found",
			"response_headers@end 2",
		}, notes(vm))
		require.Equal(t, wasmhost.Headers{{":method", "GET"}, {":path", "/x"}, {":authority", "gateway"}, {":scheme", "http"},
			{"x-new", "1"}, {"x-new", "2"}}, s.Upstream().Headers)
	})
	// Kong keeps the case of names, tells no end with the headers, and sends upstream what
	// was removed.
	t.Run("kong", func(t *testing.T) {
		vm, plugin := start(t, on(wasmhost.Kong), rules)
		s := plugin.Exchange(get("/x"), streamed())
		require.Equal(t, "request_headers@more 1", notes(vm)[0], "without :method and the like")
		require.Equal(t, "get accept = host: not found", notes(vm)[7])
		require.Equal(t, wasmhost.Headers{{":method", "GET"}, {":path", "/x"}, {":authority", "gateway"}, {":scheme", "http"},
			{"x-New", "1"}, {"x-new", "2"}, {"Accept", "*/*"}}, s.Upstream().Headers)
	})
}

func TestTarget(t *testing.T) {
	const rules = `
		request_headers: set :path /other; set :authority other; set-property ngx.upstream_uri /third; get :path
	`
	_, plugin := start(t, on(wasmhost.Envoy), rules)
	sent := plugin.Exchange(get("/x"), streamed()).Upstream().Headers
	require.Equal(t, [2]string{"/other", "other"}, [2]string{sent.Get(":path"), sent.Get(":authority")})

	_, plugin = start(t, on(wasmhost.Kong), rules)
	sent = plugin.Exchange(get("/x"), streamed()).Upstream().Headers
	require.Equal(t, [2]string{"/third", "gateway"}, [2]string{sent.Get(":path"), sent.Get(":authority")})
}

// Kong appends a request's query behind the callback for its headers, to whatever stands there,
// and never again.
func TestKongAppendsTheQuery(t *testing.T) {
	for _, row := range []struct{ rules, path, sent string }{
		{"request_headers: property ngx.upstream_uri", "/x?a=b", "/x?a=b"},
		{"request_headers: property ngx.upstream_uri", "/x?", "/x?"},
		{"request_headers: set-property ngx.upstream_uri /base/x", "/x?a=b", "/base/x?a=b"},
		{"request_headers: set-property ngx.upstream_uri /base/x?a=b", "/x?a=b", "/base/x?a=b?a=b"},
		{"request_headers: set-property ngx.upstream_uri /base/x; set-property ngx.args c=d", "/x?a=b", "/base/x?c=d"},
		{"request_headers: set-property ngx.upstream_uri /base/x; call side /a; pause", "/x?a=b", "/base/x?a=b"},
		{"request_body: property ngx.upstream_uri; set-property ngx.upstream_uri /base/x", "/x?a=b", "/base/x"},
		{"request_body: set-property ngx.upstream_uri /base/x?c=d; call side /a; pause", "/x?a=b", "/base/x?c=d"},
	} {
		vm, plugin := start(t, wasmhost.Options{Profile: wasmhost.Kong, OnCall: func(*wasmhost.Call) wasmhost.CallAnswer { return called }}, row.rules)
		r := get(row.path)
		r.Body = [][]byte{[]byte("x")}
		s := plugin.Exchange(r, streamed())
		require.Equal(t, row.sent, s.Upstream().Headers.Get(":path"), row.rules)
		if strings.HasPrefix(row.rules, "request_headers: property") {
			require.Contains(t, notes(vm), `property ngx.upstream_uri = "/x"`)
		}
		if strings.HasPrefix(row.rules, "request_body: property") {
			require.Contains(t, notes(vm), `property ngx.upstream_uri = "/x?a=b"`)
		}
	}
}

// On Envoy, headers that have gone on cannot be seen later, except in the log; those
// that were held can.
func TestHeadersLater(t *testing.T) {
	vm, plugin := start(t, on(wasmhost.Envoy), `
		request_headers /held: pause
		request_body@end: get >:path
		response_headers: set x-seen 1
		response_body@end: get <:status
		log: get >:path; get <x-seen
	`)
	plugin.Exchange(post("/held", "a"), streamed("b"))
	plugin.Exchange(post("/sent", "a"), streamed("b"))
	require.Equal(t, []string{
		"request_headers@more 5", "request_body@more 1", "request_body@end 0", `get >:path = "/held"`,
		"response_headers@more 2", "set x-seen 1 = ok", "response_body@more 1", "response_body@end 0",
		"get <:status = host: bad argument, or not allowed in this callback", `get >:path = "/held"`, `get <x-seen = "1"`,
		"request_headers@more 5", "request_body@more 1", "request_body@end 0",
		"get >:path = host: bad argument, or not allowed in this callback",
		"response_headers@more 2", "set x-seen 1 = ok", "response_body@more 1", "response_body@end 0",
		"get <:status = host: bad argument, or not allowed in this callback", `get >:path = "/sent"`, `get <x-seen = "1"`,
	}, notes(vm))
}

func TestTrailers(t *testing.T) {
	const rules = `
		request_trailers: get x-t; pairs
		response_trailers: set x-t 2
	`
	request := post("/x", "a")
	request.Trailers = wasmhost.Headers{{"X-T", "0"}}
	upstream := func(wasmhost.Message) wasmhost.Response {
		return wasmhost.Response{Headers: wasmhost.Headers{{":status", "200"}}, Body: [][]byte{[]byte("b")},
			Trailers: wasmhost.Headers{{"X-T", "1"}}}
	}
	// With trailers no body callback has the end of the stream.
	vm, plugin := start(t, on(wasmhost.Envoy), rules)
	s := plugin.Exchange(request, upstream)
	require.Equal(t, []string{
		"request_headers@more 5", "request_body@more 1", "request_trailers@end 1", `get x-t = "0"`, "pairs = x-t",
		"response_headers@more 1", "response_body@more 1", "response_trailers@end 1", "set x-t 2 = ok",
	}, notes(vm))
	require.Equal(t, wasmhost.Headers{{"x-t", "0"}}, s.Upstream().Trailers)
	require.Equal(t, wasmhost.Headers{{"x-t", "2"}}, s.Client().Trailers)

	vm, plugin = start(t, on(wasmhost.Kong), rules)
	s = plugin.Exchange(request, upstream)
	require.Equal(t, []string{"request_headers@more 1", "request_body@end 1", "response_headers@more 0", "response_body@more 1"}, notes(vm))
	require.Equal(t, wasmhost.Headers{{"X-T", "1"}}, s.Client().Trailers)
}
