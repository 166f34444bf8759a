package wasmhost_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/internal/wasmhost"
)

// Each 100th request panics. That one is answered 500, its neighbours never notice, and
// the module's instance is the same from the first to the last.
func TestPanicEachHundredth(t *testing.T) {
	for _, profile := range []wasmhost.Profile{wasmhost.Envoy, wasmhost.Kong} {
		for _, callback := range []string{"context_create", "request_headers", "request_body", "response_headers"} {
			t.Run(profile.String()+" "+callback, func(t *testing.T) {
				vm, plugin := start(t, on(profile), callback+": panic-each 100")
				for n := 1; n <= 300; n++ {
					s := plugin.Exchange(post("/x", "a"), streamed("b", "c"))
					require.NoError(t, s.Trapped())
					if n%100 == 0 {
						require.Equal(t, 500, s.Client().Status())
						require.Contains(t, string(s.Client().Body()), `"type":"internal_error"`)
						require.True(t, s.Client().End)
					} else {
						require.Equal(t, 200, s.Client().Status())
						require.Equal(t, "bc", string(s.Client().Body()))
					}
				}
				require.Equal(t, 3, panics(vm))
				require.Equal(t, 1, vm.Starts())
			})
		}
	}
}

// panics counts the messages about one, each of which must have its stack.
func panics(vm *wasmhost.VM) (n int) {
	for _, log := range vm.Logs() {
		if log.Level == "error" && strings.HasPrefix(log.Message, "panic in proxy_on_") &&
			strings.Contains(log.Message, "\ngoroutine ") && strings.Contains(log.Message, "main.(*stream).") {
			n++
		}
	}
	return n
}

// A panic after the answer has begun: Envoy breaks it off, so that it does not look
// whole; Kong has no way to, and the rest passes.
func TestPanicInResponseBody(t *testing.T) {
	vm, plugin := start(t, on(wasmhost.Envoy), "response_body: panic x")
	s := plugin.Exchange(get("/x"), streamed("a", "b"))
	require.Equal(t, 200, s.Client().Status())
	require.True(t, s.Client().Reset)
	require.Empty(t, s.Client().Body())
	require.Equal(t, 1, panics(vm))

	vm, plugin = start(t, on(wasmhost.Envoy), "response_headers: pause\nresponse_body: panic x")
	s = plugin.Exchange(get("/x"), streamed("a", "b"))
	require.Equal(t, 500, s.Client().Status(), "the headers were held")
	require.Equal(t, 1, panics(vm))

	vm, plugin = start(t, on(wasmhost.Kong), "response_body: panic x")
	s = plugin.Exchange(get("/x"), streamed("a", "b"))
	require.Equal(t, "ab", string(s.Client().Body()))
	require.NoError(t, s.Trapped())
	require.Equal(t, 1, panics(vm), "a dead context gets no callback")
}

// A reply that the module sent before it panicked is the client's answer, and no second
// one follows, which Kong would trap on.
func TestPanicAfterReply(t *testing.T) {
	for _, profile := range []wasmhost.Profile{wasmhost.Envoy, wasmhost.Kong} {
		vm, plugin := start(t, on(profile), "request_headers: reply 429 slow; panic x")
		s := plugin.Exchange(get("/x"), streamed("a"))
		require.Equal(t, 429, s.Client().Status())
		require.Len(t, s.LocalReplies(), 1)
		require.Equal(t, 1, panics(vm))
		require.NoError(t, s.Trapped())
	}
}

// At the end of a stream there is nobody to tell, and the filter's hook is told once.
func TestPanicInLog(t *testing.T) {
	for _, profile := range []wasmhost.Profile{wasmhost.Envoy, wasmhost.Kong} {
		vm, plugin := start(t, on(profile), "log: panic x")
		s := plugin.Exchange(get("/x"), streamed("a"))
		require.Equal(t, "a", string(s.Client().Body()))
		require.Equal(t, 1, panics(vm))
		require.Equal(t, "panicked in proxy_on_log context 2", notes(vm)[len(notes(vm))-1])
	}
}

// The answer to a dead context's call is kept from it, and its stream ends as any other.
func TestPanicWithCallOpen(t *testing.T) {
	for _, late := range []bool{false, true} {
		t.Run(fmt.Sprintf("answered after the stream %t", late), func(t *testing.T) {
			vm, plugin := start(t, on(wasmhost.Envoy), "request_headers: call side /a; call side /b; pause\nrequest_body@end: panic x\ncalled: panic y")
			s := plugin.NewStream(nil)
			s.RequestHeaders(post("/x").Headers, false)
			answer := func() {
				for _, call := range plugin.Calls() {
					require.NoError(t, call.Answer(wasmhost.CallAnswer{}))
				}
			}
			if late {
				s.RequestBody([]byte("a"), true)
				answer()
				require.Equal(t, 1, panics(vm))
			} else {
				answer()
				require.Equal(t, 1, panics(vm), "the second answer finds the context dead")
			}
			require.Equal(t, 500, s.Client().Status())
			require.True(t, s.Client().End)

			other := plugin.NewStream(nil)
			other.RequestHeaders(post("/x").Headers, false)
			require.Len(t, plugin.Calls(), 2, "and the next request is served")
		})
	}
}

// What Go cannot recover from ends the instance. That request gets the gateway's own
// error, and the next one finds a new instance.
func TestTrap(t *testing.T) {
	for profile, status := range map[wasmhost.Profile]int{wasmhost.Envoy: 503, wasmhost.Kong: 500} {
		vm, plugin := start(t, on(profile), "request_headers /trap: trap\nresponse_body /late: trap")
		open := plugin.NewStream(nil)
		open.RequestHeaders(get("/open").Headers, true)

		s := plugin.Exchange(get("/trap"), streamed("a"))
		require.ErrorContains(t, s.Trapped(), "stack overflow")
		require.Equal(t, status, s.Client().Status())

		open.ResponseHeaders(wasmhost.Headers{{":status", "200"}}, true)
		require.Equal(t, status, open.Client().Status(), "its context is gone too")

		s = plugin.Exchange(get("/x"), streamed("a"))
		require.NoError(t, s.Trapped())
		require.Equal(t, "a", string(s.Client().Body()))
		require.Equal(t, 2, vm.Starts())

		s = plugin.Exchange(get("/late"), streamed("a"))
		require.True(t, s.Client().Reset)

		starts := 0
		for _, log := range vm.Logs() {
			if log.Message == "probe: vm_start" {
				starts++
			}
		}
		require.Equal(t, map[wasmhost.Profile]int{wasmhost.Envoy: 2, wasmhost.Kong: 1}[profile], starts)
	}
}
