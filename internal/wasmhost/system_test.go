package wasmhost_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/internal/wasmhost"
)

func TestHTTPCall(t *testing.T) {
	const rules = `
		request_headers: call side:80 /a; pause
		called: resume-request
	`
	answer := wasmhost.CallAnswer{Headers: wasmhost.Headers{{":status", "200"}, {"X-A", "1"}}, Body: []byte("yes")}

	vm, plugin := start(t, on(wasmhost.Envoy), rules)
	s := plugin.Exchange(get("/x"), streamed("a"))
	require.Nil(t, s.Upstream().Headers)
	require.False(t, s.Hung(), "it waits for a call")
	require.Len(t, plugin.Calls(), 1)
	call := plugin.Calls()[0]
	require.Equal(t, "side:80", call.Upstream)
	require.Equal(t, "/a", call.Headers.Get(":path"))
	require.EqualValues(t, 1000, call.Timeout)
	require.NoError(t, call.Answer(answer))
	s.Respond(streamed("a"))
	require.Equal(t, "a", string(s.Client().Body()))
	require.Empty(t, plugin.Calls())
	require.Equal(t, []string{"request_headers@end 5", "call side:80 /a = token 1", `called side:80 2 "yes"`, "resume-request = ok"}, notes(vm)[:4])

	// Kong resumes by itself, and counts its calls from 0.
	o := on(wasmhost.Kong)
	o.OnCall = func(*wasmhost.Call) wasmhost.CallAnswer { return answer }
	vm, plugin = start(t, o, "request_headers: call side:80 /a; pause")
	s = plugin.Exchange(post("/x", "ab", "c"), streamed("a"))
	require.Equal(t, "a", string(s.Client().Body()))
	require.Equal(t, []string{"request_headers@more 1", "call side:80 /a = token 0", `called side:80 2 "yes"`, "request_body@end 3"}, notes(vm)[:4])
}

// A call can outlive its stream: the SDK then drops the answer.
func TestHTTPCallAfterStream(t *testing.T) {
	vm, plugin := start(t, on(wasmhost.Envoy), "request_headers: call side /a; pause")
	s := plugin.NewStream(nil)
	s.RequestHeaders(get("/x").Headers, true)
	s.Abort()
	require.NoError(t, plugin.Calls()[0].Answer(wasmhost.CallAnswer{}))
	require.Equal(t, "call side /a = token 1", notes(vm)[len(notes(vm))-1])
}

func TestHTTPCallFailure(t *testing.T) {
	vm, plugin := start(t, on(wasmhost.Envoy), "request_headers: call side /a; pause")
	plugin.NewStream(nil).RequestHeaders(get("/x").Headers, true)
	require.NoError(t, plugin.Calls()[0].Answer(wasmhost.CallAnswer{}))
	require.Contains(t, notes(vm), "called side 0 error status returned by host: not found")

	// Up to 3.7 the request is answered 500, 3.8 lets it go on, and since 3.9 the module is
	// told, with headers that are none of an answer.
	for version, want := range map[string]struct {
		status int
		told   bool
	}{"3.4.2": {500, false}, "3.7.1": {500, false}, "3.8.0": {200, false}, "3.9.1": {200, true}, "3.10.0.1": {200, true}} {
		o := on(wasmhost.Kong)
		o.Version = version
		_, plugin = start(t, o, "request_headers: call side /a; pause\ncalled: pairs")
		s := plugin.Exchange(get("/x"), streamed("a"))
		require.NoError(t, plugin.Calls()[0].Answer(wasmhost.CallAnswer{}))
		s.Respond(streamed("a"))
		require.NoError(t, s.Trapped())
		require.Equal(t, want.status, s.Client().Status(), version)
		require.Equal(t, want.told, strings.Contains(s.Trace(), "proxy_on_http_call_response"), version)
	}
}

func TestHTTPCallUnknownCluster(t *testing.T) {
	vm, plugin := start(t, wasmhost.Options{Clusters: []string{"known"}}, "request_headers: call known /a; call other /a; pause")
	plugin.NewStream(nil).RequestHeaders(get("/x").Headers, true)
	require.Equal(t, []string{"call known /a = token 1", "call other /a = error status returned by host: bad argument"}, notes(vm)[1:])
}

// What Kong does not allow.
func TestHTTPCallTraps(t *testing.T) {
	for name, tt := range map[string]struct{ rules, problem string }{
		"response":       {"response_headers: call side /a", "proxy_http_call: not allowed in proxy_on_response_headers"},
		"log":            {"log: call side /a", "proxy_http_call: not allowed in proxy_on_log"},
		"malformed host": {"request_headers: call http://side /a; pause", `malformed host "http://side"`},
		"no host":        {"request_headers: call :80 /a; pause", `malformed host ":80"`},
		"no port":        {"request_headers: call side:66000 /a; pause", `invalid port in "side:66000"`},
		"done":           {"context_create: call side /a", "proxy_http_call: not allowed in proxy_on_context_create"},
	} {
		t.Run(name, func(t *testing.T) {
			_, plugin := start(t, on(wasmhost.Kong), tt.rules)
			require.ErrorContains(t, plugin.Exchange(get("/x"), streamed("a")).Trapped(), tt.problem)
			_, plugin = start(t, on(wasmhost.Envoy), tt.rules)
			require.NoError(t, plugin.Exchange(get("/x"), streamed("a")).Trapped())
		})
	}
	o := on(wasmhost.Kong)
	o.OnCall = func(*wasmhost.Call) wasmhost.CallAnswer {
		return wasmhost.CallAnswer{Headers: wasmhost.Headers{{":status", "200"}}}
	}
	_, plugin := start(t, o, "request_headers: call side /a; pause\ncalled: of request; set-body 0 0 x")
	require.ErrorContains(t, plugin.Exchange(get("/x"), streamed("a")).Trapped(), "proxy_set_buffer_bytes: not allowed in proxy_on_http_call_response")

	_, plugin = start(t, o, "request_headers: call side /a")
	s := plugin.Exchange(get("/x"), streamed("a"))
	require.ErrorIs(t, s.Trapped(), wasmhost.ErrWorkerGone)
	require.ErrorIs(t, plugin.Tick(), wasmhost.ErrWorkerGone)
}

func TestMetrics(t *testing.T) {
	const rules = `
		request_headers: count a 2; count a 3; count a 0; count a -1; observe h 7; observe h 8
	`
	vm, plugin := start(t, on(wasmhost.Envoy), rules)
	plugin.Exchange(get("/x"), streamed())
	require.Equal(t, map[string]wasmhost.Metric{
		"a": {Name: "a", Kind: "counter", Value: 5},
		"h": {Name: "h", Kind: "histogram", Values: []uint64{7, 8}},
	}, vm.Metrics())
	require.Contains(t, notes(vm), "count a 0 = host: bad argument, or not allowed in this callback")

	o := on(wasmhost.Kong)
	o.Version = "3.7.1"
	_, plugin = start(t, o, rules)
	require.ErrorContains(t, plugin.Exchange(get("/x"), streamed()).Trapped(), "metrics are not available")
}

func TestNoSharedData(t *testing.T) {
	o := on(wasmhost.Kong)
	o.NoSharedData = true
	_, plugin := start(t, o, "request_headers: shared k")
	s := plugin.Exchange(get("/x"), streamed())
	require.ErrorContains(t, s.Trapped(), "there is no zone for shared data")
	require.Equal(t, 500, s.Client().Status())
}

func TestProperties(t *testing.T) {
	o := wasmhost.Options{Properties: map[string]string{"node.id": "n1", "upstream.address": "vm's"}}
	vm, plugin := start(t, o, "request_headers: property node|id; property upstream|address; property kong.version; set-property rec a; property rec")
	r := get("/x")
	r.Properties = map[string]string{"upstream.address": "stream's"}
	plugin.Exchange(r, streamed())
	require.Equal(t, []string{`property node|id = "n1"`, `property upstream|address = "stream's"`, "property kong.version = host: not found",
		"set-property rec a = ok", `property rec = "a"`}, notes(vm)[1:6])
}

func TestTick(t *testing.T) {
	vm, plugin := start(t, wasmhost.Options{}, "configure: tick 500\ntick: count ticks 1; panic-each 1")
	require.EqualValues(t, 500, plugin.TickPeriod())
	require.NoError(t, plugin.Tick())
	require.NoError(t, plugin.Tick())
	require.EqualValues(t, 2, vm.Metrics()["ticks"].Value)
}

func TestConfigureRefused(t *testing.T) {
	vm, err := hostOf(t).NewVM(wasmhost.Options{})
	require.NoError(t, err)
	_, err = vm.Plugin([]byte("configure: pause"))
	require.EqualError(t, err, "wasmhost: proxy_on_configure answered false")
	_, err = vm.Plugin([]byte("configure: panic no"))
	require.EqualError(t, err, "wasmhost: proxy_on_configure answered false")
}

// The same run gives the same bytes, and the clock is the test's.
func TestRepeatable(t *testing.T) {
	now := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	run := func() string {
		vm, plugin := start(t, wasmhost.Options{Clock: func() time.Time { return now }}, exchangeRules+"\ntick: now")
		require.NoError(t, plugin.Tick())
		now = now.Add(1500 * time.Millisecond)
		require.NoError(t, plugin.Tick())
		now = now.Add(-1500 * time.Millisecond)
		s := plugin.Exchange(post("/x", "a"), streamed("b"))
		return vm.Trace() + s.Trace()
	}
	first := run()
	require.Equal(t, first, run())
	require.Equal(t, 1, strings.Count(first, "now = 1795392000000\""), first)
	require.Equal(t, 1, strings.Count(first, "now = 1795392001500\""), first)
}
