//go:build wasip1

// Probe is a filter that does what its configuration says and logs what came of it, so
// that a test of the host is a few lines of text and the same text runs in a real
// gateway. The configuration has one rule a line:
//
//	request_headers: get :path; pause
//	request_body@more: pause
//	request_body@end: body; replace-body hello
//
// A rule is for a callback, with @end or @more only for those with that end of stream,
// "called@2" only for the answer to the second call, and with a path behind it ("response_body@end /here: pause") only for requests of that
// path. Its operations are run in order; see ops.go.
package main

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tetratelabs/proxy-wasm-go-sdk/proxywasm"
	"github.com/tetratelabs/proxy-wasm-go-sdk/proxywasm/types"

	"github.com/sluice-gateway/sluice/filter/internal/abi"
)

func main() {}

func init() {
	proxywasm.SetVMContext(&vm{})
	abi.OnPanic(func(contextID uint32, callback string) {
		note("panicked in", callback, "context", strconv.Itoa(int(contextID)))
	})
}

type vm struct{ types.DefaultVMContext }

func (*vm) OnVMStart(int) types.OnVMStartStatus {
	note("vm_start")
	return types.OnVMStartStatusOK
}

func (*vm) NewPluginContext(id uint32) types.PluginContext { return &plugin{id: id} }

type plugin struct {
	types.DefaultPluginContext
	id      uint32
	rules   map[string][]string
	byPath  bool // a rule has a path
	streams int
}

func (p *plugin) OnPluginStart(int) types.OnPluginStartStatus {
	config, err := proxywasm.GetPluginConfiguration()
	note("configure", outcome(config, err))
	p.rules = map[string][]string{}
	for line := range strings.Lines(string(config)) {
		callback, operations, _ := strings.Cut(strings.TrimSpace(line), ":")
		p.byPath = p.byPath || strings.Contains(callback, " ")
		for op := range strings.SplitSeq(operations, ";") {
			p.rules[callback] = append(p.rules[callback], strings.TrimSpace(op))
		}
	}
	s := &stream{plugin: p}
	if s.run("configure", "") == types.ActionPause {
		return types.OnPluginStartStatusFailed
	}
	return types.OnPluginStartStatusOK
}

func (p *plugin) OnTick() { (&stream{plugin: p}).run("tick", "") }

func (p *plugin) NewHttpContext(id uint32) types.HttpContext {
	p.streams++
	s := &stream{plugin: p, id: id, number: p.streams}
	s.run("context_create", "")
	return s
}

// stream runs the rules for one request. number counts the plugin's requests from 1.
type stream struct {
	plugin *plugin
	id     uint32
	number int
	path   string
	called int // calls that were answered

	// what the operations of the running callback act on
	headers abi.Headers
	body    abi.Body
	scratch []byte
}

func (s *stream) OnHttpRequestHeaders(n int, end bool) types.Action {
	s.headers = abi.RequestHeaders
	if s.plugin.byPath {
		s.path, _ = proxywasm.GetHttpRequestHeader(":path")
	}
	return s.callback("request_headers", n, end)
}

func (s *stream) OnHttpRequestBody(n int, end bool) types.Action {
	s.headers, s.body = abi.RequestHeaders, abi.RequestBody
	return s.callback("request_body", n, end)
}

func (s *stream) OnHttpRequestTrailers(n int) types.Action {
	s.headers = abi.RequestTrailers
	return s.callback("request_trailers", n, true)
}

func (s *stream) OnHttpResponseHeaders(n int, end bool) types.Action {
	s.headers = abi.ResponseHeaders
	return s.callback("response_headers", n, end)
}

func (s *stream) OnHttpResponseBody(n int, end bool) types.Action {
	s.headers, s.body = abi.ResponseHeaders, abi.ResponseBody
	return s.callback("response_body", n, end)
}

func (s *stream) OnHttpResponseTrailers(n int) types.Action {
	s.headers = abi.ResponseTrailers
	return s.callback("response_trailers", n, true)
}

func (s *stream) OnHttpStreamDone() { s.run("log", "") }

func (s *stream) callback(name string, n int, end bool) types.Action {
	which := "@more"
	if end {
		which = "@end"
	}
	note(name+which, strconv.Itoa(n))
	return s.run(name, which)
}

// run does the operations of a callback's rules; the last of pause and continue is the
// callback's action.
func (s *stream) run(callback, which string) (action types.Action) {
	rules := slices.Concat(s.plugin.rules[callback], s.plugin.rules[callback+" "+s.path])
	if which != "" {
		rules = slices.Concat(rules, s.plugin.rules[callback+which], s.plugin.rules[callback+which+" "+s.path])
	}
	for _, op := range rules {
		switch op {
		case "":
		case "pause":
			action = types.ActionPause
		case "continue":
			action = types.ActionContinue
		default:
			note(op, "=", s.do(strings.Split(op, " ")))
		}
	}
	return action
}

func note(words ...string) { proxywasm.LogInfo("probe: " + strings.Join(words, " ")) }

// outcome is how the result of an operation is logged.
func outcome(value []byte, err error) string {
	if err != nil {
		return err.Error()
	}
	if len(value) > 80 {
		return strconv.Quote(string(value[:80])) + "… of " + strconv.Itoa(len(value))
	}
	return strconv.Quote(string(value))
}
