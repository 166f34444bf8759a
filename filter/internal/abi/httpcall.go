//go:build wasip1

package abi

import "unsafe"

//go:wasmimport env proxy_http_call
func proxyHTTPCall(upstream unsafe.Pointer, upstreamSize uint32, headers unsafe.Pointer, headersSize uint32,
	body unsafe.Pointer, bodySize uint32, trailers unsafe.Pointer, trailersSize uint32,
	timeout uint32, id *uint32) uint32

//go:linkname onHTTPCallResponse github.com/tetratelabs/proxy-wasm-go-sdk/proxywasm/internal.ProxyOnHttpCallResponse
func onHTTPCallResponse(pluginID, calloutID uint32, headers, bodySize, trailers int)

// callout is an HTTP call that a context has made.
type callout struct{ id, contextID, pluginID uint32 }

// plugins are the plugins of the streams.
var plugins = map[uint32]uint32{}

// pluginOf is a context's plugin: a plugin is its own.
func pluginOf(contextID uint32) uint32 {
	if plugin, ok := plugins[contextID]; ok {
		return plugin
	}
	return contextID
}

// The host names only the plugin when a call's answer comes; which context made the
// call is known to the SDK, and to this list so that a dead one is left in peace.
var (
	pending []callout // no answer yet
	orphans []callout // the answer came for a dead context
)

// takePending finds a call by its number and removes it.
func takePending(id uint32) (c callout, ok bool) {
	for i, c := range pending {
		if c.id == id {
			pending = append(pending[:i], pending[i+1:]...)
			return c, true
		}
	}
	return c, false
}

// proxyOnHTTPCallResponse runs the callback given to the SDK's DispatchHttpCall. The
// SDK's entry for the callback of a dead context goes when the context is deleted, see
// dropCalls.
//
//go:wasmexport proxy_on_http_call_response
func proxyOnHTTPCallResponse(pluginID, calloutID, headers, bodySize, trailers uint32) {
	at := inRequest
	c, ok := takePending(calloutID)
	if !ok {
		return // given up, or made by a machine that has trapped since
	}
	if c.contextID == pluginID {
		at, c.contextID = outside, pluginID
	}
	if dead(c.contextID) {
		orphans = append(orphans, c)
		return
	}
	var ignored uint32 // the answer to a call has no action
	enter(c.contextID)
	defer rescue("proxy_on_http_call_response", c.contextID, at, &ignored)
	onHTTPCallResponse(pluginID, calloutID, int(headers), int(bodySize), int(trailers))
}

// Unanswered is the size of the body of a call that was given up.
const Unanswered = -1

// GiveUp takes a plugin's call for failed whose failure the host may not tell (Kong before
// 3.9), and runs its callback with Unanswered. An answer that comes later is nobody's.
func GiveUp(pluginID, calloutID uint32) {
	if _, ok := takePending(calloutID); ok {
		onHTTPCallResponse(pluginID, calloutID, 0, Unanswered, 0)
	}
}

// dropCalls forgets a deleted context's calls: those that may never be answered (Kong
// tells no failure), and the answers kept back from it. The SDK now only cleans up for both,
// because it does not know the context any more.
func dropCalls(contextID uint32) {
	open := pending[:0]
	for _, c := range pending {
		if c.contextID == contextID {
			orphans = append(orphans, c)
		} else {
			open = append(open, c)
		}
	}
	pending = open

	kept := orphans[:0]
	for _, c := range orphans {
		if c.contextID == contextID {
			onHTTPCallResponse(c.pluginID, c.id, 0, 0, 0)
		} else {
			kept = append(kept, c)
		}
	}
	orphans = kept
}

func (*host) ProxyHttpCall(upstream *byte, upstreamSize int, headers *byte, headersSize int,
	body *byte, bodySize int, trailers *byte, trailersSize int, timeout uint32, id *uint32) uint32 {
	out.word = 0
	status := proxyHTTPCall(unsafe.Pointer(upstream), uint32(upstreamSize), unsafe.Pointer(headers), uint32(headersSize),
		unsafe.Pointer(body), uint32(bodySize), unsafe.Pointer(trailers), uint32(trailersSize), timeout, &out.word)
	*id = out.word
	if Status(status) == OK {
		pending = append(pending, callout{id: *id, contextID: active, pluginID: pluginOf(active)})
	}
	return status
}
