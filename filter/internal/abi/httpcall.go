//go:build wasip1

package abi

import "unsafe"

//go:wasmimport env proxy_http_call
func proxyHTTPCall(upstream unsafe.Pointer, upstreamSize uint32, headers unsafe.Pointer, headersSize uint32,
	body unsafe.Pointer, bodySize uint32, trailers unsafe.Pointer, trailersSize uint32,
	timeout uint32, id *uint32) uint32

//go:linkname onHTTPCallResponse github.com/tetratelabs/proxy-wasm-go-sdk/proxywasm/internal.ProxyOnHttpCallResponse
func onHTTPCallResponse(pluginID, calloutID uint32, headers, bodySize, trailers int)

// The host names only the plugin when a call's answer comes; which context made the
// call is known to the SDK, and to this table so that a dead one is left in peace.
var (
	callers = map[uint32]uint32{} // callout id to context
	orphans []orphan              // answers that came for dead contexts
)

type orphan struct{ contextID, pluginID, calloutID uint32 }

// proxyOnHTTPCallResponse runs the callback given to the SDK's DispatchHttpCall. The
// SDK's entry for the callback of a dead context goes when the context is deleted, see
// dropCalls.
//
//go:wasmexport proxy_on_http_call_response
func proxyOnHTTPCallResponse(pluginID, calloutID, headers, bodySize, trailers uint32) {
	at := inRequest
	contextID, ok := callers[calloutID]
	if !ok || contextID == pluginID {
		at, contextID = outside, pluginID
	}
	delete(callers, calloutID)
	if dead(contextID) {
		orphans = append(orphans, orphan{contextID, pluginID, calloutID})
		return
	}
	var ignored uint32 // the answer to a call has no action
	enter(contextID)
	defer rescue("proxy_on_http_call_response", contextID, at, &ignored)
	onHTTPCallResponse(pluginID, calloutID, int(headers), int(bodySize), int(trailers))
}

// dropCalls forgets a deleted context's calls: those that Kong will never answer, and
// the answers kept back from it, for which the SDK now only cleans up, because it does
// not know the context any more.
func dropCalls(contextID uint32) {
	for calloutID, caller := range callers {
		if caller == contextID {
			delete(callers, calloutID)
		}
	}
	kept := orphans[:0]
	for _, o := range orphans {
		if o.contextID == contextID {
			onHTTPCallResponse(o.pluginID, o.calloutID, 0, 0, 0)
		} else {
			kept = append(kept, o)
		}
	}
	orphans = kept
}

func (host) ProxyHttpCall(upstream *byte, upstreamSize int, headers *byte, headersSize int,
	body *byte, bodySize int, trailers *byte, trailersSize int, timeout uint32, id *uint32) uint32 {
	out.word = 0
	status := proxyHTTPCall(unsafe.Pointer(upstream), uint32(upstreamSize), unsafe.Pointer(headers), uint32(headersSize),
		unsafe.Pointer(body), uint32(bodySize), unsafe.Pointer(trailers), uint32(trailersSize), timeout, &out.word)
	*id = out.word
	if Status(status) == OK {
		callers[*id] = active
	}
	return status
}
