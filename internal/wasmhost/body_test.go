package wasmhost_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/internal/wasmhost"
)

// What is held, when it goes on, and what each callback sees of it.
func TestHoldingStepByStep(t *testing.T) {
	vm, plugin := start(t, on(wasmhost.Envoy), `
		request_headers: pause
		request_body@more: body; pause
		request_body@end: body; set >x-late 1
		response_headers: pause
		response_body@more: body
	`)
	s := plugin.NewStream(nil)
	require.Equal(t, wasmhost.Message{}, s.RequestHeaders(post("/x").Headers, false))
	require.Equal(t, wasmhost.Message{}, s.RequestBody([]byte("ab"), false))
	require.Equal(t, wasmhost.Message{}, s.RequestBody([]byte("c"), false))
	sent := s.RequestBody(nil, true)
	require.Equal(t, "1", sent.Headers.Get("x-late"))
	require.Equal(t, [][]byte{[]byte("abc")}, sent.Chunks)
	require.True(t, sent.End)

	require.Equal(t, wasmhost.Message{}, s.ResponseHeaders(wasmhost.Headers{{":status", "200"}}, false))
	got := s.ResponseBody([]byte("d"), false)
	require.Equal(t, wasmhost.Message{Headers: wasmhost.Headers{{":status", "200"}}, Chunks: [][]byte{[]byte("d")}}, got)
	require.Equal(t, wasmhost.Message{Chunks: [][]byte{[]byte("e")}}, s.ResponseBody([]byte("e"), false))
	require.Equal(t, wasmhost.Message{End: true}, s.ResponseBody(nil, true))
	require.Equal(t, []string{
		"request_headers@more 5", "request_body@more 2", `body = "ab"`, "request_body@more 3", `body = "abc"`,
		"request_body@end 3", `body = "abc"`, "set >x-late 1 = ok",
		"response_headers@more 1", "response_body@more 1", `body = "d"`, "response_body@more 1", `body = "e"`, "response_body@end 0",
	}, notes(vm))
}

// Without allow_on_headers_stop_iteration the body does not arrive while the headers are
// held: the request hangs, unless something resumes it.
func TestStopsBody(t *testing.T) {
	o := wasmhost.Options{StopsBody: true, OnCall: func(*wasmhost.Call) wasmhost.CallAnswer { return wasmhost.CallAnswer{} }}
	vm, plugin := start(t, o, `
		request_headers /hang: pause
		request_headers /call: call side /a; pause
		called: resume-request
		request_body: body
	`)
	s := plugin.Exchange(post("/hang", "a", "b"), streamed())
	require.True(t, s.Hung())
	require.Equal(t, wasmhost.Message{}, s.Upstream())
	require.Equal(t, []string{"request_headers@more 5"}, notes(vm))

	s = plugin.Exchange(post("/call", "a"), streamed())
	require.False(t, s.Hung())
	require.Equal(t, "a", string(s.Upstream().Body()))
	require.True(t, s.Client().End)
}

func TestSetBody(t *testing.T) {
	const rules = `
		response_body /replace: replace-body new
		response_body /append: append-body +; append-body +
		response_body /prepend: prepend-body -
		response_body /front: set-body 0 2 XYZ
		response_body /drop: set-body 0 2
		response_body /middle: set-body 1 1 X
		response_body /behind: set-body 4 9 X
		response_body /from: body-from 1 2; body-from 3 100; body-from 100 1
	`
	for _, tt := range []struct {
		path        string
		envoy, kong string
	}{
		{"/replace", "new", "new"},
		{"/append", "abcd++", "abcd++"},
		{"/prepend", "-abcd", "-abcd"},
		{"/front", "XYZcd", "XY"}, // seen on Envoy 1.40; Kong truncates what is written to the maximum
		{"/middle", "abcd", "abcd"},
		{"/behind", "abcdX", "abcdX"},
		{"/from", "abcd", "abcd"},
	} {
		t.Run(tt.path, func(t *testing.T) {
			_, plugin := start(t, on(wasmhost.Envoy), rules)
			request := get(tt.path)
			upstream := func(wasmhost.Message) wasmhost.Response {
				return wasmhost.Response{Headers: wasmhost.Headers{{":status", "200"}}, Body: [][]byte{[]byte("abcd")}, EndWithLast: true}
			}
			require.Equal(t, tt.envoy, string(plugin.Exchange(request, upstream).Client().Body()))
			_, plugin = start(t, on(wasmhost.Kong), rules)
			require.Equal(t, tt.kong, string(plugin.Exchange(request, upstream).Client().Body()))
		})
	}
	vm, plugin := start(t, on(wasmhost.Envoy), rules)
	plugin.Exchange(get("/from"), streamed("abcd"))
	require.Equal(t, []string{`body-from 1 2 = "bc"`, `body-from 3 100 = "d"`, `body-from 100 1 = ""`}, notes(vm)[3:6])
	vm, plugin = start(t, on(wasmhost.Kong), rules)
	plugin.Exchange(get("/from"), streamed("abcd"))
	require.Equal(t, []string{`body-from 1 2 = "ab"`, `body-from 3 100 = "abcd"`, `body-from 100 1 = "a"`}, notes(vm)[3:6])
}

// A held body over the limit is the gateway's own answer: 413, or 500 in place of the
// upstream's. Kong does not let a large body be read, and appends what should replace it.
func TestBufferLimit(t *testing.T) {
	const rules = `
		request_headers@more: pause
		request_body@more: pause
		response_body@more: pause
		response_headers: pause
	`
	o := wasmhost.Options{BufferLimit: 4}
	vm, plugin := start(t, o, rules)
	s := plugin.Exchange(post("/x", "abcd", "e"), streamed())
	require.Equal(t, 413, s.Client().Status())
	require.Nil(t, s.Upstream().Headers)
	require.Equal(t, []string{"request_headers@more 5", "request_body@more 4", "request_body@more 5",
		"response_headers@more 3", "response_body@end 17"}, notes(vm))

	s = plugin.Exchange(get("/x"), streamed("abcd", "e"))
	require.Equal(t, 500, s.Client().Status())

	o.Profile = wasmhost.Kong
	vm, plugin = start(t, o, "request_body: body; replace-body new; body")
	s = plugin.Exchange(post("/x", "abcd", "e"), streamed())
	require.Equal(t, "abcdenew", string(s.Upstream().Body()))
	require.Equal(t, []string{"request_headers@more 1", "request_body@end 5", "body = host: not found", "replace-body new = ok",
		"body = host: not found", "response_headers@more 1"}, notes(vm))
}

// Kong's end of stream: never with a body of announced length in several pieces.
func TestEndOfStream(t *testing.T) {
	for _, tt := range []struct {
		name     string
		profile  wasmhost.Profile
		upstream wasmhost.Upstream
		bodies   []string
	}{
		{"envoy streamed", wasmhost.Envoy, streamed("ab", "c"), []string{"response_body@more 2", "response_body@more 1", "response_body@end 0"}},
		{"envoy sized", wasmhost.Envoy, sized("3", "ab", "c"), []string{"response_body@more 2", "response_body@more 1", "response_body@end 0"}},
		{"kong streamed", wasmhost.Kong, streamed("ab", "c"), []string{"response_body@more 2", "response_body@more 1", "response_body@end 0"}},
		{"kong sized", wasmhost.Kong, sized("3", "ab", "c"), []string{"response_body@more 2", "response_body@more 1"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			vm, plugin := start(t, on(tt.profile), "")
			s := plugin.Exchange(get("/x"), tt.upstream)
			require.True(t, s.Client().End)
			var bodies []string
			for _, note := range notes(vm) {
				if strings.HasPrefix(note, "response_body") {
					bodies = append(bodies, note)
				}
			}
			require.Equal(t, tt.bodies, bodies)
		})
	}
}

func TestKongEmptiedEndHangs(t *testing.T) {
	last := func(wasmhost.Message) wasmhost.Response {
		return wasmhost.Response{Headers: wasmhost.Headers{{":status", "200"}}, Body: [][]byte{[]byte("ab"), []byte("c")}, EndWithLast: true}
	}
	_, plugin := start(t, on(wasmhost.Kong), "response_body@end: replace-body")
	s := plugin.Exchange(get("/x"), last)
	require.True(t, s.Hung())
	require.False(t, s.Client().End)

	_, plugin = start(t, on(wasmhost.Envoy), "response_body@end: replace-body")
	s = plugin.Exchange(get("/x"), last)
	require.False(t, s.Hung())
	require.Equal(t, "ab", string(s.Client().Body()))
	require.True(t, s.Client().End)
}

func TestKongResponseCannotPause(t *testing.T) {
	_, plugin := start(t, on(wasmhost.Kong), "response_headers: pause")
	s := plugin.Exchange(get("/x"), streamed("a"))
	require.ErrorContains(t, s.Trapped(), "a response cannot be paused")
	require.Equal(t, 500, s.Client().Status())
}

// A client that asks whether it may send its body waits with it for the host's word: Envoy's,
// which comes at once and of which the module sees nothing, or nginx's, when it reads the body.
func TestExpect(t *testing.T) {
	for profile, row := range map[wasmhost.Profile]struct {
		told       bool   // in spite of the reply
		seen, sent string // what the module has of the header, and what it leaves in it
	}{
		wasmhost.Envoy: {true, "get >expect = host: not found", ""},
		wasmhost.Kong:  {false, `get >expect = "100-continue"`, "100-continue"},
	} {
		vm, plugin := start(t, on(profile), "request_headers: get >expect\nrequest_headers /no: reply 403 no; pause")
		r := post("/x", "a")
		r.Headers = append(r.Headers, [2]string{"Expect", "100-continue"})
		s := plugin.Exchange(r, streamed("b"))
		require.True(t, s.Continued())
		require.Contains(t, notes(vm), row.seen)
		require.Equal(t, "a", string(s.Upstream().Body()))
		require.Equal(t, row.sent, s.Upstream().Headers.Get("expect"))

		r.Headers[1][1] = "/no"
		before := len(notes(vm))
		s = plugin.Exchange(r, streamed("b"))
		require.Equal(t, row.told, s.Continued())
		require.Equal(t, 403, s.Client().Status())
		require.NotContains(t, notes(vm)[before:], "request_body@end 1")
		require.False(t, plugin.Exchange(post("/x", "a"), streamed("b")).Continued())
	}
}
