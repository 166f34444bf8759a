package wasmhost_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/internal/wasmhost"
)

// routed is a router with the probe as both plugins, which have rules each.
func routed(t *testing.T, edge, upstream string, providers map[string]wasmhost.Upstream) *wasmhost.Router {
	t.Helper()
	vm, plugin := start(t, on(wasmhost.Envoy), edge)
	second, err := vm.Plugin([]byte(unindent(upstream)))
	require.NoError(t, err)
	return &wasmhost.Router{Edge: plugin, Upstream: second, Header: "x-cluster", Metadata: "xds.provider",
		Composites: map[string][]string{"a~b": {"a", "b"}, "a": {"a"}}, Providers: providers}
}

// to is a request to a cluster that may need so many retries.
func to(cluster, retries string, pieces ...string) wasmhost.Request {
	r := post("/x", pieces...)
	r.Headers = append(r.Headers, [2]string{"x-cluster", cluster}, [2]string{"x-envoy-max-retries", retries},
		[2]string{"x-envoy-retry-on", "retriable-headers,reset"}, [2]string{"x-envoy-retriable-header-names", "x-again"},
		[2]string{"x-envoy-upstream-rq-per-try-timeout-ms", "500"})
	return r
}

// marked asks for another attempt.
func marked(m wasmhost.Message) wasmhost.Response {
	r := streamed("bad")(m)
	r.Headers = append(r.Headers, [2]string{"x-again", "1"})
	return r
}

func silent(wasmhost.Message) wasmhost.Response { return wasmhost.Response{Stalls: true} }

// A request that is marked at the first provider goes to the second: every callback of
// both chains, and what each host call answered.
func TestRouterTrace(t *testing.T) {
	var asked []wasmhost.Message
	noting := func(up wasmhost.Upstream) wasmhost.Upstream {
		return func(m wasmhost.Message) wasmhost.Response {
			asked = append(asked, m)
			return up(m)
		}
	}
	r := routed(t, `
		request_headers@more: set-property who edge; pause
		request_body@more: pause
		response_headers: get :status
	`, `
		request_headers: property who; property upstream|request_attempt_count; property xds|provider; get x-tried; add x-tried yes; get x-envoy-max-retries
		request_body@end: replace-body other
		response_headers@more: pause
		response_body@more: body; pause
	`, map[string]wasmhost.Upstream{"a": noting(marked), "b": noting(streamed("data: 0\n\n", "data: 1\n\n"))})
	x := r.Exchange(to("a~b", "1", "ab", "c"))
	require.Len(t, asked, 2)
	for _, m := range asked {
		require.Equal(t, "other", string(m.Body()), "the body is fresh in each")
		require.Equal(t, "500", m.Headers.Get("x-envoy-expected-rq-timeout-ms"))
	}
	require.Len(t, asked[1].Headers, len(asked[0].Headers)+1, "what the first attempt changed is so for the second")
	require.Equal(t, "data: 0\n\ndata: 1\n\n", string(x.Edge.Client().Body()))
	require.True(t, x.Edge.Client().End)
	golden(t, "router.envoy.txt", x.Edge.Trace())

	late := *r
	late.EndsLate = true
	x = late.Exchange(to("a~b", "1", "ab", "c"))
	require.Equal(t, "data: 0\n\ndata: 1\n\n", string(x.Edge.Client().Body()))
	require.Regexp(t, `(?s)proxy_on_request_body\(8.*proxy_on_log\(7\).*proxy_on_response_headers\(8`, x.Edge.Trace())
}

// What ends an attempt, and what the client sees where none is left.
func TestRouterRetries(t *testing.T) {
	hold := "response_headers@more: pause\nresponse_body@more: pause"
	broken := map[string]wasmhost.Upstream{
		"no connection": nil,
		"closed":        broken(false),
		"closed, held":  broken(true),
		"marked":        marked,
		"silent":        silent,
		"stalled, held": func(m wasmhost.Message) wasmhost.Response { r := streamed("a")(m); r.Stalls = true; return r },
	}
	for name, up := range broken {
		t.Run(name, func(t *testing.T) {
			r := routed(t, "", hold, map[string]wasmhost.Upstream{"a": up, "b": streamed("good")})
			x := r.Exchange(to("a~b", "1", "c"))
			x.TimeOver()
			x.TimeOver()
			require.Len(t, x.Attempts(), 2)
			require.Equal(t, "good", string(x.Edge.Client().Body()))
			require.True(t, x.Edge.Client().End)

			r.Providers["b"] = up
			x = r.Exchange(to("a~b", "1", "c"))
			x.TimeOver()
			x.TimeOver()
			require.Len(t, x.Attempts(), 2)
			client := x.Edge.Client()
			require.True(t, client.End)
			switch name {
			case "marked":
				require.Equal(t, "1", client.Headers.Get("x-again"), "the answer goes on as it is")
			case "silent", "stalled, held":
				require.Equal(t, 504, client.Status())
			default:
				require.Equal(t, 503, client.Status())
			}
			for _, a := range x.Attempts() {
				require.Equal(t, name == "no connection", a == nil)
			}
		})
	}

	// After an answer was let go nothing is tried again.
	r := routed(t, "", "", map[string]wasmhost.Upstream{"a": broken["closed, held"], "b": streamed("good")})
	x := r.Exchange(to("a~b", "1", "c"))
	require.Len(t, x.Attempts(), 1)
	require.True(t, x.Edge.Client().Reset)
	require.Equal(t, "a", string(x.Edge.Client().Body()))

	r.Providers["a"] = broken["stalled, held"]
	x = r.Exchange(to("a~b", "1", "c"))
	x.TimeOver()
	require.Len(t, x.Attempts(), 1)
	x.Attempt().ResponseBody([]byte("b"), true)
	require.Equal(t, "ab", string(x.Edge.Client().Body()))
	require.True(t, x.Edge.Client().End)
}

// A local reply of an attempt is shown to the edge alone, and nothing is tried again.
func TestRouterLocalReply(t *testing.T) {
	for _, at := range []string{"request_headers", "request_body@end", "response_headers", "response_body"} {
		rules := "response_headers: pause\n" + at + ": reply 500 no; pause"
		r := routed(t, "response_headers: set x-seen 1", rules, map[string]wasmhost.Upstream{"a": streamed("a"), "b": streamed("b")})
		x := r.Exchange(to("a~b", "1", "c"))
		require.Len(t, x.Attempts(), 1)
		require.Equal(t, 500, x.Edge.Client().Status(), at)
		require.Equal(t, "1", x.Edge.Client().Headers.Get("x-seen"))
		require.Equal(t, "no", string(x.Edge.Client().Body()))
		require.Regexp(t, `(?s)proxy_on_log\(4\).*proxy_on_delete\(4\)`, x.Edge.Trace())
	}
}

// An attempt that is resumed outside of its own callbacks goes on at once.
func TestRouterResumed(t *testing.T) {
	vm, edge := start(t, on(wasmhost.Envoy), "")
	upstream, err := vm.Plugin([]byte("response_headers: call side /; pause\nresponse_body: pause\ncalled: resume-response"))
	require.NoError(t, err)
	r := &wasmhost.Router{Edge: edge, Upstream: upstream, Header: "x-cluster", Composites: map[string][]string{"a": {"a"}},
		Providers: map[string]wasmhost.Upstream{"a": streamed("a", "b")}}
	x := r.Exchange(to("a", "0", "c"))
	require.Nil(t, x.Edge.Client().Headers)
	require.NoError(t, upstream.Calls()[0].Answer(wasmhost.CallAnswer{}))
	require.Equal(t, "ab", string(x.Edge.Client().Body()))

	x = r.Exchange(to("a", "0", "c"))
	x.Abort()
	require.Regexp(t, `(?s)proxy_on_log\(5\).*proxy_on_log\(6\).*proxy_on_delete\(6\)`, x.Edge.Trace(), "the attempt goes with it")
}

// Other clusters have no filter chain, and one that nobody has configured is a 503.
func TestRouterPlainCluster(t *testing.T) {
	r := routed(t, "", "", map[string]wasmhost.Upstream{"plain": streamed("a")})
	x := r.Exchange(to("plain", "0"))
	require.Equal(t, "a", string(x.Edge.Client().Body()))
	require.Empty(t, x.Attempts())
	require.Equal(t, 503, r.Exchange(to("nobody", "0")).Edge.Client().Status())

	// Who broke it off is told.
	r = routed(t, "log: property response|flags", "", map[string]wasmhost.Upstream{"plain": func(m wasmhost.Message) wasmhost.Response {
		answer := streamed("a")(m)
		answer.Reset = true
		return answer
	}})
	x = r.Exchange(to("plain", "0"))
	require.True(t, x.Edge.Client().Reset)
	require.Contains(t, x.Edge.Trace(), `("response\x00flags") = ok "\x10\x00`)
}

// Kong lets a period of ticks be set once, and not in a stream.
func TestKongTickPeriod(t *testing.T) {
	_, plugin := start(t, on(wasmhost.Kong), "configure: tick 500\nrequest_headers: tick 1")
	require.ErrorContains(t, plugin.Exchange(get("/x"), streamed("a")).Trapped(), "can only set tick_period in root context")
	_, plugin = start(t, on(wasmhost.Kong), "configure: tick 500\ntick: tick 1")
	require.ErrorContains(t, plugin.Tick(), "tick_period already set")
}
