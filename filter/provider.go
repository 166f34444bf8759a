//go:build wasip1

package main

import (
	"github.com/tetratelabs/proxy-wasm-go-sdk/proxywasm"
	"github.com/tetratelabs/proxy-wasm-go-sdk/proxywasm/types"

	"github.com/sluice-gateway/sluice/filter/internal/abi"
	"github.com/sluice-gateway/sluice/gateway"
)

// provider is one attempt at one provider, in the filter chain in front of it. It runs in
// the virtual machine that the request's edge role is in, since the host gives a thread
// one machine for both, and finds it by what the edge role has noted in the stream.
type provider struct {
	stream
	attempt *gateway.Attempt

	bodySize   int  // bytes of the request's body that the host has
	bodyEnd    bool // they are all
	answerSize int  // bytes of the answer that the host holds
	delayed    bool // what was decided is done when it is time
	answered   bool // the client is answered from here: nothing of this attempt goes on
}

// following are the requests whose attempts the host makes, by their ids.
var following = map[string]*gateway.Request{}

// requestProperty is where the edge role notes a request's id. Envoy keeps it with the
// stream, out of the client's and the provider's sight, for every attempt to read.
const requestProperty = "sluice_request"

func (s *provider) OnHttpRequestHeaders(_ int, endOfStream bool) types.Action {
	s.plugin.host.recognise()
	id, _ := abi.Property(nil, requestProperty)
	request := following[string(id)]
	if request == nil {
		// No edge role in this machine: the chain is put together wrong, or the machine is
		// new. Nothing may go out without a budget.
		return s.do(requestHeaders, gateway.Outcome{Reply: gateway.Stray(string(id))})
	}
	n := int(number("upstream\x00request_attempt_count"))
	chosen, _ := abi.Property(nil, "xds\x00upstream_host_metadata\x00filter_metadata\x00sluice\x00provider")
	var out gateway.Outcome
	s.attempt, out = request.Attempt(clock(), n, string(chosen))
	return s.do(requestHeaders, out)
}

func (s *provider) OnHttpRequestBody(size int, endOfStream bool) types.Action {
	s.bodySize, s.bodyEnd = size, endOfStream
	if s.delayed || !s.open() {
		return types.ActionPause
	}
	return s.do(requestBody, s.attempt.Body(size, endOfStream, s.reader(abi.RequestBody)))
}

func (s *provider) OnHttpRequestTrailers(int) types.Action {
	return s.OnHttpRequestBody(s.bodySize, true)
}

func (s *provider) OnHttpResponseHeaders(_ int, endOfStream bool) types.Action {
	if !s.open() {
		return types.ActionContinue
	}
	headers, err := proxywasm.GetHttpResponseHeaders()
	if err != nil {
		panic("response headers: " + err.Error())
	}
	return s.do(responseHeaders, s.attempt.ResponseHeaders(clock(), s.plugin.host.headers(headers), endOfStream))
}

func (s *provider) OnHttpResponseBody(size int, endOfStream bool) types.Action {
	switch {
	case s.delayed:
		// Of an attempt that has failed nobody needs the rest, for which the host's buffer
		// might be too small.
		if size > 0 {
			must("response body", abi.ReplaceBody(abi.ResponseBody, nil).Err())
		}
		return types.ActionPause
	case !s.open() || !s.attempt.Open():
		return types.ActionContinue
	}
	s.answerSize = size
	return s.do(responseBody, s.attempt.ResponseBody(clock(), size, endOfStream, s.reader(abi.ResponseBody)))
}

func (s *provider) OnHttpResponseTrailers(int) types.Action {
	switch {
	case s.delayed:
		return types.ActionPause
	case !s.open() || !s.attempt.Open():
		return types.ActionContinue
	}
	return s.do(responseBody, s.attempt.ResponseEnd(clock(), s.answerSize, s.reader(abi.ResponseBody)))
}

// open tells whether the stream is an attempt, and one whose answer is not known yet from
// elsewhere.
func (s *provider) open() bool { return s.attempt != nil && !s.answered }

// do does what a step wants, at once or when it is time.
func (s *provider) do(at callback, out gateway.Outcome) types.Action {
	s.sabotage(at)
	s.answered = out.Reply != nil
	action := s.apply(at, out)
	if out.After == 0 || s.answered {
		return action
	}
	s.delayed = true
	now := clock()
	s.plugin.wakeLater(now, now+out.After, s.context, func() { s.goOn(at, action) })
	return types.ActionPause
}

// goOn lets go what had to wait.
func (s *provider) goOn(at callback, action types.Action) {
	s.delayed = false
	if at == requestHeaders && action == types.ActionPause {
		// The headers wait for the body, which may have come meanwhile.
		if !s.bodyEnd || s.do(requestBody, s.attempt.Body(s.bodySize, true, s.reader(abi.RequestBody))) == types.ActionPause {
			return
		}
	}
	resume(at)
}

func (s *provider) OnHttpStreamDone() {
	delete(streams, s.context)
	if s.attempt != nil {
		s.attempt.Done(clock())
		s.attempt = nil
	}
}

func (s *provider) panicked() {
	delete(streams, s.context)
	if s.attempt != nil {
		s.attempt.Panicked(clock())
		s.attempt = nil
	}
}
