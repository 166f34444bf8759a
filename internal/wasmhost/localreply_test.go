package wasmhost_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/internal/wasmhost"
)

const replyRules = `
	request_headers /early: reply 429 slow down; pause
	request_body@end /body: reply 400 bad; pause
	response_headers /late: reply 502 bad; pause
	response_headers /held: pause
	response_body /held: reply 502 bad; pause
	response_body /gone: reply 502 bad; pause
	request_headers /twice: reply 429 one; reply 430 two; pause
`

func TestLocalReplyEnvoy(t *testing.T) {
	vm, plugin := start(t, on(wasmhost.Envoy), replyRules)
	exchange := func(r wasmhost.Request) (*wasmhost.Stream, []string) {
		before := len(notes(vm))
		s := plugin.Exchange(r, streamed("a", "b"))
		return s, notes(vm)[before:]
	}

	// A reply to a request passes the response callbacks; the upstream sees nothing.
	s, seen := exchange(post("/early", "x"))
	require.Equal(t, []string{"request_headers@more 5", "reply 429 slow down = ok", "response_headers@more 4", "response_body@end 9"}, seen)
	require.Equal(t, wasmhost.Message{}, s.Upstream())
	require.Equal(t, wasmhost.Message{
		Headers: wasmhost.Headers{{":status", "429"}, {"x-from", "probe"}, {"content-length", "9"}, {"content-type", "text/plain"}},
		Chunks:  [][]byte{[]byte("slow down")}, End: true,
	}, s.Client())

	s, _ = exchange(post("/body", "x"))
	require.Equal(t, 400, s.Client().Status())

	// In place of the upstream's answer it goes straight to the client.
	for _, path := range []string{"/late", "/held"} {
		s, seen = exchange(get(path))
		require.Equal(t, "bad", string(s.Client().Body()))
		require.Equal(t, 502, s.Client().Status())
		require.NotContains(t, seen, "response_body@end 3")
	}

	// After the upstream's headers there is nothing left but to break off.
	s, _ = exchange(get("/gone"))
	require.Equal(t, 200, s.Client().Status())
	require.True(t, s.Client().Reset)
	require.False(t, s.Client().End)
	require.Empty(t, s.Client().Body())

	s, seen = exchange(get("/twice"))
	require.Contains(t, seen, "reply 430 two = ok")
	require.Equal(t, 429, s.Client().Status())
	require.Len(t, s.LocalReplies(), 2)
}

func TestLocalReplyKong(t *testing.T) {
	_, plugin := start(t, on(wasmhost.Kong), replyRules)
	s := plugin.Exchange(post("/early", "x"), streamed("a"))
	require.Equal(t, "slow down\n", string(s.Client().Body()))
	require.Equal(t, "probe", s.Client().Headers.Get("x-from"))

	_, plugin = start(t, on(wasmhost.Kong), "response_headers: reply 502 bad")
	s = plugin.Exchange(get("/late"), streamed("a"))
	require.Equal(t, "bad\n", string(s.Client().Body()))
	require.False(t, s.Client().Headers.Has("x-from"))

	_, plugin = start(t, on(wasmhost.Kong), replyRules)
	s = plugin.Exchange(get("/twice"), streamed("a"))
	require.ErrorContains(t, s.Trapped(), "a response has been sent already")
	require.Equal(t, 500, s.Client().Status())

	_, plugin = start(t, on(wasmhost.Kong), "response_body: reply 502 bad")
	s = plugin.Exchange(get("/gone"), streamed("a"))
	require.ErrorContains(t, s.Trapped(), "the response headers have been sent")
	require.True(t, s.Client().Reset)
}

func TestCloseStream(t *testing.T) {
	_, plugin := start(t, on(wasmhost.Envoy), "response_body: close; pause")
	s := plugin.Exchange(get("/x"), streamed("a"))
	require.True(t, s.Client().Reset)

	_, plugin = start(t, on(wasmhost.Kong), "response_body: close")
	s = plugin.Exchange(get("/x"), streamed("a"))
	require.ErrorContains(t, s.Trapped(), "proxy_close_stream: not supported")
}

// However a stream ends, its last callbacks come once, in the host's order.
func TestEnd(t *testing.T) {
	endings := map[string]func(*wasmhost.Plugin) *wasmhost.Stream{
		"whole":           func(p *wasmhost.Plugin) *wasmhost.Stream { return p.Exchange(get("/x"), streamed("a")) },
		"no answer":       func(p *wasmhost.Plugin) *wasmhost.Stream { return p.Exchange(get("/x"), broken(false)) },
		"broken answer":   func(p *wasmhost.Plugin) *wasmhost.Stream { return p.Exchange(get("/x"), broken(true)) },
		"client gone":     func(p *wasmhost.Plugin) *wasmhost.Stream { return stepTo(p, 1) },
		"client gone mid": func(p *wasmhost.Plugin) *wasmhost.Stream { return stepTo(p, 3) },
		"closed twice":    func(p *wasmhost.Plugin) *wasmhost.Stream { s := stepTo(p, 2); s.Close(); s.Close(); return s },
	}
	for name, run := range endings {
		t.Run(name, func(t *testing.T) {
			_, plugin := start(t, on(wasmhost.Envoy), "")
			require.Regexp(t, `^(?s)proxy_on_context_create\(2, 1\)\n.*proxy_on_log\(2\)\nproxy_on_done\(2\)\n  => true\nproxy_on_delete\(2\)\n$`, run(plugin).Trace())
			_, plugin = start(t, on(wasmhost.Kong), "")
			require.Regexp(t, `(?s)proxy_on_done\(2\)\n  => true\nproxy_on_log\(2\)\nproxy_on_delete\(2\)\n$`, run(plugin).Trace())
		})
	}
}

func TestUpstreamReset(t *testing.T) {
	_, plugin := start(t, on(wasmhost.Envoy), "response_headers: get :status; set x-seen 1")
	s := plugin.Exchange(get("/x"), broken(false))
	require.Equal(t, 503, s.Client().Status())
	require.Equal(t, "1", s.Client().Headers.Get("x-seen"))
	require.True(t, s.Client().End)

	s = plugin.Exchange(get("/x"), broken(true))
	require.Equal(t, 200, s.Client().Status())
	require.True(t, s.Client().Reset)
	require.False(t, s.Client().End)
	require.Equal(t, "a", string(s.Client().Body()))
}

// broken is an upstream that breaks the connection, before or after it has begun.
func broken(begun bool) wasmhost.Upstream {
	return func(m wasmhost.Message) wasmhost.Response {
		if !begun {
			return wasmhost.Response{Reset: true}
		}
		r := streamed("a")(m)
		r.Reset = true
		return r
	}
}

// stepTo has the client hang up after so many steps.
func stepTo(p *wasmhost.Plugin, steps int) *wasmhost.Stream {
	s := p.NewStream(nil)
	for i, step := range []func(){
		func() { s.RequestHeaders(get("/x").Headers, true) },
		func() { s.ResponseHeaders(wasmhost.Headers{{":status", "200"}}, false) },
		func() { s.ResponseBody([]byte("a"), false) },
	} {
		if i < steps {
			step()
		}
	}
	s.Abort()
	return s
}
