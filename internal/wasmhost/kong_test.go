package wasmhost_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/internal/wasmhost"
)

var called = wasmhost.CallAnswer{Headers: wasmhost.Headers{{":status", "200"}}, Body: []byte("yes")}

// A call that is made when another is answered keeps the request where it is.
func TestKongCallsOneAfterTheOther(t *testing.T) {
	vm, plugin := start(t, on(wasmhost.Kong), "request_headers: call side /a; pause\ncalled@1: call side /b")
	s := plugin.Exchange(get("/x"), streamed("a"))
	require.NoError(t, plugin.Calls()[0].Answer(called))
	require.Empty(t, s.Upstream().Headers)
	require.False(t, s.Hung())
	require.NoError(t, plugin.Calls()[0].Answer(called))
	s.Respond(streamed("a"))
	require.Equal(t, "a", string(s.Client().Body()))
	require.Contains(t, notes(vm), "call side /b = token 1")
}

// A call is answered in the name of the request that made it, whatever context is set.
func TestKongAnswersForTheStream(t *testing.T) {
	_, plugin := start(t, on(wasmhost.Kong), "request_headers: call side /a; pause\ncalled: reply 403 no")
	s := plugin.Exchange(get("/x"), streamed("a"))
	require.NoError(t, plugin.Calls()[0].Answer(called))
	require.Equal(t, 403, s.Client().Status())
	require.Empty(t, s.Upstream().Headers)
}

// A request that is over hears no more of its calls.
func TestKongForgetsCalls(t *testing.T) {
	_, plugin := start(t, on(wasmhost.Kong), "request_headers /gone: call side /a; pause\nrequest_headers /replied: call side /a; reply 403 no; pause")
	s := plugin.NewStream(nil)
	s.RequestHeaders(get("/gone").Headers, true)
	require.Len(t, plugin.Calls(), 1)
	s.Abort()
	require.Empty(t, plugin.Calls())
	require.Equal(t, 403, plugin.Exchange(get("/replied"), streamed("a")).Client().Status())
	require.Empty(t, plugin.Calls())
}

// A body is there in its own callbacks; anywhere else to touch it traps.
func TestKongBodiesInTheirPlace(t *testing.T) {
	for rules, problem := range map[string]string{
		"request_body: call side /a; pause\ncalled: of request; body":                         "proxy_get_buffer_bytes: not allowed in proxy_on_http_call_response",
		"request_body: call side /a; pause\ncalled: of request; replace-body x":               "proxy_set_buffer_bytes: not allowed in proxy_on_http_call_response",
		"response_headers: of request; body":                                                  "proxy_get_buffer_bytes: not allowed in proxy_on_response_headers",
		"response_body: of request; body":                                                     "proxy_get_buffer_bytes: not allowed in proxy_on_response_body",
		"response_headers: of response; body":                                                 "proxy_get_buffer_bytes: not allowed in proxy_on_response_headers",
		"log: of response; body":                                                              "proxy_get_buffer_bytes: not allowed in proxy_on_log",
		"request_body: call side /a; pause\ncalled: of response; body":                        "proxy_get_buffer_bytes: not allowed in proxy_on_http_call_response",
		"log: of request; replace-body x":                                                     "proxy_set_buffer_bytes: not allowed in proxy_on_log",
		"request_body: call side /a; pause\nresponse_headers: of call; body":                  "proxy_get_buffer_bytes: not allowed in proxy_on_response_headers",
		"request_headers: set-property ngx.request_uri /y":                                    "proxy_set_property: could not set ngx.request_uri",
		"request_body: of request; body; of request; replace-body new\nlog: of request; body": "",
		"request_headers: set-property ngx.upstream_uri /y; set-property wasmx.a b":           "",
	} {
		t.Run(rules, func(t *testing.T) {
			o := on(wasmhost.Kong)
			o.OnCall = func(*wasmhost.Call) wasmhost.CallAnswer { return called }
			_, plugin := start(t, o, rules)
			s := plugin.Exchange(post("/x", "a"), streamed("a"))
			if problem == "" {
				require.NoError(t, s.Trapped())
				return
			}
			require.ErrorContains(t, s.Trapped(), problem)
		})
	}
}

// set_effective_context does nothing there. What a tick does in a stream's name has no
// request to do it to, and the worker exits with all its streams.
func TestKongTickHasNoStream(t *testing.T) {
	for _, op := range []string{"reply 403 no", "resume-request"} {
		t.Run(op, func(t *testing.T) {
			vm, plugin := start(t, on(wasmhost.Kong), "request_headers: pause\ntick: effective 2; "+op)
			s := plugin.NewStream(nil)
			s.RequestHeaders(get("/x").Headers, true)
			require.ErrorIs(t, plugin.Tick(), wasmhost.ErrWorkerGone)
			require.ErrorIs(t, s.Trapped(), wasmhost.ErrWorkerGone)
			require.ErrorIs(t, plugin.Tick(), wasmhost.ErrWorkerGone)
			require.Contains(t, vm.Trace(), "proxy_set_effective_context(2) = ok")
		})
	}
	_, plugin := start(t, on(wasmhost.Envoy), "request_headers: pause\ntick: effective 2; resume-request")
	s := plugin.NewStream(nil)
	s.RequestHeaders(get("/x").Headers, true)
	require.NoError(t, plugin.Tick())
	require.True(t, s.Upstream().End)
}

// A tick may call, and its answer is the plugin's.
func TestKongTickCalls(t *testing.T) {
	vm, plugin := start(t, on(wasmhost.Kong), "tick: call 127.0.0.1 /a")
	require.NoError(t, plugin.Tick())
	require.NoError(t, plugin.Calls()[0].Answer(called))
	require.Contains(t, notes(vm), `called 127.0.0.1 1 "yes"`)
}

// A name is found by Kong's resolver alone, which not every context has.
func TestKongNames(t *testing.T) {
	const (
		ticks    = "nginx_wasm_proxy_wasm_lua_resolver"
		requests = "nginx_http_proxy_wasm_lua_resolver"
	)
	for _, row := range []struct {
		version         string
		conf            map[string]string
		request, inTick bool
	}{
		{"3.4.2", nil, true, false},
		{"3.6.1", map[string]string{ticks: "on"}, true, true},
		{"3.7.1", map[string]string{ticks: "on"}, false, true},
		{"3.7.1", map[string]string{requests: "on"}, true, false},
		{"3.8.0", nil, true, false},
		{"3.9.1", map[string]string{requests: "off", ticks: "on"}, false, true},
		{"3.9.1", map[string]string{ticks: "on"}, true, true},
	} {
		for _, target := range []string{"side", "side:80", "127.0.0.1:80"} {
			o := on(wasmhost.Kong)
			o.Version, o.Conf = row.version, row.conf
			o.OnCall = func(*wasmhost.Call) wasmhost.CallAnswer { return called }
			vm, plugin := start(t, o, "request_headers: call "+target+" /r; pause\ntick: call "+target+" /t")
			heard := "called " + target + ` 1 "yes"`
			address := target == "127.0.0.1:80"
			plugin.Exchange(get("/x"), streamed())
			require.Equal(t, row.request || address, slices.Contains(notes(vm), heard), "%v %s", row, target)
			before := len(notes(vm))
			require.NoError(t, plugin.Tick())
			require.Equal(t, row.inTick || address, slices.Contains(notes(vm)[before:], heard), "%v %s", row, target)
		}
	}
}

// Before 3.8 a context has one call at a time. Others, and a call in the answer's callback,
// are not beside it.
func TestKongCallsBesideEachOther(t *testing.T) {
	for version, dies := range map[string]bool{"3.4.2": true, "3.7.1": true, "3.8.0": false} {
		o := on(wasmhost.Kong)
		o.Version = version
		_, plugin := start(t, o, "tick: call 127.0.0.1 /a; call 127.0.0.1 /b")
		require.Equal(t, dies, errors.Is(plugin.Tick(), wasmhost.ErrWorkerGone), version)
		_, plugin = start(t, o, "request_headers: call 127.0.0.1 /a; call 127.0.0.1 /b; pause")
		require.Equal(t, dies, errors.Is(plugin.Exchange(get("/x"), streamed()).Trapped(), wasmhost.ErrWorkerGone), version)
		_, plugin = start(t, o, "request_headers: call 127.0.0.1 /a; pause\ncalled@1: call 127.0.0.1 /b\ntick: call 127.0.0.1 /c")
		for range 2 {
			require.NoError(t, plugin.Exchange(get("/x"), streamed()).Trapped())
		}
		require.NoError(t, plugin.Tick())
		for _, c := range plugin.Calls() {
			require.NoError(t, c.Answer(called))
		}
	}
}

// No more than 100 of a request's headers are handed out, :path and the like first. The
// callback is told of all, and each can be asked for.
func TestKongCutsHeaders(t *testing.T) {
	for _, profile := range []wasmhost.Profile{wasmhost.Envoy, wasmhost.Kong} {
		vm, plugin := start(t, on(profile), "request_headers: pairs; get x-99; get x-last")
		r := get("/x")
		for i := range 100 {
			r.Headers = append(r.Headers, [2]string{fmt.Sprint("X-", i), "1"})
		}
		r.Headers = append(r.Headers, [2]string{"X-Last", "2"})
		plugin.Exchange(r, streamed())
		seen := notes(vm)
		all := profile == wasmhost.Envoy
		require.Equal(t, map[bool]string{true: "request_headers@end 106", false: "request_headers@more 102"}[all], seen[0])
		require.Equal(t, map[bool]int{true: 105, false: 99}[all], strings.Count(seen[1], ","))
		require.Equal(t, all, strings.Contains(seen[1], "x-last") || strings.Contains(seen[1], "X-Last"))
		require.Equal(t, []string{`get x-99 = "1"`, `get x-last = "2"`}, seen[2:4])
	}
}

// The host is known at the first request: while it is configured, and in a tick, there are no
// properties. Kong tells its version since 3.6.
func TestKongProperties(t *testing.T) {
	for version, known := range map[string]bool{"3.4.0": false, "3.6.0": true} {
		o := on(wasmhost.Kong)
		o.Version = version
		vm, plugin := start(t, o, "configure: property kong.version; property ngx.nginx_version\ntick: property ngx.nginx_version\nrequest_headers: property kong.version; property ngx.nginx_version")
		require.NoError(t, plugin.Tick())
		plugin.Exchange(get("/x"), streamed())
		seen := notes(vm)
		require.Equal(t, []string{"property kong.version = host: not found", "property ngx.nginx_version = host: not found", "property ngx.nginx_version = host: not found"}, seen[:3])
		require.Equal(t, known, seen[4] == `property kong.version = "`+version+`"`, seen[4])
		require.Contains(t, seen[5], `= "`)
	}
}

// Only a local reply changes a status.
// Before 3.7 each half's headers are told as its end, whatever follows them.
func TestKongHeadersEnd(t *testing.T) {
	for version, want := range map[string]string{"3.4.2": "end", "3.6.1": "end", "3.7.1": "", "3.9.1": ""} {
		o := on(wasmhost.Kong)
		o.Version = version
		_, plugin := start(t, o, "request_headers@end: set x-request end\nresponse_headers@end: set x-response end")
		s := plugin.Exchange(post("/x", "a"), streamed("a"))
		require.Equal(t, want, s.Upstream().Headers.Get("x-request"), version)
		require.Equal(t, want, s.Client().Headers.Get("x-response"), version)
		require.Equal(t, "a", string(s.Client().Body()), version)
	}
}

func TestKongStatus(t *testing.T) {
	_, plugin := start(t, on(wasmhost.Kong), "response_headers: set :status 502; set x-a b")
	s := plugin.Exchange(get("/x"), streamed())
	require.Equal(t, 200, s.Client().Status())
	require.Equal(t, "b", s.Client().Headers.Get("x-a"))
	_, plugin = start(t, on(wasmhost.Envoy), "response_headers: set :status 502")
	require.Equal(t, 502, plugin.Exchange(get("/x"), streamed()).Client().Status())
}

// Emptying the last piece of an answer hangs it, also where its end is not told.
func TestKongEmptyEnd(t *testing.T) {
	for name, tt := range map[string]struct {
		rules    string
		upstream wasmhost.Upstream
		hangs    bool
	}{
		"all":               {"response_body: replace-body", sized("3", "ab", "c"), true},
		"all but the last":  {"response_body@more: replace-body", streamedWithLast("ab", "c"), false},
		"the last, told":    {"response_body@end: replace-body", streamedWithLast("ab", "c"), true},
		"the only one":      {"response_body: replace-body", sized("2", "ab"), true},
		"none of an answer": {"response_body: replace-body", streamed("ab", "c"), false},
	} {
		t.Run(name, func(t *testing.T) {
			_, plugin := start(t, on(wasmhost.Kong), tt.rules)
			require.Equal(t, tt.hangs, plugin.Exchange(get("/x"), tt.upstream).Hung())
		})
	}
}

func streamedWithLast(pieces ...string) wasmhost.Upstream {
	return func(m wasmhost.Message) wasmhost.Response {
		r := streamed(pieces...)(m)
		r.EndWithLast = true
		return r
	}
}

// What ends the machine there and does not elsewhere: the request gets 500, or a broken answer,
// and the next one a new machine, which sees no start of a VM.
func TestKongTraps(t *testing.T) {
	for rules, problem := range map[string]string{
		"log: done":                         "proxy_done: not supported",
		"response_body: close":              "proxy_close_stream: not supported",
		"response_headers: resume-response": "a response cannot be resumed",
		"request_headers: tick 500":         "can only set tick_period in root context",
	} {
		t.Run(rules, func(t *testing.T) {
			vm, plugin := start(t, on(wasmhost.Kong), rules)
			s := plugin.Exchange(post("/x", "a"), streamed("a", "b"))
			require.ErrorContains(t, s.Trapped(), problem)
			before := len(vm.Logs())
			plugin.NewStream(nil)
			require.Equal(t, 2, vm.Starts())
			for _, l := range vm.Logs()[before:] {
				require.NotEqual(t, "probe: vm_start", l.Message)
			}
		})
	}
	_, plugin := start(t, on(wasmhost.Kong), "configure: tick 500\ntick: tick 500")
	require.ErrorContains(t, plugin.Tick(), "tick_period already set")
}

// A trap behind a local reply takes the worker along; one in a later callback is like any.
func TestKongTrapsBehindAReply(t *testing.T) {
	for _, rules := range []string{"request_headers: reply 400 a; reply 401 b", "request_headers: reply 400 a; tick 500",
		"request_headers: call 127.0.0.1 /a; pause\ncalled: reply 400 a; tick 500", "response_headers: reply 400 a; tick 500"} {
		o := on(wasmhost.Kong)
		o.OnCall = func(*wasmhost.Call) wasmhost.CallAnswer { return called }
		vm, plugin := start(t, o, rules)
		require.ErrorIs(t, plugin.Exchange(get("/x"), streamed()).Trapped(), wasmhost.ErrWorkerGone, rules)
		require.ErrorIs(t, plugin.Tick(), wasmhost.ErrWorkerGone)
		require.Equal(t, 1, vm.Starts())
	}
	vm, plugin := start(t, on(wasmhost.Kong), "request_headers: reply 400 a; pause\nlog: done")
	s := plugin.Exchange(get("/x"), streamed())
	require.ErrorContains(t, s.Trapped(), "proxy_done")
	require.Equal(t, 400, s.Client().Status())
	require.NoError(t, plugin.Tick())
	require.Equal(t, 2, vm.Starts())
}

// A metric that Kong does not have or cannot keep ends the machine, where Envoy refuses.
func TestKongMetrics(t *testing.T) {
	long := strings.Repeat("n", 256-len("pw.sluice."))
	for rules, problem := range map[string]string{
		"request_headers: count " + long + " 1":             "",
		"request_headers: count " + long + "n 1":            "a name of 257 bytes, of at most 256",
		"request_headers: count a 0; count a -1":            "",
		"request_headers: observe a 1; count a 1":           "not of this kind",
		"request_headers: count a 1; observe a 1":           "not of this kind",
		"request_headers: count plumless 1":                 "",
		"request_headers: count a 1; count b 1; count c 1":  "",
		"request_headers: count a 1\nlog: count-unknown 99": "no such metric",
	} {
		_, plugin := start(t, on(wasmhost.Kong), rules)
		s := plugin.Exchange(get("/x"), streamed())
		if problem == "" {
			require.NoError(t, s.Trapped(), rules)
		} else {
			require.ErrorContains(t, s.Trapped(), problem)
		}
		_, plugin = start(t, on(wasmhost.Envoy), rules)
		require.NoError(t, plugin.Exchange(get("/x"), streamed()).Trapped())
	}

	// The workers have one memory for them, which gives nothing back.
	o := on(wasmhost.Kong)
	o.Shared = wasmhost.NewSharedData(wasmhost.Kong)
	o.Shared.MetricsRoom(2*256, 1) // of which each of these takes 256 bytes with its head
	for i, name := range []string{"b", "a", "b"} {
		_, plugin := start(t, o, "request_headers: count "+name+" 1; count b 1")
		require.NoError(t, plugin.Exchange(get("/x"), streamed()).Trapped(), i)
	}
	require.Equal(t, 2, o.Shared.MetricsDefined())
	_, plugin := start(t, o, "request_headers: count c 1")
	require.ErrorContains(t, plugin.Exchange(get("/x"), streamed()).Trapped(), "no memory")
}
