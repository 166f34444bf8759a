package wasmhost

import (
	"fmt"
	"slices"
	"strings"
)

// Call is an HTTP call that the module has made and that waits for its answer.
type Call struct {
	Token    uint32
	Upstream string // Envoy: a cluster; Kong: host[:port]
	Headers  Headers
	Body     []byte
	Trailers Headers
	Timeout  uint32 // milliseconds

	plugin *Plugin
	stream *Stream // nil: a plugin's call
	answer CallAnswer
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
	if upstream == "" || strings.ContainsAny(upstream, "/ ") {
		c.trapIf(!vm.rules.callsAnywhere, fmt.Sprintf("malformed host %q", upstream))
		return BadArgument
	}
	if known := vm.options.Clusters; known != nil && vm.rules.callsAnywhere && !slices.Contains(known, upstream) {
		return BadArgument
	}
	headers := c.pairs(1)
	for _, name := range [...]string{":method", ":path", ":authority"} {
		if !headers.Has(name) {
			return BadArgument
		}
	}
	call := &Call{
		Token: vm.nextCallout, Upstream: upstream, Headers: headers, Body: c.bytes(2), Trailers: c.pairs(3), Timeout: c.number(4),
		plugin: vm.plugin, stream: c.stream(),
	}
	vm.nextCallout++
	vm.plugin.calls = append(vm.plugin.calls, call)
	if vm.current != nil {
		vm.current.calls = append(vm.current.calls, call)
	}
	return c.returnWord(call.Token)
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
func (c *Call) Answer(a CallAnswer) error {
	p, vm, s := c.plugin, c.plugin.vm, c.stream
	p.calls = slices.DeleteFunc(p.calls, func(other *Call) bool { return other == c })
	if vm.crashed != nil {
		return vm.crashed
	}
	if len(a.Headers) == 0 && !vm.rules.callFailures {
		return nil // Kong up to 3.8 tells nothing of a failure
	}
	c.answer = CallAnswer{a.Headers.clone(vm.rules.lowerNames), slices.Clone(a.Body), a.Trailers}
	alive := s != nil && !s.ended && s.trapped == nil

	vm.current, vm.plugin, vm.callback, vm.effective = nil, p, "proxy_on_http_call_response", p.id
	if alive {
		vm.current = s
	}
	vm.answering = c
	_, err := vm.traced(vm.callback, []uint32{p.id, c.Token,
		uint32(len(c.answer.Headers)), uint32(len(c.answer.Body)), uint32(len(c.answer.Trailers))})
	vm.answering, vm.current = nil, nil
	if !alive {
		return err
	}
	if err != nil {
		s.fail(err)
	} else if !s.request.after() {
		if vm.rules.callResumes && s.request.stopped {
			s.request.resuming = true
		}
		s.request.afterwards()
	}
	s.goOn()
	return err
}
