package wasmhost

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// Call is an HTTP call that the module has made and that waits for its answer.
type Call struct {
	Token    uint32
	Upstream string // Envoy: a cluster; Kong: host[:port]
	TLS      bool   // Kong: by its :scheme. On Envoy the cluster says
	Headers  Headers
	Body     []byte
	Trailers Headers
	Timeout  uint32 // milliseconds

	plugin  *Plugin
	stream  *Stream // nil: a plugin's call
	unknown bool    // the target is a name that is not resolved
	answer  CallAnswer
}

// CallAnswer is what a call gets. The zero value is a call that failed.
type CallAnswer struct {
	Headers  Headers
	Body     []byte
	Trailers Headers
}

func httpCall(c *hostCall) Status {
	vm := c.vm
	if !vm.rules.callsAnywhere {
		allowed := strings.HasPrefix(vm.callback, "proxy_on_request_") ||
			vm.callback == "proxy_on_http_call_response" || vm.callback == "proxy_on_tick"
		c.trapIf(!allowed, "not allowed in "+vm.callback)
	}
	upstream := string(c.bytes(0))
	if problem := malformed(upstream); problem != "" {
		c.trapIf(!vm.rules.callsAnywhere, problem)
		return BadArgument
	}
	if known := vm.options.Clusters; known != nil && vm.rules.callsAnywhere && !slices.Contains(known, upstream) {
		return BadArgument
	}
	headers := c.pairs(1)
	for _, name := range [...]string{":method", ":path", ":authority"} {
		if !headers.Has(name) {
			c.trapIf(!vm.rules.callsAnywhere, "no "+name)
			return BadArgument
		}
	}
	scheme := headers.Get(":scheme")
	if !vm.rules.callsAnywhere {
		// Kong sends in the clear what has none, and what it does not know.
		c.trapIf(scheme != "" && scheme != "http" && scheme != "https", "unknown scheme "+strconv.Quote(scheme))
	}
	if vm.options.Profile == Kong && vm.before(8) && vm.plugin.calling(c.stream()) {
		// Such a call, in one context with another, was waited for without end or, when it
		// failed, used memory that the first had freed: Kong/ngx_wasm_module#494, #524, #545.
		vm.crash("a call beside another of the same context, on Kong " + vm.options.Version)
		panic(vm.crashed)
	}
	call := &Call{
		TLS:   !vm.rules.callsAnywhere && scheme == "https",
		Token: vm.nextCallout, Upstream: upstream, Headers: headers, Body: c.bytes(2), Trailers: c.pairs(3), Timeout: c.number(4),
		plugin: vm.plugin, stream: c.stream(), unknown: !vm.resolves(upstream, c.stream() != nil),
	}
	vm.nextCallout++
	vm.plugin.calls = append(vm.plugin.calls, call)
	if vm.current != nil {
		vm.current.calls = append(vm.current.calls, call)
	}
	return c.returnWord(call.Token)
}

// malformed says what is wrong with the target of a call.
func malformed(target string) string {
	if strings.ContainsAny(target, "/ ") {
		return fmt.Sprintf("malformed host %q", target)
	}
	host, port := target, ""
	if at := strings.LastIndexByte(target, ':'); at >= 0 && !strings.HasSuffix(target, "]") {
		host, port = target[:at], target[at+1:]
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
			return fmt.Sprintf("invalid port in %q", target)
		}
	}
	if host == "" {
		return fmt.Sprintf("malformed host %q", target)
	}
	return ""
}

// resolves tells whether a call's target is found: an address always, a name where the host's
// configuration gives that context Kong's resolver. Without it nginx asks 8.8.8.8, which does
// not know names of one's own. Kong 3.7 had it taken from requests too (Kong/kong#12825, put
// back by #13424).
func (vm *VM) resolves(target string, request bool) bool {
	host, _, _ := strings.Cut(target, ":")
	if _, err := netip.ParseAddr(host); err == nil || vm.rules.knowsNames {
		return true
	}
	if request {
		set, ok := vm.options.Conf["nginx_http_proxy_wasm_lua_resolver"]
		return set == "on" || !ok && (vm.before(7) || !vm.before(8))
	}
	return vm.options.Conf["nginx_wasm_proxy_wasm_lua_resolver"] == "on"
}

// answerCalls has Options.OnCall answer the calls that were just made.
func (vm *VM) answerCalls() {
	if vm.options.OnCall == nil || vm.answering != nil {
		return
	}
	for _, p := range vm.plugins {
		for len(p.calls) > 0 && vm.crashed == nil {
			call := p.calls[0]
			call.Answer(vm.options.OnCall(call))
		}
	}
}

// Answer gives the module the answer to a call, which may make local replies, further
// calls, or let its stream go on. An error is a trap.
//
// Of a call that failed Envoy tells with no headers, and Kong from 3.9 on with one that is
// none: ":dispatch_status". Before, it tells nothing: up to 3.7 it answers the request 500,
// and 3.8 lets it go on.
func (c *Call) Answer(a CallAnswer) error {
	p, vm, s := c.plugin, c.plugin.vm, c.stream
	p.forget(c)
	if vm.crashed != nil {
		return vm.crashed
	}
	alive := s != nil && !s.ended && s.trapped == nil
	if c.unknown {
		a = CallAnswer{}
	}
	failed := len(a.Headers) == 0
	count := len(a.Headers)
	if vm.options.Profile == Kong && failed {
		switch {
		case vm.before(8):
			if alive {
				s.unanswered("500", "Internal Server Error")
			}
			return nil
		case vm.before(9):
			if alive {
				s.request.resuming = !s.calling()
				s.request.afterwards()
				s.goOn()
			}
			return nil
		}
		a.Headers = Headers{{":dispatch_status", "timeout"}}
	}
	c.answer = CallAnswer{a.Headers.clone(vm.rules.lowerNames), slices.Clone(a.Body), a.Trailers}

	vm.current, vm.plugin, vm.callback, vm.effective = nil, p, "proxy_on_http_call_response", p.id
	if alive {
		vm.current = s
		if !vm.rules.movesContext {
			vm.effective = s.id // it runs for the stream that made it
		}
	}
	vm.answering = c
	_, err := vm.traced(vm.callback, []uint32{p.id, c.Token,
		uint32(count), uint32(len(c.answer.Body)), uint32(len(c.answer.Trailers))})
	vm.answering, vm.current = nil, nil
	if !alive {
		return err
	}
	if err != nil {
		s.trap(err)
	} else if !s.request.after() {
		if vm.rules.callResumes && s.request.stopped && !s.calling() {
			s.request.resuming = true
		}
		s.request.afterwards()
	}
	s.goOn()
	return err
}

// forget is a call that waits no more.
func (p *Plugin) forget(c *Call) {
	p.calls = slices.DeleteFunc(p.calls, func(other *Call) bool { return other == c })
}

// calling tells whether a stream waits for a call.
func (s *Stream) calling() bool { return s.plugin.calling(s) }

// calling tells whether a stream waits for a call, or, for nil, the plugin itself.
func (p *Plugin) calling(s *Stream) bool {
	return slices.ContainsFunc(p.calls, func(c *Call) bool { return c.stream == s })
}

// cancelCalls ends a stream's calls, of which the module hears nothing more.
func (s *Stream) cancelCalls() {
	s.plugin.calls = slices.DeleteFunc(s.plugin.calls, func(c *Call) bool { return c.stream == s })
}
