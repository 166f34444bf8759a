//go:build wasip1

package abi

import "unsafe"

//go:wasmimport env proxy_send_local_response
func proxySendLocalResponse(status uint32, details unsafe.Pointer, detailsSize uint32,
	body unsafe.Pointer, bodySize uint32, headers unsafe.Pointer, headersSize uint32, grpcStatus int32) uint32

//go:wasmimport env proxy_continue_stream
func proxyContinueStream(streamType uint32) uint32

//go:wasmimport env proxy_close_stream
func proxyCloseStream(streamType uint32) uint32

const streamResponse = 1

// ProxySendLocalResponse remembers that the stream has its answer: a second one traps
// on Kong and hung or crashed old versions of Envoy, so a panic after this sends none.
func (*host) ProxySendLocalResponse(status uint32, details *byte, detailsSize int,
	body *byte, bodySize int, headers *byte, headersSize int, grpcStatus int32) uint32 {
	result := proxySendLocalResponse(status, unsafe.Pointer(details), uint32(detailsSize),
		unsafe.Pointer(body), uint32(bodySize), unsafe.Pointer(headers), uint32(headersSize), grpcStatus)
	if Status(result) == OK {
		fates[active] = replied
	}
	return result
}

//go:linkname serializeMap github.com/tetratelabs/proxy-wasm-go-sdk/proxywasm/internal.SerializeMap
func serializeMap(pairs [][2]string) []byte

// Reply is SendHttpResponse with details: a word for the host's own log that says who
// answered and why, Envoy's %RESPONSE_CODE_DETAILS%.
func Reply(status int, details string, headers [][2]string, body []byte) Status {
	const noGRPC = -1
	pairs := serializeMap(headers)
	result := Status(proxySendLocalResponse(uint32(status), text(details), uint32(len(details)),
		pointer(body), uint32(len(body)), pointer(pairs), uint32(len(pairs)), noGRPC))
	if result == OK {
		fates[active] = replied
	}
	return result
}

func (*host) ProxyContinueStream(streamType uint32) uint32 { return proxyContinueStream(streamType) }

func (*host) ProxyCloseStream(streamType uint32) uint32 { return proxyCloseStream(streamType) }

// CloseResponse breaks the connection to the client, which is how an answer that went
// wrong after its first bytes must end. Kong traps on it.
func CloseResponse() Status { return Status(proxyCloseStream(streamResponse)) }
