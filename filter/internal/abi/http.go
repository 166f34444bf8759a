//go:build wasip1

package abi

import _ "unsafe" // for go:linkname

//go:linkname onRequestHeaders github.com/tetratelabs/proxy-wasm-go-sdk/proxywasm/internal.ProxyOnRequestHeaders
func onRequestHeaders(contextID uint32, count int, endOfStream bool) (action uint32)

//go:linkname onRequestBody github.com/tetratelabs/proxy-wasm-go-sdk/proxywasm/internal.ProxyOnRequestBody
func onRequestBody(contextID uint32, size int, endOfStream bool) (action uint32)

//go:linkname onRequestTrailers github.com/tetratelabs/proxy-wasm-go-sdk/proxywasm/internal.ProxyOnRequestTrailers
func onRequestTrailers(contextID uint32, count int) (action uint32)

//go:linkname onResponseHeaders github.com/tetratelabs/proxy-wasm-go-sdk/proxywasm/internal.ProxyOnResponseHeaders
func onResponseHeaders(contextID uint32, count int, endOfStream bool) (action uint32)

//go:linkname onResponseBody github.com/tetratelabs/proxy-wasm-go-sdk/proxywasm/internal.ProxyOnResponseBody
func onResponseBody(contextID uint32, size int, endOfStream bool) (action uint32)

//go:linkname onResponseTrailers github.com/tetratelabs/proxy-wasm-go-sdk/proxywasm/internal.ProxyOnResponseTrailers
func onResponseTrailers(contextID uint32, count int) (action uint32)

//go:wasmexport proxy_on_request_headers
func proxyOnRequestHeaders(contextID, count, endOfStream uint32) (action uint32) {
	if dead(contextID) {
		return afterFailure(contextID, inRequest)
	}
	enter(contextID)
	defer rescue("proxy_on_request_headers", contextID, inRequest, &action)
	return onRequestHeaders(contextID, int(count), endOfStream != 0)
}

//go:wasmexport proxy_on_request_body
func proxyOnRequestBody(contextID, size, endOfStream uint32) (action uint32) {
	if dead(contextID) {
		return afterFailure(contextID, inRequest)
	}
	enter(contextID)
	defer rescue("proxy_on_request_body", contextID, inRequest, &action)
	return onRequestBody(contextID, int(size), endOfStream != 0)
}

//go:wasmexport proxy_on_request_trailers
func proxyOnRequestTrailers(contextID, count uint32) (action uint32) {
	if dead(contextID) {
		return afterFailure(contextID, inRequest)
	}
	enter(contextID)
	defer rescue("proxy_on_request_trailers", contextID, inRequest, &action)
	return onRequestTrailers(contextID, int(count))
}

//go:wasmexport proxy_on_response_headers
func proxyOnResponseHeaders(contextID, count, endOfStream uint32) (action uint32) {
	if dead(contextID) {
		return afterFailure(contextID, inHeaders)
	}
	enter(contextID)
	defer rescue("proxy_on_response_headers", contextID, inHeaders, &action)
	return onResponseHeaders(contextID, int(count), endOfStream != 0)
}

//go:wasmexport proxy_on_response_body
func proxyOnResponseBody(contextID, size, endOfStream uint32) (action uint32) {
	if dead(contextID) {
		return afterFailure(contextID, inBody)
	}
	enter(contextID)
	defer rescue("proxy_on_response_body", contextID, inBody, &action)
	return onResponseBody(contextID, int(size), endOfStream != 0)
}

//go:wasmexport proxy_on_response_trailers
func proxyOnResponseTrailers(contextID, count uint32) (action uint32) {
	if dead(contextID) {
		return afterFailure(contextID, inBody)
	}
	enter(contextID)
	defer rescue("proxy_on_response_trailers", contextID, inBody, &action)
	return onResponseTrailers(contextID, int(count))
}
