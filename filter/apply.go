//go:build wasip1

package main

import (
	"github.com/tetratelabs/proxy-wasm-go-sdk/proxywasm"
	"github.com/tetratelabs/proxy-wasm-go-sdk/proxywasm/types"

	"github.com/sluice-gateway/sluice/filter/internal/abi"
	"github.com/sluice-gateway/sluice/gateway"
	"github.com/sluice-gateway/sluice/jsonscan"
)

// callback is where in a stream an outcome is applied.
type callback uint8

const (
	requestHeaders callback = iota
	requestBody
	responseHeaders
	responseBody
)

// apply does what a step wants done. A host call that fails here would leave a stream
// half changed, so it ends the stream by way of a panic, which answers 500.
func (s *stream) apply(at callback, out gateway.Outcome) types.Action {
	if out.Log != "" {
		proxywasm.LogWarn("sluice: " + out.Log)
	}
	request := at == requestHeaders || at == requestBody
	if out.Reply != nil {
		must("local reply", abi.Reply(out.Reply.Status, out.Reply.Details, out.Reply.Headers, out.Reply.Body).Err())
		if !request && !s.plugin.host.holdsAnswers {
			return types.ActionContinue
		}
		return types.ActionPause
	}
	if len(out.Edits) > 0 {
		must("request body", s.edit(out.Edits).Err())
	}
	if out.Request != nil {
		must("request body", abi.ReplaceBody(abi.RequestBody, out.Request).Err())
	}
	for _, name := range out.Remove {
		if request {
			must(name, s.plugin.host.removeRequestHeader(name))
		} else {
			must(name, proxywasm.RemoveHttpResponseHeader(name))
		}
	}
	for _, h := range out.Set {
		if request {
			must(h[0], s.plugin.host.setRequestHeader(at, h[0], h[1]))
		} else {
			must(h[0], proxywasm.ReplaceHttpResponseHeader(h[0], h[1]))
		}
	}
	if out.Replace {
		must("response body", abi.ReplaceBody(abi.ResponseBody, s.plugin.host.piece(out.Body)).Err())
	}
	switch out.Action {
	case gateway.Hold:
		if at == requestHeaders && s.plugin.host.wholeBodies {
			// The whole body comes before anything goes out. A pause here would
			// be one that nothing but the answer to a call ends.
			return types.ActionContinue
		}
		return types.ActionPause
	case gateway.Close:
		if s.plugin.host.closes {
			abi.CloseResponse()
			// The stream is gone when the host has this answer. Were it told to go
			// on, it would go on with a stream that is not there: Envoy 1.37 and
			// 1.40 die of that in the callback for trailers.
			return types.ActionPause
		}
	}
	return types.ActionContinue
}

// edit edits the request's body. Envoy takes a new front for a body, so that what is
// behind the last edit, mostly all of it, is not copied here and back.
func (s *stream) edit(edits []jsonscan.Edit) abi.Status {
	read := s.reader(abi.RequestBody)
	if s.plugin.host.wholeBodies {
		return abi.ReplaceBody(abi.RequestBody, jsonscan.Apply(nil, read(0, wholeBody), edits))
	}
	front := int(edits[len(edits)-1].End)
	return abi.SetBody(abi.RequestBody, 0, front, jsonscan.Apply(nil, read(0, front), edits))
}

const wholeBody = 1<<31 - 1

func must(what string, err error) {
	if err != nil {
		panic(what + ": " + err.Error())
	}
}
